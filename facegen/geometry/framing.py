"""What a camera is aimed at and how its lens is named: shared by who plans a picture and who stages it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen.geometry import distortion
from facegen.geometry.rotations import euler_to_matrix
from facegen.sample import CameraSpec

FRAME_MM = 24.0
"""Height of the frame that `focal_mm` is equivalent for: the long-established 24 x 36 mm format."""
FACE_CENTER = np.array([0.0, -0.03, 0.06])
"""The point of the head frame (m) that `center_x, center_y` of a camera place: below the eyes, on the face's surface."""


def face_position(spec: CameraSpec) -> NDArray[np.float64]:
    """Return where the face centre stands in the world (camera axes, OpenGL), (3,): `distance_m` in front of the camera and
    seen at (center_x, center_y) of the frame, through the lens's distortion."""
    across = FRAME_MM / spec.focal_mm
    offset = np.array([spec.principal_x, spec.principal_y])
    low, high = (-0.5 - offset) * across, (0.5 - offset) * across
    corner = round(float(np.hypot(*np.maximum(np.abs(low), np.abs(high)))), 6)
    seen = (np.array([[spec.center_x, spec.center_y]]) - 0.5 - offset) * across
    x, y = distortion.undistort(seen, spec.distortion, distortion.reach_of(spec.distortion, corner))[0]
    return np.array([x, -y, -1.0]) * spec.distance_m


def gravity_to_camera(tilt_deg: float, roll_deg: float) -> NDArray[np.float64]:
    """Return (3, 3) from axes that stand upright (Y up, heading of the camera) to those of a camera that looks down by `tilt_deg`
    and was turned counter-clockwise, as its holder sees it, by `roll_deg`: Rz(-roll) Rx(tilt)."""
    return euler_to_matrix(0.0, 0.0, -roll_deg) @ euler_to_matrix(0.0, tilt_deg, 0.0)
