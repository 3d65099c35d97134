"""Colours of things: declared sRGB palettes, drawn as linear RGB with a little variation."""

from __future__ import annotations

from functools import cache

import numpy as np

from facegen import srgb
from facegen.population.distributions import Categories
from facegen.resources import asset_json

Rgb = tuple[float, float, float]


@cache
def _palette(name: str) -> Categories:
    return Categories.of(asset_json("population/palettes.json")[name])


def linear(code: str) -> Rgb:
    """Return linear RGB of an sRGB colour written '#rrggbb' (IEC 61966-2-1)."""
    r, g, b = srgb.decode_hex(code).tolist()
    return round(r, 5), round(g, 5), round(b, 5)


def color(name: str, rng: np.random.Generator) -> Rgb:
    """Draw a colour of the palette `name`: one of its shares, brightness and channels moved lognormally."""
    spread = asset_json("population/palettes.json")["jitter"]
    base = np.array(linear(_palette(name).pick(rng.random())))
    moved = base * np.exp(rng.normal(0, 2 * spread)) * np.exp(rng.normal(0, spread, 3))
    r, g, b = (round(float(x), 5) for x in np.clip(moved, 0.002, 0.95))
    return r, g, b
