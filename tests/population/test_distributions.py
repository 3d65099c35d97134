"""Every distribution draws what it declares."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from facegen.population.distributions import Categories, correlated, of, spread

CONTINUOUS = [
    {"uniform": [-3.0, 5.0]},
    {"normal": {"mean": 0.0, "sd": 24.0, "min": -75.0, "max": 75.0}},
    {"normal": {"mean": 2.0, "sd": 1.0, "min": -1.0, "max": 2.5}},
    {"lognormal": {"median": 0.9, "sigma": 0.5, "min": 0.45, "max": 3.0}},
]


@pytest.mark.parametrize("declared", CONTINUOUS, ids=str)
def test_draws_follow_the_declared_law(declared: dict) -> None:
    law = of(declared)
    drawn = np.array([law.ppf(u) for u in np.random.default_rng(3).random(4000)])
    assert stats.kstest(drawn, np.vectorize(law.cdf)).pvalue > 0.01
    low, high = law.support
    assert low <= drawn.min() <= drawn.max() <= high
    assert integrate.quad(law.density, low, high)[0] == pytest.approx(1.0, abs=1e-6)
    middle = (low + high) / 2
    assert integrate.quad(law.density, low, middle)[0] == pytest.approx(law.cdf(middle), abs=1e-6)


def test_truncated_normal_agrees_with_scipy() -> None:
    law = of({"normal": {"mean": 2.0, "sd": 1.5, "min": -1.0, "max": 4.0}})
    reference = stats.truncnorm((-1 - 2) / 1.5, (4 - 2) / 1.5, loc=2.0, scale=1.5)
    for x in (-0.5, 1.0, 3.9):
        assert law.density(x) == pytest.approx(reference.pdf(x))
        assert law.cdf(x) == pytest.approx(reference.cdf(x))


def test_grid_and_fixed_values() -> None:
    grid = of({"grid": [-30, 0, 30]})
    assert [grid.ppf(u) for u in (0.0, 0.34, 0.99)] == [-30, 0, 30]
    assert grid.density(0) == pytest.approx(1 / 3)
    assert of({"fixed": 2.5}).ppf(0.7) == 2.5


def test_categories_draw_their_shares() -> None:
    table = Categories.of({"a": 0.5, "b": 0.3, "c": 0.2})
    drawn = [table.pick(u) for u in np.random.default_rng(5).random(5000)]
    counts = [drawn.count(name) for name in table.names]
    assert stats.chisquare(counts, np.array(table.probabilities) * 5000).pvalue > 0.01
    with pytest.raises(ValueError, match="sum to"):
        Categories.of({"a": 0.5, "b": 0.4})


@pytest.mark.parametrize("seed", [0, 1, 0xDEADBEEF])
def test_spread_puts_one_point_in_each_part(seed: int) -> None:
    for m in (2, 5, 8):
        points = np.array([spread(k, seed) for k in range(2**m)])
        assert sorted((points * 2**m).astype(int)) == list(range(2**m))


def test_spread_is_uniform_over_seeds_and_independent_between_them() -> None:
    seeds = np.random.default_rng(1).integers(0, 2**32, 3000)
    points = np.array([[spread(k, int(s)) for k in range(5)] for s in seeds])
    for k in range(5):
        assert stats.kstest(points[:, k], "uniform").pvalue > 0.001
    # The k-th points of two sequences must not move together.
    assert np.abs(np.corrcoef(points[:-1, 1], points[1:, 1])[0, 1]) < 0.06


def test_copula_factor_has_the_asked_correlations() -> None:
    names, pairs = ("a", "b", "c"), (("a", "b", 0.5), ("b", "c", -0.3))
    factor = correlated(names, pairs)
    np.testing.assert_allclose(factor @ factor.T, [[1, 0.5, 0], [0.5, 1, -0.3], [0, -0.3, 1]], atol=1e-12)
    impossible = correlated(names, (("a", "b", 0.99), ("b", "c", 0.99), ("a", "c", -0.99)))
    np.testing.assert_allclose(np.diag(impossible @ impossible.T), 1.0)
