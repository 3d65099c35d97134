"""The one face alignment: a least-squares similarity onto the ArcFace 112 template, and the warp that goes with it.

Two pixel conventions meet here. Our labels have their origin at the outer corner of the top-left pixel; OpenCV, and with it
the ArcFace template and every tool that uses it, puts the origin at that pixel's centre. All matrices of this module are in
OpenCV's convention; `to_centre` turns label pixels into it.
"""

from __future__ import annotations

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


def warp(image: NDArray[np.uint8], matrix: ArrayLike, size: int, nearest: bool = False) -> NDArray[np.uint8]:
    """Return the (size, size, ...) picture under `matrix` (picture -> crop), black outside; `nearest` for id maps.

    Bilinear as in the usual alignment tools, after a Gaussian where the crop shrinks the picture, so that no detail aliases.
    """
    m = np.asarray(matrix, np.float64)
    shrink = 1.0 / np.sqrt(abs(np.linalg.det(m[:, :2])))
    if shrink > 1.5 and not nearest:
        soft = cv2.GaussianBlur(image, (0, 0), 0.4 * np.sqrt(shrink**2 - 1), borderType=cv2.BORDER_REPLICATE)
        image = np.asarray(soft, np.uint8)
    crop = cv2.warpAffine(image, m, (size, size), flags=cv2.INTER_NEAREST if nearest else cv2.INTER_LINEAR)
    return np.asarray(crop, np.uint8)


def arcface_crop(image: NDArray[np.uint8], points: ArrayLike, transform: ArrayLike, camera: Camera) -> NDArray[np.uint8]:
    """Return the (112, 112, 3) crop of `image` aligned by five head-frame `points` (5, 3), template order, seen by `camera`."""
    pixels = project(transform_points(transform, points), camera)
    return warp(image, arcface_matrix(pixels), ARCFACE_SIZE)
