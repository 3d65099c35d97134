"""Planes put together by OpenCV: bit for bit what NumPy's broadcasting gives."""

from __future__ import annotations

import numpy as np
import pytest

from facegen.geometry import planes


@pytest.fixture(scope="module")
def pictures() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(5)
    rgb, behind = (random.normal(0.5, 1.0, (37, 53, 3)).astype(np.float32) for _ in range(2))
    return rgb, random.random((37, 53), np.float32), behind


def test_over_and_layers_are_those_of_broadcasting(pictures: tuple[np.ndarray, ...]) -> None:
    rgb, cover, behind = pictures
    np.testing.assert_array_equal(planes.over(rgb, cover, behind), rgb + (np.float32(1) - cover[..., None]) * behind)
    np.testing.assert_array_equal(planes.layered(rgb, cover), np.dstack([rgb, cover]))
    np.testing.assert_array_equal(planes.thrice(cover) * rgb, cover[..., None] * rgb)


def test_every_channel_is_clipped(pictures: tuple[np.ndarray, ...]) -> None:
    rgb, cover, _ = pictures
    np.testing.assert_array_equal(planes.within(rgb, 0.2, 0.7), np.clip(rgb, 0.2, 0.7))
    np.testing.assert_array_equal(planes.within(cover, 0.2, 0.7), np.clip(cover, 0.2, 0.7))


def test_mean_adds_in_the_order_of_numpy(pictures: tuple[np.ndarray, ...]) -> None:
    for picture in (*pictures[::2], pictures[0] * np.float32(1e4)):
        np.testing.assert_array_equal(planes.mean(picture), picture.mean(axis=(0, 1)))


def test_clipped_counts_pixels_not_channels() -> None:
    image = np.full((4, 5, 3), 254, np.uint8)
    image[0, 0] = 255
    image[1, 2, 1] = 255
    assert planes.clipped(image) == 2
