"""labels.parquet, identities.parquet and sittings.parquet: fixed columns, fixed order, fixed settings, so fixed bytes."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from facegen import guard
from facegen.annotate.declared.pairs import PAIRS
from facegen.annotate.declared.people import IDENTITIES, SITTINGS
from facegen.annotate.person import ancestry_weights
from facegen.annotate.schema import SCHEMA, SCHEMA_VERSION, arrow_schema
from facegen.dataset import layout
from facegen.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from facegen.population.plan import Plan
    from facegen.sample import Identity, Sitting

KEYS = {layout.LABELS: "image_id", layout.IDENTITIES: "identity_id", layout.SITTINGS: "sitting_id", layout.PAIRS: "variant"}
COLUMNS = {layout.LABELS: SCHEMA, layout.IDENTITIES: IDENTITIES, layout.SITTINGS: SITTINGS, layout.PAIRS: PAIRS}
TOLD = {
    layout.IDENTITIES: frozenset(IDENTITIES) - {"identity"},
    layout.SITTINGS: frozenset(SITTINGS) - {"sitting"},
}
"""The columns of people but their whole JSON."""
PAIRED = frozenset(
    (
        "base_id",
        "image_id",
        "factor",
        "factor_value",
        "mediated",
        "sample",
        "identity_id",
        "sex",
        "age_band",
        "ancestry",
        "skin_monk",
    )
)
"""What pairs are made from."""
UNVERSIONED = 2
"""The last version in which identities.parquet and sittings.parquet did not say theirs."""
ROWS_A_GROUP = 1000
PEOPLE_A_GROUP = 10_000
SETTINGS: dict[str, Any] = {"compression": "zstd", "compression_level": 3, "version": "2.6", "store_schema": False}


def label_table(rows: list[dict[str, Any]]) -> pa.Table:
    """Return label rows as a table of every declared column. Raises DataError for a column that the schema does not declare."""
    for row in rows:
        unknown = set(row) - set(SCHEMA)
        if unknown:
            raise DataError(f"label column '{min(unknown)}' is not declared in facegen/annotate/schema.py")
    return pa.Table.from_pylist(rows, schema=arrow_schema())


class LabelWriter:
    """Writes tables of label rows, in the order in which they are added, into `folder`: labels.parquet, or where `rows_a_file` is
    given labels/part-00000.parquet and so on. Row groups of ROWS_A_GROUP rows.

    `done` is called with the name of each file when it is whole; `names`: those so far.
    """

    def __init__(self, folder: Path, rows_a_file: int | None, done: Callable[[str], None]) -> None:
        self._folder, self._most, self._done = folder, rows_a_file, done
        self._held: list[pa.Table] = []
        self._count = self._written = 0
        self._writer: pq.ParquetWriter | None = None
        self.names: list[str] = []

    def __enter__(self) -> LabelWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self._flush(self._count)
            if self._writer is not None or not self.names:
                self._close()
        elif self._writer is not None:
            self._writer.close()

    def add(self, rows: pa.Table) -> None:
        """Add rows that `label_table` made."""
        self._held.append(rows)
        self._count += len(rows)
        while self._count >= self._room():
            self._flush(self._room())

    def _room(self) -> int:
        """How many rows the next row group takes."""
        return ROWS_A_GROUP if self._most is None else min(ROWS_A_GROUP, self._most - self._written)

    def _flush(self, count: int) -> None:
        if count == 0:
            return
        held = pa.concat_tables(self._held)
        self._open().write_table(held.slice(0, count).combine_chunks())
        self._held, self._count = [held.slice(count)], self._count - count
        self._written += count
        if self._written == self._most:
            self._close()

    def _open(self) -> pq.ParquetWriter:
        if self._writer is None:
            self.names.append(layout.LABELS if self._most is None else layout.label_part(len(self.names)))
            path = self._folder / self.names[-1]
            path.parent.mkdir(exist_ok=True)
            self._writer = pq.ParquetWriter(path, arrow_schema(), **SETTINGS)
        return self._writer

    def _close(self) -> None:
        self._open().close()
        self._writer, self._written = None, 0
        self._done(self.names[-1])


def parquet_bytes(name: str, rows: list[dict[str, Any]]) -> bytes:
    """Return a small table as a parquet file; `name` (layout.PAIRS) declares its columns."""
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=arrow_schema(COLUMNS[name])), sink, **SETTINGS)
    return sink.getvalue()


def write_people(plan: Plan, folder: Path) -> None:
    """Write identities.parquet and sittings.parquet of `plan` into `folder`: everybody is drawn once and nobody is kept."""
    groups = ((layout.IDENTITIES, IDENTITIES), (layout.SITTINGS, SITTINGS))
    with contextlib.ExitStack() as stack:
        writers = [
            stack.enter_context(pq.ParquetWriter(folder / name, arrow_schema(columns), **SETTINGS)) for name, columns in groups
        ]
        for start in range(0, plan.spec.identities, PEOPLE_A_GROUP):
            held: tuple[list[dict[str, Any]], list[dict[str, Any]]] = ([], [])
            for n in range(start, min(start + PEOPLE_A_GROUP, plan.spec.identities)):
                held[0].append(_identity_row(plan.identity(n)))
                held[1].extend(_sitting_row(plan.sitting(n, k)) for k in range(plan.spec.sittings_per_identity))
            for writer, rows, (_, columns) in zip(writers, held, groups, strict=True):
                writer.write_table(pa.Table.from_pylist(rows, schema=arrow_schema(columns)))


def _identity_row(person: Identity) -> dict[str, Any]:
    """The columns people ask for, and the whole Identity as JSON."""
    return {
        "schema_version": SCHEMA_VERSION,
        "identity_id": person.identity_id,
        "sex": person.sex,
        "sex_value": person.sex_value,
        "ancestry": person.ancestry,
        "ancestry_weights": ancestry_weights(person),
        "skin_monk": person.skin.monk,
        "skin_L": person.skin.lab[0],
        "skin_a": person.skin.lab[1],
        "skin_b": person.skin.lab[2],
        "iris_color": person.iris.color,
        "hair_color": person.hair.color,
        "hair_curl": person.hair.curl,
        "identity": person.model_dump_json(),
    }


def _sitting_row(seat: Sitting) -> dict[str, Any]:
    """The columns people ask for, and the whole Sitting as JSON."""
    return {
        "schema_version": SCHEMA_VERSION,
        "sitting_id": seat.sitting_id,
        "identity_id": seat.identity_id,
        "age_years": seat.age_years,
        "age_band": seat.age_band,
        "body_fat": seat.body_fat,
        "hair_style": seat.hair.style,
        "hair_grey": seat.hair.grey,
        "beard": seat.beard.style,
        "eyewear": seat.eyewear,
        "sitting": seat.model_dump_json(),
    }


def pair_rows(labels: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one row for every variant in `labels` whose base is there too, in the order of the labels."""
    from facegen.population.variants import own_value
    from facegen.sample import SampleSpec
    from facegen.spec.counterfactual import written

    bases = labels[labels["base_id"].isna()].set_index("image_id")
    rows = []
    for row in labels[labels["base_id"].notna()].to_dict("records"):
        if row["base_id"] not in bases.index:
            continue
        base = bases.loc[row["base_id"]]
        before = own_value(SampleSpec.model_validate_json(base["sample"]), row["factor"])
        rows.append(
            {
                "schema_version": SCHEMA_VERSION,
                "base": row["base_id"],
                "variant": row["image_id"],
                "factor": row["factor"],
                "from": written(before),
                "to": row["factor_value"],
                "mediated": row["mediated"],
                **{name: base[name] for name in ("identity_id", "sex", "age_band", "ancestry", "skin_monk")},
            }
        )
    return rows


def pairs_csv(rows: list[dict[str, Any]]) -> bytes:
    """Return pairs.csv: the columns of pairs.parquet without its version, lines ended by a line feed."""
    import pandas as pd

    columns = [name for name in PAIRS if name != "schema_version"]
    return pd.DataFrame(rows, columns=columns).to_csv(index=False, lineterminator="\n").encode()


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
