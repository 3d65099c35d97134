"""Garments (crew, v_neck, collar, hoodie, turtleneck) over neck, shoulders and chest.

A garment is a grid over directions from the root of the neck: azimuth round the body, and from the neckline outwards and down.
Its floor is the outermost skin plus the cloth's ease; below the bust it goes on as a hanging body, out of every portrait's frame.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from facegen.geometry.angle import arctan2
from facegen.sample import Garment
from facegen.scene import Material, Surface
from facegen.wear import shapes
from facegen.wear.bust import COLS, Bust, Grid, measure, outside
from facegen.wear.fitting import drape
from facegen.wear.shapes import Shape

if TYPE_CHECKING:
    from facegen.head.model import HeadModel, PosedHead

_ROWS = 26
_HANG = 9
NECK_REACH = 0.078
"""No neckline lies farther from the neck's axis than this (m), a V excepted."""
HEM_Y = -0.85
"""Height where the hanging body ends, far below any portrait."""


@dataclass(frozen=True)
class Cut:
    """Heights (m) of the neckline above the root of the neck at back, sides and front; `vee`: depth of a V below that;
    `ease`: slack of the body; `fold`: depth of its folds; `rib`: height and thickness of the neckband."""

    back: float
    side: float
    front: float
    vee: float
    ease: float
    fold: float
    rib: tuple[float, float]
    scale: float = 0.03


CUTS: dict[str, Cut] = {
    "crew": Cut(0.022, 0.012, -0.014, 0.0, 0.006, 0.0035, (0.017, 0.0026)),
    "v_neck": Cut(0.020, 0.010, -0.018, 0.050, 0.006, 0.0035, (0.013, 0.0022)),
    "collar": Cut(0.020, 0.010, -0.018, 0.026, 0.008, 0.0040, (0.010, 0.0024)),
    "hoodie": Cut(0.018, 0.008, -0.020, 0.012, 0.013, 0.0065, (0.020, 0.0050), 0.02),
    "turtleneck": Cut(0.046, 0.038, 0.012, 0.0, 0.006, 0.0030, (0.030, 0.0036), 0.012),
}

SCALES: dict[str, float] = {"plain": 0.02, "stripes": 0.032, "checks": 0.045, "dots": 0.022, "knit": 0.016}
"""Size of one repeat, m."""


def garment_surfaces(model: HeadModel, posed: PosedHead, garment: Garment) -> tuple[Surface, ...]:
    """Return the garment in the head frame, region clothing."""
    shapes.check_kind("garment", garment.kind)
    shapes.check_kind("pattern", garment.pattern)
    cut = CUTS[garment.kind]
    bust = measure(model, posed)
    elevation, radius = _body(bust, cut, garment.seed)
    body = bust.skin.point(bust.azimuth, elevation, radius)
    shade = np.ones(body.shape[:2])
    points, shade = _hang(body, shade, cut, garment.seed, bust.azimuth)
    edge = slice(_ROWS - 9, _ROWS + 5)
    points[edge] = outside(bust, points[edge], 0.004)
    shell = shapes.grid(points, wrap=True, shade=shade)
    shell = shapes.thicken(replace(shell, uv=_panel_uv(shell.positions, bust)), len(points), COLS + 1, 0.003)
    cloth = _cloth(garment.rgb, garment.rgb2, garment.pattern)
    trim = _cloth(garment.rgb, garment.rgb2, garment.pattern if garment.kind == "collar" else "knit")
    extras = _neckband(body, cut)
    if garment.kind == "collar":
        extras = [*_shirt_collar(bust, body, cut), *_buttons(points)]
    elif garment.kind == "hoodie":
        extras = [*extras, _hood(bust, body, garment.seed), *_cords(points)]
    return (
        shapes.surface("garment", shell, cloth, "clothing"),
        shapes.surface("garment_neck", shapes.merge(extras), trim, "clothing"),
    )


def _cloth(rgb: tuple[float, float, float], rgb2: tuple[float, float, float], pattern: str) -> Material:
    return Material("cloth", {"rgb": rgb, "rgb2": rgb2, "pattern": float(shapes.PATTERNS[pattern]), "scale": SCALES[pattern]})


def _neckline(cut: Cut, azimuth: Grid) -> Grid:
    """Height of the neckline above the root of the neck by azimuth."""
    front, side = np.clip(np.cos(azimuth), 0, 1), np.clip(-np.cos(azimuth), 0, 1)
    level = cut.side + (cut.front - cut.side) * front**1.5 + (cut.back - cut.side) * side**1.5
    return np.asarray(level - cut.vee * np.clip(1 - np.abs(azimuth) / 0.75, 0, 1))


def _neckline_elevation(bust: Bust, cut: Cut) -> Grid:
    """Elevation (cols,) where the skin, followed up from the chest, is first as high and as near the neck as the neckline."""
    scan = np.linspace(-1.0, 1.0, 81)[:, None]
    azimuth = np.broadcast_to(bust.azimuth, (len(scan), COLS))
    radius = bust.skin.at(azimuth, np.broadcast_to(scan, azimuth.shape))
    far = np.maximum(NECK_REACH, 1.15 * bust.neck) + (0.0 if cut.vee == 0 else 0.6 * cut.vee) * np.clip(
        1 - np.abs(bust.azimuth) / 0.9, 0, 1
    )
    high = radius * np.sin(scan) >= _neckline(cut, bust.azimuth)
    top = scan[np.argmax(high & (radius * np.cos(scan) <= far), axis=0), 0]
    return ndimage.gaussian_filter1d(top, 1.0 if cut.vee else 3.0, mode="wrap")


def _body(bust: Bust, cut: Cut, seed: int) -> tuple[Grid, Grid]:
    """Return elevation and radius (rows, cols) of the fitted part."""
    top = _neckline_elevation(bust, cut)
    share = np.linspace(0, 1, _ROWS)[:, None]
    elevation = top + (np.minimum(bust.lowest, top - 0.25) - top) * share
    floor = bust.skin.at(np.broadcast_to(bust.azimuth, elevation.shape), elevation)
    tuck = (1.10 * bust.neck + 0.004) / np.cos(elevation)  # a high neckline goes up inside the jaw, not round it
    start = 0.35 * (1 - np.clip(np.cos(bust.azimuth), 0, 1) ** 0.5)
    floor = np.where(elevation > start, np.minimum(floor, tuck), floor)
    loose = np.clip(share * 4, 0, 1)
    floor = floor + 0.002 + (cut.ease - 0.002) * loose
    sheet = floor + (drape(floor, 1.5, 8, wrap=True) - floor) * np.clip(share * 6, 0, 1)
    wave = shapes.folds(seed, "wear.garment.folds", bust.azimuth[None, :], 6 * share, 7, 5.0)
    return elevation, sheet + cut.fold * loose * np.clip(0.5 + 0.8 * wave, 0, 1.6)


def _hang(body: Grid, shade: Grid, cut: Cut, seed: int, azimuth: Grid) -> tuple[Grid, Grid]:
    """Go on below the bust: rounded over the upper arms, then hanging, creased between arm and chest."""
    last, before = body[-1], body[-3]
    flat = last * [1, 0, 1]
    out = shapes.unit(flat - [0, 0, last[:, 2].mean()])
    slope = np.clip(np.sum((last - before) * out, 1) / np.maximum(before[:, 1] - last[:, 1], 1e-3), 0.0, 2.5)
    fall = np.linspace(0, 1, _HANG + 1)[1:, None] ** 1.6
    y = last[:, 1] + (HEM_Y - last[:, 1]) * fall
    drop = last[:, 1] - y
    reach = 0.016 * slope * (1 - np.exp(-drop / 0.016)) + 0.02 * drop * (1 - np.exp(-drop / 0.1))
    wave = shapes.folds(seed, "wear.garment.hang", azimuth[None, :], 5 * fall, 6, 6.0)
    cleft = 0.74 * np.abs(last[:, 0]).max()
    crease = np.exp(-(((np.abs(last[:, 0]) - cleft) / 0.014) ** 2)) * np.clip(drop / 0.08, 0, 1)
    reach = reach + cut.fold * (0.5 + 0.8 * wave) - 0.016 * crease
    rows = np.stack([last[:, 0] + reach * out[:, 0], y, last[:, 2] + reach * out[:, 2]], -1)
    joined = np.concatenate([body, rows])
    band = slice(_ROWS - 9, _ROWS + 2)
    softened = ndimage.gaussian_filter1d(joined, 2.0, axis=0, mode="nearest")
    lift = np.sum((softened - joined) * out, -1, keepdims=True)[band]
    joined[band] += np.maximum(lift, -0.004) * out
    return joined, np.concatenate([shade, 1 - 0.4 * np.clip(crease, 0, 1)])


def _panel_uv(points: NDArray[np.floating], bust: Bust) -> NDArray[np.float32]:
    """Return cloth coordinates (N, 2) of a front and a back panel joined along the shoulders, so that stripes run level."""
    offset = points - bust.skin.center
    around = np.abs(arctan2(offset[:, 0], np.abs(offset[:, 2])))
    side = np.clip((around - 0.7) / 0.7, 0, 1)
    depth = np.abs(offset[:, 2])
    across = offset[:, 0] - np.sign(offset[:, 0]) * depth * side
    return np.stack([across, offset[:, 1] - 0.6 * depth * (1 - side)], -1).astype(np.float32)


def _neckband(body: Grid, cut: Cut) -> list[Shape]:
    """A rib along the neckline, standing a little proud of the cloth."""
    edge, below = body[0], body[2]
    along = shapes.unit(edge - below)
    height, thickness = cut.rib
    out = shapes.unit(np.cross(np.roll(edge, -1, 0) - np.roll(edge, 1, 0), along))
    path = edge - along * (0.40 * height) + out * (0.35 * thickness)
    return [shapes.tube(path, shapes.rounded(thickness, height, 8, 2.6), along, closed=True)]


def _shirt_collar(bust: Bust, body: Grid, cut: Cut) -> list[Shape]:
    """A stand round the neck and two leaves folded over it, open at the throat."""
    span = np.radians(158.0)
    angle = np.linspace(-span, span, 49) + np.pi
    angle = (angle + np.pi) % (2 * np.pi) - np.pi
    edge = np.stack([np.interp(angle, bust.azimuth, body[0][:, k], period=2 * np.pi) for k in range(3)], -1)
    out = shapes.unit((edge - bust.skin.center) * [1, 0, 1])
    forward = np.clip(np.cos(angle), 0, 1)[:, None]
    up = np.array([0.0, 1.0, 0.0])
    top = edge + up * (0.026 - 0.004 * forward) + out * 0.004
    top = outside(bust, top, 0.003)
    fold = top + out * 0.005 + up * 0.001
    fall = 0.030 + 0.034 * forward**4
    leaf = outside(bust, edge + out * (0.016 + 0.008 * forward) - up * (fall - 0.026), 0.010)
    middle = (fold + leaf) / 2 + out * 0.003
    stand = np.stack([edge - up * 0.004 + out * 0.001, (edge + top) / 2, top, fold, middle, leaf])
    inner = leaf - out * 0.002
    return [shapes.grid(np.concatenate([stand, inner[None]])[:, ::1])]


def _buttons(points: Grid) -> list[Shape]:
    column = points[:, COLS // 2 - 1 : COLS // 2 + 1].mean(1)
    made = []
    for drop in (0.02, 0.10, 0.19):
        k = int(np.argmin(np.abs(column[:, 1] - (column[0, 1] - drop))))
        made.append(shapes.ellipsoid(column[k] + [0, 0, 0.0005], (0.0052, 0.0052, 0.0020)))
    return made


def _hood(bust: Bust, body: Grid, seed: int) -> Shape:
    """The hood lying bunched on shoulders and back: a thick roll, thin at the throat."""
    edge = body[1]
    angle = bust.azimuth
    behind = np.clip(0.35 - 0.65 * np.cos(angle), 0.12, 1)[:, None]
    wave = shapes.folds(seed, "wear.garment.hood", angle, np.zeros_like(angle), 5, 4.0)[:, None]
    out = shapes.unit((edge - bust.skin.center) * [1, 0, 1])
    thick = 0.052 * behind * (1 + 0.12 * wave) + 0.006
    path = edge + out * (0.45 * thick) + np.array([0, 1.0, 0]) * (0.22 * thick)
    path = outside(bust, path, 0.004)
    profile = shapes.rounded(1.0, 0.8, 9, 2.2) * thick[:, None]
    return shapes.tube(path, profile, np.array([0.0, 1.0, 0.0]), closed=True)


def _cords(points: Grid) -> list[Shape]:
    made = []
    for col in (COLS // 2 - 4, COLS // 2 + 3):
        path = points[1:16, col] + [0, 0, 0.004]
        made.append(shapes.tube(path, shapes.rounded(0.0045, 0.0045, 5, 2.0), np.array([1.0, 0.0, 0.0])))
    return made
