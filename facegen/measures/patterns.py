"""Groups that too few records belong to, and the fewest records that mend it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, sparse

from facegen.errors import shown

RELAXED_SIZE = 20_000
"""Pairs of a pattern and a kind of cell in it up to which the linear relaxation is solved (about a second)."""
EXACT_SIZE = 40_000
"""Kinds of cells x patterns up to which the fewest records are sought by integer programming."""
Wanted = Sequence[tuple[tuple[slice, ...], int]]
"""The part of the table and the records it lacks, of each pattern."""
MOST_TAU = 2**40
"""No set holds so many records, and sums of what a million patterns lack still fit 64 bits."""
NODES = 2_000
"""Nodes of its search tree: a bound of work that is the same on every machine, which seconds are not."""


@dataclass(frozen=True)
class Pattern:
    """A group given by some attributes (None: any value) with the number of records in it."""

    values: tuple[str | None, ...]
    count: int


@dataclass(frozen=True)
class Cover:
    """Cells and how many records to add to each (`count`), the total, and how far the total is proven.

    No cover adds fewer than `lower_bound`. `method`: `greedy` where the greedy cover stands, `exact` where integer programming
    found a smaller one. The total is the least possible where it equals the bound.
    """

    cells: list[Pattern]
    total: int
    lower_bound: int
    method: str

    @property
    def proven(self) -> bool:
        return self.total == self.lower_bound


def uncovered_patterns(table: ArrayLike, categories: Sequence[Sequence[str]], tau: int) -> list[Pattern]:
    """Return the maximal uncovered patterns of a full count table, one axis an attribute.

    Asudeh, Jin & Jagadish 2019 (1810.06742): a pattern fixes some attributes; it is uncovered when fewer than `tau` records
    match, and maximal when every pattern that fixes one attribute less is covered. Sorted from few fixed attributes to many.
    """
    counts = np.asarray(table)
    if counts.shape != tuple(len(c) for c in categories):
        raise ValueError(f"table of shape {counts.shape} does not fit categories of {[len(c) for c in categories]}")
    axes = tuple(range(counts.ndim))
    found: list[Pattern] = []
    margins: dict[tuple[int, ...], NDArray[np.int64]] = {}
    for depth in range(counts.ndim + 1):
        for fixed in itertools.combinations(axes, depth):
            others = tuple(a for a in axes if a not in fixed)
            margin = margins[fixed] = np.asarray(counts.sum(axis=others, keepdims=True))
            maximal = margin < tau
            for drop in fixed:
                maximal = maximal & (margins[tuple(a for a in fixed if a != drop)] >= tau)
            for place in np.argwhere(maximal):
                values = tuple(categories[a][place[a]] if a in fixed else None for a in axes)
                found.append(Pattern(values, int(margin[tuple(place)])))
    return found


def cover(patterns: Sequence[Pattern], categories: Sequence[Sequence[str]], tau: int, allowed: ArrayLike | None = None) -> Cover:
    """Return the fewest records found to add, and where, so that every given pattern reaches `tau`.

    The least number is NP-hard (set multicover). Greedy first: each step takes the cell that lies in most open patterns and adds
    what the nearest of these lacks. Its total stands beside a lower bound: what patterns without a common cell lack in sum; where
    that leaves a gap and the problem is not large, the linear relaxation, rounded up; where that leaves a gap and it is small,
    the bound of integer programming (HiGHS through scipy.optimize.milp), whose cover is taken if it is smaller. `allowed` (one
    truth value a cell) bars cells; patterns that no allowed cell matches are passed over. Raises ValueError for a `tau` above
    MOST_TAU.
    """
    if tau > MOST_TAU:
        raise ValueError(f"tau {shown(tau)} is more than {MOST_TAU} records; lower it")
    shape = tuple(len(names) for names in categories)
    usable = np.ones(shape, dtype=bool) if allowed is None else np.asarray(allowed, dtype=bool).reshape(shape)
    slices = [_slice(p, categories) for p in patterns]
    wanted = [(at, tau - p.count) for at, p in zip(slices, patterns, strict=True) if p.count < tau and usable[at].any()]
    added = _greedy(wanted, usable)
    total, bound, method = int(added.sum()), _disjoint(wanted, shape), "greedy"
    if bound < total:
        inside, cells = _kinds(wanted, usable)
        if inside.nnz <= RELAXED_SIZE:
            bound = max(bound, _relaxed(inside, [need for _, need in wanted]))
        if bound < total and inside.shape[0] * inside.shape[1] <= EXACT_SIZE:
            exact, proven = _exact(inside, [need for _, need in wanted])
            bound = max(bound, proven)
            if exact is not None and exact.sum() < total:
                added = np.zeros(shape, dtype=np.int64)
                added.ravel()[cells] = exact
                total, method = int(exact.sum()), "exact"
    listed = [
        Pattern(tuple(names[i] for names, i in zip(categories, place, strict=True)), int(added[tuple(place)]))
        for place in np.argwhere(added > 0)
    ]
    return Cover(listed, total, min(bound, total), method)


def _slice(pattern: Pattern, categories: Sequence[Sequence[str]]) -> tuple[slice, ...]:
    at = (None if v is None else list(names).index(v) for v, names in zip(pattern.values, categories, strict=True))
    return tuple(slice(None) if i is None else slice(i, i + 1) for i in at)


def _greedy(wanted: Wanted, usable: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how many records to add to each cell (the table's shape)."""
    need = np.array([lack for _, lack in wanted], dtype=np.int64)
    open_in = np.zeros(usable.shape, dtype=np.int64)
    where = {}
    for i, (at, _) in enumerate(wanted):
        open_in[at] += usable[at]
        where[_key(at)] = i
    fixed = {tuple(k is None for k in key) for key in where}
    added = np.zeros(usable.shape, dtype=np.int64)
    while open_in.size and open_in.max() > 0:
        best = np.unravel_index(int(open_in.argmax()), open_in.shape)
        held = [where.get(tuple(None if free else int(i) for i, free in zip(best, frees, strict=True))) for frees in fixed]
        hit = [i for i in held if i is not None and need[i] > 0]
        step = int(need[hit].min())
        added[best] += step
        need[hit] -= step
        for i in hit:
            if need[i] == 0:
                open_in[wanted[i][0]] -= usable[wanted[i][0]]
    return added


def _key(at: tuple[slice, ...]) -> tuple[int | None, ...]:
    return tuple(part.start for part in at)


def _disjoint(wanted: Wanted, shape: tuple[int, ...]) -> int:
    """Return a lower bound: the needs of patterns that share no cell add up. Taken greedily, the largest need first."""
    taken = np.zeros(shape, dtype=bool)
    bound = 0
    for at, need in sorted(wanted, key=lambda w: (-w[1], -sum(part.start is None for part in w[0]))):
        if not taken[at].any():
            taken[at] = True
            bound += need
    return bound


def _kinds(wanted: Wanted, usable: NDArray[np.bool_]) -> tuple[sparse.csr_matrix, NDArray[np.int64]]:
    """Return which patterns hold which kinds of cells, (patterns, K), and the first cell of each; a kind is in the same ones."""
    numbers = np.arange(usable.size).reshape(usable.shape)
    inside = [numbers[at][usable[at]] for at, _ in wanted]
    weight = _signs(len(wanted))
    sign = np.zeros((usable.size, 2))
    for cells, w in zip(inside, weight, strict=True):
        sign[cells] += w
    _, first, kind = np.unique(sign, axis=0, return_index=True, return_inverse=True)
    kind = kind.ravel()
    kept = np.flatnonzero(sign[first].any(axis=1))
    place = np.full(len(first), -1)
    place[kept] = np.arange(len(kept))
    rows = np.concatenate([np.full(len(np.unique(kind[c])), i) for i, c in enumerate(inside)])
    columns = np.concatenate([place[np.unique(kind[c])] for c in inside])
    return sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(wanted), len(kept))), first[kept]


def _signs(count: int) -> NDArray[np.float64]:
    """Return (count, 2) whole numbers below 2^40 whose sums tell sets of patterns apart."""
    from facegen import rng

    return rng.stream("measures.patterns.signs", seed=0).integers(1, 2**40, size=(count, 2)).astype(np.float64)


def _relaxed(inside: sparse.csr_matrix, need: Sequence[int]) -> int:
    found = optimize.linprog(np.ones(inside.shape[1]), A_ub=-inside, b_ub=-np.asarray(need, dtype=np.float64), method="highs")
    return math.ceil(found.fun - 1e-6) if found.status == 0 else 0


def _exact(inside: sparse.csr_matrix, need: Sequence[int]) -> tuple[NDArray[np.int64] | None, int]:
    """Return (records of each kind of cell, proven lower bound); None where the search found no cover within NODES."""
    columns = inside.shape[1]
    found = optimize.milp(
        np.ones(columns),
        constraints=optimize.LinearConstraint(inside, lb=np.asarray(need, dtype=np.float64)),
        integrality=np.ones(columns),
        options={"node_limit": NODES, "mip_rel_gap": 0.0},
    )
    bound = 0 if found.mip_dual_bound is None else math.ceil(found.mip_dual_bound - 1e-6)
    if found.x is None:
        return None, bound
    amounts = np.rint(found.x).astype(np.int64)
    return (amounts if (inside @ amounts >= np.asarray(need)).all() else None), bound


def slices(patterns: Sequence[Pattern], categories: Sequence[Sequence[str]]) -> Iterator[tuple[slice, ...]]:
    """Yield the part of a table that each pattern stands for."""
    return (_slice(pattern, categories) for pattern in patterns)
