"""What is worn in one shot; None where absent."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from facegen.sample.base import Model, Seed, Unit, Vec3


class Eyewear(Model):
    kind: str
    frame_rgb: Vec3
    lens_rgb: Vec3
    lens_opacity: Unit
    size: Annotated[float, Field(ge=0.7, le=1.4)]
    weight: Annotated[float, Field(ge=0.5, le=2.5)] = 1.0
    """Thickness of rims and temples over the kind's usual."""
    depth: Annotated[float, Field(ge=0.7, le=1.3)] = 1.0
    """Height of the lenses over the kind's usual."""
    finish: Literal["plain", "tortoise", "faded", "metal"] = "plain"
    """`faded`: clear towards the bottom."""
    slip: Unit
    """0 worn high on the bridge, 1 slipped down the nose."""


class Mask(Model):
    kind: str
    rgb: Vec3
    position: Literal["worn", "under_nose", "chin"]
    seed: Seed


class Headwear(Model):
    kind: str
    rgb: Vec3
    rgb2: Vec3 = (0.6, 0.6, 0.58)
    """Of its print, and of what is set off: a cap's peak, an under-scarf."""
    pattern: str = "plain"
    tilt_deg: float
    seed: Seed
    """Its shape is expanded from it: how tall, how tight, how it is draped."""


class Neckwear(Model):
    kind: str
    rgb: Vec3
    seed: Seed


class Garment(Model):
    kind: str
    rgb: Vec3
    rgb2: Vec3
    pattern: str
    seed: Seed


class Wear(Model):
    """Things worn in this shot; None where absent. A garment is always worn."""

    eyewear: Eyewear | None = None
    mask: Mask | None = None
    headwear: Headwear | None = None
    scarf: Neckwear | None = None
    garment: Garment
