"""Balance of counts over declared categories.

Every function takes counts over all DECLARED categories, zeros included: measured over the categories that happen to occur,
a set that misses three groups would look perfectly even.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Counts = NDArray[np.float64]

DEFINITIONS = {
    "n": "number of records",
    "entropy": "H = -sum p ln p over declared categories, nats",
    "ens": "effective number of species, exp(H); at most the number of declared categories",
    "sei": "Shannon evenness, H / ln R with R declared categories; 1 is even",
    "simpson": "Simpson's D = sum p^2; 1/R is even",
    "imbalance_ratio": "largest count over smallest count; null where a declared category is empty",
    "berger_parker": "largest share",
    "kl": "Kullback-Leibler divergence of shares from target shares, nats; null where a category of target 0 occurs",
    "js": "Jensen-Shannon divergence of shares and target shares, nats; at most ln 2",
    "tv": "total variation distance, half the sum of |p - q|",
    "chi2": "chi-square statistic against the target shares, n sum (p - q)^2 / q; null where a category of target 0 occurs",
    "chi2_p": "its p-value at (number of categories with target > 0) - 1 degrees of freedom; null where chi2 is",
}


def shares(counts: ArrayLike) -> Counts:
    """Return counts (R,) divided by their sum; raises ValueError when there is nothing to divide."""
    values = np.asarray(counts, dtype=np.float64)
    total = values.sum()
    if values.ndim != 1 or values.size == 0 or (values < 0).any() or total <= 0:
        raise ValueError("counts need one dimension, no negative value and at least one record")
    return values / total


def entropy(counts: ArrayLike) -> float:
    """Shannon entropy in nats."""
    p = shares(counts)
    p = p[p > 0]
    return float(-(p * np.log(p)).sum())


def effective_number(counts: ArrayLike) -> float:
    """Effective number of species, exp(entropy)."""
    return math.exp(entropy(counts))


def evenness(counts: ArrayLike) -> float:
    """Shannon evenness index over the declared categories; 1 by convention where only one is declared."""
    declared = np.asarray(counts).size
    return 1.0 if declared == 1 else entropy(counts) / math.log(declared)


def simpson(counts: ArrayLike) -> float:
    return float((shares(counts) ** 2).sum())


def imbalance_ratio(counts: ArrayLike) -> float:
    """Largest over smallest count; infinite where a declared category is empty."""
    values = np.asarray(counts, dtype=np.float64)
    shares(values)
    return float(values.max() / values.min()) if values.min() > 0 else math.inf


def berger_parker(counts: ArrayLike) -> float:
    return float(shares(counts).max())


def kullback_leibler(counts: ArrayLike, target: ArrayLike) -> float:
    """KL(p || q) in nats; infinite where a category with target 0 occurs."""
    p, q = shares(counts), shares(target)
    seen = p > 0
    if (q[seen] == 0).any():
        return math.inf
    return float((p[seen] * np.log(p[seen] / q[seen])).sum())


def jensen_shannon(counts: ArrayLike, target: ArrayLike) -> float:
    """Jensen-Shannon divergence in nats."""
    p, q = shares(counts), shares(target)
    middle = (p + q) / 2
    return (kullback_leibler(p, middle) + kullback_leibler(q, middle)) / 2


def total_variation(counts: ArrayLike, target: ArrayLike) -> float:
    return float(np.abs(shares(counts) - shares(target)).sum() / 2)


def chi_square(counts: ArrayLike, target: ArrayLike) -> tuple[float, float]:
    """Return (statistic, p-value) of counts against target shares; (inf, nan) where a category with target 0 occurs:
    there the statistic has no distribution to be judged by."""
    observed, q = np.asarray(counts, dtype=np.float64), shares(target)
    shares(observed)
    if (observed[q == 0] > 0).any():
        return math.inf, math.nan
    observed, q = observed[q > 0], q[q > 0]
    if observed.size == 1:
        return 0.0, 1.0
    result = stats.chisquare(observed, q * observed.sum())
    return float(result.statistic), float(result.pvalue)


def summary(counts: ArrayLike, target: ArrayLike) -> dict[str, float | int | None]:
    """Return every one-attribute measure of DEFINITIONS; None where a measure is infinite or there is no record."""
    values = np.asarray(counts, dtype=np.float64)
    if values.sum() == 0:
        names = [name for name in DEFINITIONS if name != "n"]
        return {"n": 0, **dict.fromkeys(names)}
    chi2, p = chi_square(values, target)
    out = {
        "entropy": entropy(values),
        "ens": effective_number(values),
        "sei": evenness(values),
        "simpson": simpson(values),
        "imbalance_ratio": imbalance_ratio(values),
        "berger_parker": berger_parker(values),
        "kl": kullback_leibler(values, target),
        "js": jensen_shannon(values, target),
        "tv": total_variation(values, target),
        "chi2": chi2,
        "chi2_p": p,
    }
    return {"n": int(values.sum()), **{name: _plain(name, v) for name, v in out.items()}}


def _plain(name: str, value: float) -> float | None:
    """Return a measure as documents hold it, to 12 places (a p-value: 12 digits); None where it is not finite."""
    if not math.isfinite(value):
        return None
    return float(f"{value:.12g}") if name == "chi2_p" else round(value, 12) + 0.0
