"""Camera and head placement. World = camera frame (OpenGL): X right, Y up, Z towards the viewer; metres."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen.geometry.framing import FACE_CENTER, FRAME_MM
from facegen.sample import CameraSpec, Pose
from facegen.scene import Camera


def camera(spec: CameraSpec, size: int) -> Camera:
    """Return the pinhole of `spec` for a square picture of `size` pixels; principal point in the middle."""
    focal = spec.focal_mm / FRAME_MM * size
    k = np.array([[focal, 0.0, size / 2], [0.0, focal, size / 2], [0.0, 0.0, 1.0]])
    near = max(0.02, spec.distance_m - 0.6)
    return Camera(K=k, size=size, near=near, far=spec.distance_m + 2.0)


def rotation(pose: Pose) -> NDArray[np.float64]:
    """Return R = Ry(yaw) Rx(pitch) Rz(roll), (3, 3), head to camera axes."""
    (cy, cx, cz), (sy, sx, sz) = _cos_sin(pose.yaw_deg, pose.pitch_deg, pose.roll_deg)
    ry = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    rx = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    rz = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return ry @ rx @ rz


def head_transform(spec: CameraSpec, pose: Pose, cam: Camera) -> NDArray[np.float64]:
    """Return the (4, 4) head -> world transform.

    The face centre lies `distance_m` in front of the camera (along -Z) and projects to (center_x, center_y) of the frame,
    measured from its top-left corner.
    """
    k = cam.K
    x = (spec.center_x * cam.size - k[0, 2]) / k[0, 0] * spec.distance_m
    y = -(spec.center_y * cam.size - k[1, 2]) / k[1, 1] * spec.distance_m
    out = np.eye(4)
    out[:3, :3] = rotation(pose)
    out[:3, 3] = np.array([x, y, -spec.distance_m]) - out[:3, :3] @ FACE_CENTER
    return out


def view_angles(transform: NDArray[np.float64]) -> tuple[float, float]:
    """Return (view_yaw_deg, view_pitch_deg): the head's yaw and pitch measured from the line of sight to its face centre."""
    sight = -(transform[:3, :3] @ FACE_CENTER + transform[:3, 3])
    d = transform[:3, :3].T @ (sight / np.linalg.norm(sight))
    # A head at yaw, pitch (no roll) sees the camera at Rx(-pitch) Ry(-yaw) z.
    yaw = np.degrees(np.arctan2(-d[0], np.hypot(d[1], d[2])))
    pitch = np.degrees(np.arctan2(d[1], d[2]))
    return float(yaw), float(pitch)


def _cos_sin(*degrees: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    angle = np.radians(np.array(degrees))
    return np.cos(angle), np.sin(angle)
