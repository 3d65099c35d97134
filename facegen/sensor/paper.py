"""A picture printed on paper and scanned."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen import rng, srgb
from facegen.sample import PrintScan
from facegen.sensor import tone

ANGLES_DEG = (15.0, 75.0, 45.0)
"""Screen angles of the inks that take away red, green and blue (cyan, magenta, and yellow put at black's, as three-ink printers
do)."""
RESOLVED = 0.33
"""Screens of up to so many periods a pixel show whole, from half a period on not at all: a scanner averages them away."""
FINE = 2
"""Samples along a pixel where dots are drawn."""
GRAIN_PX = 0.8
DUST_PX = (0.4, 1.1)


def print_and_scan(image: NDArray[np.uint8], step: PrintScan) -> NDArray[np.uint8]:
    """Return `image` (S, S, 3) RGB as a flatbed scanner sees its print, white point set on the whole sheet's, not its own."""
    size = image.shape[0]
    stream = rng.expand(step.seed, "sensor.paper")
    display = tone.saturate(image.astype(np.float32) / np.float32(255), step.gamut)
    light = _DECODED[np.rint(display * 1023).astype(np.int32)]
    dots = step.halftone * float(np.clip((0.5 - step.screen / size) / (0.5 - RESOLVED), 0, 1))
    if dots > 0:
        light += np.float32(dots) * (_dots(light, step.screen) - light)
    light = (np.float32(step.ink) + np.float32(1 - step.ink) * light) * np.array(step.paper, np.float32)
    if step.blur * size > 0.2:
        light = cv2.GaussianBlur(light, (0, 0), step.blur * size, borderType=cv2.BORDER_REFLECT)
    scanned = srgb.encode(light).astype(np.float32)
    grain = cv2.GaussianBlur(stream.standard_normal((size, size), np.float32), (0, 0), GRAIN_PX)
    scanned += np.float32(step.grain / _grain_sd()) * grain[..., None]
    scanned += np.float32(step.noise) * stream.standard_normal(scanned.shape, np.float32)
    return tone.quantise(_dusted(scanned, stream, stream.poisson(step.dust)))


def _dots(light: NDArray[np.float32], screen: float) -> NDArray[np.float32]:
    """The share of paper that dots of a clustered screen of `screen` periods leave free, averaged back to pixels.

    A threshold whose distribution is uniform makes the area of a dot equal the tone, so that the mean stays (Ulichney, Digital
    Halftoning, 1987, ch. 5).
    """
    size = light.shape[0]
    fine = cv2.resize(light, (size * FINE, size * FINE), interpolation=cv2.INTER_LINEAR)
    steep = np.float32(3.0)  # a dot's rim is soft: ink spreads, and samples are few
    free = np.clip((fine - _screens(size * FINE, round(screen, 3))) * steep + np.float32(0.5), 0, 1)
    return np.asarray(cv2.resize(free, (size, size), interpolation=cv2.INTER_AREA), np.float32)


@lru_cache(maxsize=4)
def _screens(size: int, periods: float) -> NDArray[np.float32]:
    """Thresholds (size, size, 3): product screens, one angle a colour, equalised to a uniform distribution."""
    at = ((np.arange(size) + 0.5) / size - 0.5) * 2 * np.pi * periods
    x, y = np.meshgrid(at, at)
    planes = []
    for angle in np.radians(ANGLES_DEG):
        u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
        planes.append(_equalised((np.cos(u) + np.cos(v)) / 2))
    return np.dstack(planes).astype(np.float32)


def _equalised(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    ranks = np.empty(plane.size)
    ranks[np.argsort(plane, axis=None, kind="stable")] = (np.arange(plane.size) + 0.5) / plane.size
    return ranks.reshape(plane.shape)


@lru_cache(maxsize=1)
def _grain_sd() -> float:
    noise = rng.expand(0, "sensor.paper.unit").standard_normal((256, 256), np.float32)
    return float(cv2.GaussianBlur(noise, (0, 0), GRAIN_PX).std())


def _dusted(picture: NDArray[np.float32], stream: np.random.Generator, specks: int) -> NDArray[np.float32]:
    """Lint on the glass: short soft strokes, light or dark."""
    size = picture.shape[0]
    layer = np.zeros((size, size), np.float32)
    for _ in range(specks):
        x, y = stream.uniform(0, size, 2)
        length, angle = stream.exponential(0.01 * size), stream.uniform(0, np.pi)
        ends = [(round(float(x + s * length * np.cos(angle))), round(float(y + s * length * np.sin(angle)))) for s in (-0.5, 0.5)]
        cv2.line(layer, ends[0], ends[1], float(stream.choice((-0.35, 0.5))), 1, cv2.LINE_AA)
    return picture + cv2.GaussianBlur(layer, (0, 0), stream.uniform(*DUST_PX))[..., None] if specks else picture


_DECODED = srgb.decode(np.arange(1024) / 1023).astype(np.float32)
