"""What a camera's processing does to fine detail: noise reduction that smears, sharpening that leaves halos. Display values
0..1."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

FINE_PX, COARSE_PX = 2, 4
"""Half windows of the two passes of noise reduction."""
TRUST = 1.0
"""Contrast, in sd of the noise, below which half of a texture is smoothed away at full strength."""
CHROMA_PX, CHROMA_MORE_PX = 1.8, 2.5
"""Spread of the colour smoothing at full strength, and what the upper half of the strength adds: eyes forgive it."""
LEAST_SD, MOST_SD = 0.008, 0.045
"""Noise that a camera reckons with: strong noise reduction also smears clean pictures, and beyond the upper end it leaves noise
rather than no picture."""


def denoise(display: NDArray[np.float32], strength: float, sd: float) -> NDArray[np.float32]:
    """Return `display` (S, S, 3) with noise of `sd` reduced: a guided filter on luma, a plain blur of colour.

    The self-guided filter (He, Sun & Tang, Guided Image Filtering, TPAMI 2013) keeps edges above some sd of the noise and
    flattens what is below, so weak texture goes and noise near edges and at low frequencies stays: the blotches of small cameras.
    """
    if strength == 0:
        return display
    ycc = cv2.cvtColor(display, cv2.COLOR_RGB2YCrCb)
    luma = ycc[..., 0]
    trust = (TRUST * (0.4 + 0.6 * strength) * min(max(sd, LEAST_SD), MOST_SD)) ** 2
    smooth = guided(luma, FINE_PX, trust)
    if strength > 0.5:
        smooth += np.float32(2 * strength - 1) * (guided(smooth, COARSE_PX, trust / 4) - smooth)
    ycc[..., 0] = luma + np.float32(strength) * (smooth - luma)
    spread = 0.3 + CHROMA_PX * strength + CHROMA_MORE_PX * max(2 * strength - 1, 0)
    ycc[..., 1:] = cv2.GaussianBlur(ycc[..., 1:], (0, 0), spread, borderType=cv2.BORDER_REFLECT)
    return np.clip(cv2.cvtColor(ycc, cv2.COLOR_YCrCb2RGB), 0, 1)


def guided(plane: NDArray[np.float32], half: int, trust: float) -> NDArray[np.float32]:
    """Return `plane` (H, W) smoothed where its variance in a window of 2 `half` + 1 is below `trust`."""
    size = (2 * half + 1, 2 * half + 1)
    both = cv2.blur(np.dstack([plane, plane * plane]), size, borderType=cv2.BORDER_REFLECT)
    mean = both[..., 0]
    spread = np.maximum(both[..., 1] - mean * mean, 0)
    slope = spread / (spread + np.float32(trust))
    both = cv2.blur(np.dstack([slope, (1 - slope) * mean]), size, borderType=cv2.BORDER_REFLECT)
    return np.asarray(both[..., 0] * plane + both[..., 1], np.float32)


def sharpen(display: NDArray[np.float32], amount: float, sigma_px: float) -> NDArray[np.float32]:
    """Return the picture with its luma unsharp-masked, halos and all."""
    if amount == 0:
        return display
    luma = cv2.cvtColor(display, cv2.COLOR_RGB2GRAY)
    lost = luma - cv2.GaussianBlur(luma, (0, 0), sigma_px, borderType=cv2.BORDER_REFLECT)
    return np.clip(display + np.float32(amount) * lost[..., None], 0, 1)
