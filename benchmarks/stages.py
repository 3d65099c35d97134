"""Where a worker's time goes: a clock on the functions that make a picture, wherever they are called from."""

from __future__ import annotations

import functools
import importlib
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

STAGES: dict[str, tuple[str, ...]] = {
    "plan": ("facegen.population.plan:Plan.sample",),
    "shape, pose": ("facegen.head.model:HeadModel.shape", "facegen.head.model:HeadModel.pose"),
    "textures": ("facegen.looks.skin.textures:skin_textures", "facegen.looks.skin.textures:skin_surfaces"),
    "eyes": ("facegen.looks.eyes:eye_surfaces",),
    "hair": (
        "facegen.looks.hair.groom:groom",
        "facegen.looks.hair.groom:hair_surfaces",
        "facegen.looks.facial_hair.surfaces:facial_hair_surfaces",
    ),
    "wear": ("facegen.wear:worn_surfaces", "facegen.wear:front_surfaces", "facegen.wear:caster_surfaces", "facegen.wear:beneath",
             "facegen.wear:shaded"),
    "compose, light": (
        "facegen.stage.compose:compose",
        "facegen.stage.lighting:mirrored",
        "facegen.stage.lighting:shadow_key",
        "facegen.stage.camera:camera",
    ),
    "GL": ("facegen.render.engine:Engine.render",),
    "background": ("facegen.stage.background:background", "facegen.sensor.lens:behind"),
    "bystander": ("facegen.run.bystander:with_bystander",),
    "lens, sensor": ("facegen.sensor.photo:expose",),
    "annotate": ("facegen.annotate.record:annotate", "facegen.annotate.points:arrays"),
    "encode": ("facegen.sensor.codec:encode", "facegen.sensor.codec:encode_png"),
    "provenance": ("facegen.dataset.provenance:marked",),
    "hash, row": ("facegen.dataset.write:sha256", "facegen.run.worker:complete"),
    "write, fsync": ("facegen.run.store:LocalStore.put", "facegen.run.store:LocalStore.settle"),
}  # fmt: skip
"""Stage -> the functions that do it, `module:function` or `module:Class.method`. What one of them spends in another counts
there."""

Spent = dict[str, list[float]]
"""Stage -> [processor seconds, wall seconds]."""


class Clock:
    """Adds up what each stage takes, in every thread by its own time."""

    def __init__(self) -> None:
        self.spent: Spent = {stage: [0.0, 0.0] for stage in STAGES}
        self._local = threading.local()

    def watch(self) -> None:
        """Put the clock on every function of STAGES, in all modules that hold it."""
        for stage, places in STAGES.items():
            for place in places:
                replace_everywhere(place, lambda call, stage=stage: self._timed(call, stage))

    def _timed(self, call: Callable[..., Any], stage: str) -> Callable[..., Any]:
        @functools.wraps(call)
        def wrapper(*args: Any, **more: Any) -> Any:
            stack = self._stack()
            self._charge(stack)
            stack.append(stage)
            try:
                return call(*args, **more)
            finally:
                self._charge(stack)
                stack.pop()

        return wrapper

    def _stack(self) -> list[str]:
        if not hasattr(self._local, "stack"):
            self._local.stack, self._local.at = [], (0.0, 0.0)
        return self._local.stack

    def _charge(self, stack: list[str]) -> None:
        """Give the time since the last change to the innermost stage."""
        now = time.thread_time(), time.perf_counter()
        if stack:
            total = self.spent[stack[-1]]
            for i in range(2):
                total[i] += now[i] - self._local.at[i]
        self._local.at = now


def find(place: str) -> tuple[Any, str, Any]:
    """Return (owner, attribute, what lies there) of `module:name` or `module:Class.name`. Raises AttributeError where it is
    gone."""
    module, _, name = place.partition(":")
    owner: Any = importlib.import_module(module)
    *inside, last = name.split(".")
    for part in inside:
        owner = getattr(owner, part)
    return owner, last, getattr(owner, last)


def replace_everywhere(place: str, wrap: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Put `wrap(function)` in the place of a function, in its own module and in all of facegen that imported it by name."""
    owner, name, original = find(place)
    wrapped = wrap(original)
    setattr(owner, name, wrapped)
    for module in [m for key, m in sys.modules.items() if key.split(".")[0] == "facegen"]:
        for held, value in list(vars(module).items()):
            if value is original:
                setattr(module, held, wrapped)
