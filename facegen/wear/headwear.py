"""Caps, beanies, bucket hats and the hijab, stretched over the skull.

A hat is a grid over directions from inside the skull, from its crown down to its rim; its floor is the outermost skin (ears too
where the hat covers them) plus room for pressed hair. The hijab opens round the face instead and falls on the shoulders.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from facegen.sample import Headwear
from facegen.scene import Material, Surface
from facegen.wear import shapes
from facegen.wear.fitting import RadialMap, drape, radial_map
from facegen.wear.hijab import hijab_shapes
from facegen.wear.shapes import Params, Shape

if TYPE_CHECKING:
    from facegen.head.model import HeadModel, PosedHead

Grid = NDArray[np.float64]

HAIR = 0.0055
"""Room for hair pressed under a hat (looks/hair_under_hat.py presses it to 2.5 mm)."""
_COLS, _ROWS = 60, 20


@dataclass(frozen=True)
class Cut:
    """`front`, `back`: height of the rim over the eye centres at forehead and nape (m, on the mean skull); `crown`: extra height
    of the top; `fold`: depth of wrinkles; `pattern`, `scale` of the cloth."""

    front: float
    back: float
    crown: float
    fold: float
    pattern: str
    scale: float


CUTS: dict[str, Cut] = {
    "cap": Cut(0.050, 0.024, 0.012, 0.0010, "plain", 0.02),
    "beanie": Cut(0.040, 0.006, 0.016, 0.0025, "knit", 0.022),
    "bucket": Cut(0.044, 0.018, 0.010, 0.0020, "plain", 0.02),
    "hijab": Cut(0.045, 0.0, 0.0, 0.0020, "plain", 0.02),
}
MEAN_RADIUS_Y = 0.086
"""Vertical radius of the mean skull, which the rim heights are given for."""


def headwear_surfaces(
    model: HeadModel, posed: PosedHead, headwear: Headwear, under: NDArray[np.floating] | None = None
) -> tuple[Surface, ...]:
    """Return the hat or headscarf in the head frame, region headwear; a headscarf lies over garment points `under` (N, 3)."""
    shapes.check_kind("headwear", headwear.kind)
    cut = CUTS[headwear.kind]
    if headwear.kind == "hijab":
        draped = zip(("hijab_hood", "hijab_drape"), hijab_shapes(model, posed, headwear.seed, under), strict=True)
        return tuple(_surface(name, shape, headwear.rgb, cut) for name, shape in draped)
    skull = _skull_map(posed, model)
    shell, rim = _dome(skull, posed, cut, headwear)
    parts = [("hat", shapes.thicken(shapes.grid(shell, wrap=True, shade=_seams(headwear.kind)), len(shell), _COLS + 1, 0.002))]
    if headwear.kind == "cap":
        parts += [
            ("visor", _visor(skull, shell)),
            ("hat_button", shapes.ellipsoid(shell[0].mean(0) + [0, 0.001, 0], (0.006, 0.004, 0.006))),
        ]
    elif headwear.kind == "beanie":
        parts.append(("hat_fold", _turn_up(shell, 0.048, 0.0055, headwear.seed)))
    else:
        parts.append(("brim", _brim(skull, rim, headwear.seed)))
    return tuple(_surface(name, shape, headwear.rgb, cut) for name, shape in parts)


def _surface(name: str, shape: Shape, rgb: tuple[float, float, float], cut: Cut) -> Surface:
    dark = tuple(0.55 * c for c in rgb)
    params: Params = {"rgb": rgb, "rgb2": dark, "pattern": float(shapes.PATTERNS[cut.pattern]), "scale": cut.scale}
    return shapes.surface(name, shape, Material("cloth", params), "headwear")


def _skull_map(posed: PosedHead, model: HeadModel) -> RadialMap:
    points = np.asarray(posed.vertices, np.float64)
    head = points[(points[:, 1] > -0.01) & (model.topology.masks["ears"] < 0.3)]
    top = head[:, 1].max()
    upper = head[head[:, 1] > 0.25 * top]
    center = np.array([0.0, 0.32 * top, (upper[:, 2].min() + upper[:, 2].max()) / 2])
    return radial_map(head, center, 48, 96)


def _dome(skull: RadialMap, posed: PosedHead, cut: Cut, headwear: Headwear) -> tuple[Grid, Grid]:
    """Return the shell (rows, cols, 3) from crown to rim, and the rim (cols, 3)."""
    azimuth = -np.pi + np.arange(_COLS) * 2 * np.pi / _COLS
    top = float(np.max(posed.vertices[:, 1]))
    scale = (top - 0.29 * top) / MEAN_RADIUS_Y
    front, back = cut.front * scale, cut.back * scale
    target = 0.5 * (front + back) + 0.5 * (front - back) * np.cos(azimuth)
    target = target + np.tan(np.radians(headwear.tilt_deg)) * 0.075 * np.sin(azimuth)
    rim = np.zeros_like(azimuth)
    for _ in range(6):
        rim = 0.5 * (rim + np.arcsin(np.clip((target - skull.center[1]) / skull.at(azimuth, rim), -0.9, 0.9)))
    share = np.linspace(0.02, 1, _ROWS)[:, None]
    elevation = np.pi / 2 + (rim - np.pi / 2) * share
    floor = skull.at(np.broadcast_to(azimuth, elevation.shape), elevation) + HAIR
    floor[0] = floor[0].mean()
    sheet = drape(floor, 2.0, 8, wrap=True)
    wave = shapes.folds(headwear.seed, "wear.headwear.folds", azimuth[None, :], 5 * share, 6, 4.0)
    crown = cut.crown * np.cos(np.pi / 2 * share) ** 0.8
    loose = np.clip((1 - share) * 5, 0, 1) * np.clip(share * 4, 0, 1)
    points = skull.point(azimuth, elevation, sheet + crown + cut.fold * loose * (0.6 + wave).clip(0))
    return points, points[-1]


def _seams(kind: str) -> Grid:
    """Darker lines along the panels of a cap."""
    shade = np.ones((_ROWS, _COLS))
    if kind == "cap":
        shade[:, :: _COLS // 6] = 0.7
    shade[0] = 0.9
    return shade


def _visor(skull: RadialMap, shell: Grid) -> Shape:
    """A curved, stiff peak over the brow: both faces and a rounded edge."""
    azimuth = np.linspace(-1.02, 1.02, 25)
    cols = np.linspace(-np.pi, np.pi, _COLS + 1)[:-1]
    edge = np.stack([np.interp(azimuth, cols, shell[-1][:, k]) for k in range(3)], -1)
    share = np.linspace(0, 1, 8)[:, None]
    across = azimuth / 1.02
    length = 0.068 * np.clip(1 - np.abs(across) ** 2.6, 0, 1) ** 0.75 + 0.002
    ahead = shapes.unit(np.stack([0.30 * np.sin(azimuth), np.zeros_like(azimuth), np.ones_like(azimuth)], -1))
    top = edge[None] + ahead[None] * (share * length)[..., None] + [0, 0.002, 0]
    top[..., 1] += -(0.30 * share + 0.10 * share**2) * length - 0.012 * share * np.abs(across) ** 2 * (1 - across**8)
    under = top[::-1] - np.array([0, 0.0028, 0])
    return shapes.grid(np.concatenate([top, under]), shade=np.repeat([1.0, 0.8], 8)[:, None] * np.ones((16, 25)))


def _turn_up(shell: Grid, height: float, thickness: float, seed: int) -> Shape:
    """The doubled band of a beanie."""
    down = np.cumsum(np.linalg.norm(np.diff(shell, axis=0), axis=-1).mean(1)[::-1])
    first = len(shell) - 2 - int(np.searchsorted(down, height))
    band = shell[first:]
    out = shapes.unit(band - band.mean((0, 1)) * [0, 1, 1])
    swell = np.sin(np.linspace(0.25, np.pi - 0.25, len(band)))[:, None, None]
    outer = band + out * (thickness * (0.75 + 0.35 * swell))
    return shapes.thicken(shapes.grid(outer, wrap=True), len(outer), _COLS + 1, thickness)


def _brim(skull: RadialMap, rim: Grid, seed: int) -> Shape:
    """A soft brim falling outwards all round."""
    azimuth = -np.pi + np.arange(_COLS) * 2 * np.pi / _COLS
    out = shapes.unit((rim - skull.center) * [1, 0, 1])
    share = np.linspace(0, 1, 7)[:, None]
    wave = shapes.folds(seed, "wear.headwear.brim", azimuth, np.zeros_like(azimuth), 4, 3.0)
    length = 0.052
    top = rim[None] + out[None] * (share * length * 0.80)[..., None]
    top[..., 1] -= share * length * (0.62 + 0.06 * wave)
    under = top[::-1] - np.array([0, 0.0022, 0])
    return shapes.grid(np.concatenate([top, under]), wrap=True, shade=np.repeat([1.0, 0.8], 7)[:, None] * np.ones((14, _COLS)))
