"""The layers of a dataset: in which folder each lies, what a file of it must look like, and how it is read back.

One table for the reader, the dataset card, the datasheet and croissant.json. A file is read whole or refused: a picture that
is cut off, has a flipped bit, another size or another type, or that says of itself that it is another image's, is never returned.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen import guard
from facegen.errors import DataError
from facegen.geometry.align import ARCFACE_SIZE
from facegen.sensor.codec import decode_exact
from facegen.sensor.exr import decode_exr

DEPTH_UNIT_M = 1e-4
"""One step of a 16-bit depth picture: 0.1 mm; 0 is background."""
NORMAL_SCALE, NO_NORMAL = 32767.5, 32768
"""Stored is (n + 1) times this; three times that where there is only background."""
UV_STEPS = 65534
"""Steps of a 16-bit uv picture over 0..1; stored is 1 + the step, 0 is none."""
MIME = {
    "jpg": "image/jpeg", "png": "image/png", "exr": "image/x-exr", "ply": "application/x-ply", "glb": "model/gltf-binary",
    "npz": "application/x-npz", "parquet": "application/x-parquet",
}  # fmt: skip
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
_SELF = re.compile(rb'dc:identifier="([^"]*)"')
_FOLDER = re.compile(rb'facegen:layer="([^"]*)"')


def _depth(stored: NDArray[Any]) -> NDArray[np.float32]:
    return (stored * DEPTH_UNIT_M).astype(np.float32)


def _normals(stored: NDArray[Any]) -> NDArray[np.float32]:
    """Background is stored as the middle of the range, which is no unit vector: it comes back as exactly 0."""
    found = (stored / NORMAL_SCALE - 1).astype(np.float32)
    found[(stored == NO_NORMAL).all(axis=2)] = 0
    return found


def _uv(stored: NDArray[Any]) -> NDArray[np.float32]:
    found = (stored[..., :2].astype(np.float32) - 1) / UV_STEPS
    found[(stored[..., :2] == 0).any(axis=2)] = np.nan
    return found


def _share(stored: NDArray[Any]) -> NDArray[np.float32]:
    return (stored / np.iinfo(stored.dtype).max).astype(np.float32)


@dataclass(frozen=True)
class Layer:
    """A folder of one file an image.

    `outputs`: the key of the spec that asks for it, '' when always there; `suffixes` it may have; `side`: pixels of its square
    pictures, 0 as large as the photograph, None anything; `channels` and `types`: of the stored pixels, () anything; `about` it
    for people; `value` for programmers: what the reader returns, made by `read` from the stored pixels; `nothing`: what is stored
    where there is only background.
    """

    outputs: str
    about: str
    value: str
    suffixes: tuple[str, ...] = ("png",)
    side: int | None = 0
    channels: int | None = 1
    types: tuple[str, ...] = ("uint8",)
    read: Callable[[NDArray[Any]], NDArray[Any]] = lambda stored: stored
    nothing: int = 0


_RGB = "(S, S, 3) uint8 RGB"
_IDS = "(S, S) uint8 region ids"
LAYERS: dict[str, Layer] = {
    "images": Layer("", "the photographs, a folder an identity", _RGB, ("jpg", "png"), channels=3),
    "aligned": Layer(
        "aligned", "112 x 112 ArcFace crops from ground-truth points", "(112, 112, 3) uint8 RGB", side=ARCFACE_SIZE, channels=3
    ),
    "crops_ffhq": Layer("crops", "crops framed like FFHQ, from true points", "(s, s, 3) uint8 RGB", side=None, channels=3),
    "crops_loose": Layer("crops", "loose crops around the face box", "(s, s, 3) uint8 RGB", side=None, channels=3),
    "masks": Layer("masks", "region ids, one byte a pixel", _IDS),
    "masks_under": Layer("under", "the same without what can be taken off or put down", _IDS),
    "masks_skin": Layer("amodal", "the same without hair, beard and everything removable", _IDS),
    "hair_alpha": Layer(
        "hair_alpha", "shares of the pixel that are hair, beard, brows", "(S, S, 3) float32, 0..1", channels=3, read=_share
    ),
    "depth": Layer(
        "depth", "16 bit, 0.1 mm a step, 0 is background", "(S, S) float32 metres, 0 background", types=("uint16",), read=_depth
    ),
    "depth_exr": Layer("depth_exr", "32-bit metres", "(S, S) float32 metres", ("exr",), types=("float32",)),
    "normals": Layer(
        "normals", "16 bit, (n + 1) * 32767.5, camera axes", "(S, S, 3) float32 unit vectors, 0 background",
        channels=3, types=("uint16",), read=_normals, nothing=NO_NORMAL,
    ),
    "albedo": Layer("albedo", "colour of the surfaces without light, sRGB", "(S, S, 3) uint8 sRGB", channels=3),
    "uv": Layer(
        "uv", "where on the head's chart a pixel lies, 16 bit, 0 none", "(S, S, 2) float32 0..1, NaN none",
        channels=3, types=("uint16",), read=_uv,
    ),
    "parts": Layer("parts", "ids of the parts of the scene", "(S, S) uint8 part ids"),
    "mesh": Layer("mesh", "the head as a mesh", "trimesh.Trimesh or Scene", ("ply", "glb"), None, None, ()),
    "points": Layer("points", "landmarks of MediaPipe's mesh or of every vertex", "dict of arrays", ("npz",), None, None, ()),
    "clean": Layer("clean", "the same shot undegraded and unoccluded", _RGB, channels=3),
}  # fmt: skip
"""By folder, in the order in which the documents list them."""
NICKNAMES = {"image": "images", "mask": "masks", "under": "masks_under"}


def decode(folder: str, suffix: str, data: bytes, size_px: int, image_id: str) -> Any:
    """Return what the file `data` of layer `folder` holds. Raises DataError, without the file's name, for whatever is wrong."""
    layer = LAYERS[folder]
    if suffix in ("jpg", "png"):
        check_whole(data)
        _check_owner(data, image_id, folder)
        return layer.read(_checked(layer, decode_exact(data), size_px))
    if suffix == "exr":
        return layer.read(_checked(layer, decode_exr(data), size_px))
    return foreign(suffix, data)


def check_whole(data: bytes) -> None:
    """Raise DataError unless `data` is a PNG whose chunks are all there and sound, or a JPEG from its start to its end."""
    if data.startswith(_JPEG):
        if not data.endswith(b"\xff\xd9"):
            raise DataError("is cut off: a JPEG without its end")
        return
    if not data.startswith(_PNG):
        raise DataError(f"is no picture: it starts with {data[:4]!r}" if data else "is empty")
    at = len(_PNG)
    while at + 12 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        end = at + 12 + length
        if end > len(data):
            break
        if zlib.crc32(data[at + 4 : end - 4]) != struct.unpack(">I", data[end - 4 : end])[0]:
            raise DataError(f"is damaged: its chunk {data[at + 4 : at + 8]!r} at byte {at} fails its check sum")
        if data[at + 4 : at + 8] == b"IEND":
            return
        at = end
    raise DataError("is cut off: a PNG without its end")


def _check_owner(data: bytes, image_id: str, folder: str) -> None:
    """What the file says of itself (provenance.py) must be what its name says; files without such a packet pass."""
    for pattern, meant in ((_SELF, image_id), (_FOLDER, folder)):
        found = pattern.search(data)
        if found is not None and found[1].decode(errors="replace") != meant:
            raise DataError(f"holds '{found[1].decode(errors='replace')}', not '{meant}': files were swapped")


def _checked(layer: Layer, stored: NDArray[Any], size_px: int) -> NDArray[Any]:
    channels = 1 if stored.ndim == 2 else stored.shape[2]
    side = size_px if layer.side == 0 else layer.side
    height, width = stored.shape[:2]
    if height != width or (side is not None and height != side):
        raise DataError(f"is {width} x {height} px, not {'square' if side is None else f'{side} x {side}'}")
    if layer.channels not in (None, channels):
        raise DataError(f"has {channels} channels, not {layer.channels}")
    if stored.dtype.name not in layer.types:
        raise DataError(f"holds {stored.dtype.name}, not {' or '.join(layer.types)}")
    return stored


def foreign(suffix: str, data: bytes) -> Any:
    """Return a mesh (ply, glb) or the arrays of an npz, by the library that owns the format. Raises DataError."""
    try:
        if suffix in ("ply", "glb"):
            import trimesh

            return trimesh.load(io.BytesIO(data), file_type=suffix, process=False)
        return guard.arrays(data)
    except Exception as error:  # each library raises its own kinds on damaged bytes
        raise DataError(f"is no readable {suffix} ({type(error).__name__})") from None
