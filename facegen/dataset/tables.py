"""labels.parquet, identities.parquet and sittings.parquet: fixed columns, fixed order, fixed settings, so fixed bytes."""

from __future__ import annotations

import io
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from facegen.annotate.schema import SCHEMA, arrow_schema
from facegen.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from facegen.population.plan import Plan

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


def parquet_bytes(rows: list[dict[str, Any]]) -> bytes:
    """Return a small table as a parquet file; column types follow the values."""
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink, **SETTINGS)
    return sink.getvalue()


def identity_rows(plan: Plan) -> list[dict[str, Any]]:
    """Return one row an identity: the columns people ask for, and the whole Identity as JSON."""
    return [
        {
            "identity_id": person.identity_id,
            "sex": person.sex,
            "sex_value": person.sex_value,
            "ancestry": person.ancestry,
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


def read(path: Path) -> pd.DataFrame:
    """Return a table of ours. Raises DataError when it is missing or damaged."""
    try:
        return pq.read_table(path).to_pandas()
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"'{path}' cannot be read ({str(error).splitlines()[0]}); generate or copy the dataset again") from None
