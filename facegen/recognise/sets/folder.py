"""Pictures in folders beside lists of pairs: LFW, CALFW, CPLFW and our export in LFW's form; RFW's lists, one a group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from facegen.errors import DataError
from facegen.recognise.protocol import Names, Protocol
from facegen.recognise.sets import made, pairs
from facegen.recognise.sets.pictures import Listing, are_crops, list_of, located, reader
from facegen.textfiles import rows

LISTS = ("pairs.txt", "pairsDevTest.txt", "pairsDevTrain.txt", "pairs_CALFW.txt", "pairs_CPLFW.txt")
RACES = ("African", "Asian", "Caucasian", "Indian")
FORMS = ("{p}/{p}_{n:04d}.jpg", "{p}_{n:04d}.jpg", "{p}/{n:04d}.jpg", "{p}/{p}_{n}.jpg", "{p}_{n}.jpg", "{p}/{n}.jpg")
"""Where a person's picture lies; the first is LFW's own."""
OURS = "images.csv"
"""Which picture shows whom, beside our own export in LFW's form."""


@dataclass
class _Lists:
    """What is read of one or several lists of pairs."""

    listing: Listing = field(default_factory=Listing)
    who: list[tuple[str, str, int] | None] = field(default_factory=list)
    two: list[tuple[int, int]] = field(default_factory=list)
    mated: list[bool] = field(default_factory=list)
    folds: list[int | None] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def take(self, file: Path, folder: str = "") -> None:
        """Add the pairs of a list whose pictures lie in `folder`."""
        for pair in pairs.listed(file):
            if pair.first == pair.second:
                raise DataError(f"{pair.place}: pairs a picture with itself; mend that line")
            if not pair.mated and pair.first[0] is not None and pair.first[0] == pair.second[0]:
                raise DataError(f"{pair.place}: '{pair.first[0]}' is on both sides of a pair of two people; mend that line")
            self.two.append((self._add(pair, pair.first, folder), self._add(pair, pair.second, folder)))
            self.mated.append(pair.mated)
            self.folds.append(pair.fold)

    def _add(self, pair: pairs.Listed, end: pairs.End, folder: str) -> int:
        person, number = end
        name = folder + (str(number) if person is None else FORMS[0].format(p=person, n=number))
        at = self.listing.add(name, pair.place)
        if at == len(self.who):
            self.who.append(None if person is None else (folder, person, int(number)))
        return at

    def forms(self) -> list[list[str]]:
        """Return the names of the pictures in the other FORMS; nothing where the lists name files."""
        known = [who for who in self.who if who is not None]
        if len(known) < len(self.who):
            return []
        return [[folder + form.format(p=p, n=n) for folder, p, n in known] for form in FORMS[1:]]

    def subjects(self) -> Names | None:
        """Return whom each picture shows: the list says it, or names as `AJ_Cook_1.jpg` where all pairs agree with them."""
        if None not in self.who:
            return made.names([who[0] + who[1] for who in self.who if who is not None])
        heads = [Path(name).stem.rpartition("_") for name in self.listing.names]
        if not all(head and tail.isdigit() for head, _, tail in heads):
            return None
        agree = all((heads[a][0] == heads[b][0]) == mated for (a, b), mated in zip(self.two, self.mated, strict=True))
        return made.names([head for head, _, _ in heads]) if agree else None


def found(path: Path) -> list[Path]:
    """Return the list of pairs at `path`: the file, or the first of LISTS in the folder."""
    files = [path] if path.is_file() and path.suffix == ".txt" else [path / name for name in LISTS]
    return [f for f in files if f.is_file() and not _race(f) and pairs.holds_pairs(f, files=True)][:1]


def read(path: Path) -> Protocol:
    """Return an LFW-like list with its pictures."""
    file = list_of(path, found(path), LISTS)
    lists = _Lists()
    lists.take(file)
    _some(path, lists)
    paths = located([file.parent], lists.listing, lists.forms())
    groups = _our_groups(file.parent / OURS, lists.listing.names)
    return _protocol(f"{file.parent.resolve().name}/{file.name}", "lfw", lists, paths, groups)


def rfw_found(path: Path) -> list[Path]:
    """Return RFW's lists of pairs at `path`: one of them, or a folder of them or of folders of them."""
    if path.is_file():
        return [path] if _race(path) else []
    best: dict[str, Path] = {}
    for pattern in ("", "*/", "txts/*/", "test/txts/*/"):
        best = {race: f for race in RACES for f in sorted(path.glob(f"{pattern}{race}_pairs.txt"))} | best
    return [best[race] for race in RACES if race in best]


def read_rfw(path: Path) -> Protocol:
    """Return Racial Faces in the Wild (Wang et al., ICCV 2019): the lists of its groups as one set, `race` the attribute."""
    files = rfw_found(path)
    if not files:
        raise DataError(f"{path}: holds no {RACES[0]}_pairs.txt; name the files after {', '.join(RACES)}")
    lists = _Lists()
    races: list[str] = []
    folds: list[int | None] = []
    for file in files:
        before = len(lists.two)
        lists.take(file, f"{_race(file)}/")
        races += [_race(file)] * (len(lists.listing.names) - len(races))
        folds += _folds(lists.folds[before:], lists.mated[before:])
    _some(path, lists)
    lists.folds = folds
    roots = [path, path.parent] if path.is_dir() else list(path.parents[:4])
    paths = located(roots, lists.listing, lists.forms())
    lost = [race for race in RACES if race not in races]
    notes = (*(f"no list of {race} is there" for race in lost), "race was inferred: from a nationality, or by a classifier")
    return _protocol(f"RFW ({path.resolve().name})", "rfw", lists, paths, {"race": made.names(races)}, {"race": RACES}, notes)


def _folds(said: Sequence[int | None], mated: Sequence[bool]) -> list[int | None]:
    """Return each list's own folds: those of its header, else its tenths."""
    if None not in said and len(set(said)) > 1:
        return list(said)
    cut = made.tenths(mated)
    return [None] * len(said) if cut is None else [int(fold) for fold in cut]


def _protocol(
    name: str,
    format: str,
    lists: _Lists,
    paths: list[Path],
    groups: dict[str, Names],
    categories: dict[str, tuple[str, ...]] | None = None,
    notes: Iterable[str] = (),
) -> Protocol:
    subjects = lists.subjects()
    more = [] if subjects is not None else ["the list names no people: intervals take pairs for independent"]
    return Protocol(
        name=name, format=format, names=lists.listing.names, picture=reader(paths), aligned=are_crops(paths),
        template=np.arange(len(paths)), subjects=subjects,
        comparisons=made.comparisons(lists.two, lists.mated, lists.folds), groups=groups, categories=categories or {},
        notes=(*notes, *more),
    )  # fmt: skip


def _our_groups(file: Path, names: Sequence[str]) -> dict[str, Names]:
    """Return what images.csv of our export says of the pictures: sex, ancestry; {} where it is not there."""
    if not file.is_file():
        return {}
    said = {row["picture"].removeprefix("images/"): row for _, row in rows(file, ("picture", "sex", "ancestry"))}
    found = [said.get(name.rpartition(".")[0]) for name in names]
    return {key: made.names([None if row is None else row[key] for row in found]) for key in ("sex", "ancestry")}


def _some(path: Path, lists: _Lists) -> None:
    if not lists.two:
        raise DataError(f"{path}: holds no pair; give a list of pairs")


def _race(file: Path) -> str:
    head, _, kind = file.stem.rpartition("_")
    return head if file.suffix == ".txt" and kind == "pairs" and head in RACES else ""
