"""The plan: every sample of a dataset, drawn lazily from its spec.

Identity n depends on (declared population, seed, n) alone, shot k of it on (declared shots, seed, n, k): asking for more
identities or more images changes none of those already drawn. Designs that count people depend on how many there are.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from facegen.errors import RequestError
from facegen.population.ages import age
from facegen.population.depth import deep_ones
from facegen.population.identities import identity, identity_id
from facegen.population.roster import Roster
from facegen.population.shots import shot
from facegen.population.sittings import sitting
from facegen.population.without import without_identity, without_shot
from facegen.sample import Identity, SampleSpec, Sitting
from facegen.spec import DatasetSpec
from facegen.surroundings import files

SPLIT_BLOCK = 12
"""Identities of a designed population that go to one split together, at most: a design can have more cells than people."""


class Plan:
    """The samples of `spec`, in order of identities and of the images of each."""

    def __init__(self, spec: DatasetSpec) -> None:
        self.spec = spec
        for folder, kinds in ((spec.shots.environments, files.PANORAMAS), (spec.shots.backgrounds, files.PICTURES)):
            if folder is not None:
                files.listed(folder, kinds)  # said before anything is begun
        self._roster = Roster(spec.population, spec.seed, spec.identities)
        self._without = frozenset(spec.without)
        self._identity = lru_cache(maxsize=256)(self._draw_identity)
        self._sitting = lru_cache(maxsize=256)(self._draw_sitting)

    def __len__(self) -> int:
        if self._starts is None:
            return self.spec.identities * self.spec.images_per_identity
        return int(self._starts[-1])

    @property
    def cells(self) -> tuple[dict[str, str], ...]:
        """The cells that are visited: one value for each balanced or crossed attribute; empty when there are none."""
        return self._roster.cells

    @property
    def block(self) -> int:
        """How many identities in a row go to one split: a block of the balance, or some that follow a design about as nearly."""
        return len(self.cells) if self.spec.population.design is None else min(len(self.cells), SPLIT_BLOCK)

    def images(self, who: int) -> int:
        """Return how many images identity `who` has."""
        self._check("identity", who, self.spec.identities)
        if self._starts is None:
            return self.spec.images_per_identity
        return int(self._starts[who + 1] - self._starts[who])

    def number(self, who: int, k: int) -> int:
        """Return the number of the sample that is image `k` of identity `who`."""
        self._check("image", k, self.images(who))
        return k + (who * self.spec.images_per_identity if self._starts is None else int(self._starts[who]))

    @cached_property
    def _starts(self) -> NDArray[np.int64] | None:
        """(identities + 1,) the first sample of each identity, and how many there are; None where all have as many images."""
        if self.spec.depth is None:
            return None
        deep = deep_ones(self._roster.cells_of, self.spec.depth.deep, self.spec.identities, self.spec.seed)
        each = np.where(deep, self.spec.depth.deep_images, self.spec.images_per_identity)
        return np.concatenate([[0], np.cumsum(each)]).astype(np.int64)

    @cached_property
    def identities(self) -> list[Identity]:
        return [self._identity(n) for n in range(self.spec.identities)]

    @cached_property
    def sittings(self) -> list[Sitting]:
        return [self.sitting(n, s) for n in range(self.spec.identities) for s in range(self.spec.sittings_per_identity)]

    def identity(self, n: int) -> Identity:
        """Return identity `n`."""
        self._check("identity", n, self.spec.identities)
        return self._person(n)

    def sitting(self, n: int, index: int) -> Sitting:
        """Return sitting `index` of identity `n`."""
        self._check("identity", n, self.spec.identities)
        self._check("sitting", index, self.spec.sittings_per_identity)
        return self._sitting(n, index)

    def sample(self, n: int) -> SampleSpec:
        """Return sample `n`, the same as the n-th of `samples()`."""
        self._check("sample", n, len(self))
        return self._drawn(n)

    def _drawn(self, n: int) -> SampleSpec:
        who, k = self._place(n)
        person = self._person(who)
        seat = self._sitting(who, k % self.spec.sittings_per_identity)
        return SampleSpec(
            image_id=image_id(who, k),
            identity=person,
            sitting=seat,
            shot=without_shot(shot(self._roster.entry(who), k, seat, self.spec.shots, self.spec.seed), self._without),
            size_px=self.spec.size,
        )

    def image_id(self, n: int) -> str:
        """Return the id of sample `n`, which is not drawn for it."""
        self._check("sample", n, len(self))
        return image_id(*self._place(n))

    def samples(self) -> Iterator[SampleSpec]:
        """Yield every sample in order."""
        return (self.sample(n) for group in self.groups for n in group)

    @property
    def groups(self) -> list[list[int]]:
        """The numbers of the samples that are made together, a list for each identity."""
        return [[self.number(who, k) for k in range(self.images(who))] for who in range(self.spec.identities)]

    def sheet(self, count: int) -> list[int]:
        """Return the numbers that a sheet of `count` pictures shows: different people first, then their next shots."""
        people, deepest = range(self.spec.identities), self.spec.images_per_identity
        if self.spec.depth is not None:
            deepest = self.spec.depth.deep_images
        turns = (self.number(who, k) for k in range(deepest) for who in people if k < self.images(who))
        return list(itertools.islice(turns, count))

    def _place(self, n: int) -> tuple[int, int]:
        """Return the identity of sample `n` and which of its images it is."""
        if self._starts is None:
            return divmod(n, self.spec.images_per_identity)
        who = int(np.searchsorted(self._starts, n, side="right")) - 1
        return who, n - int(self._starts[who])

    def _person(self, n: int) -> Identity:
        drawn = self.__dict__.get("identities")
        return self._identity(n) if drawn is None else drawn[n]

    def _draw_identity(self, n: int) -> Identity:
        entry = self._roster.entry(n)
        return without_identity(identity(entry, self._roster.tables(entry.ancestry), self.spec.seed), self._without)

    def _draw_sitting(self, n: int, index: int) -> Sitting:
        population, seed = self.spec.population, self.spec.seed
        entry = self._roster.entry(n)
        when = age(entry, index, population, seed)
        return sitting(self._person(n), entry, index, when, self._roster.tables(entry.ancestry), population, seed)

    def _check(self, what: str, n: int, count: int) -> None:
        if not 0 <= n < count:
            raise RequestError(f"{what} {n} is not in this plan of {count}; choose 0 to {count - 1}")


def image_id(who: int, k: int) -> str:
    """Return the id of image `k` of identity `who`."""
    return f"{identity_id(who)}_{k:03d}"


def build(spec: DatasetSpec) -> Plan:
    """Return the plan of `spec`; nothing is drawn before it is asked for."""
    from facegen.population.counterfactual import CounterfactualPlan  # here: it is a Plan itself

    return CounterfactualPlan(spec) if spec.kind == "counterfactual" else Plan(spec)
