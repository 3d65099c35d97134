"""SampleSpec: one image described completely by plain numbers.

Everything after the plan is a pure function of (SampleSpec, head model, software version). Units are in the field names;
colours are linear RGB unless the name says Lab (CIE L*a*b*, D65, 2 degrees). Frames are those of docs/design.md.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from facegen.sample.base import Id, Model, Seed, Unit, Vec3
from facegen.sample.camera import CameraSpec, Motion
from facegen.sample.channel import Graduated, Jpeg, PrintScan, Resize, Screenshot, Step, Video, WebP
from facegen.sample.counterfactual import Counterfactual, Reference
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
    "Counterfactual",
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
    "Reference",
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
    image_id: Id
    identity: Identity
    sitting: Sitting
    shot: Shot
    size_px: Annotated[int, Field(ge=32, le=2048)]
    counterfactual: Counterfactual | None = None
    """What it changes of another sample; None in every other kind of data set."""

    @model_serializer(mode="wrap")
    def _lean(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A sample that is no counterfactual is written as it was before there were any."""
        out: dict[str, Any] = handler(self)
        if out.get("counterfactual") is None:
            out.pop("counterfactual", None)
        return out

    def base(self) -> SampleSpec:
        """Return the sample that this one changes; itself when it is no variant or keeps nothing of it."""
        told = self.counterfactual
        if told is None or told.base is None:
            return self
        parts = {name: getattr(told.base, name) for name in type(told.base).model_fields}
        own = {name: value for name, value in parts.items() if value is not None}
        shot = self.shot.model_copy(update={k: v for k, v in own.items() if k not in ("identity", "sitting")})
        who = {k: v for k, v in own.items() if k in ("identity", "sitting")}
        return self.model_copy(update={**who, "image_id": told.base_id, "shot": shot, "counterfactual": None})
