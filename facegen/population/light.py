"""Light: a named place (assets/light/environments.json), the numbers drawn for it, and the LightSpec that its radiance gives.

A LightSpec holds what the camera records after its own exposure and white balance; what these leave over is the sensor's part.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.errors import SpecError, did_you_mean
from facegen.geometry import harmonics as sh
from facegen.geometry.framing import gravity_to_camera
from facegen.population.distributions import Categories
from facegen.resources import asset_json
from facegen.sample import BackgroundSpec, CameraSpec, KeyLight, LightSpec, Place
from facegen.surroundings import files, maps, places
from facegen.surroundings.colour import LUMINANCE, luminance
from facegen.surroundings.keys import Source, extract

FILE = "file"
"""The word for light from the folder `shots.environments`."""
MIRRORED = ("azimuth_deg", "turn_deg", "x_m", "shift_m", "right_m")
PULSE_DEG = 15.0
"""A key this near to the lens axis is the flash, where the place has one."""
_FILE_RANGES = {"turn_deg": (-180.0, 180.0), "level": (0.9, 1.1), "adapt": (0.8, 1.0)}


def environments() -> dict[str, dict[str, Any]]:
    """Return the declared places by word."""
    return dict(asset_json("light/environments.json")["environments"])


def shares() -> dict[str, float]:
    """Return how often each place is drawn where the spec says `any`."""
    return {name: float(entry["share"]) for name, entry in environments().items()}


def ranges(entry: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Return the numbers that a draw takes for this place, each uniform between low and high."""
    return {name: (float(low), float(high)) for name, (low, high) in entry["ranges"].items()}


def draw_place(word: str, stream: np.random.Generator, seed: int, folder: str | None = None) -> Place:
    """Return a place of the kind `word`, its numbers drawn from `stream`; `folder` holds panoramas for the word `file`."""
    if word == FILE:
        if folder is None:
            raise SpecError("light: 'file' needs a folder of panoramas; set 'environments: DIR' beside it")
        found = files.listed(folder, files.PANORAMAS)
        path = found[int(stream.integers(len(found)))]
        drawn = {name: low + (high - low) * float(stream.random()) for name, (low, high) in _FILE_RANGES.items()}
        return Place(shell=FILE, numbers=_rounded(drawn), seed=seed, scale=(1.0, 1.0, 1.0), file=path, sha256=files.sha256(path))
    entry = environments()[word]
    drawn = {name: low + (high - low) * float(stream.random()) for name, (low, high) in ranges(entry).items()}
    return place_of(entry, drawn, seed)


def place_of(entry: Mapping[str, Any], u: Mapping[str, float], seed: int) -> Place:
    """Return the place of `entry` at the drawn numbers `u`, one for every range. Raises SpecError for any other."""
    numbers = _checked(entry, u)
    if numbers.pop("mirror", 0.0) >= 0.5:
        numbers = {name: -value if name.endswith(MIRRORED) else value for name, value in numbers.items()}
        if "key.edge_deg" in numbers:
            numbers["key.edge_deg"] = 180.0 - numbers["key.edge_deg"]
    return Place(shell=entry["shell"], numbers=_rounded(numbers), seed=seed, scale=(1.0, 1.0, 1.0))


def light(
    word: str,
    place: Place,
    background: BackgroundSpec,
    camera: CameraSpec,
    meter: str = "person",
    like: LightSpec | None = None,
) -> LightSpec:
    """Return what `place`, with `background` in it, sends to the face, as `camera` exposes and turns it.

    `like`: a light whose white balance and brightness on the face the camera keeps: the new light's direction, softness and
    colour show, its strength does not.
    """
    place = _flashed(place, background, camera)
    numbers = place.numbers
    known = places.world(place, background).small()
    rest, sources = extract(places.radiance_map(place, background), known=known)
    turn = gravity_to_camera(camera.tilt_deg, camera.roll_deg)
    surroundings = sh.rotate(maps.project(rest), turn)
    sources = [Source(turn @ s.direction, s.rgb, s.size_deg) for s in sources]
    near = _near(numbers, turn)
    arriving = sources
    if (
        near["edge_width_m"] > 0 and sources
    ):  # what an edge leaves of it in the middle of the face counts: the camera exposes for that
        open_ = 1 + np.exp(near["edge_offset_m"] / np.hypot(near["edge_width_m"], FACE_M))
        arriving = [Source(sources[0].direction, sources[0].rgb / open_, sources[0].size_deg), *sources[1:]]
    mean = face_irradiance(surroundings, arriving)
    balance, level = (mean / (mean @ LUMINANCE)) ** -numbers["adapt"], numbers["level"]
    lux = max(float(mean @ LUMINANCE), 0.05)
    if like is not None and like.place is not None:
        balance, level, lux = np.asarray(like.place.scale), like.place.numbers["level"], like.lux
    scale = level * np.pi / float((mean * balance) @ LUMINANCE) * balance
    keys = tuple(_key(s, scale, near if i == 0 else {}, numbers, turn) for i, s in enumerate(sources))
    return LightSpec(
        rig=word,
        sh=tuple(round(float(v), 6) for v in (surroundings * scale).ravel()),
        keys=keys,
        lux=round(lux, 3),
        meter=meter,
        place=place.model_copy(update={"scale": tuple(float(f"{v:.7g}") for v in scale)}),
    )  # type: ignore[arg-type]


FACE_M = 0.04
"""Half of what a camera weighs most of a face, across."""


def meter(word: str, profile: str, u: float) -> str:
    """Return how the camera of `profile` reads its exposure in the place `word`; studios are exposed by hand, for the person."""
    if word != FILE and environments()[word]["setting"] == "studio":
        return "person"
    table = asset_json("light/metering.json")["profiles"]
    return Categories.proportional(table.get(profile, table["other"])).pick(u)


def face_irradiance(surroundings: NDArray[np.float64], sources: list[Source]) -> NDArray[np.float64]:
    """Mean irradiance (3,) over normals turned to the camera, weighted by the area that the camera sees of them."""
    normals, solid = sh.sphere_grid(16)
    weight = np.clip(normals[:, 2], 0, None) * solid
    total = np.clip(sh.irradiance(surroundings, normals), 0, None)
    for source in sources:
        total = total + np.clip(normals @ source.direction, 0, None)[:, None] * source.rgb
    return np.asarray((total * weight[:, None]).sum(axis=0) / weight.sum())


def contrast(spec: LightSpec, azimuth_deg: float = 50.0) -> float:
    """Return the ratio of luminous irradiance between the lit and the shaded of two cheeks, normals at +-`azimuth_deg`."""
    a = np.radians(azimuth_deg)
    normals = np.array([[np.sin(a), 0, np.cos(a)], [-np.sin(a), 0, np.cos(a)]])
    total = np.clip(sh.irradiance(np.reshape(spec.sh, (16, 3)), normals), 0, None)
    for key in spec.keys:
        total = total + np.clip(normals @ np.array(key.direction), 0, None)[:, None] * np.array(key.rgb)
    right, left = luminance(total)
    return float(max(right, left) / max(min(right, left), 1e-6))


def _flashed(place: Place, background: BackgroundSpec, camera: CameraSpec) -> Place:
    """Set the flash to so many times the light of the place, at the camera's distance."""
    times = place.numbers.get("flash.times", 0.0)
    if times <= 0:
        return place
    dark = maps.project(places.radiance_map(place, background))
    lx = times * max(float(luminance(face_irradiance(dark, []))), 1.0)
    flash = {"flash.lx": round(lx, 2), "flash.distance_m": round(float(camera.distance_m), 4)}
    return place.model_copy(update={"numbers": {**place.numbers, **flash}})


def _key(
    source: Source, scale: NDArray[np.float64], near: Mapping[str, float], numbers: Mapping[str, float], turn: NDArray[np.float64]
) -> KeyLight:
    lens = float((turn.T @ source.direction)[2]) > np.cos(np.radians(PULSE_DEG))
    flash = lens and numbers.get("flash.lx", 0.0) > 0
    placed = dict(near)
    if flash:
        placed["distance_m"] = round(min(numbers["flash.distance_m"], 10.0), 4)
    return KeyLight(
        direction=_vec3(source.direction),
        rgb=_vec3(source.rgb * scale),
        size_deg=round(source.size_deg, 3),
        pulse=bool(flash and numbers.get("flash.pulse", 0.0) >= 0.5),
        **placed,
    )


def _near(numbers: Mapping[str, float], turn: NDArray[np.float64]) -> dict[str, float]:
    """Return distance and edge of the strongest key, as KeyLight names them; a rolled camera turns the edge."""
    words = ("distance_m", "edge_deg", "edge_offset_m", "edge_width_m")
    near = {word: round(numbers.get(f"key.{word}", 0.0), 4) for word in words}
    near["edge_deg"] = round(near["edge_deg"] + float(np.degrees(np.arctan2(turn[1, 0], turn[0, 0]))), 4)
    return near


def _checked(entry: Mapping[str, Any], u: Mapping[str, float]) -> dict[str, float]:
    declared = ranges(entry)
    unknown = next((name for name in u if name not in declared), None)
    if unknown is not None:
        raise SpecError(f"light number {did_you_mean(unknown, declared)}")
    for name, (low, high) in declared.items():
        if name not in u:
            raise SpecError(f"light number '{name}' is missing; draw it between {low} and {high}")
        if not low - 1e-9 <= u[name] <= high + 1e-9:
            raise SpecError(f"light number '{name}' is {u[name]}, allowed are {low} to {high}; draw it within its range")
    return {**{k: float(v) for k, v in entry["fixed"].items()}, **{k: float(v) for k, v in u.items()}}


def _rounded(numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.5g}") for name, value in numbers.items()}


def _vec3(v: NDArray[np.float64]) -> tuple[float, float, float]:
    return (round(float(v[0]), 6), round(float(v[1]), 6), round(float(v[2]), 6))
