"""Draw what is seen behind the person, of a kind that suits the place."""

from __future__ import annotations

import numpy as np

from facegen.errors import SpecError
from facegen.population.distributions import Even, choice
from facegen.population.light import FILE, environments
from facegen.resources import asset_json
from facegen.sample import BackgroundSpec, Place, Vec3
from facegen.spec.shots import Shots
from facegen.surroundings import files, places

PICTURE = "picture"
"""The word for a picture of the folder `shots.backgrounds`."""


def background(shots: Shots, word: str, place: Place, even: Even, stream: np.random.Generator, seed: int) -> BackgroundSpec:
    """A kind that suits the light's `word` unless the spec declares its own shares; a colour's channels share one draw,
    nearly."""
    suits = {"place": 1.0} if word == FILE else environments()[word]["backgrounds"]
    if shots.backgrounds is not None:
        suits = {PICTURE: 1.0}
    kind = choice(shots.background, suits).pick(even("background"))
    params = asset_json("light/backgrounds.json")["kinds"][kind]
    low, high = np.log(params["distance_m"])
    distance = float(np.exp(stream.uniform(low, high)))
    colors: list[Vec3] = []
    for part in params["colors"]:
        bright = float(stream.random())
        mix = np.clip(bright + stream.normal(0, 0.06, 3), 0, 1)
        r, g, b = (round(float(x), 5) for x in np.array(part["low"]) + mix * (np.array(part["high"]) - np.array(part["low"])))
        colors.append((r, g, b))
    if kind == "indoor" and place.shell == "room":
        distance = places.wall_behind(place.numbers)
    spec = BackgroundSpec(kind=kind, rgb=tuple(colors), seed=seed, distance_m=round(distance, 4))
    if kind != PICTURE:
        return spec
    if shots.backgrounds is None:
        raise SpecError("background: 'picture' needs a folder of pictures; set 'backgrounds: DIR' beside it")
    found = files.listed(shots.backgrounds, files.PICTURES)
    path = found[int(stream.integers(len(found)))]
    return spec.model_copy(update={"file": path, "sha256": files.sha256(path)})
