"""The transfer curve of sRGB (IEC 61966-2-1) and the luminance of its primaries (Rec. 709): the one place that spells them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
"""Weights of linear R, G, B."""


def encode(linear: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the coded values 0..1 of linear light, which is cut to 0..1; the precision stays."""
    x = np.clip(linear, 0, 1)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)


def decode(coded: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the linear light of coded values 0..1, which are not cut; the precision stays."""
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


def decode_hex(colour: str) -> NDArray[np.float64]:
    """Return linear R, G, B of `#rrggbb`."""
    return np.asarray(decode(np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])))
