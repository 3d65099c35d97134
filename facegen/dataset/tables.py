"""labels.parquet, identities.parquet and sittings.parquet: fixed columns, fixed order, fixed settings, so fixed bytes."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

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
