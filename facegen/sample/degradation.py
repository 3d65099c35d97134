"""Degradation: what sensor, picture processing and codec do to a picture."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from facegen.sample.base import Model, Seed


class Degradation(Model):
    """What sensor and codec do; the lens is part of CameraSpec."""

    profile: str
    exposure_ev: float
    wb_red: Annotated[float, Field(gt=0)]
    wb_blue: Annotated[float, Field(gt=0)]
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
