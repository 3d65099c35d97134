"""Camera: where it stands and what its lens does."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from facegen.sample.base import Model


class CameraSpec(Model):
    """Pinhole: focal length equivalent for a 24 mm high frame; where the face centre falls, as fractions of the frame."""

    profile: str
    focal_mm: Annotated[float, Field(gt=0)]
    distance_m: Annotated[float, Field(gt=0.1)]
    center_x: float
    center_y: float
