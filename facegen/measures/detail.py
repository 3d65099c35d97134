"""Fine detail of a masked picture, at equal exposure."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def detail_energy(luminance: NDArray[np.floating], mask: NDArray[np.bool_], sigma_px: float) -> float:
    """Return the mean square of what lies above a Gaussian of `sigma_px`, over the squared mean: contrast energy, no unit.

    luminance (H, W), linear; only `mask` (H, W) enters, the blur too (normalised convolution), and pixels nearer to its border
    than 2 sigma are left out, since their blur has one side only. Scaling the light changes nothing. Raises ValueError when
    nothing is left.
    """
    inside = mask.astype(np.float32)
    value = luminance.astype(np.float32) * inside
    blur = cv2.GaussianBlur(value, (0, 0), sigma_px) / np.maximum(cv2.GaussianBlur(inside, (0, 0), sigma_px), 1e-6)
    padded = np.pad(mask.astype(np.uint8), 1)
    core = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1] > 2 * sigma_px
    if not core.any():
        raise ValueError(f"nothing of the mask lies farther than {2 * sigma_px:g} px from its border; take a larger picture")
    fine = (luminance - blur)[core].astype(np.float64)
    return float(np.mean(fine**2) / np.mean(luminance[core], dtype=np.float64) ** 2)


def shortfall(values: dict[str, float]) -> float:
    """Return how far the least of `values` lies below the greatest, as a share of it."""
    return 1 - min(values.values()) / max(values.values())
