"""Frames in closed form: a ball before the camera, seen as the renderer would show it."""

import numpy as np

from facegen.scene import Camera, Frame

SIZE = 256
CAMERA = Camera(np.array([[600.0, 0, SIZE / 2], [0, 600.0, SIZE / 2], [0, 0, 1]]), SIZE)
CENTER = np.array([0.02, -0.01, -1.0])
RADIUS = 0.12


def ball(region: int = 1, center: np.ndarray = CENTER, radius: float = RADIUS) -> Frame:
    """Ray-traced through the pixel centres."""
    v, u = np.mgrid[:SIZE, :SIZE] + 0.5
    k = CAMERA.K
    rays = np.stack([(u - k[0, 2]) / k[0, 0], -(v - k[1, 2]) / k[1, 1], -np.ones_like(u)], axis=-1)
    a, b = (rays**2).sum(-1), rays @ center
    root = b**2 - a * (center @ center - radius**2)
    hit = root > 0
    t = np.where(hit, (b - np.sqrt(np.maximum(root, 0))) / a, 0)
    normals = np.where(hit[..., None], (t[..., None] * rays - center) / radius, 0).astype(np.float32)
    ids = np.where(hit, region, 0).astype(np.uint8)
    return Frame(
        np.repeat(hit[..., None], 3, 2).astype(np.float32) * 0.3, hit.astype(np.float32), ids, t.astype(np.float32), normals
    )


def screened(frame: Frame, region: int, distance: float = 0.7, columns: slice = slice(0, SIZE // 2)) -> Frame:
    """The same with a flat screen of `region` at `distance` over some columns."""
    ids, depth, normals = frame.ids.copy(), frame.depth.copy(), frame.normals.copy()
    ids[:, columns], depth[:, columns], normals[:, columns] = region, distance, (0, 0, 1)
    return Frame(frame.rgb, np.maximum(frame.coverage, (ids > 0).astype(np.float32)), ids, depth, normals)


def sphere_points(count: int, seed: int = 0, center: np.ndarray = CENTER, radius: float = RADIUS) -> np.ndarray:
    d = np.random.default_rng(seed).standard_normal((count, 3))
    return center + radius * d / np.linalg.norm(d, axis=1, keepdims=True)


def faces_camera(points: np.ndarray, center: np.ndarray = CENTER) -> np.ndarray:
    """Cosine between surface normal and the direction to the camera."""
    n = points - center
    return -(n * points).sum(1) / np.linalg.norm(n, axis=1) / np.linalg.norm(points, axis=1)
