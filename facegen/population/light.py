"""Light: a named rig (assets/light/rigs.json) and the numbers drawn for it, turned into a LightSpec.

A LightSpec holds what the camera records after its own exposure and white balance; what these leave over is the sensor's part.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.errors import SpecError, did_you_mean
from facegen.geometry import harmonics as sh
from facegen.resources import asset_json
from facegen.sample import KeyLight, LightSpec

MAX_KEYS = 4
FACE_M = 0.04
"""Half of what a camera weighs most of a face, across."""
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
_XYZ_TO_RGB = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])


def rigs() -> dict[str, dict[str, Any]]:
    """Return the declared rigs by name."""
    return dict(asset_json("light/rigs.json")["rigs"])


def ranges(rig_params: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Return the numbers that a sampler draws for this rig, each uniform between low and high."""
    return {name: (float(low), float(high)) for name, (low, high) in rig_params["ranges"].items()}


def rig_light(rig_params: Mapping[str, Any], u: Mapping[str, float], name: str = "custom") -> LightSpec:
    """Return the light of a rig at the drawn numbers `u` (one for every range; the words are explained in rigs.json)."""
    numbers = _checked(rig_params, u)
    side = -1.0 if numbers["mirror"] >= 0.5 else 1.0
    surroundings = _surroundings(numbers)
    facing = float(_luminance(sh.irradiance(surroundings, np.array([[0.0, 0.0, 1.0]])))[0])
    lights = [_light(numbers, f"key{i}", side, facing) for i in range(MAX_KEYS) if f"key{i}.ratio" in numbers]
    lobes = [i for i in range(MAX_KEYS) if f"lobe{i}.ratio" in numbers]
    for i in lobes:
        direction, irradiance = _light(numbers, f"lobe{i}", side, facing)[:2]
        surroundings = surroundings + _lobe(direction, irradiance, numbers[f"lobe{i}.width_deg"])
    mean = _face_irradiance(surroundings, lights)
    balance = (mean / (mean @ _LUMINANCE)) ** -numbers["adapt"]
    scale = numbers["level"] * np.pi / float((mean * balance) @ _LUMINANCE) * balance
    named = [f"key{i}" for i in range(MAX_KEYS) if f"key{i}.ratio" in numbers]
    keys = tuple(
        KeyLight(direction=_vec3(d), rgb=_vec3(rgb * scale), size_deg=size, shadow=True, **_near(numbers, key, side))
        for key, (d, rgb, size) in zip(named, lights, strict=True)
    )
    return LightSpec(rig=name, sh=tuple(round(float(v), 6) for v in (surroundings * scale).ravel()), keys=keys)


def draw_light(rig: str, stream: np.random.Generator) -> LightSpec:
    """Return the light of a named rig, its numbers drawn from `stream`."""
    params = rigs()[rig]
    drawn = {name: low + (high - low) * float(stream.random()) for name, (low, high) in ranges(params).items()}
    return rig_light(params, drawn, rig)


def kelvin_rgb(kelvin: float) -> NDArray[np.float64]:
    """Return linear sRGB (3,) of luminance 1 of a black body or, above 4000 K, of daylight-like light on the same locus.

    Kim et al. 2002 (US patent 7024034), cubic fit of the Planckian locus in xy, 1667-25000 K.
    """
    t = 1e3 / kelvin
    if kelvin < 4000:
        x = -0.2661239 * t**3 - 0.2343589 * t**2 + 0.8776956 * t + 0.179910
    else:
        x = -3.0258469 * t**3 + 2.1070379 * t**2 + 0.2226347 * t + 0.240390
    if kelvin < 2222:
        y = -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683
    elif kelvin < 4000:
        y = -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
    else:
        y = 3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483
    rgb = np.clip(_XYZ_TO_RGB @ np.array([x / y, 1.0, (1 - x - y) / y]), 0.01, None)
    return rgb / float(rgb @ _LUMINANCE)


def direction(azimuth_deg: float, elevation_deg: float) -> NDArray[np.float64]:
    """Return the unit vector (3,) towards a light: azimuth 0 at the camera, positive to the picture's right, elevation up."""
    a, e = np.radians(azimuth_deg), np.radians(elevation_deg)
    return np.array([np.cos(e) * np.sin(a), np.sin(e), np.cos(e) * np.cos(a)])


def _checked(rig_params: Mapping[str, Any], u: Mapping[str, float]) -> dict[str, float]:
    declared = ranges(rig_params)
    unknown = next((name for name in u if name not in declared), None)
    if unknown is not None:
        raise SpecError(f"light number {did_you_mean(unknown, declared)}")
    for name, (low, high) in declared.items():
        if name not in u:
            raise SpecError(f"light number '{name}' is missing; draw it between {low} and {high}")
        if not low - 1e-9 <= u[name] <= high + 1e-9:
            raise SpecError(f"light number '{name}' is {u[name]}, allowed are {low} to {high}; draw it within its range")
    return {**{k: float(v) for k, v in rig_params["fixed"].items()}, **{k: float(v) for k, v in u.items()}}


def _surroundings(numbers: Mapping[str, float]) -> NDArray[np.float64]:
    """Smooth sky, horizon and ground, as (16, 3) coefficients."""
    above = kelvin_rgb(numbers["env_kelvin"])
    below = kelvin_rgb(numbers["ground_kelvin"])

    def radiance(d: NDArray[np.float64]) -> NDArray[np.float64]:
        up = np.clip(d[:, 1:2], 0, 1) ** 0.8
        down = np.clip(-d[:, 1:2], 0, 1) ** 0.6
        level = numbers["horizon"] * (0.5 * (above + below))
        return level * (1 - up - down) + numbers["sky"] * above * up + numbers["ground"] * below * down

    return sh.project(radiance)


def _light(
    numbers: Mapping[str, float], key: str, side: float, facing: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return direction, irradiance on a facing surface and angular diameter of one light."""
    towards = direction(side * numbers[f"{key}.azimuth_deg"], numbers[f"{key}.elevation_deg"])
    rgb = numbers[f"{key}.ratio"] * facing * kelvin_rgb(numbers[f"{key}.kelvin"])
    width = numbers.get(f"{key}.edge_width_m", 0.0)
    if width > 0:  # what is left in the middle of the face counts: the camera exposes for it
        rgb = rgb * (1 + np.exp(numbers[f"{key}.edge_offset_m"] / np.hypot(width, FACE_M)))
    return towards, rgb, numbers.get(f"{key}.size_deg", 0.0)


def _near(numbers: Mapping[str, float], key: str, side: float) -> dict[str, float]:
    """Return distance and edge of a light, as KeyLight names them; the mirror turns the edge about the vertical."""
    words = {"distance_m": 0.0, "edge_deg": 0.0, "edge_offset_m": 0.0, "edge_width_m": 0.0}
    near = {word: round(numbers.get(f"{key}.{word}", unset), 4) for word, unset in words.items()}
    return near if side > 0 else {**near, "edge_deg": round(180.0 - near["edge_deg"], 4)}


def _lobe(towards: NDArray[np.float64], irradiance: NDArray[np.float64], width_deg: float) -> NDArray[np.float64]:
    """A von Mises-Fisher lobe in the surroundings that gives `irradiance` on a facing surface; width = half fall-off angle."""
    sharpness = np.log(2.0) / (1 - np.cos(np.radians(width_deg)))
    shape = sh.project(lambda d: np.exp(sharpness * (d @ towards - 1))[:, None])
    peak = float(sh.irradiance(shape, towards[None])[0, 0])
    return shape / peak * irradiance[None]


def _face_irradiance(surroundings: NDArray[np.float64], lights: list[tuple[Any, Any, float]]) -> NDArray[np.float64]:
    """Mean irradiance (3,) over normals turned to the camera, weighted by the area that the camera sees of them."""
    normals, solid = sh.sphere_grid(16)
    weight = np.clip(normals[:, 2], 0, None) * solid
    total = np.clip(sh.irradiance(surroundings, normals), 0, None)
    for towards, rgb, _ in lights:
        total = total + np.clip(normals @ towards, 0, None)[:, None] * rgb
    return (total * weight[:, None]).sum(axis=0) / weight.sum()


def _luminance(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    return rgb @ _LUMINANCE


def _vec3(v: NDArray[np.float64]) -> tuple[float, float, float]:
    return (round(float(v[0]), 6), round(float(v[1]), 6), round(float(v[2]), 6))
