"""From linear light to display values: local and global tone, sRGB transfer, contrast, saturation, hue. Values 0..1."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen import srgb
from facegen.geometry import planes

SHOULDER = 0.6
"""Linear level where the curve leaves the straight sRGB transfer."""
WHITE = 4.0
"""Linear level that maps to display white: two stops above a white card; the sensor saturates here."""
PIVOT = 0.461
"""Display value of mid grey (0.18 linear), where contrast turns."""
TABLE = 4096
DISPLAY_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Rec. 601 luma of display RGB, the one JPEG and grey cameras use."""
_YCC = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])
LUMA = srgb.LUMINANCE.astype(np.float32)
BLACK_SHARE, BLACK_MOST = 0.001, 0.08
"""Share of a picture that is taken for black, after a mean over 3 x 3 pixels so that noise is not; most linear light that is
subtracted. Our choice."""
LOCAL_PX, LOCAL_RADIUS, LOCAL_EDGE, LOCAL_LIMIT, LOCAL_FLOOR = 64, 0.12, 0.6, 0.8, 0.004
"""Local tone mapping: size at which the base is found, its window in picture heights, log contrast that counts as an edge,
largest log gain, luminance below which all is black. Our choice."""


def curve(linear: NDArray[np.floating], contrast: float, white: float = WHITE) -> NDArray[np.floating]:
    """Return display values of `linear` light in 0..`white`, which is 1 or more.

    Straight to `SHOULDER`, above it the extended Reinhard roll-off (Reinhard et al., SIGGRAPH 2002, eq. 4; slope 1 at its start,
    1 at `white`), so that highlights on skin fade instead of clipping; then sRGB; then contrast about mid grey: an S of slope
    `contrast` above 1, a straight line of that slope (lifted blacks, as haze gives) below 1.
    """
    x = np.clip(np.asarray(linear, np.float64), 0, white)
    t = np.maximum(x - SHOULDER, 0) / (1 - SHOULDER)
    limit = (white - SHOULDER) / (1 - SHOULDER)
    display = srgb.encode(np.minimum(x, SHOULDER) + (1 - SHOULDER) * t * (1 + t / limit**2) / (1 + t))
    if contrast < 1:
        return PIVOT + contrast * (display - PIVOT)
    low = PIVOT * (np.minimum(display, PIVOT) / PIVOT) ** contrast
    high = 1 - (1 - PIVOT) * ((1 - np.maximum(display, PIVOT)) / (1 - PIVOT)) ** contrast
    return np.where(display < PIVOT, low, high)


def develop(linear: NDArray[np.float32], contrast: float, white: float = WHITE) -> NDArray[np.float32]:
    """Return `curve` of a picture through a table over the square root of light (error below 1/4000)."""
    index = planes.within(linear, 0, white)
    index *= np.float32(1 / white)
    np.sqrt(index, out=index)
    index *= np.float32(TABLE - 1)
    index += np.float32(0.5)
    return np.take(_table(round(contrast, 6), round(white, 6)), index.astype(np.int32))


def blackened(linear: NDArray[np.float32], amount: float) -> NDArray[np.float32]:
    """Return linear light less the share `amount` of its darkest `BLACK_SHARE`, which real things seldom are and stray light in a
    lens mostly is: the dehazing of Hasinoff et al., Burst photography for high dynamic range and low-light imaging on mobile
    cameras, ACM TOG 35(6), 2016, sec. 6 (from memory: a tenth of a percent may be clipped, only what is dark moves). At most
    `BLACK_MOST` is taken, so that a picture without anything dark in it stays light. Luminance moves and hue does not: dark skin
    must not redden for it.
    """
    if amount == 0:
        return linear
    size = max(linear.shape[0] // 3, 1)
    small = cv2.transform(cv2.resize(linear, (size, size), interpolation=cv2.INTER_AREA), LUMA[None])
    dark = np.float32(amount * np.clip(np.percentile(small, 100 * BLACK_SHARE), 0, BLACK_MOST))
    luma = cv2.transform(linear, LUMA[None])
    left = np.maximum(luma - dark * (1 - np.clip(luma, 0, 1)), 0)
    return linear * planes.thrice(left / np.maximum(luma, np.float32(1e-4)))


def local(linear: NDArray[np.float32], amount: float) -> NDArray[np.float32]:
    """Return linear light whose large-scale log contrast about mid grey is `amount` less, while edges and detail stay.

    The base is the log luminance smoothed within edges by the fast guided filter (He, Sun & Tang, Guided Image Filtering, TPAMI
    2013; He & Sun, arXiv:1505.00996, 2015), as Durand & Dorsey, SIGGRAPH 2002, do with a bilateral one. A constant factor a
    place leaves the order of two skins that stand in the same light as it was.
    """
    if amount == 0:
        return linear
    log = np.log(np.maximum(cv2.transform(linear, LUMA[None]), LOCAL_FLOOR))
    small = min(LOCAL_PX, log.shape[0])
    guide = cv2.resize(log, (small, small), interpolation=cv2.INTER_AREA)
    size = (max(round(LOCAL_RADIUS * small), 1) * 2 + 1,) * 2
    mean, square = cv2.blur(guide, size), cv2.blur(guide * guide, size)
    spread = np.maximum(square - mean * mean, 0)
    slope = spread / (spread + np.float32(LOCAL_EDGE**2))
    both = cv2.blur(cv2.merge((slope, (1 - slope) * mean)), size)
    slope, mean = cv2.split(cv2.resize(both, log.shape[::-1], interpolation=cv2.INTER_LINEAR))
    gain = slope * log
    gain += mean
    gain -= np.float32(np.log(0.18))
    gain *= np.float32(-amount)
    np.clip(gain, -LOCAL_LIMIT, LOCAL_LIMIT, out=gain)
    np.exp(gain, out=gain)
    return linear * planes.thrice(gain)


def saturate(display: NDArray[np.float32], amount: float, hue_deg: float = 0.0) -> NDArray[np.float32]:
    """Return the picture with its colour distance from luma scaled, and turned in the plane of Cb and Cr; 0 is grey."""
    if amount == 1 and hue_deg == 0:
        return display
    if hue_deg == 0:
        matrix = amount * np.eye(3) + (1 - amount) * DISPLAY_LUMA[None].repeat(3, axis=0)
    else:
        c, s = amount * np.cos(np.radians(hue_deg)), amount * np.sin(np.radians(hue_deg))
        matrix = np.linalg.inv(_YCC) @ np.array([[1, 0, 0], [0, c, -s], [0, s, c]]) @ _YCC
    return planes.within(cv2.transform(display, matrix.astype(np.float32)), 0, 1)


def quantise(display: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return 8-bit values."""
    levels = planes.within(display, 0, 1)
    levels *= np.float32(255)
    levels += np.float32(0.5)
    return levels.astype(np.uint8)


@lru_cache(maxsize=64)
def _table(contrast: float, white: float) -> NDArray[np.float32]:
    return curve((np.arange(TABLE) / (TABLE - 1)) ** 2 * white, contrast, white).astype(np.float32)
