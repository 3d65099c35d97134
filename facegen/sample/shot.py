"""Shot: expression, gaze, pose, camera, light, background, wear, degradation."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from facegen.sample.base import Model, Seed, Unit, Vec3
from facegen.sample.wear import Wear


class Expression(Model):
    name: str
    weights: dict[str, float]
    """ARKit-named facial actions, 0..1."""


class Gaze(Model):
    """Direction from the middle of the eyes to what they look at, in the head frame: yaw to the person's own left, pitch down,
    like Pose; `distance_m`: how far that is. Each eye turns to it."""

    yaw_deg: float
    pitch_deg: float
    distance_m: Annotated[float, Field(ge=0.1)] = 100.0


class Pose(Model):
    """Head rotation R = Ry(yaw) Rx(pitch) Rz(roll) against the camera's axes."""

    yaw_deg: Annotated[float, Field(ge=-180, le=180)]
    pitch_deg: Annotated[float, Field(ge=-90, le=90)]
    roll_deg: Annotated[float, Field(ge=-180, le=180)]


class CameraSpec(Model):
    """Pinhole: focal length equivalent for a 24 mm high frame; where the face centre falls, as fractions of the frame."""

    profile: str
    focal_mm: Annotated[float, Field(gt=0)]
    distance_m: Annotated[float, Field(gt=0.1)]
    center_x: float
    center_y: float


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


class Degradation(Model):
    """What lens, sensor and codec do. Lengths are fractions of the image height, so a size change keeps the look."""

    profile: str
    exposure_ev: float
    wb_red: Annotated[float, Field(gt=0)]
    wb_blue: Annotated[float, Field(gt=0)]
    defocus: Annotated[float, Field(ge=0, le=0.1)]
    motion: Annotated[float, Field(ge=0, le=0.2)]
    motion_deg: float
    vignette: Unit
    full_well_e: Annotated[float, Field(gt=0)]  # of a sensor pixel at white; shot noise is its square root
    read_noise_e: Annotated[float, Field(ge=0)]
    contrast: Annotated[float, Field(ge=0.3, le=2.5)]
    saturation: Annotated[float, Field(ge=0, le=2)]
    sharpen: Annotated[float, Field(ge=0, le=2)]
    downscale: Annotated[float, Field(gt=0, le=1)]
    oversample: Annotated[float, Field(ge=1, le=32)] = 1.0
    """The picture was once `downscale` of its size, and had `oversample` sensor pixels along each pixel of that."""
    jpeg_quality: Annotated[int, Field(ge=5, le=100)]
    jpeg_subsampling: Literal["444", "422", "420"]
    grey: bool
    seed: Seed


class Shot(Model):
    index: Annotated[int, Field(ge=0)]
    expression: Expression
    gaze: Gaze
    pose: Pose
    camera: CameraSpec
    light: LightSpec
    background: BackgroundSpec
    wear: Wear
    degradation: Degradation
