"""What a file and a table of a dataset must be before anybody works with them. The order of rows is free: ids decide."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from facegen import guard
from facegen.dataset import layout
from facegen.dataset.write import sha256_file
from facegen.errors import DataError, shown

if TYPE_CHECKING:
    import pandas as pd

MANIFEST_VERSION = 2
"""Of the manifests written here. 1 knew no local Z, no effect sizes, no cover of what is missing, no rejections by cell, no skin
under light and no schema."""
NEEDED = ("image_id", "identity_id", "sitting_id", "file", "size_px", "sample")
"""Columns of labels.parquet without which no layer is found."""
PICTURES = (".jpg", ".png")
_PART = re.compile(r"[0-9]{1,4}/[0-9]{1,4}")
TAR = layout.SHARDS + r"/[A-Za-z0-9_-]{1,128}\.tar"
COPY = "generate or copy the dataset again"


def unfinished(root: Path) -> str:
    """Return what to do where a directory holds no manifest: one of a run that is not over, one part of several, or none."""
    if not (root / layout.WORK).is_dir():
        return "give a finished dataset"
    try:
        part = guard.parsed(guard.read(root / layout.WORK / "run.json", guard.JSON_BYTES)).get("part")
    except (OSError, ValueError, AttributeError):
        part = None
    if _PART.fullmatch(str(part)) is None:
        return "its run is not finished; run 'facegen generate' again"
    return f"it is part {part} of a dataset; 'facegen merge' makes one of all parts"


def check_manifest(manifest: Mapping[str, Any], path: Path) -> None:
    """Raise DataError where the manifest at `path` is of a version that this facegen does not know; older ones are read."""
    version = manifest.get("manifest_version", 1)
    if not isinstance(version, int) or not 1 <= version <= MANIFEST_VERSION:
        raise DataError(
            f"'{path}' has manifest_version {version}, this facegen reads 1 to {MANIFEST_VERSION}: update facegen to the version "
            "that it names, or generate the dataset again"
        )


def there(path: Path, mend: str) -> bool:
    """Whether `path` is a file. Raises DataError where nobody may look, which is not the same as missing."""
    try:
        return path.is_file()
    except OSError as error:
        raise DataError(f"'{path}' cannot be read ({error.strerror}); {mend}") from None


def checked_bytes(path: Path, root: Path, checksums: Mapping[str, str] | None, mend: str) -> bytes:
    """Return the bytes of a file of the dataset at `root`; with `checksums` (name -> sha256) only if they are those listed."""
    in_folder = path.parent != root
    _check_inside(path, root)
    try:
        data = guard.read(path, guard.LAYER_BYTES if in_folder else guard.TABLE_BYTES)
    except FileNotFoundError:
        raise DataError(f"'{path}' is missing; {mend}") from None
    except OSError as error:
        raise DataError(f"'{path}' cannot be read ({error.strerror}); {mend}") from None
    if checksums is not None:
        _check_listed(path, root, checksums, hashlib.sha256(data).hexdigest(), mend)
    check_picture(path, data, mend)
    return data


def checked_file(path: Path, root: Path, checksums: Mapping[str, str] | None, mend: str) -> None:
    """Check a file of any size: what `checked_bytes` does, block by block, and nothing is kept."""
    _check_inside(path, root)
    if checksums is None:
        return
    try:
        digest = sha256_file(path)
    except FileNotFoundError:
        raise DataError(f"'{path}' is missing; {mend}") from None
    except OSError as error:
        raise DataError(f"'{path}' cannot be read ({error.strerror}); {mend}") from None
    _check_listed(path, root, checksums, digest, mend)


def check_picture(path: Path, data: bytes, mend: str) -> None:
    """Raise DataError where `path`, by its name a picture, is none, or larger than any that facegen makes."""
    if path.suffix in PICTURES:
        try:
            guard.check_pixels(data, guard.LAYER_PIXELS)
        except ValueError as error:
            raise DataError(f"'{path}' is no picture of a dataset ({error}); {mend}") from None


def _check_inside(path: Path, root: Path) -> None:
    if guard.leaves(path, root):
        raise DataError(f"'{path}' is a link out of the dataset; copy the dataset with its files")


def _check_listed(path: Path, root: Path, checksums: Mapping[str, str], digest: str, mend: str) -> None:
    listed = checksums.get(path.relative_to(root).as_posix())
    if listed is None:
        raise DataError(f"'{path}' is not listed in {layout.CHECKSUMS}; it is not part of the dataset: {mend}")
    if digest != listed:
        raise DataError(f"'{path}' is not the file that was written (its sha256 differs from {layout.CHECKSUMS}); {mend}")


def check_table(table: pd.DataFrame, path: Path, key: str, counted: int | None) -> pd.DataFrame:
    """Return `table` when its `key` is there, is nowhere null and never twice, and it has the `counted` rows of the manifest."""
    if key not in table:
        raise DataError(f"'{path}': column '{key}' is missing; {COPY}")
    if table[key].isna().any():
        raise DataError(f"'{path}': {int(table[key].isna().sum())} rows have no {key}; {COPY}")
    twice = table.loc[table[key].duplicated(), key]
    if len(twice):
        raise DataError(f"'{path}': {key} '{twice.iloc[0]}' stands in it twice; {COPY}")
    if counted is not None and counted != len(table):
        raise DataError(f"'{path}' has {len(table)} rows where {layout.MANIFEST} counts {counted}; {COPY}")
    return table


def check_rows(path: Path, recorded: int | None) -> None:
    """Raise DataError unless the part of a table at `path` has the rows that the manifest recorded of it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        there = pq.read_metadata(path).num_rows
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"'{path}' cannot be read ({str(error).splitlines()[0]}); {COPY}") from None
    if recorded is not None and there != recorded:
        raise DataError(f"'{path}' has {there} rows where {layout.MANIFEST} counts {recorded}; {COPY}")


def check_labels(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return `table` when the columns that layers are found by are there and nowhere null."""
    for name in NEEDED:
        if name not in table:
            raise DataError(f"'{path}': column '{name}' is missing; {COPY}")
        if table[name].isna().any():
            lost = table.loc[table[name].isna(), "image_id"].iloc[0]
            raise DataError(f"'{path}': {name} of '{lost}' is null; {COPY}")
    for name in ("image_id", "identity_id", "sitting_id", *(("split",) if "split" in table else ())):
        strange = table.loc[~table[name].astype(str).str.fullmatch(guard.ID), name]
        if len(strange):
            raise DataError(f"'{path}': {name} {shown(strange.iloc[0])} is more than letters, digits, - and _; {COPY}")
    ids = table["image_id"].astype(str)
    stem = layout.IMAGES + "/" + table["identity_id"].astype(str) + "/" + ids
    cut = table["file"].astype(str).str.rpartition("/")
    packed = cut[0].str.fullmatch(TAR) & (cut[2].eq(ids + ".jpg") | cut[2].eq(ids + ".png"))
    wrong = ~(table["file"].eq(stem + ".jpg") | table["file"].eq(stem + ".png") | packed)
    if wrong.any():
        row = table.loc[wrong].iloc[0]
        raise DataError(f"'{path}': file of {row['image_id']} is {shown(row['file'])}, not '{stem[wrong].iloc[0]}.jpg'; {COPY}")
    return table


def numbers(row: Any, name: str, count: int) -> NDArray[np.float64]:
    """Return a list of a label row as (count,) float64. Raises DataError where it is not so long, or holds what is no number."""
    value = np.asarray(row[name] if row[name] is not None else (), np.float64)
    if value.shape != (count,) or not np.isfinite(value).all():
        raise DataError(f"{layout.LABELS}: {name} of {row['image_id']} is not {count} numbers; {COPY}")
    return value


def scalar(row: Any, name: str) -> float:
    """Return a number of a label row. Raises DataError where it is null, or none."""
    if not np.isfinite(np.asarray(row[name], np.float64)):
        raise DataError(f"{layout.LABELS}: {name} of {row['image_id']} is not a number; {COPY}")
    return float(row[name])


def landmarks(row: Any, name: str) -> NDArray[Any]:
    """Return the column landmarks_N... of a label row, which is not null: (N,) bool for ..._visible, (N, 3) for ..._m, else
    (N, 2). Raises DataError where it does not hold N of them."""
    wide = 1 if name.endswith("_visible") else 3 if name.endswith("_m") else 2
    value, count = np.asarray(row[name]), name.split("_")[1]
    if value.ndim != 1 or len(value) % wide or (count.isdecimal() and len(value) != int(count) * wide):
        raise DataError(
            f"{layout.LABELS}: {name} of {row['image_id']} is not {count} {'flags' if wide == 1 else 'points'}; {COPY}"
        )
    return value if wide == 1 else value.reshape(-1, wide)


def check_known(labels: pd.DataFrame, table: pd.DataFrame, path: Path, key: str) -> None:
    """Raise DataError unless every `key` of `labels` stands in `table` (the one at `path`)."""
    lost = labels.loc[~labels[key].isin(table[key]), key]
    if len(lost):
        raise DataError(f"'{path}': {key} '{lost.iloc[0]}' of {layout.LABELS} is not in it; {COPY}")
