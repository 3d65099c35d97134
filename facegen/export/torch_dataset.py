"""A PyTorch Dataset that reads a facegen dataset where it lies: no picture is copied. Importing this module imports torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from facegen.dataset import layout
from facegen.errors import RequestError
from facegen.export.pictures import CROPS, Crop, Pictures
from facegen.export.record import record
from facegen.export.selection import DEFAULT_CELLS, classes, parts
from facegen.export.source import Source
from facegen.sensor.codec import decode, decode_exact
from facegen.sensor.exr import decode_exr


class FaceDataset(Dataset[dict[str, Any]]):
    """Pictures and labels of some splits (or folds by identity) of the dataset at `root`.

    An item holds `image` (3, S, S) uint8 RGB, `label` the class number of its identity among those chosen, `index`, a tensor for
    each of `columns` (numbers and lists; strings stay strings) and one (S, S) or (3, S, S) each of `layers`. `crop` is none,
    arcface, ffhq or loose (`size`, `factor` as in facegen export); points and boxes are then those of the crop. `transform` is
    given the image and returns what stands in its place. Each file is checked against its sha256 when it is read: DataError names
    the one that differs.
    """

    def __init__(
        self,
        root: str | Path,
        split: str | Sequence[str] = (),
        columns: Sequence[str] = (),
        layers: Sequence[str] = (),
        crop: str = "none",
        size: int | None = None,
        factor: float | None = None,
        folds: int | None = None,
        transform: Callable[[torch.Tensor], Any] | None = None,
    ) -> None:
        if crop not in CROPS:
            raise RequestError(f"crop '{crop}' is not one of {', '.join(CROPS)}")
        source = Source(Path(root))
        pictures = {*source.layers, *filter(source.has, layout.PHOTOGRAPHS)}
        missing = [name for name in columns if name not in source.labels] + [name for name in layers if name not in pictures]
        if missing:
            raise RequestError(f"'{root}' has no column or layer '{missing[0]}'; its columns are described in docs/labels.md")
        wanted = (split,) if isinstance(split, str) else tuple(split)
        chosen = parts(source.labels.to_dict("records"), tuple(w for w in wanted if w), folds, DEFAULT_CELLS)
        self.rows = [row for rows in chosen.values() for row in rows]
        self.classes = classes(self.rows)
        self._pictures = Pictures(source, Crop(crop, size, factor))
        self._columns, self._layers, self._transform = tuple(columns), tuple(layers), transform

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        row = self.rows[index]
        image = _tensor(decode(self._pictures.take(row).data))
        item: dict[str, Any] = {
            "image": image if self._transform is None else self._transform(image),
            "label": self.classes[row["identity_id"]],
            "index": index,
        }
        values = record(row, self._pictures) if self._columns else {}
        for name in self._columns:
            value = values[name]
            item[name] = value if isinstance(value, str) else torch.tensor(float("nan") if value is None else value)
        for name in self._layers:
            suffix, data = self._pictures.layer(name, row)
            item[name] = _tensor(decode_exr(data) if suffix == "exr" else decode_exact(data))
        return item


def _tensor(picture: np.ndarray[Any, Any]) -> torch.Tensor:
    """Return (H, W) or (H, W, 3) as (H, W) or (3, H, W); 16 bits become int32, which torch computes with."""
    values = picture.astype(np.int32) if picture.dtype == np.uint16 else picture
    return torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1) if values.ndim == 3 else values))
