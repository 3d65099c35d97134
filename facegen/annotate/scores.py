"""Lengths and quality components of one picture: the last columns of `POINTS`, and ofiq_*."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.annotate import quality, regions
from facegen.annotate.landmarks import Points
from facegen.geometry.rotations import matrix_to_euler
from facegen.sample import SampleSpec
from facegen.scene import Camera, Frame
from facegen.stage.camera import view_angles

EYE_ZONE_MARGIN = 1 / 20
"""The standard's eye visibility zone: the box of an eye's points, wider by this share of the inter-eye distance."""


def scores(
    sample: SampleSpec,
    transform: NDArray[np.float64],
    camera: Camera,
    frame: Frame,
    image: NDArray[np.uint8],
    points: Points,
    face_hidden: float,
) -> dict[str, Any]:
    """Return openings and scores; points: the 68; face_hidden: share of the face that is occluded."""
    m = quality.measure(points.pixels)
    view = (*view_angles(transform), matrix_to_euler(transform[:3, :3])[2])
    mouth = points.pixels[[51, 57]].mean(axis=0)
    mouth_hidden = regions.polygon_occlusion(points.pixels[48:60], float(-points.camera[48:60, 2].min()), frame)
    hidden = (_eyes_hidden(points, m.inter_eye, frame), mouth_hidden, face_hidden)
    found: dict[str, int | None] = dict(
        quality.from_geometry(m, camera.size, view, hidden, sample.shot.wear.headwear is not None)
    )
    skin = regions.region_mask(frame.ids, "skin", "nose", "top_lip", "bottom_lip")
    found.update(quality.from_pixels(image, skin, m, float(mouth[1])))
    second = sample.shot.wear.second_head
    if second is not None:  # the standard's ratio of the areas of both faces
        far = sample.shot.camera.distance_m / (sample.shot.camera.distance_m + second.behind_m)
        found["single_face_present"] = round(100 * (1 - far**2))
    return {
        "inter_eye_px": m.inter_eye,
        "eye_opening": m.eye_opening / max(m.chin_distance, 1e-6),
        "mouth_opening": m.mouth_opening / max(m.chin_distance, 1e-6),
        **{f"ofiq_{name}": score for name, score in found.items()},
    }


def _eyes_hidden(points: Points, inter_eye: float, frame: Frame) -> float:
    """Mean occluded share of the two eye visibility zones; an eye that the head itself turns away does not count as occluded."""
    shares = []
    for eye in (slice(36, 42), slice(42, 48)):
        margin = EYE_ZONE_MARGIN * inter_eye
        x0, y0 = points.pixels[eye].min(axis=0) - margin
        x1, y1 = points.pixels[eye].max(axis=0) + margin
        zone = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
        shares.append(regions.polygon_occlusion(zone, float(-points.camera[eye, 2].min()), frame))
    return float(np.mean(shares))
