"""Single marks of a person's skin: freckles, moles, age spots, red spots. Where they sit never changes for one seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.looks.skin import blemish as skin_blemish
from facegen.looks.skin.charts import Charts
from facegen.looks.skin.splat import sites, splat
from facegen.sample import Skin

Map = NDArray[np.float32]

MAX_FRECKLES = 1000
MAX_AGE_SPOTS = 70
MAX_RED_SPOTS = 26
SPOTS_FROM_AGE, SPOTS_TO_AGE = 34.0, 104.0
"""Solar lentigines begin to show in the thirties and are common from the forties on (Bastiaens et al. 2004)."""


@dataclass(frozen=True)
class Marks:
    """Maps (S, S): `melanin` in units of one strong freckle (negative: paler), `dark` opaque mole cover 0..1, `red` blood,
    `raised` metres; `white` cover of vitiligo, None without."""

    melanin: Map
    dark: Map
    red: Map
    raised: Map
    white: Map | None = None


def marks(charts: Charts, coarse: Charts, skin: Skin, age: float, tan: float) -> Marks:
    """Draw the marks of `skin` at `age` years; a tan deepens freckles. Sites are drawn on `coarse` (SITE_GRID), so that they
    are the same in charts of every size."""
    shape = (charts.size, charts.size)
    melanin, dark, red, raised = (np.zeros(shape, dtype=np.float32) for _ in range(4))
    zones, area = coarse.zones, coarse.area
    sun = zones["sun"] * np.clip(zones["face"] + 0.25 * zones["neck"], 0, 1) * area
    middle = sun * (0.35 + zones["cheek"] + 0.8 * zones["nose"] + 0.25 * zones["forehead"])
    count = round(MAX_FRECKLES * skin.freckles**1.3)
    if count:
        _freckles(melanin, charts, skin, middle, count, 0.75 + 0.6 * tan)
    _age_spots(melanin, charts, skin, sun * (0.3 + zones["temple"] + zones["cheek"] + zones["forehead"]), age)
    _moles(dark, raised, charts, coarse, skin, age)
    _red_spots(red, charts, coarse, skin, age)
    skin_blemish.large_moles(dark, raised, charts, coarse, skin)
    skin_blemish.papules(dark, raised, charts, coarse, skin, age)
    skin_blemish.acne(melanin, red, raised, charts, coarse, skin, age)
    skin_blemish.scars(melanin, red, raised, charts, coarse, skin)
    return Marks(melanin, dark, red, raised, skin_blemish.vitiligo(charts, skin))


def _freckles(out: Map, charts: Charts, skin: Skin, density: Map, count: int, strength: float) -> None:
    draw = rng.expand(skin.seed, "skin.freckles")
    where = sites(draw, density, MAX_FRECKLES)[:count]
    radius = np.clip(np.exp(draw.normal(np.log(0.0006), 0.40, MAX_FRECKLES)), 0.0004, 0.0024)[:count]
    power = np.clip(draw.lognormal(-0.55, 0.55, MAX_FRECKLES), 0.15, 1.8)[:count] * strength
    splat(out, charts, where, radius, power, edge=0.55)


def _age_spots(out: Map, charts: Charts, skin: Skin, density: Map, age: float) -> None:
    draw = rng.expand(skin.seed, "skin.age_spots")
    where = sites(draw, density, MAX_AGE_SPOTS)
    appears = np.sort(draw.uniform(SPOTS_FROM_AGE, SPOTS_TO_AGE, MAX_AGE_SPOTS))
    radius = np.clip(np.exp(draw.normal(np.log(0.0017), 0.40, MAX_AGE_SPOTS)), 0.0008, 0.0038)
    power = draw.uniform(0.35, 1.0, MAX_AGE_SPOTS)
    grown = np.clip((age - appears) / 12.0, 0.0, 1.0)
    fair = float(np.clip((skin.lab[0] - 30.0) / 30.0, 0.1, 1.0))
    some = (grown > 0) & (
        np.arange(MAX_AGE_SPOTS) % 10 < round(10 * fair * min(0.25 + 0.35 * skin.blotches + 0.9 * skin.complexion.age_spots, 1.0))
    )
    splat(out, charts, where[some], radius[some] * (0.6 + 0.4 * grown[some]), power[some] * grown[some], edge=0.75)


def _moles(dark: Map, raised: Map, charts: Charts, coarse: Charts, skin: Skin, age: float) -> None:
    draw = rng.expand(skin.seed, "skin.moles")
    zones, masks, area = coarse.zones, coarse.masks, coarse.area
    density = (zones["face"] + 0.8 * zones["neck"]) * (1 - masks["lips"]) * (1 - 0.9 * masks["scalp"]) * (1 - masks["garment"])
    where = sites(draw, density * (1 - masks["eyelids"]) * area, 60)
    radius = np.clip(np.exp(draw.normal(np.log(0.00085), 0.36, 60)), 0.0005, 0.0028)
    power = draw.uniform(0.6, 1.1, 60)
    lift = draw.random(60) < 0.3
    n = round(skin.moles * float(np.clip(age / 30.0, 0.25, 1.0)))
    splat(dark, charts, where[:n], radius[:n], power[:n], edge=0.35)
    up = np.flatnonzero(lift[:n])
    splat(raised, charts, where[up], radius[up] * 1.25, radius[up] * 0.22, edge=0.9)


def _red_spots(red: Map, charts: Charts, coarse: Charts, skin: Skin, age: float) -> None:
    draw = rng.expand(skin.seed, "skin.red_spots")
    zones, area = coarse.zones, coarse.area
    density = area * zones["face"] * (0.2 + zones["cheek"] + zones["chin"] + 0.6 * zones["forehead"] + zones["nose_tip"])
    where = sites(draw, density * (1 - coarse.masks["lips"]), MAX_RED_SPOTS)
    radius = draw.uniform(0.0009, 0.0024, MAX_RED_SPOTS)
    power = draw.uniform(0.3, 1.0, MAX_RED_SPOTS)
    young = 1.25 - 0.75 * float(np.clip((age - 18.0) / 22.0, 0.0, 1.0))
    n = round(MAX_RED_SPOTS * skin.redness**1.5 * young * 0.7)
    splat(red, charts, where[:n], radius[:n], power[:n], edge=1.0)
