"""Bootstrap over clusters (people): whole people are drawn again, since pictures of one person are no independent draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from facegen import rng
from facegen.measures.intervals import wilson_clustered, wilson_many

DRAWS = 1000
"""Bootstrap samples behind every interval."""
FEW = 5
"""Clusters below which percentiles of shares are too narrow: of one person they have no width at all."""
_NUMBERS = 4_000_000
"""Weights in memory at once."""


def weights(clusters: int, draws: int = DRAWS) -> Iterator[NDArray[np.float64]]:
    """Yield (some draws, clusters) counts: how often each cluster is in a sample of as many clusters, with replacement.

    One stream (facegen.rng) for every use, so that all intervals of a document come from the same people, drawn again.
    """
    stream = rng.stream("measures.bootstrap", seed=0)
    batch = max(1, min(100, _NUMBERS // max(clusters, 1)))
    for done in range(0, draws, batch):
        size = min(batch, draws - done)
        drawn = (stream.integers(0, clusters, clusters) for _ in range(size))
        yield np.stack([np.bincount(places, minlength=clusters) for places in drawn]).astype(np.float64)


def share_intervals(
    codes: Mapping[str, NDArray[np.int64]], sizes: Mapping[str, int], member: NDArray[np.int64], clusters: int, draws: int = DRAWS
) -> dict[str, NDArray[np.float64]]:
    """Return attribute -> (categories, 2) 95% intervals of shares of records, by percentile bootstrap over clusters (Efron 1979).

    codes: attribute -> (N,) places among `sizes` categories; member (N,): cluster of each record. A category that no record or
    every record has gives the bootstrap nothing to vary: it gets Wilson's interval of that share over the clusters. With fewer
    than FEW clusters percentiles are too narrow: all shares get `wilson_clustered`'s interval.
    """
    tables = {
        name: np.bincount(member * sizes[name] + code, minlength=clusters * sizes[name]).reshape(clusters, -1).astype(float)
        for name, code in codes.items()
    }
    if clusters < FEW:
        return {name: few_intervals(table) for name, table in tables.items()}
    records = np.bincount(member, minlength=clusters).astype(float)
    drawn: dict[str, list[NDArray[np.float64]]] = {name: [] for name in tables}
    for weight in weights(clusters, draws):
        total = (weight @ records)[:, None]
        for name, table in tables.items():
            drawn[name].append(weight @ table / total)
    out = {}
    for name, table in tables.items():
        share = table.sum(axis=0) / records.sum()
        low, high = np.quantile(np.concatenate(drawn[name]), [0.025, 0.975], axis=0)
        fixed = (share == 0) | (share == 1)
        exact = wilson_many(np.where(share == 1, clusters, 0), clusters)
        out[name] = np.where(fixed[:, None], exact, np.stack([low, high], axis=1))
    return out


def few_intervals(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (K, 2) 95% intervals of the shares of `table` (C, K), counts in few clusters; what none or all have is as likely as
    the clusters say."""
    clusters = len(table)
    counts = table.sum(axis=0)
    fixed = (counts == 0) | (counts == counts.sum())
    exact = wilson_many(np.where(counts > 0, clusters, 0), clusters) if clusters > 1 else np.tile([0.0, 1.0], (len(counts), 1))
    return np.where(fixed[:, None], exact, wilson_clustered(table))


def t_interval(value: NDArray[np.float64], drawn: NDArray[np.float64], groups: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (..., 2) 95% intervals value -+ t sd, sd over the bootstrap samples `drawn` (B, ...), t with `groups` - 1 degrees.

    `groups` (...): independent clusters in the smaller of two groups compared. With few people percentiles are too narrow; t
    makes up for most of it. NaN where it is not defined.
    """
    there = np.isfinite(drawn)
    count = there.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(there, drawn, 0).sum(axis=0) / count
        deviation = np.sqrt(np.where(there, (drawn - mean) ** 2, 0).sum(axis=0) / count)
        width = np.where((groups > 1) & (count > 1), stats.t.ppf(0.975, np.maximum(groups - 1, 1)) * deviation, np.nan)
    return np.stack([value - width, value + width], axis=-1)
