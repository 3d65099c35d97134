"""A place: textured rectangles, sources and a dome around the face, seen from any point.

Walls and things are painted (reflectance, own light, cover), lit by the place's sources and its even light between the walls, and
drawn far to near. Nothing casts a shadow on anything here: what people see behind a face is out of focus.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.surroundings import maps
from facegen.surroundings.grain import Grain, noise

Vec = NDArray[np.float64]
UP = np.array([0.0, 1.0, 0.0])
MAP_DETAIL = maps.ROWS / np.pi
"""Texels a radian."""
_MOST_TEXELS = 60_000
_LEAST_GRAZE = 0.05
_LIT_CELLS = 7


@dataclass(frozen=True)
class Paint:
    """What a rectangle looks like: `albedo` (h, w, 3), `glow` (h, w, 3) cd/m2 or None, `cover` (h, w) 0..1 or None."""

    albedo: NDArray[np.float32]
    glow: NDArray[np.float32] | None = None
    cover: NDArray[np.float32] | None = None


Painter = Callable[[float], Paint]
"""Paints at so many texels a metre, always the same thing."""


@dataclass(frozen=True)
class Quad:
    """A rectangle: `corner` (3,) of its picture's top-left, `across` and `down` (3,) along its sides, seen from where these turn
    like a picture's. `wall`: part of the shell, drawn first. `even`: lit as if it faced every way (foliage, people). `fine`:
    too small to light a face: the camera sees it, the radiance map does not. `grain`: texture of its surface, for the camera."""

    corner: Vec
    across: Vec
    down: Vec
    paint: Painter
    wall: bool = False
    even: bool = False
    fine: bool = False
    grain: Grain | None = None

    @property
    def middle(self) -> Vec:
        return np.asarray(self.corner + 0.5 * (self.across + self.down))

    @property
    def normal(self) -> Vec:
        n = np.cross(self.down, self.across)
        return np.asarray(n / np.linalg.norm(n))

    def turned(self, rotation: Vec) -> Quad:
        return replace(self, corner=rotation @ self.corner, across=rotation @ self.across, down=rotation @ self.down)


@dataclass(frozen=True)
class Emitter:
    """An area that lights the place: luminous exitance over pi `rgb` (cd/m2) times `area` (m2); no `normal`: to all sides."""

    at: Vec
    rgb: Vec
    area: float
    normal: Vec | None = None

    @property
    def flux(self) -> Vec:
        """Lumens (3,) that it sends out: a Lambertian area to its half of space, a globe of that cross-section to all sides."""
        return np.asarray(np.pi * self.rgb * self.area * (4.0 if self.normal is None else 1.0))


@dataclass(frozen=True)
class World:
    """`dome(directions)`: radiance behind everything; `even(normal)`: irradiance (3,) from all that is no emitter; `discs`:
    direction, irradiance and angular diameter (degrees) of a sun or a flash; `distance_m`: of what is mostly seen behind the
    head."""

    quads: tuple[Quad, ...]
    emitters: tuple[Emitter, ...]
    even: Callable[[Vec], Vec]
    dome: Callable[[NDArray[np.float32]], NDArray[np.float32]] | None = None
    discs: tuple[tuple[Vec, Vec, float], ...] = ()
    distance_m: float = 3.0

    def small(self) -> tuple[tuple[Vec, float], ...]:
        """Return directions and angular diameters (degrees) of the lights that a map's texels cannot tell."""
        found = [(towards, size) for towards, _, size in self.discs]
        for source in self.emitters:
            far = float(np.linalg.norm(source.at))
            size = 2 * np.degrees(np.arctan(np.sqrt(source.area / np.pi) / far))
            if 0.7 < size < 10:
                found.append((source.at / far, float(size)))
        return tuple(found)

    def map(self) -> maps.Map:
        """Return the radiance around the face."""
        out = self.seen(np.zeros(3), maps.directions(), MAP_DETAIL)
        for towards, rgb, size in self.discs:
            maps.disc(out, towards, rgb, size)
        return out

    def seen(self, eye: Vec, directions: NDArray[np.float32], detail: float) -> NDArray[np.float32]:
        """Return (H, W, 3) cd/m2 from `eye` (3,) towards unit `directions` (H, W, 3), `detail` pixels a radian."""
        if self.dome is None:
            out = np.zeros(directions.shape, dtype=np.float32)
        else:
            out = np.ascontiguousarray(self.dome(directions), dtype=np.float32)
        order = sorted(self.quads, key=lambda q: (not q.wall, -float(np.linalg.norm(q.middle - eye))))
        axis, reach = _cone(directions)
        camera = reach < np.pi
        for quad in order:
            if _outside(quad, eye, axis, reach) or (quad.fine and not camera):
                continue
            self._draw(quad if camera else replace(quad, grain=None), eye, directions, detail, out)
        return out

    def irradiance(self, points: Vec, normal: Vec | None) -> Vec:
        """Return (N, 3) irradiance at `points` (N, 3) with `normal` (3,), or on something that faces every way."""
        total = np.tile(self.even(np.array([0.0, 0.3, 1.0]) if normal is None else normal), (len(points), 1))
        for source in self.emitters:
            to = source.at - points
            square = np.maximum((to * to).sum(axis=1), 1e-6)
            to = to / np.sqrt(square)[:, None]
            cosine = np.full(len(points), 0.5) if normal is None else np.clip(to @ normal, 0, 1)
            if source.normal is not None:
                cosine = cosine * np.clip(-to @ source.normal, 0, 1)
            total = total + (source.area * cosine / (square + source.area / np.pi))[:, None] * source.rgb
        for towards, rgb, size in self.discs:
            if size > 1:  # a flash: it is among the emitters, at its place
                continue
            total = total + (0.5 if normal is None else max(0.0, float(towards @ normal))) * rgb
        return total

    def _draw(self, quad: Quad, eye: Vec, directions: NDArray[np.float32], detail: float, out: NDArray[np.float32]) -> None:
        axes = np.stack([quad.across, quad.down, np.cross(quad.down, quad.across)])  # at right angles
        solve = axes / (axes * axes).sum(axis=1)[:, None]
        start = (solve @ (eye - quad.corner)).astype(np.float32)
        if start[2] <= 0:  # its back is seen: not there
            return
        along, down, into = (part.ravel() for part in cv2.split(cv2.transform(directions, solve.astype(np.float32))))
        with np.errstate(divide="ignore", invalid="ignore"):
            t = -start[2] / into
            u, v = start[0] + t * along, start[1] + t * down
        rim = 0.004 if quad.wall else 0.0
        hit = (into < 0) & (u >= -rim) & (u <= 1 + rim) & (v >= -rim) & (v <= 1 + rim)
        where = np.flatnonzero(hit)
        if not len(where):
            return
        picture = self.texture(quad, detail / max(float(t[where].min()), 0.3))
        h, w = picture.shape[:2]
        x = (u[where] * w - 0.5).astype(np.float32).reshape(-1, 1)
        y = (v[where] * h - 0.5).astype(np.float32).reshape(-1, 1)
        x, y, count = _tall(x, y)
        border = cv2.BORDER_REPLICATE if quad.wall else cv2.BORDER_CONSTANT
        taken = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=border).reshape(-1, 4)[:count]
        if quad.grain is not None:
            cosine = np.maximum(-into[where] * np.float32(np.linalg.norm(axes[2])), _LEAST_GRAZE)
            footprint = t[where] / (np.float32(detail) * np.sqrt(cosine))
            sides = (np.linalg.norm(quad.across), np.linalg.norm(quad.down))
            taken = _textured(taken, quad.grain, u[where] * np.float32(sides[0]), v[where] * np.float32(sides[1]), footprint)
        flat_out = out.reshape(-1, 3)
        flat_out[where] = flat_out[where] * (1 - taken[:, 3:]) + taken[:, :3]

    def texture(self, quad: Quad, detail: float) -> NDArray[np.float32]:
        """Return (h, w, 4): radiance premultiplied by cover, cover; `detail` texels a metre, at most."""
        width, height = float(np.linalg.norm(quad.across)), float(np.linalg.norm(quad.down))
        paint = quad.paint(min(detail, np.sqrt(_MOST_TEXELS / (width * height))))
        h, w = paint.albedo.shape[:2]
        steps = (np.arange(_LIT_CELLS) + 0.5) / _LIT_CELLS
        at = (quad.corner + steps[:, None, None] * quad.down + steps[None, :, None] * quad.across).reshape(-1, 3)
        light = self.irradiance(at, None if quad.even else quad.normal).reshape(_LIT_CELLS, _LIT_CELLS, 3) / np.pi
        over = cv2.resize(light.astype(np.float32), (w, h), interpolation=cv2.INTER_LINEAR)
        radiance = np.asarray(paint.albedo * over, dtype=np.float32)
        if paint.glow is not None:
            radiance = radiance + paint.glow
        cover = np.ones((h, w), np.float32) if paint.cover is None else paint.cover
        return np.concatenate([radiance * cover[..., None], cover[..., None]], axis=2).astype(np.float32)


def _textured(
    taken: NDArray[np.float32], grain: Grain, x: NDArray[np.float32], y: NDArray[np.float32], footprint: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return radiance and cover (N, 4), premultiplied, with the grain of the surface at `x, y` (N,) metres on it."""
    texture = noise(grain, x, y, footprint)
    out = taken.copy()
    if grain.amount > 0:
        out[:, :3] *= np.exp(np.float32(grain.amount) * texture)[:, None]
    if grain.ragged > 0:
        cover = taken[:, 3]
        eaten = np.clip(cover + np.float32(grain.ragged) * texture * (4 * cover * (1 - cover)), 0, 1)
        out *= (eaten / np.maximum(cover, 1e-4))[:, None]
    return out


def _cone(directions: NDArray[np.float32]) -> tuple[Vec, float]:
    """Return axis and half angle (radians) of a cone that holds all `directions`; pi for a whole sphere."""
    axis = directions[directions.shape[0] // 2, directions.shape[1] // 2].astype(np.float64)
    corners = directions[[0, 0, -1, -1], [0, -1, 0, -1]] @ axis
    return axis, np.pi if corners.min() < 0.2 else float(np.arccos(corners.min()))


def _outside(quad: Quad, eye: Vec, axis: Vec, reach: float) -> bool:
    to = quad.middle - eye
    far, radius = float(np.linalg.norm(to)), 0.5 * float(np.linalg.norm(quad.across + quad.down))
    if far <= radius or reach >= np.pi:
        return False
    return float(np.arccos(np.clip(to @ axis / far, -1, 1))) > reach + float(np.arcsin(radius / far))


def _tall(x: NDArray[np.float32], y: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32], int]:
    """Fold columns of coordinates into 1024 wide pictures: remap takes none taller than 32767."""
    count, width = len(x), 1024
    rest = -count % width
    fold = [np.concatenate([a[:, 0], np.zeros(rest, np.float32)]).reshape(-1, width) for a in (x, y)]
    return fold[0], fold[1], count


def box(width: float, height: float, left: float, bottom: float, z: float, paint: Painter, **kind: Any) -> Quad:
    """Return an upright rectangle that faces +Z at depth `z`."""
    corner = np.array([left, bottom + height, z])
    return Quad(corner, np.array([width, 0, 0.0]), np.array([0, -height, 0.0]), paint, **kind)


def facing(at: Vec, width: float, height: float, paint: Painter, **kind: Any) -> Quad:
    """Return a rectangle at `at` (its middle) that turns to the face at the origin, upright."""
    back = np.asarray(at, dtype=np.float64) / -np.linalg.norm(at)
    side = np.cross([0.0, 1.0, 0.0], back)
    side /= max(float(np.linalg.norm(side)), 1e-6)
    up = np.cross(back, side)
    return Quad(at - 0.5 * width * side + 0.5 * height * up, width * side, -height * up, paint, **kind)


def about_vertical(degrees: float) -> Vec:
    """Return the rotation (3, 3) that takes azimuth 0 (+Z) to azimuth `degrees` (towards +X)."""
    a = np.radians(degrees)
    return np.array([[np.cos(a), 0, np.sin(a)], [0, 1.0, 0], [-np.sin(a), 0, np.cos(a)]])


def towards(azimuth_deg: float, elevation_deg: float) -> Vec:
    """Return the unit vector (3,): azimuth 0 at the camera, positive to the picture's right, elevation up."""
    a, e = np.radians(azimuth_deg), np.radians(elevation_deg)
    return np.array([np.cos(e) * np.sin(a), np.sin(e), np.cos(e) * np.cos(a)])
