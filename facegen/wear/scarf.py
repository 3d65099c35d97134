"""The wool scarf: three gathered loops round the neck and one hanging end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from facegen.geometry.angle import arctan2
from facegen.sample import Neckwear
from facegen.scene import Surface
from facegen.wear import shapes
from facegen.wear.around import FaceAxis
from facegen.wear.bust import Bust, Grid, measure
from facegen.wear.fabric import fabric, shaded
from facegen.wear.fitting import drape
from facegen.wear.shapes import Shape

if TYPE_CHECKING:
    from facegen.head.model import HeadModel, PosedHead


def scarf_surfaces(
    model: HeadModel, posed: PosedHead, scarf: Neckwear, under: NDArray[np.floating] | None = None
) -> tuple[Surface, ...]:
    """Return a wool scarf wound round the neck, below the chin, with one end hanging; region clothing.

    `under` (N, 3): points of the garment that it lies on.
    """
    shapes.check_kind("scarf", scarf.kind)
    bust = measure(model, posed, under)
    angle = bust.azimuth
    loops = []
    for k, (lift, thick) in enumerate(((0.030, 0.019), (0.004, 0.024), (-0.012, 0.020))):
        wave = shapes.folds(scarf.seed, f"wear.scarf.{k}", angle, np.zeros_like(angle), 5, 4.0)
        other = shapes.folds(scarf.seed, f"wear.scarf.thick.{k}", angle, np.zeros_like(angle), 5, 5.0)
        front = np.clip(np.cos(angle), 0, 1)
        y = lift - 0.034 * front + 0.006 * wave
        width = thick * (1 + 0.16 * other)
        elevation = arctan2(y, 0.07)
        level = bust.skin.at(angle, elevation) * np.cos(elevation)
        rho = np.minimum(level, 0.085) + 0.75 * width + 0.010 * k
        path = bust.skin.center + np.stack([rho * np.sin(angle), y, rho * np.cos(angle)], -1)
        turn = _bundle(1.0, 1.25, angle * (2 + k), 12) * width[:, None, None] * 1.6
        loops.append(shapes.tube(path, turn, np.array([0.0, 1.0, 0.0]), closed=True))
    loops.append(_scarf_end(bust, scarf.seed))
    if scarf.position == "mouth":
        loops.append(_over_mouth(model, posed, scarf.seed))
    knit = scarf.seed % 3 > 0
    pattern = "knit" if knit else ("plaid", "stripes", "plain")[scarf.seed // 3 % 3]
    cloth = fabric(scarf.rgb, shaded(scarf.rgb, 0.35), pattern, weave="wool", crease=0.0035, seed=scarf.seed)
    return (shapes.surface("scarf", shapes.merge(loops), cloth, "clothing"),)


def _over_mouth(model: HeadModel, posed: PosedHead, seed: int) -> Shape:
    """A turn of the scarf drawn up over chin and mouth to the nose, gathered into folds, down to the loops at the throat."""
    head = FaceAxis.of(model, posed)
    center = head.center
    marks = np.asarray(posed.vertices, np.float64)
    nose = marks[(model.topology.masks["nose"] > 0.3) & (np.abs(marks[:, 0]) < 0.008)]
    tip = nose[np.argmax(nose[:, 2])]
    u = np.linspace(-1, 1, 49)
    v = np.linspace(0, 1, 22)[:, None]
    high = tip[1] + 0.006 - 0.030 * np.abs(u) ** 1.6
    low = center[1] - 0.118 + 0.03 * np.abs(u)
    y = high + (low - high) * v
    reach = np.radians(118.0)
    azimuth = np.broadcast_to(u * reach, y.shape)
    out = head.level(azimuth, y, 0.004)
    wave = shapes.folds(seed, "wear.scarf.mouth", np.pi * u[None], 8 * v, 6, 3.0)
    ridge = 0.5 + 0.5 * np.sin(2 * np.pi * (3.6 * v + 0.35 * wave))
    sheet = drape(out, 2.0, 10) + 0.005 + 0.007 * ridge * np.clip(v * 8, 0.3, 1) + 0.010 * v
    points = center + np.stack([np.sin(azimuth) * sheet, y - center[1] + 0 * sheet, np.cos(azimuth) * sheet], -1)
    shade = 1 - 0.45 * (1 - ridge) * np.clip(v * 6, 0, 1)
    return shapes.thicken(shapes.grid(points, shade=shade), 22, 49, 0.004)


def _bundle(width: float, height: float, twist: Grid, sides: int) -> Grid:
    """Return outlines (N, sides, 2) of cloth gathered into a few folds that turn by `twist` (N,) along the way."""
    around = (np.arange(sides) + 0.5) * 2 * np.pi / sides
    ridges = 1 + 0.13 * np.sin(4 * around + twist[:, None])
    return shapes.rounded(width, height, sides, 2.3) * ridges[..., None]


def _scarf_end(bust: Bust, seed: int) -> Shape:
    share = np.linspace(0, 1, 12)
    side = 1.0 if seed % 2 else -1.0
    angle = side * (0.30 - 0.05 * share)
    y = -0.01 - 0.36 * share
    elevation = np.maximum(arctan2(y, 0.10), -1.1)
    rho = np.maximum.accumulate(np.minimum(bust.skin.at(angle, elevation) * np.cos(elevation), 0.16)) + 0.024
    path = bust.skin.center + np.stack([rho * np.sin(angle), y, rho * np.cos(angle)], -1)
    return shapes.tube(path, _bundle(0.066, 0.018, 3 * share, 12), np.array([0.0, 0.0, 1.0]))
