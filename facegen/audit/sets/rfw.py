"""Racial Faces in the Wild (Wang et al. 2019, ICCV): `txts/{African,Asian,Caucasian,Indian}/{R}_images.txt` and `{R}_pairs.txt`.

The list of images (`m.0xnkj_0002.jpg  0`, a name and the number of the person) is used where it is there, else the faces of the
pairs: three columns are one person, four are two. The group of a person was inferred: from a nationality in Freebase for Asians
and Indians, by a commercial classifier for the others.
"""

from __future__ import annotations

from pathlib import Path

from facegen.audit.sets.words import Attribute, Faces
from facegen.audit.tables import Loaded
from facegen.errors import DataError
from facegen.recognise.sets import pairs
from facegen.textfiles import image_id, lines, whole

RACES = ("African", "Asian", "Caucasian", "Indian")
ATTRIBUTES = (Attribute("race", "inferred", RACES),)
MEND = "name the files after one of the four groups, for example African_pairs.txt"


def found(path: Path) -> list[Path]:
    """Return the lists at `path` (one of them, or a folder of them or of folders of them), one a group: images, else pairs."""
    if path.is_file():
        return [path] if _race(path) in RACES else []
    best: dict[str, Path] = {}
    for kind in ("pairs", "images"):
        for pattern in ("", "*/", "txts/*/", "test/txts/*/"):
            best |= {race: file for race in RACES for file in sorted(path.glob(f"{pattern}{race}_{kind}.txt"))}
    return [best[race] for race in RACES if race in best]


def read(path: Path) -> Loaded:
    faces = Faces(ATTRIBUTES, MEND)
    files = found(path)
    if not files:
        raise DataError(f"{path}: holds no {RACES[0]}_images.txt or {RACES[0]}_pairs.txt; {MEND}")
    from_pairs = []
    for file in files:
        race = _race(file)
        if file.stem.endswith("_images"):
            _images(file, race, faces)
            continue
        from_pairs.append(race)
        for place, person, number in pairs.faces(file):
            faces.add(pairs.picture(person, number), person, (race,), place, repeats=True)
    lost = [race for race in RACES if race not in {_race(file) for file in files}]
    notes = [f"no list of {race} is there" for race in lost]
    if from_pairs:
        notes.append(f"{', '.join(from_pairs)}: only the images that occur in pairs are counted")
    return faces.loaded("RFW", "rfw", path, identities=True, notes=notes)


def _race(file: Path) -> str:
    head, _, kind = file.stem.rpartition("_")
    return head if file.suffix == ".txt" and kind in ("images", "pairs") else ""


def _images(file: Path, race: str, faces: Faces) -> None:
    for place, line in lines(file):
        fields = line.split()
        person, _, number = fields[0].rpartition("/")[2].rpartition(".")[0].rpartition("_")
        if len(fields) != 2 or whole(fields[1]) is None or whole(number) is None or not person:
            raise DataError(f"{place}: '{line.strip()}' is not 'person_0001.jpg number-of-the-person'; mend that line")
        faces.add(image_id(pairs.picture(person, int(number))), person, (race,), place)
