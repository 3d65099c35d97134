"""How far a number lies apart between groups: standardised differences, explained variance, rank tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

DEFINITIONS = {
    "hedges_g": "(mean of the category - mean of the rest) / pooled sd, times Hedges' correction J = Gamma(m/2) / (sqrt(m/2) "
    "Gamma((m-1)/2)), m = n - 2 (Hedges 1981, J. Educ. Stat. 6:107-128); over records, interval by bootstrap over people",
    "eta_squared": "share of the variance that the attribute explains, between over total sum of squares, of one mean a cluster "
    "(person; for what changes between sittings the sitting)",
    "p_holm": "Kruskal-Wallis test (1952, JASA 47:583-621) on one mean a cluster, Holm's correction (1979, Scand. J. Stat. 6:65) "
    "over all measures and attributes of the document",
}


def hedges_g(n1: ArrayLike, s1: ArrayLike, q1: ArrayLike, n2: ArrayLike, s2: ArrayLike, q2: ArrayLike) -> NDArray[np.float64]:
    """Return Hedges' g of group 1 against group 2 from counts n, sums s and sums of squares q (broadcast together).

    0 where neither group varies and the means agree; NaN where a group is empty, fewer than three records are there or only the
    spread is 0. Centre the numbers first: sums of squares of large means lose digits.
    """
    n1, s1, q1, n2, s2, q2 = (np.asarray(v, dtype=np.float64) for v in (n1, s1, q1, n2, s2, q2))
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = s1 / n1 - s2 / n2
        within = np.maximum(q1 - s1**2 / n1, 0) + np.maximum(q2 - s2**2 / n2, 0)
        free = n1 + n2 - 2
        total = q1 + q2 - (s1 + s2) ** 2 / (n1 + n2)
        flat = within <= 1e-12 * np.maximum(q1 + q2, 1e-300)
        g = correction(free) * apart / np.sqrt(within / free)
        g = np.where(flat, np.where(total <= 1e-12 * np.maximum(q1 + q2, 1e-300), 0.0, np.nan), g)
    return np.where((n1 > 0) & (n2 > 0) & (free > 0), g, np.nan)


def correction(free: ArrayLike) -> NDArray[np.float64]:
    """Return Hedges' J at `free` degrees of freedom (exact; about 1 - 3 / (4 free - 1)); at 1 degree it is 0."""
    m = np.maximum(np.asarray(free, dtype=np.float64), 1)
    return np.where(m > 1, np.exp(special.gammaln(m / 2) - special.gammaln(np.maximum(m - 1, 1e-9) / 2)) / np.sqrt(m / 2), 0.0)


def eta_squared(values: NDArray[np.float64], groups: NDArray[np.int64]) -> float | None:
    """Return the between over the total sum of squares of `values` (N,) in `groups` (N,); None where they do not vary."""
    centred = values - values.mean() if len(values) else values
    total = float((centred**2).sum())
    if len(values) < 2 or total <= 1e-12 * max(float((values**2).sum()), 1e-300):
        return None
    count = np.bincount(groups)
    sums = np.bincount(groups, centred, minlength=len(count))
    return float((sums[count > 0] ** 2 / count[count > 0]).sum() / total)


def kruskal_wallis(ranks: NDArray[np.float64], groups: NDArray[np.int64]) -> float | None:
    """Return the p-value of the Kruskal-Wallis test of N records by their midranks (N,) (scipy.stats.rankdata) and groups (N,).

    None with fewer than two groups or where all records tie.
    """
    n = len(ranks)
    count = np.bincount(groups)
    kept = count > 0
    if n < 2 or kept.sum() < 2:
        return None
    _, ties = np.unique(ranks, return_counts=True)
    tied = 1 - float((ties.astype(np.float64) ** 3 - ties).sum()) / (float(n) ** 3 - n)
    if tied <= 0:
        return None
    sums = np.bincount(groups, ranks, minlength=len(count))
    statistic = 12 / (n * (n + 1)) * float((sums[kept] ** 2 / count[kept]).sum()) - 3 * (n + 1)
    return float(stats.chi2.sf(statistic / tied, kept.sum() - 1))
