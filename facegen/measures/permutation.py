"""Permutation tests of many factors against one attribute at once, where records come in clusters."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

K = TypeVar("K", bound=Hashable)
BATCH = 64
"""Permutations of one matrix product."""


def association_p(
    factors: Mapping[str, ArrayLike], attribute: ArrayLike, cluster: ArrayLike, rounds: int, rng: np.random.Generator
) -> dict[str, float]:
    """Return the permutation p-value of each factor's chi-square with `attribute`.

    factors: name -> (N,) categories of the records; attribute (N,) is the same within a cluster; cluster (N,) names what is
    exchangeable under independence: a sitting, whose records all move together. Clusters' attributes are permuted `rounds` times;
    p = (1 + times the statistic is reached) / (1 + rounds) (Phipson & Smyth 2010, Stat. Appl. Genet. Mol. Biol. 9:39). Raises
    ValueError where an attribute differs within a cluster.
    """
    names, first, member = np.unique(np.asarray(cluster), return_index=True, return_inverse=True)
    values = np.asarray(attribute)
    if (values[first][member] != values).any():
        raise ValueError("the attribute differs within a cluster; permute the level it belongs to")
    groups = _one_hot(values[first])
    columns = [_summed(_one_hot(np.asarray(f)), member, len(names)) for f in factors.values()]
    widths = np.array([c.shape[1] for c in columns])
    counts = np.concatenate(columns, axis=1)
    weight = np.bincount(member, minlength=len(names)).astype(np.float64)
    starts = np.concatenate([[0], np.cumsum(widths)[:-1]])
    reached = np.zeros(len(columns))
    seen = _chi_square(groups[None], counts, weight, starts)[0]
    for done in range(0, rounds, BATCH):
        order = np.stack([rng.permutation(len(names)) for _ in range(min(BATCH, rounds - done))])
        reached += (_chi_square(groups[order], counts, weight, starts) >= seen * (1 - 1e-9)).sum(axis=0)
    return dict(zip(factors, ((1 + reached) / (1 + rounds)).tolist(), strict=True))


def holm(p_values: Mapping[K, float]) -> dict[K, float]:
    """Return Holm's step-down adjusted p-values (Holm 1979, Scand. J. Stat. 6:65-70)."""
    order = sorted(p_values, key=lambda name: p_values[name])
    adjusted: dict[K, float] = {}
    least = 0.0
    for rank, name in enumerate(order):
        least = max(least, min(1.0, (len(order) - rank) * p_values[name]))
        adjusted[name] = least
    return {name: adjusted[name] for name in p_values}


def _one_hot(values: NDArray[np.generic]) -> NDArray[np.float64]:
    _, code = np.unique(values, return_inverse=True)
    return np.eye(int(code.max()) + 1)[code]


def _summed(rows: NDArray[np.float64], member: NDArray[np.intp], clusters: int) -> NDArray[np.float64]:
    out = np.zeros((clusters, rows.shape[1]))
    np.add.at(out, member, rows)
    return out


def _chi_square(
    groups: NDArray[np.float64], counts: NDArray[np.float64], weight: NDArray[np.float64], starts: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return (B, F) chi-square statistics of F factors, whose columns of counts (S, C) begin at `starts`; groups (B, S, G)."""
    turned = groups.transpose(0, 2, 1)
    table = turned @ counts
    expected = (turned @ weight)[..., None] * counts.sum(axis=0) / weight.sum()
    return np.add.reduceat(((table - expected) ** 2 / expected).sum(axis=1), starts, axis=1)
