"""Boxes as (x, y, w, h) in pixels, origin at the outer corner of the top-left pixel. Those of projected points are amodal: what
hides the face or lies beyond the picture's edge does not shrink them; those of masks are modal, around whole pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen.head.topology import Topology
from facegen.scene import REGIONS

Box = tuple[float, float, float, float]
HEAD_MASKS = ("face", "scalp", "ears")
FACE = np.zeros(256, np.bool_)
"""Which region ids are the face itself; skin is the scalp's, too."""
FACE[[number for name, number in REGIONS.items() if 1 <= number <= REGIONS["bottom_lip"] and not name.endswith("ear")]] = True
FACE[REGIONS["beard"]] = True


def tight(pixels: NDArray[np.floating]) -> Box:
    """Return the smallest box around (N, 2) pixels."""
    rows = np.ascontiguousarray(pixels.T)  # numpy reduces along memory several times as fast
    low, high = np.nanmin(rows, axis=1), np.nanmax(rows, axis=1)
    return float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])


def head_vertices(topology: Topology) -> NDArray[np.bool_]:
    """Return which vertices (V,) make the head box: skull, face and ears; no neck, no hair."""
    return np.max([topology.masks[name] for name in HEAD_MASKS], axis=0) > 0.5


def around(mask: NDArray[np.bool_]) -> Box | None:
    """Return the box of whole pixels around what is set in a (S, S) mask; None where nothing is."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    x, y = float(columns[0]), float(rows[0])
    return x, y, float(columns[-1]) + 1 - x, float(rows[-1]) + 1 - y


def within(mask: NDArray[np.bool_], box: Box) -> NDArray[np.bool_]:
    """Return the (S, S) mask without pixels whose middle lies outside `box`."""
    out = np.zeros_like(mask)
    low, high = np.ceil(np.array(box[:2]) - 0.5), np.ceil(np.add(box[:2], box[2:]) - 0.5)
    (x0, y0), (x1, y1) = (np.clip(np.nan_to_num(v), 0, len(mask)).astype(int) for v in (low, high))
    out[y0:y1, x0:x1] = mask[y0:y1, x0:x1]
    return out


def clip(box: Box, size: int) -> Box:
    """Return `box` cut to a picture of `size` pixels; width and height 0 outside."""
    x0, y0 = (min(max(v, 0.0), size) for v in box[:2])
    x1, y1 = (min(max(v, 0.0), size) for v in (box[0] + box[2], box[1] + box[3]))
    return x0, y0, x1 - x0, y1 - y0


def iou(a: Box, b: Box) -> float:
    """Return the intersection over union of two boxes; 0 for empty ones."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(width, 0.0) * max(height, 0.0)
    union = a[2] * a[3] + b[2] * b[3] - shared
    return shared / union if union > 0 else 0.0
