"""Garments over neck, shoulders and chest: the body of the cloth here, what is sewn to it in collars.py, jacket.py, drapes.py.

A garment is a grid over directions from the root of the neck: azimuth round the body, and from the neckline outwards and down.
Its floor is the outermost skin plus the cloth's ease; below the bust it goes on as a hanging body, out of every portrait's frame.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from facegen.geometry.angle import arctan2
from facegen.sample import Garment
from facegen.scene import Surface
from facegen.wear import shapes
from facegen.wear.bust import COLS, Bust, Grid, measure, outside
from facegen.wear.cuts import CUTS, Cut
from facegen.wear.fabric import fabric
from facegen.wear.fitting import drape
from facegen.wear.sheet import Body, Sheet
from facegen.wear.tailor import sewn

if TYPE_CHECKING:
    from facegen.head.model import HeadModel, PosedHead

_ROWS = 26
_HANG = 9
HEM_Y = -0.85
"""Height where the hanging body ends, far below any portrait."""


def garment_surfaces(model: HeadModel, posed: PosedHead, garment: Garment, hood_up: bool = False) -> tuple[Surface, ...]:
    """Return the garment in the head frame, region clothing; its body comes first. A hood that is `hood_up` is headwear's."""
    shapes.check_kind("garment", garment.kind)
    shapes.check_kind("pattern", garment.pattern)
    cut = CUTS[garment.kind]
    bust = measure(model, posed)
    elevation, radius = _body(bust, cut, garment.seed)
    fitted = bust.skin.point(bust.azimuth, elevation, radius)
    points, shade = _hang(fitted, np.ones(fitted.shape[:2]), cut, garment.seed, bust.azimuth)
    edge = slice(_ROWS - 9, _ROWS + 5)
    points[edge] = outside(bust, points[edge], 0.004)
    shell = shapes.grid(points, wrap=True, shade=shade)
    shell = shapes.thicken(replace(shell, uv=_panel_uv(shell.positions, bust)), len(points), COLS + 1, 0.003)
    seam = cut.sleeve * float(np.abs(bust.skin.point(bust.azimuth, bust.lowest, bust.skin.at(bust.azimuth, bust.lowest))).max())
    inner = garment.kind in ("blazer", "jacket", "pinafore", "sari")  # the colours belong to what is worn over it
    cloth = fabric(
        garment.rgb2 if inner else garment.rgb,
        garment.rgb if inner else garment.rgb2,
        "plain" if inner else garment.pattern,
        weave=cut.weave,
        crease=cut.crease,
        sleeve=seam,
        seed=garment.seed,
    )
    body = shapes.surface("garment", shell, cloth, "clothing")
    parts = sewn(garment, Body(bust, cut, points, Sheet.of(points)), seam, hood_up)
    return (body, *(shapes.surface(name, shape, material, "clothing") for name, shape, material in parts))


def _neckline(cut: Cut, azimuth: Grid) -> Grid:
    """Height of the neckline above the root of the neck by azimuth."""
    front, side = np.clip(np.cos(azimuth), 0, 1), np.clip(-np.cos(azimuth), 0, 1)
    level = cut.side + (cut.front - cut.side) * front**1.5 + (cut.back - cut.side) * side**1.5
    return np.asarray(level - cut.vee * np.clip(1 - np.abs(azimuth) / 0.75, 0, 1))


def _neckline_elevation(bust: Bust, cut: Cut) -> Grid:
    """Elevation (cols,) where the skin, followed up from the chest, is first as high and as near the neck as the neckline."""
    scan = np.linspace(-1.0, 1.0, 241)[:, None]
    azimuth = np.broadcast_to(bust.azimuth, (len(scan), COLS))
    radius = bust.skin.at(azimuth, np.broadcast_to(scan, azimuth.shape))
    far = np.maximum(cut.reach, 1.15 * bust.neck) + (0.0 if cut.vee == 0 else 0.6 * cut.vee) * np.clip(
        1 - np.abs(bust.azimuth) / 0.9, 0, 1
    )
    level, flat = _neckline(cut, bust.azimuth), radius * np.cos(scan)
    high = (radius * np.sin(scan) >= level) & (flat <= far)
    if cut.half > 0:
        high = (radius * np.sin(scan) >= np.minimum(level, cut.front)) & (flat * np.abs(np.sin(azimuth)) <= cut.half)
        high &= (np.cos(azimuth) > 0) | (flat <= far)
    top = scan[np.argmax(high, axis=0), 0]
    return ndimage.gaussian_filter1d(top, 1.0 if cut.vee else 1.6 if cut.half else 3.0, mode="wrap")


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
    taut = np.clip(share * 6 + (1.0 if cut.reach > 0.09 else 0.0), 0, 1)  # a wide neckline lies on the chest, stretched
    sheet = floor + (drape(floor, 1.5 if cut.reach < 0.09 else 2.5, 8, wrap=True) - floor) * taut
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
    side = np.clip((around - 1.15) / 0.4, 0, 1)
    depth = np.abs(offset[:, 2])
    across = offset[:, 0] - np.sign(offset[:, 0]) * depth * side
    return np.stack([across, offset[:, 1] - 0.6 * depth], -1).astype(np.float32)
