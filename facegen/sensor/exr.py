"""OpenEXR, as far as a depth picture needs it: one float32 channel `Y` in ZIP-compressed scanlines, and back.

OpenCV writes and reads the format only behind a switch of the environment; files must not depend on it. The channel is Y, as
OpenCV calls a single one: of a channel Z, the custom of depth, it reads zeros without a word. The layout
is that of "OpenEXR File Layout" (openexr.com/en/latest/OpenEXRFileLayout.html); the ZIP filter that of ImfZip.cpp: even bytes
before odd ones, differences, deflate.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from facegen.errors import DataError

_MAGIC = struct.pack("<II", 20000630, 2)
_CHANNELS = b"Y\0" + struct.pack("<iB3xii", 2, 0, 1, 1) + b"\0"  # name, FLOAT, not perceptually linear, every pixel
_LINES = 16
_LEVEL = 4


def encode_exr(depth: NDArray[np.float32]) -> bytes:
    """Return the file of (H, W) float32 `depth`."""
    height, width = depth.shape
    window = struct.pack("<4i", 0, 0, width - 1, height - 1)
    header = _MAGIC + b"".join(
        f"{name}\0{kind}\0".encode() + struct.pack("<i", len(value)) + value
        for name, kind, value in (
            ("channels", "chlist", _CHANNELS),
            ("compression", "compression", b"\3"),
            ("dataWindow", "box2i", window),
            ("displayWindow", "box2i", window),
            ("lineOrder", "lineOrder", b"\0"),
            ("pixelAspectRatio", "float", struct.pack("<f", 1.0)),
            ("screenWindowCenter", "v2f", struct.pack("<2f", 0.0, 0.0)),
            ("screenWindowWidth", "float", struct.pack("<f", 1.0)),
        )
    )
    rows = np.ascontiguousarray(depth, dtype="<f4")
    chunks = []
    for y in range(0, height, _LINES):
        packed = _pack(rows[y : y + _LINES].tobytes())
        chunks.append(struct.pack("<ii", y, len(packed)) + packed)
    first = len(header) + 1 + 8 * len(chunks)
    offsets = first + np.concatenate([[0], np.cumsum([len(c) for c in chunks])[:-1]]).astype("<u8")
    return header + b"\0" + offsets.tobytes() + b"".join(chunks)


def decode_exr(data: bytes) -> NDArray[np.float32]:
    """Return the (H, W) float32 depth of a file of ours. Raises DataError for anything else, or a damaged one."""
    try:
        if data[:8] != _MAGIC:
            raise ValueError("no OpenEXR scanline file")
        attributes, at = _attributes(data)
        if attributes["channels"] != _CHANNELS or attributes["compression"] != b"\3":
            raise ValueError("not one ZIP-compressed float channel Y")
        x0, y0, x1, y1 = struct.unpack("<4i", attributes["dataWindow"])
        height, width = y1 - y0 + 1, x1 - x0 + 1
        out = np.zeros((height, width), np.float32)
        for offset in struct.unpack_from(f"<{-(-height // _LINES)}Q", data, at):
            y, size = struct.unpack_from("<ii", data, offset)
            lines = min(_LINES, height - y)
            packed = data[offset + 8 : offset + 8 + size]
            raw = _unpack(packed, lines * width * 4)
            out[y : y + lines] = np.frombuffer(raw, "<f4").reshape(lines, width)
        return out
    except (ValueError, KeyError, IndexError, struct.error, zlib.error) as error:
        raise DataError(f"{len(data)} bytes are no depth EXR of ours ({error}); render or copy the file again") from None


def _attributes(data: bytes) -> tuple[dict[str, bytes], int]:
    """Return the header's attributes by name, and where the table of offsets begins."""
    found, at = {}, len(_MAGIC)
    while data[at]:
        name_end = data.index(0, at)
        kind_end = data.index(0, name_end + 1)
        (size,) = struct.unpack_from("<i", data, kind_end + 1)
        found[data[at:name_end].decode()] = data[kind_end + 5 : kind_end + 5 + size]
        at = kind_end + 5 + size
    return found, at + 1


def _pack(raw: bytes) -> bytes:
    apart = np.frombuffer(raw[0::2] + raw[1::2], np.uint8)
    steps = apart.copy()
    steps[1:] = apart[1:] - apart[:-1] + np.uint8(128)
    packed = zlib.compress(steps.tobytes(), _LEVEL)
    return packed if len(packed) < len(raw) else raw


def _unpack(packed: bytes, size: int) -> bytes:
    if len(packed) == size:  # did not shrink: stored as it is
        return packed
    steps = np.frombuffer(zlib.decompress(packed), np.uint8)
    if len(steps) != size:
        raise ValueError(f"{len(steps)} bytes in a block of {size}")
    apart = np.cumsum(steps.astype(np.int64) - np.where(np.arange(size) > 0, 128, 0)).astype(np.uint8)
    out = np.empty(size, np.uint8)
    half = (size + 1) // 2
    out[0::2], out[1::2] = apart[:half], apart[half:]
    return out.tobytes()
