"""SampleSpec: one image described completely by plain numbers.

Everything after the plan is a pure function of (SampleSpec, head model, software version). Units are in the field names;
colours are linear RGB unless the name says Lab (CIE L*a*b*, D65, 2 degrees). Frames are those of docs/design.md.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from facegen.sample.base import Model, Seed, Unit, Vec3
from facegen.sample.camera import CameraSpec, Motion
from facegen.sample.channel import Graduated, Jpeg, PrintScan, Resize, Screenshot, Step, Video, WebP
from facegen.sample.degradation import Degradation
from facegen.sample.identity import Brows, Complexion, HairTraits, Identity, Iris, Skin
from facegen.sample.light import BackgroundSpec, KeyLight, LightSpec, Place
from facegen.sample.shot import Expression, Gaze, Pose, Shot
from facegen.sample.sitting import Beard, HairStyle, Makeup, Sitting
from facegen.sample.wear import CastShadow, Eyewear, Front, Garment, Headwear, Mask, Neckwear, Rain, SecondHead, Wear

__all__ = [
    "BackgroundSpec",
    "Beard",
    "Brows",
    "Complexion",
    "CameraSpec",
    "CastShadow",
    "Degradation",
    "Expression",
    "Eyewear",
    "Front",
    "Garment",
    "Gaze",
    "Graduated",
    "HairStyle",
    "HairTraits",
    "Headwear",
    "Identity",
    "Iris",
    "Jpeg",
    "KeyLight",
    "LightSpec",
    "Makeup",
    "Mask",
    "Model",
    "Motion",
    "Neckwear",
    "Place",
    "Pose",
    "PrintScan",
    "Resize",
    "SCHEMA_VERSION",
    "SampleSpec",
    "Screenshot",
    "Rain",
    "SecondHead",
    "Seed",
    "Shot",
    "Sitting",
    "Skin",
    "Step",
    "Unit",
    "Vec3",
    "Video",
    "Wear",
    "WebP",
]

SCHEMA_VERSION = 2


class SampleSpec(Model):
    schema_version: Literal[2] = SCHEMA_VERSION
    image_id: str
    identity: Identity
    sitting: Sitting
    shot: Shot
    size_px: Annotated[int, Field(ge=32, le=2048)]
