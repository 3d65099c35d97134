"""Camera and head placement. World = camera frame (OpenGL): X right, Y up, Z towards the viewer; metres."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen.geometry.framing import FACE_CENTER, FRAME_MM, face_position, gravity_to_camera
from facegen.geometry.rotations import euler_to_matrix, rigid
from facegen.geometry.thinlens import EYE_M
from facegen.sample import CameraSpec, Pose, Vec3
from facegen.scene import Camera


def camera(spec: CameraSpec, size: int, eyes: NDArray[np.float64] | None = None) -> Camera:
    """Return the camera of `spec` for a square picture of `size` pixels; `eyes` (3,) in the world: what the head turns about."""
    focal = spec.focal_mm / FRAME_MM * size
    middle = np.array([0.5 + spec.principal_x, 0.5 + spec.principal_y]) * size
    k = np.array([[focal, 0.0, middle[0]], [0.0, focal, middle[1]], [0.0, 0.0, 1.0]])
    near = max(0.02, spec.distance_m - 0.6)
    head, far = drifts(spec, face_position(spec) if eyes is None else eyes)
    return Camera(
        K=k, size=size, near=near, far=spec.distance_m + 2.0, distortion=spec.distortion, drift=head, drift_far=far,
        readout_s=spec.readout_s,
    )  # fmt: skip


def drifts(spec: CameraSpec, eyes: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the velocities of points in camera axes: (3, 4) of the head's, affine in the point; (3, 3) of what stands still."""
    own, turning = _cross(spec.motion.head_spin), _cross(spec.motion.camera_spin)
    shift = np.asarray(spec.motion.head_velocity) - own @ eyes
    return np.column_stack([own - turning, shift]), -turning


def _cross(spin_deg_s: Vec3) -> NDArray[np.float64]:
    """Return the (3, 3) matrix of w x p for a spin given as yaw, pitch, roll in degrees a second."""
    yaw, pitch, roll = np.radians(spin_deg_s)
    return np.array([[0.0, -roll, yaw], [roll, 0.0, -pitch], [-yaw, pitch, 0.0]])


def rotation(pose: Pose) -> NDArray[np.float64]:
    """Return R = Ry(yaw) Rx(pitch) Rz(roll), (3, 3), head to camera axes."""
    return euler_to_matrix(pose.yaw_deg, pose.pitch_deg, pose.roll_deg)


def head_transform(spec: CameraSpec, pose: Pose) -> NDArray[np.float64]:
    """Return the (4, 4) head -> world transform.

    The face centre lies `distance_m` in front of the camera (along -Z) and projects to (center_x, center_y) of the frame,
    measured from its top-left corner.
    """
    turn = rotation(pose)
    return rigid(turn, face_position(spec) - turn @ FACE_CENTER)


def eyes_depth(transform: NDArray[np.float64]) -> float:
    """Return how far the corneas are from the camera along its axis (m), the mean of both."""
    return float(-(transform[2, 3] + EYE_M * transform[2, 2]))


def height_over_eyes(spec: CameraSpec, transform: NDArray[np.float64]) -> float:
    """Return how far above the middle of the eyes the camera stands (m), by gravity."""
    up = gravity_to_camera(spec.tilt_deg, spec.roll_deg) @ np.array([0.0, 1.0, 0.0])
    return float(-up @ transform[:3, 3])


def view_angles(transform: NDArray[np.float64]) -> tuple[float, float]:
    """Return (view_yaw_deg, view_pitch_deg): the head's yaw and pitch measured from the line of sight to its face centre."""
    sight = -(transform[:3, :3] @ FACE_CENTER + transform[:3, 3])
    d = transform[:3, :3].T @ (sight / np.linalg.norm(sight))
    # A head at yaw, pitch (no roll) sees the camera at Rx(-pitch) Ry(-yaw) z.
    yaw = np.degrees(np.arctan2(-d[0], np.hypot(d[1], d[2])))
    pitch = np.degrees(np.arctan2(d[1], d[2]))
    return float(yaw), float(pitch)
