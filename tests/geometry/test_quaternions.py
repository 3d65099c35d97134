"""Quaternions and rotation vectors against scipy and OpenCV."""

import cv2
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from facegen.geometry.rotations import quaternion, rotation_vector

CASES = [
    *Rotation.random(500, random_state=1).as_matrix(),
    np.eye(3),
    *Rotation.from_rotvec(np.pi * np.eye(3)).as_matrix(),  # half turns: the trace says nothing
    *Rotation.from_rotvec((np.pi - 1e-7) * np.array([[1, 2, 3], [-3, 1, 0]]) / np.sqrt([[14], [10]])).as_matrix(),
    *Rotation.from_rotvec(1e-9 * np.eye(3)).as_matrix(),
]


@pytest.mark.parametrize("part", range(4))
def test_quaternions_are_scipys(part: int) -> None:
    for r in CASES[part::4]:
        q, theirs = quaternion(r), Rotation.from_matrix(r).as_quat()[[3, 0, 1, 2]]
        assert q[0] >= 0 and np.linalg.norm(q) == pytest.approx(1, abs=1e-12)
        assert abs(q @ theirs) == pytest.approx(1, abs=1e-12)
        np.testing.assert_allclose(Rotation.from_quat(q[[1, 2, 3, 0]]).as_matrix(), r, atol=1e-12)


def test_rotation_vectors_are_scipys_and_opencvs() -> None:
    for r in CASES:
        v = rotation_vector(r)
        assert np.linalg.norm(v) <= np.pi + 1e-12
        np.testing.assert_allclose(Rotation.from_rotvec(v).as_matrix(), r, atol=1e-9)
        np.testing.assert_allclose(cv2.Rodrigues(v)[0], r, atol=1e-9)
        if np.linalg.norm(v) < np.pi - 1e-3:
            np.testing.assert_allclose(v, Rotation.from_matrix(r).as_rotvec(), atol=1e-9)
            np.testing.assert_allclose(v, cv2.Rodrigues(r)[0][:, 0], atol=1e-7)
