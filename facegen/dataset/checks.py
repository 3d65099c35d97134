"""What a file and a table of a dataset must be before anybody works with them. The order of rows is free: ids decide."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegen.dataset import layout
from facegen.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

MANIFEST_VERSION = 2
"""Of the manifests written here. 1 knew no local Z, no effect sizes, no cover of what is missing, no rejections by cell, no skin
under light and no schema."""
NEEDED = ("image_id", "identity_id", "sitting_id", "file", "size_px", "sample")
"""Columns of labels.parquet without which no layer is found."""
COPY = "generate or copy the dataset again"


def unfinished(root: Path) -> str:
    """Return what to do where a directory holds no manifest: one of a run that is not over, one part of several, or none."""
    if not (root / layout.WORK).is_dir():
        return "give a finished dataset"
    try:
        part = json.loads((root / layout.WORK / "run.json").read_text(encoding="utf-8")).get("part")
    except (OSError, ValueError, AttributeError):
        part = None
    if part is None:
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


def checked_bytes(path: Path, root: Path, checksums: Mapping[str, str] | None, mend: str) -> bytes:
    """Return the bytes of a file of the dataset at `root`; with `checksums` (name -> sha256) only if they are those listed."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"'{path}' is missing; {mend}") from None
    except OSError as error:
        raise DataError(f"'{path}' cannot be read ({error.strerror}); {mend}") from None
    if checksums is not None:
        listed = checksums.get(path.relative_to(root).as_posix())
        if listed is None:
            raise DataError(f"'{path}' is not listed in {layout.CHECKSUMS}; it is not part of the dataset: {mend}")
        if hashlib.sha256(data).hexdigest() != listed:
            raise DataError(f"'{path}' is not the file that was written (its sha256 differs from {layout.CHECKSUMS}); {mend}")
    return data


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
    return table


def check_known(labels: pd.DataFrame, table: pd.DataFrame, path: Path, key: str) -> None:
    """Raise DataError unless every `key` of `labels` stands in `table` (the one at `path`)."""
    lost = labels.loc[~labels[key].isin(table[key]), key]
    if len(lost):
        raise DataError(f"'{path}': {key} '{lost.iloc[0]}' of {layout.LABELS} is not in it; {COPY}")
