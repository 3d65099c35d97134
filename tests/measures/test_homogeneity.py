"""The comparison of two sets' shares against textbook formulas and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from facegen import rng
from facegen.measures.association import cramers_v
from facegen.measures.homogeneity import Clusters, effect, homogeneity, share_intervals, tv_interval


def stream(*ids: int) -> np.random.Generator:
    return rng.stream("test.homogeneity", *ids, seed=0)


def codes(counts: list[int]) -> np.ndarray:
    return np.repeat(np.arange(len(counts)), counts)


def test_without_clusters_it_is_the_chi_square_test() -> None:
    a, b = [30, 50, 20], [60, 40, 55]
    first, second = (Clusters.of(codes(c), 3, None) for c in (a, b))
    assert first.counts.tolist() == a and first.design_effect() == 1
    assert homogeneity(first, second, 10, stream()) == pytest.approx(
        stats.chi2_contingency([a, b], correction=False).pvalue, rel=1e-12
    )
    own = Clusters.of(codes(a), 3, np.arange(sum(a)))
    assert own.design_effect() == 1 and own.counts.tolist() == a


def test_effect_is_cramers_v_of_sets_of_one_size() -> None:
    a, b = np.array([10, 30, 60]), np.array([25, 25, 50])
    assert effect(a, b * 7) == pytest.approx(cramers_v([a, b])[0], abs=1e-12)
    assert effect([1, 0], [0, 5]) == pytest.approx(1) and effect([2, 3], [20, 30]) == 0


def test_copies_of_a_record_count_once() -> None:
    """m copies in each of C clusters: d_k = m C / (C - 1) for every category, from the formula by hand."""
    single, m = codes([12, 20, 8]), 7
    clusters = len(single)
    one = Clusters.of(np.repeat(single, m), 3, np.repeat(np.arange(clusters), m))
    assert one.counts.sum() == clusters * m
    assert one.design_effect() == pytest.approx(m * clusters / (clusters - 1), rel=1e-12)


def test_the_variance_between_clusters_is_that_of_the_resampled_shares() -> None:
    draw = stream(1)
    who = np.repeat(np.arange(60), draw.integers(1, 9, 60))
    value = np.where(draw.random(len(who)) < 0.7, who % 3, draw.integers(0, 3, len(who)))
    one = Clusters.of(value, 3, who)
    spread = one.resampled(20_000, stream(2)).std(axis=0)
    p = one.counts / one.counts.sum()
    effects = spread**2 / (p * (1 - p) / one.counts.sum())
    assert one.design_effect() == pytest.approx(float(((1 - p) * effects).sum() / 2), rel=0.08)
    assert np.allclose(one.resampled(20_000, stream(3)).mean(axis=0), p, atol=0.01)


@pytest.mark.parametrize("people", [40, 150])
def test_equal_sets_are_called_different_as_often_as_promised(people: int) -> None:
    """Ten images of each person: the plain test errs in most cases, the corrected one in about 5 of 100."""
    runs, plain, corrected = 300, 0, 0
    for run in range(runs):
        draw = stream(4, people, run)
        sets = [Clusters.of(np.repeat(draw.integers(0, 3, people), 10), 3, np.repeat(np.arange(people), 10)) for _ in range(2)]
        corrected += homogeneity(*sets, 200, draw) < 0.05
        plain += stats.chi2_contingency([s.counts for s in sets]).pvalue < 0.05
    assert plain / runs > 0.5
    assert stats.binomtest(corrected, runs, 0.05).proportion_ci(0.999).low <= 0.05 and corrected / runs < 0.1


def test_thin_tables_are_simulated() -> None:
    a, b = Clusters.of(codes([2, 0, 1, 0, 1, 1]), 6, None), Clusters.of(codes([0, 2, 1, 1, 0, 1]), 6, None)
    p = homogeneity(a, b, 999, stream(5))
    assert p > 0.2 and p == homogeneity(a, b, 999, stream(5)) and round(p * 1000) == pytest.approx(p * 1000)
    far = Clusters.of(codes([6, 0]), 2, None), Clusters.of(codes([0, 4]), 2, None)
    assert homogeneity(*far, 9999, stream(6)) == pytest.approx(stats.fisher_exact([[6, 0], [0, 4]]).pvalue, abs=0.006)


def test_one_category_or_one_person() -> None:
    assert homogeneity(Clusters.of(codes([5, 0]), 2, None), Clusters.of(codes([9, 0]), 2, None), 10, stream()) == 1
    alone = Clusters.of(codes([3, 3]), 2, np.zeros(6))
    assert alone.design_effect() == 6


def test_intervals() -> None:
    a, b = Clusters.of(codes([500, 500]), 2, None), Clusters.of(codes([700, 300]), 2, None)
    low, high = tv_interval(a, b, 1000, stream(7))
    assert low < 0.2 < high and high - low < 0.1 and (low, high) == tv_interval(a, b, 1000, stream(7))
    normal = 1.96 * np.sqrt(0.25 / 1000)
    limits = share_intervals(a, 4000, stream(8))
    assert limits[0] == pytest.approx((0.5 - normal, 0.5 + normal), abs=0.004)
    nobody = share_intervals(Clusters.of(codes([0, 40]), 2, np.repeat(np.arange(8), 5)), 100, stream(9))
    assert nobody[0] == pytest.approx(tuple(stats.binomtest(0, 8).proportion_ci(method="wilson")), abs=1e-9)
    assert nobody[1][0] == pytest.approx(1 - nobody[0][1])
