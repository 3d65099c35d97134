"""Balanced Faces in the Wild (Robinson et al., CVPRW 2020), and our export in its form: a table of pairs and groups."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from facegen.errors import DataError
from facegen.recognise.protocol import Protocol
from facegen.recognise.sets import made
from facegen.recognise.sets.pictures import Listing, are_crops, list_of, located, reader
from facegen.textfiles import Place, header_of, image_id, rows, whole

COLUMNS = ("fold", "p1", "p2", "label", "id1", "id2", "att1", "att2")
RACES = ("asian", "black", "indian", "white")
SEXES = {"females": "female", "males": "male"}
MEND = "correct that line"


def found(path: Path) -> list[Path]:
    """Return the table at `path`: the file, or the first `bfw*-datatable.csv` in the folder, our cross list last."""
    files = [path] if path.is_file() else sorted(path.glob("bfw*-datatable.csv"), key=lambda p: ("cross" in p.name, p.name))
    return [file for file in files if set(COLUMNS) <= set(header_of(file))][:1]


def read(path: Path) -> Protocol:
    """Return the pairs of a table. The group of a face is its `att`: `asian_females` is race asian, sex female."""
    file = list_of(path, found(path), ("bfw*-datatable.csv",))
    listing = Listing()
    told: list[tuple[str, str, str]] = []
    two, mated, folds = [], [], []
    seen: dict[tuple[int, int], int] = {}
    for place, row in rows(file, COLUMNS):
        ends = []
        for i in ("1", "2"):
            at = listing.add(image_id(row["p" + i]), place)
            face = (row["id" + i].strip().removesuffix(".0"), *_group(row["att" + i], place, i))
            if at == len(told):
                told.append(face)
            elif told[at] != face:
                raise DataError(f"{place}: '{listing.names[at]}' was told otherwise at line {listing.places[at].line}; {MEND}")
            ends.append(at)
        same = _flag(row["label"], place)
        if same != (told[ends[0]][0] == told[ends[1]][0]):
            raise DataError(f"{place}: label {row['label']} with id1 {row['id1']} and id2 {row['id2']}; {MEND}")
        before = seen.setdefault((min(ends), max(ends)), place.line)
        if before != place.line:
            raise DataError(f"{place}: pairs the pictures of line {before} again, which would count twice; take that line out")
        two.append((ends[0], ends[1]))
        mated.append(same)
        folds.append(_fold(row["fold"], place))
        if (folds[-1] is None) != (folds[0] is None):
            other = "none" if folds[0] is None else "one"
            raise DataError(f"{place}: fold '{row['fold']}', where lines before it have {other}; {MEND}")
    if not two:
        raise DataError(f"{file}: holds no pair; give the table of the set")
    paths = located([file.parent, file.parent.parent], listing)
    races = RACES if {r for _, r, _ in told} <= set(RACES) else tuple(sorted({r for _, r, _ in told}))
    groups = {"race": made.names([r for _, r, _ in told]), "sex": made.names([s for _, _, s in told])}
    groups |= dict([made.crossed(groups, ("race", "sex"))])
    return Protocol(
        name=file.name, format="bfw", names=listing.names, picture=reader(paths), aligned=are_crops(paths),
        template=np.arange(len(paths)), subjects=made.names([who for who, _, _ in told]),
        comparisons=made.comparisons(two, mated, folds), groups=groups,
        categories={"race": races, "sex": ("female", "male")},
        notes=("race and sex are those that the set's annotators gave",),
    )  # fmt: skip


def _group(word: str, place: Place, i: str) -> tuple[str, str]:
    race, _, sex = word.strip().rpartition("_")
    if not race or sex not in SEXES:
        raise DataError(f"{place}: att{i} '{word}' is not RACE_females or RACE_males; {MEND}")
    return race, SEXES[sex]


def _fold(word: str, place: Place) -> int | None:
    """Return the fold, None where the field is empty."""
    text = word.strip().removesuffix(".0")
    if text and whole(text) is None:
        raise DataError(f"{place}: fold '{word}' is no whole number; {MEND}")
    return whole(text)


def _flag(word: str, place: Place) -> bool:
    if word.strip() not in ("0", "1", "0.0", "1.0"):
        raise DataError(f"{place}: label '{word}' is neither 0 nor 1; {MEND}")
    return word.strip().startswith("1")
