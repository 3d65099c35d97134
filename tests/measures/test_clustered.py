"""Intervals of clustered means, and ranks with exact p-values, against closed forms and scipy."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from facegen import rng
from facegen.measures.clustered import mean_interval
from facegen.measures.rank import spearman


def stream(name: str = "t") -> np.random.Generator:
    return rng.stream(name, seed=1)


@pytest.mark.parametrize("n", [3, 5, 40])
def test_clusters_of_one_give_students_interval(n: int) -> None:
    x = stream().standard_normal(n)
    mean, interval = mean_interval(x, np.arange(n), stream("b"), draws=20_000)
    half = stats.t.ppf(0.975, n - 1) * x.std(ddof=1) / np.sqrt(n)
    assert mean == pytest.approx(x.mean()) and interval is not None
    assert interval[1] - mean == pytest.approx(half, rel=0.03) and mean - interval[0] == pytest.approx(half, rel=0.03)


def test_repeated_pictures_of_a_person_are_no_new_evidence() -> None:
    x = stream().standard_normal(12)
    once = mean_interval(x, np.arange(12), stream("b"))
    many = mean_interval(np.repeat(x, 50), np.repeat(np.arange(12), 50), stream("b"))
    assert many[0] == pytest.approx(once[0]) and many[1] == pytest.approx(once[1])


def test_unequal_clusters_weigh_by_their_pictures() -> None:
    mean, interval = mean_interval([1, 1, 1, 5], ["a", "a", "a", "b"], stream())
    assert mean == 2.0 and interval is not None and interval[0] < 2 < interval[1]


def test_one_person_has_no_interval_and_nobody_no_mean() -> None:
    assert mean_interval([1.0, 3.0], ["a", "a"], stream()) == (2.0, None)
    with pytest.raises(ValueError, match="no values"):
        mean_interval([], [], stream())


@pytest.mark.parametrize("n", [4, 6, 7])
def test_spearman_is_scipys_and_p_counts_every_order(n: int) -> None:
    a, b = stream().standard_normal((2, n))
    found = spearman(a, b, stream())
    assert found is not None and found.exact and found.n == n
    rho = stats.spearmanr(a, b).statistic
    assert found.rho == pytest.approx(rho, abs=1e-12)
    every = [stats.spearmanr(a, np.array(order)).statistic for order in itertools.permutations(b)] if n < 7 else None
    if every is not None:
        assert found.p == pytest.approx(np.mean(np.abs(every) >= abs(rho) - 1e-9))


def test_perfect_order_of_four_has_p_one_twelfth() -> None:
    found = spearman([1, 2, 3, 4], [10, 20, 30, 40], stream())
    assert found is not None and (found.rho, found.p) == (pytest.approx(1.0), pytest.approx(2 / 24))


def test_many_groups_are_drawn_and_ties_share_their_rank() -> None:
    a = np.arange(20.0)
    found = spearman(a, np.repeat(np.arange(10.0), 2), stream())
    assert (
        found is not None
        and not found.exact
        and found.rho == pytest.approx(stats.spearmanr(a, np.repeat(range(10), 2)).statistic)
    )
    assert found.p == pytest.approx(1 / 20_001)


def test_too_few_or_equal_values_have_no_rank() -> None:
    assert spearman([1, 2], [2, 1], stream()) is None and spearman([1, 2, 3], [5, 5, 5], stream()) is None
