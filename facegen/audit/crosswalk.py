"""Laying the categories of several sets beside each other, by an explicit table (assets/population/crosswalk.json).

A category stands for atoms of an axis (for ages: years). Categories of the compared sets that share an atom are merged into one
common category, which therefore holds whole categories of every set: finer bands are merged where they nest, no face is moved.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import Field, ValidationError, model_validator

from facegen import guard
from facegen.audit.known import UNKNOWN
from facegen.audit.sets.words import DECADES, OLDEST, number, years
from facegen.audit.tables import Loaded
from facegen.errors import DataError
from facegen.resources import asset
from facegen.sample import Model
from facegen.spec.reading import one_line
from facegen.textfiles import text

TABLE = "population/crosswalk.json"
NOT_ALIGNED = "not_aligned"
"""A category that has no counterpart on the common axis; counted apart, like UNKNOWN."""
DEFAULT = "default"


class Entry(Model):
    """How one format (or `default`) stands on an axis. `to`: category -> atoms; left out: its categories are atoms.

    `not_made`: categories that no render can stand for, whatever they are laid beside.
    """

    attribute: str
    to: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    not_made: tuple[str, ...] = ()
    note: str = ""
    source: str = ""


class Axis(Model):
    about: str
    atoms: tuple[str, ...] = ()
    years: bool = False
    sets: dict[str, Entry]

    @model_validator(mode="after")
    def _meant(self) -> Axis:
        for format, entry in self.sets.items():
            strange = [atom for atoms in entry.to.values() for atom in atoms if atom not in self.atoms]
            if strange:
                raise ValueError(f"sets.{format}: '{strange[0]}' is no atom; atoms are {', '.join(self.atoms)}")
        return self

    def entry(self, loaded: Loaded) -> Entry | None:
        """Return how a set stands on this axis; None where it has no such attribute."""
        entry = self.sets.get(loaded.format, self.sets.get(DEFAULT))
        return entry if entry is not None and entry.attribute in loaded.declared.attributes else None

    def atoms_of(self, entry: Entry, category: str) -> tuple[str, ...]:
        """Return the atoms that a category stands for, years as text; () where it has no counterpart."""
        if self.years:
            band = years(category)
            return () if band is None else tuple(str(year) for year in range(band[0], band[1] + 1))
        return entry.to.get(category, ()) if entry.to else tuple(atom for atom in self.atoms if atom == category)


class Crosswalk(Model):
    about: str
    axes: dict[str, Axis]

    @classmethod
    def load(cls, path: Path | None = None) -> Crosswalk:
        """Read a crosswalk; None: the one of the installation. Raises DataError, one line."""
        path = asset(TABLE) if path is None else path
        try:
            return cls.model_validate(guard.parsed(text(path).encode()))
        except json.JSONDecodeError as error:
            raise DataError(f"{path}: line {error.lineno} is no JSON ({error.msg}); mend it there") from None
        except ValidationError as error:
            raise DataError(str(one_line(error, cls, str(path)))) from None
        except ValueError as error:
            raise DataError(f"{path}: is no crosswalk ({error}); mend it there") from None


@dataclass(frozen=True)
class Aligned:
    """Sets over their common attributes. `frames`: one a set, a column an attribute: common categories, UNKNOWN, NOT_ALIGNED."""

    categories: dict[str, tuple[str, ...]]
    frames: tuple[pd.DataFrame, ...]
    notes: tuple[str, ...]


def align(sets: Sequence[Loaded], names: Sequence[str], crosswalk: Crosswalk) -> Aligned:
    """Return the sets over every axis that all of them have. Raises DataError where there is none."""
    categories: dict[str, tuple[str, ...]] = {}
    columns: list[dict[str, pd.Series]] = [{} for _ in sets]
    notes: list[str] = []
    for name, axis in crosswalk.axes.items():
        entries = [entry for entry in map(axis.entry, sets) if entry is not None]
        if len(entries) < len(sets):
            continue
        maps = _bands(axis, entries, sets) if axis.years else _groups(axis, entries, sets)
        if not maps.order:
            continue
        categories[name] = maps.order
        for i, (loaded, entry, to) in enumerate(zip(sets, entries, maps.maps, strict=True)):
            columns[i][name] = _column(loaded, entry, to)
            notes += _notes(name, names[i], loaded, entry, to, columns[i][name])
    if not categories:
        held = "; ".join(f"{n} has {', '.join(s.declared.attributes)}" for n, s in zip(names, sets, strict=True))
        raise DataError(f"the sets have no attribute in common ({held}); give a --crosswalk that lays theirs beside each other")
    return Aligned(categories, tuple(pd.DataFrame(c) for c in columns), tuple(dict.fromkeys(notes)))


@dataclass(frozen=True)
class _Maps:
    """`order`: the common categories; `maps`: one a set, category (a year for sets of ages) -> common category."""

    order: tuple[str, ...]
    maps: tuple[Mapping[Any, str], ...]


def ages(loaded: Loaded, attribute: str) -> pd.Series | None:
    """Return the ages in whole years, -1 where unknown, of a set that states ages; None where it states bands."""
    raw = loaded.labels[f"raw_{attribute}"].astype(str)
    words = raw.unique()
    known = set(raw[loaded.labels[attribute].astype(str) != UNKNOWN].unique())
    values = {word: number(word) if word in known else -1.0 for word in words}
    return None if not known or any(value is None for value in values.values()) else raw.map(values).astype(int)


def _bands(axis: Axis, entries: Sequence[Entry], sets: Sequence[Loaded]) -> _Maps:
    """Ages join the bands of the sets that have bands only; where all state ages the bands are DECADES."""
    stated = [ages(loaded, entry.attribute) is not None for loaded, entry in zip(sets, entries, strict=True)]
    held = [_categories(loaded, entry) for loaded, entry in zip(sets, entries, strict=True)]
    fixed = [bands for bands, ages_known in zip(held, stated, strict=True) if not ages_known] or [list(DECADES)]
    limits = sorted(found for bands in fixed for found in map(years, bands) if found is not None)
    merged: list[tuple[int, int]] = []
    for low, high in limits:
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    of_year: dict[Any, str] = {
        year: f"{low}+" if high >= OLDEST else f"{low}-{high}" for low, high in merged for year in range(low, high + 1)
    }
    order = tuple(dict.fromkeys(of_year.values()))
    by_band = [{band: of_year[found[0]] for band in bands if (found := years(band)) and found[0] in of_year} for bands in held]
    return _Maps(order, tuple(of_year if s else bands for s, bands in zip(stated, by_band, strict=True)))


def _groups(axis: Axis, entries: Sequence[Entry], sets: Sequence[Loaded]) -> _Maps:
    stands = [
        {category: axis.atoms_of(entry, category) for category in _categories(loaded, entry)}
        for loaded, entry in zip(sets, entries, strict=True)
    ]
    root = {atom: atom for atom in axis.atoms}
    for one in stands:
        for atoms in one.values():
            for other in atoms[1:]:
                old, new = root[other], root[atoms[0]]
                root = {atom: new if r == old else r for atom, r in root.items()}
    used = {root[atom] for one in stands for atoms in one.values() for atom in atoms}
    members = {r: [atom for atom in axis.atoms if root[atom] == r] for r in dict.fromkeys(root.values()) if r in used}
    names = {r: " + ".join(atoms) for r, atoms in members.items()}
    maps = tuple({category: names[root[atoms[0]]] for category, atoms in one.items() if atoms} for one in stands)
    return _Maps(tuple(names.values()), maps)


def _categories(loaded: Loaded, entry: Entry) -> list[str]:
    return [c for c in loaded.declared.over([entry.attribute]).categories[0] if c != UNKNOWN]


def _column(loaded: Loaded, entry: Entry, to: Mapping[Any, str]) -> pd.Series:
    words = loaded.labels[entry.attribute].astype(str)
    years_known = all(isinstance(key, int) for key in to) and to
    stated = ages(loaded, entry.attribute) if years_known else None
    mapped = (words if stated is None else stated).map(to).fillna(NOT_ALIGNED)
    return mapped.where(words != UNKNOWN, UNKNOWN).reset_index(drop=True)


def _notes(axis: str, name: str, loaded: Loaded, entry: Entry, to: Mapping[Any, str], column: pd.Series) -> list[str]:
    said = [f"{axis}: {name} ({loaded.sources.get(entry.attribute, 'unknown source')}): {entry.note}"] if entry.note else []
    for common in dict.fromkeys(to.values()):
        held = [str(key) for key, value in to.items() if value == common and isinstance(key, str)]
        if held and held != [common]:
            said.append(f"{axis}: '{common}' holds {', '.join(held)} of {name}")
    for word, why in ((UNKNOWN, "no value"), (NOT_ALIGNED, "a category without counterpart")):
        count = int((column == word).sum())
        if count:
            said.append(f"{axis}: {count} of {len(column)} records of {name} have {why}; they are counted apart")
    return said
