"""Intervals of rates over clusters: closed forms at no clustering, at none and all, and coverage of clustered errors."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from facegen.measures import rates, resample
from facegen.measures.rates import Trials


def test_independent_trials_get_clopper_pearson():
    drawn = np.random.default_rng(0).binomial(1000, 0.03, 20000) / 1000
    low, high = rates.interval(Trials(30, 1000, 10**6, 1000), drawn)
    exact = stats.binomtest(30, 1000).proportion_ci(0.95, method="exact")
    assert (low, high) == (pytest.approx(exact.low, rel=0.02), pytest.approx(exact.high, rel=0.02))


def test_no_error_is_the_rule_of_three_over_what_trials_are_worth():
    none = np.zeros(100)
    assert rates.interval(Trials(0, 3000, 60, 60), none) == (0.0, pytest.approx(3 / 60))
    assert rates.interval(Trials(0, 3000, 60, 60), none, pooled=4.0) == (0.0, pytest.approx(3 / 750))
    assert rates.interval(Trials(3000, 3000, 60, 60), none + 1, pooled=4.0) == (pytest.approx(1 - 3 / 750), 1.0)
    assert rates.interval(Trials(0, 3000, 4, 4), none, pooled=1.0) == (0.0, pytest.approx(3 / 4))
    assert rates.interval(Trials(0, 0, 0, 0), none) == (0.0, 1.0)


def test_one_error_is_less_certain_than_none():
    """With a design effect borrowed, the bound grows with the errors."""
    one = np.random.default_rng(1).poisson(1, 5000) / 3000
    highs = [rates.interval(Trials(0, 3000, 60, 60), np.zeros(9), 4.0)[1], rates.interval(Trials(1, 3000, 60, 60), one, 4.0)[1]]
    assert highs[0] < highs[1]


def test_one_person_says_nothing_of_others():
    """However often the one was tried; two say little, and the interval narrows with every person more."""
    for k in (0, 6, 20):
        assert rates.interval(Trials(k, 20, 1, 1), np.full(50, k / 20)) == (0.0, 1.0)
    assert rates.design_effect(Trials(6, 20, 1, 1), np.full(50, 0.3)) is None
    widths = []
    for people in (1, 2, 3, 5, 20):
        k = np.arange(people) % 2 * 4 + 1.0
        drawn = np.concatenate([w @ k / (10 * people) for w in resample.weights(people, 200)])
        widths.append(np.ptp(rates.interval(Trials(int(k.sum()), 10 * people, people, people), drawn)))
    assert widths == sorted(widths, reverse=True) and widths[1] > 0.9


def test_the_variance_of_few_people_is_made_up_for():
    """Of two people with rates 0 and 0.4: (0.2^2 + 0.2^2) / 1 / 2 = 0.04 is the variance of their mean."""
    drawn = np.concatenate([w @ [0.0, 4.0] / 20 for w in resample.weights(2, 4000)])
    assert rates.design_effect(Trials(4, 20, 2, 2), drawn) == pytest.approx(0.04 * 20 / (0.2 * 0.8), rel=0.05)


def test_described_says_k_of_n():
    assert rates.described(Trials(0, 0, 0, 0), []) == {"k": 0, "n": 0, "rate": None, "low": 0.0, "high": 1.0}
    assert rates.described(Trials(1, 4, 4, 4), [0.25, 0.25])["rate"] == 0.25


def test_coverage_of_clustered_errors():
    """60 people of 10 comparisons, whose own error rates are Beta(0.5, 9.5), mean 5%: nominal 95%, seen at least 92%."""
    hits = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        k = rng.binomial(10, rng.beta(0.5, 9.5, 60)).astype(float)
        drawn = np.concatenate([w @ k / (w.sum(axis=1) * 10) for w in resample.weights(60, 200)])
        low, high = rates.interval(Trials(int(k.sum()), 600, 60, 60), drawn)
        hits += low <= 0.05 <= high
    assert 0.92 <= hits / 300
