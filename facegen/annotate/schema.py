"""The columns of labels.parquet: one declaration for the writer, the readers and docs/labels.md.

`python -m facegen.annotate.schema docs/labels.md` rewrites the tables in that page; a test checks that it is up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from facegen.annotate.capture import CAPTURE
from facegen.annotate.columns import INT, STR, Column
from facegen.annotate.declared.expression import ARKIT, EXPRESSION, UNITS
from facegen.annotate.declared.eyes import EYES
from facegen.annotate.declared.light import LIGHT
from facegen.annotate.declared.person import PERSON
from facegen.annotate.declared.place import PLACE
from facegen.annotate.declared.points import POINTS
from facegen.annotate.declared.shot import SHOT
from facegen.annotate.declared.wear import WEAR
from facegen.annotate.quality import GROUND_TRUTH, PIXELS

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA_VERSION = 4
START, END = "<!-- {} -->", "<!-- /{} -->"

_QUALITY = {
    f"ofiq_{name}": Column(INT, "score", "", "0..100", f"ISO/IEC 29794-5, source: {source}")
    for names, source in ((GROUND_TRUTH, "ground_truth"), (PIXELS, "pixels"))
    for name in names
}
SCHEMA: dict[str, Column] = {
    **PERSON, **EXPRESSION, **EYES, **SHOT, **LIGHT, **WEAR, **CAPTURE, **PLACE, **POINTS, **_QUALITY,
    "sample": Column(STR, "", "", "JSON", "the whole SampleSpec: the image can be rendered again from it"),
}  # fmt: skip
"""Column name -> declaration, in the order of the file."""


def arrow_schema(columns: Mapping[str, Column] = SCHEMA) -> pa.Schema:
    """Return the Arrow schema of declared columns: of labels.parquet, where none are named."""
    import pyarrow as pa  # here, so that workers, which write no table, do not load it

    simple = {"string": pa.string(), "int32": pa.int32(), "double": pa.float64(), "float": pa.float32(), "bool": pa.bool_()}
    kinds = {**simple, **{f"list<{name}>": pa.list_(kind) for name, kind in simple.items()}}
    return pa.schema([pa.field(name, kinds[column.type]) for name, column in columns.items()])


def late_columns() -> tuple[str, ...]:
    """Return the columns that the dataset writer fills in."""
    return tuple(name for name, column in SCHEMA.items() if column.late)


def tables() -> dict[str, str]:
    """Return what docs/labels.md holds between its marks: `columns`, `weights` and `units`."""
    from facegen.annotate.expression import SOURCES  # here: it is no part of the declaration

    rows = ["| column | type | unit | frame | range | meaning |", "|---|---|---|---|---|---|"]
    rows += [f"| `{name}` | {c.type} | {c.unit} | {c.frame} | {c.range} | {c.text} |" for name, c in SCHEMA.items()]
    units = ["| | unit | said from |", "|---|---|---|"]
    units += [f"| {k} | {unit} {SOURCES[unit].name} | {SOURCES[unit].words()} |" for k, unit in enumerate(UNITS)]
    weights = ", ".join(f"{k} {name}" for k, name in enumerate(ARKIT)) + "."
    return {"columns": "\n".join(rows), "weights": weights, "units": "\n".join(units)}


def updated_page(page: str) -> str:
    """Return the text of docs/labels.md with its tables brought up to date."""
    for mark, text in tables().items():
        start, end = START.format(mark), END.format(mark)
        head, rest = page.split(start, 1)
        page = f"{head}{start}\n{text}\n{end}{rest.split(end, 1)[1]}"
    return page


if __name__ == "__main__":
    _path = Path(sys.argv[1])
    _path.write_text(updated_page(_path.read_text()))
