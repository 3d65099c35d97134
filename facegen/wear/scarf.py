"""The wool scarf: three gathered loops round the neck and one hanging end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from facegen.geometry.angle import arctan2
from facegen.sample import Neckwear
from facegen.scene import Surface
from facegen.wear import shapes
from facegen.wear.bust import Bust, Grid, measure
from facegen.wear.fabric import fabric, shaded
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
    knit = scarf.seed % 3 > 0
    pattern = "knit" if knit else ("plaid", "stripes", "plain")[scarf.seed // 3 % 3]
    cloth = fabric(scarf.rgb, shaded(scarf.rgb, 0.35), pattern, weave="wool", crease=0.0035, seed=scarf.seed)
    return (shapes.surface("scarf", shapes.merge(loops), cloth, "clothing"),)


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
