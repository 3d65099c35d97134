"""Sitting: age, hair, beard, weight, tan, makeup, own glasses."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from facegen.sample.base import Id, Model, Seed, Unit, Vec3


class HairStyle(Model):
    style: str
    length: Annotated[float, Field(ge=0.3, le=2.0)]
    volume: Annotated[float, Field(ge=0.3, le=2.0)]
    parting: Annotated[float, Field(ge=-1.0, le=1.0)]
    fringe: Unit
    grey: Unit
    recession: Unit
    thinning: Unit
    dye: Vec3 | None = None
    seed: Seed


class Beard(Model):
    """Beard; `cheek` 0 low to 1 high cheek line, `patchy` 0 even to 1 with bare patches, `link` of moustache and beard.
    Those three are the person's own and the same in every sitting."""

    style: Literal["none", "shadow", "stubble", "moustache", "goatee", "full"]
    density: Unit
    length: Unit
    grey: Unit
    cheek: Unit = 0.5
    patchy: Unit = 0.2
    link: Unit = 0.8
    seed: Seed


class Makeup(Model):
    """Amounts 0..1 of each product; 0 is none. `look` is the word of the spec or table that they were drawn for."""

    look: str = ""
    lips: Unit
    lips_rgb: Vec3
    eyes: Unit
    eyes_rgb: Vec3
    liner: Unit
    blush: Unit
    lip_finish: Literal["sheer", "satin", "matte", "gloss"] = "satin"
    foundation: Unit = 0.0
    mascara: Unit = 0.0
    brows: Unit = 0.0
    """Powder in the brows."""
    wing: Unit = 0.0
    """How far the liner runs out beyond the outer corner."""
    kohl: Unit = 0.0
    """Dark line along the lower lid."""


class Sitting(Model):
    sitting_id: Id
    identity_id: Id
    index: Annotated[int, Field(ge=0)]
    age_years: Annotated[float, Field(ge=4.0, le=100.0)]
    age_band: str
    body_fat: Unit
    """0.5 is average for the sex; 0.05 and 0.95 are the 5th and 95th percentile."""
    hair: HairStyle
    beard: Beard
    makeup: Makeup
    tan: Unit
    eyewear: str
    """The person's own glasses ('none' when they have none); a shot may leave them off."""
