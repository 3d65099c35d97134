"""Tars of the layout `webdataset` straight from the workers: a picture's piece when it is made, a task's tar when it is done.

A killed worker so costs what it costs with loose files, no process holds more than a task, and a task that is made again in part
takes the rest from the tar that is there.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from facegen.dataset import layout, tars
from facegen.dataset.write import sha256
from facegen.errors import DataError
from facegen.run.shard import Shard
from facegen.run.store import Store

PIECES = f"{layout.WORK}/pieces"


def piece(files: Mapping[str, bytes], row: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the one file, by name, that keeps those of a picture until its task is done; `row`: its labels."""
    image_id = str(row["image_id"])
    return {_piece(image_id): tars.piece(files, row, image_id)}


def packed(store: Store, name: str, shard: Shard, wanted: str) -> Shard:
    """Where the layout `wanted` is webdataset, write the tar of the task `name` and return its shard with the tar in its rows and
    among its files; else return the shard as it is.

    Pictures whose pieces are not there lie in the task's tar of before. Raises DataError where they do not.
    """
    ids = [] if wanted != "webdataset" else shard.image_ids
    if not ids:
        return shard
    tar = f"{layout.SHARDS}/{name}{tars.SUFFIX}"
    before: dict[str, bytes] | None = None
    pieces = []
    for image_id in ids:
        data = store.get(_piece(image_id))
        if data is None:
            before = tars.cut(store.get(tar) or tars.END, tar) if before is None else before
            data = before.get(image_id)
        if data is None:
            raise DataError(f"'{store.url}/{_piece(image_id)}' has gone missing; run the same command again")
        pieces.append(data)
    beside = {file: digest for file, digest in shard.files.items() if not file.endswith(tars.SUFFIX)}
    whole = b"".join(pieces) + tars.END
    store.put(tar, whole)
    store.settle([layout.SHARDS])
    table = shard.table
    at = table.schema.get_field_index("file")
    inside = [(tars.divided(file) or (tar, file.rpartition("/")[2]))[1] for file in table.column(at).to_pylist()]
    named = pa.array([f"{tar}/{photograph}" for photograph in inside], pa.string())
    return Shard(
        table.set_column(at, table.schema.field(at), named), {**beside, tar: sha256(whole)}, shard.failed, {tar: len(whole)}
    )


def forget(store: Store, shard: Shard) -> None:
    """Drop the pieces of a task whose shard is in the store."""
    for image_id in shard.image_ids:
        store.discard(_piece(image_id))


def get(store: Store, file: str) -> bytes | None:
    """Return the bytes of a `file` of a label row, in a tar or by itself, or None."""
    found = tars.divided(file)
    if found is None:
        return store.get(file)
    tar, inside = found
    data = store.get(tar)
    if data is None:
        return None
    place = tars.index(io.BytesIO(data), tar).get(inside)
    return None if place is None else data[place.start : place.start + place.size]


def _piece(image_id: str) -> str:
    return f"{PIECES}/{image_id}{tars.SUFFIX}"
