"""Marks that few people carry: large moles, acne and what it leaves, scars, vitiligo. Sites never change for one seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.looks.skin.charts import Charts
from facegen.looks.skin.splat import sites, splat
from facegen.looks.skin.zones import smooth
from facegen.sample import Skin

Map = NDArray[np.float32]

MOST_MOLES, MOST_ACNE, MOST_TRACES, MOST_SCARS, MOST_PAPULES = 6, 44, 60, 4, 70
ACNE_AGES = (14.0, 45.0)
"""Acne is whole up to 22 years and gone at the second of these."""


def _open_face(coarse: Charts) -> Map:
    masks, zones = coarse.masks, coarse.zones
    return np.asarray(zones["face"] * coarse.area * (1 - masks["lips"]) * (1 - masks["eyelids"]) * (1 - 0.9 * masks["scalp"]))


def large_moles(dark: Map, raised: Map, charts: Charts, coarse: Charts, skin: Skin) -> None:
    """Moles of 2 to 5 mm across, most of them raised."""
    draw = rng.expand(skin.seed, "skin.large_moles")
    where = sites(draw, _open_face(coarse), MOST_MOLES)
    radius, power = draw.uniform(0.0010, 0.0025, MOST_MOLES), draw.uniform(0.55, 1.05, MOST_MOLES)
    lift = draw.random(MOST_MOLES) < 0.7
    n = skin.complexion.large_moles
    splat(dark, charts, where[:n], radius[:n], power[:n], edge=0.35)
    up = np.flatnonzero(lift[:n])
    splat(raised, charts, where[up], radius[up] * 1.1, radius[up] * 0.35, edge=1.0)


def acne(melanin: Map, red: Map, raised: Map, charts: Charts, coarse: Charts, skin: Skin, age: float) -> None:
    """Inflamed spots of the young, and the brown (dark skin) or red (fair skin) traces and pits they leave for years."""
    c = skin.complexion
    draw = rng.expand(skin.seed, "skin.acne")
    z = coarse.zones
    density = _open_face(coarse) * (0.15 + z["cheek"] + 0.9 * z["chin"] + 0.7 * z["forehead"] + 0.5 * z["jaw"])
    where = sites(draw, density, MOST_ACNE)
    radius = np.clip(np.exp(draw.normal(np.log(0.0012), 0.4, MOST_ACNE)), 0.0006, 0.0028)
    power = draw.uniform(0.25, 1.0, MOST_ACNE)
    young = float(np.clip((ACNE_AGES[1] - age) / (ACNE_AGES[1] - 22.0), 0, 1)) * float(
        np.clip((age - 10) / (ACNE_AGES[0] - 10), 0, 1)
    )
    n = round(MOST_ACNE * c.acne * young)
    splat(red, charts, where[:n], radius[:n], power[:n], edge=0.9)
    splat(raised, charts, where[:n], radius[:n], radius[:n] * 0.14, edge=1.0)
    where = sites(draw, density, MOST_TRACES)
    radius = np.clip(np.exp(draw.normal(np.log(0.0011), 0.45, MOST_TRACES)), 0.0005, 0.0030)
    power = draw.uniform(0.12, 0.6, MOST_TRACES)
    n = round(MOST_TRACES * c.acne_marks * float(np.clip((age - 13) / 5, 0, 1)) * float(np.clip((85 - age) / 45, 0.3, 1)))
    brown = float(np.clip((68.0 - skin.lab[0]) / 20.0, 0.15, 1.0))
    splat(melanin, charts, where[:n], radius[:n], power[:n] * brown, edge=1.0)
    splat(red, charts, where[:n], radius[:n], power[:n] * (1 - brown), edge=1.0)
    pits = np.flatnonzero(draw.random(MOST_TRACES)[:n] < 0.5)
    hollow = np.zeros_like(raised)
    splat(hollow, charts, where[pits], radius[pits], radius[pits] * 0.16, edge=1.0)
    raised -= hollow


def papules(dark: Map, raised: Map, charts: Charts, coarse: Charts, skin: Skin, age: float) -> None:
    """Dermatosis papulosa nigra: small dark papules on cheeks and temples of brown and dark skin, more with the years."""
    draw, z = rng.expand(skin.seed, "skin.papules"), coarse.zones
    where = sites(
        draw, _open_face(coarse) * (0.1 + z["cheek"] + z["temple"] + 0.8 * z["crow"] + 0.4 * z["forehead"]), MOST_PAPULES
    )
    radius, power = draw.uniform(0.0006, 0.0015, MOST_PAPULES), draw.uniform(0.45, 0.9, MOST_PAPULES)
    n = round(MOST_PAPULES * skin.complexion.papules * float(np.clip((age - 16) / 50, 0, 1)))
    splat(dark, charts, where[:n], radius[:n], power[:n], edge=0.5)
    splat(raised, charts, where[:n], radius[:n], radius[:n] * 0.3, edge=0.9)


def scars(melanin: Map, red: Map, raised: Map, charts: Charts, coarse: Charts, skin: Skin) -> None:
    """Short healed cuts, 8 to 26 mm: a row of overlapping dots, paler than the skin or, on dark skin, darker."""
    draw = rng.expand(skin.seed, "skin.scars")
    where = sites(draw, _open_face(coarse), MOST_SCARS)
    length, angle = draw.uniform(0.008, 0.026, MOST_SCARS), draw.uniform(0, np.pi, MOST_SCARS)
    width, bend = draw.uniform(0.0006, 0.0012, MOST_SCARS), draw.normal(0, 0.25, MOST_SCARS)
    pale = draw.random(MOST_SCARS) < np.clip((skin.lab[0] - 25) / 50, 0.2, 0.8)
    for k in range(skin.complexion.scars):
        steps = np.linspace(-0.5, 0.5, 48)
        way = angle[k] + bend[k] * steps
        texel = charts.texel * charts.size  # metres across the chart, near the middle of the face
        line = where[k] + np.stack([np.cos(way), np.sin(way)], axis=1) * (steps * length[k] / texel)[:, None]
        taper = width[k] * (1 - (2 * np.abs(steps)) ** 2) ** 0.5 + 1e-4
        mark = np.zeros_like(raised)
        splat(mark, charts, np.clip(line, 0.001, 0.999), taper, np.ones(len(steps)), edge=1.0)
        melanin += mark * np.float32(-0.55 if pale[k] else 0.5)
        red += mark * np.float32(0.25)
        raised += mark * np.float32(0.00016 if bend[k] > 0.1 else -0.00016)


def vitiligo(charts: Charts, skin: Skin) -> Map | None:
    """Cover (S, S) of unpigmented patches, roughly alike on both sides, first round eyes and mouth; None for nearly everybody."""
    amount = skin.complexion.vitiligo
    if amount == 0:
        return None
    bands = charts.noise.bands(skin.seed, "skin.vitiligo", {"broad": 1, "patch": 1, "spot": 1}, charts.size)
    draw = rng.expand(skin.seed, "skin.vitiligo")
    waves = draw.normal(0, 110.0, (3, 6)).astype(np.float32)
    both = np.sin(charts.folded @ waves + draw.uniform(0, 6.28, 6).astype(np.float32)).sum(axis=-1)
    openings = charts.zones["perioral"] + charts.zones["lid"] + 0.8 * charts.zones["undereye"] + 0.5 * charts.zones["chin"]
    value = (
        0.45 * bands["broad"][0]
        + 0.30 * bands["patch"][0]
        + 0.12 * bands["spot"][0]
        + 0.65 * both
        + 1.1 * np.clip(openings, 0, 1)
    )
    face = (charts.zones["face"] > 0.5) & charts.covered
    level = np.float32(np.quantile(value[face], 1 - 0.03 - 0.22 * amount))
    cover = smooth(value, level - 0.12, level + 0.16) * np.clip(charts.zones["face"] + charts.zones["neck"], 0, 1)
    return np.asarray(cover * (1 - 0.8 * charts.masks["lips"]), dtype=np.float32)
