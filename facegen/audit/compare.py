"""Sets beside each other: shares over common attributes, distances, and whom only one of them covers."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facegen import rng
from facegen.audit.crosswalk import NOT_ALIGNED, Aligned, Crosswalk, align
from facegen.audit.known import UNKNOWN
from facegen.audit.tables import Loaded, audit
from facegen.errors import RequestError
from facegen.measures import balance
from facegen.measures.homogeneity import DEFINITIONS, Clusters, effect, homogeneity, share_intervals, tv_interval
from facegen.measures.intervals import wilson
from facegen.measures.permutation import holm

COMPARE_VERSION = 1
TAU = 30
ROUNDS = 1000
SEED = 0
MAX_CELLS = 50_000
"""The joint distribution of the common attributes is compared where it has at most so many cells."""


def compare(sets: Sequence[Loaded], crosswalk: Crosswalk | None = None, tau: int = TAU) -> dict[str, Any]:
    """Return the compare document of two or more sets. Raises DataError where they have no attribute in common."""
    if len(sets) < 2:
        raise RequestError("a comparison needs two sets or more; name another one")
    names = _names(sets)
    aligned = align(sets, names, Crosswalk.load() if crosswalk is None else crosswalk)
    people = [s.labels["identity_id"].reset_index(drop=True) if s.has_identities else None for s in sets]
    documents = [{**audit(loaded), "name": name} for loaded, name in zip(sets, names, strict=True)]
    return {
        "compare_version": COMPARE_VERSION,
        "sets": documents,
        "attributes": list(aligned.categories),
        "mapping": list(aligned.notes),
        "level": "image",
        "tau": tau,
        "distances": _distances(aligned, names, people),
        "unique": _unique(aligned, names, tau),
        "side_by_side": _side_by_side(aligned, names, people),
        "apart": _apart(aligned, names),
        "definitions": DEFINITIONS,
    }


def _names(sets: Sequence[Loaded]) -> list[str]:
    """Return a name for each set, numbered where two are called the same."""
    names: list[str] = []
    for loaded in sets:
        before = sum(other.name == loaded.name for other in sets[: len(names)])
        names.append(f"{loaded.name} #{before + 1}" if before else loaded.name)
    return names


def _clusters(
    frame: pd.DataFrame, categories: Mapping[str, Sequence[str]], over: Sequence[str], people: pd.Series | None
) -> Clusters:
    """Count the records whose `over` are all known, crossed, in their people."""
    code, known, size = np.zeros(len(frame), dtype=np.int64), np.ones(len(frame), dtype=bool), 1
    for name in over:
        at = frame[name].map({word: i for i, word in enumerate(categories[name])})
        known &= at.notna().to_numpy()
        code = code * len(categories[name]) + at.fillna(0).to_numpy(dtype=np.int64)
        size *= len(categories[name])
    return Clusters.of(code[known], size, None if people is None else people.to_numpy()[known])


def _distances(aligned: Aligned, names: Sequence[str], people: Sequence[pd.Series | None]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    tested: list[float] = []
    overs: list[tuple[str, ...]] = [(name,) for name in aligned.categories]
    if len(overs) > 1 and np.prod([len(words) for words in aligned.categories.values()]) <= MAX_CELLS:
        overs.append(tuple(aligned.categories))
    for over in overs:
        counted = [_clusters(f, aligned.categories, over, who) for f, who in zip(aligned.frames, people, strict=True)]
        for i, j in itertools.combinations(range(len(names)), 2):
            a, b = counted[i], counted[j]
            if a.counts.sum() == 0 or b.counts.sum() == 0:
                continue
            attribute = " x ".join(over)
            stream = rng.stream(f"audit.compare.{names[i]}.{names[j]}.{attribute}", seed=SEED)
            tested.append(homogeneity(a, b, ROUNDS, stream))
            found.append({
                "a": names[i],
                "b": names[j],
                "attribute": attribute,
                "tv": _round(balance.total_variation(a.counts, b.counts)),
                "js": _round(balance.jensen_shannon(a.counts, b.counts)),
                "effect": _round(effect(a.counts, b.counts)),
                "chi2_p": _p(tested[-1]),
                "interval": [_round(x) for x in tv_interval(a, b, ROUNDS, stream)],
            })  # fmt: skip
    return [{**one, "p_holm": _p(p)} for one, p in zip(found, holm(dict(enumerate(tested))).values(), strict=True)]


def _side_by_side(aligned: Aligned, names: Sequence[str], people: Sequence[pd.Series | None]) -> dict[str, Any]:
    """Return count, share of the records with a known category, and its interval: Wilson, or over people drawn anew."""
    out: dict[str, Any] = {}
    for attribute, words in aligned.categories.items():
        table: dict[str, dict[str, Any]] = {word: {} for word in words}
        for name, frame, who in zip(names, aligned.frames, people, strict=True):
            counted = _clusters(frame, aligned.categories, [attribute], who)
            counts = counted.counts
            total = int(counts.sum())
            stream = rng.stream(f"audit.share.{name}.{attribute}", seed=SEED)
            if total == 0:
                limits = [(0.0, 1.0)] * len(words)
            elif who is None:
                limits = [wilson(int(k), total) for k in counts]
            else:
                limits = share_intervals(counted, ROUNDS, stream)
            for word, count, (low, high) in zip(words, counts, limits, strict=True):
                share = _round(count / total) if total else None
                table[word][name] = {"count": int(count), "share": share, "interval": [_round(low), _round(high)]}
        out[attribute] = table
    return out


def _apart(aligned: Aligned, names: Sequence[str]) -> dict[str, Any]:
    """Return how many records of each set have no value, or a category without counterpart; in no share above."""
    return {
        attribute: {
            name: {word: int((frame[attribute] == word).sum()) for word in (UNKNOWN, NOT_ALIGNED)}
            for name, frame in zip(names, aligned.frames, strict=True)
        }
        for attribute in aligned.categories
    }


def _unique(aligned: Aligned, names: Sequence[str], tau: int) -> list[dict[str, Any]]:
    """Return the patterns that one set covers at `tau` and no other does: the most general ones, the largest first.

    A pattern that only adds to a listed one what its set covers as well is left out: it follows.
    """
    tables = [_table(frame, aligned.categories) for frame in aligned.frames]
    attributes = list(aligned.categories)
    found: list[dict[str, Any]] = []
    alone: set[tuple[int, tuple[tuple[int, int], ...]]] = set()
    for depth in range(1, len(attributes) + 1):
        for fixed in itertools.combinations(range(len(attributes)), depth):
            drop = tuple(a for a in range(len(attributes)) if a not in fixed)
            margins = np.stack([table.sum(axis=drop) for table in tables])
            inner = margins[(slice(None), *(slice(0, len(aligned.categories[attributes[a]])) for a in fixed))]
            covered = inner >= tau
            for place in np.argwhere(covered.sum(axis=0) == 1):
                one = int(np.argmax(covered[(slice(None), *place)]))
                pattern = tuple(zip(fixed, (int(i) for i in place), strict=True))
                general = any((one, part) in alone for k in range(1, depth) for part in itertools.combinations(pattern, k))
                alone.add((one, pattern))
                if not general:
                    words = {attributes[a]: aligned.categories[attributes[a]][i] for a, i in pattern}
                    found.append({"set": names[one], "pattern": words, "count": int(inner[(one, *place)])})
    return sorted(found, key=lambda entry: (names.index(entry["set"]), len(entry["pattern"]), -entry["count"]))


def _table(frame: pd.DataFrame, categories: Mapping[str, Sequence[str]]) -> NDArray[np.int64]:
    """Return the full count table; the last place of each axis holds what is unknown or not aligned."""
    counts = np.zeros([len(words) + 1 for words in categories.values()], dtype=np.int64)
    places = [
        frame[name].map({word: i for i, word in enumerate(words)}).fillna(len(words)).to_numpy(dtype=np.int64)
        for name, words in categories.items()
    ]
    np.add.at(counts, tuple(places), 1)
    return counts


def _round(value: float) -> float:
    return round(float(value), 6)


def _p(value: float) -> float:
    """Small p-values keep three digits."""
    return float(f"{value:.3g}")
