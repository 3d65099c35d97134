"""Parts of the world left out of a dataset, so that what they are worth can be measured (`without` of a spec)."""

from __future__ import annotations

from facegen.sample import Identity, Shot
from facegen.sample.identity import Complexion

BARE = Complexion(
    lip_contrast=0.0,
    lip_melanin=0.0,
    age_spots=0.0,
    nasolabial=0.0,
    forehead_lines=0.0,
    frown_lines=0.0,
    smile_lines=0.0,
    carotene=0.0,
)
"""A complexion of nothing: what has a default amount has none of it."""
BONES_LEFT = 0.5


def without_identity(identity: Identity, parts: frozenset[str]) -> Identity:
    """Return the person without those of `parts` that are a person's: even skin, bones half as far from the mean."""
    if "skin_detail" in parts:
        none = {"freckles": 0.0, "moles": 0, "blotches": 0.0, "redness": 0.0, "undereye": 0.0, "relief": 0.0}
        identity = identity.model_copy(update={"skin": identity.skin.model_copy(update={**none, "complexion": BARE})})
    if "bone_spread" in parts:
        shape = {axis: BONES_LEFT * value for axis, value in identity.shape.items()}
        uneven = {axis: BONES_LEFT * value for axis, value in identity.asymmetry.items()}
        identity = identity.model_copy(update={"shape": shape, "asymmetry": uneven})
    return identity


def without_shot(shot: Shot, parts: frozenset[str]) -> Shot:
    """Return the shot without those of `parts` that are a shot's: no key light casts a shadow or is cut off by an edge."""
    if "shadows" not in parts:
        return shot
    cut = {"edge_deg": 0.0, "edge_offset_m": 0.0, "edge_width_m": 0.0}
    keys = tuple(key.model_copy(update={"shadow": False, **cut}) for key in shot.light.keys)
    light = shot.light.model_copy(update={"keys": keys})
    return shot.model_copy(update={"light": light, "wear": shot.wear.model_copy(update={"shadow": None})})
