"""Lists of pairs as text: LFW's `name i j` and `name i name j` (RFW writes it too), CALFW's and CPLFW's two lines a pair, and
`picture picture 1`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from facegen.errors import DataError
from facegen.textfiles import PICTURES, Place, cut_off, image_id, lines, whole

FORMS = "neither 'name i j' nor 'name i name j', 'picture picture 0|1', or one of two lines 'picture 0|1'"


End = tuple[str | None, int | str]
"""One side of a pair: (person, picture number), or (None, file name) where a list names files."""
_Pair = tuple[End, End, bool]


@dataclass(frozen=True)
class Listed:
    """One pair. `fold`: the
    part of a list with a header `parts pairs`, from 0, else None."""

    place: Place
    first: End
    second: End
    mated: bool
    fold: int | None


def listed(file: Path) -> Iterator[Listed]:
    """Yield the pairs of a list, in whichever of the forms.

    A header (`10 300`: ten parts of 300 mated and 300 non-mated pairs; `1100`: one part) is compared with the lines that follow.
    Raises DataError, naming file and line, for a line in none of the forms.
    """
    said: tuple[int, int] | None = None
    count = 0
    open_line: tuple[Place, list[str]] | None = None
    pair: _Pair | None
    for place, line in lines(file):
        fields = _split(line)
        numbers = [whole(field) for field in fields]
        if count == 0 and said is None and open_line is None and len(fields) <= 2 and None not in numbers:
            said = (int(fields[0]), int(fields[1])) if len(fields) == 2 else (1, int(fields[0]))
            continue
        if len(fields) == 2 and numbers[1] is not None and fields[0].lower().endswith(PICTURES):
            if open_line is None:
                open_line = (place, fields)
                continue
            pair = _two_lines(*open_line, place, fields)
            open_line = None
        else:
            pair = None if open_line is not None else _pair(fields, numbers)
        if pair is None:
            raise DataError(f"{place}: '{line.strip()}' is {FORMS}; mend that line")
        fold = count // (2 * said[1]) if said is not None and said[1] > 0 else None
        count += 1
        yield Listed(place, *pair, fold)
    if open_line is not None:
        raise DataError(f"{open_line[0]}: '{open_line[1][0]}' has no partner; the list ends there: copy it again")
    if said is not None and count != 2 * said[0] * said[1]:
        cut_off(file, 2 * said[0] * said[1], count, "pairs")


def _pair(fields: list[str], numbers: list[int | None]) -> _Pair | None:
    if len(fields) == 4 and numbers[1] is not None and numbers[3] is not None:
        return (fields[0], numbers[1]), (fields[2], numbers[3]), False
    if len(fields) == 3 and numbers[2] is not None:
        if numbers[1] is not None:
            return (fields[0], numbers[1]), (fields[0], numbers[2]), True
        if numbers[2] in (0, 1):
            return (None, image_id(fields[0])), (None, image_id(fields[1])), numbers[2] == 1
    return None


def _two_lines(before: Place, first: list[str], place: Place, second: list[str]) -> _Pair:
    if first[1] != second[1]:
        raise DataError(
            f"{place}: '{second[0]}' is marked {second[1]}, its partner at line {before.line} {first[1]}; mend one of them"
        )
    return (None, image_id(first[0])), (None, image_id(second[0])), first[1] != "0"


def faces(file: Path) -> Iterator[tuple[Place, str, int]]:
    """Yield place, person and picture number of both faces of every pair of a list of people, as often as they are paired."""
    for pair in listed(file):
        for person, number in (pair.first, pair.second):
            if person is None or not isinstance(number, int):
                raise DataError(f"{pair.place}: names pictures, not people; give a list of 'name i j' and 'name i name j'")
            yield pair.place, person, number


def holds_pairs(file: Path, files: bool = False) -> bool:
    """Whether the first lines of a text are pairs of people; with `files` also pairs of picture files."""
    try:
        for number, (_, line) in enumerate(lines(file)):
            fields = _split(line)
            numbers = [whole(field) for field in fields]
            pair = _pair(fields, numbers)
            if pair is not None and (files or pair[0][0] is not None):
                return True
            if files and len(fields) == 2 and numbers[1] is not None and fields[0].lower().endswith(PICTURES):
                return True
            if number > 0 or None in numbers:
                return False
    except DataError:
        pass
    return False


def picture(person: str, number: int) -> str:
    """Return the file name of a person's picture, as LFW and RFW write it."""
    return f"{person}/{person}_{number:04d}.jpg"


def _split(line: str) -> list[str]:
    """Split at tabs where there are any (some names hold spaces), else at spaces."""
    return [field.strip() for field in line.strip().split("\t")] if "\t" in line else line.split()
