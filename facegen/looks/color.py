"""Colour arithmetic of the looks: sRGB (IEC 61966-2-1), CIE L*a*b* under D65 / 2 degrees, CIEDE2000.

Colours are arrays (..., 3); linear sRGB in 0..1 unless a name says otherwise.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facegen import srgb

Array = NDArray[np.floating]

SRGB_TO_XYZ = np.array([[0.4123908, 0.3575843, 0.1804808], [0.2126390, 0.7151687, 0.0721923], [0.0193308, 0.1191948, 0.9505322]])
"""IEC 61966-2-1 primaries, D65 white (0.9505, 1, 1.0891)."""
XYZ_TO_SRGB = np.linalg.inv(SRGB_TO_XYZ)
WHITE = SRGB_TO_XYZ.sum(axis=1)
LUMA = SRGB_TO_XYZ[1].astype(np.float32)

_ENCODE_STEPS = 65535


def encode(linear: ArrayLike) -> Array:
    """Linear 0..1 to sRGB-coded 0..1."""
    return srgb.encode(np.asarray(linear, dtype=np.float64))


def decode(coded: ArrayLike) -> Array:
    """sRGB-coded 0..1 to linear 0..1."""
    return srgb.decode(np.asarray(coded, dtype=np.float64))


_ENCODE_TABLE = np.round(255.0 * encode(np.arange(_ENCODE_STEPS + 1) / _ENCODE_STEPS)).astype(np.uint8)


def encode_bytes(linear: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Linear float32 (any shape) to sRGB bytes by table; exact to the byte but for ties."""
    steps = np.clip(linear, 0.0, 1.0) * np.float32(_ENCODE_STEPS) + np.float32(0.5)
    return _ENCODE_TABLE[steps.astype(np.uint16)]


def lab_from_linear(rgb: ArrayLike) -> Array:
    """Linear sRGB to L*a*b* (D65)."""
    t = np.asarray(rgb, dtype=np.float64) @ SRGB_TO_XYZ.T / WHITE
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


def linear_from_lab(lab: ArrayLike) -> Array:
    """L*a*b* (D65) to linear sRGB, not clipped: out-of-gamut colours leave 0..1."""
    lab = np.asarray(lab, dtype=np.float64)
    fy = (lab[..., 0] + 16) / 116
    f = np.stack([fy + lab[..., 1] / 500, fy, fy - lab[..., 2] / 200], axis=-1)
    xyz = WHITE * np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29))
    return xyz @ XYZ_TO_SRGB.T


def ciede2000(lab1: ArrayLike, lab2: ArrayLike) -> Array:
    """CIEDE2000 difference of L*a*b* arrays (..., 3), after Sharma, Wu & Dalal 2005."""
    l1, a1, b1 = np.moveaxis(np.asarray(lab1, dtype=np.float64), -1, 0)
    l2, a2, b2 = np.moveaxis(np.asarray(lab2, dtype=np.float64), -1, 0)
    mean_chroma7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    g = 0.5 * (1 - np.sqrt(mean_chroma7 / (mean_chroma7 + 25.0**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    turn = (h2 - h1 + 180) % 360 - 180
    turn = np.where(c1 * c2 == 0, 0.0, turn)
    d_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)
    hue = np.where(c1 * c2 == 0, h1 + h2, (h1 + turn / 2) % 360)
    lightness, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    t = (
        1
        - 0.17 * np.cos(np.radians(hue - 30))
        + 0.24 * np.cos(np.radians(2 * hue))
        + 0.32 * np.cos(np.radians(3 * hue + 6))
        - 0.20 * np.cos(np.radians(4 * hue - 63))
    )
    s_l = 1 + 0.015 * (lightness - 50) ** 2 / np.sqrt(20 + (lightness - 50) ** 2)
    s_c, s_h = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    rotation = -np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2)))) * 2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    d_l, d_c, d_h = (l2 - l1) / s_l, (c2 - c1) / s_c, d_hue / s_h
    return np.sqrt(d_l**2 + d_c**2 + d_h**2 + rotation * d_c * d_h)
