"""Equirectangular radiance maps: (ROWS, COLUMNS, 3) float32, row 0 up, middle column at azimuth 0 (+Z), columns towards +X."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.geometry import harmonics

ROWS, COLUMNS = 64, 128
Map = NDArray[np.float32]


@cache
def directions() -> NDArray[np.float32]:
    """Return (ROWS, COLUMNS, 3) unit directions of the texels' middles (read-only)."""
    polar = (np.arange(ROWS) + 0.5) * np.pi / ROWS
    azimuth = (np.arange(COLUMNS) + 0.5) * 2 * np.pi / COLUMNS - np.pi
    ring = np.sin(polar)[:, None]
    out = np.stack(
        [ring * np.sin(azimuth), np.broadcast_to(np.cos(polar)[:, None], (ROWS, COLUMNS)), ring * np.cos(azimuth)], axis=2
    )
    out = out.astype(np.float32)
    out.flags.writeable = False
    return out


@cache
def solid_angles() -> NDArray[np.float64]:
    """Return (ROWS, COLUMNS) steradians of the texels, exact, 4 pi in all (read-only)."""
    edge = np.cos(np.arange(ROWS + 1) * np.pi / ROWS)
    out = np.repeat((edge[:-1] - edge[1:])[:, None] * 2 * np.pi / COLUMNS, COLUMNS, axis=1)
    out.flags.writeable = False
    return out


@cache
def _projector() -> NDArray[np.float64]:
    return harmonics.basis(directions().reshape(-1, 3)).T * solid_angles().ravel()


def project(radiance: Map) -> NDArray[np.float64]:
    """Return the (16, 3) coefficients of a map."""
    return _projector() @ radiance.reshape(-1, 3).astype(np.float64)


def irradiance(radiance: Map, normals: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return (N, 3) irradiance on surfaces of unit `normals` (N, 3), summed over the map: no harmonics."""
    cosine = np.clip(normals @ directions().reshape(-1, 3).astype(np.float64).T, 0, None) * solid_angles().ravel()
    return cosine @ radiance.reshape(-1, 3).astype(np.float64)


def sample(radiance: Map, at: NDArray[np.floating]) -> Map:
    """Return the radiance (H, W, 3) of a map of any size towards unit directions `at` (H, W, 3), bilinear."""
    rows, columns = radiance.shape[:2]
    x = (np.arctan2(at[..., 0], at[..., 2]) / (2 * np.pi) + 0.5) * columns
    y = np.arccos(np.clip(at[..., 1], -1, 1)) / np.pi * rows
    wide = np.concatenate([radiance[:, -1:], radiance, radiance[:, :1]], axis=1)
    return np.asarray(cv2.remap(wide, (x + 0.5).astype(np.float32), (y - 0.5).astype(np.float32), cv2.INTER_LINEAR,
                                borderMode=cv2.BORDER_REPLICATE))  # fmt: skip


def rotated(radiance: Map, rotation: NDArray[np.floating]) -> Map:
    """Return the map turned by `rotation` (3, 3): what came from d comes from rotation @ d."""
    return sample(radiance, directions() @ np.asarray(rotation, dtype=np.float32))


def splat(radiance: Map, direction: NDArray[np.floating], flux: NDArray[np.floating]) -> None:
    """Add a source that is smaller than a texel: `flux` (3,) is its radiance times its solid angle. Shared by two by two
    texels."""
    x = (np.arctan2(direction[0], direction[2]) / (2 * np.pi) + 0.5) * COLUMNS - 0.5
    y = np.clip(np.arccos(np.clip(direction[1], -1, 1)) / np.pi * ROWS - 0.5, 0, ROWS - 1)
    x0, y0 = int(np.floor(x)), int(np.floor(y))
    solid = solid_angles()
    for row, part in ((y0, 1 - (y - y0)), (min(y0 + 1, ROWS - 1), y - y0)):
        for column, share in ((x0, 1 - (x - x0)), (x0 + 1, x - x0)):
            radiance[row, column % COLUMNS] += (part * share * flux / solid[row, 0]).astype(np.float32)


def disc(radiance: Map, direction: NDArray[np.floating], rgb: NDArray[np.floating], size_deg: float) -> None:
    """Add a source of angular diameter `size_deg` that gives `rgb` (3,) on a surface that faces it."""
    cosine = directions() @ np.asarray(direction, dtype=np.float32)
    inside = cosine > np.cos(np.radians(size_deg / 2))
    if inside.sum() < 8:
        splat(radiance, direction, rgb)
        return
    facing = float((cosine * solid_angles())[inside].sum())
    radiance[inside] += (np.asarray(rgb) / facing).astype(np.float32)
