"""Labeled Faces in the Wild (Huang et al. 2007): lists of people (`people.txt`, `peopleDevTrain.txt`, `lfw-names.txt`) or pairs.

The set's own lists hold no demographic label. Where `lfw_attributes.txt` (scores of Kumar et al. 2009; above 0 is yes) is
given, or lies beside the list, sex is inferred by its sign; where `male_names.txt` and `female_names.txt` lie beside it, theirs
is taken.
"""

from __future__ import annotations

import re
from pathlib import Path

from facegen.audit.sets.words import Attribute, Faces
from facegen.audit.tables import Loaded
from facegen.errors import DataError
from facegen.recognise.sets import pairs
from facegen.textfiles import Place, cut_off, decimal, lines, whole

LISTS = (
    "people.txt", "lfw-names.txt", "peopleDevTrain.txt", "peopleDevTest.txt",
    "pairs.txt", "pairsDevTrain.txt", "pairsDevTest.txt",
)  # fmt: skip
SCORES = "lfw_attributes.txt"
NAMES = {"male": "male_names.txt", "female": "female_names.txt"}
MEND = "copy the list again"


def found(path: Path) -> list[Path]:
    """Return the list at `path`, a file or the folder that holds one; of several the first of LISTS."""
    files = [path] if path.is_file() else [path / name for name in (*LISTS, SCORES)]
    return [f for f in files if f.is_file() and f.suffix == ".txt" and (f.name == SCORES or _is_list(f))][:1]


def _is_list(file: Path) -> bool:
    if re.match(r"(African|Asian|Caucasian|Indian)_", file.name):
        return False  # RFW writes its pairs in this format
    return pairs.holds_pairs(file) or _holds_people(file)


def _holds_people(file: Path) -> bool:
    try:
        for number, (_, line) in enumerate(lines(file)):
            fields = line.split()
            named = len(fields) == 2 and re.fullmatch(r"[^\W\d]\S*", fields[0]) and "." not in fields[0][-5:]
            if named and whole(fields[1]) is not None:
                return True
            if number > 2 or whole(line.strip()) is None:
                return False
    except DataError:
        pass
    return False


def read(path: Path) -> Loaded:
    file = (found(path) or [path])[0]
    sexes, source, told = _sexes(file.parent)
    faces = Faces([Attribute("sex", source, ("female", "male"))], MEND)
    if file.name == SCORES:
        for (person, number), sex in sexes.items():
            faces.add(pairs.picture(person, number), person, (sex,), Place(file, 0))
    elif pairs.holds_pairs(file):
        for place, person, number in pairs.faces(file):
            faces.add(pairs.picture(person, number), person, (sexes.get((person, number)),), place, repeats=True)
    else:
        _people(file, sexes, faces)
    return faces.loaded("LFW", "lfw", path, identities=True, notes=[told])


def _people(file: Path, sexes: dict[tuple[str, int], str], faces: Faces) -> None:
    """Count the pictures of a list: lines of `name count`, after a count of the people, or of parts and one for each part."""
    said: list[int] = []
    people = 0
    for place, line in lines(file):
        fields = line.split()
        count = whole(fields[-1])
        if len(fields) == 1 and count is not None:
            said.append(count)
        elif len(fields) == 2 and count is not None:
            people += 1
            faces.expect(count, place)
            for number in range(1, count + 1):
                person = fields[0]
                faces.add(pairs.picture(person, number), person, (sexes.get((person, number)),), place)
        else:
            raise DataError(f"{place}: '{line.strip()}' is not 'name number-of-pictures'; {MEND}")
    expected = sum(said[1:]) if len(said) > 1 else said[0] if said else people
    if expected != people:
        cut_off(file, expected, people, "people")


def _sexes(folder: Path) -> tuple[dict[tuple[str, int], str], str, str]:
    """Return sex by (person, picture), its source, and what to say about it."""
    if (folder / SCORES).is_file():
        return _scores(folder / SCORES), "inferred", f"sex is the sign of the classifier score in {SCORES} (Kumar et al. 2009)"
    lists = {sex: folder / name for sex, name in NAMES.items() if (folder / name).is_file()}
    if not lists:
        more = f"sex is unknown for all; put {SCORES}, or {' and '.join(NAMES.values())}, beside the list"
        return {}, "annotated", f"the lists of LFW hold no demographic label: {more}"
    sexes: dict[tuple[str, int], str] = {}
    for sex, file in lists.items():
        for place, line in lines(file):
            found = re.fullmatch(r"(?:.*/)?(\S+)_([0-9]{4})(?:\.jpg)?", line.strip())
            if found is None:
                raise DataError(f"{place}: '{line.strip()}' is not 'Name_Surname_0001.jpg'; {MEND}")
            if sexes.setdefault((found[1], int(found[2])), sex) != sex:
                raise DataError(f"{place}: '{line.strip()}' is in both {' and '.join(NAMES.values())}; keep one of them")
    return sexes, "annotated", f"sex is that of {' and '.join(file.name for file in lists.values())}"


def _scores(file: Path) -> dict[tuple[str, int], str]:
    sexes: dict[tuple[str, int], str] = {}
    places: dict[tuple[str, int], Place] = {}
    columns: list[str] = []
    for place, line in lines(file):
        if line.startswith("#"):
            named = [name.strip() for name in line.lstrip("#").strip().split("\t")]
            columns = named if "person" in named else columns
            continue
        row = dict(zip(columns, line.split("\t"), strict=False))
        try:
            number, score = whole(row["imagenum"].strip()), decimal(row["Male"].strip())
            if number is None or score is None:
                raise ValueError
            key = (row["person"].strip().replace(" ", "_"), number)
        except (KeyError, ValueError):
            raise DataError(f"{place}: has no person, imagenum and Male as the header line names them; {MEND}") from None
        sex, first = "male" if score > 0 else "female", places.setdefault(key, place)
        if sexes.setdefault(key, sex) != sex:
            said = f"{key[0]} {number} is {sex} here, {sexes[key]} at line {first.line}"
            raise DataError(f"{place}: {said}; keep one of them")
    return sexes
