"""Teeth, gums and tongue: plain shaded surfaces of region 9, darker the deeper they lie in the mouth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegen.head.model import HeadModel, PosedHead
from facegen.looks import color
from facegen.sample import Identity
from facegen.scene import REGIONS, Material, Surface

Array = NDArray[np.float32]

DULL_LAB, BRIGHT_LAB = (66.0, 3.5, 22.0), (80.0, 0.5, 9.0)
"""Tooth colour from dull to bright, within the range of natural teeth (Gozalo-Diaz et al. 2007)."""
GUM_LAB, TONGUE_LAB = (50.0, 24.0, 12.0), (52.0, 26.0, 12.0)
DEPTH_M = 0.028
"""Light falls to its least this far behind the lips."""


@dataclass(frozen=True)
class MouthColors:
    """Linear RGB of tooth, gum and tongue."""

    tooth: tuple[float, ...]
    gum: tuple[float, ...]
    tongue: tuple[float, ...]


def colors(identity: Identity, age: float) -> MouthColors:
    """Colours of the mouth: teeth by `teeth_tone`, darker with age; gums browner with the skin's melanin."""
    t = float(np.clip(identity.teeth_tone - 0.35 * np.clip((age - 35.0) / 50.0, 0, 1), 0.0, 1.0))
    tooth = np.asarray(DULL_LAB) + t * (np.asarray(BRIGHT_LAB) - np.asarray(DULL_LAB))
    dark = float(np.clip((55.0 - identity.skin.lab[0]) / 30.0, 0.0, 1.0))
    gum = np.asarray(GUM_LAB) + dark * np.array([-14.0, -9.0, -2.0])
    return MouthColors(*(tuple(map(float, np.clip(color.linear_from_lab(c), 0, 1))) for c in (tooth, gum, TONGUE_LAB)))


def mouth_surfaces(model: HeadModel, posed: PosedHead, mouth: MouthColors) -> tuple[Surface, ...]:
    """Upper and lower teeth and the tongue, in the head frame; `ao` falls with depth behind the lips."""
    lips = model.topology.masks["lips"] > 0.5
    front = float(posed.vertices[lips, 2].max())
    made = []
    for name, rgb, rough in (("upper_teeth", mouth.tooth, 0.26), ("lower_teeth", mouth.tooth, 0.26), ("tongue", mouth.tongue, 0.45)):
        part = model.topology.parts.get(name)
        if part is None:
            continue
        points = np.ascontiguousarray(posed.vertices[part.index])
        open_ = 1 - np.clip((front - 0.004 - points[:, 2]) / DEPTH_M, 0, 1)
        tint = np.ones((len(points), 3), dtype=np.float32)
        if name != "tongue":
            tint = _gum_tint(points, part.faces, mouth, upper=name == "upper_teeth")
        made.append(
            Surface(
                name=name,
                positions=points,
                normals=np.ascontiguousarray(posed.normals[part.index]),
                faces=part.faces,
                region=np.full(len(points), REGIONS["mouth_interior"], dtype=np.uint8),
                material=Material("solid", params={"rgb": rgb, "roughness": rough, "metallic": 0.0}),
                color=tint * (0.25 + 0.75 * open_[:, None]).astype(np.float32),
                ao=(0.12 + 0.50 * open_).astype(np.float32),
                key=f"{model.key}-{name}",
            )
        )
    return tuple(made)


def _gum_tint(points: Array, faces: NDArray[np.int32], mouth: MouthColors, upper: bool) -> Array:
    """Turn the root side of a row of teeth to gum: the far third from the biting edge."""
    y = points[:, 1]
    low, high = np.percentile(y, [2, 98])
    rise = (y - low) / max(high - low, 1e-6)
    root = rise if upper else 1 - rise
    share = np.clip((root - 0.62) / 0.12, 0, 1)[:, None]
    ratio = np.asarray(mouth.gum) / np.maximum(np.asarray(mouth.tooth), 1e-3)
    return (1 + share * (ratio - 1)).astype(np.float32)
