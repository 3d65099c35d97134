"""How far error rates differ between groups at one threshold: FDR, inequity rate, GARBE, NIST's max over geometric mean.

x: rates of the groups, FMR or FNMR. Every measure is a function of differences of rates, or of their logarithms, between
groups. The largest of several differences lies above the true one by chance alone, and so do bootstrap samples of it: their
percentiles would leave the truth out. So all differences get bands that hold at once in 95% (max-t over bootstrap samples of
people, Chernozhukov, Lee & Rosen 2013, Econometrica 81:667-737, intersection bounds), and a measure runs from its least to its
greatest value within them.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from facegen import rng
from facegen.measures.rates import plain

Floats = NDArray[np.float64]
ALPHA = 0.5
"""Weight of FMR in FDR, inequity rate and GARBE; the rest is FNMR's."""

DEFINITIONS = {
    "fdr": "fairness discrepancy rate 1 - (a A + (1 - a) B), A the largest difference of FMR between two groups, B of FNMR, "
    "a = 0.5; 1 is best (de Freitas Pereira & Marcel 2022, IEEE T-BIOM 4:19-29)",
    "inequity_rate": "A^a B^(1 - a), A the largest over the smallest FMR, B of FNMR, a = 0.5; 1 is best; null where a group has "
    "no error (Grother 2021, NIST, as named by Howard et al. 2022, arXiv:2203.05051)",
    "garbe": "a A + (1 - a) B, A the Gini coefficient of the FMRs times n / (n - 1) with n groups, B of FNMR, a = 0.5; 0 is best "
    "(Howard et al. 2022, arXiv:2203.05051)",
    "max_geomean": "largest rate over the geometric mean of the groups' rates; 1 is best; null where a group has no error "
    "(Grother 2022, NIST IR 8429)",
    "difference": "largest less smallest rate of a group",
    "ratio": "largest over smallest rate of a group; null where a group has no error",
    "measure_interval": "least and greatest value of the measure within bands of all differences between groups that hold "
    "together in 95% (max-t, bootstrap over identities), wider by t / z for the people of the smaller group; the largest of "
    "several rates is above the truth by chance, and percentiles of it would leave the truth out",
}


def gini(x: ArrayLike) -> float:
    """Return n / (n - 1) sum_ij |x_i - x_j| / (2 n^2 mean x); 0 where all are 0 or there is one group."""
    v = np.asarray(x, np.float64)
    n, mean = len(v), v.mean()
    if n < 2 or mean == 0:
        return 0.0
    return float(np.abs(v[:, None] - v[None, :]).sum() / (2 * n * (n - 1) * mean))


def fdr(fmr: ArrayLike, fnmr: ArrayLike, alpha: float = ALPHA) -> float:
    """Return the fairness discrepancy rate."""
    return float(1 - alpha * np.ptp(np.asarray(fmr)) - (1 - alpha) * np.ptp(np.asarray(fnmr)))


def inequity_rate(fmr: ArrayLike, fnmr: ArrayLike, alpha: float = ALPHA) -> float | None:
    """Return the inequity rate; None where a group has no error."""
    a, b = ratio(fmr), ratio(fnmr)
    return None if a is None or b is None else float(a**alpha * b ** (1 - alpha))


def garbe(fmr: ArrayLike, fnmr: ArrayLike, alpha: float = ALPHA) -> float:
    """Return the Gini aggregation rate for biometric equitability."""
    return alpha * gini(fmr) + (1 - alpha) * gini(fnmr)


def ratio(x: ArrayLike) -> float | None:
    """Return the largest over the smallest rate; None where that is 0."""
    v = np.asarray(x, np.float64)
    return float(v.max() / v.min()) if v.min() > 0 else None


def max_geomean(x: ArrayLike) -> float | None:
    """Return the largest rate over the geometric mean; None where a group has no error."""
    v = np.asarray(x, np.float64)
    return float(v.max() / np.exp(np.log(v).mean())) if v.min() > 0 else None


@dataclass(frozen=True)
class Rates:
    """Rates of the groups: `k` errors of `n` trials of `people` (G,), at least two each; `drawn` (B, G) rates in bootstrap
    samples of people, NaN where a sample has nobody of the group.

    The bootstrap gives a group without an error no spread: `of` draws its rates from an exponential of mean 1 / worth, whose 95th
    percentile is the rule of three.
    """

    k: NDArray[np.int64]
    n: NDArray[np.int64]
    drawn: Floats
    people: NDArray[np.int64]

    @classmethod
    def of(cls, k: ArrayLike, n: ArrayLike, drawn: ArrayLike, worth: ArrayLike, people: ArrayLike) -> Rates:
        """worth (G,): how many independent trials the n are worth."""
        errors, sample = np.asarray(k), np.array(drawn, np.float64)
        for g in np.flatnonzero(errors == 0):
            stream = rng.stream("measures.differential.unseen", int(g), seed=0)
            sample[:, g] = np.minimum(stream.exponential(1 / max(float(np.asarray(worth)[g]), 1.0), len(sample)), 1.0)
        return cls(errors, np.asarray(n), sample, np.asarray(people))

    @property
    def x(self) -> Floats:
        """(G,) rates."""
        return self.k / self.n

    def logs(self) -> tuple[Floats, Floats]:
        """Return log rates (G,) and drawn ones (B, G), half an error added so that none is infinite."""
        half = 0.5 / self.n
        return np.log(self.x + half), np.log(self.drawn + half)


@dataclass(frozen=True)
class Band:
    """Contrasts (C,) with their standard errors (C,) and how many of these the drawn ones (B,) lie off at most."""

    value: Floats
    error: Floats
    off: Floats

    @classmethod
    def of(cls, value: Floats, drawn: Floats, people: ArrayLike) -> Band:
        """value (C,) contrasts, drawn (B, C) the same in bootstrap samples, NaN where a sample lacks one; people (C,) of the
        smaller group of each."""
        apart = np.abs(drawn - value)
        there = np.isfinite(apart)
        apart = np.where(there, apart, 0.0)
        error = np.sqrt((apart**2).sum(axis=0) / np.maximum(there.sum(axis=0), 1))
        with np.errstate(divide="ignore", invalid="ignore"):
            off = np.where(error > 0, apart / error, 0.0).max(axis=1, initial=0.0)
        return cls(value, error * widening(people), off)

    def ends(self, c: float) -> tuple[Floats, Floats]:
        """Return (least, greatest) size of every contrast (C,)."""
        size = np.abs(self.value)
        return np.maximum(size - c * self.error, 0), size + c * self.error


def widening(people: ArrayLike) -> Floats:
    """Return by how much bands grow where the smaller group has `people`: Student's t over the normal z, times sqrt(m / (m - 1))
    that the bootstrap's standard deviation of m people lacks. Many people: 1."""
    m = np.maximum(np.asarray(people, np.float64), 2)
    return np.asarray(stats.t.ppf(0.975, m - 1) / stats.norm.ppf(0.975) * np.sqrt(m / (m - 1)))


def measures(fmr: Rates | None, fnmr: Rates | None) -> dict[str, Any]:
    """Return name -> value, low, high: of each rate alone (None: it is not known by group), and of both together.

    Rates hold at least two groups, each with trials.
    """
    out: dict[str, Any] = {}
    known = {name: rates for name, rates in (("fmr", fmr), ("fnmr", fnmr)) if rates is not None}
    for name, rates in known.items():
        out[name] = _alone(rates)
    if fmr is not None and fnmr is not None:
        out |= _together(known)
    return out


def _alone(rates: Rates) -> dict[str, Any]:
    pairs, logs, x = _differences(rates), _log_differences(rates), rates.x
    low, high = pairs.ends(_critical(pairs.off))
    l_low, l_high = logs.ends(_critical(logs.off))
    value, drawn = rates.logs()
    middle = Band.of(value - value.mean(), drawn - drawn.mean(axis=1, keepdims=True), rates.people.min())
    c = _critical(middle.off)
    most = (
        max(1.0, float(np.exp((middle.value - c * middle.error).max()))),
        float(np.exp((middle.value + c * middle.error).max())),
    )
    return {
        "difference": _said(float(np.ptp(x)), low.max(), min(high.max(), 1.0)),
        "ratio": _said(ratio(x), np.exp(l_low.max()), np.exp(l_high.max())),
        "max_geomean": _said(max_geomean(x), *most),
        "gini": _said(gini(x), *_gini_ends(x, low, high)),
    }


def _together(known: Mapping[str, Rates]) -> dict[str, Any]:
    x, y = known["fmr"].x, known["fnmr"].x
    plain_, logs = ([f(r) for r in known.values()] for f in (_differences, _log_differences))
    a, b = (band.ends(_critical(np.maximum(plain_[0].off, plain_[1].off))) for band in plain_)
    c, d = (band.ends(_critical(np.maximum(logs[0].off, logs[1].off))) for band in logs)
    g, h = _gini_ends(x, *a), _gini_ends(y, *b)
    gap = [ALPHA * a[i].max() + (1 - ALPHA) * b[i].max() for i in (0, 1)]
    odds = [np.exp(ALPHA * c[i].max() + (1 - ALPHA) * d[i].max()) for i in (0, 1)]
    return {
        "fdr": _said(fdr(x, y), max(1 - gap[1], 0.0), 1 - gap[0]),
        "inequity_rate": _said(inequity_rate(x, y), *odds),
        "garbe": _said(garbe(x, y), *(ALPHA * g[i] + (1 - ALPHA) * h[i] for i in (0, 1))),
    }


def _said(value: float | None, low: float, high: float) -> dict[str, float | None]:
    known = value is not None
    return {"value": plain(value), "low": plain(low) if known else None, "high": plain(high) if known else None}


def _critical(off: Floats) -> float:
    return float(np.quantile(off, 0.95)) if len(off) else 0.0


def _pairs(groups: int) -> tuple[list[int], list[int]]:
    found = list(itertools.combinations(range(groups), 2))
    return [i for i, _ in found], [j for _, j in found]


def _smaller(rates: Rates) -> NDArray[np.int64]:
    """Return the people of the smaller group of each pair."""
    i, j = _pairs(len(rates.n))
    return np.minimum(rates.people[i], rates.people[j])


def _differences(rates: Rates) -> Band:
    i, j = _pairs(len(rates.n))
    return Band.of(rates.x[i] - rates.x[j], rates.drawn[:, i] - rates.drawn[:, j], _smaller(rates))


def _log_differences(rates: Rates) -> Band:
    i, j = _pairs(len(rates.n))
    value, drawn = rates.logs()
    return Band.of(value[i] - value[j], drawn[:, i] - drawn[:, j], _smaller(rates))


def _gini_ends(x: Floats, low: Floats, high: Floats) -> tuple[float, float]:
    """Return the ends of `gini` when every |x_i - x_j|, i < j, runs over its band; the mean is held."""
    n, mean = len(x), x.mean()
    if mean == 0:
        return 0.0, 1.0
    least, most = (float(side.sum() / (n * (n - 1) * mean)) for side in (low, high))
    return least, min(most, 1.0)
