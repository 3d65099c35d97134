"""Head rotations: R = Ry(yaw) Rx(pitch) Rz(roll), right-handed, x_world = R x_head + t; all angles in degrees.

Head frame: X to the person's own left, Y up, Z out of the face. World frame: X right in the picture, Y up, Z to the viewer.
At R = I the face looks straight back along the optical axis. yaw > 0 turns to the person's own left (the sign of ANSI/NIST-ITL
field 10.025), pitch > 0 looks down, roll > 0 leans the head to the person's own right shoulder; a head is first rolled, then
pitched, then yawed. Order and the other two signs are meant to be those of ISO/IEC 39794-5; its text has not been at hand.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def euler_to_matrix(yaw_deg: float, pitch_deg: float, roll_deg: float) -> NDArray[np.float64]:
    """Return the (3, 3) rotation Ry(yaw) Rx(pitch) Rz(roll)."""
    (cy, cx, cz), (sy, sx, sz) = (f(np.radians([yaw_deg, pitch_deg, roll_deg])) for f in (np.cos, np.sin))
    ry = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    rx = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    rz = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return ry @ rx @ rz


def matrix_to_euler(rotation: ArrayLike) -> tuple[float, float, float]:
    """Return (yaw, pitch, roll) of a (3, 3) rotation: yaw and roll in (-180, 180], pitch in [-90, 90].

    At |pitch| = 90 yaw and roll turn about one axis; all of the turn is then given as yaw and roll is 0.
    """
    r = np.asarray(rotation, np.float64)
    pitch = np.arctan2(-r[1, 2], np.hypot(r[0, 2], r[2, 2]))
    if np.hypot(r[0, 2], r[2, 2]) < 1e-9:
        yaw, roll = np.arctan2(-r[2, 0], r[0, 0]), 0.0
    else:
        yaw, roll = np.arctan2(r[0, 2], r[2, 2]), np.arctan2(r[1, 0], r[1, 1])
    return float(np.degrees(yaw)), float(np.degrees(pitch)), float(np.degrees(roll))


def quaternion(rotation: ArrayLike) -> NDArray[np.float64]:
    """Return the unit quaternion (w, x, y, z), w >= 0, of a (3, 3) rotation.

    The largest of the four is taken from the diagonal, the rest follow from it (Shepperd 1978): exact at half turns, too.
    """
    r = np.asarray(rotation, np.float64)
    square = 1 + np.array([np.trace(r), *(2 * np.diag(r) - np.trace(r))])  # 4 w^2, 4 x^2, ...
    skew = np.array([r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1]])  # 4 w x, ...
    products = np.zeros((4, 4))
    products[1:, 1:] = r + r.T  # 4 x y, ...
    products[0, 1:] = products[1:, 0] = skew
    np.fill_diagonal(products, square)
    q = products[int(np.argmax(square))]
    q = q / np.linalg.norm(q)
    return -q if q[0] < 0 else q


def rotation_vector(rotation: ArrayLike) -> NDArray[np.float64]:
    """Return the (3,) axis times angle (rad, at most pi) of a (3, 3) rotation."""
    q = quaternion(rotation)
    sine = float(np.linalg.norm(q[1:]))
    if sine < 1e-12:
        return 2 * q[1:]
    return q[1:] * (2 * np.arctan2(sine, q[0]) / sine)


def rigid(rotation: ArrayLike, translation: ArrayLike) -> NDArray[np.float64]:
    """Return the (4, 4) transform x -> R x + t."""
    out = np.eye(4)
    out[:3, :3] = rotation
    out[:3, 3] = translation
    return out


def transform_points(transform: ArrayLike, points: ArrayLike) -> NDArray[np.float64]:
    """Return (N, 3) `points` moved by the (4, 4) rigid `transform`."""
    t = np.asarray(transform, np.float64)
    return np.asarray(points, np.float64) @ t[:3, :3].T + t[:3, 3]


def inverse_rigid(transform: ArrayLike) -> NDArray[np.float64]:
    """Return the inverse of a (4, 4) rigid transform."""
    t = np.asarray(transform, np.float64)
    return rigid(t[:3, :3].T, -t[:3, :3].T @ t[:3, 3])


def angle_between_deg(a: ArrayLike, b: ArrayLike) -> float:
    """Return the angle of the rotation that takes (3, 3) rotation `a` to `b`, in degrees (0..180)."""
    relative = np.asarray(a, np.float64).T @ np.asarray(b, np.float64)
    # atan2 of sine and cosine keeps its precision near 0, where arccos of the trace does not
    sine = 0.5 * np.linalg.norm(
        [relative[2, 1] - relative[1, 2], relative[0, 2] - relative[2, 0], relative[1, 0] - relative[0, 1]]
    )
    return float(np.degrees(np.arctan2(sine, 0.5 * (np.trace(relative) - 1))))
