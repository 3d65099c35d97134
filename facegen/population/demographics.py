"""Ancestry presets and their mixtures: the tables that pigment, hair and its loss are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from facegen.population.distributions import Categories
from facegen.resources import asset_json

PRESETS = "population/ancestry.json"
LIGHT, DARK = "light", "dark"


@dataclass(frozen=True)
class Tables:
    """What one ancestry (preset or mixture) draws from. `hair_color` has one table for light and one for dark eyes."""

    weights: dict[str, float]
    skin_monk: tuple[int, ...]
    eye_color: Categories
    hair_color: dict[str, Categories]
    hair_curl: Categories
    greying_mean: float
    greying_sd: float
    balding: dict[str, float]
    beard_density: float


@cache
def tables(name: str, mixture: tuple[tuple[str, float], ...] | None) -> Tables:
    """Return the tables of the preset `name`, or of a mixture given as ((preset, share), ...): every table blends linearly."""
    weights = dict(mixture) if mixture is not None else {name: 1.0}
    presets = asset_json(PRESETS)["presets"]
    parts = [(presets[preset], share) for preset, share in weights.items() if share > 0]

    def blend(table: str) -> dict[str, float]:
        out: dict[str, float] = {}
        for preset, share in parts:
            for key, value in preset[table].items():
                out[key] = out.get(key, 0.0) + share * value
        return out

    greying = blend("greying_age")
    low, high = (round(sum(share * preset["skin_monk"][end] for preset, share in parts)) for end in (0, 1))
    eyes, hair = blend("eye_color"), blend("hair_color")
    return Tables(
        weights=weights,
        skin_monk=tuple(range(low, high + 1)),
        eye_color=Categories.of(eyes),
        hair_color=_hair_given_eyes(eyes, hair),
        hair_curl=Categories.of(blend("hair_curl")),
        greying_mean=greying["mean"],
        greying_sd=greying["sd"],
        balding=blend("balding"),
        beard_density=sum(share * preset["beard_density"] for preset, share in parts),
    )


def eye_class(color: str) -> str:
    """Return 'light' or 'dark', the classes that hair colour is conditional on."""
    return LIGHT if color in asset_json(PRESETS)["hair_color_given_eyes"]["light_eyes"] else DARK


def _hair_given_eyes(eyes: dict[str, float], hair: dict[str, float]) -> dict[str, Categories]:
    """Split the hair table by eye class so that the two halves, weighted by their eyes, give the declared table back."""
    factor = asset_json(PRESETS)["hair_color_given_eyes"]["factor"]
    light = sum(share for color, share in eyes.items() if eye_class(color) == LIGHT)
    tilted = {color: share * factor[color] for color, share in hair.items()}
    total = sum(tilted.values())
    # Never take more of a colour for light eyes than there is of it.
    given_light = {c: min(t / total, hair[c] / light) if light > 0 else hair[c] for c, t in tilted.items()}
    scale = sum(given_light.values())
    given_light = {c: v / scale for c, v in given_light.items()}
    if light >= 1.0:
        return {LIGHT: Categories.of(hair), DARK: Categories.of(hair)}
    given_dark = {c: max((hair[c] - light * given_light[c]) / (1 - light), 0.0) for c in hair}
    return {LIGHT: Categories.proportional(given_light), DARK: Categories.proportional(given_dark)}
