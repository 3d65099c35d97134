"""What a camera's processing does to fine detail: noise reduction that smears (linear light), sharpening that leaves halos
(display values 0..1)."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.geometry import planes

LUMA = np.array([0.299, 0.587, 0.114], np.float32)

FINE_PX, COARSE_PX = 2, 4
"""Half windows of the two passes of noise reduction."""
TRUST = (0.3, 2.2)
"""Contrast, in sd of the noise, below which half of a texture is taken for noise: at strength 0, and what full strength adds."""
CHROMA_PX, CHROMA_TRUST, CHROMA_FULL = (1, 3, 6), 3.0, 0.25
"""Half windows of the passes over colour, what they take for noise (sd), and the strength from which on they take all of it:
cameras clean colour hard, since coloured specks are ugly, and light softly, since detail is in it."""
LEAST_SD = 0.008
"""Display noise that a camera reckons with at least: strong noise reduction smears clean pictures too."""


class Noise(NamedTuple):
    """Noise of a picture in linear light: variance `slope` y + `floor` of the luma of a grey y, sd of red - luma and blue - luma
    over that of luma, and the sd of luma where a mid-grey is displayed (0..1)."""

    slope: float
    floor: float
    red: float
    blue: float
    display: float


def denoise(light: NDArray[np.float32], strength: float, seen: Noise) -> NDArray[np.float32]:
    """Return linear `light` (S, S, 3) with its noise `seen` reduced: softly in luma, hard in colour.

    In linear light, before the tone curve, as in a camera: after it the noise of shadows is steep, and cut off at black for each
    colour alone, which leaves specks that no filter takes away. A square root makes the noise of luma even (generalised Anscombe
    transform: Makitalo & Foi, IEEE TIP 22:91, 2013); colour differences, several times as noisy, are divided by it. Self-guided
    filters (He, Sun & Tang, Guided Image Filtering, TPAMI 2013) keep what is above some sd of it and flatten what is below: weak
    texture goes, noise near edges and wide blotches stay.
    """
    if strength == 0:
        return light
    luma = np.asarray(light @ LUMA)
    stable = _stable(luma, seen)
    least = max(1.0, strength * LEAST_SD / max(seen.display, 1e-6))
    trust = ((TRUST[0] + TRUST[1] * strength) * least) ** 2
    smooth = guided(stable, FINE_PX, trust)
    if strength > 0.5:
        smooth += np.float32(2 * strength - 1) * (guided(smooth, COARSE_PX, trust / 4) - smooth)
    spread = np.sqrt(np.float32(seen.slope) * np.maximum(_linear(smooth, seen), 0) + np.float32(seen.floor))
    full = np.float32(min(strength / CHROMA_FULL, 1.0))
    colour = [
        spread * _even((cv2.extractChannel(light, c) - luma) / spread, sd, full) for c, sd in ((0, seen.red), (2, seen.blue))
    ]
    luma = _linear(stable + np.float32(strength) * (smooth - stable), seen)
    red, blue = (luma + part for part in colour)
    return np.asarray(cv2.merge((red, (luma - LUMA[0] * red - LUMA[2] * blue) / LUMA[1], blue)))


def _even(plane: NDArray[np.float32], sd: float, full: np.float32) -> NDArray[np.float32]:
    """A plane of colour difference, its noise of `sd` taken out by ever wider windows, each told what the last one left."""
    smooth = plane
    for half in CHROMA_PX:
        smooth = guided(smooth, half, (CHROMA_TRUST * sd) ** 2)
        sd *= 0.5
    return np.asarray(plane + full * (smooth - plane), np.float32)


def _stable(light: NDArray[np.float32], seen: Noise) -> NDArray[np.float32]:
    """Luma on a scale where its noise has sd 1; below black straight on."""
    slope, floor = np.float32(seen.slope), np.float32(seen.floor)
    above = np.maximum(light, 0)
    return 2 * above / (np.sqrt(slope * above + floor) + np.sqrt(floor)) + np.minimum(light, 0) / np.sqrt(floor)


def _linear(stable: NDArray[np.float32], seen: Noise) -> NDArray[np.float32]:
    slope, floor = np.float32(seen.slope), np.float32(seen.floor)
    above = np.maximum(stable, 0)
    return above * (above * (slope / 4) + np.sqrt(floor)) + np.minimum(stable, 0) * np.sqrt(floor)


def guided(plane: NDArray[np.float32], half: int, trust: float) -> NDArray[np.float32]:
    """Return `plane` (H, W) smoothed where its variance in a window of 2 `half` + 1 is below `trust`."""
    size = (2 * half + 1, 2 * half + 1)
    mean = cv2.blur(plane, size, borderType=cv2.BORDER_REFLECT)
    spread = cv2.blur(plane * plane, size, borderType=cv2.BORDER_REFLECT)
    spread -= mean * mean
    np.maximum(spread, 0, out=spread)
    slope = spread / (spread + np.float32(trust))
    mean *= 1 - slope
    out = cv2.blur(slope, size, borderType=cv2.BORDER_REFLECT)
    out *= plane
    out += cv2.blur(mean, size, borderType=cv2.BORDER_REFLECT)
    return np.asarray(out, np.float32)


def sharpen(display: NDArray[np.float32], amount: float, sigma_px: float, core: float = 0.0) -> NDArray[np.float32]:
    """Return the picture with its luma unsharp-masked, halos and all; detail below `core` is left alone (coring), as
    cameras do so that noise is not sharpened."""
    if amount == 0:
        return display
    luma = cv2.cvtColor(display, cv2.COLOR_RGB2GRAY)
    lost = luma - cv2.GaussianBlur(luma, (0, 0), sigma_px, borderType=cv2.BORDER_REFLECT)
    if core > 0:
        above = np.abs(lost) > core
        lost = lost * above - np.sign(lost) * above * np.float32(core)
    out = planes.thrice(np.float32(amount) * lost)
    out += display
    return planes.within(out, 0, 1)
