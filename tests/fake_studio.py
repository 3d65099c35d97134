"""A studio that draws coloured noise instead of faces: as pure as the real one, and a thousand times faster.

`FACEGEN_FAKE` tells it to misbehave: a directory of orders, files named after image ids. `kill` in one: the worker dies by signal
9 at that sample; `once`: it dies there the first time only; `raise`: it raises; `full`: the disk is full; `slow`: it takes its
time; the others: ORDERS. `WORD:N`: the first N times only. A file `log` there is given a line "PID device image" a picture; one
called `clock` turns the worker's clock back.
"""

from __future__ import annotations

import errno
import os
import resource
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from facegen.annotate.person import counterfactual
from facegen.annotate.schema import SCHEMA, SCHEMA_VERSION
from facegen.errors import MachineError
from facegen.render.lost import DriverError
from facegen.rng import expand
from facegen.run.outputs import Outputs
from facegen.sample import SampleSpec
from facegen.sensor.codec import encode, encode_png


@dataclass(frozen=True)
class Info:
    renderer: str


class Studio:
    def __init__(self, platform: str) -> None:
        if platform == "osmesa":
            raise MachineError("platform 'osmesa': no OSMESA context opens on this machine; install a GL driver")
        devices = tuple(int(word) for word in os.environ.get("FACEGEN_FAKE_DEVICES", "").split())
        self.engine = SimpleNamespace(info=Info(f"fake {platform}"), devices=devices)
        self.model = SimpleNamespace(key="fake")

    def close(self) -> None:
        pass

    def shoot(self, sample: SampleSpec, outputs: Outputs) -> Any:
        self._misbehave(sample)
        image = expand(sample.shot.degradation.seed, "fake").integers(0, 256, (sample.size_px, sample.size_px, 3), np.uint8)
        name = f"{sample.identity.identity_id}/{sample.image_id}"
        files = {f"images/{name}.{outputs.format}": encode(image, sample.shot.degradation, outputs.format)}
        if outputs.masks:
            files[f"masks/{name}.png"] = encode_png(image[..., 0] // 16)
        return SimpleNamespace(files=files, row=_row(sample), image=image)

    def _misbehave(self, sample: SampleSpec) -> None:
        if "FACEGEN_FAKE" not in os.environ:
            return
        folder = Path(os.environ["FACEGEN_FAKE"])
        if (folder / "clock").exists():  # it runs backwards
            time.time = iter(range(1_000_000_000, 0, -1000)).__next__  # type: ignore[assignment]
        if (folder / "log").exists():
            with open(folder / "log", "a") as log:
                log.write(f"{os.getpid()} {os.environ.get('EGL_DEVICE_ID', '-')} {sample.image_id}\n")
        order = folder / sample.image_id
        try:
            word, _, times = order.read_text().replace("once", "kill:1").partition(":")
        except FileNotFoundError:
            return
        if times == "1":
            order.unlink()
        elif times:
            order.write_text(f"{word}:{int(times) - 1}")
        ORDERS[word]()


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _raise() -> None:
    raise ZeroDivisionError("two\nlines")


def _full() -> None:
    raise MachineError(os.strerror(errno.ENOSPC))


def _hang() -> None:
    """As a driver that never comes back: deaf to every signal but the one. A file `hangs` among the orders says who."""
    mark = Path(os.environ["FACEGEN_FAKE"]) / "hangs"
    mark.write_text(str(os.getpid()))
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP})
    while True:
        time.sleep(60)


def _memory() -> None:
    """Run out of memory in earnest: of address space."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (64 << 20), resource.RLIM_INFINITY))
    np.ones(1 << 30, np.uint8)


def _lost() -> None:
    raise DriverError(0x0507)


def _gl() -> None:
    raise DriverError(0x0502)


def _pipe() -> int:
    """The pipe to the parent is the only socket that a worker has."""
    links = {entry.name: os.readlink(entry) for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()}
    return next(int(name) for name, target in links.items() if target.startswith("socket:"))


def _garbage() -> None:
    os.write(_pipe(), b"\0" * 4096)


def _mute() -> None:
    """Close the pipe and live on."""
    os.close(_pipe())
    time.sleep(60)


def _short_of_room() -> None:
    """Files may hold 100 bytes from now on: the kernel refuses, as a full disk would."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))


def _grow() -> None:
    _HELD.append(np.ones(96 << 20, np.uint8))


_HELD: list[Any] = []
ORDERS = {
    "kill": _kill, "raise": _raise, "full": _full, "slow": lambda: time.sleep(0.4), "hang": _hang, "memory": _memory,
    "lost": _lost, "gl": _gl, "garbage": _garbage, "mute": _mute, "room": _short_of_room, "grow": _grow,
}  # fmt: skip


def _row(sample: SampleSpec) -> dict[str, Any]:
    identity, sitting, shot = sample.identity, sample.sitting, sample.shot
    blank = {"string": "none", "double": 0.0, "int32": 0, "bool": False}
    return {
        **{name: blank.get(column.type, []) for name, column in SCHEMA.items() if not column.late},
        "schema_version": SCHEMA_VERSION,
        "image_id": sample.image_id,
        "identity_id": identity.identity_id,
        "sitting_id": sitting.sitting_id,
        **counterfactual(sample),
        "size_px": sample.size_px,
        "sex": identity.sex,
        "age_years": sitting.age_years,
        "age_band": sitting.age_band,
        "ancestry": identity.ancestry,
        "skin_monk": identity.skin.monk,
        "expression": shot.expression.name,
        "light": shot.light.rig,
        "yaw_deg": shot.pose.yaw_deg,
        "landmarks_5": [shot.pose.yaw_deg + i / 7 for i in range(10)],
        "occluded_fraction": 0.0,
        "sample": sample.model_dump_json(),
    }
