"""Split a radiance map into compact bright sources and a smooth rest.

A source is a connected bright region near a peak: it takes the light above the floor around it and leaves the floor in the map,
so that nothing is lost or counted twice. After the idea of median-cut and region methods (Debevec 2005, A Median Cut Algorithm
for Light Probe Sampling); thresholds are our choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.geometry import harmonics, planes
from facegen.surroundings import maps
from facegen.surroundings.colour import LUMINANCE, luminance

MOST = 3
REACH_DEG = 42.0
"""A region ends this far from its peak: larger ones are no lights but skies, and leave the rest in the map."""
_REACH_COS = np.cos(np.radians(REACH_DEG))
PEAK_SHARE, MEAN_TIMES, FLOOR_SHARE = 0.25, 1.5, 0.4
LEAST_SHARE = 0.08
"""Sources of less than this share of the strongest irradiance that the map gives any surface are left in it."""
SUN_DEG = 0.53
KNOWN_DEG = 5.0
SUN_TEXELS, SUN_TIMES = 6, 150.0
"""So few texels, so much brighter than the mean: a sun or a bare lamp, smaller than a texel."""


@dataclass(frozen=True)
class Source:
    """Unit `direction` (3,) of a light, `rgb` irradiance on a surface that faces it, its angular diameter."""

    direction: NDArray[np.float64]
    rgb: NDArray[np.float64]
    size_deg: float


Known = tuple[tuple[NDArray[np.float64], float], ...]


def extract(radiance: maps.Map, most: int = MOST, known: Known = ()) -> tuple[maps.Map, list[Source]]:
    """Return the rest of the map and its sources, strongest first: `rest` + sources give the light of the map.

    `known`: directions and sizes (degrees) of lights that are smaller than texels can tell; others so small are taken for the
    sun.
    """
    rest = radiance.astype(np.float32, copy=True)
    bright = _luminance(rest)
    mean = float((bright * maps.solid_angles()).sum() / (4 * np.pi))
    strongest = float((_cosines() @ bright.ravel()).max())
    tried = np.zeros(rest.shape[:2], dtype=bool)
    found: list[Source] = []
    for _ in range(3 * most):
        open_ = np.where(tried, 0.0, bright)
        peak = np.unravel_index(int(open_.argmax()), open_.shape)
        if open_[peak] <= MEAN_TIMES * mean or len(found) == most:
            break
        region, floor = _region(bright, peak, mean)
        tried |= region
        taken = np.where(region, np.clip(1 - floor / np.maximum(bright, 1e-12), 0, None), 0.0)
        source = _source(rest, taken, float(bright[peak]) / mean, known)
        if float(luminance(source.rgb)) < LEAST_SHARE * strongest:
            continue
        rest *= planes.thrice((1 - taken).astype(np.float32))
        bright = _luminance(rest)
        found.append(source)
    return rest, sorted(found, key=lambda s: -float(luminance(s.rgb)))


def disc_harmonics(source: Source) -> NDArray[np.float64]:
    """Return the (16, 3) coefficients of `source` as an even disc of its size."""
    c = np.cos(np.radians(source.size_deg / 2))
    # Legendre integrals of a cap over its solid angle, bands 0-3
    zonal = np.array([1.0, (1 + c) / 2, c * (1 + c) / 2, (1 + c) * (5 * c * c - 1) / 8])
    flux = source.rgb / ((1 + c) / 2)
    return harmonics.basis(source.direction[None])[0][:, None] * zonal[harmonics.BAND][:, None] * flux[None]


def _region(bright: NDArray[np.float32], peak: tuple[np.intp, ...], mean: float) -> tuple[NDArray[np.bool_], float]:
    """Return the connected region of a peak and the luminance of what surrounds it, left in the map."""
    threshold = max(PEAK_SHARE * float(bright[peak]), MEAN_TIMES * mean)
    above, shift = bright >= threshold, maps.COLUMNS // 2 - int(peak[1])
    flux = bright * maps.solid_angles()
    flat, weight = maps.directions().reshape(-1, 3), flux.astype(np.float32)
    towards = maps.directions()[peak]
    for _ in range(2):  # about the peak, then about the middle of what that found
        mask = _rolled(above & (maps.directions() @ towards > _REACH_COS), shift)
        labels = cv2.connectedComponents(mask.view(np.uint8), connectivity=8)[1]
        region = _rolled(labels == labels[peak[0], maps.COLUMNS // 2], -shift)
        towards = (region * weight).ravel() @ flat
        towards = towards / np.linalg.norm(towards)
    if np.count_nonzero(region) <= SUN_TEXELS:  # smaller than a texel, shared by its neighbours
        region = cv2.dilate(_rolled(region, shift).view(np.uint8), np.ones((3, 3), np.uint8)) > 0
        region = _rolled(region, -shift)
    dim = ~above
    around = float(flux[dim].sum() / maps.solid_angles()[dim].sum())
    return region, min(FLOOR_SHARE * threshold, 2.0 * around)


def _rolled(mask: NDArray[np.bool_], columns: int) -> NDArray[np.bool_]:
    """Return np.roll(mask, columns, axis=1)."""
    cut = -columns % mask.shape[1]
    return np.concatenate([mask[:, cut:], mask[:, :cut]], axis=1)


def _source(radiance: maps.Map, taken: NDArray[np.float64], times: float, known: Known) -> Source:
    inside = taken > 0
    d, weight = maps.directions()[inside].astype(np.float64), (taken * maps.solid_angles())[inside]
    rgb = radiance[inside].astype(np.float64)
    flux = luminance(rgb) * weight
    towards = (d * flux[:, None]).sum(axis=0)
    towards /= np.linalg.norm(towards)
    cosine = d @ towards
    facing = (rgb * (weight * np.clip(cosine, 0, None))[:, None]).sum(axis=0)
    spread = float((flux * (1 - cosine)).sum() / flux.sum())
    size = 2 * np.degrees(np.arccos(np.clip(1 - 2 * spread, -1, 1)))
    if np.count_nonzero(inside) <= 5 * SUN_TEXELS and flux.max() > 0.2 * flux.sum():
        told = [own for at, own in known if at @ towards > np.cos(np.radians(KNOWN_DEG))]
        size = min(told, default=SUN_DEG if times > SUN_TIMES else size)
    return Source(towards, facing, float(np.clip(size, SUN_DEG, 90.0)))


def _luminance(radiance: maps.Map) -> NDArray[np.float32]:
    return np.asarray(radiance @ LUMINANCE.astype(np.float32))


@cache
def _cosines() -> NDArray[np.float32]:
    """Return (9, N): what a texel of radiance 1 gives a surface that faces up or one of eight ways level."""
    flat = maps.directions().reshape(-1, 3)
    return (np.clip(_NORMALS @ flat.T, 0, None) * maps.solid_angles().ravel()).astype(np.float32)


_AZIMUTH = np.radians(np.arange(0, 360, 45))
_NORMALS = np.concatenate([np.array([[0.0, 1.0, 0.0]]), np.stack([np.sin(_AZIMUTH), 0 * _AZIMUTH, np.cos(_AZIMUTH)], axis=1)])
