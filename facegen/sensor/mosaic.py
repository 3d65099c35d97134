"""Light on the colour mosaic of a sensor, and the colours taken back from it.

Below two photosites along a picture pixel the mosaic shows (zips, false colour, soft colour), so it is laid and demosaiced for
real, at the sensor's own resolution. Above, it is averaged away, and the means of each colour's photosites are drawn at once.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.sample import Degradation
from facegen.sample.degradation import SAME
from facegen.sensor import detail, noise, tone

SOFTNESS_PX = 0.6
"""Spread (sd) of a point on the sensor: pixel aperture, low-pass filter and demosaicing; half contrast at 0.31 cycles a pixel."""
OPTICAL_PX = 0.55
"""The part of it that is there before demosaicing."""
SOFTNESS_LEAST_PX = 0.2
"""A spread below this many pixels of the picture does not show beside the pixel itself."""
MARGIN_PX = 4
"""Mirrored photosites around the mosaic: OpenCV leaves its outermost ones out. Even, so that colours keep their place."""
FULL_SCALE = 65535
MID_GREY = 0.18
GREEN = np.array([0.0, 1.0, 0.0])
PROBE_PX = 64
"""Size of the patch on which it is measured how much noise demosaicing lets through."""


def record(light: NDArray[np.float32], spec: Degradation, pixels: int) -> NDArray[np.float32]:
    """Return (pixels, pixels, 3) linear sRGB that the sensor records of `light` (S, S, 3), 1 = white, with the errors of its
    white balance and colour matrix. May be negative in noise; ends at `headroom`."""
    stream = rng.expand(spec.seed, "sensor.noise")
    if spec.oversample < noise.MOSAIC_OVERSAMPLE:
        seen = _demosaiced(light, spec, pixels, stream)
    else:
        seen = soft(_sized(light, pixels), spec.oversample)
        seen = _matrix(seen, spec.mix)
        noise.read_pixels(seen, spec, stream)
    out = _matrix(seen, spec.correction)
    out.reshape(len(out), -1)[:] *= np.tile(np.array([spec.wb_red, 1.0, spec.wb_blue], np.float32), out.shape[1])
    return out


def raw(light: NDArray[np.float32], spec: Degradation, stream: np.random.Generator) -> NDArray[np.float32]:
    """Return the photosites (H, W) of an RGGB mosaic under sensor colours `light` (H, W, 3), white-balanced: 1 = white."""
    height, width = light.shape[:2]
    mask = bayer(height, width)
    plane = np.asarray(np.einsum("hwc,hwc->hw", light, mask), np.float32)
    noise.read_sites(plane, mask @ noise.gains(spec), spec, stream)
    return plane


def demosaic(plane: NDArray[np.float32], headroom: float, black: float) -> NDArray[np.float32]:
    """Return (H, W, 3) of an RGGB `plane` in -black..headroom; edge-aware interpolation on 16 bits (OpenCV's)."""
    scale = np.float32(FULL_SCALE / (headroom + black))
    counts = np.clip((plane + np.float32(black)) * scale + np.float32(0.5), 0, FULL_SCALE).astype(np.uint16)
    m = MARGIN_PX
    padded = cv2.copyMakeBorder(counts, m, m, m, m, cv2.BORDER_REFLECT_101)
    full = cv2.demosaicing(padded, cv2.COLOR_BayerRGGB2RGB_EA)[m:-m, m:-m]
    return full.astype(np.float32) / scale - np.float32(black)


def grey_sd(spec: Degradation) -> float:
    """Return the sd of a mid-grey picture's green channel before noise reduction, in steps of 8 bits, by the noise model.

    Photosites' variance, what averaging or demosaicing leaves of it, the colour matrix, the slope of the tone curve.
    """
    return float(np.sqrt(_variance(spec, GREEN, _sites(spec, MID_GREY))) * _steepness(spec) * 255)


def expected(spec: Degradation) -> detail.Noise:
    """Return the noise that the processing reckons with: the model's, which a camera has from its calibration.

    The line through the variances of a mid-grey's and of black's luma; row and fixed-pattern noise are small beside them.
    """
    sites = _sites(spec, MID_GREY)
    floor, grey = _variance(spec, detail.LUMA, _sites(spec, 0.0)), _variance(spec, detail.LUMA, sites)
    red, blue = (np.sqrt(_variance(spec, np.eye(3)[c] - detail.LUMA, sites) / max(grey, 1e-18)) for c in (0, 2))
    floor = max(floor, 1e-4 * grey, 1e-12)
    slope = max((grey - floor) / MID_GREY, 1e-9)
    return detail.Noise(slope, floor, float(red), float(blue), float(np.sqrt(grey)) * _steepness(spec))


def _sites(spec: Degradation, level: float) -> list[float]:
    """Variance of red, green and blue photosites under a grey of `level`."""
    at = np.float32(level)
    return [float(noise.variance(at, spec.full_well_e, spec.read_noise_e, spec.prnu, float(g))) for g in noise.gains(spec)]


def _variance(spec: Degradation, weights: NDArray[np.floating], each: list[float]) -> float:
    """Variance of the sum of recorded red, green and blue by `weights` (3,) where that of photosites is `each`."""
    row = weights @ np.array(spec.correction).reshape(3, 3)
    if spec.oversample < noise.MOSAIC_OVERSAMPLE:
        return float(row @ _covariance(tuple(np.sqrt(each)), spec.oversample) @ row)
    return float(row**2 / (spec.oversample**2 * noise.SITES) @ np.array(each))


def _steepness(spec: Degradation) -> float:
    """Slope of the tone curve at mid grey."""
    step = 1e-3
    low, high = tone.curve(np.array([MID_GREY - step, MID_GREY + step]), spec.contrast, spec.headroom)
    return float(high - low) / (2 * step)


@lru_cache(maxsize=16)
def _covariance(sd: tuple[float, ...], oversample: float) -> NDArray[np.float64]:
    """Covariance (3, 3) of the colours after demosaicing, which follows edges that noise makes up, and scaling: measured."""
    sites = 2 * round(PROBE_PX * oversample / 2)
    unit = rng.expand(0, "sensor.mosaic.probe").standard_normal((sites, sites), np.float32)
    plane = np.float32(1) + unit * (bayer(sites, sites) @ np.array(sd, np.float32))
    return np.asarray(np.cov(_sized(demosaic(plane, 2.0, 0.0), PROBE_PX).reshape(-1, 3).T))


def soft(light: NDArray[np.float32], oversample: float) -> NDArray[np.float32]:
    """Return linear `light` as soft as a sensor with `oversample` photosites along a pixel makes it."""
    if oversample > SOFTNESS_PX / SOFTNESS_LEAST_PX:
        return light
    return np.asarray(cv2.GaussianBlur(light, (0, 0), SOFTNESS_PX / oversample, borderType=cv2.BORDER_REFLECT), np.float32)


@lru_cache(maxsize=8)
def bayer(height: int, width: int) -> NDArray[np.float32]:
    """Return (height, width, 3): 1 where a photosite of an RGGB mosaic has that colour."""
    mask = np.zeros((height, width, 3), np.float32)
    mask[0::2, 0::2, 0] = mask[0::2, 1::2, 1] = mask[1::2, 0::2, 1] = mask[1::2, 1::2, 2] = 1
    mask.setflags(write=False)
    return mask


def _demosaiced(light: NDArray[np.float32], spec: Degradation, pixels: int, stream: np.random.Generator) -> NDArray[np.float32]:
    sites = 2 * round(pixels * spec.oversample / 2)
    seen = cv2.GaussianBlur(_sized(light, sites), (0, 0), OPTICAL_PX, borderType=cv2.BORDER_REFLECT)
    plane = raw(_matrix(seen, spec.mix), spec, stream)
    return _sized(demosaic(plane, spec.headroom, spec.black_level), pixels)


def _sized(light: NDArray[np.float32], pixels: int) -> NDArray[np.float32]:
    """Resampled about the middle: means where it shrinks, cubic where it grows, never negative for that."""
    if light.shape[0] == pixels:
        return light
    if light.shape[0] > pixels:
        return np.asarray(cv2.resize(light, (pixels, pixels), interpolation=cv2.INTER_AREA), np.float32)
    return np.maximum(cv2.resize(light, (pixels, pixels), interpolation=cv2.INTER_CUBIC), 0)


def _matrix(light: NDArray[np.float32], rows: tuple[float, ...]) -> NDArray[np.float32]:
    if rows == SAME:
        return light.copy()
    return np.asarray(cv2.transform(light, np.array(rows, np.float32).reshape(3, 3)), np.float32)
