"""The picture that an export gives for a row: the photograph's own file, or an aligned crop of it.

Crops that the dataset holds are taken as they are; others are cut out of the photograph by the row's labels. The studio cuts
before the JPEG round and an export after it, which is all that differs (docs/exports.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from facegen.dataset import provenance
from facegen.dataset.checks import numbers
from facegen.dataset.layers import LAYERS
from facegen.errors import DataError, RequestError
from facegen.export.selection import Row
from facegen.export.source import Source
from facegen.geometry import align
from facegen.geometry.projection import project
from facegen.geometry.rotations import transform_points
from facegen.head.landmarks import arcface_anchors_68, arcface_from
from facegen.head.model import HeadModel
from facegen.sample import Identity, SampleSpec, Sitting
from facegen.sensor.codec import decode, decode_exact, encode_jpeg, encode_png
from facegen.stage.camera import camera

CROPS = ("none", "arcface", "ffhq", "loose")
STORED = {"arcface": "aligned", "ffhq": "crops_ffhq", "loose": "crops_loose"}
ENCODINGS = ("png", "jpg")
SIZES = {"arcface": align.ARCFACE_SIZE, "ffhq": align.FFHQ_SIZE, "loose": align.LOOSE_SIZE}
_PACKET = (b"<?xpacket begin=", b'<?xpacket end="r"?>')


@dataclass(frozen=True)
class Crop:
    """`size` and `factor` (of a loose crop) None: the usual ones, and the dataset's own crops where it has them. `encode` None:
    files are copied, fresh crops are PNG. Files of the kind asked for are copied too, but where another `quality` is."""

    kind: str = "none"
    size: int | None = None
    factor: float | None = None
    fill: str = "black"
    encode: str | None = None
    quality: int = 95


@dataclass(frozen=True)
class Picture:
    """`data`: the file with its XMP packet; `suffix`: png or jpg; `size`: pixels a side."""

    data: bytes
    suffix: str
    size: int


class Pictures:
    """Cuts and encodes the pictures of one export."""

    def __init__(self, source: Source, crop: Crop) -> None:
        self._source, self._crop = source, crop
        if crop.kind == "arcface" and crop.size not in (None, align.ARCFACE_SIZE):
            raise RequestError(f"--size {crop.size}: the ArcFace template is made for {align.ARCFACE_SIZE} px; leave --size out")
        usual = crop.size is None and crop.factor is None and crop.fill == "black"
        self.stored = STORED[crop.kind] if crop.kind != "none" and usual and source.has(STORED[crop.kind]) else None
        """The folder that the crops are copied from; None: they are cut from the photographs."""
        self.cuts = crop.kind != "none"
        self._last: dict[str, Any] = {}
        """Matrix and size of the row that was asked for last: a row's picture, labels and layers are made one after another."""

    def take(self, row: Row) -> Picture:
        """Return the picture of a label row. Raises DataError, naming the file, where it is not what was written."""
        if self._crop.kind == "none":
            suffix, data = row["file"].rpartition(".")[2], self._source.read(row["file"])
            return Picture(*self._encoded(suffix, data, None), int(row["size_px"]))
        if self.stored is not None:
            suffix, data = self._source.layer(self.stored, row)
            return Picture(*self._encoded(suffix, data, None), self.size(row))
        data = self._source.read(row["file"])
        size = self.size(row)
        cut = align.warp(decode(data), self._matrix(row), size, fill=self._crop.fill)
        return Picture(*self._encoded("", data, cut), size)

    def size(self, row: Row) -> int:
        """Return the pixels a side of a row's picture."""
        if self._crop.kind == "none":
            return int(row["size_px"])
        if self.stored is None:
            return self._crop.size or SIZES[self._crop.kind]
        folder = self.stored
        return int(self._once("size", row, lambda: len(decode(self._source.layer(folder, row)[1]))))

    def layer(self, folder: str, row: Row) -> tuple[str, bytes]:
        """Return (suffix, bytes) of a label picture, cut as the photograph is, values never mixed; as stored without a crop."""
        suffix, data = self._source.layer(folder, row)
        if self._crop.kind == "none":
            return suffix, data
        if suffix != "png":
            raise RequestError(f"--layers {folder}: {suffix} files are not cut; take them with --crop none")
        values: Any = decode_exact(data)
        beyond = LAYERS[folder].nothing
        return suffix, encode_png(align.warp(values, self._matrix(row), self.size(row), nearest=True, beyond=beyond))

    def moves(self, row: Row) -> NDArray[np.float64] | None:
        """Return the (2, 3) matrix from the photograph to the row's picture, both in label pixels; None without a crop."""
        return None if self._crop.kind == "none" else align.rebased(self._matrix(row), -0.5)

    def _matrix(self, row: Row) -> NDArray[np.float64]:
        return np.asarray(self._once("matrix", row, lambda: self._aligned(row)))

    def _once(self, what: str, row: Row, make: Callable[[], Any]) -> Any:
        if self._last.get("image_id") != row["image_id"]:
            self._last = {"image_id": row["image_id"]}
        if what not in self._last:
            self._last[what] = make()
        return self._last[what]

    def _aligned(self, row: Row) -> NDArray[np.float64]:
        if self._crop.kind == "arcface":
            return align.arcface_matrix(_arcface_pixels(row))
        if self._crop.kind == "ffhq":
            return align.ffhq_matrix(numbers(row, "landmarks_68", 136).reshape(68, 2), self.size(row))
        return align.loose_matrix(numbers(row, "bbox", 4), self.size(row), self._crop.factor or align.LOOSE_FACTOR)

    def _encoded(self, suffix: str, data: bytes, cut: NDArray[np.uint8] | None) -> tuple[bytes, str]:
        """Return (file, suffix): `data` as it is, or its pixels (`cut` where given) encoded anew under its XMP packet."""
        wanted = self._crop.encode or suffix or "png"
        if cut is None and wanted == suffix and not (wanted == "jpg" and self._crop.quality != Crop.quality):
            return data, suffix
        pixels = decode(data) if cut is None else cut
        new = encode_png(pixels) if wanted == "png" else encode_jpeg(pixels, self._crop.quality, "444")
        begin, end = data.find(_PACKET[0]), data.find(_PACKET[1])
        return (new if begin < 0 else provenance.embed(new, data[begin : end + len(_PACKET[1])])), wanted


def _arcface_pixels(row: Row) -> NDArray[np.float64]:
    """Return the five points (5, 2) of the studio's crop in label pixels, out of the row's labels."""
    try:
        sample = SampleSpec.model_validate_json(row["sample"])
    except ValidationError:
        raise DataError(
            f"image {row['image_id']}: its sample is that of another version of facegen, which knows where the eyes are; "
            "export with that version, or take --crop ffhq or loose"
        ) from None
    transform = numbers(row, "head_to_camera", 16).reshape(4, 4)
    anchors = arcface_anchors_68(numbers(row, "landmarks_68_head_m", 204).reshape(68, 3).astype(np.float32))
    points = arcface_from(anchors, _eye_centers(sample.identity.model_dump_json(), sample.sitting.model_dump_json()))
    return project(transform_points(transform, points), camera(sample.shot.camera, sample.size_px, transform[:3, 3]))


@lru_cache(maxsize=1)
def _eye_centers(identity: str, sitting: str) -> NDArray[np.float32]:
    """Return the eyeballs' centres (2, 3) of a sitting (9 ms; rows of a sitting mostly follow one another)."""
    shape = _model().shape(Identity.model_validate_json(identity), Sitting.model_validate_json(sitting))
    return np.asarray(shape.eye_centers, np.float32)


@lru_cache(maxsize=1)
def _model() -> HeadModel:
    return HeadModel.load()
