"""Draw what sensor, processing and channel do to a picture: a device of assets/camera/sensors.json under a preset of
presets.json.

Each number has a stream of its own, so that another device, preset or light changes no draw, only what is made of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from pydantic import TypeAdapter

from facegen.population.distributions import Categories, of
from facegen.population.exposure import Exposure, program
from facegen.resources import asset_json
from facegen.sample import Degradation, Step
from facegen.sample.degradation import SAME
from facegen.spec import names
from facegen.spec.shots import Shots
from facegen.spec.values import Categorical

Stream = Callable[[str], np.random.Generator]
PINHOLE_NUMBER = 2.8
"""A lens without faults (f-number 0: sharp everywhere) lets in as much light as this one; our choice."""
BEYOND_EV = 1.0
"""How far beyond the device's largest ISO additional strong noise may go: where a night has used it up, little is added (our
choice)."""
WIEN_NM = 14.388
"""Second radiation constant over 10^6: per mired, log radiance at wavelength w (nm) falls by this over w (Wien's law)."""
RED_NM, GREEN_NM, BLUE_NM = 610.0, 550.0, 450.0
"""Where sRGB's primaries have most of their light."""
PERFECT = {"full_well_e": 1e9, "read_noise_e": 0.0, "contrast": 1.0, "saturation": 1.0, "sharpen": 0.0, "downscale": 1.0,
           "oversample": 4.0, "grey": False, "jpeg_quality": 100, "jpeg_subsampling": "444"}  # fmt: skip
_STEP: TypeAdapter[Step] = TypeAdapter(Step)


class Setting(NamedTuple):
    """What the exposure program reads: the device, the light on the face (lux), the lens's f-number."""

    device: str
    lux: float
    f_number: float


def preset_shares() -> dict[str, float]:
    """Return the share of each preset where a spec says `any`."""
    return {name: preset["share"] for name, preset in _presets().items()}


def lens_faults(preset: str) -> dict[str, Any]:
    """Return what a preset says of lenses: `strength` of their faults; `defocus`, `motion`: chance and share of strong ones."""
    table = _presets()[preset]
    return {"strength": 0.0 if table.get("perfect") else table["faults"], **table["lens"]}


def placed(shots: Shots, preset: str) -> Shots:
    """Return `shots` with the preset's devices and places of light where they say `any`; without places of its own a preset takes
    them by the shares of assets/light/environments.json."""
    return shots.model_copy(update=dict(_places(preset, shots.camera.names == (names.ANY,), shots.light.names == (names.ANY,))))


def degradation(
    preset: str, setting: Setting, stream: Stream, seed: int, chances: Mapping[str, float] = MappingProxyType({})
) -> Degradation:
    """Return the degradation of one shot; `stream` names the generator of each number. `chances` of strong faults and named steps
    stand in place of the preset's own, where it has them."""
    table, device = _presets()[preset], asset_json("camera/sensors.json")["devices"][setting.device]

    def draw(key: str) -> float:
        return of(device[key]).ppf(float(stream(f"degradation.{key}").random()))

    lux = device.get("lamp_lux", setting.lux)
    f_number = setting.f_number if setting.f_number > 0 else PINHOLE_NUMBER
    seen = program(lux, f_number, device["base_iso"], device["iso"], device["shutter_s"], device["hand_s"])
    faults = _faults(table["strong"], stream, chances)
    stops = min(faults["stops"], max(math.log2(device["iso"][1] / seen.iso) + BEYOND_EV, 0.0))
    seen = Exposure(seen.iso * 2**stops, seen.shutter_s / 2**stops, seen.short_ev)
    whole: dict[str, Any] = {"profile": setting.device, "preset": preset, "seed": seed, "infrared": _rounded(draw("infrared")),
             "iso": _rounded(seen.iso), "exposure_s": _rounded(seen.shutter_s)}  # fmt: skip
    if table.get("perfect"):
        infrared = {"grey": whole["infrared"] > 0}
        return Degradation(**{**whole, "exposure_ev": 0.0, "wb_red": 1.0, "wb_blue": 1.0, **PERFECT, **infrared})
    jpeg = {
        "jpeg_quality": round(draw("jpeg_quality")),
        "jpeg_subsampling": Categories.of(device["subsampling"]).pick(float(stream("degradation.subsampling").random())),
    }
    values = {
        **_colour(draw, device, table["faults"], stream),
        **_electrons(draw, device, seen),
        **_processing(draw, device, seen),
    }
    values["exposure_ev"] = table["faults"] * draw("exposure_ev") + seen.short_ev + faults["ev"]
    values["contrast"] = min(max(values["contrast"] * 2 ** faults["contrast"], 0.4), 2.2)
    values["saturation"] = min(values["saturation"] * 2 ** faults["saturation"], 2.0)
    values["hue_deg"] = faults["hue"]
    grey = faults["grey"] > 0 or stream("degradation.grey").random() < device["grey_chance"]
    channel = _channel(table["channel"], setting.device, stream, seed, chances)
    numbers = {key: _rounded(value) if isinstance(value, float) else value for key, value in values.items()}
    return Degradation(**whole, **numbers, **jpeg, grey=grey, channel=channel)


def _electrons(draw: Callable[[str], float], device: dict[str, Any], seen: Exposure) -> dict[str, Any]:
    """Sensor numbers at the chosen ISO: gain divides what a white card may fill, and late noise with it; frames add up."""
    gain, headroom = seen.iso / device["base_iso"], draw("headroom")
    frames = device["merged"]
    merged = frames[min(int(len(frames) * _stops(device, seen)), len(frames) - 1)]
    read = math.hypot(draw("read_noise_e"), draw("late_noise_e") / gain) * math.sqrt(merged)
    return {
        "full_well_e": max(draw("saturation_e") / headroom / gain * merged, 1.0),
        "read_noise_e": read,
        "row_noise_e": device["row_noise"] * read,
        "headroom": headroom,
        "black_level": device["black_level"],
        **{key: draw(key) for key in ("prnu", "hot_pixels", "gain_red", "gain_blue")},
    }


def _stops(device: dict[str, Any], seen: Exposure) -> float:
    """Share of the device's ISO range that is used: the more, the more frames are merged."""
    return min(max(math.log2(seen.iso / device["base_iso"]) / math.log2(device["iso"][1] / device["base_iso"]), 0.0), 1.0)


def _processing(draw: Callable[[str], float], device: dict[str, Any], seen: Exposure) -> dict[str, Any]:
    stops = max(math.log2(seen.iso / device["base_iso"]), 0.0)
    plain = ("local_tone", "black_point", "contrast", "saturation", "sharpen", "sharpen_radius", "oversample", "downscale")
    values = {key: float(draw(key)) for key in plain}
    return {**values, "denoise": min(draw("denoise") + device["denoise_per_stop"] * stops, 1.0)}


def _colour(draw: Callable[[str], float], device: dict[str, Any], faults: float, stream: Stream) -> dict[str, Any]:
    """White balance errors as gains on red and blue; the sensor's mix and the matrix that undoes the usual one."""
    mired, tint = faults * draw("wb_mired"), faults * draw("wb_tint")
    balance = {
        name: math.exp(tint + WIEN_NM * (1 / GREEN_NM - 1 / at) * mired)
        for name, at in (("wb_red", RED_NM), ("wb_blue", BLUE_NM))
    }
    shares = asset_json("camera/sensors.json")["crosstalk"]
    taken = draw("crosstalk")
    usual = (1 - taken) * np.eye(3) + taken * np.array([shares["red"], shares["green"], shares["blue"]])
    if taken == 0:
        return {**balance, "mix": SAME, "correction": SAME}
    own = usual + device["matrix_sd"] * stream("degradation.matrix").standard_normal((3, 3))
    own /= own.sum(axis=1, keepdims=True)
    return {**balance, "mix": _matrix(own), "correction": _matrix(np.linalg.inv(usual))}


def _faults(declared: dict[str, Any], stream: Stream, chances: Mapping[str, float]) -> dict[str, float]:
    """Additional strong faults, 0 where they do not occur; contrast, brightness and saturation go either way."""
    drawn = {"stops": 0.0, "ev": 0.0, "contrast": 0.0, "hue": 0.0, "saturation": 0.0, "grey": 0.0}
    amounts = {"noise": "stops", "brightness": "ev", "contrast": "log2", "hue": "deg", "saturation": "log2"}
    for name, fault in declared.items():
        occurs, side, amount = stream(f"degradation.strong.{name}").random(3)
        if occurs >= chances.get(name, fault["chance"]):
            continue
        if name == "grey":
            drawn["grey"] = 1.0
            continue
        sign = 1.0 if name == "noise" or side < 0.5 else -1.0
        drawn[{"noise": "stops", "brightness": "ev"}.get(name, name)] = sign * of(fault[amounts[name]]).ppf(float(amount))
    return drawn


def _channel(
    declared: list[dict[str, Any]], device: str, stream: Stream, seed: int, chances: Mapping[str, float]
) -> tuple[Step, ...]:
    steps = []
    for n, entry in enumerate(declared):
        draws = stream(f"degradation.channel.{n}")
        chance = chances.get(entry.get("name", ""), entry["chance"])
        if device not in entry.get("devices", (device,)) or draws.random() >= chance:
            continue
        values = {key: _value(value, draws) for key, value in entry["step"].items()}
        seeded = {"seed": (seed + n) % 2**32} if values["kind"] in ("video", "print_scan") else {}
        steps.append(_STEP.validate_python({**values, **seeded}))
    return tuple(steps)


def _value(declared: Any, draws: np.random.Generator) -> Any:
    if isinstance(declared, dict) and "words" in declared:
        return Categories.of(declared["words"]).pick(float(draws.random()))
    if isinstance(declared, dict) and "whole" in declared:
        return round(of(declared["whole"]).ppf(float(draws.random())))
    return _rounded(of(declared).ppf(float(draws.random()))) if isinstance(declared, dict) else declared


def _presets() -> dict[str, Any]:
    return dict(asset_json("camera/presets.json")["presets"])


@cache
def _places(preset: str, camera: bool, light: bool) -> tuple[tuple[str, Categorical], ...]:
    table = _presets()[preset]
    asked = (("camera", "devices", camera), ("light", "light", light))
    return tuple((field, Categorical(table[key])) for field, key, wanted in asked if wanted and key in table)


def _matrix(rows: np.ndarray) -> tuple[float, ...]:
    """Row-major, to five digits; the diagonal takes what rounding left, so that rows sum to 1."""
    rows = np.round(rows, 5)
    rows[np.diag_indices(3)] += 1 - rows.sum(axis=1)
    return tuple(round(float(v), 5) for v in rows.ravel())


def _rounded(value: float) -> float:
    return float(f"{value:.5g}")
