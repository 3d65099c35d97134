"""What a photosite adds to linear light: shot noise, read noise, uneven sensitivity, rows, hot photosites."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.sample import Degradation

SITES = np.array([0.25, 0.5, 0.25], np.float32)
"""Share of a mosaic's photosites that see red, green and blue."""
MOSAIC_OVERSAMPLE = 2.0
"""From this many sensor pixels along a picture pixel on, each of its colours has photosites of its own."""


def gains(spec: Degradation) -> NDArray[np.float32]:
    """Return the white-balance gain (3,) of red, green and blue photosites."""
    return np.array([spec.gain_red, 1.0, spec.gain_blue], np.float32)


def variance(
    signal: NDArray[np.float32], full_well_e: float, read_noise_e: float, prnu: float = 0.0, gain: float = 1.0
) -> NDArray[np.float32]:
    """Return the noise variance of linear `signal` (1 = white = `full_well_e` electrons): a y + b + (prnu y)^2.

    a = gain / full_well (shot noise), b = (gain read_noise / full_well)^2: the Poissonian-Gaussian model of Foi, Trimeche,
    Katkovnik and Egiazarian, "Practical Poissonian-Gaussian noise modeling and fitting for single-image raw-data", TIP 2008; the
    photo-response non-uniformity is that of EMVA Standard 1288. `gain`: of a colour's white balance.
    """
    y = np.maximum(signal, 0)
    shot = y * np.float32(gain / full_well_e) + np.float32((gain * read_noise_e / full_well_e) ** 2)
    return shot + np.float32(prnu**2) * y * y if prnu > 0 else shot


def read_sites(plane: NDArray[np.float32], gain: NDArray[np.float32], spec: Degradation, stream: np.random.Generator) -> None:
    """Expose the photosites of a mosaic in place: `plane` (H, W) linear signal of each, `gain` (H, W) of its colour.

    Shot noise in the paper's heteroscedastic normal form. One picture is taken, so uneven sensitivity, though fixed in a camera,
    is one draw with it.
    """
    sd = np.sqrt(
        np.maximum(plane, 0) * (gain / np.float32(spec.full_well_e))
        + (gain * np.float32(spec.read_noise_e / spec.full_well_e)) ** 2
        + np.float32(spec.prnu**2) * plane * plane
    )
    plane += sd * stream.standard_normal(plane.shape, np.float32)
    if spec.row_noise_e > 0:
        plane += stream.standard_normal((plane.shape[0], 1), np.float32) * gain * np.float32(spec.row_noise_e / spec.full_well_e)
    hot = stream.poisson(spec.hot_pixels * plane.size) if spec.hot_pixels > 0 else 0
    if hot:
        rows, columns = stream.integers(0, plane.shape[0], hot), stream.integers(0, plane.shape[1], hot)
        plane[rows, columns] += stream.exponential(spec.headroom / 2, hot).astype(np.float32)
    np.clip(plane, -spec.black_level, spec.headroom, out=plane)


def read_pixels(signal: NDArray[np.float32], spec: Degradation, stream: np.random.Generator) -> None:
    """Expose in place the means (H, W, 3) of the photosites of each colour under `oversample` squared sensor pixels.

    As many photosites as there are divide the variance; the colours are independent.
    """
    per = spec.oversample
    colours = list(cv2.split(signal))
    for channel, (plane, gain) in enumerate(zip(colours, gains(spec), strict=True)):
        sd = np.sqrt(variance(plane, spec.full_well_e, spec.read_noise_e, spec.prnu, float(gain)))
        sd *= np.float32(1 / (per * np.sqrt(SITES[channel])))
        sd *= stream.standard_normal(plane.shape, np.float32)
        plane += sd
    if spec.row_noise_e > 0:
        rows = stream.standard_normal((signal.shape[0], 1), np.float32)
        for plane, gain in zip(colours, gains(spec), strict=True):
            plane += rows * gain * np.float32(spec.row_noise_e / spec.full_well_e / np.sqrt(per))
    signal[:] = cv2.merge(colours)
    hot = stream.poisson(spec.hot_pixels * signal[..., 0].size * per**2) if spec.hot_pixels > 0 else 0
    if hot:
        rows, columns = stream.integers(0, signal.shape[0], hot), stream.integers(0, signal.shape[1], hot)
        channels = stream.choice(3, hot, p=SITES.astype(float))
        signal[rows, columns, channels] += stream.exponential(spec.headroom / 2, hot) / (per**2 * SITES[channels])
    np.clip(signal, -spec.black_level, spec.headroom, out=signal)
