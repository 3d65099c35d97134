"""Crowns of hats: what is stretched, sewn, wound or blocked over the skull, as a grid from its middle down to its rim.

The floor is the outermost skin along each direction plus room for pressed hair, so that no crown can be pierced. Soft ones (caps,
beanies, turbans) are a membrane over that floor; blocked ones (fedoras, bucket hats) have a wall and a top of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from facegen.geometry.angle import arctan2
from facegen.resources import asset_json
from facegen.sample import Headwear
from facegen.wear import shapes
from facegen.wear.fitting import RadialMap, drape, radial_map

if TYPE_CHECKING:
    from facegen.head.model import HeadModel, PosedHead

Grid = NDArray[np.float64]

HAIR = 0.0055
"""Room for hair pressed under a hat (looks/hair/under_hat.py presses it to 2.5 mm)."""
TIGHT = 0.0036
"""And under a knit."""
MEAN_RADIUS_Y = 0.086
"""Vertical radius of the mean skull, which the rim heights of assets/wear/hats.json are given for."""
_PANEL = np.array([0.0, 0.022, 0.065, 0.16, 0.28, 0.42, 0.58, 0.72, 0.84, 0.935, 0.978])
"""Columns of a cap's panel as shares of its width: close together at the seam and its two rows of stitches."""
_SEAM = np.array([-0.0016, -0.0001, -0.0004, 0.0005, 0.0011, 0.0014, 0.0014, 0.0011, 0.0005, -0.0004, -0.0001])
_SEAM_SHADE = np.array([0.45, 0.97, 0.82, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.82, 0.97])


@dataclass(frozen=True)
class Cut:
    """`crown`: least and greatest extra height of the top (m); `fold`: depth of wrinkles; `weave`, `crease` of the cloth
    (wear/fabric.py); `taper`: width of a blocked hat's top over its rim's (0: not blocked); `soft`: rounds its edge."""

    crown: tuple[float, float]
    fold: float
    weave: str
    crease: float
    taper: tuple[float, float] = (0.0, 0.0)
    soft: float = 1.0


CUTS: dict[str, Cut] = {
    "cap": Cut((0.006, 0.020), 0.0006, "twill", 0.0014),
    "beanie": Cut((0.004, 0.034), 0.0030, "wool", 0.0026),
    "bucket": Cut((0.000, 0.004), 0.0012, "twill", 0.0030, (0.88, 0.96), 1.6),
    "fedora": Cut((0.016, 0.026), 0.0004, "wool", 0.0, (0.80, 0.88), 1.7),
    "turban": Cut((0.004, 0.010), 0.0, "woven", 0.0040),
    "bobble_hat": Cut((0.006, 0.030), 0.0030, "wool", 0.0026),
    "sun_hat": Cut((0.010, 0.022), 0.0014, "woven", 0.0020),
    "visor": Cut((0.004, 0.006), 0.0, "twill", 0.0),
    "headband": Cut((0.004, 0.006), 0.0012, "jersey", 0.0020),
    "hard_hat": Cut((0.030, 0.036), 0.0, "plain", 0.0),
    "bike_helmet": Cut((0.024, 0.032), 0.0, "plain", 0.0),
}


@dataclass(frozen=True)
class Crown:
    """`shell` (rows, cols, 3) from the middle of the top to the rim, head frame; `shade` (rows, cols) ambient; `azimuth` (cols,)
    of its columns; `center` (3,) of the skull."""

    shell: Grid
    shade: Grid
    azimuth: Grid
    center: Grid

    def strip(self, heights: NDArray[np.floating]) -> Grid:
        """Return the points (K, cols, 3) that lie `heights` (K,) m above the rim along the shell."""
        down = np.cumsum(np.linalg.norm(np.diff(self.shell, axis=0), axis=-1)[::-1], axis=0)
        along = np.concatenate([np.zeros((1, self.shell.shape[1])), down])
        made = np.empty((len(heights), *self.shell.shape[1:]))
        for col in range(self.shell.shape[1]):
            for k in range(3):
                made[:, col, k] = np.interp(heights, along[:, col], self.shell[::-1, col, k])
        return made

    def on(self, x: NDArray[np.floating], height: NDArray[np.floating]) -> Grid:
        """Return points (N, 3) of the front at `x` (N,) m left of its middle along the cloth, `height` (N,) above the rim."""
        levels = np.linspace(0.0, 0.09, 19)
        rows = self.strip(levels)
        cols = np.abs(self.azimuth) < 1.3
        made = []
        for a, h in zip(x, height, strict=True):
            at = np.stack([[np.interp(h, levels, rows[:, c, k]) for c in np.flatnonzero(cols)] for k in range(3)], -1)
            along = np.pad(np.cumsum(np.linalg.norm(np.diff(at, axis=0), axis=-1)), (1, 0))
            along = along - np.interp(0.0, self.azimuth[cols], along)
            made.append([np.interp(a, along, at[:, k]) for k in range(3)])
        return np.asarray(made)

    def rim(self, azimuth: NDArray[np.floating]) -> Grid:
        """Return the points (N, 3) of the rim at `azimuth` (N,)."""
        return np.stack([np.interp(azimuth, self.azimuth, self.shell[-1][:, k], period=2 * np.pi) for k in range(3)], -1)


def ring(cols: int) -> Grid:
    """Return azimuths (cols,) evenly round the head, the middle one straight ahead."""
    return np.asarray(-np.pi + np.arange(cols) * 2 * np.pi / cols)


def crown_of(model: HeadModel, posed: PosedHead, headwear: Headwear, style: np.random.Generator) -> Crown:
    """Return the crown of `headwear`, drawn from `style` within its cut."""
    cut = CUTS[headwear.kind]
    skull = _skull_map(posed, model)
    cols, rows = {"cap": (66, 30), "turban": (66, 42)}.get(headwear.kind, (60, 24))
    azimuth = ring(cols)
    if headwear.kind == "cap":
        azimuth = -np.pi + (np.arange(6)[:, None] + _PANEL).ravel() * np.pi / 3
    rim = _rim(skull, posed, headwear, azimuth)
    height = float(style.uniform(*cut.crown))
    if cut.taper[1] > 0:
        return _blocked(skull, posed, cut, headwear, azimuth, rim, height, float(style.uniform(*cut.taper)))
    share = np.linspace(0.02, 1, rows)[:, None]
    elevation = np.pi / 2 + (rim - np.pi / 2) * share
    room = TIGHT if headwear.kind in ("beanie", "bobble_hat") else HAIR
    floor = skull.at(np.broadcast_to(azimuth, elevation.shape), elevation) + room
    floor[0] = floor[0].mean()
    sheet = drape(floor, 2.0, 8, wrap=True)
    wave = shapes.folds(headwear.seed, "wear.headwear.folds", azimuth[None, :], 5 * share, 6, 4.0)
    loose = np.clip((1 - share) * 5, 0, 1) * np.clip(share * 4, 0, 1)
    more, shade = _MADE.get(headwear.kind, _dome)(azimuth[None], share, height, headwear.seed, style)
    radius = sheet + more + cut.fold * loose * (0.6 + wave).clip(0)
    shade[0] *= 0.9
    return Crown(skull.point(azimuth, elevation, np.maximum(radius, floor)), shade, azimuth, skull.center)


def _dome(azimuth: Grid, share: Grid, height: float, seed: int, style: np.random.Generator) -> tuple[Grid, Grid]:
    """A dome that rises evenly towards its top."""
    return height * np.cos(np.pi / 2 * share) ** 0.8 + 0 * azimuth, np.ones((len(share), azimuth.shape[1]))


def _panels(azimuth: Grid, share: Grid, height: float, seed: int, style: np.random.Generator) -> tuple[Grid, Grid]:
    """A baseball cap: six panels sewn together, the two in front standing off the forehead, the others close to the skull."""
    front = np.clip(0.25 + 0.9 * np.cos(azimuth), 0, 1) ** 1.3
    stand = height * np.sin(np.pi * np.clip(share, 0, 1) ** 0.85) ** 0.9
    top = 0.004 * np.cos(np.pi / 2 * share)
    ease = np.clip(share * 5, 0, 1) * np.clip((1 - share) * 8, 0.35, 1)
    pattern, tone = np.tile(_SEAM, 6)[None], np.tile(_SEAM_SHADE, 6)[None]
    dent = 0.0022 * np.clip(shapes.folds(seed, "wear.headwear.dents", azimuth, 3 * share, 5, 3.0), -0.4, 1) * (1 - front)
    shade = 1 - (1 - tone) * np.clip(share * 6, 0.2, 1)
    shade[-3] *= 0.88  # the stitches of the sweatband
    return front * stand + top + ease * (pattern + dent), shade


def _slouch(azimuth: Grid, share: Grid, height: float, seed: int, style: np.random.Generator) -> tuple[Grid, Grid]:
    """A knitted hat: close to the skull, its slack gathered at the top and falling backwards."""
    behind = 1 - 0.45 * np.cos(azimuth) * np.clip(share * 2, 0, 1)
    gather = 0.15 + 0.85 * np.clip((height - 0.010) / 0.024, 0, 1)
    wave = shapes.folds(seed, "wear.headwear.slouch", azimuth, 9 * share, 6, 3.0)
    rise = height * np.cos(np.pi / 2 * share) ** 1.1 * behind
    sag = 0.004 * gather * wave * np.clip((0.8 - share) * 3, 0, 1) * np.clip(share * 5, 0, 1)
    return 0.0025 * np.clip((1 - share) * 8, 0, 1) + rise + sag, 1 + 0 * rise - 8 * np.clip(-sag, 0, None) * np.ones_like(azimuth)


def _wound(azimuth: Grid, share: Grid, height: float, seed: int, style: np.random.Generator) -> tuple[Grid, Grid]:
    """A turban: layers that rise from behind the ears and cross over the brow, one over the other, fullest above the ears."""
    count = float(style.uniform(4.0, 6.5))
    slant = (0.34 + 0.06 * np.sin(seed % 11)) * np.abs(np.sin(azimuth / 2)) ** 0.8
    slant = slant + 0.05 * np.tanh(azimuth / 0.15) * np.cos(azimuth / 2) ** 2  # of two sides that cross, one lies on top
    layer = (share - slant) * count + 9
    step = layer - np.floor(layer)  # 1 at the lower edge of a layer, which lies over the next
    ledge = np.clip(step, 0, 1) ** 0.8
    full = np.sin(np.pi * np.clip(0.12 + 0.83 * share, 0, 1)) ** 0.7 * np.clip((1 - share) * 9, 0.15, 1)
    full = full * (1 - 0.18 * np.cos(azimuth) * share) + 0.10 * np.cos(2 * azimuth) * (1 - share) * share
    bulk = float(style.uniform(0.020, 0.034))
    inner = np.clip(share * 4, 0, 1)
    tone = np.where(step < 0.13, 0.5, np.where(step > 0.90, 0.92, 1.0))
    return height + full * bulk + inner * 0.0065 * ledge * np.clip((1 - share) * 9, 0.3, 1), 1 - (1 - tone) * inner


_MADE = {"cap": _panels, "beanie": _slouch, "bobble_hat": _slouch, "turban": _wound}


def _blocked(
    skull: RadialMap, posed: PosedHead, cut: Cut, headwear: Headwear, azimuth: Grid, rim: Grid, height: float, taper: float
) -> Crown:
    """A wall that leans inwards from the rim to a top `height` above the skull, `taper` as wide; a fedora is creased."""
    rows, wall = 30, 12
    share = np.linspace(0, 1, rows)
    edge = (rows - 1 - wall) / (rows - 1)
    wide = np.interp(share, [0, edge, 1], [0.02, taper, 1.0])
    tall = np.interp(share, [0, edge, 1], [1.0, 0.97, 0.0])
    wide, tall = (ndimage.gaussian_filter1d(a, cut.soft, mode="nearest") for a in (wide, tall))
    wide, tall = (a + (b - a[-1]) * np.clip(share * 3 - 2, 0, 1) for a, b in ((wide, 1.0), (tall, 0.0)))
    foot = skull.point(azimuth, rim, skull.at(azimuth, rim) + HAIR + 0.001)
    middle = np.array([0.0, 0.0, 0.5 * (foot[:, 2].min() + foot[:, 2].max())])
    top = float(np.max(posed.vertices[:, 1])) + HAIR + height
    high = top + np.tan(np.radians(headwear.tilt_deg)) * (foot[:, 0] - 0.0) * 0.5
    points = middle + (foot - middle) * wide[:, None, None]
    points[..., 1] = foot[:, 1] + (high - foot[:, 1]) * tall[:, None]
    shade = np.ones(points.shape[:2])
    if headwear.kind == "fedora":
        points, shade = _creased(points, azimuth, share, edge, middle)
    wave = shapes.folds(headwear.seed, "wear.headwear.folds", azimuth[None, :], 5 * share[:, None], 6, 4.0)
    out = shapes.unit((points - middle) * [1, 0, 1])
    points = points + out * (cut.fold * wave * np.sin(np.pi * share)[:, None])[..., None]
    shade[int(round(edge * (rows - 1)))] *= 0.86 if headwear.kind == "bucket" else 1.0  # the seam of wall and top
    off = points - skull.center
    reach = np.linalg.norm(off, axis=-1)
    least = skull.at(arctan2(off[..., 0], off[..., 2]), np.arcsin(np.clip(off[..., 1] / reach, -1, 1))) + HAIR
    return Crown(skull.center + off * (np.maximum(reach, least) / reach)[..., None], shade, azimuth, skull.center)


def _creased(points: Grid, azimuth: Grid, share: Grid, edge: float, middle: Grid) -> tuple[Grid, Grid]:
    """Dent a felt crown along its middle and pinch both sides of its front."""
    x, z = points[..., 0], points[..., 2] - middle[2]
    dent = np.exp(-((x / 0.024) ** 2)) * np.clip(1.7 - (z / 0.085) ** 2, 0, 1)
    dent = dent * np.clip((1.25 - share[:, None] / edge) * 4, 0, 1)
    level = np.clip(1.25 - (share - edge) / (1 - edge), 0, 1)[:, None] * np.clip(share / edge * 1.6 - 0.3, 0, 1)[:, None]
    pinch = np.exp(-(((np.abs(azimuth) - 0.62) / 0.30) ** 2)) * level**2
    inward = shapes.unit((middle - points) * [1, 0, 1])
    made = points + inward * (0.019 * pinch)[..., None]
    made[..., 1] -= 0.016 * dent + 0.005 * np.clip(-z / 0.09, 0, 1) * (1 - share)[:, None]  # and lower behind
    return made, 1 - 0.22 * dent - 0.18 * pinch


def _skull_map(posed: PosedHead, model: HeadModel) -> RadialMap:
    points = np.asarray(posed.vertices, np.float64)
    head = points[(points[:, 1] > -0.04) & (model.topology.masks["ears"] < 0.08)]
    top = head[:, 1].max()
    upper = head[head[:, 1] > 0.25 * top]
    center = np.array([0.0, 0.32 * top, (upper[:, 2].min() + upper[:, 2].max()) / 2])
    return radial_map(head, center, 64, 128)


def _rim(skull: RadialMap, posed: PosedHead, headwear: Headwear, azimuth: Grid) -> Grid:
    """Return the elevation (cols,) of the rim seen from the skull's centre."""
    scale = 0.71 * float(np.max(posed.vertices[:, 1])) / MEAN_RADIUS_Y
    front, back = (scale * h for h in asset_json("wear/hats.json")["rim"][headwear.kind])
    target = 0.5 * (front + back) + 0.5 * (front - back) * np.cos(azimuth)
    target = target + np.tan(np.radians(headwear.tilt_deg)) * 0.075 * np.sin(azimuth)
    if headwear.kind == "turban":  # its layers meet in a point over the brow
        target = target + 0.012 * np.exp(-((azimuth / 0.30) ** 2)) - 0.006 * np.exp(-(((np.abs(azimuth) - 1.3) / 0.5) ** 2))
    rim = np.zeros_like(azimuth)
    for _ in range(6):
        rim = 0.5 * (rim + np.arcsin(np.clip((target - skull.center[1]) / skull.at(azimuth, rim), -0.9, 0.9)))
    return rim
