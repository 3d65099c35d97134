"""Sensor noise in electrons, on linear light, as it looks after the colour mosaic has been interpolated."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen import rng

_CROSS = np.array([[0, 1, 0], [1, 4, 1], [0, 1, 0]], np.float32) / 4
_SQUARE = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]], np.float32) / 4
_SITES = np.array([0.25, 0.5, 0.25], np.float32)
"""Share of a mosaic's photosites that see red, green and blue."""
MOSAIC_OVERSAMPLE = 2.0
"""From this many sensor pixels along a picture pixel on, each of its colours has photosites of its own."""


def variance(signal: NDArray[np.float32], full_well_e: float, read_noise_e: float) -> NDArray[np.float32]:
    """Return the noise variance of linear `signal` (1 = white = `full_well_e` electrons): a y + b.

    a = 1 / full_well (shot noise), b = (read_noise / full_well)^2: the Poissonian-Gaussian model of Foi, Trimeche, Katkovnik
    and Egiazarian, "Practical Poissonian-Gaussian noise modeling and fitting for single-image raw-data", TIP 2008.
    """
    return np.maximum(signal, 0) / np.float32(full_well_e) + np.float32((read_noise_e / full_well_e) ** 2)


def expose_sensor(
    signal: NDArray[np.float32], full_well_e: float, read_noise_e: float, seed: int, oversample: float = 1.0
) -> NDArray[np.float32]:
    """Return noisy `signal` (H, W, 3) linear RGB, 1 = white, not negative.

    Each photosite of a Bayer mosaic (RGGB) draws noise of `variance`, in the paper's heteroscedastic normal form. The picture
    itself is not resampled; its noise is interpolated as the missing colours of a mosaic are (bilinearly), which gives it the
    grain and the colour blotches of a camera instead of independent specks in every channel. A pixel of the signal that is the
    mean of `oversample` squared sensor pixels has as much less variance; from `MOSAIC_OVERSAMPLE` on it holds photosites of
    every colour, and its channels are independent.
    """
    noise = np.sqrt(variance(signal, full_well_e, read_noise_e)) / np.float32(oversample)
    stream = rng.expand(seed, "sensor.noise")
    if oversample >= MOSAIC_OVERSAMPLE:
        noise *= stream.standard_normal(signal.shape, np.float32) / np.sqrt(_SITES)
    else:
        noise *= stream.standard_normal(signal.shape[:2], np.float32)[..., None] * bayer(*signal.shape[:2])
        for channel, kernel in enumerate((_SQUARE, _CROSS, _SQUARE)):
            noise[..., channel] = cv2.filter2D(noise[..., channel], cv2.CV_32F, kernel, borderType=cv2.BORDER_REFLECT_101)
    noise += signal
    return np.maximum(noise, 0, out=noise)


@lru_cache(maxsize=8)
def bayer(height: int, width: int) -> NDArray[np.float32]:
    """Return (height, width, 3): 1 where a photosite of an RGGB mosaic has that colour."""
    mask = np.zeros((height, width, 3), np.float32)
    mask[0::2, 0::2, 0] = mask[0::2, 1::2, 1] = mask[1::2, 0::2, 1] = mask[1::2, 1::2, 2] = 1
    mask.setflags(write=False)
    return mask
