"""Everything a person wears in one shot, in drawing order, each fitted over what lies beneath it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from facegen.sample import Wear
from facegen.scene import Surface
from facegen.wear.clothing import garment_surfaces
from facegen.wear.eyewear import eyewear_surfaces
from facegen.wear.headwear import headwear_surfaces
from facegen.wear.masks import mask_surfaces
from facegen.wear.scarf import scarf_surfaces

if TYPE_CHECKING:
    from facegen.head.model import HeadModel, PosedHead


OVER_FACE = ("veil", "balaclava", "balaclava_hems")
"""Headwear that lies where glasses sit."""


def worn_surfaces(model: HeadModel, posed: PosedHead, wear: Wear) -> tuple[Surface, ...]:
    """Return the surfaces of `wear` in the head frame; blended lenses come last, and all but the garment is
    removable. Glasses sit on what covers nose and cheeks, a headscarf lies over scarf and garment, a veil over a mask."""
    hood_up = wear.headwear is not None and wear.headwear.kind == "hood"
    garment = garment_surfaces(model, posed, wear.garment, hood_up)
    made: list[Surface] = []
    cloth = np.concatenate([s.positions for s in garment])
    if wear.scarf is not None:
        made += scarf_surfaces(model, posed, wear.scarf, cloth)
        cloth = np.concatenate([s.positions for s in (*garment, *made)])
    mask = () if wear.mask is None else mask_surfaces(model, posed, wear.mask)
    made += mask
    if wear.headwear is not None:
        over = np.concatenate([s.positions for s in mask]) if mask else None
        hat = headwear_surfaces(model, posed, wear.headwear, cloth, over)
        made += hat
        mask = (*mask, *(s for s in hat if s.name in OVER_FACE))
    if wear.eyewear is not None:
        under = np.concatenate([s.positions for s in mask]) if mask else None
        made += eyewear_surfaces(model, posed, wear.eyewear, under)
    return (*garment, *(replace(s, removable=True) for s in made))
