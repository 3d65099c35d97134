"""Any CSV, TSV or Parquet table, read with a mapping file (mapping.py)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pandas as pd

from facegen import guard
from facegen.audit.sets.mapping import Mapping
from facegen.audit.sets.words import Faces
from facegen.audit.tables import Loaded
from facegen.errors import DataError
from facegen.textfiles import Place, check_header, image_id, rows

SUFFIXES = (".csv", ".tsv", ".txt", ".parquet")


def read(path: Path, mapping_file: Path) -> Loaded:
    mapping = Mapping.load(mapping_file)
    if path.suffix.lower() not in SUFFIXES:
        raise DataError(f"{path}: is none of {', '.join(SUFFIXES)}; give a table")
    attributes = [column.attribute(name) for name, column in mapping.attributes.items()]
    faces = Faces(attributes, f"correct the table, or add the word under 'words' or 'missing' in {mapping_file}")
    columns = [column.column for column in mapping.attributes.values()]
    needed = list(dict.fromkeys([mapping.image, *([mapping.identity] if mapping.identity else []), *columns]))
    for place, row in _rows(path, needed, mapping.separator):
        who = row[mapping.identity].strip() if mapping.identity else None
        if not row[mapping.image].strip() or who == "":
            empty = mapping.image if not row[mapping.image].strip() else mapping.identity
            raise DataError(f"{place}: column '{empty}' is empty; fill it, or leave the row out")
        faces.add(image_id(row[mapping.image]), who, [row[name] for name in columns], place)
    title = "" if mapping.name == path.name else mapping.name
    notes = [] if mapping.identity else ["no column says who is one person"]
    return faces.loaded(title, "table", path, identities=mapping.identity is not None, notes=notes)


def _rows(path: Path, needed: list[str], separator: str) -> Iterator[tuple[Place, dict[str, str]]]:
    if path.suffix.lower() != ".parquet":
        yield from rows(path, needed, "\t" if path.suffix.lower() == ".tsv" else separator)
        return
    try:
        table = guard.frame(path)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); copy the file again") from None
    check_header(path, [str(name) for name in table.columns], needed)
    texts = {name: [_text(path, name, value) for value in table[name].tolist()] for name in needed}
    for number in range(len(table)):
        yield Place(path, number + 1, "row"), {name: values[number] for name, values in texts.items()}


def _text(path: Path, name: str, value: object) -> str:
    """Return a value as a table would write it: a column of whole numbers with gaps comes as floats, NaN where nothing is."""
    if value is None or (isinstance(value, float) and value != value) or value is pd.NaT:
        return ""
    if not isinstance(value, str | bool | int | float | datetime.date | datetime.time | Decimal):
        raise DataError(f"{path}: column '{name}' holds {type(value).__name__}, not words or numbers; name another column")
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
