"""Shot: expression, gaze, pose, camera, light, background, wear, degradation."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from facegen.sample.base import Model
from facegen.sample.camera import CameraSpec
from facegen.sample.degradation import Degradation
from facegen.sample.light import BackgroundSpec, LightSpec
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
