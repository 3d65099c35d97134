"""A studio that draws coloured noise instead of faces: as pure as the real one, and a thousand times faster.

`FACEGEN_FAKE` tells it to misbehave: a directory with files named after image ids. `kill` in one: the worker dies by signal 9 at
that sample; `once`: it dies there the first time only; `raise`: it raises; `full`: the disk is full; `slow`: it takes its time.
"""

from __future__ import annotations

import errno
import os
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
        self.engine = SimpleNamespace(info=Info(f"fake {platform}"))
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
        folder = os.environ.get("FACEGEN_FAKE")
        order = None if folder is None else Path(folder) / sample.image_id
        if order is None or not order.exists():
            return
        word = order.read_text()
        if word == "once":
            order.unlink()
        if word in ("once", "kill"):
            os.kill(os.getpid(), signal.SIGKILL)
        if word == "raise":
            raise ZeroDivisionError("two\nlines")
        if word == "full":
            raise MachineError(os.strerror(errno.ENOSPC))
        if word == "slow":
            time.sleep(0.4)


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
