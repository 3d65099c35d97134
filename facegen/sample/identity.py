"""Identity: bone, features, sex, ancestry, pigment."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from facegen.sample.base import Id, Model, Seed, Unit, Vec3


class Complexion(Model):
    """What tells one skin from another of the same tone: 0 absent, about 0.25 common, 1 as strong as it gets.

    Shades: `eyelids` (dark rings round the whole eye), `forehead`, `perioral`, `jaw`, `cheeks_red`, `nose_red`, `melasma`,
    `patches` (soft uneven areas of 6 to 16 mm), `lip_contrast`, `lip_melanin`. Marks: `acne` and the `acne_marks` it leaves,
    `age_spots`, `papules` (small dark ones of
    dark skin), `vitiligo`, counts of `large_moles` (2 to 5 mm) and `scars`. Folds: `eye_bags`, `nasolabial`, `chin_crease`,
    `forehead_lines`, `frown_lines`, `smile_lines`. `carotene`: yellow pigment in skin rich in sebum.
    """

    eyelids: Unit = 0.0
    forehead: Unit = 0.0
    perioral: Unit = 0.0
    jaw: Unit = 0.0
    cheeks_red: Unit = 0.0
    nose_red: Unit = 0.0
    melasma: Unit = 0.0
    patches: Unit = 0.0
    lip_contrast: Unit = 0.25
    lip_melanin: Unit = 0.25
    acne: Unit = 0.0
    acne_marks: Unit = 0.0
    age_spots: Unit = 0.25
    papules: Unit = 0.0
    vitiligo: Unit = 0.0
    large_moles: Annotated[int, Field(ge=0, le=6)] = 0
    scars: Annotated[int, Field(ge=0, le=4)] = 0
    eye_bags: Unit = 0.0
    nasolabial: Unit = 0.25
    chin_crease: Unit = 0.0
    forehead_lines: Unit = 0.25
    frown_lines: Unit = 0.25
    smile_lines: Unit = 0.25
    carotene: Unit = 0.25


class Skin(Model):
    """Constitutive skin: tone (CIELAB albedo near Monk anchor `monk`), marks and relief."""

    monk: Annotated[int, Field(ge=1, le=10)]
    lab: Vec3
    freckles: Unit
    moles: Annotated[int, Field(ge=0, le=60)]
    blotches: Unit
    redness: Unit
    undereye: Unit
    oil: Unit
    relief: Unit
    seed: Seed
    complexion: Complexion = Complexion()


class Iris(Model):
    color: Literal["dark_brown", "brown", "amber", "hazel", "green", "grey", "blue"]
    melanin: Unit
    limbal: Unit
    seed: Seed


class HairTraits(Model):
    """What grows: colour pigments, curl, density, the front hairline (`hairline_height` 0 low to 1 high), and how it will recede
    (`balding`, at age 70) and grey."""

    color: Literal["black", "dark_brown", "brown", "light_brown", "blond", "red"]
    eumelanin: Unit
    pheomelanin: Unit
    curl: Literal["straight", "wavy", "curly", "coily"]
    density: Unit
    balding: Unit
    greying_age: float
    hairline: Literal["rounded", "straight", "widows_peak", "receded"] = "rounded"
    hairline_height: Unit = 0.5


class Brows(Model):
    """Eyebrows: 0.5 is average; `arch` 0 straight to 1 high; `joined` fills the glabella; `gap` between their heads;
    `height` over the eyes; `tail` 0 level to 1 drooping; `unlike` 0 a mirrored pair to 1 plainly uneven."""

    thickness: Unit
    density: Unit
    length: Unit
    arch: Unit
    joined: Unit
    gap: Unit = 0.5
    height: Unit = 0.5
    tail: Unit = 0.5
    unlike: Unit = 0.3
    seed: Seed


class Identity(Model):
    identity_id: Id
    index: Annotated[int, Field(ge=0)]
    sex: Literal["female", "male"]
    sex_value: Unit
    ancestry: str
    ancestry_weights: dict[str, float]
    shape: dict[str, float]
    """Signed value per local shape axis (head/basis.py lists them); |1| is the artist's full target."""
    asymmetry: dict[str, float]
    skin: Skin
    iris: Iris
    hair: HairTraits
    brows: Brows
    lashes: Unit
    teeth_tone: Unit
    """0 dull and yellowed to 1 bright."""
