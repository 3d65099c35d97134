"""From linear light to display values: highlight shoulder, sRGB transfer, contrast, saturation, sharpening. Values 0..1."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

SHOULDER = 0.6
"""Linear level where the curve leaves the straight sRGB transfer."""
WHITE = 4.0
"""Linear level that maps to display white: two stops above a white card; the sensor saturates here."""
PIVOT = 0.461
"""Display value of mid grey (0.18 linear), where contrast turns."""
TABLE = 4096
DISPLAY_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Rec. 601 luma of display RGB, the one JPEG and grey cameras use."""


def srgb_encode(linear: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the display values of linear light in 0..1 (IEC 61966-2-1)."""
    x = np.clip(linear, 0, 1)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)


def srgb_decode(display: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the linear light of display values in 0..1 (IEC 61966-2-1)."""
    x = np.clip(display, 0, 1)
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)


def curve(linear: NDArray[np.floating], contrast: float) -> NDArray[np.floating]:
    """Return display values of `linear` light in 0..WHITE.

    Straight to `SHOULDER`, above it the extended Reinhard roll-off (Reinhard et al., SIGGRAPH 2002, eq. 4; slope 1 at its start,
    1 at `WHITE`), so that highlights on skin fade instead of clipping; then sRGB; then contrast about mid grey: an S of slope
    `contrast` above 1, a straight line of that slope (lifted blacks, as haze gives) below 1.
    """
    x = np.clip(np.asarray(linear, np.float64), 0, WHITE)
    t = np.maximum(x - SHOULDER, 0) / (1 - SHOULDER)
    limit = (WHITE - SHOULDER) / (1 - SHOULDER)
    display = srgb_encode(np.minimum(x, SHOULDER) + (1 - SHOULDER) * t * (1 + t / limit**2) / (1 + t))
    if contrast < 1:
        return PIVOT + contrast * (display - PIVOT)
    low = PIVOT * (np.minimum(display, PIVOT) / PIVOT) ** contrast
    high = 1 - (1 - PIVOT) * ((1 - np.maximum(display, PIVOT)) / (1 - PIVOT)) ** contrast
    return np.where(display < PIVOT, low, high)


def develop(linear: NDArray[np.float32], contrast: float) -> NDArray[np.float32]:
    """Return `curve` of a picture through a table over the square root of light (error below 1/4000)."""
    index = np.sqrt(np.clip(linear, 0, WHITE) * np.float32(1 / WHITE)) * np.float32(TABLE - 1) + np.float32(0.5)
    return np.take(_table(round(contrast, 6)), index.astype(np.int32))


def saturate(display: NDArray[np.float32], amount: float) -> NDArray[np.float32]:
    """Return the picture with its colour distance from luma scaled; 0 is grey, 1 unchanged."""
    if amount == 1:
        return display
    luma = (display @ DISPLAY_LUMA)[..., None]
    return np.clip(luma + np.float32(amount) * (display - luma), 0, 1)


def sharpen(display: NDArray[np.float32], amount: float, sigma_px: float) -> NDArray[np.float32]:
    """Return the unsharp-masked picture, with its halos."""
    if amount == 0:
        return display
    soft = cv2.GaussianBlur(display, (0, 0), sigma_px, borderType=cv2.BORDER_REFLECT)
    return np.clip(display + np.float32(amount) * (display - soft), 0, 1)


def quantise(display: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return 8-bit values."""
    return (np.clip(display, 0, 1) * np.float32(255) + np.float32(0.5)).astype(np.uint8)


@lru_cache(maxsize=64)
def _table(contrast: float) -> NDArray[np.float32]:
    return curve((np.arange(TABLE) / (TABLE - 1)) ** 2 * WHITE, contrast).astype(np.float32)
