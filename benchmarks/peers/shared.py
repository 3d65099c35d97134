"""What every renderer of the comparison shares: the scene as plain arrays, and a loop that draws when told to.

A renderer is a process of its own, with its own environment: `python with_NAME.py SCENES` answers lines of JSON on its standard
input, {"draw": VARIANT} with {"wall_s", "cpu_s"} of one picture, {"save": VARIANT, "to": FILE} with a picture on the disk, and
says first what it can do: {"variants": {...}, "about": TEXT}. Needs numpy alone, and nothing of facegen.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

THREADS = 2
"""Threads of the renderers that have any; ours and pyrender draw in one."""
SKY = (0.35, 0.35, 0.35)
"""Radiance from everywhere."""
SUN = (2.0, 1.95, 1.9)
"""Irradiance of the one light that casts shadows."""
SUN_FROM = (0.5, 0.55, 0.67)
SUN_DEG = 1.0
SPECULAR_ROUGHNESS = 0.5


@dataclass(frozen=True)
class Mesh:
    """Triangles as ours: positions, normals (N, 3), faces (F, 3), uv (N, 2) or None, a region id for each face (F,), linear
    `rgb`, or an sRGB texture `albedo` (H, W, 3) uint8, row 0 at v = 0."""

    name: str
    positions: np.ndarray
    normals: np.ndarray
    faces: np.ndarray
    region: np.ndarray
    uv: np.ndarray | None
    rgb: np.ndarray
    albedo: np.ndarray | None


@dataclass(frozen=True)
class View:
    """Meshes in the camera's frame (OpenGL axes, metres); K (3, 3) in pixels of a square picture of `size`."""

    meshes: list[Mesh]
    K: np.ndarray
    size: int
    near: float
    far: float


def load(path: str | Path) -> View:
    """Return the view that ours.py wrote."""
    held = np.load(path)
    meshes = [
        Mesh(str(name), *(held.get(f"{part}{i}") for part in ("positions", "normals", "faces", "region", "uv", "rgb", "albedo")))
        for i, name in enumerate(held["names"])
    ]
    near, far = (float(v) for v in held["range"])
    return View(meshes, held["K"], int(held["size"]), near, far)


def sun_direction() -> np.ndarray:
    """Return the unit vector towards the sun."""
    return np.asarray(SUN_FROM) / np.linalg.norm(SUN_FROM)


def save(path: str, rgb: np.ndarray, mask: np.ndarray) -> None:
    """Write a picture (S, S, 3) uint8 and its silhouette (S, S) bool."""
    np.savez(path, rgb=rgb, mask=mask)


def to_srgb(linear: np.ndarray) -> np.ndarray:
    """Return uint8 sRGB of linear light."""
    x = np.clip(linear, 0, 1)
    return np.rint(255 * np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)).astype(np.uint8)


def serve(
    about: str,
    variants: dict[str, Callable[[], object]],
    picture: Callable[[str, str], None],
    close: Callable[[], None] | None = None,
) -> None:
    """Answer the driver until its pipe ends. `picture(variant, path)` draws and saves."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # some renderers talk
    print(json.dumps({"about": about, "variants": list(variants)}), file=answers)
    for line in sys.stdin:
        asked = json.loads(line)
        if "save" in asked:
            picture(asked["save"], asked["to"])
            print(json.dumps({"saved": asked["to"]}), file=answers)
            continue
        wall, cpu = time.perf_counter(), time.process_time()
        variants[asked["draw"]]()
        spent = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
        print(json.dumps(spent), file=answers)
    if close is not None:
        close()
