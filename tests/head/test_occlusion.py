"""Occlusion of shapes whose answer is known: a floor, a floor beside a wall."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen.head.occlusion import ambient_occlusion


def sheet(side: NDArray[np.float64], up: NDArray[np.float64], corner: NDArray[np.float64], count: int = 60) -> tuple:
    """Return vertices (N, 3) and triangles (F, 3) of a square grid of `count` cells on `side` and `up`, facing side x up."""
    t = np.linspace(0, 1, count + 1)
    a, b = np.meshgrid(t, t, indexing="ij")
    vertices = corner + a.reshape(-1, 1) * side + b.reshape(-1, 1) * up
    row = np.arange(count)[:, None] * (count + 1) + np.arange(count)
    quads = np.stack([row, row + count + 1, row + count + 2, row + 1], -1).reshape(-1, 4)
    return vertices, np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


FLOOR = sheet(np.array([0.0, 0.0, 0.2]), np.array([0.2, 0.0, 0.0]), np.array([-0.1, 0.0, -0.1]))
WALL = sheet(np.array([0.0, 0.2, 0.0]), np.array([0.0, 0.0, 0.2]), np.array([-0.1, 0.0, -0.1]))


def both() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    return np.concatenate([FLOOR[0], WALL[0]]), np.concatenate([FLOOR[1], WALL[1] + len(FLOOR[0])])


def test_a_floor_alone_is_open_and_leans_nowhere() -> None:
    ao, lean = ambient_occlusion(*FLOOR)
    assert ao.min() > 0.95
    assert np.abs(lean).max() < 0.05


def test_beside_a_wall_light_comes_from_the_other_side() -> None:
    ao, lean = ambient_occlusion(*both())
    floor = both()[0][: len(FLOOR[0])]
    middle = np.abs(floor[:, 2]) < 0.03
    near = middle & (np.abs(floor[:, 0] + 0.085) < 0.004)
    far = middle & (floor[:, 0] > 0.07)
    assert 0.45 < ao[: len(floor)][near].mean() < 0.75  # a long wall hides half of the sky at its foot
    assert ao[: len(floor)][far].mean() > 0.9
    assert (lean[: len(floor)][near, 0] > 0.2).all()
    assert np.abs(lean[: len(floor)][near, 2]).max() < 0.12
    assert np.abs(lean[: len(floor)][far]).max() < 0.25
