"""Apparent skin colour, measured on the finished picture; and the nearest Monk swatch of a colour.

Three things are kept apart: the intrinsic colour (the albedo that was asked for), the apparent colour (this module: light, camera
and compression included), and the name of the nearest swatch with its distance.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from facegen.annotate.regions import SKIN_IDS
from facegen.looks.color import ciede2000, decode, lab_from_linear
from facegen.resources import asset_json

MOST_PIXELS = 4096
LEAST_PIXELS = 16


def apparent_lab(image: NDArray[np.uint8], ids: NDArray[np.uint8]) -> tuple[float, float, float] | None:
    """Return the median CIELAB (D65) of the skin of a (S, S, 3) sRGB picture; None where hardly any skin shows.

    Skin is the regions skin and nose, without the pixels at their border, which mix with what lies beside them.
    """
    skin = np.isin(ids, SKIN_IDS)
    inner = cv2.erode(skin.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=(1.0,)).astype(bool)
    pixels = image[inner if inner.sum() >= LEAST_PIXELS else skin]
    if len(pixels) < LEAST_PIXELS:
        return None
    pixels = pixels[:: -(-len(pixels) // MOST_PIXELS)]
    lightness, a, b = np.median(lab_from_linear(_DECODED[pixels]), axis=0)
    return float(lightness), float(a), float(b)


def nearest_swatch(lab: ArrayLike) -> tuple[int, float]:
    """Return (Monk swatch 1-10, CIEDE2000 distance) of the swatch nearest to a CIELAB colour."""
    distance = ciede2000(np.asarray(lab, np.float64)[None], _swatches())
    best = int(np.argmin(distance))
    return best + 1, float(distance[best])


_DECODED = decode(np.arange(256) / 255.0)


@cache
def _swatches() -> NDArray[np.float64]:
    anchors = sorted(asset_json("looks/monk.json")["anchors"], key=lambda anchor: anchor["monk"])
    return np.array([anchor["swatch_lab"] for anchor in anchors])
