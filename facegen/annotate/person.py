"""Who is in the picture: columns of `PERSON`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.annotate import skin_tone
from facegen.annotate.declared.person import ANCESTRIES
from facegen.looks.color import lab_from_linear
from facegen.looks.eyes import iris_colors
from facegen.looks.hair.color import base_rgb
from facegen.sample import Identity, Makeup, SampleSpec, Sitting
from facegen.scene import Frame

VISIBLE_MAKEUP = 0.1


def person(sample: SampleSpec) -> dict[str, Any]:
    """Return what identity and sitting say."""
    identity, sitting = sample.identity, sample.sitting
    return {
        "image_id": sample.image_id,
        "identity_id": identity.identity_id,
        "sitting_id": sitting.sitting_id,
        **counterfactual(sample),
        "size_px": sample.size_px,
        "sex": identity.sex,
        "sex_value": identity.sex_value,
        "age_years": sitting.age_years,
        "age_band": sitting.age_band,
        "ancestry": identity.ancestry,
        "ancestry_weights": ancestry_weights(identity),
        "body_fat": sitting.body_fat,
        "tan": sitting.tan,
        **_skin(identity),
        **_hair(identity, sitting),
        **_makeup(sitting.makeup),
    }


def counterfactual(sample: SampleSpec) -> dict[str, str | None]:
    """Return what a variant says of its base; None in all for every other sample."""
    told = sample.counterfactual
    values = (None,) * 4 if told is None else (told.base_id, told.factor, told.value, told.mediated)
    return dict(zip(("base_id", "factor", "factor_value", "mediated"), values, strict=True))


def ancestry_weights(identity: Identity) -> list[float]:
    """Return the mixture in the order of `ANCESTRIES`, sum 1."""
    total = sum(identity.ancestry_weights.values())
    return [identity.ancestry_weights.get(name, 0.0) / total for name in ANCESTRIES]


def hue_deg(lab: tuple[float, float, float]) -> float:
    """Return the hue angle of a CIELAB colour (degrees, 0 along +a*): how Thong, Joniak & Xiang (ICCV 2023) tell red from yellow
    skin."""
    return math.degrees(math.atan2(lab[2], lab[1]))


def ita_deg(lab: tuple[float, float, float]) -> float:
    """Return the individual typology angle, arctan((L* - 50) / b*) in degrees, -90..90 (Chardon, Cretois & Hourseau 1991).

    It is a measure, no class: it is not mapped to Monk's swatches nor to Fitzpatrick's types, which say other things. Skin has
    b* > 0; a b* that noise or coloured light takes below 0 counts as 0.
    """
    return math.degrees(math.atan2(lab[0] - 50.0, max(lab[2], 0.0)))


def apparent(image: NDArray[np.uint8], frame: Frame) -> dict[str, Any]:
    """Return the colour that the skin of the (S, S, 3) photograph shows; None in all where hardly any does."""
    lab = skin_tone.apparent_lab(image, frame.ids)
    values: tuple[Any, ...] = (None,) * 7
    if lab is not None:
        values = (*lab, hue_deg(lab), ita_deg(lab), *skin_tone.nearest_swatch(lab))
    names = ("L", "a", "b", "hue_deg", "ita_deg", "swatch", "swatch_distance")
    return {f"apparent_{name}": value for name, value in zip(names, values, strict=True)}


def _skin(identity: Identity) -> dict[str, Any]:
    skin = identity.skin
    swatch, distance = skin_tone.nearest_swatch(skin.lab)
    return {
        "skin_monk": skin.monk,
        **_lab("skin", skin.lab),
        "skin_hue_deg": hue_deg(skin.lab),
        "skin_ita_deg": ita_deg(skin.lab),
        "skin_swatch": swatch,
        "skin_swatch_distance": distance,
        "freckles": skin.freckles,
        "moles": skin.moles,
        "iris_color": identity.iris.color,
        **_lab("iris", lab_from_linear(iris_colors(identity)[0])),
    }


def _hair(identity: Identity, sitting: Sitting) -> dict[str, Any]:
    hair, beard, brows = sitting.hair, sitting.beard, identity.brows
    shaven = beard.style == "none"
    return {
        "hair_color": identity.hair.color,
        **_lab("hair", lab_from_linear(base_rgb(identity.hair, hair.dye))),
        "hair_dyed": hair.dye is not None,
        "hair_curl": identity.hair.curl,
        "hair_style": hair.style,
        "hair_grey": hair.grey,
        "hairline": identity.hair.hairline,
        "hair_recession": hair.recession,
        "hair_thinning": hair.thinning,
        "brow_thickness": brows.thickness,
        "brow_density": brows.density,
        "brow_arch": brows.arch,
        "brow_joined": brows.joined,
        "beard": beard.style,
        "beard_density": 0.0 if shaven else beard.density,
        "beard_length": 0.0 if shaven else beard.length,
        "beard_grey": 0.0 if shaven else beard.grey,
    }


def _makeup(makeup: Makeup) -> dict[str, Any]:
    products = (makeup.lips, makeup.eyes, makeup.liner, makeup.blush, makeup.foundation, makeup.mascara, makeup.kohl)
    return {
        "makeup": max(products) > VISIBLE_MAKEUP,
        "makeup_look": makeup.look,
        "lipstick": makeup.lips,
        "eye_shadow": makeup.eyes,
        "eye_liner": max(makeup.liner, makeup.kohl),
        "blush": makeup.blush,
        "foundation": makeup.foundation,
        "mascara": makeup.mascara,
        "brow_powder": makeup.brows,
    }


def _lab(name: str, lab: Any) -> dict[str, float]:
    return {f"{name}_{axis}": float(value) for axis, value in zip("Lab", lab, strict=True)}
