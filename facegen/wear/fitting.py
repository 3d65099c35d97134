"""What worn things measure on the posed head: outermost radius by direction, frontmost depth, skull width, named points.

Worn things are built outside of these maps, so that they cannot pierce the head whatever its shape or expression. Frame: head
frame, metres. Azimuth 0 looks along +Z (out of the face) and grows to the person's own left (+X); elevation grows upwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from facegen.geometry.angle import arctan2

if TYPE_CHECKING:
    from facegen.head.model import HeadModel, PosedHead

Points = NDArray[np.floating]


@dataclass(frozen=True)
class RadialMap:
    """Outermost distance from `center` by direction: radius (n_elevation, n_azimuth) over -90..90 and -180..180 degrees."""

    center: NDArray[np.float64]
    radius: NDArray[np.float64]

    def at(self, azimuth: Points, elevation: Points) -> NDArray[np.float64]:
        """Return radii (...) m in the directions azimuth, elevation (...) rad, bilinear."""
        rows, cols = self.radius.shape
        row = (np.asarray(elevation) / np.pi + 0.5) * rows - 0.5
        col = (np.asarray(azimuth) / (2 * np.pi) + 0.5) * cols - 0.5
        padded = np.concatenate([self.radius[:, -1:], self.radius, self.radius[:, :1]], 1)
        where = [np.clip(row, 0, rows - 1), np.mod(col, cols) + 1]
        return ndimage.map_coordinates(padded, where, order=1, mode="nearest")

    def point(self, azimuth: Points, elevation: Points, radius: Points) -> NDArray[np.float64]:
        """Return points (..., 3) at `radius` in those directions."""
        return self.center + np.asarray(radius)[..., None] * direction(azimuth, elevation)


def direction(azimuth: Points, elevation: Points) -> NDArray[np.float64]:
    """Return unit vectors (..., 3)."""
    flat = np.cos(elevation)
    return np.stack(np.broadcast_arrays(flat * np.sin(azimuth), np.sin(elevation), flat * np.cos(azimuth)), -1)


def radial_map(points: Points, center: Points, rows: int = 60, cols: int = 120) -> RadialMap:
    """Return the RadialMap of points (N, 3): per cell the largest radius, widened by a cell so that nothing lies outside.

    Holes are filled from their neighbours.
    """
    offset = points - center
    radius = np.linalg.norm(offset, axis=1)
    elevation = np.arcsin(np.clip(offset[:, 1] / np.maximum(radius, 1e-9), -1, 1))
    azimuth = arctan2(offset[:, 0], offset[:, 2])
    row = np.clip(((elevation / np.pi + 0.5) * rows).astype(int), 0, rows - 1)
    col = ((azimuth / (2 * np.pi) + 0.5) * cols).astype(int) % cols
    top = np.zeros(rows * cols)
    np.maximum.at(top, row * cols + col, radius)
    return RadialMap(np.asarray(center, np.float64), _widened(_filled(top.reshape(rows, cols), wrap=True), wrap=True))


@dataclass(frozen=True)
class HeightMap:
    """Largest `height` over a plane: value (n, m) over cells of `cell` m from `origin` (2,); -inf where nothing lies."""

    origin: NDArray[np.float64]
    cell: float
    value: NDArray[np.float64]

    def at(self, a: Points, b: Points) -> NDArray[np.float64]:
        """Return heights (...) over plane coordinates a, b (...), bilinear; outside the map the nearest cell's."""
        where = [(np.asarray(a) - self.origin[0]) / self.cell - 0.5, (np.asarray(b) - self.origin[1]) / self.cell - 0.5]
        return ndimage.map_coordinates(self.value, where, order=1, mode="nearest")


def height_map(
    points: Points,
    low: tuple[float, float],
    high: tuple[float, float],
    cell: float,
    axes: tuple[int, int, int],
    widen: bool = True,
) -> HeightMap:
    """Return the largest coordinate axes[2] of points (N, 3) over the plane of axes[0], axes[1] between `low` and `high`;
    `widen` by a cell, so that nothing lies outside."""
    a, b, height = (points[:, k] for k in axes)
    n, m = (int(np.ceil((high[k] - low[k]) / cell)) for k in (0, 1))
    i, j = ((a - low[0]) / cell).astype(int), ((b - low[1]) / cell).astype(int)
    inside = (a >= low[0]) & (b >= low[1]) & (i < n) & (j < m)
    floor = float(height.min())
    top = np.zeros(n * m)
    np.maximum.at(top, i[inside] * m + j[inside], height[inside] - floor + 1e-6)
    value = _filled(top.reshape(n, m), wrap=False)
    return HeightMap(np.asarray(low, np.float64), cell, (_widened(value, wrap=False) if widen else value) + floor)


def _filled(top: NDArray[np.float64], wrap: bool) -> NDArray[np.float64]:
    """Fill zero cells by a growing average of their neighbours."""
    mode = ("nearest", "wrap") if wrap else ("nearest", "nearest")
    for reach in (1.0, 2.5, 6.0, 15.0, 40.0):
        known = top > 0
        if known.all():
            return top
        weight = ndimage.gaussian_filter(known.astype(np.float64), reach, mode=mode, truncate=2.5)
        mean = ndimage.gaussian_filter(top, reach, mode=mode, truncate=2.5) / np.maximum(weight, 1e-9)
        top = np.where(known | (weight < 0.02), top, mean)
    return top


def _widened(top: NDArray[np.float64], wrap: bool) -> NDArray[np.float64]:
    mode = ("nearest", "wrap") if wrap else ("nearest", "nearest")
    return ndimage.maximum_filter(top, 3, mode=mode)


def drape(floor: NDArray[np.float64], sigma: float, rounds: int, *, wrap: bool = False) -> NDArray[np.float64]:
    """Return the membrane stretched over `floor` (n, m): smooth, nowhere below it, spanning its hollows (an obstacle problem)."""
    mode = ("nearest", "wrap") if wrap else ("nearest", "nearest")
    sheet = floor
    for _ in range(rounds):
        sheet = np.maximum(ndimage.gaussian_filter(sheet, sigma, mode=mode, truncate=3.0), floor)
    return sheet


@dataclass(frozen=True)
class HeadFit:
    """What eyewear needs to know of a posed head. Index 0 is the person's right, 1 the left.

    front: z over (x, y), widened; nose: the same of the nose, not widened; nose_points (N, 3): its skin; side: |x| of the skull
    without the ear over (z, y), a map a side; ear_root (2, 3): where the top of the ear meets the head; ear_lobe (2, 3): under
    the lobe; ear_back (2,): z of the hindmost seam of ear and head; cornea_z: the foremost cornea.
    """

    eye_y: float
    eye_distance: float
    cornea_z: float
    front: HeightMap
    nose: HeightMap
    nose_points: NDArray[np.float64]
    side: tuple[HeightMap, HeightMap]
    ear_root: NDArray[np.float64]
    ear_lobe: NDArray[np.float64]
    ear_back: NDArray[np.float64]

    @classmethod
    def of(cls, model: HeadModel, posed: PosedHead, under: Points | None = None) -> HeadFit:
        """Measure `posed`; `under` (N, 3) are points of something worn that counts as front of the face."""
        points = np.asarray(posed.vertices, np.float64)
        ears = model.topology.masks["ears"]
        centers = np.asarray(posed.eye_centers, np.float64)
        cornea = float(np.max(centers[:, 2] + CORNEA_REACH * np.asarray(posed.eye_radius)))
        near = points[(points[:, 1] > -0.09) & (points[:, 1] < 0.06)]
        if under is not None:
            near = np.concatenate([near, under[np.abs(under[:, 0]) < 0.07]])
        front = height_map(near, (-0.085, -0.085), (0.085, 0.055), 0.0017, (0, 1, 2))
        middle = points[(np.abs(points[:, 0]) < 0.026) & (points[:, 2] > 0) & (points[:, 1] > -0.06) & (points[:, 1] < 0.03)]
        nose = height_map(middle, (-0.026, -0.06), (0.026, 0.03), 0.0020, (0, 1, 2), widen=False)
        head = points[(ears < 0.1) & (points[:, 1] < 0.07) & (model.topology.masks["garment"] < 0.1)]
        sides = []
        for sign in (-1, 1):
            half = head[head[:, 0] * sign > 0.02] * [sign, 1, 1]
            sides.append(height_map(half, (-0.17, -0.13), (0.03, 0.06), 0.003, (2, 1, 0)))
        seam = _seam(model.topology.triangles, ears > 0.5)
        ends = [_ear_ends(points, ears, seam, sign) for sign in (-1, 1)]
        roots, lobes, backs = (np.stack([end[k] for end in ends]) for k in range(3))
        distance = float(np.linalg.norm(centers[1] - centers[0]))
        return cls(
            float(centers[:, 1].mean()), distance, cornea, front, nose, middle, (sides[0], sides[1]), roots, lobes, backs[:, 2]
        )

    @property
    def face_width(self) -> float:
        """Width of the head at the temples, 35 mm behind the eyes."""
        return float(sum(side.at(np.full(1, -0.035), np.zeros(1))[0] for side in self.side))

    def ridge(self, y: float) -> float:
        """z of the nose's ridge at height y."""
        return float(self.nose.at(np.zeros(1), np.full(1, y))[0])

    def nose_half_width(self, y: float, z: float) -> float:
        """|x| of the wider side where the nose at height y has fallen back to depth z."""
        x = np.arange(0.0, 0.022, 0.0005)
        fallen = [self.nose.at(sign * x, np.full_like(x, y)) < z for sign in (-1, 1)]
        return float(max(x[np.argmax(f)] if f.any() else x[-1] for f in fallen))

    def nose_contact(self, side: float, y: float, z: float, height: float, depth: float) -> float:
        """|x| where a pad of this height and depth at (y, z), moved inwards from one side (-1, 1), first touches the nose."""
        skin = self.nose_points
        skin = skin[(skin[:, 0] * side > -0.004) & (np.abs(skin[:, 1] - y) < 0.014) & (np.abs(skin[:, 2] - z) < 0.014)]
        pad = np.array([[0, 0], [height, 0], [-height, 0], [0, depth], [0, -depth]]) + [y, z]
        x = np.arange(0.024, 0.001, -0.0004)
        flat = np.sum((pad[:, None] - skin[None, :, 1:]) ** 2, -1)
        apart = (x[:, None, None] - np.abs(skin[:, 0]) * np.sign(skin[:, 0] * side)) ** 2 + flat
        near = apart.reshape(len(x), -1).min(1) < 0.0019**2
        return float(x[np.argmax(near)] if near.any() else 0.006)


CORNEA_REACH = 1.06
"""The cornea bulges this far, in eye radii, from the eye's centre (radius 12 mm, anterior chamber about 3 mm)."""


def _seam(triangles: NDArray[np.int32], inside: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Return the `inside` vertices of triangles that cross its border."""
    corners = inside[triangles]
    crossing = corners.any(1) & ~corners.all(1)
    return np.unique(triangles[crossing][corners[crossing]])


def _ear_ends(points: Points, ears: Points, seam: NDArray[np.int32], sign: int) -> tuple[NDArray[np.float64], ...]:
    """Return points (3,): where the top of the ear's seam with the head begins, the lowest inner point of the lobe, the hind end
    of the seam's upper part."""
    border = points[seam]
    border = border[border[:, 0] * sign > 0]
    high = border[border[:, 1] > border[:, 1].max() - 0.014]
    front, back = high[np.argmax(high[:, 2] + high[:, 1])], high[np.argmin(high[:, 2])]
    root = np.array([front[0], high[:, 1].max(), front[2]])
    ear = points[(ears > 0.5) & (points[:, 0] * sign > 0)]
    low = np.quantile(ear[:, 1], 0.015)
    lobe = ear[ear[:, 1] < low + 0.008]
    return root, np.array([sign * np.min(np.abs(lobe[:, 0])), low, np.mean(lobe[:, 2])]), back
