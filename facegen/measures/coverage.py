"""Coverage tables: what was declared, what is there, how even it is, and what is missing."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facegen.measures import balance
from facegen.measures.association import cramers_v, cramers_v_clustered

TAUS = (1, 30, 100)
"""Least numbers of records that a group should have: present at all, thirty for a rate within 30%, a hundred for a fit."""
NUMERIC_BINS = 4
"""A numeric factor is cut at its quartiles before it is crossed with a category."""


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


def cross(frame: pd.DataFrame, declared: Declared) -> NDArray[np.int64]:
    """Return the full count table of `frame` over the declared categories; ValueError where a value was never declared."""
    counts = np.zeros(declared.target.shape, dtype=np.int64)
    places = []
    for name, names in zip(declared.attributes, declared.categories, strict=True):
        code = frame[name].astype(str).map({category: i for i, category in enumerate(names)})
        if code.isna().any():
            raise ValueError(f"{name} '{frame[name][code.isna()].iloc[0]}' was not declared; declared are {', '.join(names)}")
        places.append(code.to_numpy(dtype=np.int64))
    np.add.at(counts, tuple(places), 1)
    return counts


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
    wanted = declared.target.ravel() > 0
    out["intersection"] = {"cells": cells, "measures": balance.summary(counts.ravel()[wanted], declared.target.ravel()[wanted])}
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
    wanted = two.target.ravel() > 0
    plain, corrected = cramers_v(values)
    rows, columns = two.categories
    return {
        "counts": {row: dict(zip(columns, line, strict=True)) for row, line in zip(rows, values.tolist(), strict=True)},
        "measures": balance.summary(values.ravel()[wanted], two.target.ravel()[wanted]),
        "cramers_v": round(plain, 6),
        "cramers_v_corrected": round(corrected, 6),
    }


def _triple(counts: NDArray[np.int64], declared: Declared, three: Sequence[str]) -> dict[str, Any]:
    wanted = declared.over(three).target.ravel()
    values = _summed(counts, declared, three).ravel()[wanted > 0]
    return {
        "declared_cells": int(values.size),
        "empty": int((values == 0).sum()),
        "smallest": int(values.min()),
        "largest": int(values.max()),
        "measures": balance.summary(values, wanted[wanted > 0]),
    }


def _summed(counts: NDArray[np.int64], declared: Declared, names: Sequence[str]) -> NDArray[np.int64]:
    return counts.sum(axis=tuple(i for i, name in enumerate(declared.attributes) if name not in names))


def uncovered(counts: NDArray[np.int64], declared: Declared, tau: int) -> dict[str, Any]:
    """Return the maximal uncovered patterns at `tau`; those that the declaration itself leaves empty stand apart."""
    found = balance.uncovered_patterns(counts, declared.categories, tau)
    empty = [p for p in found if _target(declared, p.values) == 0]
    missing = [p for p in found if _target(declared, p.values) > 0]
    extra = balance.extra_records(missing, declared.categories, tau, declared.target > 0)

    def listed(patterns: list[balance.Pattern]) -> list[dict[str, Any]]:
        return [
            {**{a: v for a, v in zip(declared.attributes, p.values, strict=True) if v is not None}, "count": p.count}
            for p in patterns
        ]

    return {
        "patterns": listed(missing),
        "left_out_by_declaration": listed(empty),
        "extra_records": sum(p.count for p in extra),
    }


def _target(declared: Declared, values: tuple[str | None, ...]) -> float:
    places = tuple(
        slice(None) if value is None else names.index(value) for value, names in zip(values, declared.categories, strict=True)
    )
    return float(declared.target[places].sum())


def association(
    frame: pd.DataFrame,
    factors: Sequence[str],
    attributes: Sequence[str],
    clusters: Sequence[str] = ("identity_id", "sitting_id"),
) -> dict[str, dict[str, dict[str, float]]]:
    """Return Cramer's V of each factor with each attribute, over all records; numbers are cut at their quartiles.

    Chance is judged by permuting the widest of `clusters` (columns, widest first) that owns the attribute.
    """
    out: dict[str, dict[str, dict[str, float]]] = {}
    for factor in factors:
        values = frame[factor]
        if pd.api.types.is_float_dtype(values):
            values = pd.qcut(values.rank(method="first"), NUMERIC_BINS, labels=False) if len(values) >= NUMERIC_BINS else values
        row = {}
        for attribute in attributes:
            words = frame[attribute].astype(str)
            owner = next((c for c in clusters if c in frame and (words.groupby(frame[c]).nunique() == 1).all()), None)
            cluster = pd.Series(range(len(frame)), index=frame.index) if owner is None else frame[owner]
            plain, corrected = cramers_v_clustered(values.astype(str), words, cluster)
            row[attribute] = {"cramers_v": round(plain, 4), "cramers_v_corrected": round(corrected, 4)}
        out[factor] = row
    return out


def parity(frame: pd.DataFrame, measures: Sequence[str], attributes: Sequence[str]) -> dict[str, Any]:
    """Return the mean of each measure by category of each attribute, the gap of the extremes, and the range over full cells."""
    out: dict[str, Any] = {}
    for measure in measures:
        by = {}
        for attribute in attributes:
            means = frame.groupby(frame[attribute].astype(str), sort=True)[measure].mean().dropna()
            by[attribute] = {
                "mean": {str(k): round(float(v), 4) for k, v in means.items()},
                "gap": round(float(means.max() - means.min()), 4) if len(means) else None,
            }
        cells = frame.groupby([frame[a].astype(str) for a in attributes], sort=True)[measure].mean().dropna()
        spread = {"lowest": round(float(cells.min()), 4), "highest": round(float(cells.max()), 4)} if len(cells) else None
        out[measure] = {"by": by, "cells": spread}
    return out
