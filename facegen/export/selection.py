"""Who goes where: the dataset's own splits or k folds, always by identity and evenly over the demographic cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from facegen.errors import RequestError, did_you_mean

ALL = "all"
CELL_COLUMNS = ("sex", "ancestry", "skin_monk", "age_band")
"""Columns that may make a demographic cell."""
DEFAULT_CELLS = ("sex", "ancestry")
Row = dict[str, Any]


def cell_of_people(rows: Sequence[Row], columns: Sequence[str]) -> dict[str, str]:
    """Return identity_id -> cell, the words of `columns` joined by `/`; people in the order of their rows.

    Raises RequestError for a column that is no demographic one, or that differs within a person (a person's age may).
    """
    for name in columns:
        if name not in CELL_COLUMNS:
            raise RequestError(f"--cells: {did_you_mean(name, CELL_COLUMNS)}")
    cells: dict[str, str] = {}
    for row in rows:
        person, cell = row["identity_id"], "/".join(str(row[name]) for name in columns)
        if cells.setdefault(person, cell) != cell:
            raise RequestError(
                f"--cells: identity {person} is both '{cells[person]}' and '{cell}'; age_band is out where sittings differ in age"
            )
    return cells


def deal(rows: Sequence[Row], folds: int, columns: Sequence[str]) -> dict[str, int]:
    """Return identity_id -> fold (0 .. folds - 1).

    People are dealt out cell by cell, those of a cell by age and tone, and the next cell goes on where the last one stopped: the
    folds' sizes, and those of every cell within them, differ by at most one.
    """
    cells = cell_of_people(rows, columns)
    first: dict[str, Row] = {}
    for row in rows:
        first.setdefault(row["identity_id"], row)
    order = sorted(cells, key=lambda p: (cells[p], str(first[p]["age_band"]), int(first[p]["skin_monk"]), p))
    return {person: place % folds for place, person in enumerate(order)}


def parts(rows: Sequence[Row], splits: Sequence[str], folds: int | None, columns: Sequence[str]) -> dict[str, list[Row]]:
    """Return part name -> its rows, in the order of the table.

    Parts are the dataset's splits, or `fold0`.. when `folds` is given; `splits` picks some of them, none or `all` means all. The
    name of an empty part is refused. Raises RequestError.
    """
    names = [row["split"] for row in rows]
    if folds is not None:
        people = len({row["identity_id"] for row in rows})
        if not 2 <= folds <= people:
            raise RequestError(f"--folds {folds}: {people} identities make 2 to {people} folds")
        dealt = deal(rows, folds, columns)
        names = [f"fold{dealt[row['identity_id']]}" for row in rows]
    known = ["train", "val", "test"] if folds is None else [f"fold{k}" for k in range(folds)]
    present = [name for name in known if name in set(names)] + sorted(set(names) - set(known))
    for name in splits:
        if name != ALL and name not in present:
            raise RequestError(f"--split: {did_you_mean(name, (*present, ALL))}; the dataset has no picture in any other")
    wanted = [name for name in present if not splits or ALL in splits or name in splits]
    return {name: [row for row, own in zip(rows, names, strict=True) if own == name] for name in wanted}


def classes(rows: Sequence[Row]) -> dict[str, int]:
    """Return identity_id -> class number 0 .. K - 1, by sorted id."""
    return {person: k for k, person in enumerate(sorted({row["identity_id"] for row in rows}))}
