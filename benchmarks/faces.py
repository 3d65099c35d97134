"""What the benchmarks that train a net share: crops of a dataset, aligned by the ground truth; augmentation; PyTorch."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facegen.dataset.people import monk_third
from facegen.dataset.read import Dataset
from facegen.errors import DataError, MachineError
from facegen.geometry.align import ARCFACE_SIZE, apply, arcface_matrix, to_centre, warp
from facegen.measures.intervals import wilson
from facegen.scene import REGIONS

INSTALL = "pip install torch==2.13.0"
FACE = ("skin", "nose", "right_eye", "left_eye", "right_brow", "left_brow", "mouth_interior", "top_lip", "bottom_lip")
GROUPS = ("sex", "ancestry", "age_band", "monk_third")


def arguments(about: str | None, steps: int) -> argparse.ArgumentParser:
    """Return the arguments of a benchmark that trains a net on a dataset: the dataset, --steps, --seed, --out."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="write the figures as JSON too")
    return parser


def torch() -> ModuleType:
    """Return PyTorch. Raises MachineError with the one line that installs it."""
    try:
        import torch as module
    except ImportError:
        raise MachineError(f"PyTorch is not installed (it is an extra): {INSTALL}") from None
    return module


def labels(dataset: Dataset) -> pd.DataFrame:
    """Return the label table with `monk_third` beside it."""
    table = dataset.labels
    return table.assign(monk_third=table["skin_monk"].map(monk_third))


def crops(
    dataset: Dataset, table: pd.DataFrame, size: int, zoom: float = 1.0, grey: bool = False, face_only: bool = False
) -> NDArray[np.uint8]:
    """Return (N, C, size, size) uint8 crops on the ArcFace template, shrunk about its middle by `zoom`; C is 3, or 1 where grey.

    `face_only` (grey): what is not face in the region map, or lies outside the hull of jaw and brows, takes the mean of what is
    left, so that neither hair nor its outline shows. Raises DataError when the pictures, or the masks this needs, are missing.
    """
    if face_only and not dataset.manifest["spec"]["outputs"]["masks"]:
        raise DataError(f"'{dataset.root}' has no masks; generate it with 'outputs: {{masks: true}}'")
    out = np.empty((len(table), 1 if grey else 3, size, size), np.uint8)
    for n, (image, row, matrix) in enumerate(_aligned(dataset, table, size, zoom, grey)):
        crop = warp(image, matrix, size)
        if face_only:
            crop = _face_only(crop, warp(_mask(dataset.root, row), matrix, size, nearest=True), _hull(row, matrix))
        out[n] = crop[None] if grey else crop.transpose(2, 0, 1)
    return out


def _aligned(
    dataset: Dataset, table: pd.DataFrame, size: int, zoom: float, grey: bool
) -> Iterator[tuple[NDArray[np.uint8], pd.Series, NDArray[np.float64]]]:
    scale, middle = zoom * size / ARCFACE_SIZE, (ARCFACE_SIZE - 1) / 2
    for _, row in table.iterrows():
        image = _read(dataset.root / row["file"], cv2.IMREAD_GRAYSCALE if grey else cv2.IMREAD_COLOR)
        matrix = scale * arcface_matrix(np.reshape(row["landmarks_5"], (5, 2)))
        matrix[:, 2] += (size - 1) / 2 - scale * middle
        yield image, row, matrix


def _mask(root: Path, row: pd.Series) -> NDArray[np.uint8]:
    return _read((root / "masks" / row["identity_id"] / row["image_id"]).with_suffix(".png"), cv2.IMREAD_UNCHANGED)


def _read(path: Path, flag: int) -> NDArray[np.uint8]:
    image = cv2.imread(str(path), flag)
    if image is None:
        raise DataError(f"'{path}' cannot be read; facegen verify says which files are damaged")
    return np.asarray(image, np.uint8)


def _hull(row: pd.Series, matrix: NDArray[np.float64]) -> NDArray[np.int32]:
    points = apply(matrix, to_centre(np.reshape(row["landmarks_68"], (68, 2))[:27]))
    return cv2.convexHull(np.round(points).astype(np.int32))


def _face_only(grey: NDArray[np.uint8], ids: NDArray[np.uint8], hull: NDArray[np.int32]) -> NDArray[np.uint8]:
    inside = np.zeros(grey.shape, np.uint8)
    cv2.fillConvexPoly(inside, hull, (1.0,))
    kept = (inside > 0) & np.isin(ids, [REGIONS[name] for name in FACE])
    return np.where(kept, grey, np.uint8(grey[kept].mean() if kept.any() else 0))


def augmented(x: Any, rng: np.random.Generator) -> Any:
    """Return a tensor x (N, C, S, S) of 0..1 moved, turned and scaled a little and lit otherwise; half are mirrored."""
    module = torch()
    n = len(x)
    angle, scale = rng.normal(0, 0.08, n), np.exp(rng.normal(0, 0.06, n))
    mirror = np.where(rng.random(n) < 0.5, -1.0, 1.0)
    theta = np.zeros((n, 2, 3), np.float32)
    theta[:, 0, 0], theta[:, 0, 1] = mirror * scale * np.cos(angle), -scale * np.sin(angle)
    theta[:, 1, 0], theta[:, 1, 1] = mirror * scale * np.sin(angle), scale * np.cos(angle)
    theta[:, :, 2] = rng.normal(0, 0.04, (n, 2))
    grid = module.nn.functional.affine_grid(module.from_numpy(theta), list(x.shape), align_corners=False)
    moved = module.nn.functional.grid_sample(x, grid, padding_mode="border", align_corners=False)
    gain = np.exp(rng.normal(0, 0.12, (n, 1, 1, 1)) + rng.normal(0, 0.03, (n, x.shape[1], 1, 1)))
    power = np.exp(rng.normal(0, 0.12, (n, 1, 1, 1)))
    lit = (moved.clamp(1e-3, 1) ** module.from_numpy(power.astype(np.float32))) * module.from_numpy(gain.astype(np.float32))
    return lit.clamp(0, 1)


def rate(hits: NDArray[np.bool_]) -> dict[str, float | int | list[float]]:
    """Return k, n, their rate and its 95% Wilson interval."""
    k, n = int(hits.sum()), len(hits)
    return {"hits": k, "of": n, "rate": k / n if n else float("nan"), "interval": list(wilson(k, n))}
