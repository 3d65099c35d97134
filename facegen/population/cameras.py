"""Draw the camera of a shot from the profiles of assets/population/camera.json."""

from __future__ import annotations

from facegen.geometry.framing import FRAME_MM
from facegen.population.distributions import Even, choice, number, of
from facegen.resources import asset_json
from facegen.sample import CameraSpec
from facegen.spec.dataset import Shots

CENTER_Y = 0.53
"""The face centre sits a little below the middle, so that hair has room."""


def camera(shots: Shots, even: Even) -> CameraSpec:
    """Return the camera of a shot; the share of the frame that the head fills sets the focal length."""
    table = asset_json("population/camera.json")
    profiles = table["profiles"]
    name = choice(shots.camera, {key: profile["share"] for key, profile in profiles.items()}).pick(even("camera"))
    declared = shots.distance_m if shots.distance_m is not None else profiles[name]["distance_m"]
    distance = number(declared, even("distance"))
    focal = FRAME_MM * of(shots.head_fraction).ppf(even("head_fraction")) * distance / table["head_height_m"]
    return CameraSpec(
        profile=name,
        focal_mm=round(focal, 3),
        distance_m=distance,
        center_x=round(0.5 + of(shots.offset).ppf(even("offset_x")), 5),
        center_y=round(CENTER_Y + of(shots.offset).ppf(even("offset_y")), 5),
    )
