"""Angles come out the same wherever their arrays lie in memory."""

import numpy as np

from facegen.geometry.angle import arctan2


def test_columns_give_the_same_angles_wherever_they_lie() -> None:
    points = np.random.default_rng(0).normal(size=(2366, 3)).astype(np.float32)
    sizes, seen = np.random.default_rng(1), set()
    for _ in range(400):
        _held = [np.empty(int(n), np.uint8) for n in sizes.integers(1, 300_000, 12)]  # pushes the copy elsewhere
        moved = points.copy()
        seen.add(arctan2(moved[:, 0], moved[:, 2]).tobytes())
    assert len(seen) == 1
    exact = np.arctan2(points[:, 0].astype(np.float64), points[:, 2].astype(np.float64))
    np.testing.assert_allclose(arctan2(points[:, 0], points[:, 2]), exact, atol=1e-6)
