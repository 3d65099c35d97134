"""UTKFace (Zhang, Song & Qi 2017, CVPR): the labels are the file names, `[age]_[gender]_[race]_[date&time].jpg`.

Read from a folder of pictures or a text file with one name a line. The labels were estimated by a model and checked by a person.
A few published names lack fields. An empty field (`53__0_20170116184028385.jpg`) says which; in `39_1_20170116174525125.jpg` one
digit is left, which is the race where only races go so high, and else may be either: then both are unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from facegen.audit.sets.words import DECADES, Attribute, Faces
from facegen.audit.tables import Loaded
from facegen.errors import DataError
from facegen.textfiles import PICTURES, Place, image_id, lines

RACES = ("White", "Black", "Asian", "Indian", "Others")
ATTRIBUTES = (
    Attribute("sex", "inferred", ("female", "male"), {"0": "male", "1": "female"}),
    Attribute("age_band", "inferred", DECADES, bands=True),
    Attribute("race", "inferred", RACES, {str(i): race for i, race in enumerate(RACES)}),
)
NAME = re.compile(r"(?P<age>\d{1,3})_(?:(?P<gender>\d*)_)?(?:(?P<race>\d*)_)?(?P<time>\d{8,}\S*)")
MEND = "rename the file, or move it out of the set"
_LOOKED_AT = 40


def found(path: Path) -> list[Path]:
    """Return [path] where it is a folder of pictures, or a list of pictures, that are named in this way."""
    if path.is_file() and path.suffix.lower() != ".txt":
        return []
    try:
        names = [name for _, name in islice(_names(path), _LOOKED_AT)]
    except DataError:
        return []
    return [path] if names and sum(_fields(name) is not None for name in names) * 2 > len(names) else []


def read(path: Path) -> Loaded:
    faces = Faces(ATTRIBUTES, MEND)
    unsure = 0
    for place, name in _names(path):
        fields = _fields(name)
        if fields is None:
            raise DataError(f"{place}: '{name}' is not [age]_[gender]_[race]_[time].jpg; {MEND}")
        age, gender, race, lost = fields
        unsure += lost
        faces.add(name, None, (gender, age, race), place)
    notes = ["the set says nothing about who is one person"]
    if unsure:
        notes.append(f"{unsure} names lack a field; where what is left may be sex or race, both are unknown")
    return faces.loaded("UTKFace", "utkface", path, identities=False, notes=notes)


def _fields(name: str) -> tuple[str, str, str, bool] | None:
    """Return age, gender, race and whether a field is missing; None where the name is not of this kind."""
    stem = " ".join(name.rsplit("/", 1)[-1].split())
    found = NAME.match(stem)
    if found is None:
        return None
    gender, race = found["gender"], found["race"]
    if gender is None or race is None:  # one digit is left, or none
        left = gender or race or ""
        return (found["age"], "", left, True) if left in ("2", "3", "4") else (found["age"], "", "", True)
    return found["age"], gender, race, not (gender and race)


def _names(path: Path) -> Iterator[tuple[Place, str]]:
    if path.is_file():
        yield from ((place, image_id(line)) for place, line in lines(path))
        return
    pictures = sorted(file.relative_to(path).as_posix() for file in path.rglob("*") if file.suffix.lower() in PICTURES)
    yield from ((Place(path, number, "picture"), name) for number, name in enumerate(pictures, start=1))
