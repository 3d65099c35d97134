"""Target shares of cells from a starting table and what must hold of it: iterative proportional fitting, feasibility, conflicts.

Cells that no demand tells apart are an atom: demands see atoms only, and within an atom shares stay in the proportions of the
starting table. All sums and linear programmes run over atoms, of which there are few.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FITTED = 1e-13
"""Largest error of a demand, as a share, at which fitting stops."""
GOOD = 1e-6
"""Largest error that is let pass when the rounds are used up: as large as the rounding that shares in a file may have."""
ROUNDS = (300, 20_000)
"""Of fitting: before the linear programme is asked what can be reached at all, and after."""
LOOSE = {"primal_feasibility_tolerance": GOOD}


@dataclass(frozen=True)
class Demand:
    """A partition of the cells and the share of each part. part (K,): the part of every cell; share (parts,), summing to 1;
    names (parts,): what a message calls 'part has this share'. `count`: (parts,) whole numbers that must be met exactly."""

    part: Ints
    share: Floats
    names: tuple[str, ...]
    count: Ints | None = None


def atoms(parts: Sequence[Ints], size: int) -> Ints:
    """Return (K,) the number of the atom of each cell: cells with the same part in every one of `parts` share one."""
    found = np.zeros(size, np.int64)
    for part in parts:
        found = np.unique(found * (int(part.max(initial=0)) + 1) + part, return_inverse=True)[1].astype(np.int64)
    return found


def fit(start: Floats, demands: Sequence[Demand], floor: Floats) -> Floats | None:
    """Return the shares (K,), summing to 1 and at least `floor` (K,), that meet every demand, or None where there are none.

    start (K,): positive shares of the cells that may occur. What is above the floor is the table nearest to the starting one in
    the Kullback-Leibler sense: iterative proportional fitting (Deming & Stephan 1940, Ann. Math. Stat. 11:427-444; its limit:
    Csiszar 1975, Ann. Prob. 3:146-158).
    """
    if not demands:
        return floor + max(1.0 - floor.sum(), 0.0) * start / start.sum() if floor.sum() <= 1 + GOOD else None
    atom = atoms([d.part for d in demands], len(start))
    count = int(atom.max()) + 1
    first = np.unique(atom, return_index=True)[1]
    parts = [d.part[first] for d in demands]
    rest = 1.0 - floor.sum()
    wanted = [d.share - np.bincount(d.part, floor, len(d.share)) for d in demands]
    if rest < -GOOD or any((w < -GOOD).any() for w in wanted):
        return None
    if rest <= GOOD:
        return floor / floor.sum()
    goals = [np.maximum(w, 0.0) / rest for w in wanted]
    mass: Floats = np.bincount(atom, start, count).astype(np.float64)
    fitted, off = _proportional(mass, parts, goals, ROUNDS[0])
    if off > FITTED:
        support = reachable(parts, goals, count)
        if support is None:
            return None
        fitted, off = _proportional(np.where(support, mass, 0.0), parts, goals, ROUNDS[1])
        if off > GOOD:
            raise ArithmeticError(f"fitting stopped {off:.1e} off")
    return floor + rest * start * (fitted / mass)[atom]


def _proportional(mass: Floats, parts: Sequence[Ints], goals: Sequence[Floats], rounds: int) -> tuple[Floats, float]:
    """Return the fitted table and the largest error before its last round."""
    table = mass / mass.sum()
    worst = 0.0
    for _ in range(rounds):
        worst = 0.0
        for part, goal in zip(parts, goals, strict=True):
            have = np.bincount(part, table, len(goal))
            worst = max(worst, float(np.abs(have - goal).max()))
            table = table * np.divide(goal, have, out=np.zeros_like(goal), where=have > 0)[part]
        if worst <= FITTED:
            break
    return table, worst


def reachable(parts: Sequence[Ints], goals: Sequence[Floats], count: int) -> NDArray[np.bool_] | None:
    """Return (count,) which atoms can be above 0 when every demand holds, or None where none of all tables meets them.

    One linear programme: the most atoms that are at least 1 in a table p meeting the demands scaled by some s >= 1.
    """
    rows, goal = _rows(parts, goals, count), np.concatenate(goals)
    if _solve(rows, goal, np.zeros(count)) is None:
        return None
    equal = sparse.hstack([rows, sparse.csr_matrix(rows.shape), -goal[:, None]])
    most = sparse.hstack([-sparse.eye(count), sparse.eye(count), sparse.csr_matrix((count, 1))])
    cost = np.concatenate([np.zeros(count), -np.ones(count), [0.0]])
    bounds = [(0, None)] * count + [(0, 1)] * count + [(1, None)]
    found = linprog(cost, most, np.zeros(count), equal, np.zeros(len(goal)), bounds, method="highs", options=LOOSE)
    if found.x is None:
        raise ArithmeticError(f"linear programme: {found.message}")
    return np.asarray(found.x[count : 2 * count] > 0.5)


def _rows(parts: Sequence[Ints], goals: Sequence[Floats], count: int) -> sparse.csr_matrix:
    """Return (all parts of all demands, atoms) which atom lies in which part."""
    base = np.cumsum([0, *(len(g) for g in goals)])
    row = np.concatenate([part + b for part, b in zip(parts, base, strict=False)])
    return sparse.csr_matrix((np.ones(len(row)), (row, np.tile(np.arange(count), len(parts)))), (int(base[-1]), count))


def _solve(rows: sparse.csr_matrix, goal: Floats, low: Floats) -> Floats | None:
    bounds = np.stack([low, np.full(len(low), np.inf)], axis=1)
    found = linprog(np.zeros(len(low)), A_eq=rows, b_eq=goal, bounds=bounds, method="highs", options=LOOSE)
    return None if found.x is None else np.asarray(found.x)


@dataclass(frozen=True)
class Claim:
    """One thing that must hold, by its name: the cells of `where` (K,) together have `share` (where `least`: at least as much
    each)."""

    name: str
    where: NDArray[np.bool_]
    share: float
    least: bool = False


def conflict(claims: Sequence[Claim], groups: Sequence[Sequence[int]], size: int) -> list[Claim]:
    """Return a smallest set of claims, none of which can be left out, that no table of `size` cells meets together.

    A deletion filter (Chinneck & Dravnieks 1991, ORSA J. Comput. 3:157-168): what can go while the rest stays impossible, goes.
    First whole groups (the parts of one marginal), then all but one part of a group. Empty when all can hold together.
    """
    kept = [list(g) for g in groups]
    if _possible(claims, kept, size):
        return []
    _filter(kept, lambda rest: not _possible(claims, rest, size))
    for i, group in enumerate(kept):
        for one in group:
            if len(group) > 1 and not _possible(claims, [*kept[:i], [one], *kept[i + 1 :]], size):
                kept[i] = [one]
                break
        else:
            single = [[one] for one in group]
            others = [*kept[:i], *kept[i + 1 :]]
            _filter(single, lambda rest, o=others: not _possible(claims, [*o, *rest], size))  # type: ignore[misc]
            kept[i] = [one for (one,) in single]
    return [claims[i] for group in kept for i in group]


def _filter(items: list[list[int]], impossible: Callable[[list[list[int]]], bool]) -> None:
    """Take from `items`, in place, what the impossibility of the rest does not need."""
    for item in list(items):
        rest = [other for other in items if other is not item]
        if impossible(rest):
            items[:] = rest


def _possible(claims: Sequence[Claim], groups: Sequence[Sequence[int]], size: int) -> bool:
    used = [claims[i] for group in groups for i in group]
    parts = [c.where.astype(np.int64) for c in used]
    atom = atoms(parts, size)
    count = int(atom.max()) + 1
    first = np.unique(atom, return_index=True)[1]
    cells = np.bincount(atom, minlength=count)
    low = np.zeros(count)
    rows, goal = [np.ones(count)], [1.0]
    for claim, part in zip(used, parts, strict=True):
        inside = part[first].astype(float)
        if claim.least:
            low = np.maximum(low, inside * claim.share * cells)
        else:
            rows.append(inside)
            goal.append(claim.share)
    return _solve(sparse.csr_matrix(np.array(rows)), np.array(goal), low) is not None
