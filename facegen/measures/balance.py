"""Balance of counts over declared categories, and patterns that are not covered.

Every function takes counts over all DECLARED categories, zeros included: measured over the categories that happen to occur,
a set that misses three groups would look perfectly even.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Counts = NDArray[np.float64]

DEFINITIONS = {
    "n": "number of records",
    "entropy": "H = -sum p ln p over declared categories, nats",
    "ens": "effective number of species, exp(H); at most the number of declared categories",
    "sei": "Shannon evenness, H / ln R with R declared categories; 1 is even",
    "simpson": "Simpson's D = sum p^2; 1/R is even",
    "imbalance_ratio": "largest count over smallest count; null where a declared category is empty",
    "berger_parker": "largest share",
    "kl": "Kullback-Leibler divergence of shares from target shares, nats; null where a category of target 0 occurs",
    "js": "Jensen-Shannon divergence of shares and target shares, nats; at most ln 2",
    "tv": "total variation distance, half the sum of |p - q|",
    "chi2": "chi-square statistic against the target shares, n sum (p - q)^2 / q; null where a category of target 0 occurs",
    "chi2_p": "its p-value at (number of categories with target > 0) - 1 degrees of freedom",
}


def shares(counts: ArrayLike) -> Counts:
    """Return counts (R,) divided by their sum; raises ValueError when there is nothing to divide."""
    values = np.asarray(counts, dtype=np.float64)
    total = values.sum()
    if values.ndim != 1 or values.size == 0 or (values < 0).any() or total <= 0:
        raise ValueError("counts need one dimension, no negative value and at least one record")
    return values / total


def entropy(counts: ArrayLike) -> float:
    """Shannon entropy in nats."""
    p = shares(counts)
    p = p[p > 0]
    return float(-(p * np.log(p)).sum())


def effective_number(counts: ArrayLike) -> float:
    """Effective number of species, exp(entropy)."""
    return math.exp(entropy(counts))


def evenness(counts: ArrayLike) -> float:
    """Shannon evenness index over the declared categories; 1 by convention where only one is declared."""
    declared = np.asarray(counts).size
    return 1.0 if declared == 1 else entropy(counts) / math.log(declared)


def simpson(counts: ArrayLike) -> float:
    return float((shares(counts) ** 2).sum())


def imbalance_ratio(counts: ArrayLike) -> float:
    """Largest over smallest count; infinite where a declared category is empty."""
    values = np.asarray(counts, dtype=np.float64)
    shares(values)
    return float(values.max() / values.min()) if values.min() > 0 else math.inf


def berger_parker(counts: ArrayLike) -> float:
    return float(shares(counts).max())


def kullback_leibler(counts: ArrayLike, target: ArrayLike) -> float:
    """KL(p || q) in nats; infinite where a category with target 0 occurs."""
    p, q = shares(counts), shares(target)
    seen = p > 0
    if (q[seen] == 0).any():
        return math.inf
    return float((p[seen] * np.log(p[seen] / q[seen])).sum())


def jensen_shannon(counts: ArrayLike, target: ArrayLike) -> float:
    """Jensen-Shannon divergence in nats."""
    p, q = shares(counts), shares(target)
    middle = (p + q) / 2
    return (kullback_leibler(p, middle) + kullback_leibler(q, middle)) / 2


def total_variation(counts: ArrayLike, target: ArrayLike) -> float:
    return float(np.abs(shares(counts) - shares(target)).sum() / 2)


def chi_square(counts: ArrayLike, target: ArrayLike) -> tuple[float, float]:
    """Return (statistic, p-value) of counts against target shares; (inf, 0) where a category with target 0 occurs."""
    observed, q = np.asarray(counts, dtype=np.float64), shares(target)
    shares(observed)
    if (observed[q == 0] > 0).any():
        return math.inf, 0.0
    observed, q = observed[q > 0], q[q > 0]
    if observed.size == 1:
        return 0.0, 1.0
    result = stats.chisquare(observed, q * observed.sum())
    return float(result.statistic), float(result.pvalue)


def summary(counts: ArrayLike, target: ArrayLike) -> dict[str, float | int | None]:
    """Return every one-attribute measure of DEFINITIONS; None where a measure is infinite or there is no record."""
    values = np.asarray(counts, dtype=np.float64)
    if values.sum() == 0:
        names = [name for name in DEFINITIONS if name != "n"]
        return {"n": 0, **dict.fromkeys(names)}
    chi2, p = chi_square(values, target)
    out = {
        "entropy": entropy(values),
        "ens": effective_number(values),
        "sei": evenness(values),
        "simpson": simpson(values),
        "imbalance_ratio": imbalance_ratio(values),
        "berger_parker": berger_parker(values),
        "kl": kullback_leibler(values, target),
        "js": jensen_shannon(values, target),
        "tv": total_variation(values, target),
        "chi2": chi2,
        "chi2_p": p,
    }
    return {"n": int(values.sum()), **{name: round(v, 6) if math.isfinite(v) else None for name, v in out.items()}}


@dataclass(frozen=True)
class Pattern:
    """A group given by some attributes (None: any value) with the number of records in it."""

    values: tuple[str | None, ...]
    count: int


def uncovered_patterns(table: ArrayLike, categories: Sequence[Sequence[str]], tau: int) -> list[Pattern]:
    """Return the maximal uncovered patterns of a full count table, one axis an attribute.

    Asudeh, Jin & Jagadish 2019 (1810.06742): a pattern fixes some attributes; it is uncovered when fewer than `tau` records
    match, and maximal when every pattern that fixes one attribute less is covered. Sorted from few fixed attributes to many.
    """
    counts = np.asarray(table)
    if counts.shape != tuple(len(c) for c in categories):
        raise ValueError(f"table of shape {counts.shape} does not fit categories of {[len(c) for c in categories]}")
    axes = range(counts.ndim)
    found: list[Pattern] = []
    margins: dict[tuple[int, ...], NDArray[np.int64]] = {}
    for depth in range(counts.ndim + 1):
        for fixed in itertools.combinations(axes, depth):
            margin = counts.sum(axis=tuple(a for a in axes if a not in fixed))
            margins[fixed] = margin
            for place in np.argwhere(np.atleast_1d(margin) < tau) if fixed else ([()] if margin < tau else []):
                at = tuple(int(i) for i in place)
                if all(_parent(margins, fixed, at, drop) >= tau for drop in range(depth)):
                    values: list[str | None] = [None] * counts.ndim
                    for axis, i in zip(fixed, at, strict=True):
                        values[axis] = categories[axis][i]
                    found.append(Pattern(tuple(values), int(margin[at] if fixed else margin)))
    return found


def _parent(margins: Mapping[tuple[int, ...], NDArray[np.int64]], fixed: tuple[int, ...], at: tuple[int, ...], drop: int) -> int:
    parent = margins[fixed[:drop] + fixed[drop + 1 :]]
    return int(parent[at[:drop] + at[drop + 1 :]])


def extra_records(
    patterns: Sequence[Pattern], categories: Sequence[Sequence[str]], tau: int, allowed: ArrayLike | None = None
) -> list[Pattern]:
    """Return cells and how many records to add to each, so that every given pattern reaches `tau`.

    Greedy set cover (the least number is NP-hard): each step takes the cell that lies in most open patterns and adds what the
    nearest of these lacks. `allowed` (one truth value a cell) bars cells; `count` of a returned pattern is the number to add.
    Patterns that no allowed cell matches are passed over.
    """
    cells = list(itertools.product(*categories))
    usable = np.ones(len(cells), dtype=bool) if allowed is None else np.asarray(allowed, dtype=bool).ravel()
    cells = [cell for cell, ok in zip(cells, usable, strict=True) if ok]
    inside = np.array(
        [[all(v is None or v == c for v, c in zip(p.values, cell, strict=True)) for p in patterns] for cell in cells], dtype=bool
    ).reshape(len(cells), len(patterns))
    need = np.array([max(tau - p.count, 0) for p in patterns], dtype=np.int64)
    added: dict[int, int] = {}
    while True:
        matched = inside[:, need > 0].sum(axis=1)
        if not matched.size or matched.max() == 0:
            return [Pattern(cells[i], count) for i, count in sorted(added.items())]
        best = int(matched.argmax())
        step = int(need[inside[best] & (need > 0)].min())
        added[best] = added.get(best, 0) + step
        need = np.maximum(need - step * inside[best], 0)
