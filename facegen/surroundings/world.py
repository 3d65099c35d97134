"""A place: textured rectangles, sources and a dome around the face, seen from any point.

Walls and things are painted (reflectance, own light, cover), lit by the place's sources and its even light between the walls, and
drawn far to near. Nothing casts a shadow on anything here: what people see behind a face is out of focus.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.surroundings import maps
from facegen.surroundings.grain import Grain, noise
from facegen.surroundings.quads import Quad, Vec, cross, length

MAP_DETAIL = maps.ROWS / np.pi
"""Texels a radian."""
_MOST_TEXELS = 60_000
_LEAST_GRAZE = 0.05
_LIT_CELLS = 7


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


@dataclass(frozen=True, eq=False)
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
        order = sorted(self.quads, key=lambda q: (not q.wall, -length(q.middle - eye)))
        cone = _Cone(directions)
        with np.errstate(divide="ignore", invalid="ignore"):
            for quad in order:
                if (quad.fine and cone.whole) or cone.outside(quad, eye):
                    continue
                self._draw(quad, eye, directions, detail, out, None if cone.whole else quad.grain)
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

    def _draw(
        self, quad: Quad, eye: Vec, directions: NDArray[np.float32], detail: float, out: NDArray[np.float32], grain: Grain | None
    ) -> None:
        start = (quad.solve @ (eye - quad.corner)).astype(np.float32)
        if start[2] <= 0:  # its back is seen: not there
            return
        u, v, into = cv2.split(cv2.transform(directions, quad.solve.astype(np.float32)))
        t = -start[2] / into
        for share, first in ((u, start[0]), (v, start[1])):
            share *= t
            share += first
        rim = 0.004 if quad.wall else 0.0
        hit = cv2.inRange(u, -rim, 1 + rim)
        hit &= cv2.inRange(v, -rim, 1 + rim)
        hit &= cv2.compare(into, 0.0, cv2.CMP_LT)
        x, y, wide, high = cv2.boundingRect(hit)
        if not wide:
            return
        here = np.s_[y : y + high, x : x + wide]
        hit, t = hit[here], t[here]
        nearest = cv2.minMaxLoc(t, hit)[0]
        u, v = cv2.copyTo(u[here], hit), cv2.copyTo(v[here], hit)  # zeros where it is not hit
        left, right = cv2.minMaxLoc(u, hit)[:2]
        picture = self.texture(quad, detail / max(nearest, 0.3), (left * quad.sides[0], right * quad.sides[0]))
        h, w = picture.shape[:2]
        border = cv2.BORDER_REPLICATE if quad.wall else cv2.BORDER_CONSTANT
        half = np.float32(0.5)
        taken = cv2.remap(picture, u * np.float32(w) - half, v * np.float32(h) - half, cv2.INTER_LINEAR, borderMode=border)
        *rgb, cover = cv2.split(taken)
        if grain is not None:
            cosine = np.maximum(-into[here] * np.float32(quad.depth), _LEAST_GRAZE)
            np.copyto(t, np.float32(nearest), where=hit == 0)
            footprint = t / (np.float32(detail) * np.sqrt(cosine))
            texture = noise(grain, u * np.float32(quad.sides[0]), v * np.float32(quad.sides[1]), footprint)
            rgb, cover = _textured(rgb, cover, grain, texture)
        left = 1 - cover
        new = out[here] * cv2.merge((left, left, left))
        new += cv2.merge(rgb)
        cv2.copyTo(new, hit, out[here])

    def texture(self, quad: Quad, detail: float, span: tuple[float, float]) -> NDArray[np.float32]:
        """Return (h, w, 4): radiance premultiplied by cover, cover; `span` of its width is seen, at `detail` texels a metre."""
        width, height = quad.sides
        most = math.sqrt(_MOST_TEXELS / (width * height))
        if detail >= most and not quad.spans:
            return _at_most(self, quad, most)
        return self._painted(quad, min(detail, most), span)

    def _painted(self, quad: Quad, detail: float, span: tuple[float, float]) -> NDArray[np.float32]:
        paint = quad.paint(detail, span) if quad.spans else quad.paint(detail)  # type: ignore[call-arg]
        h, w = paint.albedo.shape[:2]
        steps = (np.arange(_LIT_CELLS) + 0.5) / _LIT_CELLS
        at = (quad.corner + steps[:, None, None] * quad.down + steps[None, :, None] * quad.across).reshape(-1, 3)
        light = self.irradiance(at, None if quad.even else quad.normal).reshape(_LIT_CELLS, _LIT_CELLS, 3) / np.pi
        radiance = paint.albedo * cv2.resize(light.astype(np.float32), (w, h), interpolation=cv2.INTER_LINEAR)
        if paint.glow is not None:
            radiance += paint.glow
        if paint.cover is None:
            return np.asarray(cv2.merge((*cv2.split(radiance), np.ones((h, w), np.float32))))
        return np.asarray(cv2.merge((*(plane * paint.cover for plane in cv2.split(radiance)), paint.cover)))


@lru_cache(maxsize=16)
def _at_most(world: World, quad: Quad, detail: float) -> NDArray[np.float32]:
    """Return the texture of something large, which map and camera see alike (a megabyte each)."""
    return world._painted(quad, detail, (0.0, quad.sides[0]))


def _textured(
    rgb: list[NDArray[np.float32]], cover: NDArray[np.float32], grain: Grain, texture: NDArray[np.float32]
) -> tuple[list[NDArray[np.float32]], NDArray[np.float32]]:
    """Return premultiplied radiance (three planes) and cover with the grain of a surface, whose noise is `texture`."""
    if grain.amount > 0:
        shade = np.exp(np.float32(grain.amount) * texture)
        rgb = [plane * shade for plane in rgb]
    if grain.ragged > 0:
        eaten = np.clip(cover + np.float32(grain.ragged) * texture * (4 * cover * (1 - cover)), 0, 1)
        left = eaten / np.maximum(cover, 1e-4)
        rgb, cover = [plane * left for plane in rgb], cover * left
    return rgb, cover


class _Cone:
    """What a picture of `directions` (H, W, 3) can show: those of a pinhole's picture, or a whole sphere."""

    def __init__(self, directions: NDArray[np.float32]) -> None:
        self.axis = directions[directions.shape[0] // 2, directions.shape[1] // 2].astype(np.float64)
        corners = directions[[0, 0, -1, -1], [0, -1, -1, 0]].astype(np.float64)
        least = (corners @ self.axis).min()
        self.whole = bool(least < 0.2)
        self.reach = np.pi if self.whole else math.acos(least)
        planes = np.array([cross(a, b) for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)])
        self.planes = planes * np.sign(planes @ self.axis)[:, None]
        """Of the picture's four edges: a point before none of them is out of sight."""

    def outside(self, quad: Quad, eye: Vec) -> bool:
        if self.whole:
            return False
        ends = (quad.ends - eye) @ self.planes.T
        return bool((ends.max(axis=0) < 0).any())
