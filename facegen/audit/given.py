"""CSV files that a user gives: scores, and real results."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from facegen import guard
from facegen.errors import DataError


def rows(path: Path, what: str) -> tuple[tuple[str, ...], Iterator[tuple[int, dict[str, str]]]]:
    """Return the column names of the CSV at `path` and its rows with their line numbers, without spaces around; DataError asks
    for `what`, and is raised at the line that is no row."""
    try:
        text = guard.read(path, guard.TEXT_BYTES).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"'{path}' cannot be read ({getattr(error, 'strerror', None) or 'not text'}); give {what}") from None
    reader = csv.reader(text.splitlines())
    found = _lines(path, reader)
    names = tuple(next(found, (1, []))[1])
    return names, ((line, dict(zip_longest(names, fields[: len(names)], fillvalue=""))) for line, fields in found if any(fields))


def _lines(path: Path, reader: Any) -> Iterator[tuple[int, list[str]]]:
    try:
        for fields in reader:
            yield reader.line_num, [field.strip() for field in fields]
    except csv.Error as error:
        raise DataError(f"'{path}' line {reader.line_num} is no row of a table ({error}); mend that line") from None
