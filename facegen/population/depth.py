"""Deep and shallow identities: who of a dataset is seen often."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.population.rounding import NEAR

Ints = NDArray[np.int64]


def deep_ones(cells: Callable[[int], Ints], share: float, count: int, seed: int) -> NDArray[np.bool_]:
    """Return (count,) whether each of the first identities is deep: the share of every prefix within one.

    The identities are cut into runs of 1 / share, one deep in each: the one whose cell has fewest deep ones against the people in
    it, by lot among equals, so that the cells get their part too. Above one half the shallow ones are dealt so. Whoever is deep
    stays so when more identities are asked for. cells: returns the cell of each of the first n identities.
    """
    rare = min(share, 1 - share)
    runs = int(np.floor(count * rare + NEAR)) + 1
    bounds = np.floor(np.arange(runs + 1) / rare + NEAR).astype(np.int64)
    cell = cells(int(bounds[-1]))
    width = int(cell.max()) + 1
    seen, dealt = np.zeros(width), np.zeros(width)
    chosen = np.zeros(int(bounds[-1]), bool)
    for run, (a, b) in enumerate(zip(bounds[:-1], bounds[1:], strict=True)):
        here = cell[a:b]
        np.add.at(seen, here, 1)
        lot = rng.stream("plan.depth", run, seed=seed).permutation(b - a)
        best = a + int(np.lexsort((lot, dealt[here] - rare * seen[here]))[0])
        chosen[best] = True
        dealt[cell[best]] += 1
    return (chosen if share <= 0.5 else ~chosen)[:count]
