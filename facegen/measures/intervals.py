"""Intervals of rates."""

from __future__ import annotations

from scipy import stats


def wilson(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return Wilson's score interval of a rate (Wilson 1927, JASA 22:209-212); (0, 1) where nothing was tried."""
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} successes of {trials} trials is impossible; need 0 <= successes <= trials")
    if trials == 0:
        return 0.0, 1.0
    interval = stats.binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    return float(interval.low), float(interval.high)


def rule_of_three(trials: int) -> float:
    """Return the 95% upper bound of a rate when none of `trials` failed: 3 / n, at most 1."""
    return min(3.0 / trials, 1.0) if trials > 0 else 1.0
