"""CelebA (Liu, Luo, Wang & Tang 2015, ICCV): `list_attr_celeba.txt`, and `identity_CelebA.txt` beside it where there is one.

The first line counts the images, the second names 40 attributes, every further one is an image and 40 values of 1 or -1, filled
up with spaces. Of the 40, sex (`Male`), `Young` and `Pale_Skin` say who is in the picture. The comma-separated copy that is
handed on (`list_attr_celeba.csv`) is read too.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from facegen.audit.sets.words import Attribute, Faces
from facegen.audit.tables import Loaded
from facegen.errors import DataError
from facegen.textfiles import Place, cut_off, first_lines, header_of, image_id, lines, rows, whole

USED = ("Male", "Young", "Pale_Skin")
YES_NO = {"1": "yes", "-1": "no"}
ATTRIBUTES = (
    Attribute("sex", "annotated", ("female", "male"), {"1": "male", "-1": "female"}),
    Attribute("young", "annotated", ("yes", "no"), YES_NO),
    Attribute("pale_skin", "annotated", ("yes", "no"), YES_NO),
)
IDENTITIES = "identity_CelebA.txt"
MEND = "the values are 1 and -1; copy the file again"


def found(path: Path) -> list[Path]:
    """Return the attribute files at `path`, a file or the folder that holds them."""
    named = (file for folder in ("", "Anno/") for file in sorted(path.glob(folder + "list_attr_celeba.*")))
    files = [path] if path.is_file() else list(named)
    return [file for file in files if set(USED) <= set(_names(file))][:1]


def read(path: Path) -> Loaded:
    file = (found(path) or [path])[0]
    beside = file.parent / IDENTITIES
    people = _people(beside) if beside.is_file() else None
    faces = Faces(ATTRIBUTES, MEND)
    for place, name, values in _table(file):
        if people is not None and name not in people:
            raise DataError(f"{beside}: has no line for '{name}' ({place}); copy both files of one release")
        faces.add(name, None if people is None else people[name], values, place)
    note = "attributes are what annotators were asked about celebrities; 'young' has no definition in years"
    more = [] if people is not None else [f"{IDENTITIES} is not beside the file: nothing is known about who is one person"]
    return faces.loaded("CelebA", "celeba", path, identities=people is not None, notes=[note, *more])


def _names(file: Path) -> list[str]:
    if file.suffix == ".csv":
        return header_of(file)
    if file.suffix != ".txt":
        return []
    top = first_lines(file, 2)
    return top[1].split() if top and whole(top[0].strip()) is not None else []


def _table(file: Path) -> Iterator[tuple[Place, str, tuple[str, ...]]]:
    if file.suffix == ".csv":
        for place, row in rows(file, ("image_id", *USED)):
            yield place, image_id(row["image_id"]), tuple(row[name] for name in USED)
        return
    names, said, counted = _names(file), 0, 0
    if not set(USED) <= set(names):
        raise DataError(f"{file}: line 2 does not name {', '.join(USED)}; give list_attr_celeba.txt of the set")
    at = [names.index(name) for name in USED]
    for number, (place, line) in enumerate(lines(file)):
        fields = line.split()
        if number == 0:
            said = whole(fields[0]) or 0
        elif number > 1:
            if len(fields) != len(names) + 1:
                raise DataError(f"{place} has {len(fields) - 1} values, line 2 names {len(names)}; mend that line")
            counted += 1
            yield place, image_id(fields[0]), tuple(fields[1 + i] for i in at)
    if counted != said:
        cut_off(file, said, counted, "images")


def _people(file: Path) -> dict[str, str]:
    people: dict[str, str] = {}
    places: dict[str, Place] = {}
    for place, line in lines(file):
        fields = line.split()
        if len(fields) != 2 or whole(fields[1]) is None:
            raise DataError(f"{place}: '{line.strip()}' is not 'image number-of-the-person'; mend that line")
        name = image_id(fields[0])
        first = places.setdefault(name, place)
        if people.setdefault(name, fields[1]) != fields[1]:
            raise DataError(f"{place}: '{name}' is of {fields[1]}, at line {first.line} of {people[name]}; keep one of them")
    return people
