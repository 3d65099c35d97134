"""Draw what is seen behind the person, of a kind that suits the light."""

from __future__ import annotations

import numpy as np

from facegen.population.distributions import Even, choice
from facegen.population.light import rigs
from facegen.resources import asset_json
from facegen.sample import BackgroundSpec, Vec3
from facegen.spec.dataset import Shots


def background(shots: Shots, rig: str, even: Even, stream: np.random.Generator, seed: int) -> BackgroundSpec:
    """A kind that suits the rig unless the spec declares its own shares; the channels of a colour share one draw, nearly."""
    kind = choice(shots.background, rigs()[rig]["backgrounds"]).pick(even("background"))  # type: ignore[arg-type]
    params = asset_json("light/backgrounds.json")["kinds"][kind]
    colors: list[Vec3] = []
    for part in params["colors"]:
        bright = float(stream.random())
        mix = np.clip(bright + stream.normal(0, 0.06, 3), 0, 1)
        r, g, b = (round(float(x), 5) for x in np.array(part["low"]) + mix * (np.array(part["high"]) - np.array(part["low"])))
        colors.append((r, g, b))
    low, high = params["blur"]
    return BackgroundSpec(kind=kind, rgb=tuple(colors), blur=round(float(stream.uniform(low, high)), 4), seed=seed)
