"""What is worn, held, and stands about: columns of `WEAR`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.annotate import regions
from facegen.head.model import HeadModel, PosedHead
from facegen.sample import SampleSpec, Wear
from facegen.stage.lighting import shadow_key
from facegen.wear import can_veil, shaded_share

SHADOW_SEEN = 0.02
"""A cast shadow counts when it takes the key light from at least this share of the face that the key would reach."""


def worn(wear: Wear) -> dict[str, Any]:
    """Return what is put on."""
    return {
        "eyewear": "none" if wear.eyewear is None else wear.eyewear.kind,
        "eyewear_finish": "none" if wear.eyewear is None else wear.eyewear.finish,
        "sunglasses": wear.eyewear is not None and wear.eyewear.hides_eyes,
        "lens_opacity": 0.0 if wear.eyewear is None else wear.eyewear.lens_opacity,
        "lens_power_dpt": 0.0 if wear.eyewear is None else wear.eyewear.power_dpt,
        "lens_coating": "none" if wear.eyewear is None else wear.eyewear.coating,
        "mask": "none" if wear.mask is None else wear.mask.kind,
        "mask_position": "none" if wear.mask is None else wear.mask.position,
        "headwear": "none" if wear.headwear is None else wear.headwear.kind,
        "scarf": "none" if wear.scarf is None else wear.scarf.kind,
        "scarf_position": "none" if wear.scarf is None else wear.scarf.position,
        "garment": wear.garment.kind,
    }


def before(sample: SampleSpec, shaded: float) -> dict[str, Any]:
    """Return what is held, hangs or stands before, behind and around the face; shaded: see `shaded`."""
    wear = sample.shot.wear
    pose = {front.kind: front.pose for front in wear.front}
    in_hand = [front.pose for front in wear.front if front.kind in ("hand", "phone", "microphone", "cup")]
    seen = wear.shadow is not None and shaded >= SHADOW_SEEN
    return {
        "hand": in_hand[0] if in_hand else "none",
        **{kind: pose.get(kind, "none") for kind in ("phone", "microphone", "cup", "paper")},
        "hair_veil": "veil" if "hair_veil" in pose and can_veil(sample) else "none",
        "second_head": "none" if wear.second_head is None else ("right" if wear.second_head.off > 0 else "left"),
        "cast_shadow": wear.shadow.kind if wear.shadow is not None and seen else "none",
        "cast_shadow_fraction": shaded if seen else 0.0,
        "rain": "none" if wear.rain is None else "drops",
        "rain_strength": 0.0 if wear.rain is None else wear.rain.strength,
    }


def shaded(sample: SampleSpec, posed: PosedHead, model: HeadModel, transform: NDArray[np.float64]) -> float:
    """Return the share of the face lit by the strongest key that an unseen caster takes it from."""
    shadow = sample.shot.wear.shadow
    key = None if shadow is None else shadow_key(sample.shot.light, transform[:3, 2])
    if shadow is None or key is None:
        return 0.0
    direction = transform[:3, :3].T @ key.direction
    face = regions.face_vertices(model.topology)
    lit = face & (posed.normals @ direction > 0.1)
    return shaded_share(shadow, direction, posed.vertices[lit].astype(np.float64))
