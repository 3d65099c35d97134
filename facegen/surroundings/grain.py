"""Texture at every scale: what paint, plaster, asphalt, grass and leaves add to a surface, as fine as the camera sees it.

Noise whose amplitude falls as 1 / f has as much of it in every octave, as natural textures have (Field, JOSA A 4:2379, 1987; van
der Schaaf & van Hateren, Vision Res. 36:2759, 1996: power falls about as 1 / f^2). A tile holds seven octaves; a second one, 128
times smaller, the next seven. Each pixel takes it averaged over the patch of surface that it sees.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen import rng

_SIDE, _OCTAVES = 256, 7
_COARSEST = 5
"""Level from which on a tile is as good as averaged away."""
_SPREAD = 0.36
"""Sd of the blur that stands for a square pixel of side 1 (0.29) and keeps what is left from folding back."""
_TURNS = (0.35, 1.13)
"""How the tiles lie (radians): at odds with edges and each other, so that their repetition does not show."""


class Grain(NamedTuple):
    """Sd `amount` of log reflectance in each seven octaves, the first from `size_m` down, of a `seed`; `ragged`: how far the rim
    of what has cover is eaten into, as a share of full cover."""

    amount: float
    size_m: float
    seed: int
    ragged: float = 0.0


def noise(grain: Grain, x: NDArray[np.float32], y: NDArray[np.float32], footprint: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return noise (H, W) of sd about 1 in seven octaves at `x, y` (H, W) metres on the surface, averaged over `footprint`
    (H, W) m."""
    out = np.zeros(x.shape, np.float32)
    for n, turn in enumerate(_TURNS):
        texel = grain.size_m / 2 ** (_OCTAVES * n) / _SIDE
        level = (np.log2(np.maximum(footprint / np.float32(texel), 1.0)) + np.float32(0.5)).astype(np.int8)
        least, most = (int(v) for v in cv2.minMaxLoc(level)[:2])
        if least > _COARSEST:
            break
        start = ((grain.seed + n) * 0.7548776662 % 1 * _SIDE, (grain.seed + n) * 0.5698402910 % 1 * _SIDE)
        c, s = np.float32(np.cos(turn) / texel), np.float32(np.sin(turn) / texel)
        across = _wrapped(c * x - s * y + np.float32(start[0]))
        down = _wrapped(s * x + c * y + np.float32(start[1]))
        if least == most:
            out += _taken(least, across, down)
            continue
        for k in range(least, min(most, _COARSEST) + 1):
            here = cv2.compare(level, k, cv2.CMP_EQ)
            left, top, wide, high = cv2.boundingRect(here)
            if wide:
                part = np.s_[top : top + high, left : left + wide]
                out[part] += cv2.copyTo(_taken(k, across[part], down[part]), here[part])
    return out


def _wrapped(at: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(at - _SIDE * np.floor(at / _SIDE))


def _taken(level: int, x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
    """The tile, blurred to `level`, at texels `x, y` (H, W)."""
    return np.asarray(cv2.remap(_tile(level), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP))


@cache
def _tile(level: int) -> NDArray[np.float32]:
    """Periodic noise (256, 256) of amplitude 1 / f, mean 0 and sd 1, averaged over 2^level texels: the same in every process."""
    white = np.fft.rfft2(rng.expand(20261, "surroundings.grain").standard_normal((_SIDE, _SIDE)))
    f = np.hypot(np.fft.fftfreq(_SIDE)[:, None], np.fft.rfftfreq(_SIDE)[None, :])
    shaped = white / np.maximum(f, 3 / _SIDE)
    shaped[0, 0] = 0
    sd = np.fft.irfft2(shaped, (_SIDE, _SIDE)).std()
    blur = np.exp(-2 * (np.pi * f * _SPREAD * 2**level) ** 2) if level > 0 else 1.0
    out = (np.fft.irfft2(shaped * blur, (_SIDE, _SIDE)) / sd).astype(np.float32)
    out.flags.writeable = False
    return out
