"""Lists of pairs in LFW's format, which RFW writes too: `name i j` is one person twice, `name i name j` are two."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from facegen.audit.sets.files import Place, cut_off, lines, whole
from facegen.errors import DataError


def faces(file: Path) -> Iterator[tuple[Place, str, int]]:
    """Yield place, person and picture number of both faces of every pair, as often as they are paired.

    A header (`10 300`: ten parts of 300 mated and 300 non-mated pairs; `1100`: one part) is compared with the lines that follow.
    """
    said, pairs = None, 0
    for place, line in lines(file):
        fields = _split(line)
        if pairs == 0 and said is None and len(fields) <= 2 and all(whole(field) is not None for field in fields):
            said = 2 * int(fields[0]) * int(fields[1] if len(fields) == 2 else 1)
            continue
        if len(fields) == 3 and whole(fields[1]) is not None and whole(fields[2]) is not None:
            both = ((fields[0], fields[1]), (fields[0], fields[2]))
        elif len(fields) == 4 and whole(fields[1]) is not None and whole(fields[3]) is not None:
            both = ((fields[0], fields[1]), (fields[2], fields[3]))
        else:
            raise DataError(f"{place}: '{line.strip()}' is neither 'name i j' nor 'name i name j'; mend that line")
        pairs += 1
        yield from ((place, name, int(number)) for name, number in both)
    if said is not None and pairs != said:
        cut_off(file, said, pairs, "pairs")


def holds_pairs(file: Path) -> bool:
    """Whether the first lines of a text are pairs."""
    try:
        for number, (_, line) in enumerate(lines(file)):
            fields = _split(line)
            if len(fields) in (3, 4) and all(whole(fields[i]) is not None for i in ((1, 2) if len(fields) == 3 else (1, 3))):
                return True
            if number > 0 or not all(whole(field) is not None for field in fields):
                return False
    except DataError:
        pass
    return False


def picture(person: str, number: int) -> str:
    """Return the file name of a person's picture, as both sets write it."""
    return f"{person}/{person}_{number:04d}.jpg"


def _split(line: str) -> list[str]:
    """Split at tabs where there are any (some names hold spaces), else at spaces."""
    return [field.strip() for field in line.strip().split("\t")] if "\t" in line else line.split()
