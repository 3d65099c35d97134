"""8-bit files: JPEG with the quality and chroma subsampling of a Degradation, lossless PNG, and back."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.errors import DataError, SpecError, did_you_mean
from facegen.sample import Degradation

FORMATS = ("jpg", "png")
SUBSAMPLING = {
    "444": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    "422": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
    "420": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
}
PNG_LEVEL = 6


def encode(image: NDArray[np.uint8], spec: Degradation, fmt: str) -> bytes:
    """Return the file of a (S, S, 3) RGB photograph.

    `jpg`: encoded once, at the spec's quality and subsampling: the loss of the codec is the file itself. `png`: lossless, after
    one JPEG round at that quality (none at 100), so that both formats show the same picture.
    """
    if fmt not in FORMATS:
        raise SpecError(f"image format {did_you_mean(fmt, FORMATS)}")
    if fmt == "jpg":
        return encode_jpeg(image, spec.jpeg_quality, spec.jpeg_subsampling)
    if spec.jpeg_quality < 100:
        image = decode(encode_jpeg(image, spec.jpeg_quality, spec.jpeg_subsampling))
    return encode_png(image)


def encode_jpeg(image: NDArray[np.uint8], quality: int, subsampling: str) -> bytes:
    """Return a baseline JPEG of a (H, W, 3) RGB picture."""
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, SUBSAMPLING[subsampling]]
    return _encode(".jpg", np.ascontiguousarray(image[..., ::-1]), options)


def encode_webp(image: NDArray[np.uint8], quality: int) -> bytes:
    """Return a lossy WebP of a (H, W, 3) RGB picture."""
    return _encode(".webp", np.ascontiguousarray(image[..., ::-1]), [cv2.IMWRITE_WEBP_QUALITY, quality])


def encode_png(image: NDArray[np.uint8] | NDArray[np.uint16]) -> bytes:
    """Return a PNG of a (H, W) or (H, W, 3) RGB array of 8 or 16 bits."""
    flipped = np.ascontiguousarray(image[..., ::-1]) if image.ndim == 3 else image
    return _encode(".png", flipped, [cv2.IMWRITE_PNG_COMPRESSION, PNG_LEVEL])


def decode(data: bytes) -> NDArray[np.uint8]:
    """Return the (H, W, 3) uint8 RGB photograph in `data`."""
    image = _decode(data, cv2.IMREAD_COLOR)
    return np.ascontiguousarray(image[..., ::-1])


def decode_exact(data: bytes) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Return a label picture as it was stored: (H, W) or (H, W, 3) RGB, 8 or 16 bits."""
    image = _decode(data, cv2.IMREAD_UNCHANGED)
    return np.ascontiguousarray(image[..., ::-1]) if image.ndim == 3 else image


def _decode(data: bytes, flags: int) -> NDArray[Any]:
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), flags) if data else None
    except cv2.error:  # a header that says more pixels than OpenCV decodes
        image = None
    if image is None:
        raise DataError(f"{len(data)} bytes are no readable picture; the file is damaged, render or copy it again")
    return image


def _encode(suffix: str, image: NDArray[np.uint8] | NDArray[np.uint16], options: list[int]) -> bytes:
    ok, data = cv2.imencode(suffix, image, options)
    if not ok:  # only on shapes and types that the callers above never pass
        raise DataError(f"a picture of shape {image.shape} and type {image.dtype} cannot be written as {suffix}")
    return data.tobytes()
