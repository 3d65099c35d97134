"""Light: what reaches the face, and what is seen behind it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from facegen.sample.base import Model, Seed, Unit, Vec3


class KeyLight(Model):
    """`direction` points from the face towards the light, camera frame; `rgb` is irradiance on a facing surface.

    `distance_m` of the source from the face: irradiance falls with its square; 0 is far away. `edge_*`: something with a straight
    edge stands in the light, which is full far along `edge_deg` (in the picture, counter-clockwise from its right) and dark the
    other way; `edge_offset_m` is where half of it arrives, from the middle of the eyes, `edge_width_m` how soft; 0 is no edge.
    """

    direction: Vec3
    rgb: Vec3
    size_deg: Annotated[float, Field(ge=0.1, le=90)]
    shadow: bool = True
    distance_m: Annotated[float, Field(ge=0, le=10)] = 0.0
    edge_deg: float = 0.0
    edge_offset_m: Annotated[float, Field(ge=-0.3, le=0.3)] = 0.0
    edge_width_m: Annotated[float, Field(ge=0, le=0.3)] = 0.0


class LightSpec(Model):
    """`sh`: 16 real spherical-harmonic coefficients of radiance per channel, row-major (16 x 3), camera frame."""

    rig: str
    sh: Annotated[tuple[float, ...], Field(min_length=48, max_length=48)]
    keys: Annotated[tuple[KeyLight, ...], Field(max_length=4)]


class BackgroundSpec(Model):
    kind: str
    rgb: tuple[Vec3, ...]
    blur: Unit
    seed: Seed
