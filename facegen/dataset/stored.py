"""The tables of a dataset as they are read: of this version or an older one, checked as what a stranger may have written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from facegen import guard
from facegen.annotate.schema import SCHEMA_VERSION, arrow_schema
from facegen.dataset import layout
from facegen.dataset.tables import COLUMNS, KEYS
from facegen.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

UNVERSIONED = 2
"""The last version in which identities.parquet and sittings.parquet did not say theirs."""


def read(path: Path, wanted: Collection[str] | None = None) -> pd.DataFrame:
    """Return labels.parquet, a part of it, identities.parquet, sittings.parquet or pairs.parquet, of this version or older.

    It has the columns of this version (or those `wanted`), in their order: those that an older table lacks are null, and
    `schema_version` says what the table was written as. Raises DataError when the table is missing, damaged, none of ours, or of
    a version that this facegen does not know.
    """
    return read_many([path], wanted)


def read_many(paths: Sequence[Path], wanted: Collection[str] | None = None) -> pd.DataFrame:
    """Return the parts of one table as one, in the order of `paths`. Errors name the part."""
    table = pa.concat_tables([_declared(path, wanted) for path in paths], promote_options="permissive")
    return _pandas(paths[0], table)


def part(path: Path, wanted: Callable[[str], bool] = lambda name: True) -> pd.DataFrame:
    """Return the columns of one of these tables, of any version, that are `wanted` and there. Raises DataError, as `read`."""
    return parts([path], wanted)


def parts(paths: Sequence[Path], wanted: Callable[[str], bool]) -> pd.DataFrame:
    """Return `part` of a table in several files."""
    return _pandas(paths[0], arrow(paths, wanted))


def arrow(paths: Sequence[Path], wanted: Callable[[str], bool]) -> pa.Table:
    """Return what `parts` does, not turned into a pandas frame."""
    found = []
    for path in paths:
        names = [name for name in columns(path) if wanted(name)]
        found.append(_typed(path, _table(path, names), arrow_schema(COLUMNS[kind_of(path)])))
    return pa.concat_tables(found, promote_options="permissive")


def _declared(path: Path, wanted: Collection[str] | None) -> pa.Table:
    """Return the columns of this version, then those that the file has besides; of them those `wanted`."""
    kind = kind_of(path)
    there = columns(path)
    keys = (KEYS.get(kind), "schema_version")
    table = _table(path, None if wanted is None else [name for name in there if name in wanted or name in keys])
    table, version = _versioned(path, table)
    schema = arrow_schema(COLUMNS[kind])
    table = _typed(path, table, schema)
    lost = [field for field in schema if field.name not in there and field.name not in table.column_names]
    if lost and version == SCHEMA_VERSION:
        raise DataError(f"'{path}' has no column '{lost[0].name}', which version {version} holds; copy the dataset again")
    for field in lost:
        table = table.append_column(field, pa.nulls(len(table), field.type))
    more = [name for name in table.column_names if name not in schema.names]
    ordered = [*(name for name in schema.names if name in table.column_names), *more]
    return table.select(ordered if wanted is None else [name for name in ordered if name in wanted])


def kind_of(path: Path) -> str:
    """Return which table a file is: a part of the labels is named by its folder."""
    return layout.LABELS if path.parent.name == layout.LABEL_PARTS else path.name


def _table(path: Path, names: list[str] | None = None) -> pa.Table:
    try:
        return guard.table(path, names)
    except OSError as error:
        raise _unread(path, error.strerror) from None


def columns(path: Path) -> list[str]:
    """Return the names of a table file's columns. Raises DataError."""
    try:
        return guard.parquet_columns(path)
    except OSError as error:
        raise _unread(path, error.strerror) from None


def _unread(path: Path, why: str | None) -> DataError:
    return DataError(f"'{path}' cannot be read ({why}); generate or copy the dataset again")


def _pandas(path: Path, table: pa.Table) -> pd.DataFrame:
    try:
        return table.to_pandas()
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:  # of a column that is not ours
        raise _unread(path, " ".join(str(error).split())[:120]) from None


def _typed(path: Path, table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return the table with our columns in the types that they are declared as. Raises DataError where one does not fit."""
    for i, name in enumerate(table.column_names):
        at = schema.get_field_index(name)
        if at < 0 or table.field(i).type == schema.field(at).type:
            continue
        was, meant = table.field(i).type, schema.field(at).type
        try:
            cast = table.column(i).cast(meant)
        except (pa.ArrowException, ValueError):
            raise DataError(f"'{path}': column '{name}' holds {was}, not {meant}; generate or copy the dataset again") from None
        if not (pa.types.is_integer(was) and pa.types.is_integer(meant)):  # older versions stored wider ones, which stay
            table = table.set_column(i, schema.field(at), cast)
    return table


def _versioned(path: Path, table: pa.Table) -> tuple[pa.Table, int]:
    """Return the table with a column `schema_version`, and that version. Raises DataError where it is not known."""
    key = KEYS.get(kind_of(path))
    if key is None or key not in table.column_names:
        raise DataError(f"'{path}' is no table of facegen's; give one of {', '.join(KEYS)} of a finished dataset")
    if "schema_version" not in table.column_names:
        if kind_of(path) == layout.LABELS:
            raise DataError(f"'{path}' has no column 'schema_version'; generate or copy the dataset again")
        said = pa.array([UNVERSIONED] * len(table), pa.int32())
        table = table.add_column(0, pa.field("schema_version", pa.int32()), said)
    found = set(table.column("schema_version").to_pylist())
    unknown = [version for version in found if not isinstance(version, int) or not 1 <= version <= SCHEMA_VERSION]
    if unknown:
        raise DataError(
            f"'{path}' has schema_version {unknown[0]}, this facegen reads 1 to {SCHEMA_VERSION}: "
            "update facegen to the version that manifest.json names, or generate the dataset again"
        )
    if len(found) > 1:
        raise DataError(f"'{path}' mixes schema_version {min(found)} and {max(found)}; generate the dataset again")
    return table, found.pop() if found else SCHEMA_VERSION
