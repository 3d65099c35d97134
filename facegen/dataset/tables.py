"""labels.parquet, identities.parquet and sittings.parquet: fixed columns, fixed order, fixed settings, so fixed bytes."""

from __future__ import annotations

import io
from collections.abc import Callable
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

KEYS = {layout.LABELS: "image_id", layout.IDENTITIES: "identity_id", layout.SITTINGS: "sitting_id", layout.PAIRS: "variant"}
COLUMNS = {layout.LABELS: SCHEMA, layout.IDENTITIES: IDENTITIES, layout.SITTINGS: SITTINGS, layout.PAIRS: PAIRS}
UNVERSIONED = 2
"""The last version in which identities.parquet and sittings.parquet did not say theirs."""
SETTINGS: dict[str, Any] = {"compression": "zstd", "compression_level": 3, "version": "2.6", "store_schema": False}


class LabelWriter:
    """Writes label rows, in the order in which they are added, in row groups of `group` rows."""

    def __init__(self, path: Path, group: int) -> None:
        self._schema = arrow_schema()
        self._group = group
        self._rows: list[dict[str, Any]] = []
        self._writer = pq.ParquetWriter(path, self._schema, **SETTINGS)

    def __enter__(self) -> LabelWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self._flush()
        self._writer.close()

    def add(self, rows: list[dict[str, Any]]) -> None:
        """Add rows. Raises DataError for a column that the schema does not declare."""
        for row in rows:
            unknown = set(row) - set(SCHEMA)
            if unknown:
                raise DataError(f"label column '{min(unknown)}' is not declared in facegen/annotate/schema.py")
        self._rows += rows
        while len(self._rows) >= self._group:
            self._write(self._rows[: self._group])
            self._rows = self._rows[self._group :]

    def _flush(self) -> None:
        if self._rows:
            self._write(self._rows)
            self._rows = []

    def _write(self, rows: list[dict[str, Any]]) -> None:
        self._writer.write_table(pa.Table.from_pylist(rows, schema=self._schema))


def parquet_bytes(name: str, rows: list[dict[str, Any]]) -> bytes:
    """Return a small table as a parquet file; `name`: layout.IDENTITIES, SITTINGS or PAIRS, which declares its columns."""
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=arrow_schema(COLUMNS[name])), sink, **SETTINGS)
    return sink.getvalue()


def identity_rows(plan: Plan) -> list[dict[str, Any]]:
    """Return one row an identity: the columns people ask for, and the whole Identity as JSON."""
    return [
        {
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
        for person in plan.identities
    ]


def sitting_rows(plan: Plan) -> list[dict[str, Any]]:
    """Return one row a sitting, and the whole Sitting as JSON."""
    return [
        {
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
        for seat in plan.sittings
    ]


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


def read(path: Path) -> pd.DataFrame:
    """Return labels.parquet, identities.parquet, sittings.parquet or pairs.parquet, of this version or an older one.

    It has the columns of this version, in their order: those that an older table lacks are null, and `schema_version` says what
    the table was written as. Raises DataError when the table is missing, damaged, none of ours, or of a version that this
    facegen does not know.
    """
    table, version = _versioned(path, _table(path))
    schema = arrow_schema(COLUMNS[path.name])
    table = _typed(path, table, schema)
    lost = [field for field in schema if field.name not in table.column_names]
    if lost and version == SCHEMA_VERSION:
        raise DataError(f"'{path}' has no column '{lost[0].name}', which version {version} holds; copy the dataset again")
    for field in lost:
        table = table.append_column(field, pa.nulls(len(table), field.type))
    more = [name for name in table.column_names if name not in schema.names]
    return _pandas(path, table.select([*schema.names, *more]))


def part(path: Path, wanted: Callable[[str], bool] = lambda name: True) -> pd.DataFrame:
    """Return the columns of one of these tables, of any version, that are `wanted` and there. Raises DataError, as `read`."""
    try:
        names = [name for name in guard.parquet_columns(path) if wanted(name)]
    except OSError as error:
        raise _unread(path, error.strerror) from None
    return _pandas(path, _typed(path, _table(path, names), arrow_schema(COLUMNS[path.name])))


def _table(path: Path, names: list[str] | None = None) -> pa.Table:
    try:
        return guard.table(path, names)
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
    key = KEYS.get(path.name)
    if key is None or key not in table.column_names:
        raise DataError(f"'{path}' is no table of facegen's; give one of {', '.join(KEYS)} of a finished dataset")
    if "schema_version" not in table.column_names:
        if path.name == layout.LABELS:
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
