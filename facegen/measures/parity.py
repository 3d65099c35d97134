"""Quality parity: whether numbers that say how good a picture is are the same for every group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse, stats

from facegen.measures import effect, resample
from facegen.measures.association import Clusters, owner
from facegen.measures.coverage import Declared, coded
from facegen.measures.independence import CLUSTERS
from facegen.measures.permutation import holm

NUMBERS = 2_000_000
"""Values in memory at once; a few copies of them are made."""


@dataclass(frozen=True)
class _Parts:
    """Sufficient statistics of one attribute: a row for each pair of a person and a category of theirs, sorted by category.

    person (P,); starts (C + 1,): category c has rows starts[c] to starts[c + 1]; sums (P, 3 M): records, sum, sum of squares of
    each measure; whole (people, 3 M): the same of all categories; records (C, M); groups (C, M): people in the category or in
    the rest, whichever are fewer.
    """

    person: NDArray[np.int64]
    starts: NDArray[np.int64]
    sums: NDArray[np.float64]
    whole: NDArray[np.float64]
    records: NDArray[np.float64]
    groups: NDArray[np.int64]


def parity(
    frame: pd.DataFrame, measures: Sequence[str], declared: Declared, cells: Sequence[str], draws: int = resample.DRAWS
) -> dict[str, Any]:
    """Return, by measure (numeric column; null where it was not taken), means, gap and effects by attribute, and means by cell.

    Every declared attribute is judged; `cells` names those whose cross is listed. People (`identity_id`) are what the bootstrap
    draws again, `draws` times; 0 gives no intervals. A measure that is null throughout is left out.
    """
    codes = {name: coded(frame, name, names) for name, names in zip(declared.attributes, declared.categories, strict=True)}
    names = dict(zip(declared.attributes, declared.categories, strict=True))
    taken = [m for m in measures if frame[m].notna().any()]
    people = Clusters.of(pd.factorize(frame["identity_id"])[0])
    out: dict[str, Any] = {}
    tests: dict[tuple[str, str], dict[str, float | None]] = {}
    for block in _blocks(taken, len(frame)):
        values = {m: frame[m].to_numpy(dtype=np.float64, na_value=np.nan) for m in block}
        effects = _effects(values, codes, names, people, draws)
        tests |= _tests(frame, values, codes)
        for m, x in values.items():
            by: dict[str, Any] = {}
            for name in declared.attributes:
                means = _means(x, codes[name], names[name])
                gap = round(max(means.values()) - min(means.values()), 4)
                by[name] = {"mean": means, "gap": gap, "effect": effects[name][m]}
            out[m] = {"by": by, "cells": _cells(x, [codes[c] for c in cells], {c: names[c] for c in cells})}
    adjusted = holm({key: found["p"] for key, found in tests.items() if found["p"] is not None})
    for (m, name), found in tests.items():
        eta = significant(found["eta_squared"])
        out[m]["by"][name] |= {"p_holm": significant(adjusted.get((m, name))), "eta_squared": eta}
    return out


def _blocks(measures: Sequence[str], records: int) -> list[Sequence[str]]:
    """Return the measures in blocks that are worked on together: memory grows with a block, not with all of them."""
    width = max(1, NUMBERS // max(records, 1))
    return [measures[i : i + width] for i in range(0, len(measures), width)]


def significant(value: float | None) -> float | None:
    """Return `value` to 4 significant digits."""
    return None if value is None or not np.isfinite(value) else float(f"{value:.4g}")


def _means(values: NDArray[np.float64], code: NDArray[np.int64], names: Sequence[str]) -> dict[str, float]:
    there = ~np.isnan(values)
    count = np.bincount(code[there], minlength=len(names))
    sums = np.bincount(code[there], values[there], minlength=len(names))
    return {name: round(float(s / n), 4) for name, n, s in zip(names, count, sums, strict=True) if n}


def _cells(values: NDArray[np.float64], codes: Sequence[NDArray[np.int64]], names: dict[str, Sequence[str]]) -> dict[str, Any]:
    """Return the range of means over the cells that are there, where it is reached, and every cell's count and mean."""
    shape = tuple(len(n) for n in names.values())
    there = ~np.isnan(values)
    place = np.ravel_multi_index([c[there] for c in codes], shape)
    kinds, first = np.unique(place, return_inverse=True)
    count = np.bincount(first.ravel())
    mean = np.bincount(first.ravel(), values[there]) / count
    listed = []
    for kind, n, m in zip(kinds, count, mean, strict=True):
        at = np.unravel_index(kind, shape)
        words = {name: values[i] for (name, values), i in zip(names.items(), at, strict=True)}
        listed.append({**words, "n": int(n), "mean": round(float(m), 4)})
    low, high = listed[int(mean.argmin())], listed[int(mean.argmax())]
    return {
        "attributes": list(names), "lowest": low["mean"], "highest": high["mean"],
        "lowest_cell": {a: low[a] for a in names}, "highest_cell": {a: high[a] for a in names}, "means": listed,
    }  # fmt: skip


def _tests(
    frame: pd.DataFrame, values: dict[str, NDArray[np.float64]], codes: dict[str, NDArray[np.int64]]
) -> dict[tuple[str, str], dict[str, float | None]]:
    """Return (measure, attribute) -> p of Kruskal-Wallis and eta squared, on one mean a cluster that owns the attribute."""
    known = {name: Clusters.of(pd.factorize(frame[name])[0]) for name in CLUSTERS if name in frame}
    single = Clusters(np.arange(len(frame)), np.arange(len(frame)))
    owners = {name: owner(code, known) for name, code in codes.items()}
    out: dict[tuple[str, str], dict[str, float | None]] = {}
    for m, x in values.items():
        reduced: dict[str | None, tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]] = {}
        for name, code in codes.items():
            own = owners[name]
            clusters = single if own is None else known[own]
            if own not in reduced:
                reduced[own] = _reduced(x, clusters)
            mean, ranks, there = reduced[own]
            groups = code[clusters.first][there]
            out[m, name] = {"p": effect.kruskal_wallis(ranks, groups), "eta_squared": effect.eta_squared(mean, groups)}
    return out


def _reduced(x: NDArray[np.float64], clusters: Clusters) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Return the clusters' means and their midranks, and which clusters have a mean (S,)."""
    there = ~np.isnan(x)
    count = np.bincount(clusters.member[there], minlength=len(clusters))
    sums = np.bincount(clusters.member[there], x[there], minlength=len(clusters))
    mean = sums[count > 0] / count[count > 0]
    return mean, stats.rankdata(np.round(mean, 9)), count > 0


def _effects(
    values: dict[str, NDArray[np.float64]],
    codes: dict[str, NDArray[np.int64]],
    names: dict[str, tuple[str, ...]],
    people: Clusters,
    draws: int,
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return attribute -> measure -> category -> Hedges' g against the rest, its interval (with draws), records and people."""
    x = np.stack(list(values.values()), axis=1) if values else np.empty((len(people.member), 0))
    there = ~np.isnan(x)
    mean = np.where(there, x, 0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    x = np.where(there, x - mean, 0.0)
    parts = {name: _parts(there, x, code, people, len(names[name])) for name, code in codes.items()}
    found: dict[str, Any] = {name: [_g(part, None)] for name, part in parts.items()}
    if draws and x.size:
        for weight in resample.weights(len(people), draws):
            for name, part in parts.items():
                found[name].append(_g(part, weight))
    out: dict[str, dict[str, dict[str, Any]]] = {}
    for name, part in parts.items():
        g = found[name][0][0]
        drawn = np.concatenate(found[name][1:]) if draws and x.size else np.empty((0, *g.shape))
        interval = resample.t_interval(g, drawn, part.groups)
        out[name] = {m: _said(names[name], g[..., i], interval[:, i], part, i) for i, m in enumerate(values)}
    return out


def _said(
    names: Sequence[str], g: NDArray[np.float64], interval: NDArray[np.float64], part: _Parts, measure: int
) -> dict[str, dict[str, Any]]:
    out: dict[str, dict[str, Any]] = {}
    for c, name in enumerate(names):
        known = np.isfinite(interval[c]).all()
        out[name] = {
            "hedges_g": None if np.isnan(g[c]) else round(float(g[c]), 4),
            "interval": [round(float(v), 4) for v in interval[c]] if known else None,
            "n": int(part.records[c, measure]),
        }
    return out


def _parts(
    there: NDArray[np.bool_], x: NDArray[np.float64], code: NDArray[np.int64], people: Clusters, categories: int
) -> _Parts:
    key, pair = np.unique(code * len(people) + people.member, return_inverse=True)
    category, person = key // len(people), key % len(people)
    starts = np.searchsorted(category, np.arange(categories + 1))
    gather = sparse.csr_matrix((np.ones(len(x)), (pair.ravel(), np.arange(len(x)))), shape=(len(key), len(x)))
    sums = np.concatenate([gather @ there.astype(np.float64), gather @ x, gather @ x**2], axis=1)
    whole = np.asarray(
        sparse.csr_matrix((np.ones(len(key)), (person, np.arange(len(key)))), shape=(len(people), len(key))) @ sums
    )
    width = x.shape[1]
    held = sums[:, :width] > 0
    inside = np.stack([held[a:b].sum(axis=0) for a, b in zip(starts[:-1], starts[1:], strict=True)])
    records = np.stack([sums[a:b, :width].sum(axis=0) for a, b in zip(starts[:-1], starts[1:], strict=True)])
    return _Parts(person, starts, sums, whole, records, np.minimum(inside, held.sum(axis=0) - inside))


def _g(part: _Parts, weight: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """Return (D, C, M) Hedges' g of each category against the rest under D weightings of the people; None: each once, D = 1."""
    weight = np.ones((1, len(part.whole))) if weight is None else weight
    total = weight @ part.whole
    out = []
    for low, high in zip(part.starts[:-1], part.starts[1:], strict=True):
        inside = weight[:, part.person[low:high]] @ part.sums[low:high]
        rest = np.split(total - inside, 3, axis=1)
        out.append(effect.hedges_g(*np.split(inside, 3, axis=1), *rest))
    return np.stack(out, axis=1)
