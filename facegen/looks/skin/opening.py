"""How far the folds of each part of the face are drawn by an expression: a small map, made for every shot.

Which action folds what follows the Facial Action Coding System (Ekman & Friesen 1978, 2002): the frontalis folds the forehead,
the corrugator the glabella, the orbicularis crow's feet and lower lids, zygomatic and levator the nasolabial fold. Shares are our
choice. The skin shader multiplies the person's own fold map by it, as wrinkle maps in games do (Oat 2007, Animated Wrinkle Maps).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegen.head.model import HeadModel
from facegen.looks.skin.charts import charts
from facegen.looks.skin.zones import ANCHORS, blob, smooth

Map = NDArray[np.float32]

OPENING_SIZE = 128
SIDED = {
    "forehead": {"browOuterUp": 0.9, "browInnerUp": 0.35, "eyeWide": 0.3},
    "crow": {"eyeSquint": 0.9, "cheekSquint": 0.7, "mouthSmile": 0.45},
    "undereye": {"cheekSquint": 0.7, "eyeSquint": 0.6, "mouthSmile": 0.35},
    "nasolabial": {
        "mouthSmile": 0.95, "cheekSquint": 0.5, "noseSneer": 0.8, "mouthUpperUp": 0.6, "mouthDimple": 0.4, "mouthStretch": 0.3,
    },
    "nose": {"noseSneer": 1.0, "cheekSquint": 0.3, "browDown": 0.2},
    "corner": {"mouthFrown": 0.9, "mouthDimple": 0.4, "mouthStretch": 0.5},
}  # fmt: skip
"""Shares of the actions named with Left and Right, by the part of that side which they fold."""
MIDDLE = {
    "brow": {"browInnerUp": 0.9, "browOuterUpLeft": 0.35, "browOuterUpRight": 0.35},
    "glabella": {"browDownLeft": 0.55, "browDownRight": 0.55, "noseSneerLeft": 0.3, "noseSneerRight": 0.3},
    "lips": {"mouthPucker": 1.0, "mouthFunnel": 0.7, "mouthShrugUpper": 0.4, "mouthPressLeft": 0.25, "mouthPressRight": 0.25},
}
"""Shares of actions that fold the middle of the face."""


def opening(model: HeadModel, weights: Mapping[str, float]) -> NDArray[np.uint8] | None:
    """Return the opening (OPENING_SIZE, OPENING_SIZE, 1) of folds under the facial actions `weights`; None where nothing
    folds."""
    places = _places(model)
    value = np.zeros((OPENING_SIZE, OPENING_SIZE), dtype=np.float32)
    for part, shares in SIDED.items():
        for side in ("Left", "Right"):
            drawn = min(sum(share * weights.get(action + side, 0.0) for action, share in shares.items()), 1.0)
            if drawn > 0.01:
                np.maximum(value, np.float32(drawn) * places[part + side], out=value)
    for part, shares in MIDDLE.items():
        drawn = min(sum(share * weights.get(action, 0.0) for action, share in shares.items()), 1.0)
        if drawn > 0.01:
            np.maximum(value, np.float32(drawn) * places[part], out=value)
    return np.rint(255 * value).astype(np.uint8)[..., None] if value.any() else None


@lru_cache(maxsize=2)
def _places(model: HeadModel) -> dict[str, Map]:
    """Soft parts of the face (OPENING_SIZE, OPENING_SIZE) by name."""
    chart = charts(model, OPENING_SIZE)
    p, z, x = chart.folded, chart.zones, chart.position[..., 0]
    y = chart.position[..., 1]
    middle = np.exp(-((x / 0.024) ** 2))
    crow = np.clip(1.6 * z["crow"], 0, 1) * smooth(p[..., 0], 0.036, 0.042)
    cheek = blob(p, np.array([0.028, -0.056, 0.02]), (0.016, 0.024, 0.05))
    parts = {
        "forehead": z["forehead"] * (1 - 0.6 * middle),
        "crow": crow,
        "undereye": np.clip(1.5 * z["undereye"], 0, 1),
        "nasolabial": np.clip(1.5 * cheek, 0, 1) * (1 - z["undereye"]),
        "nose": z["nose"] * smooth(y, -0.030, -0.016),
        "corner": np.clip(1.5 * blob(p, np.asarray(ANCHORS["mouth_corner"]), (0.010, 0.018, 0.03), (0.004, -0.010, 0)), 0, 1),
    }
    own = {"Left": smooth(x, -0.003, 0.003), "Right": smooth(x, 0.003, -0.003)}
    made = {part + side: value * half for part, value in parts.items() for side, half in own.items()}
    made["brow"] = z["forehead"] * middle
    made["glabella"] = np.clip(1.5 * z["glabella"], 0, 1)
    made["lips"] = np.clip(1.5 * z["perioral"], 0, 1) * smooth(y, -0.070, -0.060)
    return {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in made.items()}
