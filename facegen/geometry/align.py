"""The one face alignment: ArcFace, FFHQ-style and loose crops as (2, 3) matrices, and the warp that goes with them.

Two pixel conventions meet here. Our labels have their origin at the outer corner of the top-left pixel; OpenCV, and with it
the ArcFace template and every tool that uses it, puts the origin at that pixel's centre. All matrices of this module are in
OpenCV's convention; `to_centre` turns label pixels into it.
"""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from facegen.geometry.projection import project
from facegen.geometry.rotations import transform_points
from facegen.scene import Camera

ARCFACE_SIZE = 112
ARCFACE_112: NDArray[np.float64] = np.array(
    [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)]
)
"""Person's right eye, left eye, nose tip, right and left mouth corner (Deng et al., ArcFace, CVPR 2019), pixel-centre base."""
ARCFACE_112.setflags(write=False)
Pixel = TypeVar("Pixel", np.uint8, np.uint16)
FFHQ_SIZE = 256
"""Pixels of an FFHQ-style crop unless asked otherwise (the set itself has 1024 and is mostly used at 256)."""
LOOSE_SIZE, LOOSE_FACTOR = 112, 1.3
"""Pixels of a loose crop, and the side of its square over the longer side of the face box."""


def to_centre(points: ArrayLike) -> NDArray[np.float64]:
    """Return label pixels (outer-corner origin) in the pixel-centre convention of OpenCV."""
    return np.asarray(points, np.float64) - 0.5


def to_corner(points: ArrayLike) -> NDArray[np.float64]:
    """Return OpenCV pixels in the labels' convention (outer-corner origin)."""
    return np.asarray(points, np.float64) + 0.5


def similarity(source: ArrayLike, target: ArrayLike) -> NDArray[np.float64]:
    """Return the (2, 3) similarity with the least squared distance from (N, 2) `source` to `target`.

    Umeyama, "Least-squares estimation of transformation parameters between two point patterns", TPAMI 1991; no mirroring.
    """
    a, b = np.asarray(source, np.float64), np.asarray(target, np.float64)
    mean_a, mean_b = a.mean(0), b.mean(0)
    u, d, vt = np.linalg.svd((b - mean_b).T @ (a - mean_a))
    sign = np.array([1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    scale = (d * sign).sum() / ((a - mean_a) ** 2).sum()
    linear = scale * (u * sign) @ vt
    return np.column_stack([linear, mean_b - linear @ mean_a])


def invert(matrix: ArrayLike) -> NDArray[np.float64]:
    """Return the inverse of a (2, 3) affine matrix."""
    m = np.asarray(matrix, np.float64)
    linear = np.linalg.inv(m[:, :2])
    return np.column_stack([linear, -linear @ m[:, 2]])


def apply(matrix: ArrayLike, points: ArrayLike) -> NDArray[np.float64]:
    """Return (N, 2) `points` moved by a (2, 3) affine matrix."""
    m = np.asarray(matrix, np.float64)
    return np.asarray(points, np.float64) @ m[:, :2].T + m[:, 2]


def arcface_matrix(points: ArrayLike) -> NDArray[np.float64]:
    """Return the (2, 3) matrix from a picture to its 112 x 112 crop; `points` (5, 2) in label pixels, template order."""
    return similarity(to_centre(points), ARCFACE_112)


def ffhq_matrix(points: ArrayLike, size: int = FFHQ_SIZE) -> NDArray[np.float64]:
    """Return the (2, 3) matrix from a picture to its (size, size) FFHQ-style crop; `points` (68, 2) iBUG in label pixels.

    The square of Karras et al., "A Style-Based Generator Architecture for GANs", CVPR 2019, appendix C: it turns with the eyes
    and the mouth, its half side is the larger of 2.0 eye distances and 1.8 eye-to-mouth distances, its centre lies a tenth of
    the way from the eyes to the mouth. The square's corners fall on the outer corners of the crop.
    """
    p = np.asarray(points, np.float64)
    right, left = p[36:42].mean(0), p[42:48].mean(0)
    eyes, mouth = (right + left) / 2, (p[48] + p[54]) / 2
    across, down = left - right, mouth - eyes
    x = across - down[::-1] * (-1, 1)
    x *= max(2.0 * np.hypot(*across), 1.8 * np.hypot(*down)) / np.hypot(*x)
    return _square(eyes + 0.1 * down, x, size)


def loose_matrix(bbox: ArrayLike, size: int = LOOSE_SIZE, factor: float = LOOSE_FACTOR) -> NDArray[np.float64]:
    """Return the (2, 3) matrix from a picture to the (size, size) crop of the upright square about a label box (x, y, w, h),
    `factor` times as wide as the box's longer side."""
    x, y, w, h = np.asarray(bbox, np.float64)
    return _square(np.array([x + w / 2, y + h / 2]), np.array([0.5 * factor * max(w, h), 0.0]), size)


def _square(centre: NDArray[np.float64], half: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Return the matrix that takes a square (label pixels) to the crop; `half` (2,) points from its centre to its right side."""
    scale = size / (2 * half @ half)
    linear = scale * np.array([[half[0], half[1]], [-half[1], half[0]]])
    return rebased(np.column_stack([linear, size / 2 - linear @ centre]))


def rebased(matrix: ArrayLike, by: float = 0.5) -> NDArray[np.float64]:
    """Return a (2, 3) matrix between label pixels as the one between OpenCV's (`by` 0.5), or back (`by` -0.5)."""
    m = np.asarray(matrix, np.float64)
    return np.column_stack([m[:, :2], m[:, 2] + by * m[:, :2].sum(axis=1) - by])


def warp(
    image: NDArray[Pixel], matrix: ArrayLike, size: int, nearest: bool = False, fill: str = "black", beyond: int = 0
) -> NDArray[Pixel]:
    """Return the (size, size, ...) picture of 8 or 16 bits under `matrix` (picture -> crop); `nearest` for label maps.

    `fill`: what lies beyond the picture's edge is `black` (the value `beyond`), or mirrored and blurred away as FFHQ's padding
    is (`blur`).

    Bilinear as in the usual alignment tools, after a Gaussian where the crop shrinks the picture, so that no detail aliases.
    """
    m = np.asarray(matrix, np.float64)
    shrink = 1.0 / np.sqrt(abs(np.linalg.det(m[:, :2])))
    if shrink > 1.5 and not nearest:
        soft = cv2.GaussianBlur(image, (0, 0), 0.4 * np.sqrt(shrink**2 - 1), borderType=cv2.BORDER_REPLICATE)
        image = np.asarray(soft, image.dtype)
    how = cv2.INTER_NEAREST if nearest else cv2.INTER_LINEAR
    if fill == "black":
        return np.asarray(cv2.warpAffine(image, m, (size, size), flags=how, borderValue=(beyond,) * 3), image.dtype)
    crop = np.asarray(cv2.warpAffine(image, m, (size, size), flags=how, borderMode=cv2.BORDER_REFLECT), image.dtype)
    return _faded(crop, m, image.shape[:2])


def _faded(crop: NDArray[np.uint8], matrix: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return a crop with mirrored edges as FFHQ leaves them: blurred near and beyond the edge, then fading to the median.

    Weights and sigma are those of Karras et al.'s published script (blur 0.02 of the side, full at the edge and gone 0.1 inside
    it; median from the edge to 0.3 outside); the script works on the padded picture, this on the crop.
    """
    size = len(crop)
    back = invert(matrix)
    grid = np.stack(np.meshgrid(np.arange(size), np.arange(size)), axis=-1).reshape(-1, 2)
    x, y = apply(back, grid).T
    height, width = shape
    beyond = np.maximum.reduce([-0.5 - x, x - (width - 0.5), -0.5 - y, y - (height - 0.5)]).reshape(size, size)
    if beyond.max() <= 0:
        return crop
    beyond = (beyond / np.sqrt(np.linalg.det(back[:, :2])) / (0.3 * size))[..., None]
    soft = cv2.GaussianBlur(crop, (0, 0), 0.02 * size, borderType=cv2.BORDER_REFLECT).astype(np.float64)
    mixed = crop + (soft - crop) * np.clip(3 * beyond + 1, 0, 1)
    mixed += (np.median(mixed, axis=(0, 1)) - mixed) * np.clip(beyond, 0, 1)
    return np.asarray(np.clip(np.rint(mixed), 0, 255), np.uint8)


def arcface_crop(image: NDArray[np.uint8], points: ArrayLike, transform: ArrayLike, camera: Camera) -> NDArray[np.uint8]:
    """Return the (112, 112, 3) crop of `image` aligned by five head-frame `points` (5, 3), template order, seen by `camera`."""
    pixels = project(transform_points(transform, points), camera)
    return warp(image, arcface_matrix(pixels), ARCFACE_SIZE)
