"""The head's pose, the camera, lens and shutter: columns of `SHOT`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.annotate.landmarks import Points
from facegen.annotate.lists import doubles
from facegen.geometry import thinlens
from facegen.geometry.projection import GL_TO_CV, streaks
from facegen.geometry.rotations import matrix_to_euler, quaternion, rotation_vector
from facegen.sample import SampleSpec
from facegen.scene import Camera
from facegen.stage.camera import eyes_depth, height_over_eyes, view_angles


def pose(transform: NDArray[np.float64]) -> dict[str, Any]:
    """Return where the head is and how it is turned; transform (4, 4) head -> camera, OpenGL axes."""
    yaw, pitch, roll = matrix_to_euler(transform[:3, :3])
    view_yaw, view_pitch = view_angles(transform)
    return {
        "yaw_deg": yaw,
        "pitch_deg": pitch,
        "roll_deg": roll,
        "view_yaw_deg": view_yaw,
        "view_pitch_deg": view_pitch,
        "head_to_camera": doubles(transform),
        "head_rvec": doubles(rotation_vector(GL_TO_CV @ transform[:3, :3])),
        "head_tvec_m": doubles(GL_TO_CV @ transform[:3, 3]),
        "head_quaternion": doubles(quaternion(transform[:3, :3])),
    }


def optics(sample: SampleSpec, transform: NDArray[np.float64], camera: Camera, points: Points) -> dict[str, Any]:
    """Return the camera and what lens and shutter did; blur is measured on the 68 points in pixels of the picture."""
    spec, shutter = sample.shot.camera, sample.shot.degradation.exposure_s
    eyes = eyes_depth(transform)
    focus = thinlens.focus_m(spec, eyes)
    discs = np.abs(thinlens.circle(spec, -points.camera[:, 2], focus)) * camera.size
    ways = streaks(points.camera, camera.drift, shutter, camera)
    return {
        "K": doubles(camera.K),
        "focal_mm": spec.focal_mm,
        "distance_m": spec.distance_m,
        "camera": spec.profile,
        "distortion": list(spec.distortion),
        "f_number": spec.f_number,
        "sensor_crop": spec.crop,
        "focus_m": focus,
        "defocus_px": float(abs(thinlens.circle(spec, eyes, focus))) * camera.size,
        "defocus_face_px": float(discs.max()),
        "motion_px": float(np.hypot(*ways.mean(axis=0))),
        "motion_face_px": float(np.hypot(ways[:, 0], ways[:, 1]).max()),
        "camera_tilt_deg": spec.tilt_deg,
        "camera_roll_deg": spec.roll_deg,
        "camera_height_m": height_over_eyes(spec, transform),
        **{name: getattr(spec, name) for name in ("vignette", "flare", "veil", "ca_red", "ca_blue", "ca_axial", "readout_s")},
    }
