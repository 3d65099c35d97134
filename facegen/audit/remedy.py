"""A spec whose renders fill the holes of a set: the groups that fewer than tau of its records belong to."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import yaml

from facegen.audit.crosswalk import Crosswalk, Entry
from facegen.audit.known import UNKNOWN
from facegen.audit.sets.words import years
from facegen.audit.tables import Loaded
from facegen.errors import RequestError, did_you_mean, page, shown
from facegen.measures import coverage
from facegen.measures.patterns import Pattern, cover
from facegen.resources import asset_json
from facegen.spec import names
from facegen.spec.population import ADULT, BALANCEABLE, OLDEST, YOUNGEST

TAU = 30
MADE_AS = {"sex": "sex", "age_band": "age_band", "appearance_group": "ancestry", "skin_monk": "skin_monk"}
"""Axis of the crosswalk -> attribute of a spec."""
MAX_IDENTITIES = 999_999
MAX_CELLS = 100_000
DAY = "2026-01-01"
"""A spec names a day and nothing reads a clock: this one is written, and may be changed."""


@dataclass(frozen=True)
class Remedy:
    """`holes`: groups of `depth` attributes with fewer than `tau` images; `cells`: words of a spec -> people to render; `spec`:
    None where there is nothing to render; `notes`: what is not made, and what is made as something else."""

    attributes: tuple[str, ...]
    tau: int
    depth: int
    holes: int
    cells: dict[tuple[tuple[str, str], ...], int]
    spec: dict[str, Any] | None
    notes: tuple[str, ...]

    @property
    def people(self) -> int:
        return sum(self.cells.values())


@dataclass(frozen=True)
class _Words:
    """How one attribute of the set is asked for: attribute of the spec, category -> words (several share the people), why not."""

    attribute: str
    made: dict[str, tuple[str, ...]]
    barred: dict[str, str]
    notes: tuple[str, ...] = ()


def remedy(
    loaded: Loaded,
    tau: int = TAU,
    attributes: Sequence[str] = (),
    depth: int | None = None,
    children: bool = False,
    crosswalk: Crosswalk | None = None,
) -> Remedy:
    """Return what to render so that every group given by up to `depth` of `attributes` has `tau` images.

    attributes (): all that a spec has; depth None: all of them at once, so that another audit finds no hole among them. One image
    each of as many new people. Raises RequestError for an attribute that the set, or a spec, has not.
    """
    if not 1 <= tau <= MAX_IDENTITIES:
        raise RequestError(f"--tau {shown(tau)} is not 1 to {MAX_IDENTITIES}, the people that a spec may have; change it")
    table = Crosswalk.load() if crosswalk is None else crosswalk
    known = {name: _words(loaded, name, table, children) for name in loaded.declared.attributes}
    wanted, notes = _chosen(loaded, attributes, known)
    over = loaded.declared.over(wanted)
    size = math.prod(len(c) for c in over.categories)
    if size > MAX_CELLS:
        raise RequestError(
            f"{size} cells of {', '.join(over.attributes)} are more than {MAX_CELLS}; choose fewer with --attributes"
        )
    words = [known[name] for name in over.attributes]
    assert all(isinstance(one, _Words) for one in words)
    can = [one for one in words if isinstance(one, _Words)]
    deep = len(can) if depth is None else min(depth, len(can))
    holes, added, barred = _holes(loaded, over, can, tau, deep)
    cells = _cells(over.attributes, can, added)
    notes += [note for one in can for note in one.notes] + barred
    if sum(cells.values()) > MAX_IDENTITIES:
        raise RequestError(
            f"{sum(cells.values())} people are more than a spec's {MAX_IDENTITIES}; lower --tau, or choose attributes"
        )
    spec = _spec(loaded.name, cells) if cells else None
    return Remedy(over.attributes, tau, deep, holes, cells, spec, tuple(dict.fromkeys(notes)))


def text(found: Remedy, name: str) -> str:
    """Return the spec as YAML, with what it is and what it leaves out above it."""
    about = [
        f"Fills the holes of {name}: one image each of {found.people} people, so that every group that is given by up to",
        f"{found.depth} of {', '.join(found.attributes)}, and can be made, has {found.tau} images.",
        *found.notes,
    ]
    comment = page(f"# {line}" for line in about)  # a line end in a name would write the spec
    return comment + yaml.dump(found.spec, Dumper=_Plain, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)


class _Plain(yaml.SafeDumper):
    """A spec may hold no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _chosen(loaded: Loaded, asked: Sequence[str], known: Mapping[str, _Words | str]) -> tuple[list[str], list[str]]:
    for name in asked:
        if name not in known:
            raise RequestError(f"--attributes: {did_you_mean(name, known)}")
        if isinstance(known[name], str):
            raise RequestError(f"--attributes: '{name}' {known[name]}; leave it out")
    chosen = [name for name in known if (name in asked if asked else not isinstance(known[name], str))]
    if not chosen:
        raise RequestError(f"{loaded.name}: none of its attributes ({', '.join(known)}) can be asked for in a spec")
    return chosen, [] if asked else [f"{name}: {why}; it is left out" for name, why in known.items() if isinstance(why, str)]


def _words(loaded: Loaded, name: str, crosswalk: Crosswalk, children: bool) -> _Words | str:
    """Return how the categories of an attribute are asked for in a spec, or why it cannot be."""
    categories = [c for c in loaded.declared.over([name]).categories[0] if c != UNKNOWN]
    if loaded.format == "facegen" and name in BALANCEABLE and name not in MADE_AS.values():
        return _Words(name, {c: (c,) for c in categories}, {})
    for axis_name, axis in crosswalk.axes.items():
        entry = axis.entry(loaded)
        if entry is None or entry.attribute != name or axis_name not in MADE_AS:
            continue
        if axis.years:
            return _ages(name, categories, children)
        return _presets(MADE_AS[axis_name], name, entry, {c: axis.atoms_of(entry, c) for c in categories})
    return "cannot be asked for in a spec"


def _ages(name: str, categories: Sequence[str], children: bool) -> _Words:
    made: dict[str, tuple[str, ...]] = {}
    barred, notes = {}, []
    youngest = YOUNGEST if children else ADULT
    for category in categories:
        band = years(category)
        if band is None:
            barred[category] = "is no band of years"
            continue
        low, high = max(band[0], youngest), min(band[1], OLDEST)
        if low > high:
            child = not children and max(band[0], YOUNGEST) <= min(band[1], OLDEST)
            barred[category] = (
                "holds children; ask for them with --children" if child else f"lies outside {YOUNGEST} to {OLDEST} years"
            )
            continue
        made[category] = (f"{low}-{high}",)
        if (low, high) != band and f"{low}-{high}" != category:
            notes.append(f"{name} '{category}' is made as {low}-{high}")
    return _Words("age_band", made, barred, tuple(notes))


def _presets(attribute: str, name: str, entry: Entry, atoms: Mapping[str, tuple[str, ...]]) -> _Words:
    allowed = {"sex": names.SEXES, "ancestry": names.ancestries(), "skin_monk": names.TONES}[attribute]
    made, barred = {}, {}
    for category, stands in atoms.items():
        words = tuple(atom for atom in stands if atom in allowed)
        if category in entry.not_made:
            barred[category] = "is nothing that a render can stand for"
        elif not words:
            barred[category] = "has no counterpart among the words of a spec"
        else:
            made[category] = words
    others = [f"{category} as {' and '.join(words)}" for category, words in made.items() if words != (category,)]
    about = "; these are appearance presets, no ethnicities" if attribute == "ancestry" else ""
    return _Words(attribute, made, barred, (f"{name} is made: {', '.join(others)}{about}",) if others else ())


def _holes(
    loaded: Loaded, over: coverage.Declared, words: Sequence[_Words], tau: int, depth: int
) -> tuple[int, list[Pattern], list[str]]:
    """Return the number of groups of `depth` attributes below tau, what to add to which cells, and what is said of what stays.

    Groups of fewer attributes are unions of these and need not be looked at.
    """
    counts = coverage.cross(loaded.labels, over)
    can = [np.array([c in one.made for c in categories]) for one, categories in zip(words, over.categories, strict=True)]
    allowed = (over.target > 0) & reduce(np.logical_and.outer, can)
    open_ = []
    for fixed in itertools.combinations(range(counts.ndim), depth):
        drop = tuple(i for i in range(counts.ndim) if i not in fixed)
        margin, wanted = counts.sum(axis=drop), over.target.sum(axis=drop) > 0
        for place in np.argwhere((margin < tau) & wanted):
            at = dict(zip(fixed, (int(i) for i in place), strict=True))
            values = tuple(names[at[i]] if i in at else None for i, names in enumerate(over.categories))
            open_.append(Pattern(values, int(margin[tuple(place)])))
    stay = [p for p in open_ if not allowed[_at(p, over)].any()]
    barred = []
    for i, (name, one) in enumerate(zip(over.attributes, words, strict=True)):
        for category, why in one.barred.items():
            needing = sum(p.values[i] == category for p in stay)
            if needing:
                said = "1 group stays" if needing == 1 else f"{needing} groups stay"
                barred.append(f"NOT MADE: {name} '{category}' {why}: {said} below {tau}")
    return len(open_), cover(open_, over.categories, tau, allowed).cells, barred


def _at(pattern: Pattern, over: coverage.Declared) -> tuple[slice | int, ...]:
    return tuple(slice(None) if v is None else c.index(v) for v, c in zip(pattern.values, over.categories, strict=True))


def _cells(
    attributes: Sequence[str], words: Sequence[_Words], added: Sequence[Pattern]
) -> dict[tuple[tuple[str, str], ...], int]:
    """Return people by words of the spec; those of a category that several words stand for are dealt out among them in turn.

    A tone without an ancestry is given to the presets that reach it.
    """
    cells: Counter[tuple[tuple[str, str], ...]] = Counter()
    for pattern in added:
        options = [
            [(one.attribute, word) for word in one.made[str(value)]] for one, value in zip(words, pattern.values, strict=True)
        ]
        tones = [one for one, value in zip(words, pattern.values, strict=True) if one.attribute == "skin_monk"]
        if tones and all(one.attribute != "ancestry" for one in words):
            tone = int(pattern.values[list(words).index(tones[0])] or 0)
            options.append([("ancestry", preset) for preset in _reaching(tone)])
        places = list(itertools.product(*options))
        share, rest = divmod(pattern.count, len(places))
        for i, place in enumerate(places):
            cells[place] += share + (i < rest)
    return {place: count for place, count in sorted(cells.items(), key=_order) if count}


def _reaching(tone: int) -> list[str]:
    presets = asset_json("population/ancestry.json")["presets"]
    return [name for name, preset in presets.items() if preset["skin_monk"][0] <= tone <= preset["skin_monk"][1]]


def _spec(name: str, cells: Mapping[tuple[tuple[str, str], ...], int]) -> dict[str, Any]:
    """Return the spec: an even cross where the cells are one with as many people in each, else a design with a quota a cell."""
    words = {attribute: sorted({dict(place)[attribute] for place in cells}, key=_natural) for attribute, _ in next(iter(cells))}
    population: dict[str, Any] = {attribute: one[0] if len(one) == 1 else one for attribute, one in words.items()}
    several = [attribute for attribute, one in words.items() if len(one) > 1]
    if any(int(band.split("-")[0]) < ADULT for band in words.get("age_band", [])):
        population["children"] = True
    if len(cells) == math.prod(len(one) for one in words.values()) and len(set(cells.values())) == 1:
        population["balance"] = several
    else:
        quotas = [{"where": {a: w for a, w in place if a in several}, "count": count} for place, count in cells.items()]
        population["design"] = {"attributes": several, "quotas": quotas}
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return {
        "name": f"remedy_{slug}"[:64],
        "seed": 1,
        "date": DAY,
        "identities": sum(cells.values()),
        "images_per_identity": 1,
        "population": population,
    }


def _order(cell: tuple[tuple[tuple[str, str], ...], int]) -> list[tuple[int, str]]:
    return [_natural(word) for _, word in cell[0]]


def _natural(word: str) -> tuple[int, str]:
    found = re.match(r"\d+", word)
    return (int(found[0]) if found else -1, word)
