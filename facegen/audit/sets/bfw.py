"""Balanced Faces in the Wild (Robinson et al. 2020, CVPRW): `bfw-*-datatable.csv`, a table of pairs, turned into its faces.

Of its columns p1, p2 (paths), id1, id2 (people), att1, att2 (`asian_females`), a1, a2 (`AF`), g1, g2 (`F`) and e1, e2 (`A`), the
short ones repeat what att says and are compared with it. A path that two rows give to different people or groups is refused.
"""

from __future__ import annotations

from pathlib import Path

from facegen.audit.sets.words import Attribute, Faces
from facegen.audit.tables import Loaded
from facegen.errors import DataError, did_you_mean
from facegen.textfiles import Place, header_of, image_id, rows, whole

COLUMNS = tuple(f"{name}{i}" for i in (1, 2) for name in ("p", "id", "att"))
SHORT = ("a", "g", "e")
RACES = ("asian", "black", "indian", "white")
ATTRIBUTES = (
    Attribute("sex", "annotated", ("female", "male"), {"females": "female", "males": "male"}),
    Attribute("race", "annotated", RACES),
)
GROUPS = tuple(f"{race}_{sex}" for race in RACES for sex in ("females", "males"))
MEND = "correct that line, or read the file with --format table and a --mapping that maps the word"


def found(path: Path) -> list[Path]:
    files = [path] if path.is_file() else sorted(path.glob("bfw-*-datatable.csv"))
    return [file for file in files if set(COLUMNS) <= set(header_of(file))][:1]


def read(path: Path) -> Loaded:
    file = (found(path) or [path])[0]
    faces = Faces(ATTRIBUTES, MEND)
    seen: set[tuple[str, ...]] = set()
    for place, row in rows(file, COLUMNS):
        for i in ("1", "2"):
            face = tuple([row.get(name + i, "") for name in ("p", "id", "att", *SHORT)])
            if face in seen:  # nearly always: a million rows pair twenty thousand faces
                continue
            seen.add(face)
            group = _group(row, i, place)
            race, _, sex = group.rpartition("_")
            faces.add(image_id(row["p" + i]), _person(row["id" + i], place), (sex, race), place, repeats=True)
    return faces.loaded("BFW", "bfw", path, identities=True, notes=["a table of pairs: every face of it is counted once"])


def _group(row: dict[str, str], i: str, place: Place) -> str:
    group = row["att" + i].strip()
    if group not in GROUPS:
        raise DataError(f"{place}: att{i} {did_you_mean(group, GROUPS)}; {MEND}")
    race, _, sex = group.rpartition("_")
    for name, expected in zip(SHORT, (race[0] + sex[0], sex[0], race[0]), strict=True):
        said = row.get(name + i, "").strip()
        if said and said.casefold() != expected:
            raise DataError(f"{place}: {name}{i} says '{said}', att{i} '{group}'; correct one of them")
    return group


def _person(raw: str, place: Place) -> str:
    """Return the number of a person without the '.0' that a table of floats adds."""
    number = raw.strip().removesuffix(".0")
    if whole(number) is None:
        raise DataError(f"{place}: '{raw}' is not the number of a person; correct that line")
    return number
