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
    z = stats.norm.ppf((1 + confidence) / 2)
    p, z2 = k / trials, z * z / trials
    middle, half = (p + z2 / 2) / (1 + z2), z * np.sqrt(p * (1 - p) / trials + z2 / (4 * trials)) / (1 + z2)
    low, high = np.where(k == 0, 0.0, middle - half), np.where(k == trials, 1.0, middle + half)
    return np.stack([low, high], axis=-1)


def rule_of_three(trials: int) -> float:
    """Return the 95% upper bound of a rate when none of `trials` failed: 3 / n, at most 1."""
    return min(3.0 / trials, 1.0) if trials > 0 else 1.0
