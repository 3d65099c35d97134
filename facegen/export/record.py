"""The labels that go with an exported picture: a row of labels.parquet as plain values, its pixels those of the picture."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facegen.annotate.columns import FLAGS
from facegen.annotate.schema import SCHEMA
from facegen.dataset import layout
from facegen.dataset.checks import COPY, numbers
from facegen.errors import DataError
from facegen.export.pictures import Pictures
from facegen.export.selection import Row
from facegen.geometry import align

LEFT_OUT = ("sample",)
"""As large as a picture; `facegen render` takes it from the dataset."""
CROP_MATRIX = "crop_matrix"
SEEN = "_visible"
"""How the flags of points end: NAME_visible says it of the points NAME."""


def record(row: Row, pictures: Pictures) -> dict[str, Any]:
    """Return the label columns of a row but `sample`, as JSON has them (NaN and missing are None).

    Under a crop the points and boxes are those of the crop (origin at its outer corner, as ever; a box becomes the upright one
    around the turned box), points outside it are not visible, lengths in pixels are scaled, `size_px` is the crop's and
    `crop_matrix` (6, row-major) takes label pixels of the photograph to it. All else, `K` too, describes the photograph.
    """
    matrix = pictures.moves(row)
    values = {name: plain(value) for name, value in row.items() if name not in LEFT_OUT}
    if matrix is None:
        return values
    scale = float(np.sqrt(np.linalg.det(matrix[:, :2])))
    for name, value in values.items():
        column = SCHEMA.get(name)
        if value is None or column is None or column.unit != "px" or name == "K":
            continue
        if isinstance(value, list):
            values[name] = moved_box(value, matrix) if name.startswith("bbox") else moved(value, matrix).ravel().tolist()
        else:
            values[name] = value * scale
    size = pictures.size(row)
    return {**values, **_seen(values, size), "size_px": size, CROP_MATRIX: matrix.ravel().tolist()}


def _seen(values: Row, size: int) -> Row:
    """Return the flags of points that are in the picture of `size` px: those of the photograph, false for what lies outside.

    Raises DataError where there are not as many flags as points.
    """
    found: Row = {}
    for name, flags in values.items():
        points = values.get(name.removesuffix(SEEN))
        if not name.endswith(SEEN) or name not in SCHEMA or SCHEMA[name].type != FLAGS or flags is None or points is None:
            continue
        if len(points) != 2 * len(flags):
            raise DataError(f"{layout.LABELS}: {name} of {values['image_id']} is not one flag a point; {COPY}")
        there = inside(np.reshape(points, (-1, 2)), size)
        found[name] = [bool(flag) and bool(here) for flag, here in zip(flags, there, strict=True)]
    return found


def inside(points: NDArray[np.float64], size: int) -> NDArray[np.bool_]:
    """Return (N,) bool: which points (N, 2), label pixels, lie in a picture of `size` px."""
    return np.asarray(((points >= 0) & (points < size)).all(axis=1))


def points68(row: Row, pictures: Pictures) -> NDArray[np.float64]:
    """Return the iBUG points (68, 2) of the exported picture, label pixels."""
    return moved(numbers(row, "landmarks_68", 136), pictures.moves(row))


def box(row: Row, pictures: Pictures) -> list[float]:
    """Return the face box x, y, w, h of the exported picture, label pixels; amodal, not cut at the edge."""
    matrix = pictures.moves(row)
    return numbers(row, "bbox", 4).tolist() if matrix is None else moved_box(numbers(row, "bbox", 4), matrix)


def moved(points: ArrayLike, matrix: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """Return flat x, y pairs as (N, 2), moved."""
    xy = np.asarray(points, np.float64).reshape(-1, 2)
    return xy if matrix is None else align.apply(matrix, xy)


def moved_box(value: ArrayLike, matrix: NDArray[np.float64]) -> list[float]:
    """Return the upright box around a moved box (x, y, w, h)."""
    x, y, w, h = (float(v) for v in np.asarray(value, np.float64))
    corners = align.apply(matrix, [(x, y), (x + w, y), (x, y + h), (x + w, y + h)])
    low, high = corners.min(axis=0), corners.max(axis=0)
    return [*low.tolist(), *(high - low).tolist()]


def plain(value: Any) -> Any:
    """Return a value of the table as JSON has it."""
    if isinstance(value, np.ndarray):
        return [plain(v) for v in value.tolist()]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and math.isnan(value):
        return None
    return value
