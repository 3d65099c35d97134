"""The least that a picture can cost with this renderer: its draw calls, the read-back, and the encoding of its files.

What a shot drew and encoded is noted and done again right after it, in the same process: each scene once to put its meshes and
textures in place, then `REPEATS` times with everything on the GL side, where nothing but the calls is left: what Python works
out from the scene (bounds of shadow maps, uniform block, uploads) is remembered from the first time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from stages import find, replace_everywhere

from facegen.scene import Scene

REPEATS = 2
PREPARED = (
    "facegen.render.buffers:Meshes.load",
    "facegen.render.targets:Mirror.load",
    "facegen.render.frame_block:shadow_view",
    "facegen.render.frame_block:covered",
    "facegen.render.frame_block:warp",
    "facegen.render.frame_block:pack",
)
"""What a frame does before and between its GL calls, or what uploads."""
DRAWN = "facegen.render.engine:Engine.render"
ENCODED = ("facegen.sensor.codec:encode", "facegen.sensor.codec:encode_png")


class Floor:
    """Notes what shots draw and encode, does it again, and adds up the time: `spent` in seconds of processor and wall, for
    `draw`, `encode`, and `all` that was done here and is no part of the pictures."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = {name: [0.0, 0.0] for name in ("draw", "encode", "all")}
        self._scenes: list[Scene] = []
        self._files: list[Callable[[], Any]] = []
        self._kept: list[Any] = []
        self._mode, self._next, self._open = "live", 0, False
        find(DRAWN), [find(place) for place in PREPARED]  # imports them
        self._draw = find(DRAWN)[2]
        for place in PREPARED:
            replace_everywhere(place, self._remembered)
        replace_everywhere(DRAWN, self._noting_scenes)
        for place in ENCODED:
            replace_everywhere(place, self._noting_files)

    def listen(self) -> None:
        """Note from now on what one shot does."""
        self._scenes, self._files, self._open = [], [], True

    def again(self, engine: Any) -> None:
        """Do what was noted again, bare."""
        self._open = False
        began = _now()
        for scene in self._scenes:
            self._kept, self._mode = [], "first"
            self._draw(engine, scene)
            self._mode = "bare"
            self._timed("draw", lambda scene=scene: self._bare(engine, scene))
            self._mode, self._kept = "live", []
        self._timed("encode", lambda: [encode() for encode in self._files])
        _add(self.spent["all"], began, 1)
        self._scenes, self._files = [], []

    def _timed(self, name: str, call: Callable[[], Any]) -> None:
        began = _now()
        for _ in range(REPEATS):
            call()
        _add(self.spent[name], began, REPEATS)

    def _bare(self, engine: Any, scene: Scene) -> None:
        self._next = 0
        self._draw(engine, scene)

    def _remembered(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **more: Any) -> Any:
            if self._mode == "bare":
                self._next += 1
                return self._kept[self._next - 1]
            result = call(*args, **more)
            if self._mode == "first":
                self._kept.append(result)
            return result

        return wrapper

    def _noting_scenes(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(engine: Any, scene: Scene) -> Any:
            if self._open:
                self._scenes.append(scene)
            return call(engine, scene)

        return wrapper

    def _noting_files(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **more: Any) -> Any:
            if self._open:
                self._files.append(lambda: call(*args, **more))
            return call(*args, **more)

        return wrapper


def _now() -> tuple[float, float]:
    return time.thread_time(), time.perf_counter()


def _add(total: list[float], began: tuple[float, float], share: int) -> None:
    for i, now in enumerate(_now()):
        total[i] += (now - began[i]) / share
