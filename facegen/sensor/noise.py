"""Sensor noise in electrons, on linear light."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen import rng


def variance(signal: NDArray[np.float32], full_well_e: float, read_noise_e: float) -> NDArray[np.float32]:
    """Return the noise variance of linear `signal` (1 = white = `full_well_e` electrons): a y + b.

    a = 1 / full_well (shot noise), b = (read_noise / full_well)^2: the Poissonian-Gaussian model of Foi, Trimeche, Katkovnik
    and Egiazarian, "Practical Poissonian-Gaussian noise modeling and fitting for single-image raw-data", TIP 2008.
    """
    return np.maximum(signal, 0) / np.float32(full_well_e) + np.float32((read_noise_e / full_well_e) ** 2)


def expose_sensor(signal: NDArray[np.float32], full_well_e: float, read_noise_e: float, seed: int) -> NDArray[np.float32]:
    """Return noisy `signal` (any shape, 1 = white), not negative; the paper's heteroscedastic normal form of the Poisson part."""
    noise = rng.expand(seed, "sensor.noise").standard_normal(signal.shape, np.float32)
    noise *= np.sqrt(variance(signal, full_well_e, read_noise_e))
    noise += signal
    return np.maximum(noise, 0, out=noise)
