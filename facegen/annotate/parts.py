"""Part ids: which surface each pixel shows, finer than regions. One table for every dataset, written beside it as parts.json."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.errors import DataError
from facegen.scene import Surface

_GROUPS: dict[str, tuple[int, tuple[str, ...]]] = {
    "head": (1, ("skin", "right_eye", "left_eye", "upper_teeth", "lower_teeth", "tongue", "brow.0", "brow.1",
                 "lashes_upper_right", "lashes_upper_left", "lashes_lower_right", "lashes_lower_left", "beard")),
    "hair": (31, ("hair.under", "hair.strands", "hair.coils", "hair.fill", "hair.gathered", "hair.bun", "hair.tail",
                  "hair.rows", "hair.ropes", "hair_veil")),
    "garment": (61, ("garment", "garment_neck", "placket", "buttons", "cords", "coat", "coat_collar", "tie", "bow", "drape",
                     "border", "straps")),
    "scarf": (91, ("scarf",)),
    "mask": (101, ("mask", "mask_loops")),
    "headwear": (111, ("hat", "hat_fold", "hat_band", "hat_button", "brim", "visor", "bobble", "eyelets", "badge",
                       "helmet_straps", "hood", "hood_neck", "balaclava", "balaclava_hems", "balaclava_neck", "hijab_cap",
                       "hijab_hood", "hijab_drape", "niqab_hood", "niqab_drape", "veil")),
    "eyewear": (151, ("frame", "wire", "edge", "strap", "shields", "lenses")),
    "hand": (171, ("hand", "sleeve", "upper_arm")),
    "object": (181, ("phone", "phone_screen", "phone_island", "phone_lenses", "microphone", "microphone_grille",
                     "microphone_band", "cup", "cup_handle", "cup_inside", "paper", "paper_block")),
}  # fmt: skip
"""Things and the names of their surfaces, the first of which has the number given; numbers stay, new ones go to the end."""
_SAID = {"brow.0": "right_brow", "brow.1": "left_brow"}

NUMBERS: dict[str, int] = {name: first + k for first, names in _GROUPS.values() for k, name in enumerate(names)}
"""Surface.name -> part id, 1..254."""


def part_name(surface: str) -> str:
    """Return how files call the part of the surface called `surface`."""
    return _SAID.get(surface, surface.replace(".", "_"))


def number(surface: str) -> int:
    """Return the part id of a surface. Raises DataError for one that the table does not know."""
    if surface not in NUMBERS:
        raise DataError(f"surface '{surface}' has no part id; add it to its thing in annotate/parts.py")
    return NUMBERS[surface]


def part_ids(surfaces: NDArray[np.uint8], scene: Sequence[Surface]) -> NDArray[np.uint8]:
    """Return (S, S) part ids of Layers.parts: 1 + the number of a surface in `scene`, 0 background."""
    table = np.zeros(256, np.uint8)
    for n in np.unique(surfaces[surfaces > 0]):
        table[n] = number(scene[n - 1].name)
    return table[surfaces]


def table() -> dict[str, Any]:
    """Return what parts.json says: for every part its id, its name and the thing that it belongs to."""
    rows: list[dict[str, Any]] = [{"id": 0, "name": "background", "of": ""}]
    for thing, (first, names) in _GROUPS.items():
        rows += [{"id": first + k, "name": part_name(name), "of": thing} for k, name in enumerate(names)]
    return {"parts": rows}
