"""What a file that somebody gives must be before anything parses it: how large, how deep, and what names it may point to.

The limits are far above what is needed and far below what stops a machine. docs/security.md lists which reader holds which.
Faults of a file rise as OSError (`strerror` says why) or ValueError, which readers turn into one line with their own mend.
"""

from __future__ import annotations

import errno
import io
import json
import os
import re
import stat
import warnings
import zipfile
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SPEC_BYTES = 1_000_000
"""YAML, and the JSON of one sample (12 kB usually)."""
YAML_DEPTH = 32
YAML_NUMBER = 100
"""Characters of a number: YAML 1.1 reads 1:1:1... in base 60, at a cost that grows with the square of its length."""
YAML_TEXT = 4096
"""Characters of any other value; the longest path that Linux takes."""
JSON_DEPTH = 64
JSON_BYTES = 1 << 28
"""Manifests (100,000 cells are 40 MB), scores, mapping tables and the state of a run."""
SUMS_BYTES = 1 << 32
"""SHA256SUMS: some 40 million files."""
TEXT_BYTES = 1 << 30
"""Label files and CSVs of other people. A field of one has at most 131,072 characters, which is the limit of Python's csv."""
FACES = 20_000_000
"""Faces that label files name, or say that they count."""
ROWS = 20_000_000
COLUMNS = 4096
TABLE_BYTES = 1 << 36
"""Rows, columns and bytes (after decompression) of a parquet file."""
CELLS = 1_000_000
"""Categories of a mapping's attributes, multiplied: counts over all of them are held as one array."""
LAYER_BYTES = 1 << 28
LAYER_PIXELS = 4096 * 4096
"""A picture of a dataset; pictures have 2048 px a side at most, crops 4096."""
ARRAYS = 64
ARRAY_BYTES = 1 << 28
"""Members of an npz, and all of them unpacked."""
CROP_BYTES = 1 << 36
"""An npz of face crops that facegen train saved: 1.8 million of the largest."""
PICTURE_BYTES = 1 << 31
PICTURE_PIXELS = 1 << 27
"""A user's own background or panorama: 16,384 x 8192."""
PEM_BYTES = 1_000_000
BIN_BYTES = 1 << 31
"""A verification set in one file; the largest public one has 100 MB."""
MODEL_BYTES = 1 << 31
"""An ONNX file: protobuf ends there anyway."""

ID = r"^[A-Za-z0-9_-]{1,128}$"
"""What image, identity and sitting ids are made of: they become file names."""
_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF")
_HDR = re.compile(rb"\n[-+]([YX]) (\d{1,9}) [-+]([XY]) (\d{1,9})\n")
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""Escapes of UTF-16 surrogates: two in a row are a character, one alone cannot be written to any file."""
_EXR = b"v/1\x01"
_EXR_WINDOW = b"dataWindow\0box2i\0\x10\0\0\0"


def read(path: Path, most: int) -> bytes:
    """Return the bytes of a regular file. Raises OSError for what cannot be read, is no file, or has more than `most` bytes."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a FIFO would wait for a writer, for ever
    except ValueError:
        raise OSError(errno.EINVAL, "its name holds a NUL", str(path)) from None
    with open(handle, "rb") as file:
        found = os.fstat(handle)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "no regular file", str(path))
        data = b"" if found.st_size > most else file.read(found.st_size + 1)
        size = max(found.st_size, len(data))
        if size > most:
            raise OSError(errno.EFBIG, f"it is larger than {most} bytes", str(path))
        if size > found.st_size:
            raise OSError(errno.EBUSY, "it is being written", str(path))
    return data


def parsed(data: bytes) -> Any:
    """Return the value of a UTF-8 JSON text. Raises ValueError for anything else: NaN, halves of characters and more than
    JSON_DEPTH levels too."""
    try:
        text = data.decode("utf-8-sig")
        value = json.loads(text, parse_constant=_constant)
    except RecursionError:
        raise ValueError(f"nested more than {JSON_DEPTH} deep") from None
    check_value(value, text)
    return value


def check_value(value: Any, text: str) -> None:
    """Raise ValueError where a value parsed out of JSON `text` is nested more than JSON_DEPTH deep, and what walks it later would
    not come back, or holds half of a UTF-16 character, which no file can."""
    if _HALF.search(text):
        json.dumps(value, ensure_ascii=False).encode()  # raises UnicodeEncodeError, a ValueError
    level = [value]
    for _ in range(JSON_DEPTH):
        held = (one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list))
        level = [v for values in held for v in values]
        if not level:
            return
    raise ValueError(f"nested more than {JSON_DEPTH} deep")


def _constant(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")


def inside(name: str) -> bool:
    """Whether `name` is that of a file below a folder: relative, no '..', no backslash, nothing that cannot be printed."""
    return (
        0 < len(name) <= 1024
        and name.isprintable()
        and "\\" not in name
        and all(part not in ("", ".", "..") for part in name.split("/"))
    )


def leaves(path: Path, root: Path) -> bool:
    """Whether links take `path` out of the folder `root`."""
    return not os.path.realpath(path).startswith(_real(str(root)))


@lru_cache(maxsize=64)
def _real(root: str) -> str:
    return os.path.join(os.path.realpath(root), "")


def picture_size(data: bytes) -> tuple[int, int]:
    """Return width and height that a picture says of itself (PNG, JPEG, WebP, BMP, TIFF, Radiance, OpenEXR); nothing is decoded.

    Raises ValueError for other bytes.
    """
    if data.startswith(b"#?"):
        found = _HDR.search(data[:65536])
        if found is None or found[1] == found[3]:
            raise ValueError("a Radiance file without its size")
        first, second = int(found[2]), int(found[4])
        return (second, first) if found[1] == b"Y" else (first, second)
    if data.startswith(_EXR):
        at = data.find(_EXR_WINDOW, 0, 65536) + len(_EXR_WINDOW)
        if at < len(_EXR_WINDOW) or at + 16 > len(data):
            raise ValueError("an OpenEXR file without its size")
        left, top, right, bottom = (int.from_bytes(data[at + 4 * i : at + 4 * i + 4], "little", signed=True) for i in range(4))
        return right - left + 1, bottom - top + 1
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own limit is the one that counts
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                return image.size
    except Image.DecompressionBombError:
        raise ValueError(f"more than {2 * (Image.MAX_IMAGE_PIXELS or 0)} pixels") from None
    except Exception:  # each format has its own kinds
        raise ValueError("no PNG, JPEG, WebP, BMP or TIFF") from None


def check_pixels(data: bytes, most: int) -> None:
    """Raise ValueError unless `data` is a picture of at most `most` pixels."""
    width, height = picture_size(data)
    if width < 1 or height < 1 or width * height > most:
        raise ValueError(f"{width} x {height} px, at most {most} pixels are read")


def arrays(data: bytes, most: int = ARRAY_BYTES) -> dict[str, np.ndarray]:
    """Return the arrays of an npz, `most` bytes unpacked. Raises ValueError for anything else: pickles, bombs, members that are
    no arrays."""
    import numpy as np

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            listed = packed.infolist()
        if len(listed) > ARRAYS or sum(member.file_size for member in listed) > most:
            raise ValueError(f"more than {ARRAYS} arrays or {most} bytes")
        with np.load(io.BytesIO(data), allow_pickle=False) as found:
            out = {name: found[name] for name in found.files}
    except Exception as error:  # zipfile and numpy raise whatever they come upon
        raise ValueError(f"no npz of plain arrays ({type(error).__name__})") from None
    if not all(isinstance(array, np.ndarray) for array in out.values()):
        raise ValueError("no npz of plain arrays")
    return out


def frame(path: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """Return a parquet file, or some of its columns, as pandas has it. Raises OSError; what pandas wrote beside is not used."""
    try:
        return table(path, columns).to_pandas()
    except OSError:
        raise
    except Exception as error:  # a type that pandas has not, a date beyond its range
        raise _unread(path, error) from None


def table(path: Path, columns: list[str] | None = None) -> Any:
    """Return a parquet file as a pyarrow Table without metadata, every value checked. Raises OSError, also beyond the limits."""
    import pyarrow.parquet as pq

    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise OSError(errno.EINVAL, "no regular file", str(path))
            parquet = pq.ParquetFile(file)
            _check_table(parquet.metadata, path)
            found = parquet.read(columns).replace_schema_metadata(None)
        twice = [name for name, count in Counter(found.column_names).items() if count > 1]
        if twice:
            raise OSError(errno.EINVAL, f"column '{twice[0]}' is in it twice", str(path))
        found.validate(full=True)  # text that is no UTF-8, lists that end before they begin
        return found
    except OSError as error:
        raise error if error.errno is not None else _unread(path, error) from None
    except Exception as error:
        raise _unread(path, error) from None


def _check_table(told: Any, path: Path) -> None:
    unpacked = sum(told.row_group(i).total_byte_size for i in range(told.num_row_groups))
    for what, count, most in (
        ("rows", told.num_rows, ROWS),
        ("columns", told.num_columns, COLUMNS),
        ("bytes unpacked", unpacked, TABLE_BYTES),
    ):
        if not 0 <= count <= most:
            raise OSError(errno.EFBIG, f"{count} {what}, at most {most} are read", str(path))


def parquet_columns(path: Path) -> list[str]:
    """Return the names of a parquet file's columns. Raises OSError."""
    import pyarrow.parquet as pq

    try:
        return list(pq.read_schema(path).names)
    except Exception as error:
        raise _unread(path, error) from None


def _unread(path: Path, error: Exception) -> OSError:
    said = " ".join(str(error).split())[:120] or type(error).__name__
    return OSError(errno.EINVAL, said, str(path))
