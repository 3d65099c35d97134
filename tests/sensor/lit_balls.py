"""What the sensor tests photograph: a lit ball before an even backdrop, by a camera without faults."""

from __future__ import annotations

import numpy as np

from facegen.sample import Degradation
from facegen.scene import Frame

PERFECT = Degradation(
    profile="test",
    exposure_ev=0,
    wb_red=1,
    wb_blue=1,
    full_well_e=1e9,
    read_noise_e=0,
    contrast=1,
    saturation=1,
    sharpen=0,
    downscale=1,
    oversample=4,
    jpeg_quality=100,
    jpeg_subsampling="444",
    grey=False,
    seed=7,
)


def spec(**changes: object) -> Degradation:
    return PERFECT.model_copy(update=changes)


def face(reflectance: float, size: int = 64, light: float = 1.0) -> Frame:
    """A lit ball of one reflectance in the middle of the picture."""
    v, u = (np.mgrid[:size, :size] + 0.5) / size - 0.5
    r = np.hypot(u, v) / 0.35
    coverage = (r < 1).astype(np.float32)
    shade = np.sqrt(np.clip(1 - r**2, 0, 1)).astype(np.float32) * np.float32(
        1.5 * light * reflectance
    )  # mean light over the disc
    rgb = shade[..., None] * np.array([1.15, 0.98, 0.85], np.float32)
    normals = np.zeros((size, size, 3), np.float32)
    return Frame(rgb, coverage, coverage.astype(np.uint8), coverage, normals)


def backdrop(level: float, size: int = 64) -> np.ndarray:
    return np.full((size, size, 3), level, np.float32)


def face_luma(image: np.ndarray) -> float:
    c = image.shape[0] // 2
    return float(image[c - 8 : c + 8, c - 8 : c + 8].mean())
