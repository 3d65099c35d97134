"""Means of values that come in clusters (pictures of one person), with an interval over the clusters."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facegen.measures.resample import t_interval

DRAWS = 2000


def mean_interval(
    values: ArrayLike, clusters: ArrayLike, stream: np.random.Generator, draws: int = DRAWS
) -> tuple[float, tuple[float, float] | None]:
    """Return the mean of `values` (N,) and its 95% interval; None with fewer than two clusters.

    Whole clusters are drawn again (Efron 1979; the mean of a sample is its sum over its count); the interval is `t_interval`'s.
    The bootstrap's variance of the mean of n clusters is (n - 1) / n of the true one on average, which is made up for.
    """
    x = np.asarray(values, np.float64)
    if not len(x):
        raise ValueError("no values have no mean")
    _, member = np.unique(np.asarray(clusters), return_inverse=True)
    count = int(member.max()) + 1
    sums, sizes = np.bincount(member, x, count), np.bincount(member, minlength=count).astype(float)
    mean = float(x.mean())
    if count < 2:
        return mean, None
    weights: NDArray[np.int64] = stream.multinomial(count, np.full(count, 1 / count), draws)
    drawn = mean + (weights @ sums / (weights @ sizes) - mean) * np.sqrt(count / (count - 1))
    low, high = t_interval(np.array(mean), drawn, np.array(count))
    return mean, (float(low), float(high))
