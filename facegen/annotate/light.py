"""Light, background, exposure: columns of `LIGHT`."""

from __future__ import annotations

from typing import Any

from facegen.population.light import FILE, contrast, environments
from facegen.sample import Shot


def light(shot: Shot, applied: dict[str, Any] | None) -> dict[str, Any]:
    """Return the columns of a shot; applied: Photo.applied."""
    spec, behind = shot.light, shot.background
    return {
        "light": spec.rig,
        "light_class": light_class(spec.rig),
        "light_sh": list(spec.sh),
        "key_directions": [v for key in spec.keys for v in key.direction],
        "key_colors": [v for key in spec.keys for v in key.rgb],
        "key_sizes_deg": [key.size_deg for key in spec.keys],
        "key_distances_m": [key.distance_m for key in spec.keys],
        "key_pulsed": [key.pulse for key in spec.keys],
        "illuminance_lux": spec.lux,
        "light_contrast": contrast(spec),
        "metering": spec.meter,
        "environment_file": "" if spec.place is None else spec.place.file,
        "background": behind.kind,
        "background_distance_m": behind.distance_m,
        "background_file": behind.file,
        "exposure_gain": None if applied is None else float(applied["exposure_gain"]),
    }


def light_class(rig: str) -> str:
    """Return the class of a place: studio, indoor, outdoor, night; `file`: a panorama; `other`: a place that is not ours."""
    if rig == FILE:
        return FILE
    known = environments()
    return str(known[rig]["setting"]) if rig in known else "other"
