"""Intervals of rates."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats


def wilson(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return Wilson's score interval of a rate (Wilson 1927, JASA 22:209-212); (0, 1) where nothing was tried."""
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} successes of {trials} trials is impossible; need 0 <= successes <= trials")
    if trials == 0:
        return 0.0, 1.0
    interval = stats.binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    return float(interval.low), float(interval.high)


def wilson_many(successes: ArrayLike, trials: int, confidence: float = 0.95) -> NDArray[np.float64]:
    """Return (N, 2) Wilson score intervals of many counts out of the same `trials`; 0 to 1 where nothing was tried."""
    k = np.asarray(successes, dtype=np.float64)
    if trials == 0:
        return np.tile([0.0, 1.0], (k.size, 1))
    return wilson_shares(k / trials, np.full(k.shape, float(trials)), confidence)


def wilson_shares(shares: ArrayLike, worth: ArrayLike, confidence: float = 0.95) -> NDArray[np.float64]:
    """Return (N, 2) Wilson score intervals of `shares` (N,) of what is worth so many independent trials (N,), no whole number."""
    p, n = np.asarray(shares, np.float64), np.asarray(worth, np.float64)
    z = stats.norm.ppf((1 + confidence) / 2)
    z2 = z * z / n
    middle, half = (p + z2 / 2) / (1 + z2), z * np.sqrt(p * (1 - p) / n + z2 / (4 * n)) / (1 + z2)
    return np.stack([np.where(p == 0, 0.0, middle - half), np.where(p == 1, 1.0, middle + half)], axis=-1)


def wilson_clustered(table: ArrayLike, confidence: float = 0.95) -> NDArray[np.float64]:
    """Return (K, 2) Wilson score intervals of the shares of K categories, `table` (C, K) counts of them in C clusters (people).

    Of n records worth n / d (z / t)^2: d, the design effect, is the variance of the share between clusters, ratio estimate
    (Cochran 1977, Sampling Techniques, 6.4), over p (1 - p) / n, at least 1; t is Student's of C - 1 degrees. For few clusters,
    whose bootstrap is too narrow. One cluster says nothing of others: 0 to 1.
    """
    counts = np.asarray(table, np.float64)
    clusters, size = len(counts), counts.sum(axis=1)
    n, p = size.sum(), counts.sum(axis=0) / max(size.sum(), 1.0)
    if clusters < 2 or n == 0:
        return np.tile([0.0, 1.0], (counts.shape[1], 1))
    variance = clusters / (clusters - 1) * ((counts - size[:, None] * p) ** 2).sum(axis=0) / n**2
    plain = np.maximum(p * (1 - p), 1e-300) / n
    shrink = (stats.norm.ppf((1 + confidence) / 2) / stats.t.ppf((1 + confidence) / 2, clusters - 1)) ** 2
    return wilson_shares(p, n / np.maximum(variance / plain, 1) * shrink, confidence)


def rule_of_three(trials: int) -> float:
    """Return the 95% upper bound of a rate when none of `trials` failed: 3 / n, at most 1."""
    return min(3.0 / trials, 1.0) if trials > 0 else 1.0
