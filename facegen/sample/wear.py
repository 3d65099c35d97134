"""What is worn in one shot; None where absent."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from facegen.sample.base import Model, Seed, Unit, Vec3

OPAQUE = 0.5


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
    power_dpt: Annotated[float, Field(ge=-12, le=10)] = 0.0
    """Refraction of the lenses, dioptres: minus shrinks what is behind them, plus enlarges it."""
    coating: Literal["none", "green", "blue", "purple", "mirror"] = "none"
    """Tint of what the lenses reflect; `mirror`: a metal film."""
    gradient: Unit = 0.0
    """How much clearer tinted lenses become towards their bottom."""
    slip: Unit
    """0 worn high on the bridge, 1 slipped down the nose."""

    @property
    def hides_eyes(self) -> bool:
        """Whether the middle of the lenses holds back half of the light or more: drawn as solid and labelled glasses."""
        return self.lens_opacity * (1 - 0.5 * self.gradient) >= OPAQUE


class Mask(Model):
    kind: str
    rgb: Vec3
    rgb2: Vec3 = (0.6, 0.6, 0.58)
    """Of its print."""
    pattern: str = "plain"
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
    position: Literal["neck", "mouth"] = "neck"
    """`mouth`: drawn up over mouth and nose tip."""
    seed: Seed


class Garment(Model):
    kind: str
    rgb: Vec3
    rgb2: Vec3
    pattern: str
    seed: Seed


class Front(Model):
    """Something held or hanging before the face. `kind` hand: an empty hand, `pose` its gesture; phone, microphone, cup: in a
    hand, `pose` how (assets/wear/hands.json); paper: a sheet or a book held up, `pose` which; hair_veil: a lock across an eye."""

    kind: Literal["hand", "phone", "microphone", "cup", "paper", "hair_veil"]
    pose: str
    side: Literal["left", "right"]
    """The person's own."""
    rgb: Vec3 = (0.1, 0.1, 0.1)
    rgb2: Vec3 = (0.5, 0.5, 0.5)
    sleeve: Unit = 0.5
    """Where the sleeve begins: 0 at the wrist, 1 at the elbow."""
    seed: Seed


class SecondHead(Model):
    """Somebody else behind, out of focus: part of the background, without labels. `off` of the picture's width from its middle to
    the right, `behind_m` farther from the camera than the person, `drop_m` lower."""

    off: float
    behind_m: Annotated[float, Field(gt=0.2, le=20)]
    drop_m: float
    yaw_deg: float
    seed: Seed


class CastShadow(Model):
    """Something unseen in the strongest light, `distance_m` from the face towards it, turned by `turn_deg` in its plane."""

    kind: Literal["blinds", "leaves", "brim", "hand", "pole"]
    distance_m: Annotated[float, Field(ge=0.1, le=2)]
    turn_deg: float
    seed: Seed


class Rain(Model):
    """Drops on the front glass of the lens; `strength`: how many and how large."""

    strength: Unit
    seed: Seed


class Wear(Model):
    """Things worn in this shot, before the face, behind it and in its light; None where absent. A garment is always worn."""

    eyewear: Eyewear | None = None
    mask: Mask | None = None
    headwear: Headwear | None = None
    scarf: Neckwear | None = None
    front: tuple[Front, ...] = ()
    second_head: SecondHead | None = None
    shadow: CastShadow | None = None
    rain: Rain | None = None
    garment: Garment
