"""Caps, beanies, hats, turbans, helmets, hoods and headscarves as surfaces, region headwear.

Crowns come from crown.py and what is sewn to them from hats.py; hoods, balaclavas and headscarves open round the face instead
(hood.py, balaclava.py, hijab.py, niqab.py). What differs from one cap to the next (height, peak, badge, turn-up, drape) is
expanded from the seed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.resources import asset_json
from facegen.sample import Headwear
from facegen.scene import Material, Surface
from facegen.wear import balaclava, hats, helmets, hood, shapes
from facegen.wear.crown import CUTS, Crown, crown_of
from facegen.wear.fabric import fabric, shaded
from facegen.wear.hijab import hijab_shapes
from facegen.wear.niqab import veil
from facegen.wear.shapes import Shape

if TYPE_CHECKING:
    from facegen.head.model import HeadModel, PosedHead

HARD = ("hard_hat", "bike_helmet")
FLAT = 0.15
"""So many caps have a flat peak; our choice."""
_HIJAB_CLOTHS = (("woven", 0.0045), ("jersey", 0.0065), ("satin", 0.0035))


def headwear_surfaces(
    model: HeadModel,
    posed: PosedHead,
    headwear: Headwear,
    under: NDArray[np.floating] | None = None,
    mask: NDArray[np.floating] | None = None,
) -> tuple[Surface, ...]:
    """Return the hat or headscarf in the head frame, region headwear (the veil of a niqab: facewear).

    What hangs over the shoulders lies over the points `under` (N, 3) of garment and scarf, what covers the face over those of a
    `mask` (M, 3).
    """
    shapes.check_kind("headwear", headwear.kind)
    shapes.check_kind("pattern", headwear.pattern)
    style = rng.expand(headwear.seed, "wear.headwear.style")
    if headwear.kind not in CUTS:
        return _hiding(model, posed, headwear, under, mask, style)
    crown = crown_of(model, posed, headwear, style)
    if headwear.kind in HARD:
        return helmets.helmet_surfaces(model, posed, headwear, crown, style)
    cut = CUTS[headwear.kind]
    cloth = fabric(headwear.rgb, headwear.rgb2, headwear.pattern, weave=cut.weave, crease=cut.crease, seed=headwear.seed)
    trim = fabric(headwear.rgb2, headwear.rgb, "plain", weave=cut.weave)
    height = asset_json("wear/hats.json")["band"].get(headwear.kind)
    if height is not None:
        rows = crown.strip(np.linspace(height, 0, 12))
        crown = replace(crown, shell=rows, shade=np.ones(rows.shape[:2]))
    hat = shapes.grid(crown.shell, wrap=True, shade=crown.shade)
    hat = shapes.thicken(hat, len(crown.shell), len(crown.azimuth) + 1, 0.002)
    return (_surface("hat", hat, cloth), *_trimmings(headwear, crown, cloth, trim, style))


def _hiding(
    model: HeadModel,
    posed: PosedHead,
    headwear: Headwear,
    under: NDArray[np.floating] | None,
    mask: NDArray[np.floating] | None,
    style: np.random.Generator,
) -> tuple[Surface, ...]:
    """What covers all hair and opens round the face."""
    seed, pattern = headwear.seed, headwear.pattern
    if headwear.kind == "hood":
        cloth = fabric(headwear.rgb, headwear.rgb2, pattern, weave="jersey", crease=0.004, seed=seed)
        return tuple(_surface(name, shape, cloth) for name, shape in hood.hood_shapes(model, posed, seed).items())
    if headwear.kind == "balaclava":
        knit, second = ("knit", shaded(headwear.rgb, 0.5)) if pattern == "plain" else (pattern, headwear.rgb2)
        cloth = fabric(headwear.rgb, second, knit, weave="wool", scale=0.007 if knit == "knit" else None, seed=seed)
        return tuple(_surface(name, shape, cloth) for name, shape in balaclava.balaclava_shapes(model, posed, seed, mask).items())
    weave, crease = _HIJAB_CLOTHS[int(style.choice(3, p=(0.5, 0.35, 0.15)))]
    scarf = fabric(headwear.rgb, headwear.rgb2, pattern, weave=weave, crease=crease, seed=seed)
    below = fabric(headwear.rgb2 if style.random() < 0.5 else shaded(headwear.rgb, 0.6))
    made = hijab_shapes(model, posed, seed, under, headwear.kind)
    parts = [_surface(name, shape, below if name == "hijab_cap" else scarf) for name, shape in made.items()]
    if headwear.kind == "niqab":
        cloth = fabric(headwear.rgb, headwear.rgb2, "plain", weave=weave, crease=crease, seed=seed)
        beneath = np.concatenate([*(s.positions for s in parts), *(p for p in (under, mask) if p is not None)])
        parts.append(shapes.surface("veil", veil(model, posed, seed, beneath), cloth, "facewear"))
    return tuple(parts)


def _trimmings(headwear: Headwear, crown: Crown, cloth: Material, trim: Material, style: np.random.Generator) -> list[Surface]:
    """What is sewn to the crown of each kind."""
    seed, u = headwear.seed, style.random(6)
    if headwear.kind == "cap":
        return _cap(crown, u, cloth, trim)
    if headwear.kind == "visor":
        return [_surface("visor", hats.peak(crown, 0.070 + 0.014 * u[0], 0.10 + 0.22 * u[1], 0.11 + 0.12 * u[2]), cloth)]
    if headwear.kind == "bobble_hat":
        fold = _surface("hat_fold", hats.turn_up(crown, 0.046 + 0.026 * u[0], 0.0034), cloth)
        return [fold, _surface("bobble", hats.bobble(crown, 0.026 + 0.008 * u[2], seed), trim)]
    if headwear.kind == "beanie":
        return [_surface("hat_fold", hats.turn_up(crown, 0.046 + 0.026 * u[0], 0.0034), cloth)] if u[1] < 0.75 else []
    if headwear.kind == "bucket":
        return [_surface("brim", hats.brim(crown, 0.042 + 0.014 * u[0], 18 + 18 * u[1], 0, 0.0, seed), cloth)]
    ribbon = 0.022 + 0.014 * u[3]
    if headwear.kind == "sun_hat":
        brim = hats.brim(crown, 0.078 + 0.040 * u[0], 6 + 14 * u[1], 0, 0.0, seed)
        return [_surface("brim", brim, cloth), _surface("hat_band", hats.band(crown, ribbon), trim)]
    if headwear.kind == "fedora":
        brim = hats.brim(crown, 0.048 + 0.016 * u[0], 2 + 6 * u[1], 8 + 8 * u[4], 0.010 + 0.014 * u[2], seed)
        return [_surface("brim", brim, cloth), _surface("hat_band", hats.band(crown, ribbon), trim)]
    return []


def _cap(crown: Crown, u: NDArray[np.float64], cloth: Material, trim: Material) -> list[Surface]:
    """Peak, button, eyelets and often a badge."""
    two = trim if u[2] < 0.3 else cloth
    radius = 0.60 if u[3] < FLAT else 0.075 + 0.065 * u[1]
    peak = hats.peak(crown, 0.064 + 0.014 * u[0], 0.12 + 0.22 * u[1], radius)
    knob = shapes.ellipsoid(crown.shell[0].mean(0) + [0, 0.001, 0], (0.0065, 0.0040, 0.0065))
    made = [_surface("visor", peak, two), _surface("hat_button", knob, two)]
    made.append(_surface("eyelets", shapes.merge(hats.eyelets(crown)), two))
    if u[5] < 0.55:
        badge = hats.badge(crown, 0.036 + 0.036 * u[4], 0.026 + 0.020 * u[0], 2.0 if u[0] < 0.5 else 6.0)
        made.append(_surface("badge", badge, trim))
    return made


def _surface(name: str, shape: Shape, cloth: Material) -> Surface:
    return shapes.surface(name, shape, cloth, "headwear")
