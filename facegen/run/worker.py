"""One worker process: a studio for its whole life, tasks from a pipe, files straight to the store, rows back to the parent."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import signal
import socket
import sys
from dataclasses import dataclass
from typing import Any

from facegen.dataset import layout, provenance
from facegen.dataset.write import sha256
from facegen.errors import FacegenError
from facegen.population.plan import Plan, build
from facegen.run import pack
from facegen.run.faults import describe, told
from facegen.run.outputs import Outputs
from facegen.run.store import Store, open_store
from facegen.run.wire import Wire
from facegen.sample import SampleSpec
from facegen.spec import DatasetSpec

_PR_SET_PDEATHSIG = 1
"""prctl(2)."""


@dataclass(frozen=True)
class Job:
    """What every worker of a run is told once. `studio` is `module:Class`; `out` is what `open_store` takes."""

    spec: dict[str, Any]
    out: str
    platform: str
    studio: str


def main(handle: int) -> None:
    """Serve tasks on the socket `handle` (a descriptor; its first message is the Job) until None comes or the parent is gone.

    Sends ["ready", fingerprint, EGL devices to share], and for each sample n ["start", n], then ["done", n, row, hashes] or
    ["failed", n, reason]; after a task ["idle"]. ["spoilt", kind, reason] ends this process: its GL context or its memory is at
    fault. ["fatal", exit code, message] ends everything: the machine or the request is at fault, not one sample.
    """
    _die_with_the_parent()
    wire = Wire(socket.socket(fileno=handle))
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        try:
            _serve(wire, Job(**wire.receive()[1]))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise
        except FacegenError as error:
            wire.send(["fatal", error.exit_code, str(error)])
        except MemoryError as error:
            wire.send(["spoilt", "memory", describe(error)])
        except Exception as error:
            wire.send(["fatal", 1, f"worker: {describe(error)}"])


def _serve(wire: Wire, job: Job) -> None:
    studio, outputs = open_studio(job.studio, job.platform, job.spec)
    from facegen.run.fingerprint import fingerprint

    plan, store = build(DatasetSpec.from_dict(job.spec)), open_store(job.out)
    wire.send(["ready", fingerprint(studio), list(getattr(studio.engine, "devices", ()))])
    try:
        while (message := wire.receive()) is not None:
            folders: list[str] = []
            for n in message[1]:
                wire.send(["start", n])
                answer = _one(studio, outputs, plan, n, store, folders)
                wire.send(list(answer))
                if answer[0] == "spoilt":
                    return
            store.settle(folders)
            wire.send(["idle"])
    finally:
        studio.close()


def _die_with_the_parent() -> None:
    """Have the kernel kill this process when its parent is gone, even while it is stuck in a driver.

    Elsewhere than on Linux it ends at the next message that it cannot send.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def open_studio(where: str, platform: str, spec: dict[str, Any]) -> tuple[Any, Outputs]:
    """Return the studio `module:Class` and the Outputs of a dataset spec given as plain values."""
    import cv2

    cv2.setNumThreads(1)  # a process a core; more threads only get into each other's way
    module, name = where.split(":")
    code = importlib.import_module(module)
    return getattr(code, name)(platform), Outputs(format=spec["format"], **spec["outputs"])


def _one(studio: Any, outputs: Any, plan: Plan, n: int, store: Store, folders: list[str]) -> tuple[Any, ...]:
    sample = plan.sample(n)
    try:
        result = studio.shoot(sample, outputs)
    except Exception as error:
        return tuple(told(n, error))
    files = finished(result.files, sample)
    hashes = {name: sha256(data) for name, data in files.items()}
    row = complete(result.row, sample, plan, hashes)
    if plan.spec.layout == "webdataset":
        files, hashes = pack.piece(files, row), {}  # the task's tar is the file, run/pack.py
    for name, data in files.items():
        store.put(name, data)
        folders.append(name.rpartition("/")[0])
    return ("done", n, row, hashes)


def finished(files: dict[str, bytes], sample: SampleSpec) -> dict[str, bytes]:
    """Return the files of one sample as they go to the disk: every picture carries its provenance."""
    return provenance.marked(files, sample)


def complete(row: dict[str, Any], sample: SampleSpec, plan: Plan, hashes: dict[str, str]) -> dict[str, Any]:
    """Return a label row with the columns that only the writer knows: file, sha256, split."""
    file = layout.photograph(sample.identity.identity_id, sample.image_id, plan.spec.format)
    return {**row, "file": file, "sha256": hashes[file], "split": layout.split(sample.identity.index, plan.block)}
