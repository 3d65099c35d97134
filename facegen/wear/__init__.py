"""Things worn, held and hanging: eyewear, masks, headwear, clothes, hands, objects, as geometry fitted to the posed head."""

from facegen.wear.beneath import beneath
from facegen.wear.casters import caster_surfaces, shaded_share
from facegen.wear.front import InFront, front_surfaces, shaded
from facegen.wear.hands.skin import Flesh
from facegen.wear.veil import can_veil
from facegen.wear.worn import worn_surfaces

__all__ = [
    "Flesh",
    "InFront",
    "beneath",
    "can_veil",
    "caster_surfaces",
    "front_surfaces",
    "shaded",
    "shaded_share",
    "worn_surfaces",
]
