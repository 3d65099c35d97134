"""Draw the camera of a shot: device, place, lens and shake, from assets/camera/lenses.json.

The preset of `shots.degradation` says how strong a lens's faults are (1: as the device's) and how often a picture is badly out of
focus or smeared besides.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from scipy.special import ndtri

from facegen.geometry import thinlens
from facegen.geometry.framing import FRAME_MM
from facegen.population.distributions import Even, choice, number, of
from facegen.resources import asset_json
from facegen.sample import CameraSpec, Vec3
from facegen.sample.camera import Motion
from facegen.spec.shots import Shots

CENTER_Y = 0.53
"""The face centre sits a little below the middle, so that hair has room."""
CROWN_M = 0.08
"""A crown lies this far behind the face centre: seen from above it rises in the picture, and the face is placed lower."""
SQUARE_MM = FRAME_MM / math.sqrt(2)
"""Half the diagonal of the square picture, where `focal_mm` is equivalent for 24 mm of height."""
LANDSCAPE = 1.5
"""Width over height of a device's frame: room for the picture to lie aside."""


def camera(shots: Shots, faults: Mapping[str, Any], even: Even) -> CameraSpec:
    """Return the camera of a shot; the share of the frame that the head fills sets the focal length.

    `faults`: `strength` of the lens's faults (1: the device's own) and `defocus`, `motion` with the `chance` of a strong one and
    its `share` of the picture's height.
    """
    table = asset_json("camera/lenses.json")
    profiles = table["profiles"]
    name = choice(shots.camera, {key: profile["share"] for key, profile in profiles.items()}).pick(even("camera"))
    device = profiles[name]
    declared = shots.distance_m if shots.distance_m is not None else device["distance_m"]
    distance = number(declared, even("distance"))
    focal = FRAME_MM * of(shots.head_fraction).ppf(even("head_fraction")) * distance / table["head_height_m"]
    tilt = _draw(device, "tilt_deg", even, 2)
    rise = CROWN_M * math.sin(math.radians(tilt)) * focal / FRAME_MM / distance if device["pitched"] else 0.0
    spec = CameraSpec(
        profile=name,
        focal_mm=round(focal, 3),
        distance_m=distance,
        center_x=round(0.5 + of(shots.offset).ppf(even("offset_x")), 5),
        center_y=round(CENTER_Y + rise + of(shots.offset).ppf(even("offset_y")), 5),
        tilt_deg=tilt,
        roll_deg=_draw(device, "roll_deg", even, 2),
        **_lens(device, focal, table["half_diagonal_mm"], float(faults["strength"]), even),
    )
    spec = spec.model_copy(update={"focus_offset_m": _focus(spec, device, even)}) if spec.f_number > 0 else spec
    return _failed(spec, faults, table["fault_exposure_s"], even)


def pitched(spec: CameraSpec) -> bool:
    """Return whether a head's drawn pitch is against gravity before this camera, whose tilt then adds to it."""
    return bool(asset_json("camera/lenses.json")["profiles"][spec.profile]["pitched"])


def _draw(device: dict[str, Any], key: str, even: Even, digits: int = 6) -> float:
    return round(of(device[key]).ppf(even(f"lens.{key}")), digits)


def _normal(even: Even, key: str, sd: float) -> float:
    """A normal draw cut at two standard deviations."""
    u = 0.02275 + 0.9545 * even(f"lens.{key}")
    return sd * float(ndtri(u))


def _lens(device: dict[str, Any], focal: float, half_diagonal: float, strength: float, even: Even) -> dict[str, Any]:
    """Return the lens's fields: its part of the device's frame, what it bends, loses and strews, how it moves."""
    own = focal if device["lens_mm"] is None else min(_draw(device, "lens_mm", even), focal)
    zoom = focal / own
    corner = half_diagonal / own
    aside, turn = _draw(device, "aside", even), 2 * math.pi * even("lens.aside_turn")
    room_x, room_y = (LANDSCAPE * zoom - 1) / 2 * (zoom > 1), (zoom - 1) / 2
    principal = {
        "principal_x": aside * math.cos(turn) * room_x + _normal(even, "axis_x", device["axis"]) * zoom,
        "principal_y": aside * math.sin(turn) * room_y + _normal(even, "axis_y", device["axis"]) * zoom,
    }
    share = strength * _draw(device, "distortion", even)
    bend = _draw(device, "bend", even)
    k1, k2 = share * (1 + bend) / corner**2, -share * bend / corner**4
    p1, p2 = (strength * _normal(even, key, device["decentring"]) for key in ("p1", "p2"))
    f_number = _draw(device, "f_number", even, 2)
    lost = (1 - strength * _draw(device, "vignette", even)) ** -0.5 - 1
    lost *= (SQUARE_MM / zoom / half_diagonal) ** 2
    return {
        **{key: round(value, 5) for key, value in principal.items()},
        "crop": round(_draw(device, "crop", even) * zoom, 4),
        "f_number": f_number if strength > 0 else 0.0,
        "distortion": tuple(round(k, 7) for k in (k1, k2, p1, p2, 0.0)),
        "ca_red": round(strength * _normal(even, "ca_red", device["lateral"]), 7),
        "ca_blue": round(strength * _normal(even, "ca_blue", device["lateral"]), 7),
        "ca_axial": round(strength * _draw(device, "axial", even) * zoom * 2 / f_number, 6),
        "vignette": round(1 - (1 + lost) ** -2, 5),
        "veil": round(strength * _draw(device, "veil", even), 5),
        "flare": round(strength * _draw(device, "flare", even), 5),
        "motion": _motion(device, strength, even),
        "readout_s": round(strength * _draw(device, "readout_s", even) / zoom, 6),
    }


def _motion(device: dict[str, Any], strength: float, even: Even) -> Motion:
    camera, speed, spin = (strength * _draw(device, key, even) for key in ("camera_deg_s", "head_m_s", "head_deg_s"))
    return Motion(
        head_velocity=_scaled(_towards(even, "head_velocity"), speed),
        head_spin=_scaled(_towards(even, "head_spin"), spin),
        camera_spin=_scaled(_towards(even, "camera_spin"), camera),
    )


def _towards(even: Even, key: str) -> Vec3:
    """A direction, even over the sphere."""
    z, turn = 2 * even(f"lens.{key}_z") - 1, 2 * math.pi * even(f"lens.{key}_turn")
    across = math.sqrt(max(1 - z * z, 0))
    return across * math.cos(turn), across * math.sin(turn), z


def _scaled(direction: Vec3, size: float) -> Vec3:
    x, y, z = (round(size * d, 5) for d in direction)
    return x, y, z


def _focus(spec: CameraSpec, device: dict[str, Any], even: Even) -> float:
    """Return how far beyond the eyes the lens is focused (m): the autofocus's error, or where a fixed lens was set."""
    if "fixed_focus_m" in device:
        return round(_draw(device, "fixed_focus_m", even) - spec.distance_m, 5)
    return round(_draw(device, "focus_error", even) * spec.distance_m, 5)


def _failed(spec: CameraSpec, faults: Mapping[str, Any], exposure_s: float, even: Even) -> CameraSpec:
    """Return `spec` badly out of focus or moved where the preset's chance says so.

    `defocus` is the disc's diameter at the eyes and `motion` the smear's length at an exposure of `exposure_s`, shares of the
    picture's height; they become the focus and the speed that cause them: half of the smears are the head's, half the camera's.
    """
    out = spec
    if spec.f_number > 0 and even("lens.defocus_chance") < faults["defocus"]["chance"]:
        wanted = of(faults["defocus"]["share"]).ppf(even("lens.defocus"))
        focus = thinlens.focus_for(spec, spec.distance_m, wanted, behind=even("lens.defocus_side") < 0.5)
        out = out.model_copy(update={"focus_offset_m": round(focus - spec.distance_m, 5)})
    if even("lens.motion_chance") < faults["motion"]["chance"]:
        speed = (
            of(faults["motion"]["share"]).ppf(even("lens.motion")) * FRAME_MM / spec.focal_mm / exposure_s
        )  # tangents a second
        turn = 2 * math.pi * even("lens.motion_turn")
        x, y = math.cos(turn), math.sin(turn)
        if even("lens.motion_who") < 0.5:
            fast = {"head_velocity": _scaled((x, y, 0.0), speed * spec.distance_m)}
        else:
            fast = {"camera_spin": _scaled((-x, y, 0.0), math.degrees(speed))}
        out = out.model_copy(update={"motion": out.motion.model_copy(update=fast)})
    return out
