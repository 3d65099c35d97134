"""From raw strings to categories: the attributes of a set, and the faces that are collected under them."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path

import numpy as np
import pandas as pd

from facegen import guard
from facegen.audit.known import UNKNOWN
from facegen.audit.tables import Loaded
from facegen.errors import DataError, did_you_mean
from facegen.measures.coverage import Declared
from facegen.textfiles import Place

SOURCES = ("parameter", "self-reported", "annotated", "inferred")
MISSING = frozenset({"", "nan", "none", "null", "na", "n/a"})
"""Words that say nothing, in upper or lower case, where a set has no category of that name."""
DECADES = ("0-2", "3-9", "10-19", "20-29", "30-39", "40-49", "50-59", "60-69", "70+")
OLDEST = 120
MOST_ATTRIBUTES = 16
"""Of one set: its counts are an array with an axis for each, and numpy has 32."""


def years(band: str) -> tuple[int, int] | None:
    """Return first and last whole year of a band written '30-39' or '70+'; None where it is none."""
    found = re.fullmatch(r"(\d{1,3})(?:-(\d{1,3})|(\+))", band)
    if found is None:
        return None
    low, high = int(found[1]), OLDEST if found[3] else int(found[2])
    return (low, high) if low <= high else None


def number(raw: str) -> float | None:
    """Return the age that a raw string states as a plain number."""
    return float(raw) if re.fullmatch(r"\s*\d{1,3}(\.\d+)?\s*", raw) else None


@dataclass(frozen=True)
class Attribute:
    """One attribute: its categories in order, the raw words that mean each, and where its labels come from.

    `bands`: the raw value is an age in years, the categories are bands of it. `fold`: upper and lower case are one.
    `shares`: the target; None: even. Spaces around and doubled inside a raw word never count.
    """

    name: str
    source: str
    categories: tuple[str, ...]
    words: Mapping[str, str] = field(default_factory=dict)
    missing: frozenset[str] = MISSING
    bands: bool = False
    fold: bool = False
    shares: tuple[float, ...] | None = None

    def category(self, raw: str | None, place: Place, mend: str) -> str:
        """Return the category of a raw word, UNKNOWN where it says nothing and is no category (`none` may be one of glasses).
        Raises DataError where it was never declared."""
        word = " ".join((raw or "").split())
        silent = word.casefold() in self.missing
        if self.bands:
            return UNKNOWN if silent else self._band(word, place, mend)
        key = word.casefold() if self.fold else word
        found = self.words.get(key) or next((w for w in (word, key) if w in self.categories), None)
        if found is None:
            if silent:
                return UNKNOWN
            options = list(dict.fromkeys([*self.words, *self.categories]))
            raise DataError(f"{place}: {self.name} {did_you_mean(word, options)}; {mend}")
        return found

    def _band(self, word: str, place: Place, mend: str) -> str:
        age = number(word)
        if age is None:
            raise DataError(f"{place}: {self.name} '{word}' is not an age in years; {mend}")
        for band in self.categories:
            low, high = years(band) or (0, -1)
            if low <= age < high + 1:
                return band
        raise DataError(f"{place}: {self.name} {word} lies in none of {', '.join(self.categories)}; {mend}")


class Faces:
    """Collects one row a face. A face that is written twice with the same labels counts once, with others is refused."""

    def __init__(self, attributes: Sequence[Attribute], mend: str) -> None:
        self._attributes = tuple(attributes)
        self._mend = mend
        self._seen: dict[str, int] = {}
        self._rows: list[tuple[str, str, tuple[str, ...]]] = []
        self._places: list[Place] = []
        self._known: list[dict[str, str]] = [{} for _ in self._attributes]
        self._twice = self._more = 0
        self._repeat: list[int] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(
        self, image: str, identity: str | None, raw: Sequence[str | None], place: Place, times: int = 1, repeats: bool = False
    ) -> None:
        """Count a face `times` (images of a person that the file only counts); `identity` None: the image stands for itself.

        `repeats`: the file names a face many times by design (pairs), which is worth no note.
        """
        self.expect(times, place)
        texts = tuple("" if value is None else value for value in raw)
        for attribute, known, value in zip(self._attributes, self._known, texts, strict=True):
            if value not in known:
                known[value] = attribute.category(value, place, self._mend)
        row = (image, image if identity is None else identity, texts)
        before = self._seen.get(image)
        if before is None:
            self._seen[image] = len(self._rows)
            self._rows.append(row)
            self._places.append(place)
            self._repeat.append(times)
            self._more += times - 1
        elif self._rows[before] == row:
            self._twice += not repeats
        else:
            raise DataError(self._otherwise(image, before, row, place))

    def expect(self, more: int, place: Place) -> None:
        """Raise DataError where `more` faces beside those that are there are more than any set has."""
        if len(self._rows) + self._more + more > guard.FACES:
            raise DataError(f"{place}: {more} pictures here make more than {guard.FACES} in all; {self._mend}")

    def _otherwise(self, image: str, before: int, row: tuple[str, str, tuple[str, ...]], place: Place) -> str:
        old, first = self._rows[before], self._places[before]
        said = [f"'{b}' here, '{a}' there" for a, b in zip((old[1], *old[2]), (row[1], *row[2]), strict=True) if a != b]
        where = f"{first.word} {first.line}" if first.path == place.path else str(first)
        return f"{place}: '{image}' was labelled otherwise at {where} ({', '.join(said)}); keep one of them"

    def loaded(self, title: str, format: str, path: Path, identities: bool, notes: Sequence[str] = ()) -> Loaded:
        """Return what was collected. Raises DataError where that is nothing."""
        if not self._rows:
            raise DataError(f"{path}: holds no face; give the label file of the set")
        times = np.array(self._repeat)
        at = np.repeat(np.arange(len(times)), times)
        images = np.array([row[0] for row in self._rows], dtype=object)[at]
        if times.max() > 1 or times.min() < 1:
            images = _numbered(images, times)
        columns: dict[str, object] = {
            "image_id": images,
            "identity_id": np.array([row[1] for row in self._rows], dtype=object)[at] if identities else images,
        }
        more = list(notes)
        declared = []
        for i, (attribute, known) in enumerate(zip(self._attributes, self._known, strict=True)):
            raw = np.array([row[2][i] for row in self._rows], dtype=object)[at]
            words = np.array([known[row[2][i]] for row in self._rows], dtype=object)[at]
            columns |= {attribute.name: words, f"raw_{attribute.name}": raw}
            nothing = int((words == UNKNOWN).sum())
            if nothing:
                said = f"{nothing} of {len(words)} images have no value"
                more.append(f"{attribute.name}: {said}; they are counted apart as '{UNKNOWN}', target 0")
            declared.append(_shares(attribute, nothing > 0))
        if self._twice:
            more.append(f"{self._twice} rows repeat an image with the same labels; they are counted once")
        return Loaded(
            name=f"{title} ({path.resolve().name})" if title else path.resolve().name,
            format=format,
            path=path.resolve().name,
            labels=pd.DataFrame(columns),
            declared=crossed({a.name: shares for a, shares in zip(self._attributes, declared, strict=True)}),
            sources={attribute.name: attribute.source for attribute in self._attributes},
            has_identities=identities,
            notes=tuple(more),
        )


def _numbered(images: np.ndarray, times: np.ndarray) -> np.ndarray:
    number = np.concatenate([np.arange(n) for n in times]) if len(times) else np.array([], dtype=int)
    return np.array([f"{name}#{k + 1}" for name, k in zip(images, number, strict=True)], dtype=object)


def _shares(attribute: Attribute, unknown: bool) -> dict[str, float]:
    even = tuple(1 / len(attribute.categories) for _ in attribute.categories)
    shares = dict(zip(attribute.categories, attribute.shares or even, strict=True))
    return {**shares, UNKNOWN: 0.0} if unknown else shares


def crossed(shares: Mapping[str, Mapping[str, float]]) -> Declared:
    """Return the declaration whose attributes are independent of one another, with these target shares."""
    cells = math.prod(len(one) for one in shares.values())
    if cells > guard.CELLS or len(shares) > MOST_ATTRIBUTES:
        most = f"{MOST_ATTRIBUTES} attributes of {guard.CELLS} cells"
        raise DataError(f"{len(shares)} attributes make {cells} cells; name fewer, at most {most}")
    target = reduce(np.multiply.outer, [np.array(list(one.values())) for one in shares.values()])
    return Declared(tuple(shares), tuple(tuple(one) for one in shares.values()), np.asarray(target))


def nested(bands: Sequence[str]) -> bool:
    """Whether bands are written as years and no two of them share one."""
    limits = sorted(found for found in map(years, bands) if found is not None)
    return len(limits) == len(bands) and all(b[0] > a[1] for a, b in itertools.pairwise(limits))
