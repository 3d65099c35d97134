"""Degradation: what sensor, picture processing and codec do to a picture."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from facegen.sample.base import Model, Seed, Unit
from facegen.sample.channel import Step

Matrix = tuple[float, float, float, float, float, float, float, float, float]
SAME: Matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


class Degradation(Model):
    """What sensor, processing and codec do; the lens is part of CameraSpec. Lengths are fractions of the image height, so a size
    change keeps the look.

    `profile`: the device whose numbers these are; `preset`: the spec's word for how much goes wrong. `iso`, `exposure_s`: what
    its automatic exposure chose. Signals are linear light, 1 = a white card.
    """

    profile: str
    preset: str = ""
    iso: Annotated[float, Field(gt=0)] = 100.0
    exposure_s: Annotated[float, Field(gt=0)] = 0.01
    exposure_ev: float
    wb_red: Annotated[float, Field(gt=0)]
    wb_blue: Annotated[float, Field(gt=0)]
    full_well_e: Annotated[float, Field(gt=0)]
    """Electrons of a green photosite at a white card, at this ISO; shot noise is their square root."""
    read_noise_e: Annotated[float, Field(ge=0)]
    row_noise_e: Annotated[float, Field(ge=0)] = 0.0
    """Offset that the photosites of a row share."""
    prnu: Annotated[float, Field(ge=0, le=0.1)] = 0.0
    """Spread of the photosites' sensitivity."""
    hot_pixels: Annotated[float, Field(ge=0, le=0.01)] = 0.0
    """Share of photosites that leak and were not mapped out."""
    black_level: Annotated[float, Field(ge=0, le=1)] = 1.0
    """Pedestal under black that keeps the lower half of the read noise, as a share of white; 0 clips it."""
    headroom: Annotated[float, Field(ge=1, le=8)] = 4.0
    """Signal at which a photosite saturates, and display white."""
    gain_red: Annotated[float, Field(ge=0.5, le=4)] = 1.0
    gain_blue: Annotated[float, Field(ge=0.5, le=4)] = 1.0
    """White balance: a red photosite gets this many times fewer electrons from white than a green one."""
    mix: Matrix = SAME
    """Row-major: the sensor's red, green and blue of linear sRGB. Rows sum to 1, so that grey stays grey."""
    correction: Matrix = SAME
    """Row-major colour matrix of the processing; the inverse of the usual `mix` of this kind of device."""
    local_tone: Annotated[float, Field(ge=0, le=0.8)] = 0.0
    """Share of the large-scale log contrast that local tone mapping takes away."""
    black_point: Unit = 0.0
    """Share of the picture's darkest light (stray light, mostly) that the processing takes for black and subtracts."""
    contrast: Annotated[float, Field(ge=0.3, le=2.5)]
    saturation: Annotated[float, Field(ge=0, le=2)]
    hue_deg: Annotated[float, Field(ge=-60, le=60)] = 0.0
    denoise: Unit = 0.0
    sharpen: Annotated[float, Field(ge=0, le=2)]
    sharpen_radius: Annotated[float, Field(gt=0, le=0.05)] = 0.004
    downscale: Annotated[float, Field(gt=0, le=1)]
    oversample: Annotated[float, Field(ge=1, le=32)] = 1.0
    """The picture was once `downscale` of its size, and had `oversample` sensor pixels along each pixel of that."""
    infrared: Unit = 0.0
    """Not visible light but near infrared; the share that comes from a lamp at the camera, 0 for a visible-light picture."""
    grey: bool
    channel: tuple[Step, ...] = ()
    jpeg_quality: Annotated[int, Field(ge=5, le=100)]
    jpeg_subsampling: Literal["444", "422", "420"]
    seed: Seed
