"""Comparisons of two people each, when people are drawn again: how much every comparison, and all of a group, then count.

A person drawn w times counts w times: a comparison of one person with themselves counts w, of persons i and j w_i w_j (the
bootstrap of dyadic data: Owen 2007, Ann. Appl. Stat. 1:386-411; Davezies, D'Haultfoeuille & Guyonvarch 2021, Ann. Stat.
49:845-862). It is consistent and, where few comparisons err and the people in them differ, too wide: up to sqrt(3) times.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

Floats = NDArray[np.float64]
Places = NDArray[np.int32]


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


class Listed:
    """The same of comparisons that are listed: `a`, `b` (P,) persons, `one`, `other` (P,) categories, -1 for none."""

    def __init__(
        self, persons: tuple[Places, Places], codes: tuple[NDArray[np.integer], NDArray[np.integer]], people: int, categories: int
    ) -> None:
        kept = (codes[0] >= 0) & (codes[1] >= 0)
        # a unit is a person in a category: persons change category where groups are those of a sitting
        one, other = (person[kept] * np.int64(categories) + code[kept] for person, code in zip(persons, codes, strict=True))
        turned = one % categories > other % categories
        one[turned], other[turned] = other[turned], one[turned]
        apart = one // categories != other // categories
        self._categories = categories
        own = one[~apart], other[~apart]
        cell = own[0] % categories * categories + own[1] % categories
        self._own = _counts(own[0] // categories, cell, (people, categories**2))
        one, other = one[apart], other[apart]
        there = np.zeros(people * categories, np.bool_)
        there[one] = there[other] = True
        keys, place = np.flatnonzero(there), np.cumsum(there, dtype=np.int32) - 1
        self._person, self._code = keys // categories, keys % categories
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


def _counts(rows: NDArray[np.int64], columns: NDArray[np.int64], shape: tuple[int, int]) -> sparse.csr_matrix:
    return sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)


def _folded(whole: Floats) -> Floats:
    """Return (B, C * C): ordered totals (B, C, C) of which each pair stands twice, as unordered ones in the upper triangle."""
    c = whole.shape[1]
    upper = np.triu(whole, 1)
    upper[:, np.arange(c), np.arange(c)] = np.einsum("bii->bi", whole) / 2
    return upper.reshape(len(whole), c * c)


def components(first: NDArray[np.integer], second: NDArray[np.integer], templates: int) -> NDArray[np.int64]:
    """Return (T,) clusters of templates that comparisons link, one way or another: people of a list that names nobody."""
    links = sparse.coo_matrix((np.ones(len(first), np.int8), (first, second)), shape=(templates, templates))
    return csgraph.connected_components(links, directed=False)[1].astype(np.int64)


Totals = AllPairs | Listed
