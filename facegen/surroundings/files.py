"""A user's folders: panoramas (.hdr, .exr) to be lit by, pictures to stand before."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENCV_IO_ENABLE_OPENEXR", "1")  # OpenCV reads it when it first meets an .exr

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen import guard, srgb
from facegen.errors import DataError, SpecError
from facegen.surroundings import maps

PANORAMAS = (".hdr", ".exr")
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
_WIDEST = 2048
"""Columns of a panorama that are kept: its part behind a head has few pixels anyway."""


@lru_cache(maxsize=16)
def listed(folder: str, suffixes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the files of `folder` with one of `suffixes`, as paths, in the order of their names. Raises SpecError."""
    root = Path(folder)
    if not root.is_dir():
        raise SpecError(f"'{folder}' is not a folder; name one with {', '.join(suffixes)} files")
    found = tuple(str(p) for p in sorted(root.iterdir()) if p.suffix.lower() in suffixes)
    if not found:
        raise SpecError(f"'{folder}' holds no file that ends in {', '.join(suffixes)}; put one there or name another folder")
    return found


@lru_cache(maxsize=256)
def sha256(path: str) -> str:
    """Return the hex digest of a file. Raises DataError when it is missing."""
    try:
        return hashlib.sha256(_bytes(path)).hexdigest()
    except OSError as error:
        raise DataError(f"'{path}' cannot be read ({error.strerror}); put the file back") from None


def _bytes(path: str) -> bytes:
    return guard.read(Path(path), guard.PICTURE_BYTES)


def _decoded(path: str, digest: str, kind: str, flags: int) -> NDArray[Any] | None:
    """Return what OpenCV makes of a picture that is not too large to be decoded, None where it is none that it reads."""
    try:
        data = _bytes(path)  # once: what is hashed is what is decoded
        _check(path, digest, hashlib.sha256(data).hexdigest())
        guard.check_pixels(data, guard.PICTURE_PIXELS)
        return cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except OSError as error:
        raise DataError(f"'{path}' cannot be read ({error.strerror}); put the file back") from None
    except ValueError as error:
        raise DataError(f"'{path}' is no {kind} that is read ({error}); save it smaller, or as JPEG, PNG, .hdr or .exr") from None
    except cv2.error:
        return None


@lru_cache(maxsize=4)
def panorama(path: str, digest: str = "") -> NDArray[np.float32]:
    """Return an equirectangular panorama (H, 2 H, 3), linear RGB, H at most 1024. Raises DataError for any other file."""
    image = _decoded(path, digest, "panorama", cv2.IMREAD_ANYDEPTH | cv2.IMREAD_COLOR)
    if image is None:
        raise DataError(f"'{path}' is no panorama that OpenCV can read; save it as Radiance .hdr or OpenEXR .exr")
    if image.dtype != np.float32:
        raise DataError(f"'{path}' holds {image.dtype}, not floats; save linear radiance as .hdr or .exr")
    height, width = image.shape[:2]
    if width != 2 * height or height < 16:
        raise DataError(
            f"'{path}' is {width} x {height} px; an equirectangular panorama is twice as wide as high, 32 x 16 at least"
        )
    rgb = np.maximum(np.nan_to_num(image[..., ::-1], nan=0.0, posinf=65504.0), 0.0)
    if rgb.max() <= 0:
        raise DataError(f"'{path}' is black; give a panorama with light in it")
    if width > _WIDEST:
        rgb = cv2.resize(rgb, (_WIDEST, _WIDEST // 2), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(rgb, dtype=np.float32)


@lru_cache(maxsize=8)
def small(path: str, digest: str = "") -> maps.Map:
    """Return a panorama as a radiance map of maps.ROWS x maps.COLUMNS."""
    return np.asarray(cv2.resize(panorama(path, digest), (maps.COLUMNS, maps.ROWS), interpolation=cv2.INTER_AREA))


@lru_cache(maxsize=16)
def picture(path: str, digest: str = "") -> NDArray[np.float32]:
    """Return a picture (H, W, 3) in linear light, at most 1024 px on its longer side. Raises DataError for any other file."""
    image = _decoded(path, digest, "picture", cv2.IMREAD_COLOR)
    if image is None:
        raise DataError(f"'{path}' is no picture that OpenCV can read; save it as JPEG or PNG")
    if min(image.shape[:2]) < 32:
        raise DataError(f"'{path}' is {image.shape[1]} x {image.shape[0]} px; give pictures of 32 px or more")
    shrink = 1024 / max(image.shape[:2])
    if shrink < 1:
        image = cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    value = image[..., ::-1].astype(np.float32) / 255
    return np.ascontiguousarray(srgb.decode(value))


def _check(path: str, digest: str, found: str) -> None:
    if digest and found != digest:
        raise DataError(
            f"'{path}' has changed: sha256 {found[:12]}..., the sample was drawn with {digest[:12]}...; put that file back"
        )
