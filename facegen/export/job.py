"""What every format's writer is given, and what it may be asked for."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from facegen.errors import RequestError
from facegen.export.pictures import Picture, Pictures
from facegen.export.selection import DEFAULT_CELLS, Row, classes
from facegen.export.source import Source
from facegen.export.target import Target


@dataclass(frozen=True)
class Options:
    """What a user may ask for; None and () leave it to the format. See docs/exports.md."""

    split: tuple[str, ...] = ()
    folds: int | None = None
    cells: tuple[str, ...] = DEFAULT_CELLS
    crop: str | None = None
    size: int | None = None
    factor: float | None = None
    fill: str = "black"
    encode: str | None = None
    quality: int = 95
    pairs: int | None = None
    layers: tuple[str, ...] = ()
    shard_size: int | None = None
    words: str = "theirs"


@dataclass
class Job:
    """One export: `parts` maps a split's name to its rows; `facts` is what the writer wants said in export.json."""

    source: Source
    target: Target
    pictures: Pictures
    parts: dict[str, list[Row]]
    options: Options
    report: Callable[[int, int], None]
    facts: dict[str, Any] = field(default_factory=dict)
    _taken: int = 0

    @property
    def rows(self) -> list[Row]:
        """All rows of all parts."""
        return [row for rows in self.parts.values() for row in rows]

    def take(self, row: Row) -> Picture:
        """Return a row's picture and report it done."""
        picture = self.pictures.take(row)
        self._taken += 1
        self.report(min(self._taken, self.total), self.total)
        return picture

    @property
    def total(self) -> int:
        """How many pictures go in."""
        return sum(map(len, self.parts.values()))

    def one_size(self, picture: Picture, first: Picture | None) -> Picture:
        """Return `picture`; refuse one of another size than the first: some formats know one for all."""
        if first is not None and picture.size != first.size:
            raise RequestError(f"pictures of {first.size} and {picture.size} px do not go into one set; choose a --crop")
        return picture

    def people(self) -> Iterator[tuple[str, int, Row]]:
        """Yield (identity_id, class number, first row), by class."""
        first: dict[str, Row] = {}
        for row in self.rows:
            first.setdefault(row["identity_id"], row)
        for person, number in classes(self.rows).items():
            yield person, number, first[person]

    def write_classes(self) -> dict[str, int]:
        """Write classes.csv, which says who a class number is, and return identity_id -> number."""
        table = [(number, person, row["sex"], row["ancestry"], row["skin_monk"]) for person, number, row in self.people()]
        self.target.write("classes.csv", csv_bytes(("label", "identity_id", "sex", "ancestry", "skin_monk"), table))
        return classes(self.rows)


def csv_bytes(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """Return a CSV with a header line; lines end in a line feed."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()
