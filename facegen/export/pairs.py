"""Mated and non-mated pairs in folds, every demographic cell with the same number of each.

Folds are disjoint in people, as LFW's are. Non-mated pairs of one cell are the hard ones and stay apart from those across cells,
which differ in what the cells differ in. Pairs are drawn without replacement, evenly over all that there are in a fold and cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from facegen.errors import RequestError
from facegen.export.selection import Row, cell_of_people, deal
from facegen.rng import stream

FOLDS, PER_FOLD = 10, 300
"""LFW's protocol: 10 folds of 300 mated and 300 non-mated pairs."""
Group = list[list[int]]
"""The pictures (row numbers) of one cell in one fold, a list a person."""


@dataclass(frozen=True)
class Pair:
    """Two row numbers; `mated`: both show one person."""

    first: int
    second: int
    mated: bool


@dataclass(frozen=True)
class Drawn:
    """A list a fold: `mated` and `same` (non-mated, within a cell) run through the cells in turn; `cross` (non-mated, across
    cells) through the pairs of cells. All lists of a fold have one length; `cross` is empty where there is one cell."""

    cells: tuple[str, ...]
    mated: list[list[Pair]]
    same: list[list[Pair]]
    cross: list[list[Pair]]

    def interleaved(self, cross: bool = False) -> list[Pair]:
        """Return all pairs, fold by fold, mated and non-mated in turn: readers that cut the list into tenths get the folds."""
        other = self.cross if cross else self.same
        return [pair for a, b in zip(self.mated, other, strict=True) for two in zip(a, b, strict=True) for pair in two]


def draw(
    rows: Sequence[Row], folds: int, per_fold: int | None, columns: Sequence[str], seed: int, mend: str = "wider --cells"
) -> Drawn:
    """Return the pairs of `rows`; `per_fold`: of each kind, 300 or what there is when None, cut to a multiple of the cells.

    `mend`: what to ask for where cells have too few people. Raises RequestError when a fold lacks pairs of some cell, or has
    fewer than were asked for.
    """
    groups = _groups(rows, folds, columns, mend)
    cells = tuple(sorted(groups[0]))
    most = _most(groups, cells, mend)
    count = (PER_FOLD if per_fold is None else per_fold) // len(cells)
    if per_fold is not None and not 0 < count <= most:
        allowed = f"{len(cells)} cells share from {len(cells)} to {most * len(cells)} pairs of a kind in each of {folds} folds"
        raise RequestError(f"--pairs {per_fold}: {allowed}; ask for so many, for fewer --folds or for {mend}")
    count = max(1, min(count, most))
    drawn: tuple[list[list[Pair]], ...] = ([], [], [])
    for fold, group in enumerate(groups):
        rng = stream("export.pairs", fold, seed=seed)
        drawn[0].append(_in_turn([_mated(group[cell], count, rng) for cell in cells]))
        drawn[1].append(_in_turn([_same(group[cell], count, rng) for cell in cells]))
        drawn[2].append(_across(group, cells, count * len(cells), fold, rng) if len(cells) > 1 else [])
    return Drawn(cells, *drawn)


def _groups(rows: Sequence[Row], folds: int, columns: Sequence[str], mend: str) -> list[dict[str, Group]]:
    cells = cell_of_people(rows, columns)
    held: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        held.setdefault(row["identity_id"], []).append(number)
    people = {cell: [p for p in cells if cells[p] == cell] for cell in sorted(set(cells.values()))}
    fewest = min(people, key=lambda cell: len(people[cell]))
    if not 1 <= folds <= len(people[fewest]) // 2:
        much = len(people[fewest]) // 2
        fewer = f"--folds {much} or fewer" if much > 1 else "--folds 1"
        ask = f"ask for {fewer}, or for {mend}" if much else f"ask for {mend}"
        raise RequestError(
            f"--folds {folds}: every fold needs two identities of each cell, '{fewest}' has {len(people[fewest])} in all; {ask}"
        )
    dealt = deal(rows, folds, columns)
    return [{cell: [held[p] for p in who if dealt[p] == fold] for cell, who in people.items()} for fold in range(folds)]


def _most(groups: list[dict[str, Group]], cells: tuple[str, ...], mend: str) -> int:
    """Return how many pairs of every kind each cell of each fold can give."""
    most: int | None = None
    kinds = len(cells) * (len(cells) - 1) // 2
    for fold, group in enumerate(groups):
        for cell in cells:
            sizes = np.array([len(images) for images in group[cell]], np.int64)
            mated = int((sizes * (sizes - 1) // 2).sum())
            same = int(sizes.sum() * (sizes.sum() - 1) // 2) - mated
            if mated == 0:
                raise RequestError(f"fold {fold} has nobody of cell '{cell}' in two pictures; ask for fewer --folds or {mend}")
            most = min(mated, same) if most is None else min(most, mated, same)
        for a, b in combinations(cells, 2):
            pairs = sum(map(len, group[a])) * sum(map(len, group[b]))
            most = pairs * kinds // len(cells) if most is None else min(most, pairs * kinds // len(cells))
    return int(most or 0)


def _mated(group: Group, count: int, rng: np.random.Generator) -> list[Pair]:
    sizes = np.array([len(images) for images in group], np.int64)
    who, rest = _pick(sizes * (sizes - 1) // 2, count, rng)
    return [Pair(group[w][a], group[w][b], True) for w, (a, b) in zip(who, map(_triangle, rest), strict=True)]


def _same(group: Group, count: int, rng: np.random.Generator) -> list[Pair]:
    sizes = np.array([len(images) for images in group], np.int64)
    first, second = np.triu_indices(len(group), 1)
    which, rest = _pick(sizes[first] * sizes[second], count, rng)
    two = [(group[first[w]], group[second[w]]) for w in which]
    return [Pair(a[r // len(b)], b[r % len(b)], False) for (a, b), r in zip(two, rest, strict=True)]


def _across(group: dict[str, Group], cells: tuple[str, ...], total: int, fold: int, rng: np.random.Generator) -> list[Pair]:
    """Return `total` pairs spread over the pairs of cells; where it does not divide, other ones get the odd pair in each fold."""
    kinds = list(combinations(cells, 2))
    base, odd = divmod(total, len(kinds))
    lists = []
    for place, (one, other) in enumerate(kinds):
        a, b = sum(group[one], []), sum(group[other], [])
        count = base + ((place - fold * odd) % len(kinds) < odd)
        flat = rng.choice(len(a) * len(b), count, replace=False)
        lists.append([Pair(a[r // len(b)], b[r % len(b)], False) for r in map(int, flat)])
    return _in_turn(lists)


def _pick(weights: NDArray[np.int64], count: int, rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """Draw `count` of sum(weights) numbers, no number twice; return for each which weight it falls in and how far."""
    ends = np.cumsum(weights)
    flat = rng.choice(int(ends[-1]), count, replace=False)
    which = np.searchsorted(ends, flat, side="right")
    return which.tolist(), (flat - (ends - weights)[which]).tolist()


def _triangle(number: int) -> tuple[int, int]:
    """Return the pair a < b that has this number when pairs are counted (0, 1), (0, 2), (1, 2), (0, 3) ..."""
    b = int((1 + np.sqrt(1 + 8 * number)) // 2)
    return number - b * (b - 1) // 2, b


def _in_turn(lists: list[list[Pair]]) -> list[Pair]:
    longest = max(map(len, lists))
    return [pairs[k] for k in range(longest) for pairs in lists if k < len(pairs)]
