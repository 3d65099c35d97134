"""Whether two sets have the same shares, where the records of a set may come in clusters (pictures of one person)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from facegen.measures.balance import shares
from facegen.measures.intervals import wilson
from facegen.measures.resample import FEW, few_intervals

DEFINITIONS = {
    "tv": "total variation distance of the two sets' shares, half the sum of |p - q|; 0 the same, 1 nothing in common",
    "js": "Jensen-Shannon divergence of the two sets' shares, nats; at most ln 2",
    "chi2_p": "chi-square test of homogeneity over the categories that occur; counts are divided by their set's design effect "
    "first, since images of one person are no independent draws (Rao & Scott 1981, JASA 76:221; 1992, Biometrics 48:577); by "
    "simulation of equal shares where more than a fifth of the expected counts lie below 5 (Cochran 1954, Biometrics 10:417)",
    "p_holm": "chi2_p adjusted for all tests of the comparison (Holm 1979, Scand. J. Stat. 6:65)",
    "effect": "sqrt(sum (p - q)^2 / (2 (p + q))): Cramer's V of the table if both sets had as many records; 0 to 1",
    "interval": "95% percentile interval of tv, identities (images where a set knows none) drawn anew with replacement; the "
    "distance of two samples is never below 0, so that the interval of equal sets lies above it",
}


LEAST_EXPECTED = 5


@dataclass(frozen=True)
class Clusters:
    """Counts of categories in clusters: `rows` (U, K) the different ones, `times` (U,) how many clusters have each."""

    rows: NDArray[np.int64]
    times: NDArray[np.int64]

    @classmethod
    def of(cls, codes: ArrayLike, categories: int, cluster: ArrayLike | None) -> Clusters:
        """codes (N,) 0..categories-1; cluster (N,) names of the clusters, None: every record is its own."""
        values = np.asarray(codes, dtype=np.int64)
        if cluster is None:
            counts = np.bincount(values, minlength=categories)
            return cls(np.eye(categories, dtype=np.int64), counts)
        _, member = np.unique(np.asarray(cluster), return_inverse=True)
        table = np.zeros((int(member.max(initial=-1)) + 1, categories), dtype=np.int64)
        np.add.at(table, (member, values), 1)
        rows, times = np.unique(table, axis=0, return_counts=True)
        return cls(rows, times)

    @property
    def counts(self) -> NDArray[np.int64]:
        """(K,) records of each category."""
        return self.times @ self.rows

    def design_effect(self) -> float:
        """Return the mean generalised design effect: how many times larger the variance of the shares is than without clusters.

        Rao & Scott 1981: sum (1 - p_k) d_k / (K - 1) over the categories that occur, d_k the variance of share k between clusters
        over its multinomial variance. At least 1; the number of records where there is one cluster.
        """
        counts, clusters = self.counts, int(self.times.sum())
        n, p = int(counts.sum()), shares(counts)
        seen = p > 0
        if clusters == n or seen.sum() < 2:
            return 1.0
        if clusters == 1:
            return float(n)
        off = self.rows - self.rows.sum(axis=1, keepdims=True) * p
        variance = clusters / (clusters - 1) * (self.times @ off**2) / n**2
        effect = variance[seen] / (p[seen] / n)  # (1 - p) d, with d over p (1 - p) / n
        return max(float(effect.sum() / (seen.sum() - 1)), 1.0)

    def resampled(self, rounds: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Return shares (rounds, K) of as many clusters drawn with replacement."""
        drawn = rng.multinomial(int(self.times.sum()), self.times / self.times.sum(), size=rounds) @ self.rows
        return drawn / drawn.sum(axis=1, keepdims=True)


def homogeneity(a: Clusters, b: Clusters, rounds: int, rng: np.random.Generator) -> float:
    """Return the p-value of the chi-square test that both sets have the same shares, design effects taken out.

    Where the table is too thin for the chi-square distribution the statistic is compared with that of `rounds` tables drawn with
    the pooled shares: p = (1 + times it is reached) / (1 + rounds).
    """
    table = np.array([a.counts / a.design_effect(), b.counts / b.design_effect()])
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2:
        return 1.0
    expected = np.outer(table.sum(axis=1), shares(table.sum(axis=0)))
    if (expected < LEAST_EXPECTED).mean() <= 0.2:
        return float(stats.chi2_contingency(table, correction=False).pvalue)
    sizes = np.maximum(np.rint(table.sum(axis=1)).astype(np.int64), 1)
    pooled = shares(table.sum(axis=0))
    drawn = np.stack([rng.multinomial(size, pooled, size=rounds) for size in sizes], axis=1)
    seen = _statistic(table[None])[0]
    return float((1 + (_statistic(drawn) >= seen * (1 - 1e-9)).sum()) / (1 + rounds))


def _statistic(tables: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the chi-square statistic of each of (B, 2, K) tables; empty columns add nothing."""
    expected = tables.sum(axis=2, keepdims=True) * tables.sum(axis=1, keepdims=True) / tables.sum(axis=(1, 2), keepdims=True)
    return np.divide((tables - expected) ** 2, expected, out=np.zeros_like(expected), where=expected > 0).sum(axis=(1, 2))


def effect(a: ArrayLike, b: ArrayLike) -> float:
    """Return Cramer's V of the shares of two sets, both weighing the same."""
    p, q = shares(a), shares(b)
    seen = p + q > 0
    return math.sqrt(float(((p - q)[seen] ** 2 / (p + q)[seen]).sum() / 2))


def tv_interval(a: Clusters, b: Clusters, rounds: int, rng: np.random.Generator) -> tuple[float, float]:
    """Return the 95% percentile interval of the total variation distance."""
    distance = np.abs(a.resampled(rounds, rng) - b.resampled(rounds, rng)).sum(axis=1) / 2
    low, high = np.quantile(distance, [0.025, 0.975])
    return float(low), float(high)


def share_intervals(one: Clusters, rounds: int, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Return the 95% interval of each share: percentiles over clusters drawn anew; of fewer than five `resample.few_intervals`.

    A category that none or all records have is the same in every draw: Wilson's interval of as many trials as there are clusters.
    """
    counts, clusters = one.counts, int(one.times.sum())
    if clusters < FEW:
        return [(float(low), float(high)) for low, high in few_intervals(np.repeat(one.rows, one.times, axis=0))]
    limits = np.quantile(one.resampled(rounds, rng), [0.025, 0.975], axis=0).T
    flat = {0: wilson(0, clusters), int(counts.sum()): wilson(clusters, clusters)}
    return [flat.get(int(count), (float(low), float(high))) for count, (low, high) in zip(counts, limits, strict=True)]
