"""What the renderer reads of a LightSpec: keys, harmonics, the map that wet and glassy surfaces mirror, how wide pupils are.

The spec itself is drawn by population/light.py. It holds what the camera records after its own exposure and white balance; what
these leave over is the sensor's part.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen.geometry import harmonics
from facegen.geometry.framing import gravity_to_camera
from facegen.sample import BackgroundSpec, CameraSpec, KeyLight, LightSpec
from facegen.scene import Key
from facegen.surroundings import maps, places
from facegen.surroundings.colour import LUMINANCE, luminance

SMALL_DEG = 6.0
"""Lights below this are mirrored as discs by the shaders; a texel of the map would make them too large."""
BRIGHTEST = 40.0
"""Radiance over white that the mirrored map is held to."""
ROOM_LUX = 300.0
"""Illuminance at which pupils are as wide as an identity's says."""


def keys(spec: LightSpec, face: NDArray[np.float64] | None = None) -> tuple[Key, ...]:
    """Return the renderer's keys of `spec`, directions made unit; `face` (3,) is the middle of the eyes in the world (m)."""
    centre = np.zeros(3) if face is None else np.asarray(face, dtype=np.float64)
    out = []
    for key in spec.keys:
        direction = np.asarray(key.direction, dtype=np.float64)
        unit = direction / np.linalg.norm(direction)
        source = np.append(centre + key.distance_m * unit, key.distance_m) if key.distance_m > 0 else None
        edge = _edge(key, centre) if key.edge_width_m > 0 else None
        rgb = np.asarray(key.rgb, dtype=np.float32)
        out.append(Key(unit.astype(np.float32), rgb, key.size_deg, key.shadow, source, edge, key.pulse))
    return tuple(out)


def _edge(key: KeyLight, centre: NDArray[np.float64]) -> NDArray[np.float64]:
    angle = np.radians(key.edge_deg)
    across = np.array([np.cos(angle), np.sin(angle), 0.0]) / key.edge_width_m
    return np.append(across, across @ centre + key.edge_offset_m / key.edge_width_m)


def coefficients(spec: LightSpec) -> NDArray[np.float32]:
    """Return the (16, 3) radiance coefficients of `spec`."""
    return np.asarray(spec.sh, dtype=np.float32).reshape(harmonics.COUNT, 3)


SHADOW_SHARE = 0.25
"""A key must bring this share of the light on the face for a shadow in it to be seen; our choice."""


def shadow_key(spec: LightSpec, facing: NDArray[np.floating]) -> Key | None:
    """Return the strongest key that casts shadows on a face whose normal is `facing` (3,), world; None where it brings too little
    of the light for its shadows to be seen."""
    out = np.asarray(facing, np.float64)
    casting = [(float(LUMINANCE @ key.rgb) * max(0.0, float(out @ key.direction)), key) for key in keys(spec) if key.shadow]
    around = float(LUMINANCE @ harmonics.irradiance(coefficients(spec), out[None])[0])
    total = max(around, 0.0) + sum(light for light, _ in casting)
    light, key = max(casting, key=lambda pair: pair[0], default=(0.0, None))
    return key if light >= SHADOW_SHARE * total and light > 0 else None


def turn(camera: CameraSpec) -> NDArray[np.float64]:
    """Return the rotation (3, 3) from the gravity frame to the camera's axes."""
    return gravity_to_camera(camera.tilt_deg, camera.roll_deg)


def mirrored(light: LightSpec, background: BackgroundSpec, camera: CameraSpec) -> NDArray[np.float32] | None:
    """Return the radiance (ROWS, COLUMNS, 3) that surfaces mirror, camera frame, without small lights; None without a place."""
    if light.place is None:
        return None
    around = places.radiance_map(light.place, background) * np.asarray(light.place.scale, dtype=np.float32)
    around = maps.rotated(around, turn(camera))
    for key in light.keys:
        if key.size_deg < SMALL_DEG:
            towards = np.asarray(key.direction, dtype=np.float32)
            cosine = maps.directions() @ (towards / np.linalg.norm(towards))
            near, rim = cosine > np.cos(np.radians(6.0)), (cosine > np.cos(np.radians(12.0)))
            around[near] = np.median(around[rim & ~near], axis=0)
    level = luminance(around)[..., None]
    return np.ascontiguousarray(around * np.minimum(1.0, BRIGHTEST / np.maximum(level, 1e-6)), dtype=np.float32)


def pupil(light: LightSpec) -> float:
    """Return the width of pupils over that in a room: they answer to what the face receives but for a flash.

    Stanley & Davies 1995 (The effect of field of view size on steady-state pupil diameter), as in Watson & Yellott 2012, for a
    field of 60 degrees that reflects half of the light; the constants are from memory.
    """
    front = np.array([[0.0, 0.0, 1.0]])
    steady = float(luminance(np.clip(harmonics.irradiance(coefficients(light), front), 0, None))[0])
    flash = 0.0
    for key in light.keys:
        facing = max(0.0, key.direction[2]) * float(np.asarray(key.rgb) @ LUMINANCE)
        flash, steady = (flash + facing, steady) if key.pulse else (flash, steady + facing)
    share = steady / max(steady + flash, 1e-9)
    return _diameter(light.lux * share) / _diameter(ROOM_LUX)


def _diameter(lux: float) -> float:
    corneal = (0.5 * lux / np.pi * 60.0**2 / 846.0) ** 0.41
    return float(7.75 - 5.75 * corneal / (corneal + 2))
