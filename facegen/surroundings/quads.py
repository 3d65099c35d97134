"""Rectangles in space, what is painted on them, and the geometry of vectors (3,) that places are built with."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.surroundings.grain import Grain

Vec = NDArray[np.float64]
UP = np.array([0.0, 1.0, 0.0])
_MARGIN = 0.01


@dataclass(frozen=True)
class Paint:
    """What a rectangle looks like: `albedo` (h, w, 3), `glow` (h, w, 3) cd/m2 or None, `cover` (h, w) 0..1 or None."""

    albedo: NDArray[np.float32]
    glow: NDArray[np.float32] | None = None
    cover: NDArray[np.float32] | None = None


Painter = Callable[[float], Paint]
"""Paints at so many texels a metre, always the same thing."""
SpanPainter = Callable[[float, tuple[float, float]], Paint]
"""The same, between two places (metres from the left) at least."""


@dataclass(frozen=True, eq=False)
class Quad:
    """A rectangle: `corner` (3,) of its picture's top-left, `across` and `down` (3,) along its sides, seen from where these turn
    like a picture's. `wall`: part of the shell, drawn first. `even`: lit as if it faced every way (foliage, people). `fine`:
    too small to light a face: the camera sees it, the radiance map does not. `grain`: texture of its surface, for the camera.
    `spans`: its painter is told which part of its width is looked at."""

    corner: Vec
    across: Vec
    down: Vec
    paint: Painter | SpanPainter
    wall: bool = False
    even: bool = False
    fine: bool = False
    grain: Grain | None = None
    spans: bool = False

    @cached_property
    def middle(self) -> Vec:
        return np.asarray(self.corner + 0.5 * (self.across + self.down))

    @cached_property
    def normal(self) -> Vec:
        return np.asarray(self._out / length(self._out))

    @cached_property
    def sides(self) -> tuple[float, float]:
        """Width and height in metres."""
        return length(self.across), length(self.down)

    @cached_property
    def _out(self) -> Vec:
        return cross(self.down, self.across)

    @cached_property
    def depth(self) -> float:
        """Length of the axis that stands on it in `solve`."""
        return length(self._out)

    @cached_property
    def solve(self) -> Vec:
        """What turns metres (3,) from the corner into shares of `across`, `down` and of what stands at right angles on both."""
        axes = np.array([self.across, self.down, self._out])
        return np.asarray(axes / (axes * axes).sum(axis=1)[:, None])

    @cached_property
    def ends(self) -> Vec:
        """The four corners (4, 3), a little farther out than what is drawn of it."""
        a, b = (1 + 2 * _MARGIN) * self.across, (1 + 2 * _MARGIN) * self.down
        first = self.corner - _MARGIN * (self.across + self.down)
        return np.array([first, first + a, first + b, first + a + b])

    def turned(self, rotation: Vec) -> Quad:
        return replace(self, corner=rotation @ self.corner, across=rotation @ self.across, down=rotation @ self.down)


def box(width: float, height: float, left: float, bottom: float, z: float, paint: Painter, **kind: Any) -> Quad:
    """Return an upright rectangle that faces +Z at depth `z`."""
    corner = np.array([left, bottom + height, z])
    return Quad(corner, np.array([width, 0, 0.0]), np.array([0, -height, 0.0]), paint, **kind)


def facing(at: Vec, width: float, height: float, paint: Painter, **kind: Any) -> Quad:
    """Return a rectangle at `at` (its middle) that turns to the face at the origin, upright."""
    back = np.asarray(at, dtype=np.float64) / -np.linalg.norm(at)
    side = cross(UP, back)
    side /= max(length(side), 1e-6)
    up = cross(back, side)
    return Quad(at - 0.5 * width * side + 0.5 * height * up, width * side, -height * up, paint, **kind)


def cross(a: Vec, b: Vec) -> Vec:
    """Return the cross product of two vectors (3,), without the cost of np.cross."""
    (a0, a1, a2), (b0, b1, b2) = a.tolist(), b.tolist()
    return np.array([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0])


def length(a: Vec) -> float:
    """Return the length of a vector (3,)."""
    return math.sqrt(a @ a)


def about_vertical(degrees: float) -> Vec:
    """Return the rotation (3, 3) that takes azimuth 0 (+Z) to azimuth `degrees` (towards +X)."""
    a = np.radians(degrees)
    return np.array([[np.cos(a), 0, np.sin(a)], [0, 1.0, 0], [-np.sin(a), 0, np.cos(a)]])


def towards(azimuth_deg: float, elevation_deg: float) -> Vec:
    """Return the unit vector (3,): azimuth 0 at the camera, positive to the picture's right, elevation up."""
    a, e = np.radians(azimuth_deg), np.radians(elevation_deg)
    return np.array([np.cos(e) * np.sin(a), np.sin(e), np.cos(e) * np.cos(a)])
