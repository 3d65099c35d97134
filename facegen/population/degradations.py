"""Draw what sensor and codec do to a picture, from the profiles of assets/population/degradation.json."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from facegen.population.distributions import Categories, of
from facegen.resources import asset_json
from facegen.sample import Degradation
from facegen.spec.names import ANY
from facegen.spec.values import Categorical

NEUTRAL = {"downscale": 1.0}
"""Values where a fault does not occur."""
_PLAIN = (
    "exposure_ev",
    "wb_red",
    "wb_blue",
    "full_well_e",
    "read_noise_e",
    "contrast",
    "saturation",
    "sharpen",
    "oversample",
)


def degradation(declared: Categorical, even: Callable[[str], float], stream: np.random.Generator, seed: int) -> Degradation:
    """Return the degradation of one shot; `even` spreads the profile over an identity's shots, `stream` draws within it."""
    profiles = asset_json("population/degradation.json")["profiles"]
    shares = {name: profile["share"] for name, profile in profiles.items()} if declared.names == (ANY,) else declared.root
    name = Categories.proportional(shares).pick(even("degradation"))
    profile = profiles[name]

    def draw(key: str) -> float:
        return round(of(profile[key]).ppf(float(stream.random())), 5)

    def sometimes(key: str) -> float:
        occurs, value = stream.random() < profile[f"{key}_chance"], draw(key)
        return value if occurs else NEUTRAL[key]

    values: dict[str, Any] = {key: draw(key) for key in _PLAIN}
    values |= {key: sometimes(key) for key in NEUTRAL}
    return Degradation(
        profile=name,
        jpeg_quality=round(draw("jpeg_quality")),
        jpeg_subsampling=cast(Any, Categories.of(profile["subsampling"]).pick(float(stream.random()))),
        grey=bool(stream.random() < profile["grey_chance"]),
        seed=seed,
        **values,
    )
