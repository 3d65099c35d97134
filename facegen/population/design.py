"""A designed population solved: the cells that may occur, their target shares, and whole numbers where the design counts people.

The starting table is the population as declared: independent shares of each attribute, and the tables of ancestry for those that
follow them. Marginals and quotas are reached from it by iterative proportional fitting (fitting.py).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegen.errors import SpecError
from facegen.population import never
from facegen.population.demographics import Tables, eye_class, tables
from facegen.population.fitting import Claim, Demand, conflict, fit
from facegen.population.rounding import whole
from facegen.spec.design import CROSS, Design, said
from facegen.spec.population import Population

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Solved:
    """codes (K, A): the word of each attribute in each cell that may occur; share (K,): its target, summing to 1; demands: the
    marginals and quotas over these cells; counts (K,): whole numbers for `identities` people where the design counts them."""

    attributes: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    codes: Ints
    share: Floats
    demands: tuple[Demand, ...]
    counts: Ints | None

    @property
    def target(self) -> Floats:
        """(K,) the share of each cell that the plan aims at: its whole number where the design counts."""
        return self.share if self.counts is None else self.counts / self.counts.sum()

    def cell(self, k: int) -> dict[str, str]:
        """Return the word of each attribute in cell `k`."""
        return {a: w[c] for a, w, c in zip(self.attributes, self.words, self.codes[k], strict=True)}


def solve(population: Population, identities: int | None) -> Solved:
    """Return the solved design of `population`; `identities`: how many people its counts and its minimum are of.

    Raises SpecError, naming the demands that contradict each other, where no table meets them all.
    """
    design = population.design
    assert design is not None
    if design.counted and identities is None:
        raise SpecError("population.design: counts and minimum_per_cell are of a number of identities; give it")
    never.check(population)
    people = identities if design.counted and identities is not None else None
    table = _Table(population, design)
    kept = np.flatnonzero(table.occurs)
    if not len(kept):
        raise SpecError(f"population.design: {_joined(table.zeros)} leave no cell; change or drop one of them")
    narrowed = [Demand(d.part[kept], d.share, d.names, d.count) for d in table.demands(people)]
    start = table.start[kept] / table.start[kept].sum()
    share = fit(start, narrowed, np.zeros(len(kept)))
    if share is not None and people is not None and (share * people < design.minimum_per_cell * (1 - 1e-9)).any():
        share = fit(np.maximum(share, 1e-300), narrowed, np.full(len(kept), design.minimum_per_cell / people))
    if share is None:
        raise SpecError(table.explained(people))
    counts = None
    if people is not None:
        counts = whole(share, narrowed, design.minimum_per_cell, people, table.codes[kept])
        if counts is None:
            raise SpecError(
                f"population.design: no whole numbers of {people} identities meet the counts and minimum_per_cell at once; "
                "change the number of identities, or a quota"
            )
    return Solved(design.attributes, table.words, table.codes[kept], share, tuple(narrowed), counts)


class _Table:
    """The full cross of a design: what may occur, the starting shares, and the demands over it."""

    def __init__(self, population: Population, design: Design) -> None:
        self.population, self.design = population, design
        self.words = tuple(population.words(a) for a in design.attributes)
        sizes = tuple(len(w) for w in self.words)
        self.codes = np.indices(sizes).reshape(len(sizes), -1).T.astype(np.int64)
        self.start, tabled = self._start()
        self.zeros: list[tuple[str, Flags]] = []
        for name, forbidden in tabled:
            self.zeros.append((name, forbidden))
        for i, pattern in enumerate(design.never):
            if set(pattern) <= set(design.attributes):
                self.zeros.append((f"never[{i}] ({said(pattern)})", self.matches(pattern)))
        self.occurs = self.start > 0
        for _, forbidden in self.zeros:
            self.occurs &= ~forbidden
        for key, shares in design.marginals.items():
            part, names = self.parts(key)
            self.occurs &= np.array([shares.get(n, 0.0) > 0 for n in names])[part]

    def column(self, attribute: str) -> Ints:
        return self.codes[:, self.design.attributes.index(attribute)]

    def matches(self, pattern: dict[str, tuple[str, ...]]) -> Flags:
        found = np.ones(len(self.codes), bool)
        for attribute, words in pattern.items():
            listed = self.words[self.design.attributes.index(attribute)]
            found &= np.isin(self.column(attribute), [listed.index(w) for w in words])
        return found

    def parts(self, key: str) -> tuple[Ints, list[str]]:
        """Return the part of each cell in the marginal `key`, and the names of the parts."""
        chosen = [self.design.attributes.index(a) for a in key.split(CROSS)]
        part = np.zeros(len(self.codes), np.int64)
        for i in chosen:
            part = part * len(self.words[i]) + self.codes[:, i]
        return part, [CROSS.join(ws) for ws in itertools.product(*(self.words[i] for i in chosen))]

    def demands(self, people: int | None) -> list[Demand]:
        """Return every marginal and quota; the two parts of a quota, those inside and the others, bear one name."""
        out = []
        for key, shares in self.design.marginals.items():
            part, words = self.parts(key)
            share = np.array([shares.get(word, 0.0) for word in words])
            names = tuple(f"marginals.{key} ('{word}' {s:g})" for word, s in zip(words, share, strict=True))
            out.append(Demand(part, share / share.sum(), names))
        for i, quota in enumerate(self.design.quotas):
            part = np.where(self.matches(quota.where), 0, 1).astype(np.int64)
            count = None
            if quota.count is not None:
                assert people is not None
                count = np.array([quota.count, people - quota.count])
            inside = float(quota.share) if quota.share is not None else quota.count / people  # type: ignore[operator]
            asked = f"share {inside:g}" if quota.count is None else f"count {quota.count} of {people} identities"
            name = f"quotas[{i}] ({said(quota.where)}: {asked})"
            out.append(Demand(part, np.array([inside, 1 - inside]), (name, name), count))
        return out

    def explained(self, people: int | None) -> str:
        """Return the message that names a smallest set of demands which cannot hold together."""
        claims: list[Claim] = []
        groups: list[list[int]] = []
        named_zeros = np.any([flags for _, flags in self.zeros], axis=0) if self.zeros else np.zeros(len(self.codes), bool)
        for name, forbidden in [*self.zeros, ("declared shares of 0", (self.start <= 0) & ~named_zeros)]:
            if forbidden.any():
                groups.append([len(claims)])
                claims.append(Claim(name, forbidden, 0.0))
        if people is not None and self.design.minimum_per_cell:
            groups.append([len(claims)])
            each, cells = self.design.minimum_per_cell, int(self.occurs.sum())
            least = f"minimum_per_cell ({each} in each of {cells} cells, {people} identities)"
            claims.append(Claim(least, self.occurs, self.design.minimum_per_cell / people, least=True))
        for demand in self.demands(people):
            named = range(len(dict.fromkeys(demand.names)))
            groups.append([len(claims) + i for i in named])
            claims += [Claim(demand.names[i], demand.part == i, float(demand.share[i])) for i in named]
        found = conflict(claims, groups, len(self.codes))
        listed = _joined([(c.name, c.where) for c in found])
        together = "together" if len(found) > 1 else "for any people"
        return f"population.design: {listed} cannot hold {together}; change or drop one of them"

    def _start(self) -> tuple[Floats, list[tuple[str, Flags]]]:
        """Return the starting share of each cell of the cross, and which cells the tables of ancestry leave empty."""
        share = np.ones(len(self.codes))
        empty = []
        for attribute, words in zip(self.design.attributes, self.words, strict=True):
            column = self.column(attribute)
            if self.population.follows_table(attribute):
                factor = self._tabled(attribute, words)
                empty.append(
                    (
                        f"{attribute} {getattr(self.population, attribute).names[0]} (what each ancestry's table holds)",
                        factor <= 0,
                    )
                )
                share = share * factor
            elif attribute == "glasses":
                share = share * np.array([1 - self.population.glasses, self.population.glasses])[column]
            else:
                declared = getattr(self.population, attribute).root
                share = share * np.array([declared[w] for w in words])[column]
        return share, [(name, flags) for name, flags in empty if flags.any()]

    def _tabled(self, attribute: str, words: tuple[str, ...]) -> Floats:
        """Return (K,) the share of a cell's word given its ancestry, for hair colour given its eyes too."""
        ancestry, eyes = self._of("ancestry"), self._of("eye_color")
        out = np.zeros(len(self.codes))
        column = self.column(attribute)
        found: dict[tuple[str, ...], Floats] = {}
        for k, code in enumerate(column):
            key = (ancestry[k], eyes[k] if attribute == "hair_color" else "")
            if key not in found:
                found[key] = shares_of(attribute, words, table_of(self.population, key[0]), key[1])
            out[k] = found[key][code]
        return out

    def _of(self, attribute: str) -> list[str]:
        """Return the word of `attribute` in each cell; one that is not crossed is fixed, or plays no part."""
        if attribute in self.design.attributes:
            listed = self.words[self.design.attributes.index(attribute)]
            return [listed[c] for c in self.column(attribute)]
        return [self.population.words(attribute)[0]] * len(self.codes)


def table_of(population: Population, ancestry: str) -> Tables:
    """Return the tables of one of the population's ancestries."""
    mixture = population.mixtures.get(ancestry)
    return tables(ancestry, None if mixture is None else tuple(sorted(mixture.items())))


def shares_of(attribute: str, words: Sequence[str], table: Tables, eyes: str) -> Floats:
    """Return (words,) the share of each word in an ancestry's table; tones are even over its range."""
    if attribute == "skin_monk":
        return np.array([1 / len(table.skin_monk) if int(w) in table.skin_monk else 0.0 for w in words])
    chosen = table.hair_color[eye_class(eyes)] if attribute == "hair_color" else getattr(table, attribute)
    return np.array([chosen.probability(w) for w in words])


def _joined(named: Sequence[tuple[str, object]]) -> str:
    names = list(dict.fromkeys(name for name, _ in named))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
