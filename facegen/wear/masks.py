"""Face masks: surgical, FFP2 and cloth sheets stretched over nose, lips and chin, with ear loops.

The sheet is a grid over directions from inside the mouth. Its floor is the outermost face along each direction plus the cloth's
standoff, so it cannot pierce; a membrane over that floor spans the hollows beside nose and lips.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.interpolate import CubicSpline

from facegen.sample import Mask
from facegen.scene import Material, Surface
from facegen.wear import shapes
from facegen.wear.fabric import SCALES, fabric
from facegen.wear.fitting import HeadFit, RadialMap, drape, radial_map
from facegen.wear.shapes import Shape

if TYPE_CHECKING:
    from facegen.head.model import HeadModel, PosedHead

_ROWS, _COLS = 42, 45
STEEPEST = np.radians(-83.0)
"""A sheet ends before straight below its centre, where azimuth turns over: a receding chin under a wide-open mouth lies there."""


@dataclass(frozen=True)
class Cut:
    """`reach`: how far round the face the sheet goes, degrees; `side`: heights (m) of the upper and lower side corners over nose
    tip and chin; `standoff` m; `bulge`: extra distance of its middle, m; `ridge`: share of the bulge that forms a vertical fold;
    `pleats`: horizontal folds; `loop`: thickness of the elastics, m; `beak`: share of the bulge that forms a horizontal fold;
    `head_straps`: two elastics round the head instead of ear loops; `weave`: print of one that has no other."""

    reach: float
    side: tuple[float, float]
    standoff: float
    bulge: float
    ridge: float
    pleats: int
    loop: float
    beak: float = 0.0
    head_straps: bool = False
    weave: str = "plain"


CUTS: dict[str, Cut] = {
    "surgical": Cut(62.5, (0.000, 0.026), 0.0022, 0.006, 0.0, 3, 1.2e-3),
    "ffp2": Cut(60.0, (-0.004, 0.024), 0.0026, 0.017, 0.75, 0, 1.6e-3),
    "cloth": Cut(68.0, (-0.002, 0.020), 0.0022, 0.008, 0.35, 0, 1.6e-3, weave="knit"),
    "cloth_pleated": Cut(66.0, (0.000, 0.024), 0.0024, 0.007, 0.0, 2, 1.6e-3),
    "cloth_loose": Cut(74.0, (0.000, 0.012), 0.0030, 0.012, 0.20, 0, 1.4e-3),
    "duckbill": Cut(58.0, (-0.004, 0.026), 0.0026, 0.030, 0.0, 0, 1.8e-3, beak=0.85, head_straps=True),
    "cup": Cut(56.0, (-0.004, 0.026), 0.0030, 0.020, 0.10, 0, 1.8e-3, head_straps=True),
}


def mask_surfaces(model: HeadModel, posed: PosedHead, mask: Mask) -> tuple[Surface, ...]:
    """Return sheet and ear loops in the head frame, region facewear."""
    shapes.check_kind("mask", mask.kind)
    cut = CUTS[mask.kind]
    fit = HeadFit.of(model, posed)
    marks = _marks(model, posed)
    face = _face_map(model, posed, marks)
    azimuth, elevation = _outline(face, marks, cut, mask.position)
    points = _sheet(face, azimuth, elevation, cut, mask)
    shade = _shade(cut)
    sheet = shapes.thicken(shapes.grid(points, shade=shade), _ROWS, _COLS, 0.0012)
    loops = [_loop(fit, points, side, cut) for side in (0, 1)]
    shapes.check_kind("pattern", mask.pattern)
    if mask.pattern == "plain":
        pattern = float(shapes.PATTERNS[cut.weave])
        cloth = Material("cloth", {"rgb": mask.rgb, "rgb2": mask.rgb, "pattern": pattern, "scale": 0.004})
    else:
        cloth = fabric(mask.rgb, mask.rgb2, mask.pattern, weave="woven", scale=0.6 * SCALES[mask.pattern], seed=mask.seed)
    bands = Material("cloth", {"rgb": (0.75, 0.75, 0.74), "rgb2": (0.75, 0.75, 0.74), "pattern": 0.0, "scale": 0.004})
    return (
        shapes.surface("mask", sheet, cloth, "facewear"),
        shapes.surface("mask_loops", shapes.merge(loops), bands, "facewear"),
    )


@dataclass(frozen=True)
class _Marks:
    """Midline points (3,): tip of the nose, lowest of the lower lip, lowest of the chin; under_nose: height between nose and
    upper lip."""

    tip: NDArray[np.float64]
    lip: NDArray[np.float64]
    chin: NDArray[np.float64]
    under_nose: float


def _marks(model: HeadModel, posed: PosedHead) -> _Marks:
    points = np.asarray(posed.vertices, np.float64)
    masks = model.topology.masks
    nose = points[(masks["nose"] > 0.3) & (np.abs(points[:, 0]) < 0.008)]
    tip = nose[np.argmax(nose[:, 2])]
    lips = points[(masks["lips"] > 0.5) & (np.abs(points[:, 0]) < 0.010)]
    lip = lips[np.argmin(lips[:, 1])]
    chin = points[(masks["chin"] > 0.2) & (np.abs(points[:, 0]) < 0.010)]
    under_nose = max(float(nose[:, 1].min()) - 0.006, float(lips[:, 1].max()) + 0.006)
    return _Marks(tip, lip, chin[np.argmin(chin[:, 1])], under_nose)


def _face_map(model: HeadModel, posed: PosedHead, marks: _Marks) -> RadialMap:
    points = np.asarray(posed.vertices, np.float64)
    center = np.array([0.0, (marks.tip[1] + marks.chin[1]) / 2, marks.tip[2] - 0.088])
    near = (points[:, 1] > marks.chin[1] - 0.030) & (points[:, 1] < 0.03) & (points[:, 2] > center[2] - 0.05)
    near &= (model.topology.masks["ears"] < 0.3) & (model.topology.masks["garment"] < 0.2)
    return radial_map(points[near], center, 90, 180)


def _outline(face: RadialMap, marks: _Marks, cut: Cut, position: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return azimuth and elevation (rows, cols) of the sheet: from the nose bridge (or lip, or chin) to under the chin."""
    u = np.linspace(-1, 1, _COLS)
    high = marks.tip[1] + 0.40 * (0.0 - marks.tip[1])
    top = {"worn": high, "under_nose": marks.under_nose, "chin": marks.lip[1] - 0.006}[position]
    drop = {"worn": 0.0, "under_nose": 0.014, "chin": 0.034}[position]
    side_top = min(marks.tip[1] + cut.side[0] - drop, top)
    side_low = marks.chin[1] + cut.side[1] - 0.5 * drop
    side_top = max(side_top, side_low + 0.024)
    flank = np.abs(u) ** (1.35 if position == "worn" else 1.8)
    target = top + (side_top - top) * flank
    reach = np.radians(cut.reach)
    upper = _elevation_of(face, u * reach, target)
    chin = np.arcsin((marks.chin[1] - face.center[1]) / np.linalg.norm(marks.chin - face.center))
    under = chin - np.radians(16.0 if position != "chin" else 20.0)
    side = _elevation_of(face, u[[0, -1]] * reach, np.full(2, side_low)).mean()
    under = max(under, STEEPEST)
    lower = under + (side - under) * (1 - np.cos(np.abs(u) * np.pi / 2)) ** 0.9
    v = np.linspace(0, 1, _ROWS)[:, None]
    elevation = upper + (np.minimum(lower, upper - 0.1) - upper) * v
    width = 1 + 0.04 * np.sin(np.pi * v)
    return np.broadcast_to(u * reach * width, elevation.shape), elevation


def _elevation_of(face: RadialMap, azimuth: NDArray[np.float64], height: NDArray[np.float64]) -> NDArray[np.float64]:
    elevation = np.zeros_like(azimuth)
    for _ in range(6):
        ratio = (height - face.center[1]) / face.at(azimuth, elevation)
        elevation = 0.5 * (elevation + np.arcsin(np.clip(ratio, -0.95, 0.95)))
    return elevation


def _sheet(
    face: RadialMap, azimuth: NDArray[np.float64], elevation: NDArray[np.float64], cut: Cut, mask: Mask
) -> NDArray[np.float64]:
    u = np.linspace(-1, 1, _COLS)[None, :]
    v = np.linspace(0, 1, _ROWS)[:, None]
    rim = np.clip(np.minimum(np.minimum(v, 1 - v) / 0.12, (1 - np.abs(u)) / 0.15), 0, 1)
    floor = face.at(azimuth, elevation) + 0.0017 + (cut.standoff - 0.0017) * rim
    cushion = ndimage.gaussian_filter(ndimage.maximum_filter(floor, (13, 11)), (5, 4), mode="nearest")
    tent = drape(np.maximum(floor, cushion - 0.003), 2.0, 6)
    sheet = floor + (tent - floor) * np.clip(rim * 1.2, 0, 1)
    middle = np.sin(np.pi * np.clip(v * 0.95 + 0.03, 0, 1)) * (1 - u**2)
    fold = np.clip(1 - np.abs(u) * 1.15, 0, 1)
    beak = np.clip(1 - np.abs(v - 0.52) / 0.45, 0, 1) * np.clip(1.25 - np.abs(u) ** 2.5 * 1.3, 0, 1)
    round_ = middle * ((1 - cut.ridge) + cut.ridge * fold)
    sheet = sheet + cut.bulge * ((1 - cut.beak) * round_ + cut.beak * beak * rim)
    wave = shapes.folds(mask.seed, "wear.mask.folds", np.pi * u, 4 * v, 5, 3.0)
    sheet = sheet + 0.0008 * rim * (1 + wave) + _pleats(v, cut.pleats) * (1 - np.abs(u) ** 4) * rim
    return face.point(azimuth, elevation, sheet)


def _pleats(v: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Displacement (m) of downward-facing horizontal pleats."""
    if count == 0:
        return np.zeros_like(v)
    phase = (v - 0.28) / 0.50 * count
    inside = (phase > 0) & (phase < count)
    return np.where(inside, 0.0022 * (phase % 1.0) ** 0.8, 0.0)


def _shade(cut: Cut) -> NDArray[np.float64]:
    v = np.linspace(0, 1, _ROWS)[:, None]
    shade = np.ones((_ROWS, _COLS))
    if cut.pleats:
        phase = (v - 0.28) / 0.50 * cut.pleats
        shade = shade * np.where((phase > 0) & (phase < cut.pleats), 0.72 + 0.28 * np.clip((phase % 1.0) * 3, 0, 1), 1.0)
    return shade


def _loop(fit: HeadFit, points: NDArray[np.float64], side: int, cut: Cut) -> Shape:
    """An elastic from the sheet's upper corner over the ear's root, behind the ear and back under the lobe."""
    col = 1 if side == 0 else _COLS - 2
    sign = -1.0 if side == 0 else 1.0
    upper, lower = points[2, col], points[-3, col]
    root, lobe = fit.ear_root[side], fit.ear_lobe[side]
    if cut.head_straps:
        straps = [(upper, root + [0, 0.022, 0], 0.030), (lower, lobe + [0, -0.016, 0.0], -0.060)]
        return shapes.merge([_head_strap(fit, start, by, rise, side, cut) for start, by, rise in straps])
    knots = np.stack([
        upper,
        (upper + root) / 2 + [0, 0.001, 0],
        root + [0, 0.002, 0.0],
        root + [0, -0.010, -0.016],
        (root + lobe) / 2 + [0, 0, -0.016],
        lobe + [0, -0.002, -0.006],
        (lower + lobe) / 2 + [0, -0.001, 0],
        lower,
    ])  # fmt: skip
    path = CubicSpline(np.arange(len(knots)), knots, bc_type="natural")(np.linspace(0, len(knots) - 1, 36))
    skull = fit.side[side].at(path[:, 2], path[:, 1]) + 0.0012
    path[2:-2, 0] = sign * np.maximum(np.abs(path[2:-2, 0]), skull[2:-2])
    path[1:-1] = (path[:-2] + 2 * path[1:-1] + path[2:]) / 4
    return shapes.tube(path, shapes.rounded(cut.loop, cut.loop, 6, 2.0), np.array([1.0, 0.0, 0.0]))


def _head_strap(fit: HeadFit, start: NDArray[np.float64], by: NDArray[np.float64], rise: float, side: int, cut: Cut) -> Shape:
    """An elastic from a corner of the sheet past the ear (over or under it, at `by`) to the back of the head."""
    sign = -1.0 if side == 0 else 1.0
    back = np.array([by[0], rise, -0.150])
    knots = np.stack([start, (start + by) / 2, by, (by + back) / 2, back])
    path = CubicSpline(np.arange(len(knots)), knots, bc_type="natural")(np.linspace(0, len(knots) - 1, 30))
    skull = fit.side[side].at(path[:, 2], path[:, 1]) + 0.0016
    outer = np.where(path[:, 2] < start[2] - 0.02, skull, np.maximum(np.abs(path[:, 0]), skull))
    path[1:, 0] = sign * outer[1:]
    path[1:-1] = (path[:-2] + 2 * path[1:-1] + path[2:]) / 4
    return shapes.tube(path, shapes.rounded(0.0014, 0.0050, 6, 3.0), np.array([0.0, 1.0, 0.0]))
