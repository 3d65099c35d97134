"""What a column of labels.parquet is declared as."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """`type` of the parquet column in Arrow's words; `unit`, `frame`, `range` and `text` as docs/labels.md shows them; `late`:
    filled in when the files are written, not by annotate()."""

    type: str
    unit: str
    frame: str
    range: str
    text: str
    late: bool = False


STR, INT, NUM, BOOL = "string", "int32", "double", "bool"
FLOATS, DOUBLES, FLAGS = "list<float>", "list<double>", "list<bool>"
PICTURE = "pixels, outer corner"
