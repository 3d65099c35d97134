"""Coverage tables: what was declared, what is there, how even it is, and what is missing."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facegen.measures import balance, patterns
from facegen.measures.association import cramers_v

TAUS = (1, 30, 100)
"""Least numbers of records that a group should have: present at all, thirty for a rate within 30%, a hundred for a fit."""
MOST_CELLS = 200_000
"""The full table of more declared cells is refused: it would be empty almost everywhere, and fill the memory."""


@dataclass(frozen=True)
class Declared:
    """Attributes, the categories of each in order, and the target share of every cell: `target` (len(c) for c in categories)."""

    attributes: tuple[str, ...]
    categories: tuple[tuple[str, ...], ...]
    target: NDArray[np.float64]

    def over(self, attributes: Sequence[str]) -> Declared:
        """Return the marginal over `attributes`, in the order of this declaration."""
        keep = [i for i, name in enumerate(self.attributes) if name in attributes]
        drop = tuple(i for i in range(len(self.attributes)) if i not in keep)
        return Declared(
            tuple(self.attributes[i] for i in keep), tuple(self.categories[i] for i in keep), self.target.sum(axis=drop)
        )


def described(declared: Declared) -> dict[str, Any]:
    """Return the declaration as documents hold it: attributes in order, target share of each category."""
    return {
        "attributes": list(declared.attributes),
        "target_shares": {
            name: {word: round(float(s), 8) for word, s in zip(words, declared.over([name]).target, strict=True)}
            for name, words in zip(declared.attributes, declared.categories, strict=True)
        },
    }


def cross(frame: pd.DataFrame, declared: Declared) -> NDArray[np.int64]:
    """Return the full count table of `frame` over the declared categories; ValueError where a value was never declared."""
    shape = declared.target.shape
    if declared.target.size > MOST_CELLS:
        raise ValueError(
            f"{' x '.join(declared.attributes)} has {declared.target.size} cells, at most {MOST_CELLS} are crossed; declare fewer"
        )
    place = np.zeros(len(frame), dtype=np.int64)
    for name, names in zip(declared.attributes, declared.categories, strict=True):
        place = place * len(names) + coded(frame, name, names)
    return np.bincount(place, minlength=declared.target.size).reshape(shape)


def coded(frame: pd.DataFrame, name: str, names: Sequence[str]) -> NDArray[np.int64]:
    """Return (N,) places of the values of column `name` among the declared `names`; ValueError where one was never declared."""
    values, found = pd.factorize(frame[name])
    order = {category: i for i, category in enumerate(names)}
    unknown = [str(value) for value in found if str(value) not in order]
    if unknown or (values < 0).any():
        word = unknown[0] if unknown else "(nothing)"
        raise ValueError(f"{name} '{word}' was not declared; declared are {', '.join(names)}")
    return np.array([order[str(value)] for value in found], dtype=np.int64)[values] if len(values) else values.astype(np.int64)


def level(frame: pd.DataFrame, declared: Declared, taus: Iterable[int] = TAUS) -> dict[str, Any]:
    """Return the tables of one level (identities, sittings or images): marginals to full intersection, uncovered patterns."""
    counts = cross(frame, declared)
    out: dict[str, Any] = {"records": int(counts.sum()), "attributes": list(declared.attributes), "marginals": {}, "pairs": {}}
    for name in declared.attributes:
        out["marginals"][name] = _marginal(counts, declared, name)
    for pair in itertools.combinations(declared.attributes, 2):
        out["pairs"][" x ".join(pair)] = _pair(counts, declared, pair)
    cells = [
        {**dict(zip(declared.attributes, words, strict=True)), "count": int(count), "target": round(float(share), 8)}
        for words, count, share in zip(
            itertools.product(*declared.categories), counts.ravel(), declared.target.ravel(), strict=True
        )
    ]
    out["intersection"] = {"cells": cells, "measures": _measured(counts, declared.target)}
    out["triples"] = {
        " x ".join(three): _triple(counts, declared, three) for three in itertools.combinations(declared.attributes, 3)
    }
    out["uncovered"] = {str(tau): uncovered(counts, declared, tau) for tau in taus}
    return out


def _marginal(counts: NDArray[np.int64], declared: Declared, name: str) -> dict[str, Any]:
    one = declared.over([name])
    values = _summed(counts, declared, [name])
    return {
        "counts": dict(zip(one.categories[0], values.tolist(), strict=True)),
        "target": {category: round(float(share), 8) for category, share in zip(one.categories[0], one.target, strict=True)},
        "measures": balance.summary(values, one.target),
    }


def _pair(counts: NDArray[np.int64], declared: Declared, pair: Sequence[str]) -> dict[str, Any]:
    two, values = declared.over(pair), _summed(counts, declared, pair)
    plain, corrected = cramers_v(values)
    rows, columns = two.categories
    return {
        "counts": {row: dict(zip(columns, line, strict=True)) for row, line in zip(rows, values.tolist(), strict=True)},
        "measures": _measured(values, two.target),
        "cramers_v": round(plain, 6),
        "cramers_v_corrected": round(corrected, 6),
    }


def _triple(counts: NDArray[np.int64], declared: Declared, three: Sequence[str]) -> dict[str, Any]:
    target = declared.over(three).target
    found = _summed(counts, declared, three)
    values = found[target > 0]
    return {
        "declared_cells": int(values.size),
        "empty": int((values == 0).sum()),
        "smallest": int(values.min()),
        "largest": int(values.max()),
        "measures": _measured(found, target),
    }


def _measured(counts: NDArray[np.int64], target: NDArray[np.float64]) -> dict[str, float | int | None]:
    """Return the measures over the cells that are declared (target above 0) or, though not declared, occur."""
    cells = (target > 0) | (counts > 0)
    return balance.summary(counts[cells], target[cells])


def _summed(counts: NDArray[np.int64], declared: Declared, names: Sequence[str]) -> NDArray[np.int64]:
    return counts.sum(axis=tuple(i for i, name in enumerate(declared.attributes) if name not in names))


def uncovered(counts: NDArray[np.int64], declared: Declared, tau: int) -> dict[str, Any]:
    """Return the maximal uncovered patterns at `tau` and the records that cover them (patterns.cover).

    Patterns that the declaration itself leaves empty stand apart, and no record is added to a cell of target 0.
    """
    found = patterns.uncovered_patterns(counts, declared.categories, tau)
    shares = [float(declared.target[at].sum()) for at in patterns.slices(found, declared.categories)]
    missing = [p for p, share in zip(found, shares, strict=True) if share > 0]
    cover = patterns.cover(missing, declared.categories, tau, declared.target > 0)

    def listed(some: list[patterns.Pattern], key: str) -> list[dict[str, Any]]:
        return [
            {**{a: v for a, v in zip(declared.attributes, p.values, strict=True) if v is not None}, key: p.count} for p in some
        ]

    return {
        "patterns": listed(missing, "count"),
        "left_out_by_declaration": listed([p for p, share in zip(found, shares, strict=True) if share == 0], "count"),
        "extra_records": cover.total,
        "lower_bound": cover.lower_bound,
        "method": cover.method,
        "cover_with": listed(cover.cells, "add"),
    }
