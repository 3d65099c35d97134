"""Rates as k of n with an honest interval, where trials come in clusters (people) and errors are few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from facegen.measures.intervals import rule_of_three

DEFINITIONS = {
    "interval": "95% interval of a rate k / n: Clopper-Pearson's at the effective number of trials n / d (Korn & Graubard 1998, "
    "Survey Methodology 24:193-201). d, the design effect, is the variance of the rate when people are drawn again "
    "(bootstrap over identities; of FMR brought to the variance of dyads, Aronow, Samii & Assenova 2015) over p (1 - p) / n, at "
    "least 1, at least that of all groups together; with m people n / d is multiplied by (z / t)^2, t of m - 1 degrees. One "
    "person says nothing of others: 0 to 1",
    "rule_of_three": "with no error in n trials the rate is below 3 / n with 95% confidence; n is the effective number of "
    "trials; of fewer than five people at most the number of those (of FMR of their pairs)",
    "rule_of_thirty": "with 30 errors the true rate lies within 30% of the observed one with 90% confidence (Doddington et al. "
    "2000, Speech Communication 31:225-254); rates of fewer errors, or of fewer trials without one, are marked",
}


FEW_PEOPLE = 5
"""Fewer do not show how errors cluster in people, and groups of fewer are compared with no other."""


@dataclass(frozen=True)
class Trials:
    """`k` errors in `n` trials of `people` people (of two groups: those of the smaller); `units`: trials that no person shares,
    the fewest that n may be worth."""

    k: int
    n: int
    people: int
    units: int


def design_effect(trials: Trials, drawn: ArrayLike) -> float | None:
    """Return the variance of the rates `drawn` (B,) over that of n independent trials; None where nothing or all failed.

    With one person every sample is the same: None. Of m people the bootstrap has (m - 1) / m of the variance: made up for.
    """
    p = trials.k / trials.n if trials.n else 0.0
    values = np.asarray(drawn, np.float64)
    values = values[np.isfinite(values)]
    if p in (0.0, 1.0) or len(values) < 2 or trials.people < 2:
        return None
    return float(values.var() * trials.people / (trials.people - 1) * trials.n / (p * (1 - p)))


def effective(trials: Trials, drawn: ArrayLike, pooled: float | None) -> float:
    """Return how many independent trials the n are worth, by their own design effect and that of all groups, the greater."""
    known = [d for d in (design_effect(trials, drawn), pooled) if d is not None]
    return trials.n / max(1.0, *known) if known else float(min(trials.n, trials.units))


def interval(trials: Trials, drawn: ArrayLike, pooled: float | None = None) -> tuple[float, float]:
    """Return the 95% interval of k / n (see DEFINITIONS); (0, 1) where nothing was tried, or one person alone.

    drawn (B,): the rate in bootstrap samples of people. pooled: design effect of all groups together, for few or no errors.
    """
    if trials.n == 0 or trials.people < 2:
        return 0.0, 1.0
    worth = effective(trials, drawn, pooled)
    if trials.people < FEW_PEOPLE and trials.k in (0, trials.n):
        worth = min(worth, float(trials.units))
    if trials.k == 0:
        return 0.0, _three(worth)
    if trials.k == trials.n:
        return 1.0 - _three(worth), 1.0
    worth *= float((stats.norm.ppf(0.975) / stats.t.ppf(0.975, trials.people - 1)) ** 2)
    x = trials.k / trials.n * worth
    low, high = stats.beta.ppf(0.025, x, worth - x + 1), stats.beta.ppf(0.975, x + 1, worth - x)
    return float(low), float(high)


def _three(worth: float) -> float:
    return rule_of_three(max(int(worth), 1))


def described(trials: Trials, drawn: ArrayLike, pooled: float | None = None) -> dict[str, Any]:
    """Return a rate as documents hold it: k, n, rate (null where nothing was tried), low, high."""
    low, high = interval(trials, drawn, pooled)
    rate = trials.k / trials.n if trials.n else None
    return {"k": trials.k, "n": trials.n, "rate": plain(rate), "low": plain(low), "high": plain(high)}


def plain(value: float | None) -> float | None:
    """Return `value` to 6 significant digits; None where it is not finite."""
    return None if value is None or not np.isfinite(value) else float(f"{value:.6g}")


def exact(value: float) -> float | None:
    """Return `value` with every digit, as a threshold needs to part the same scores again; None where it is not finite."""
    return float(value) if np.isfinite(value) else None


def percentiles(value: float | None, drawn: ArrayLike) -> dict[str, Any]:
    """Return a number that is no count over trials (EER, an area) with the percentile interval of its bootstrap samples."""
    values = np.asarray(drawn, np.float64)
    values = values[np.isfinite(values)]
    low, high = np.quantile(values, [0.025, 0.975]) if len(values) and value is not None else (None, None)
    return {"rate": plain(value), "low": plain(low), "high": plain(high)}
