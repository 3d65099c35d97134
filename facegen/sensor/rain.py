"""Drops of rain on the front glass of the lens.

A drop lies so near that the lens cannot focus it: a soft disc. Itself a strong little lens, it shows the scene upside down and
far smaller, blurred, dark at one rim and bright at the other (Garg & Nayar, Vision and Rain, IJCV 75(1), 2007).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.sample import Rain

Image = NDArray[np.float32]

COUNT = (3.0, 34.0)
"""Mean number of drops at strength 0 and 1."""
RADIUS, SPREAD = 0.016, 0.55
"""Median radius of a drop's soft disc over the picture's width, and sigma of its logarithm; our choice by eye."""
WIDE = 5.0
"""A drop shows this many times more of the scene than it covers."""
SOFT = 0.38
"""Share of the radius over which a drop fades."""


def drops(light: Image, rain: Rain) -> Image:
    """Return linear light (S, S, 3) as it comes through wet glass."""
    size = light.shape[0]
    seen = cv2.GaussianBlur(light, (0, 0), max(0.012 * size, 0.6), borderType=cv2.BORDER_REFLECT_101)
    out = np.array(light, np.float32)
    for x, y, radius, turn in discs(rain):
        _drop(out, seen, x * size, y * size, radius * size, turn)
    return out


def discs(rain: Rain) -> NDArray[np.float64]:
    """Return (N, 4): middle x, y and radius of each drop over the picture's width, and how far it is out of round."""
    random = rng.expand(rain.seed, "rain.drops")
    count = int(random.poisson(COUNT[0] + (COUNT[1] - COUNT[0]) * rain.strength))
    radius = np.clip(RADIUS * (0.75 + 0.6 * rain.strength) * np.exp(SPREAD * random.normal(size=max(count, 1))), 0.005, 0.07)
    return np.stack([random.uniform(-0.02, 1.02, len(radius)), random.uniform(-0.02, 1.02, len(radius)), radius,
                     random.uniform(0.0, 0.25, len(radius))], 1)  # fmt: skip


def _drop(out: Image, seen: Image, cx: float, cy: float, radius: float, turn: float) -> None:
    size = out.shape[0]
    reach = radius * 1.3 + 1
    x0, x1 = max(int(cx - reach), 0), min(int(cx + reach) + 1, size)
    y0, y1 = max(int(cy - reach), 0), min(int(cy + reach) + 1, size)
    if x0 >= x1 or y0 >= y1:
        return
    gx, gy = np.meshgrid(np.arange(x0, x1, dtype=np.float32) + 0.5, np.arange(y0, y1, dtype=np.float32) + 0.5)
    dx, dy = (gx - cx) / radius, (gy - cy) / (radius * (1 + turn))
    r = np.sqrt(dx * dx + dy * dy)
    cover = np.clip((1 + 0.5 * SOFT - r) / SOFT, 0, 1)
    cover = (cover * cover * (3 - 2 * cover))[..., None]
    bow = WIDE * (0.5 + 0.5 * np.clip(r, 0, 1) ** 2)
    at_x, at_y = cx - bow * dx * radius, cy - bow * dy * radius
    inside = cv2.remap(seen, (at_x - 0.5).astype(np.float32), (at_y - 0.5).astype(np.float32), cv2.INTER_LINEAR,
                       borderMode=cv2.BORDER_REFLECT_101)  # fmt: skip
    rim = 1 - 0.55 * np.clip(r, 0, 1) ** 4 + 0.35 * np.clip(dy, 0, 1) * np.clip(r, 0, 1) ** 2
    here = out[y0:y1, x0:x1]
    out[y0:y1, x0:x1] = here + cover * 0.92 * (inside * rim[..., None] - here)
