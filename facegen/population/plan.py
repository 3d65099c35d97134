"""The plan: every sample of a dataset, drawn lazily from its spec.

Identity n depends on (declared population, seed, n) alone, shot k of it on (declared shots, seed, n, k): asking for more
identities or more images changes none of those already drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache

from facegen.errors import RequestError
from facegen.population.identities import identity
from facegen.population.roster import Roster, age
from facegen.population.shots import shot
from facegen.population.sittings import sitting
from facegen.sample import Identity, SampleSpec, Sitting
from facegen.spec import DatasetSpec


class Plan:
    """The samples of `spec`, in order: image k of identity n is sample n * images_per_identity + k."""

    def __init__(self, spec: DatasetSpec) -> None:
        self.spec = spec
        self._roster = Roster(spec.population, spec.seed)
        self._identity = lru_cache(maxsize=256)(self._draw_identity)
        self._sitting = lru_cache(maxsize=256)(self._draw_sitting)

    def __len__(self) -> int:
        return self.spec.identities * self.spec.images_per_identity

    @property
    def cells(self) -> tuple[dict[str, str], ...]:
        """The cells that are visited evenly: one value for each balanced attribute; empty when nothing is balanced."""
        return self._roster.cells

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
        who, k = divmod(n, self.spec.images_per_identity)
        person = self._person(who)
        seat = self._sitting(who, k % self.spec.sittings_per_identity)
        return SampleSpec(
            image_id=f"{person.identity_id}_{k:03d}",
            identity=person,
            sitting=seat,
            shot=shot(self._roster.entry(who), k, seat, self.spec.shots, self.spec.seed),
            size_px=self.spec.size,
        )

    def samples(self) -> Iterator[SampleSpec]:
        """Yield every sample in order."""
        return (self.sample(n) for group in self.groups for n in group)

    @property
    def groups(self) -> list[list[int]]:
        """The numbers of the samples that are made together, a list for each identity."""
        per = self.spec.images_per_identity
        return [[who * per + k for k in range(per)] for who in range(self.spec.identities)]

    def sheet(self, count: int) -> list[int]:
        """Return the numbers that a sheet of `count` pictures shows: different people first, then their next shots."""
        per, people = self.spec.images_per_identity, self.spec.identities
        return [i % people * per + i // people for i in range(min(count, len(self)))]

    def _person(self, n: int) -> Identity:
        drawn = self.__dict__.get("identities")
        return self._identity(n) if drawn is None else drawn[n]

    def _draw_identity(self, n: int) -> Identity:
        entry = self._roster.entry(n)
        return identity(entry, self._roster.tables(entry.ancestry), self.spec.seed)

    def _draw_sitting(self, n: int, index: int) -> Sitting:
        population, seed = self.spec.population, self.spec.seed
        entry = self._roster.entry(n)
        when = age(entry, index, population, seed)
        return sitting(self._person(n), entry, index, when, self._roster.tables(entry.ancestry), population, seed)

    def _check(self, what: str, n: int, count: int) -> None:
        if not 0 <= n < count:
            raise RequestError(f"{what} {n} is not in this plan of {count}; choose 0 to {count - 1}")


def build(spec: DatasetSpec) -> Plan:
    """Return the plan of `spec`; nothing is drawn before it is asked for."""
    from facegen.population.counterfactual import CounterfactualPlan  # here: it is a Plan itself

    return CounterfactualPlan(spec) if spec.kind == "counterfactual" else Plan(spec)
