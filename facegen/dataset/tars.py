"""The layout `webdataset`: the files of a task in one tar, those of a picture together: KEY.jpg, KEY.json, KEY.masks.png ...

A tar is the pieces of its pictures one after the other and an end. Bytes depend on names and contents alone: mode 0644, owned by
nobody, dated 1970. In a label row `file` is the tar's name and the member's: shards/000003-000.tar/000003_001.jpg.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facegen import guard
from facegen.dataset import layout
from facegen.dataset.write import json_bytes
from facegen.errors import DataError

SUFFIX = ".tar"
MEMBERS = 100_000
"""Of a tar: ours have some hundreds."""
COPY = "generate or copy the dataset again"
END = b"\0" * (2 * tarfile.BLOCKSIZE)
"""Of an archive: two empty blocks."""


@dataclass(frozen=True)
class Place:
    """Where a member's bytes lie in its tar, and where its header begins."""

    head: int
    start: int
    size: int


def member(name: str, image_id: str) -> str:
    """Return what the file `name` (folder/ID/IMAGE.suffix) is called in a tar: KEY.suffix, layers KEY.folder.suffix."""
    folder, suffix = name.partition("/")[0], name.rpartition(".")[2]
    return f"{image_id}.{suffix}" if folder == layout.IMAGES else f"{image_id}.{folder}.{suffix}"


def piece(files: Mapping[str, bytes], row: Mapping[str, Any], image_id: str) -> bytes:
    """Return the members of one picture as they stand in a tar; `row`: its labels, which go in as KEY.json.

    The photograph comes first, its labels next, layers in their order.
    """
    named = {member(name, image_id): data for name, data in files.items()}
    photograph = member(row["file"], image_id)
    labels = json_bytes({**row, "file": photograph})
    out = io.BytesIO()
    for name, data in {photograph: named.pop(photograph), f"{image_id}.json": labels, **named}.items():
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(data), 0o644
        out.write(info.tobuf(tarfile.USTAR_FORMAT))
        out.write(data + b"\0" * (-len(data) % tarfile.BLOCKSIZE))
    return out.getvalue()


def divided(file: str) -> tuple[str, str] | None:
    """Return (tar, member) of a `file` of a label row; None where it is a file of its own."""
    tar, found, inside = file.partition(SUFFIX + "/")
    return (tar + SUFFIX, inside) if found else None


def index(tar: Any, name: str) -> dict[str, Place]:
    """Return the members of a tar (a binary file object) by name, in their order. Raises DataError for what is no whole tar."""
    found: dict[str, Place] = {}
    try:
        with tarfile.open(fileobj=tar, mode="r:") as archive:
            for info in archive:
                if not info.isreg() or not 0 <= info.size <= guard.LAYER_BYTES or info.name in found:
                    raise ValueError("a member is no file, too large or in it twice")
                if len(found) >= MEMBERS:
                    raise ValueError(f"more than {MEMBERS} members")
                found[info.name] = Place(info.offset, info.offset_data, info.size)
    except Exception as error:  # tarfile raises its own kinds and others' on damaged headers
        why = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"'{name}' is no readable tar ({why}); {COPY}") from None
    return found


def open_index(path: Path) -> dict[str, Place]:
    """Return the members of the tar at `path`. Raises DataError where it is missing or damaged."""
    try:
        with open(path, "rb") as file:
            return index(file, str(path))
    except OSError as error:
        raise DataError(f"'{path}' cannot be read ({error.strerror}); {COPY}") from None


def cut(tar: bytes, name: str) -> dict[str, bytes]:
    """Return the pieces of a tar by image id: what `piece` gave."""
    places = list(index(io.BytesIO(tar), name).items())
    bounds: dict[str, list[int]] = {}
    for inside, place in places:
        end = place.start + place.size + -place.size % tarfile.BLOCKSIZE
        bounds.setdefault(inside.partition(".")[0], [place.head, end])[1] = end
    return {key: tar[start:end] for key, (start, end) in bounds.items()}


def read_member(root: Path, tar: str, place: Place) -> bytes:
    """Return the bytes of a member. Raises DataError where the tar ends before it."""
    try:
        with open(root / tar, "rb") as file:
            file.seek(place.start)
            data = file.read(place.size)
    except OSError as error:
        raise DataError(f"'{root / tar}' cannot be read ({error.strerror}); {COPY}") from None
    if len(data) != place.size:
        raise DataError(f"'{root / tar}' is cut off; {COPY}")
    return data
