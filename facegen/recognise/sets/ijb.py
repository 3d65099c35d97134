"""Templates as IJB-B and IJB-C are handed on: `meta/*_face_tid_mid.txt` (picture, template, medium), pairs of templates, and
lists of gallery and probe (Whitelam et al., CVPRW 2017; Maze et al., ICB 2018; the layout is InsightFace's)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegen.errors import DataError
from facegen.geometry import align
from facegen.recognise.protocol import Comparisons, Pixels, Protocol, Search
from facegen.recognise.sets import made
from facegen.recognise.sets.pictures import Listing, are_crops, list_of, located, reader
from facegen.textfiles import Place, lines, rows, whole

FACES, PAIRS, POINTS = "*_face_tid_mid.txt", "*_template_pair_label.txt", "*_name_5pts_score.txt"
GALLERIES, PROBES = "*_1N_gallery_*.csv", "*_1N_probe_*.csv"
COLUMNS = ("TEMPLATE_ID", "SUBJECT_ID")
MEND = "mend that line, or copy the file again"


@dataclass
class _Templates:
    number: dict[int, int] = field(default_factory=dict)
    subject: dict[int, str] = field(default_factory=dict)

    def at(self, tid: int, place: Place) -> int:
        """Return the place of a template. Raises DataError for one that no picture belongs to."""
        if tid not in self.number:
            raise DataError(f"{place}: template {tid} has no picture in the list of faces; {MEND}")
        return self.number[tid]


def found(path: Path) -> list[Path]:
    """Return the list of faces at `path`: the folder of the set, its meta/, or the file."""
    if path.is_file():
        return [path] if path.name.endswith(FACES[1:]) else []
    return [*sorted(path.glob(FACES)), *sorted(path.glob("meta/" + FACES))][:1]


def read(path: Path) -> Protocol:
    """Return the templates with the listed pairs and searches. Crops are cut by the five points where a list of them is there."""
    file = list_of(path, found(path), (FACES, "meta/" + FACES))
    listing, template, media, known = _faces(file)
    pairs, searches = _one(file.parent, PAIRS), _searches(file.parent, known)
    if pairs is None and not searches:
        raise DataError(f"{file.parent}: holds neither {PAIRS} nor gallery and probe lists; put them beside {file.name}")
    paths = located([file.parent, file.parent.parent], listing)
    points = _one(file.parent, POINTS)
    given = None if points is None else _points(points, listing)
    subjects = [known.subject.get(at) for at in range(len(known.number))]
    whole_told = None not in subjects
    if searches and not whole_told:
        raise DataError(f"{file}: {subjects.count(None)} templates are in no gallery or probe list; copy the lists again")
    notes = [] if whole_told else ["the lists name no subjects: intervals take pairs for independent"]
    notes += [f"crops are cut by the five points of {points.name}"] if points is not None else []
    picture = reader(paths)
    return Protocol(
        name=file.name.removesuffix(FACES[1:]), format="ijb", names=listing.names,
        picture=picture if given is None else _cut(picture, given), aligned=given is not None or are_crops(paths),
        template=np.array(template), media=np.array(media), subjects=made.names(subjects) if whole_told else None,
        comparisons=None if pairs is None else _pairs(pairs, known, subjects), searches=tuple(searches), notes=tuple(notes),
    )  # fmt: skip


def _faces(file: Path) -> tuple[Listing, list[int], list[int], _Templates]:
    listing, known = Listing(), _Templates()
    template: list[int] = []
    media: list[int] = []
    for place, line in lines(file):
        fields = line.split()
        if len(fields) != 3 or whole(fields[1]) is None or whole(fields[2]) is None:
            raise DataError(f"{place}: '{line.strip()}' is not 'picture template medium'; {MEND}")
        if listing.add(fields[0], place) < len(template):
            raise DataError(f"{place}: picture '{fields[0]}' is listed twice; {MEND}")
        template.append(known.number.setdefault(int(fields[1]), len(known.number)))
        media.append(int(fields[2]))
    if not template:
        raise DataError(f"{file}: holds no picture; copy the file again")
    return listing, template, media, known


def _pairs(file: Path, known: _Templates, subjects: list[str | None]) -> Comparisons:
    two, mated = [], []
    for place, line in lines(file):
        fields = line.split()
        if len(fields) != 3 or None in [whole(f) for f in fields] or fields[2] not in ("0", "1"):
            raise DataError(f"{place}: '{line.strip()}' is not 'template template 0|1'; {MEND}")
        a, b = (known.at(int(tid), place) for tid in fields[:2])
        same = fields[2] == "1"
        if None not in (subjects[a], subjects[b]) and same != (subjects[a] == subjects[b]):
            raise DataError(f"{place}: label {fields[2]} for subjects {subjects[a]} and {subjects[b]}; {MEND}")
        two.append((a, b))
        mated.append(same)
    if not two:
        raise DataError(f"{file}: holds no pair; copy the file again")
    return made.comparisons(two, mated)


def _searches(folder: Path, known: _Templates) -> list[Search]:
    """Return a search for each list of probes and each gallery."""
    galleries = {f.stem.rpartition("_")[2]: _listed(f, known) for f in sorted(folder.glob(GALLERIES))}
    probes = {f.stem.rpartition("_")[2]: _listed(f, known) for f in sorted(folder.glob(PROBES))}
    if bool(galleries) != bool(probes):
        there, lost = ("galleries", PROBES) if galleries else ("probes", GALLERIES)
        raise DataError(f"{folder}: holds {there} but no {lost}; put both beside the list of faces")
    for name, places in galleries.items():
        held = [known.subject[int(at)] for at in places]
        if len(set(held)) < len(held):
            raise DataError(f"{folder}: gallery {name} holds a subject twice; copy its list again")
    pairs = [(g, p) for p in probes for g in galleries]
    return [Search(f"gallery {g}, probes {p}", galleries[g], probes[p]) for g, p in pairs]


def _listed(file: Path, known: _Templates) -> NDArray[np.int64]:
    places: dict[int, None] = {}
    for place, row in rows(file, COLUMNS):
        tid = whole(row["TEMPLATE_ID"].strip())
        if tid is None or not row["SUBJECT_ID"].strip():
            raise DataError(f"{place}: TEMPLATE_ID '{row['TEMPLATE_ID']}', SUBJECT_ID '{row['SUBJECT_ID']}' are no ids; {MEND}")
        at = known.at(tid, place)
        if known.subject.setdefault(at, row["SUBJECT_ID"].strip()) != row["SUBJECT_ID"].strip():
            raise DataError(f"{place}: template {tid} is of subject {known.subject[at]} elsewhere; {MEND}")
        places[at] = None
    return np.array(list(places), np.int64)


def _points(file: Path, listing: Listing) -> NDArray[np.float64]:
    """Return the five points (N, 5, 2) of every picture, label pixels; the file counts from the middle of the first pixel."""
    number = {name: at for at, name in enumerate(listing.names)}
    out = np.full((len(number), 5, 2), np.nan)
    for place, line in lines(file):
        fields = line.split()
        try:
            values = np.array(fields[1:11], np.float64)
        except ValueError:
            values = np.zeros(0)
        if len(fields) not in (11, 12) or len(values) != 10 or not np.isfinite(values).all():
            raise DataError(f"{place}: '{line.strip()[:60]}' is not 'picture x y x y x y x y x y score'; {MEND}")
        if fields[0] in number:
            out[number[fields[0]]] = align.to_corner(values.reshape(5, 2))
    lost = np.isnan(out).any(axis=(1, 2))
    if lost.any():
        at = int(np.flatnonzero(lost)[0])
        raise DataError(f"{file}: has no points for '{listing.names[at]}' ({lost.sum()} pictures); copy the file again")
    return out


def _cut(picture: Callable[[int], Pixels], points: NDArray[np.float64]) -> Callable[[int], Pixels]:
    def crop(number: int) -> Pixels:
        return align.warp(picture(number), align.arcface_matrix(points[number]), align.ARCFACE_SIZE)

    return crop


def _one(folder: Path, pattern: str) -> Path | None:
    return next(iter(sorted(folder.glob(pattern))), None)
