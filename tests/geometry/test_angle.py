"""Angles come out the same wherever their arrays lie in memory."""

import numpy as np

from facegen.geometry.angle import arctan2


def test_columns_give_the_same_angles_wherever_they_lie() -> None:
    points = np.random.default_rng(0).normal(size=(2366, 3)).astype(np.float32)
    seen = set()
    for shift in range(0, 256, 4):
        room = np.empty(points.nbytes + 512, np.uint8)
        view = room[shift : shift + points.nbytes].view(np.float32).reshape(points.shape)
        view[:] = points
        seen.add(arctan2(view[:, 0], view[:, 2]).tobytes())
    assert len(seen) == 1
    exact = np.arctan2(points[:, 0].astype(np.float64), points[:, 2].astype(np.float64))
    np.testing.assert_allclose(arctan2(points[:, 0], points[:, 2]), exact, atol=1e-6)
