"""Comparisons of two people each, when people are drawn again: how much every comparison, and all of a group, then count.

A person drawn w times counts w times: a comparison of one person with themselves counts w, of persons i and j w_i w_j (the
bootstrap of dyadic data: Owen 2007, Ann. Appl. Stat. 1:386-411; Davezies, D'Haultfoeuille & Guyonvarch 2021, Ann. Stat.
49:845-862). With e_ij the errors of i with j less those expected, its variance is sum_i (sum_j e_ij)^2 + sum_ij e_ij^2; that of
comparisons that are alike only through the people they share is sum_i (sum_j e_ij)^2 - sum_ij e_ij^2 (Aronow, Samii & Assenova
2015, Polit. Anal. 23:564-577). `narrowed` takes the rest, two times the last sum, out of the samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

Floats = NDArray[np.float64]
Places = NDArray[np.int32]
Ints = NDArray[np.int64]


def weight_of(w: Floats, a: Places, b: Places, same: NDArray[np.bool_] | None) -> Floats:
    """Return (P,) weights of comparisons of persons `a` and `b` under `w` (people,); `same`: where a is b, None: nowhere."""
    both = w[a] * w[b]
    return both if same is None else np.where(same, w[a], both)


def cell_of(one: NDArray[np.integer], other: NDArray[np.integer], categories: int) -> NDArray[np.int64]:
    """Return the place of an unordered pair of categories in a square table, smaller first; -1 where one has none (-1)."""
    low, high = np.minimum(one, other).astype(np.int64), np.maximum(one, other).astype(np.int64)
    return np.where(low < 0, -1, low * categories + high)


class AllPairs:
    """Totals of all comparisons of templates of different people, by pair of categories, without listing them.

    person (T,), code (T,) category of each template, -1 for none.
    """

    def __init__(self, person: NDArray[np.integer], code: NDArray[np.integer], people: int, categories: int) -> None:
        kept = code >= 0
        shape = (people, categories)
        self._count = sparse.csr_matrix((np.ones(int(kept.sum())), (person[kept], code[kept])), shape=shape)
        rows = np.diff(self._count.indptr)
        owner = np.repeat(np.arange(people), rows)
        left = np.repeat(np.arange(len(owner)), rows[owner])
        ends = (
            np.concatenate([np.arange(self._count.indptr[i], self._count.indptr[i + 1]) for i in owner]) if len(owner) else left
        )
        cell = self._count.indices[left] * categories + self._count.indices[ends]
        data = self._count.data[left] * self._count.data[ends]
        self._own = sparse.csr_matrix((data, (owner[left], cell)), shape=(people, categories**2))
        self._categories = categories

    def __call__(self, weights: Floats) -> Floats:
        """Return (B, C * C) totals under `weights` (B, people), in the places of `cell_of`."""
        c = self._categories
        mass = weights @ self._count
        whole = (mass[:, :, None] * mass[:, None, :]).reshape(len(weights), c * c) - weights**2 @ self._own
        return _folded(whole.reshape(-1, c, c))

    def units(self) -> Floats:
        """Return (C * C,) counts of pairs of people behind the comparisons of each cell."""
        there = self._count.copy()
        there.data[:] = 1
        c = self._categories
        mass = np.asarray(there.sum(axis=0)).ravel()
        own = self._own.copy()
        own.data[:] = 1
        return _folded((np.outer(mass, mass) - np.asarray(own.sum(axis=0)).reshape(c, c))[None])[0]

    def spread(self, accepted: Accepted, rate: Floats) -> Floats:
        """Return (C * C,) sums over pairs of people of (errors - rate comparisons)^2, `rate` (C * C,) of each cell."""
        c = self._categories
        people, category, times = accepted.counted(self._count.shape[0])
        many = _looked_up(self._count, people[0], category[0]) * _looked_up(self._count, people[1], category[1])
        squares = self._count.power(2)
        mass = np.asarray(squares.sum(axis=0)).ravel()
        own = np.asarray(self._own.power(2).sum(axis=0)).reshape(c, c)
        whole = _folded((np.outer(mass, mass) - own)[None])[0]
        return _squared(category[0] * c + category[1], times, many, whole, rate)


class Listed:
    """The same of comparisons that are listed: `a`, `b` (P,) persons, `one`, `other` (P,) categories, -1 for none."""

    def __init__(
        self, persons: tuple[Places, Places], codes: tuple[NDArray[np.integer], NDArray[np.integer]], people: int, categories: int
    ) -> None:
        kept = (codes[0] >= 0) & (codes[1] >= 0)
        # a unit is a person in a category: persons change category where groups are those of a sitting
        one, other = _units(persons, codes, kept, people)
        apart = one % people != other % people
        self._categories, self._people = categories, people
        own = one[~apart], other[~apart]
        cell = own[0] // people * categories + own[1] // people
        self._own = _counts(own[0] % people, cell, (people, categories**2))
        one, other = one[apart], other[apart]
        there = np.zeros(people * categories, np.bool_)
        there[one] = there[other] = True
        keys, place = np.flatnonzero(there), np.cumsum(there, dtype=np.int32) - 1
        self._place = place
        self._person, self._code = keys % people, keys // people
        self._table = _counts(place[one], place[other], (len(keys), len(keys))).tocsc()
        self._starts = [np.flatnonzero(self._code == c) for c in range(categories)]

    def __call__(self, weights: Floats) -> Floats:
        """Return (B, C * C) totals under `weights` (B, people), in the places of `cell_of`."""
        c = self._categories
        w = weights[:, self._person].T
        out = np.zeros((len(weights), c, c))
        for g, right in enumerate(self._starts):
            if len(right):
                reached = np.asarray(self._table[:, right] @ w[right]) * w
                for h, left in enumerate(self._starts):
                    out[:, h, g] = reached[left].sum(axis=0)
        return out.reshape(len(weights), c * c) + weights @ self._own

    def units(self) -> Floats:
        """Return (C * C,) counts of pairs of people behind the comparisons of each cell."""
        c = self._categories
        rows, columns = self._table.nonzero()
        low, high = np.minimum(self._code[rows], self._code[columns]), np.maximum(self._code[rows], self._code[columns])
        apart = np.bincount(low * c + high, minlength=c * c)
        return apart + np.asarray((self._own > 0).sum(axis=0)).ravel()

    def spread(self, accepted: Accepted, rate: Floats) -> Floats:
        """Return (C * C,) sums over pairs of people of (errors - rate comparisons)^2, `rate` (C * C,) of each cell."""
        c = self._categories
        people, category, times = accepted.counted(self._people)
        rows, columns = (self._place[k * self._people + p] for k, p in zip(category, people, strict=True))
        many = _looked_up(self._table, rows, columns)
        table = self._table.tocoo()
        cells = self._code[table.row] * c + self._code[table.col]
        whole = np.bincount(cells, table.data**2, minlength=c * c).astype(np.float64)
        return _squared(category[0] * c + category[1], times, many, whole, rate)


@dataclass(frozen=True)
class Accepted:
    """Comparisons that err: `persons` and `codes` of both sides, (K,) each, as `Listed` takes them."""

    persons: tuple[Places, Places]
    codes: tuple[NDArray[np.integer], NDArray[np.integer]]

    def counted(self, people: int) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints], Floats]:
        """Return people (U,) twice, categories (U,) twice and errors (U,) of every two different people in two categories."""
        kept = (self.codes[0] >= 0) & (self.codes[1] >= 0) & (self.persons[0] != self.persons[1])
        one, other = _units(self.persons, self.codes, kept, people)
        pairs, times = np.unique(np.stack([one, other]), axis=1, return_counts=True)
        return (pairs[0] % people, pairs[1] % people), (pairs[0] // people, pairs[1] // people), times.astype(np.float64)


def narrowed(value: Floats, drawn: Floats, spread: Floats, trials: Floats) -> Floats:
    """Return `drawn` (B, C) rates brought nearer to `value` (C,), so that their variance is that of dyads (see above).

    spread (C,) of `spread`, trials (C,). The variance keeps at least the third that independent comparisons have.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.nanvar(np.where(np.isfinite(drawn), drawn, value), axis=0)
        share = np.clip(1 - 2 * spread / trials**2 / variance, 1 / 3, 1)
        return np.where(np.isfinite(share), value + (drawn - value) * np.sqrt(share), drawn)


def _units(
    persons: tuple[Places, Places], codes: tuple[NDArray[np.integer], NDArray[np.integer]], kept: NDArray[np.bool_], people: int
) -> tuple[Ints, Ints]:
    """Return the places (K,) of persons in categories on both sides, the smaller first: category, then person."""
    one, other = (code[kept] * np.int64(people) + person[kept] for person, code in zip(persons, codes, strict=True))
    turned = one > other
    one[turned], other[turned] = other[turned], one[turned]
    return one, other


def _squared(cell: Ints, times: Floats, many: Floats, whole: Floats, rate: Floats) -> Floats:
    """Return sums of (times - rate many)^2 by cell; `whole` (C * C,): sums of many^2, those of no error with them."""
    return np.bincount(cell, times**2 - 2 * rate[cell] * times * many, minlength=len(whole)) + rate**2 * whole


def _looked_up(table: sparse.spmatrix, rows: Ints, columns: Ints) -> Floats:
    return np.asarray(table[rows, columns], np.float64).ravel() if len(rows) else np.zeros(0)


def _counts(rows: NDArray[np.int64], columns: NDArray[np.int64], shape: tuple[int, int]) -> sparse.csr_matrix:
    return sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)


def _folded(whole: Floats) -> Floats:
    """Return (B, C * C): ordered totals (B, C, C) of which each pair stands twice, as unordered ones in the upper triangle."""
    c = whole.shape[1]
    upper = np.triu(whole, 1)
    upper[:, np.arange(c), np.arange(c)] = np.einsum("bii->bi", whole) / 2
    return upper.reshape(len(whole), c * c)


def components(first: NDArray[np.integer], second: NDArray[np.integer], templates: int) -> NDArray[np.int64]:
    """Return (T,) clusters of templates that comparisons (mated ones) link, one way or another: people of a list that names
    nobody."""
    links = sparse.coo_matrix((np.ones(len(first), np.int8), (first, second)), shape=(templates, templates))
    return csgraph.connected_components(links, directed=False)[1].astype(np.int64)


Totals = AllPairs | Listed
