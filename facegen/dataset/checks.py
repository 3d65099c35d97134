"""What a table of a dataset must be before anybody works with it. The order of its rows is free: ids decide."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from facegen.dataset import layout
from facegen.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

NEEDED = ("image_id", "identity_id", "sitting_id", "file", "size_px", "sample")
"""Columns of labels.parquet without which no layer is found."""
COPY = "generate or copy the dataset again"


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
