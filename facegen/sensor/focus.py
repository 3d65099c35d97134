"""Depth of field from the depth buffer: a few layers of depth, each blurred by its own disc, composited back to front.

Gathering by layers after Kraus and Strengert, "Depth-of-field rendering by pyramidal image processing", Eurographics 2007, with
plain discs. A layer's colour comes from its own pixels alone, so that a sharp jaw does not glow into a blurred neck; its cover
goes on under the layers before it, as the thing itself does, so that no background shines through between two layers.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.sensor import optics

MIN_BLUR_PX = 0.6
"""Discs and streaks below this are less than the pixel itself and are left out."""
MOST_LAYERS = 6
STEP_PX = 1.0
"""Layers differ by this much in their disc's diameter, or by more where there would be too many."""
FAR = np.float32(1e6)
_OPAQUE = 1e-3
_LENT = np.float32(0.01)
_ENDS = (0.5, 99.5)
"""Percentiles that bound the discs of a picture: single pixels make no layers."""

Image = NDArray[np.float32]


def filled(depth: Image, coverage: Image) -> Image:
    """Return (S, S) depth with pixels that are covered in part but named background at the depth of what covers them; else 0."""
    near = np.where(depth > 0, depth, FAR).astype(np.float32)
    grown = cv2.erode(near, np.ones((3, 3), np.uint8), iterations=2)
    out = np.where(depth > 0, depth, np.where(grown < FAR, grown, 0))
    return np.where(coverage > _OPAQUE, out, 0).astype(np.float32)


def defocus(person: Image, circles: Image, on: NDArray[np.bool_]) -> Image:
    """Return the (S, S, 4) premultiplied picture of the person out of focus.

    circles (S, S): signed diameters of the blur discs in pixels, > 0 behind the plane in focus; on (S, S): where they are known.
    """
    if not on.any():
        return person
    known = circles[on]
    low, high = (float(v) for v in np.percentile(known, _ENDS))
    if max(abs(low), abs(high)) < MIN_BLUR_PX:
        return person
    count = int(np.clip(np.ceil((high - low) / STEP_PX), 1, MOST_LAYERS))
    edges = np.linspace(low, high, count + 1)
    middle = (edges[:-1] + edges[1:]) / 2
    if count == 1:
        return optics.blur(person, _disc(middle[0]))
    layer = np.full(on.shape, count - 1, np.int8)
    layer[on] = np.digitize(known, edges[1:-1])
    out = None
    for k in reversed(range(count)):
        nearer = max(abs(middle[max(k - 1, 0)]), abs(middle[k]))
        over = _layer(person, (layer == k).astype(np.uint8), layer < k, middle[k], nearer)
        if out is None:
            out = over
        elif over is not None:
            left = 1 - cv2.extractChannel(over, 3)
            out *= cv2.merge((left, left, left, left))
            out += over
    return np.zeros_like(person) if out is None else out


def _layer(person: Image, own: NDArray[np.uint8], nearer: NDArray[np.bool_], circle: float, reach: float) -> Image | None:
    """Return one layer (S, S, 4): its own pixels' colour, and its cover, which goes on for `reach` px under what is nearer;
    None where it has none."""
    if not own.any():
        return None
    wide = 2 * int(np.ceil(reach / 2)) + 3
    under = (cv2.dilate(own, np.ones((wide, wide), np.uint8)) > 0) & nearer
    kernel = _disc(circle)
    color = optics.blur(cv2.copyTo(person, own), kernel)
    cover = optics.blur(cv2.extractChannel(person, 3) * ((own > 0) | under), kernel)
    if ((cv2.extractChannel(color, 3) <= _OPAQUE) & (cover > _OPAQUE)).any():
        # no pixel of its own is near enough there: what stands before it lends its colour
        color = color + _LENT * optics.blur(person, kernel)
    *rgb, own_cover = cv2.split(color)
    own_cover = np.maximum(own_cover, 1e-6)
    return np.asarray(cv2.merge((*(plane / own_cover * cover for plane in rgb), cover)), np.float32)


def _disc(circle: float) -> Image:
    return optics.disc_kernel(round(abs(float(circle)), 2))
