"""The order in which the cells of a design are visited: place t depends on the shares, the seed and t alone.

The j-th visit of a cell of share p lies in its window [floor((j - 1) / p), ceil(j / p)): then the number of visits among the
first t is t p rounded down or up. Taking the earliest deadline first meets all windows (Tijdeman 1980, Discrete Math. 32:323-330;
Baruah et al. 1996, Algorithmica 15:600-625); what may go before it is known from the demand up to each deadline. There every
visit has a preferred place, drawn at random within its window, and of those due first the one is taken whose attributes were seen
least.

Marginals and quotas come first where there are any: the atoms that they tell apart are visited so, and the cells of an atom among
its own visits.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.population.fitting import atoms
from facegen.population.rounding import NEAR, ceils, floors

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CHOICE = 96
"""Visits among which the next one is chosen."""
POOL = 10
"""Visits that wait to be among them, times the root of the number of cells: parts drift apart by that much at random."""
AHEAD = (2, 2048)
"""Deadlines are looked at this many times the number of cells ahead, and at least so many places."""
BATCH = 1024
"""Places that are filled at most before deadlines are looked at again."""
SHARPNESS = 3.0
"""A part that is seen one time too often weighs e to this power as much."""
LOOSE = 0.5
"""How many visits the windows of atoms are wider at both ends: room to keep the sums of atoms, the demands, near."""
WIDEST = 5000
"""Partitions into more parts than this are left to the cells."""
_NEVER = 1 << 60


class Evenness:
    """How often the parts of some partitions were seen against their shares. parts (Q, K): the part of every cell in each."""

    def __init__(self, share: Floats, partitions: Sequence[Ints]) -> None:
        kept = [p for p in partitions if p.max(initial=0) < WIDEST]
        bases = np.cumsum([0, *(int(p.max()) + 1 for p in kept)])
        self._parts = np.array([p + b for p, b in zip(kept, bases, strict=False)], np.int64).reshape(len(kept), len(share))
        self._share = np.bincount(self._parts.ravel(), np.tile(share, len(kept)), int(bases[-1]))
        self._seen = np.zeros(int(bases[-1]))
        self._decay = np.exp(-SHARPNESS * self._share)
        self._weight = self._decay.copy()
        self._steps = 0

    def score(self, cells: Ints) -> Floats:
        """Return (n,) how much too often the parts of each of `cells` were seen: least is best."""
        return np.asarray(self._weight.take(self._parts.take(cells, axis=1)).sum(axis=0))

    def took(self, cell: int) -> None:
        """Count a visit of `cell`."""
        self._seen[self._parts[:, cell]] += 1
        self._steps += 1
        if self._steps % 64:
            self._weight *= self._decay
            self._weight[self._parts[:, cell]] *= math.exp(SHARPNESS)
        else:  # products drift
            self._weight = np.exp(np.clip(SHARPNESS * (self._seen - (self._steps + 1) * self._share), -300, 300))


class Windows:
    """The visits of `cells` (n,), whose shares (n,) sum to 1, each within its window.

    loose: how many visits the windows are wider. free: whether visits may come before others whose deadline is earlier; else no
    attribute is looked at, and the windows hold whatever the shares.
    """

    def __init__(
        self, cells: Ints, share: Floats, even: Evenness, stream: np.random.Generator, loose: float = 0.0, free: bool = True
    ) -> None:
        self._cells, self._share, self._even, self._stream, self._loose = cells, share / share.sum(), even, stream, loose
        self._free = free
        size = len(cells)
        self._count = np.zeros(size, np.int64)
        self._release, self._deadline = np.zeros(size, np.int64), ceils((1 + loose) / self._share)
        self._batch = min(max(int(0.5 / float(self._share.max())), size // 64, 1), BATCH)
        self._heap = [(float(k), c, 0) for c, k in enumerate(stream.random(size) / self._share)]
        heapq.heapify(self._heap)
        self._open = np.array([heapq.heappop(self._heap)[1] for _ in range(min(CHOICE + int(POOL * size**0.5), size))])
        self._place = np.full(size, -1)
        self._place[self._open] = np.arange(len(self._open))
        self._time, self._end, self._latest = 0, 0, 0
        self._urgent: set[int] = set()

    def next(self) -> int:
        """Return the cell of the next visit."""
        if len(self._cells) == 1:
            return int(self._cells[0])
        if not self._free:
            return self._earliest()
        if self._time == self._end:
            self._end += self._batch
            self._latest = self._last()
            self._urgent = set(np.flatnonzero(self._deadline <= self._end).tolist())
            spare = max(len(self._open) - CHOICE, 0)
            self._offset = self._stream.integers(0, spare + 1, self._batch).tolist()
        one = self._now() if self._urgent else -1
        if one < 0:
            first = self._offset[self._time - self._end]
            one = self._choose(self._open[first : first + CHOICE], self._latest)
        if one < 0:
            return self._earliest()
        self._visit(one)
        return int(self._cells[one])

    def _earliest(self) -> int:
        due = np.flatnonzero(self._release <= self._time)
        one = int(due[np.argmin(self._deadline[due])])
        self._visit(one)
        return int(self._cells[one])

    def _last(self) -> int:
        """Return the last deadline of the visits that may be put before those with an earlier one, in this batch."""
        horizon = max(AHEAD[0] * len(self._share), AHEAD[1], 2 * self._batch)
        due = np.maximum(floors((self._time + horizon) * self._share - self._loose) - self._count, 0)
        one = np.repeat(np.arange(len(due)), due)
        nth = np.arange(1, len(one) + 1) - np.repeat(np.cumsum(due) - due, due)
        deadline = ceils((self._count[one] + nth + self._loose) / self._share[one]) - self._time
        demand = np.bincount(np.clip(deadline, 0, horizon), minlength=horizon + 1)[self._batch + 1 :].cumsum()
        tight = np.flatnonzero(demand > np.arange(1, len(demand) + 1))
        return self._end + 1 + int(tight[0]) if len(tight) else _NEVER

    def _now(self) -> int:
        """Return a visit that must be made now for all that are due within the batch to be in time; -1: there is time."""
        urgent = np.fromiter(self._urgent, np.int64, len(self._urgent))
        deadline = self._deadline.take(urgent)
        order = np.sort(deadline)
        late = np.flatnonzero(order - self._time <= np.arange(1, len(order) + 1))
        return self._choose(np.sort(urgent), int(order[late[0]])) if len(late) else -1

    def _choose(self, ones: Ints, latest: int) -> int:
        """Return the cell whose parts have been seen least against their shares, of those that may be visited; -1: none may."""
        ok = (self._release.take(ones) <= self._time) & (self._deadline.take(ones) <= latest)
        score = self._even.score(self._cells.take(ones))
        score += np.exp(SHARPNESS * (self._count.take(ones) - (self._time + 1) * self._share.take(ones)))
        score[~ok] = np.inf
        best = int(score.argmin())
        return int(ones[best]) if ok[best] else -1

    def _visit(self, one: int) -> None:
        n, share = int(self._count[one]) + 1, float(self._share[one])
        self._time += 1
        self._count[one] = n
        self._release[one] = math.floor((n - self._loose) / share + NEAR)
        self._deadline[one] = deadline = math.ceil((n + 1 + self._loose) / share - NEAR)
        if deadline <= self._end:
            self._urgent.add(one)
        else:
            self._urgent.discard(one)
        entry = ((n + float(self._stream.random())) / share, one, n)
        place = int(self._place[one])
        if place < 0:
            heapq.heappush(self._heap, entry)
            return
        self._place[one] = -1
        other = heapq.heappushpop(self._heap, entry)
        while other[2] != self._count[other[1]]:  # visited since, out of turn
            other = heapq.heappop(self._heap)
        self._open[place] = other[1]
        self._place[other[1]] = place


class Visits:
    """The infinite sequence of cells; grows on demand and is the same whatever was asked before."""

    def __init__(self, share: Floats, attributes: Sequence[Ints], demands: Sequence[Ints], seed: int, free: bool = True) -> None:
        """share (K,): summing to 1; cells of share 0 are never visited. attributes, demands: partitions of the cells, (K,) each.
        free: see Windows."""
        self._cells = np.flatnonzero(share > 0)
        share = share[self._cells] / share.sum()
        attributes, demands = ([np.unique(p[self._cells], return_inverse=True)[1] for p in ps] for ps in (attributes, demands))
        atom = atoms(demands, len(share))
        self._even = Evenness(share, attributes)
        members = np.split(np.argsort(atom, kind="stable"), np.cumsum(np.bincount(atom))[:-1])
        weight: Floats = np.bincount(atom, share).astype(np.float64)
        inside = [rng.stream("plan.visits", a, seed=seed) for a in range(len(members))]
        self._inside = [Windows(c, share[c], self._even, s, free=free) for c, s in zip(members, inside, strict=True)]
        first = np.array([m[0] for m in members])
        self._demands = Evenness(weight, [d[first] for d in demands])
        self._atoms = Windows(np.arange(len(members)), weight, self._demands, rng.stream("plan.visits.atoms", seed=seed), LOOSE)
        self._several = len(members) > 1
        self._sequence: list[int] = []

    def upto(self, count: int) -> Ints:
        """Return (count,) the cells of the first `count` places."""
        while len(self._sequence) < count:
            self._grow()
        return np.array(self._sequence[:count], np.int64)

    def at(self, n: int) -> int:
        """Return the cell of place `n`."""
        while len(self._sequence) <= n:
            self._grow()
        return self._sequence[n]

    def _grow(self) -> None:
        atom = self._atoms.next()
        if self._several:
            self._demands.took(atom)
        cell = self._inside[atom].next()
        self._even.took(cell)
        self._sequence.append(int(self._cells[cell]))
