"""Whole numbers of people for a table of shares: controlled rounding.

Sums that are asked for come out exact (counts) or within one (marginals and shares), found by a small integer programme over
the atoms of the demands; within an atom every cell is its share rounded down or up, chosen so that the single attributes stay
near their shares as well.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from facegen.population.fitting import Demand, atoms

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEAR = 1e-7
"""Shares this near a whole number of people count as that number: they come from a fit."""


def floors(x: Floats) -> Ints:
    return np.floor(x + NEAR).astype(np.int64)


def ceils(x: Floats) -> Ints:
    return np.ceil(x - NEAR).astype(np.int64)


def whole(share: Floats, demands: Sequence[Demand], least: int, people: int, codes: Ints) -> Ints | None:
    """Return (K,) whole numbers summing to `people`, none below `least`, or None where there are none.

    share (K,): sums to 1, each at least least / people; codes (K, A): the word of each attribute in each cell.
    """
    atom = atoms([d.part for d in demands], len(share))
    first = np.unique(atom, return_index=True)[1]
    wanted: Floats = np.bincount(atom, share).astype(np.float64) * people
    lowest = np.bincount(atom) * least
    for slack in (0, 1, people):
        totals = _atom_totals(wanted, lowest, demands, first, people, slack)
        if totals is not None:
            return _within(share * people, totals, atom, codes, least)
    return None


def _atom_totals(wanted: Floats, lowest: Ints, demands: Sequence[Demand], first: Ints, people: int, slack: int) -> Ints | None:
    """Return the people in each atom, its share rounded down or up (with `slack`: that many further), nearest to the shares.

    Counts are exact, every other part of a demand is rounded down or up.
    """
    low = np.maximum(floors(wanted) - slack, lowest)
    high = np.minimum(ceils(wanted) + slack, people)
    size = len(wanted)
    rows, least, most = [sparse.csr_matrix(np.ones((1, size)))], [np.array([people])], [np.array([people])]
    for demand in demands:
        count = len(demand.share)
        rows.append(sparse.csr_matrix((np.ones(size), (demand.part[first], np.arange(size))), (count, size)))
        exact = demand.count
        least.append(floors(demand.share * people) if exact is None else exact)
        most.append(ceils(demand.share * people) if exact is None else exact)
    # |n - wanted| is convex: n costs nothing below the floor's step and 1 - 2 * fraction for the step to the ceiling; with slack
    # the distance itself is bought through a second variable.
    far = sparse.eye(size)
    matrix = sparse.vstack([sparse.hstack([sparse.vstack(rows), sparse.csr_matrix((sum(r.shape[0] for r in rows), size))]),
                            sparse.hstack([far, -far]), sparse.hstack([-far, -far])])  # fmt: skip
    lower = np.concatenate([*least, np.full(2 * size, -np.inf)])
    upper = np.concatenate([*most, wanted, -wanted])
    found = milp(
        np.concatenate([np.zeros(size), np.ones(size)]),
        constraints=LinearConstraint(matrix, lower, upper),
        bounds=Bounds(np.concatenate([low, np.zeros(size)]), np.concatenate([np.maximum(high, low), np.full(size, np.inf)])),
        integrality=np.concatenate([np.ones(size), np.zeros(size)]),
    )
    return None if found.x is None else np.rint(found.x[:size]).astype(np.int64)


def _within(wanted: Floats, totals: Ints, atom: Ints, codes: Ints, least: int) -> Ints:
    """Return (K,) whole numbers with the given totals of atoms.

    Each cell is rounded down; those rounded up are taken one at a time, by how far the cell and the single attributes it belongs
    to fall short. Where an atom's total leaves its rounded-down-or-up range, cells are moved one by one.
    """
    counts = np.maximum(floors(wanted), least)
    owed = totals - np.bincount(atom, counts, len(totals)).astype(np.int64)
    sizes = codes.max(axis=0) + 1
    parts = codes + np.concatenate([[0], np.cumsum(sizes)[:-1]])
    short = np.zeros(int(sizes.sum()))
    for column in parts.T:
        np.add.at(short, column, wanted - counts)
    rest = wanted - counts
    members = np.split(np.argsort(atom, kind="stable"), np.cumsum(np.bincount(atom))[:-1])
    for a in np.argsort(-np.abs(owed), kind="stable"):
        for _ in range(abs(int(owed[a]))):
            step = 1 if owed[a] > 0 else -1
            inside = members[a]
            score = step * (2 * rest[inside] + short[parts[inside]].mean(axis=1))
            score = np.where((counts[inside] + step >= least) & (counts[inside] + step >= 0), score, -np.inf)
            best = inside[int(np.argmax(score))]
            counts[best] += step
            rest[best] -= step
            short[parts[best]] -= step
    return counts
