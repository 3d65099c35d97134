"""Region maps under the names and numbers of CelebAMask-HQ (Lee, Liu, Wu & Luo, CVPR 2020): 19 classes.

Names and numbers are those of the README in the `face_parsing` folder of switchablenorms/CelebAMask-HQ. What differs:
- `ear_r` (15, earring) and `neck_l` (16, necklace): nothing here wears any; no pixel gets them.
- Beard is their skin. Facewear, hands and objects are none of their classes: they leave out what is hidden, so ours are
  background there.
- They paint eyes over `eye_g`, and `eye_g` over the skin behind clear lenses; here clear lenses keep the class behind them, and
  `eye_g` is the frame and opaque lenses.
- Their `l_` and `r_` are the sides of the picture: `l_eye` is at the picture's left, which is the person's right eye in a face
  that looks at the camera. Their page does not say so; code that names the same network's classes by the person's sides calls
  class `l_eye` the right eye. `sides="person"` gives them by the person's own sides instead.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from facegen.annotate.regions import DECLARED
from facegen.errors import DataError
from facegen.scene import REGIONS

Sides = Literal["picture", "person"]
CLASSES = (
    "background", "skin", "nose", "eye_g", "l_eye", "r_eye", "l_brow", "r_brow", "l_ear", "r_ear", "mouth", "u_lip", "l_lip",
    "hair", "hat", "ear_r", "neck_l", "neck", "cloth",
)  # fmt: skip
"""Their names in the order of their numbers."""
ABSENT = ("ear_r", "neck_l")
"""Classes of theirs that we do not have."""
IGNORE = 255
FROM_REGION: dict[str, str] = {
    "background": "background", "skin": "skin", "nose": "nose", "right_eye": "l_eye", "left_eye": "r_eye",
    "right_brow": "l_brow", "left_brow": "r_brow", "right_ear": "l_ear", "left_ear": "r_ear", "mouth_interior": "mouth",
    "top_lip": "u_lip", "bottom_lip": "l_lip", "neck": "neck", "hair": "hair", "beard": "skin", "clothing": "cloth",
    "glasses": "eye_g", "headwear": "hat", "facewear": "background", "hand": "background", "object": "background",
}  # fmt: skip
"""Our region -> their class, by the sides of the picture."""


def celebamask(ids: NDArray[np.uint8], sides: Sides = "picture") -> NDArray[np.uint8]:
    """Return the (S, S) map of CelebAMask-HQ's numbers for a map of our region ids; 255 stays 255.

    Raises DataError for an id that is no region.
    """
    unknown = np.setdiff1d(ids, DECLARED)
    if len(unknown):
        raise DataError(f"region id {unknown[0]} is none of ours ({DECLARED[0]} to {DECLARED[-2]}, 255); give a map from masks/")
    return _table(sides)[ids]


def _table(sides: Sides) -> NDArray[np.uint8]:
    table = np.full(256, IGNORE, np.uint8)
    for region, name in FROM_REGION.items():
        if sides == "person" and region.startswith(("left_", "right_")):
            name = f"{region[0]}_{name[2:]}"
        table[REGIONS[region]] = CLASSES.index(name)
    return table
