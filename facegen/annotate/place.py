"""What is hidden, what each region takes of the picture, boxes: columns of `PLACE`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.annotate import boxes, regions
from facegen.geometry.projection import project
from facegen.head.model import HeadModel
from facegen.scene import REGIONS, Camera, Frame


def place(
    world: NDArray[np.float64], points68: NDArray[np.float64], model: HeadModel, camera: Camera, frame: Frame
) -> dict[str, Any]:
    """Return the columns; world (V, 3) vertices, points68 (68, 2) pixels."""
    occlusion = regions.face_occlusion(world, regions.face_area(model), camera, frame)
    face, head = regions.face_vertices(model.topology), boxes.head_vertices(model.topology)
    pixels = project(world, camera)
    bbox = boxes.tight(np.concatenate([pixels[face], points68]))
    return {
        "occluded_fraction": occlusion.fraction,
        **{f"occluded_by_{name}": share for name, share in occlusion.by.items()},
        **{f"region_share_{name}": share for name, share in regions.region_shares(frame.ids).items() if name != "ignore"},
        "face_in_frame": occlusion.in_frame,
        "bbox": list(bbox),
        "bbox_head": list(boxes.tight(pixels[head])),
        "bbox_visible": _listed(boxes.around(boxes.within(boxes.FACE[frame.ids], bbox))),
        "bbox_hair": _listed(boxes.around(frame.ids == REGIONS["hair"])),
        "bbox_person": _listed(boxes.around(frame.ids != REGIONS["background"])),
    }


def _listed(box: boxes.Box | None) -> list[float] | None:
    return None if box is None else list(box)
