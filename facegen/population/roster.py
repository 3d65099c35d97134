"""Who is in the plan: the cell of every identity, visited in shuffled complete blocks, or as a design has it (visiting.py).

The roster is walked from identity 0 on, and knows nothing of how many there will be (but where a design counts people): entry n
depends on the declared population, the seed and n alone, and any prefix is balanced within one.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.population.demographics import Tables, eye_class, tables
from facegen.population.design import Solved, solve
from facegen.population.distributions import Categories, of, scramble, spread
from facegen.population.visiting import Visits
from facegen.spec.design import OWNS
from facegen.spec.population import TABLE_WORDS, Population
from facegen.spec.values import Categorical

SHUFFLED = 32
SHUFFLED_IN_CELL = 8
"""Cells of a design are small, and what is spread within one cannot follow its own order."""
EVENED_CELLS = 600
"""Up to this many cells a block is rearranged so that single attributes are even early on (quadratic in the cells)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The declared attributes of identity `index`. `visit`: how many before it belong to the same cell; `age_rank`: how many
    started in the same age band. `within`: of a designed population, the cell that numbers are spread in; else empty."""

    index: int
    cell: int | None
    visit: int
    sex: str
    age_band: str
    ancestry: str
    skin_monk: int
    eye_color: str
    hair_color: str
    hair_curl: str
    body_fat: float
    owns_glasses: bool
    age_rank: int
    within: str = ""


class Roster:
    """Grows on demand; `entry(n)` is the same whatever was asked before."""

    def __init__(self, population: Population, seed: int, identities: int | None = None) -> None:
        """identities: the declared number, for designs that count. Raises SpecError where a design cannot be met."""
        self._population = population
        self._seed = seed
        self._balanced = population.balanced
        self.solved: Solved | None = None
        if population.design is not None:
            self.solved = solve(population, identities)
            self._visits = _visits(self.solved, seed)
        self._entries: list[Entry] = []
        self._counts: Counter[tuple[str, str]] = Counter()
        self._tones: Counter[tuple[str, ...]] = Counter()
        self._order: list[int] = []

    @cached_property
    def cells(self) -> tuple[dict[str, str], ...]:
        """The cells that are visited: one value for each balanced or crossed attribute; empty where there are none."""
        if self.solved is not None:
            return tuple(self.solved.cell(k) for k in range(len(self.solved.share)))
        names = [getattr(self._population, attribute).names for attribute in self._balanced]
        return tuple(dict(zip(self._balanced, words, strict=True)) for words in (itertools.product(*names) if names else ()))

    def cells_of(self, count: int) -> NDArray[np.int64]:
        """Return (count,) the number of the cell of each of the first identities, none of them drawn; 0 where there are none."""
        if self.solved is not None:
            return self._visits.upto(count)
        size = len(self.cells)
        blocks = [self._block(b) for b in range(-(-count // size))] if size else [[0] * count]
        return np.array(blocks, np.int64).ravel()[:count]

    def count(self, people: int) -> NDArray[np.int64]:
        """Return (K,) how many of the first `people` lie in each cell; of a population without cells (1,)."""
        size = len(self.cells) if self.solved is None else len(self.solved.share)
        if self.solved is not None or size == 0:
            return np.bincount(self.cells_of(people), minlength=size)
        blocks, rest = divmod(people, size)
        return blocks + np.bincount(self._block(blocks)[:rest], minlength=size)

    def entry(self, n: int) -> Entry:
        while len(self._entries) <= n:
            self._entries.append(self._next(len(self._entries)))
        return self._entries[n]

    def tables(self, ancestry: str) -> Tables:
        mixture = self._population.mixtures.get(ancestry)
        return tables(ancestry, None if mixture is None else tuple(sorted(mixture.items())))

    def _next(self, n: int) -> Entry:
        cell = self._cell(n)
        fixed = {} if cell is None else self.cells[cell]
        designed = self.solved is not None
        visit = self._count("cell", str(cell)) if designed else n // max(len(self.cells), 1)
        within = f".cell{cell}" if designed else ""
        sex = fixed["sex"] if "sex" in fixed else self._declared("sex", n)
        band = fixed["age_band"] if "age_band" in fixed else self._declared("age_band", n)
        ancestry = fixed["ancestry"] if "ancestry" in fixed else self._declared("ancestry", n)
        table = self.tables(ancestry)
        rank = self._count("ancestry", ancestry)
        eyes = fixed["eye_color"] if "eye_color" in fixed else self._trait("eye_color", n, ancestry, rank, table.eye_color)
        dark = eye_class(eyes)
        hair_rank = self._count(f"hair {dark}", ancestry)
        hair = self._trait("hair_color", n, f"{ancestry}.{dark}", hair_rank, table.hair_color[dark])
        curl = self._trait("hair_curl", n, ancestry, rank, table.hair_curl)
        return Entry(
            index=n,
            cell=cell,
            visit=visit,
            sex=sex,
            age_band=band,
            ancestry=ancestry,
            skin_monk=int(fixed["skin_monk"]) if "skin_monk" in fixed else self._tone(n, sex, band, ancestry, table),
            eye_color=eyes,
            hair_color=fixed.get("hair_color", hair),
            hair_curl=fixed.get("hair_curl", curl),
            body_fat=of(self._population.body_fat).ppf(
                evenly(f"body_fat{within}", visit, self._seed, SHUFFLED_IN_CELL) if designed else self._even("body_fat", n)
            ),
            owns_glasses=fixed["glasses"] == OWNS[True] if "glasses" in fixed else self._owns(sex, ancestry),
            age_rank=self._count(f"age_band{within}", band),
            within=within,
        )

    def _owns(self, sex: str, ancestry: str) -> bool:
        rank = self._count("glasses", f"{sex} {ancestry}")
        return evenly(f"glasses.{sex}.{ancestry}", rank, self._seed) < self._population.glasses

    def _cell(self, n: int) -> int | None:
        if self.solved is not None:
            return self._visits.at(n)
        if not self.cells:
            return None
        block, place = divmod(n, len(self.cells))
        if place == 0:
            self._order = self._block(block)
        return self._order[place]

    def _block(self, block: int) -> list[int]:
        """Return the cells in the order of a complete block."""
        shuffled = [int(i) for i in rng.stream("plan.cells", block, seed=self._seed).permutation(len(self.cells))]
        return _evened(shuffled, self.cells) if len(self.cells) <= EVENED_CELLS else shuffled

    def _declared(self, attribute: str, n: int) -> str:
        declared: Categorical = getattr(self._population, attribute)
        return Categories.of(declared.root).pick(self._even(attribute, n))

    def _trait(self, attribute: str, n: int, group: str, rank: int, table: Categories) -> str:
        declared: Categorical = getattr(self._population, attribute)
        if declared.names != (TABLE_WORDS[attribute],):
            return self._declared(attribute, n)
        return table.pick(evenly(f"{attribute}.{group}", rank, self._seed))

    def _tone(self, n: int, sex: str, band: str, ancestry: str, table: Tables) -> int:
        """The anchor that this ancestry has seen least (so even within one over every prefix of its people).

        Of several such, the one seen least with this sex and this age band, within the ancestry and then in all; then by lot.
        """
        declared = self._population.skin_monk
        by_table = declared.names == (TABLE_WORDS["skin_monk"],)
        if not by_table and not declared.even:
            return int(self._declared("skin_monk", n))
        tones = table.skin_monk if by_table else tuple(int(name) for name in declared.names)
        lot = rng.stream("plan.skin_monk", n, seed=self._seed).permutation(len(tones))
        groups = ((ancestry,), (ancestry, sex), (sex,), (ancestry, band), (band,))
        seen = self._tones
        best = min(range(len(tones)), key=lambda i: (*(seen[(*group, str(tones[i]))] for group in groups), lot[i]))
        for group in groups:
            seen[(*group, str(tones[best]))] += 1
        return tones[best]

    def _even(self, attribute: str, n: int) -> float:
        return evenly(attribute, n, self._seed)

    def _count(self, group: str, name: str) -> int:
        self._counts[group, name] += 1
        return self._counts[group, name] - 1


def _visits(solved: Solved, seed: int) -> Visits:
    """Return the order of visits: of whole numbers where the design counts, else of its shares, whose demands then come first."""
    attributes = [np.ascontiguousarray(column) for column in solved.codes.T]
    if solved.counts is None:
        return Visits(solved.share, attributes, [d.part for d in solved.demands], seed)
    chosen = Visits(solved.target, attributes, [], seed)
    people = int(solved.counts.sum())
    exact = (np.bincount(chosen.upto(people), minlength=len(solved.counts)) == solved.counts).all()
    return chosen if exact else Visits(solved.target, attributes, [], seed, free=False)


def evenly(name: str, index: int, seed: int, shuffled: int = SHUFFLED) -> float:
    """Return point `index` of the even sequence `name`, shuffled within blocks of 32 or `shuffled`, a power of two.

    Cells come in a regular order (women and men nearly in turn), and so do the points of a Sobol sequence (every second one lies
    in the same half): without the shuffle the one would follow the other.
    """
    block, place = divmod(index, shuffled)
    return spread(block * shuffled + _shuffle(name, block, seed, shuffled)[place], _scramble(name, seed))


@lru_cache(maxsize=4096)
def _shuffle(name: str, block: int, seed: int, size: int) -> list[int]:
    return [int(i) for i in rng.stream(f"plan.{name}.order", block, seed=seed).permutation(size)]


@lru_cache(maxsize=4096)
def _scramble(name: str, seed: int) -> int:
    return scramble(f"plan.{name}", seed=seed)


def _evened(order: list[int], cells: tuple[dict[str, str], ...]) -> list[int]:
    """Return `order` rearranged so that single attributes, then pairs of them, come up evenly from its start on.

    Each place takes, of the cells that are left, the one whose words were seen least, the earlier in `order` of equals: a small
    dataset shows both sexes and every age band long before it shows every cell.
    """
    keys = [tuple(cell.items()) for cell in cells]
    pairs = [tuple(itertools.combinations(key, 2)) for key in keys]
    ones: Counter[tuple[str, str]] = Counter()
    twos: Counter[tuple[tuple[str, str], ...]] = Counter()
    left, out = list(order), []
    while left:
        best = min(
            left, key=lambda i: (max(ones[k] for k in keys[i]), sum(ones[k] for k in keys[i]), sum(twos[p] for p in pairs[i]))
        )
        left.remove(best)
        out.append(best)
        ones.update(keys[best])
        twos.update(pairs[best])
    return out
