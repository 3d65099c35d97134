"""Colour of light sources, linear sRGB of luminance 1."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegen import srgb

LUMINANCE = srgb.LUMINANCE
"""Luminance of linear sRGB (IEC 61966-2-1)."""
_XYZ_TO_RGB = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
WARMEST, COLDEST = 1667.0, 25000.0


def luminance(rgb: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the luminance of (..., 3) linear RGB."""
    return np.asarray(rgb @ LUMINANCE)


def kelvin_rgb(kelvin: float, duv: float = 0.0) -> NDArray[np.float64]:
    """Return (3,) of a light of colour temperature `kelvin`, `duv` off the Planckian locus (> 0: greenish; tubes and LEDs).

    Locus: Kim et al. 2002 (US patent 7024034), cubic fit in xy, 1667-25000 K, used for daylight-like lights too. Duv is the
    signed distance in CIE 1960 uv, at right angles to the locus (ANSI C78.377).
    """
    return _kelvin_rgb(round(float(min(max(kelvin, WARMEST), COLDEST)), 2), round(float(duv), 5)).copy()


def _locus(kelvin: float) -> tuple[float, float]:
    t = 1e3 / kelvin
    if kelvin < 4000:
        x = -0.2661239 * t**3 - 0.2343589 * t**2 + 0.8776956 * t + 0.179910
    else:
        x = -3.0258469 * t**3 + 2.1070379 * t**2 + 0.2226347 * t + 0.240390
    if kelvin < 2222:
        y = -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683
    elif kelvin < 4000:
        y = -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
    else:
        y = 3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483
    return x, y


def _uv(kelvin: float) -> NDArray[np.float64]:
    x, y = _locus(kelvin)
    return np.array([4 * x, 6 * y]) / (-2 * x + 12 * y + 3)


@lru_cache(maxsize=4096)
def _kelvin_rgb(kelvin: float, duv: float) -> NDArray[np.float64]:
    x, y = _locus(kelvin)
    if duv != 0.0:
        low, high = max(kelvin * 0.99, WARMEST), min(kelvin * 1.01, COLDEST)
        along = _uv(low) - _uv(high)  # towards red; green lies to the left of it in uv
        along /= np.linalg.norm(along)
        u, v = _uv(kelvin) + duv * np.array([-along[1], along[0]])
        x, y = 3 * u / (2 * u - 8 * v + 4), 2 * v / (2 * u - 8 * v + 4)
    rgb = np.clip(_XYZ_TO_RGB @ np.array([x / y, 1.0, (1 - x - y) / y]), 0.01, None)
    return np.asarray(rgb / float(rgb @ LUMINANCE))
