"""Balance measures against hand counts and SciPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from facegen.measures import balance
from facegen.measures.intervals import rule_of_three, wilson

COUNTS = np.array([50, 30, 15, 5])
EVEN = np.full(4, 0.25)


def test_against_scipy() -> None:
    assert balance.entropy(COUNTS) == pytest.approx(stats.entropy(COUNTS))
    assert balance.kullback_leibler(COUNTS, EVEN) == pytest.approx(stats.entropy(COUNTS, EVEN))
    assert balance.jensen_shannon(COUNTS, EVEN) == pytest.approx(jensenshannon(COUNTS / 100, EVEN) ** 2)
    assert balance.chi_square(COUNTS, EVEN) == pytest.approx(tuple(stats.chisquare(COUNTS)))


def test_by_hand() -> None:
    # p = .5 .3 .15 .05
    assert balance.simpson(COUNTS) == pytest.approx(0.25 + 0.09 + 0.0225 + 0.0025)
    assert balance.berger_parker(COUNTS) == 0.5
    assert balance.imbalance_ratio(COUNTS) == 10
    assert balance.total_variation(COUNTS, EVEN) == pytest.approx((0.25 + 0.05 + 0.1 + 0.2) / 2)
    assert balance.effective_number([1, 1, 1, 1]) == pytest.approx(4)
    assert balance.evenness([7, 7, 7]) == pytest.approx(1)
    # Two of four declared groups, evenly: ln 2 / ln 4 = 1/2.
    assert balance.evenness([10, 10, 0, 0]) == pytest.approx(0.5)
    assert balance.jensen_shannon([1, 0], [0, 1]) == pytest.approx(math.log(2))


def test_missing_groups_are_not_forgotten() -> None:
    out = balance.summary([20, 20, 0, 0], EVEN)
    assert out["sei"] == 0.5
    assert out["imbalance_ratio"] is None
    assert out["tv"] == 0.5
    assert balance.summary([0, 0], [0.5, 0.5])["n"] == 0
    assert balance.summary([0, 0], [0.5, 0.5])["ens"] is None
    assert set(balance.summary([1, 1], [0.5, 0.5])) == set(balance.DEFINITIONS)


def test_a_category_that_should_not_occur() -> None:
    assert balance.kullback_leibler([1, 1], [1, 0]) == math.inf
    statistic, p = balance.chi_square([1, 1], [1, 0])
    assert statistic == math.inf and math.isnan(p)
    out = balance.summary([1, 1], [1, 0])
    assert (out["kl"], out["chi2"], out["chi2_p"]) == (None, None, None)
    assert balance.chi_square([5, 0], [1, 0]) == (0.0, 1.0)


def test_shares_refuse_nonsense() -> None:
    for bad in ([], [0, 0], [-1, 2], [[1, 2]]):
        with pytest.raises(ValueError, match="counts need"):
            balance.shares(bad)


def test_intervals() -> None:
    # 8 of 10, z = 1.959964: centre (p + z2/2n) / (1 + z2/n), worked by hand.
    low, high = wilson(8, 10)
    assert (low, high) == pytest.approx((0.4901625, 0.9433178), abs=1e-6)
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 20)[0] == 0.0
    assert rule_of_three(300) == pytest.approx(0.01)
    with pytest.raises(ValueError, match="impossible"):
        wilson(3, 2)
