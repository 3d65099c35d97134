"""Where the eyes are and look: columns of `EYES`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.annotate.lists import doubles
from facegen.geometry.rotations import rotation_vector, transform_points
from facegen.head.model import PosedHead, gaze_rotation
from facegen.looks.eyes import iris_radius, pupil_share
from facegen.sample import SampleSpec
from facegen.stage.lighting import pupil


def eyes(sample: SampleSpec, posed: PosedHead, transform: NDArray[np.float64]) -> dict[str, Any]:
    """Return gaze, eyeballs and pupils; transform (4, 4) head -> camera."""
    gaze, turn = sample.shot.gaze, transform[:3, :3]
    own = posed.eye_rotation.astype(np.float64)
    axes = np.vstack([own[:, :, 2], gaze_rotation(gaze)[:, 2]])
    axes = axes / np.linalg.norm(axes, axis=1, keepdims=True)
    centers = posed.eye_centers.astype(np.float64)
    return {
        "gaze_yaw_deg": gaze.yaw_deg,
        "gaze_pitch_deg": gaze.pitch_deg,
        "gaze_distance_m": gaze.distance_m,
        "gaze_head": doubles(axes),
        "gaze_camera": doubles(axes @ turn.T),
        "eye_centers_head_m": doubles(centers),
        "eye_centers_camera_m": doubles(transform_points(transform, centers)),
        "eye_rvecs_head": doubles(np.stack([rotation_vector(eye) for eye in own])),
        "eye_rvecs_camera": doubles(np.stack([rotation_vector(turn @ eye) for eye in own])),
        "eye_radius_m": doubles(posed.eye_radius),
        "iris_radius_m": iris_radius(sample.identity),
        "pupil_diameter_m": pupil_diameter(sample),
    }


def pupil_diameter(sample: SampleSpec) -> float:
    """Return the diameter (m) of the pupils as the eye shader draws them."""
    share = pupil_share(sample.identity, sample.sitting.age_years, pupil(sample.shot.light))
    return 2 * share * iris_radius(sample.identity)
