"""Example faces for the mosaic of a report, from one of our own datasets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.dataset.read import Dataset
from facegen.errors import DataError

QUALITY = 82
OCCLUDED = 0.15
ROOM = 1.5
"""Side of the square that is cut out, over the longer side of the face box."""


def mosaic(dataset: Dataset, attributes: Sequence[str], size: int = 96) -> dict[str, bytes]:
    """Return for each cell of `attributes` that holds somebody the face of its first image, as JPEG of `size` px.

    The first by image id, faces that are mostly hidden (OCCLUDED) after the others: no choice by looks, and yet a face is seen.
    Keys: `attr=value|attr=value`, as `audit_html` takes them. Raises DataError for an attribute that labels.parquet lacks.
    """
    labels = dataset.labels
    for name in attributes:
        if name not in labels:
            raise DataError(f"'{dataset.root}': labels have no attribute '{name}'; choose from the audited ones")
    words = labels[list(attributes)].astype(str)
    firsts = labels.assign(cell=words.apply(lambda row: cell_key(attributes, row), axis=1))
    hidden = labels["occluded_fraction"] > OCCLUDED if "occluded_fraction" in labels else False
    firsts = firsts.assign(hidden=hidden).sort_values(["hidden", "image_id"], kind="stable").drop_duplicates("cell")
    return {
        str(row["cell"]): thumbnail(dataset.image(str(row["image_id"])), row["bbox"], size)
        for _, row in firsts.sort_values("cell", kind="stable").iterrows()
    }


def faces(dataset: Dataset, image_ids: Iterable[str], size: int = 112) -> dict[str, bytes]:
    """Return image id -> its face as JPEG of `size` px, for the pairs of `counterfactual_html`."""
    return {name: thumbnail(dataset.image(name), dataset.row(name)["bbox"], size) for name in image_ids}


def cell_key(attributes: Sequence[str], values: Sequence[str]) -> str:
    """Return the key of a cell."""
    return "|".join(f"{name}={value}" for name, value in zip(attributes, values, strict=True))


def thumbnail(image: NDArray[np.uint8], box: Sequence[float] | None, size: int) -> bytes:
    """Return a square around the face box (x, y, width, height) of an RGB image (S, S, 3), as JPEG; without a box, all of it.

    At the edge of the image the square is moved inwards.
    """
    known = box is not None and len(box) == 4
    x, y, width, height = (float(v) for v in box) if known and box is not None else (0.0, 0.0, *image.shape[1::-1])
    half = ROOM * max(width, height) / 2
    side = min(2 * half, *image.shape[:2])
    left, top = (
        int(round(np.clip(centre - side / 2, 0, edge - side)))
        for centre, edge in ((x + width / 2, image.shape[1]), (y + height / 2, image.shape[0]))
    )
    crop = image[top : top + round(side), left : left + round(side)]
    shrunk = cv2.resize(crop, (size, size), interpolation=cv2.INTER_AREA if side > size else cv2.INTER_CUBIC)
    return cv2.imencode(".jpg", np.ascontiguousarray(shrunk[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
