"""Put surfaces, camera and light together into a Scene."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.sample import LightSpec
from facegen.scene import Camera, Scene, Surface
from facegen.stage import lighting


def compose(
    surfaces: Iterable[Surface],
    transform: NDArray[np.float64],
    camera: Camera,
    light: LightSpec,
    mirrored: NDArray[np.float32] | None = None,
) -> Scene:
    """Return the scene of `surfaces` (head frame, drawing order kept) moved by `transform` (4, 4, rigid) into the world;
    `mirrored`: what wet and glassy surfaces mirror (stage/lighting.py)."""
    placed = tuple(_moved(s, transform) for s in surfaces)
    keys = lighting.keys(light, transform[:3, 3])
    return Scene(placed, lighting.coefficients(light), keys, camera, mirror=mirrored, pupil=lighting.pupil(light))


def _moved(surface: Surface, transform: NDArray[np.float64]) -> Surface:
    turn = np.ascontiguousarray(transform[:3, :3].T, dtype=np.float32)
    shift = (*transform[:3, 3].astype(np.float32).tolist(), 0.0)
    return replace(
        surface,
        positions=_shifted(surface.positions.astype(np.float32, copy=False) @ turn, shift),
        normals=surface.normals.astype(np.float32, copy=False) @ turn,
        tangents=None if surface.tangents is None else surface.tangents.astype(np.float32, copy=False) @ turn,
        lean=None if surface.lean is None else surface.lean.astype(np.float32, copy=False) @ turn,
    )


def _shifted(points: NDArray[np.float32], shift: tuple[float, float, float, float]) -> NDArray[np.float32]:
    """Return points (N, 3) moved by the first three of `shift`, in single precision."""
    return np.asarray(cv2.add(points[:, None], shift)[:, 0]) if len(points) else points
