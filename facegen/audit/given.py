"""CSV files that a user gives: scores, and real results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from facegen import textfiles
from facegen.errors import DataError, shown
from facegen.textfiles import Place


def rows(
    path: Path, headers: Sequence[Sequence[str]], asked: str
) -> tuple[Sequence[str], Iterator[tuple[Place, dict[str, str]]]]:
    """Return the first of `headers` whose columns the CSV at `path` has, and its rows with their places, without spaces around.

    Raises DataError, which asks for `asked`, for a file that has none of them; and at its line, as the rows are taken, for a row
    with other fields than the header, whose values would stand under other names.
    """
    textfiles.text(path, asked)  # a file that is missing or no text is told before its header is looked at
    names = textfiles.header_of(path)
    header = next((wanted for wanted in headers if set(wanted) <= set(names)), None)
    if header is None:
        allowed = " or ".join(",".join(wanted) for wanted in headers)
        raise DataError(f"{path}: line 1: columns {', '.join(names) or 'none'}; they must be {allowed}")
    return header, _rows(path, header, asked)


def _rows(path: Path, header: Sequence[str], asked: str) -> Iterator[tuple[Place, dict[str, str]]]:
    for place, row in textfiles.rows(path, header, asked=asked):
        yield place, {name: field.strip() for name, field in row.items()}


def number(place: Place, name: str, text: str) -> float:
    """Return the finite number that a field states. Raises DataError, which names the place."""
    value = textfiles.decimal(text)
    if value is None:
        raise DataError(f"{place}: {name} {shown(text)} is not a finite number; write digits, a point and an exponent at most")
    return value
