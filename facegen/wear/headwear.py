"""Caps, beanies, hats, turbans and the hijab, stretched over the skull.

A hat is a grid over directions from inside the skull, from its crown down to its rim; its floor is the outermost skin (ears too
where the hat covers them) plus room for pressed hair. The hijab opens round the face instead and falls on the shoulders. What
differs from one cap to the next (height, peak, badge, turn-up, drape) is expanded from the seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.sample import Headwear
from facegen.scene import Material, Surface
from facegen.wear import hats, helmets, shapes
from facegen.wear.fabric import fabric, shaded
from facegen.wear.fitting import RadialMap, drape, radial_map
from facegen.wear.hijab import hijab_shapes
from facegen.wear.shapes import Shape

if TYPE_CHECKING:
    from facegen.head.model import HeadModel, PosedHead

Grid = NDArray[np.float64]

HAIR = 0.0055
"""Room for hair pressed under a hat (looks/hair/under_hat.py presses it to 2.5 mm)."""
_COLS, _ROWS = 60, 24


@dataclass(frozen=True)
class Cut:
    """`front`, `back`: height of the rim over the eye centres at forehead and nape (m, on the mean skull); `crown`: least and
    greatest extra height of the top; `fold`: depth of wrinkles; `weave`, `crease` of the cloth (wear/fabric.py)."""

    front: float
    back: float
    crown: tuple[float, float]
    fold: float
    weave: str
    crease: float


CUTS: dict[str, Cut] = {
    "cap": Cut(0.050, 0.024, (0.006, 0.024), 0.0010, "twill", 0.0012),
    "beanie": Cut(0.040, 0.006, (0.008, 0.026), 0.0035, "wool", 0.0030),
    "bucket": Cut(0.050, 0.018, (0.008, 0.018), 0.0020, "twill", 0.0030),
    "fedora": Cut(0.046, 0.016, (0.019, 0.024), 0.0006, "wool", 0.0),
    "turban": Cut(0.050, 0.004, (0.006, 0.012), 0.0010, "woven", 0.0040),
    "bobble_hat": Cut(0.040, 0.006, (0.010, 0.030), 0.0035, "wool", 0.0030),
    "sun_hat": Cut(0.048, 0.020, (0.010, 0.024), 0.0016, "woven", 0.0020),
    "visor": Cut(0.050, 0.028, (0.004, 0.006), 0.0, "twill", 0.0),
    "headband": Cut(0.042, 0.016, (0.004, 0.006), 0.0012, "jersey", 0.0020),
    "hard_hat": Cut(0.050, 0.030, (0.030, 0.036), 0.0, "plain", 0.0),
    "bike_helmet": Cut(0.046, 0.030, (0.024, 0.032), 0.0, "plain", 0.0),
}
HARD = ("hard_hat", "bike_helmet")
BANDS = {"visor": 0.030, "headband": 0.048}
"""Kinds that are only a band round the head, and how high it is, m."""
MEAN_RADIUS_Y = 0.086
"""Vertical radius of the mean skull, which the rim heights are given for."""
_HIJAB_CLOTHS = (("woven", 0.0045), ("jersey", 0.0065), ("satin", 0.0035))


def headwear_surfaces(
    model: HeadModel, posed: PosedHead, headwear: Headwear, under: NDArray[np.floating] | None = None
) -> tuple[Surface, ...]:
    """Return the hat or headscarf in the head frame, region headwear; a headscarf lies over garment points `under` (N, 3)."""
    shapes.check_kind("headwear", headwear.kind)
    shapes.check_kind("pattern", headwear.pattern)
    style = rng.expand(headwear.seed, "wear.headwear.style")
    if headwear.kind in ("hood", "balaclava"):
        knit = "knit" if headwear.kind == "balaclava" and headwear.pattern == "plain" else headwear.pattern
        made = hijab_shapes(model, posed, headwear.seed, under, headwear.kind)
        cloth = fabric(headwear.rgb, shaded(headwear.rgb, 0.5) if knit == "knit" else headwear.rgb2, knit, weave="jersey",
                       crease=0.005 if headwear.kind == "hood" else 0.002, seed=headwear.seed)  # fmt: skip
        return tuple(_surface(name, shape, cloth) for name, shape in made.items())
    if headwear.kind == "hijab":
        weave, crease = _HIJAB_CLOTHS[int(style.choice(3, p=(0.5, 0.35, 0.15)))]
        scarf = fabric(headwear.rgb, headwear.rgb2, headwear.pattern, weave=weave, crease=crease, seed=headwear.seed)
        below = fabric(headwear.rgb2 if style.random() < 0.5 else shaded(headwear.rgb, 0.6))
        made = hijab_shapes(model, posed, headwear.seed, under)
        return tuple(_surface(name, shape, below if name == "hijab_cap" else scarf) for name, shape in made.items())
    cut = CUTS[headwear.kind]
    skull = _skull_map(posed, model)
    shell, shade = _dome(skull, posed, cut, headwear, style)
    weave = "woven" if cut.weave == "plain" else cut.weave
    cloth = fabric(headwear.rgb, headwear.rgb2, headwear.pattern, weave=weave, crease=cut.crease, seed=headwear.seed)
    trim = fabric(headwear.rgb2, headwear.rgb, "plain", weave=weave)
    if headwear.kind in HARD:
        return helmets.helmet_surfaces(model, posed, headwear, shell, style)
    if headwear.kind in BANDS:
        shell, shade = _band_of(shell, shade, BANDS[headwear.kind])
    hat = shapes.thicken(shapes.grid(shell, wrap=True, shade=shade), len(shell), _COLS + 1, 0.002)
    return (_surface("hat", hat, cloth), *_trimmings(headwear, skull, shell, cloth, trim, style))


def _trimmings(
    headwear: Headwear, skull: RadialMap, shell: Grid, cloth: Material, trim: Material, style: np.random.Generator
) -> list[Surface]:
    """What is sewn to the crown of each kind."""
    seed, u = headwear.seed, style.random(6)
    if headwear.kind == "cap":
        peak = hats.peak(shell, 0.056 + 0.020 * u[0], 0.004 + 0.022 * u[1])
        knob = shapes.ellipsoid(shell[0].mean(0) + [0, 0.001, 0], (0.006, 0.004, 0.006))
        made = [
            _surface("visor", peak, trim if u[2] < 0.3 else cloth),
            _surface("hat_button", knob, trim if u[2] < 0.3 else cloth),
        ]
        if u[3] < 0.55:
            badge = hats.badge(shell, 0.034 + 0.040 * u[4], 0.026 + 0.016 * u[5], 2.0 if u[0] < 0.5 else 6.0)
            made.append(_surface("badge", badge, trim))
        return made
    if headwear.kind == "visor":
        return [_surface("visor", hats.peak(shell, 0.066 + 0.020 * u[0], 0.006 + 0.020 * u[1]), cloth)]
    if headwear.kind == "sun_hat":
        brim = hats.brim(shell[-1], skull.center, 0.078 + 0.040 * u[0], 0.10 + 0.30 * u[1], 0.0, seed)
        return [_surface("brim", brim, cloth), _surface("hat_band", hats.band(shell, 0.022 + 0.014 * u[3]), trim)]
    if headwear.kind == "bobble_hat":
        fold = _surface("hat_fold", hats.turn_up(shell, 0.040 + 0.024 * u[0], 0.0055), cloth)
        return [fold, _surface("bobble", hats.bobble(shell, 0.026 + 0.008 * u[2], seed), trim)]
    if headwear.kind == "beanie":
        made = [_surface("hat_fold", hats.turn_up(shell, 0.034 + 0.030 * u[0], 0.0055), cloth)] if u[1] < 0.75 else []
        return [*made, _surface("bobble", hats.bobble(shell, 0.026, seed), trim)] if u[2] < 0.2 else made
    if headwear.kind == "bucket":
        return [_surface("brim", hats.brim(shell[-1], skull.center, 0.036 + 0.022 * u[0], 0.22 + 0.38 * u[1], 0.0, seed), cloth)]
    if headwear.kind == "fedora":
        brim = hats.brim(shell[-1], skull.center, 0.046 + 0.022 * u[0], 0.04 + 0.22 * u[1], 0.010 + 0.018 * u[2], seed)
        return [_surface("brim", brim, cloth), _surface("hat_band", hats.band(shell, 0.022 + 0.014 * u[3]), trim)]
    return []


def _band_of(shell: Grid, shade: Grid, height: float) -> tuple[Grid, Grid]:
    """Return the rows (12, cols, 3) of the shell within `height` (m) above its rim, and their shade."""
    down = np.cumsum(np.linalg.norm(np.diff(shell, axis=0), axis=-1)[::-1], axis=0)[::-1]
    along = np.concatenate([down, np.zeros((1, shell.shape[1]))])
    rows = np.linspace(height, 0, 12)
    band = np.empty((12, *shell.shape[1:]))
    for col in range(shell.shape[1]):
        for k in range(3):
            band[:, col, k] = np.interp(rows, along[::-1, col], shell[::-1, col, k])
    return band, np.ones(band.shape[:2])


def _surface(name: str, shape: Shape, cloth: Material) -> Surface:
    return shapes.surface(name, shape, cloth, "headwear")


def _skull_map(posed: PosedHead, model: HeadModel) -> RadialMap:
    points = np.asarray(posed.vertices, np.float64)
    head = points[(points[:, 1] > -0.01) & (model.topology.masks["ears"] < 0.3)]
    top = head[:, 1].max()
    upper = head[head[:, 1] > 0.25 * top]
    center = np.array([0.0, 0.32 * top, (upper[:, 2].min() + upper[:, 2].max()) / 2])
    return radial_map(head, center, 48, 96)


def _dome(skull: RadialMap, posed: PosedHead, cut: Cut, headwear: Headwear, style: np.random.Generator) -> tuple[Grid, Grid]:
    """Return the shell (rows, cols, 3) from crown to rim, and its ambient shade (rows, cols)."""
    azimuth = hats.ring(_COLS)
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
    height = float(style.uniform(*cut.crown))
    crown = height * np.cos(np.pi / 2 * share) ** 0.8
    loose = np.clip((1 - share) * 5, 0, 1) * np.clip(share * 4, 0, 1)
    radius = sheet + crown + cut.fold * loose * (0.6 + wave).clip(0)
    shade = np.ones(radius.shape)
    if headwear.kind == "fedora":  # upright sides, pinched in front, dented along the top
        radius += 0.016 * np.exp(-(((share - 0.48) / 0.22) ** 2))
        pinch = np.exp(-(((np.abs(azimuth) - 0.55) / 0.30) ** 2)) * np.exp(-(((share - 0.36) / 0.15) ** 2))
        radius -= 0.010 * pinch + 0.016 * np.exp(-((share / 0.16) ** 2))
    elif headwear.kind == "turban":
        thick, shade = hats.wrapped(azimuth[None], share, headwear.seed, float(style.uniform(5.0, 8.0)))
        radius += float(style.uniform(0.016, 0.028)) * thick
    elif headwear.kind == "cap":
        shade[:, :: _COLS // 6] = 0.7
    shade[0] *= 0.9
    return skull.point(azimuth, elevation, np.maximum(radius, floor)), shade
