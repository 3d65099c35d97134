"""Permutation p-values: uniform where nothing is there, small where something is, honest about clusters."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from facegen.measures.permutation import association_p, holm

SITTINGS, SHOTS = 120, 5


@pytest.fixture
def people() -> tuple[np.ndarray, np.ndarray]:
    """Sittings of records, and an attribute of each sitting."""
    rng = np.random.default_rng(3)
    sitting = np.repeat(np.arange(SITTINGS), SHOTS)
    return sitting, rng.integers(0, 4, SITTINGS)[sitting]


def test_independent_factors_have_even_p_values(people: tuple[np.ndarray, np.ndarray]) -> None:
    sitting, group = people
    rng = np.random.default_rng(4)
    factors = {str(n): rng.integers(0, 3, len(sitting)) for n in range(200)}
    p = np.array(list(association_p(factors, group, sitting, 499, rng).values()))
    assert stats.kstest(p, "uniform").pvalue > 0.01


def test_factors_that_belong_to_a_sitting_have_even_p_values_too(people: tuple[np.ndarray, np.ndarray]) -> None:
    sitting, group = people
    rng = np.random.default_rng(5)
    owned = {str(n): rng.integers(0, 3, SITTINGS)[sitting] for n in range(200)}
    p = np.array(list(association_p(owned, group, sitting, 499, rng).values()))
    assert stats.kstest(p, "uniform").pvalue > 0.01
    naive = [stats.chi2_contingency(np.histogram2d(f, group, bins=[3, 4])[0]).pvalue for f in owned.values()]
    assert np.mean(np.array(naive) < 0.05) > 0.2  # what counting records as independent would say


def test_a_planted_association_is_found(people: tuple[np.ndarray, np.ndarray]) -> None:
    sitting, group = people
    rng = np.random.default_rng(6)
    leaning = (rng.random(len(group)) < np.where(group == 1, 0.65, 0.4)).astype(int)
    p = association_p({"leaning": leaning, "free": rng.integers(0, 2, len(group))}, group, sitting, 999, rng)
    assert p["leaning"] < 0.005 < p["free"]


def test_the_p_value_of_a_tiny_table_is_the_exact_one() -> None:
    # four sittings of two kinds, all 6 arrangements equally likely: the extreme statistic comes up in 2 of them
    rng = np.random.default_rng(7)
    p = association_p({"f": ["a", "a", "b", "b"]}, ["x", "x", "y", "y"], [0, 1, 2, 3], 9999, rng)
    assert p["f"] == pytest.approx(1 / 3, abs=0.02)


def test_an_attribute_that_differs_within_a_sitting_is_refused() -> None:
    with pytest.raises(ValueError, match="differs within a cluster"):
        association_p({"f": [0, 1]}, [0, 1], [0, 0], 9, np.random.default_rng(0))


def test_holm_is_the_textbook_example() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}) == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02})
