"""Association measures against SciPy, by hand, and against permutations drawn one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import contingency

from facegen.measures.association import cramers_v, cramers_v_clustered


def crossed(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return pd.crosstab(pd.Series(a), pd.Series(b)).to_numpy()


def test_against_scipy() -> None:
    table = np.array([[10, 20, 30], [25, 15, 5]])
    assert cramers_v(table)[0] == pytest.approx(contingency.association(table, method="cramer"))


def test_extremes() -> None:
    assert cramers_v([[10, 0], [0, 10]]) == pytest.approx((1.0, 1.0), abs=0.03)
    assert cramers_v([[10, 10], [10, 10]]) == (0.0, 0.0)
    assert cramers_v([[10, 10, 0], [10, 10, 0], [0, 0, 0]]) == (0.0, 0.0)
    assert cramers_v([[5, 6]]) == (0.0, 0.0)
    assert cramers_v(np.zeros((2, 2))) == (0.0, 0.0)
    assert cramers_v_clustered([], [], []) == (0.0, 0.0)
    assert cramers_v_clustered(["a", "b"], ["x", "x"], [0, 1]) == (0.0, 0.0)


def test_correction_removes_the_bias_of_small_samples() -> None:
    rng = np.random.default_rng(0)
    plain, corrected = [], []
    for _ in range(200):
        table = np.zeros((6, 8))
        np.add.at(table, (rng.integers(0, 6, 60), rng.integers(0, 8, 60)), 1)
        a, b = cramers_v(table)
        plain.append(a)
        corrected.append(b)
    assert np.mean(plain) > 0.3
    assert np.mean(corrected) < 0.1


def test_a_record_a_cluster_is_bergsmas_correction() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 4, 90), rng.integers(0, 3, 90)
    b = np.where(rng.random(90) < 0.5, a % 3, b)
    assert cramers_v_clustered(a, b, np.arange(90)) == pytest.approx(cramers_v(crossed(a, b)))


def test_what_clusters_own_is_no_association() -> None:
    """Glasses that each person keeps over ten pictures: taken for 400 independent records, chance alone looks like a tie."""
    rng = np.random.default_rng(2)
    naive, clustered = [], []
    for _ in range(150):
        person = np.repeat(np.arange(40), 10)
        glasses, group = rng.integers(0, 4, 40)[person], (np.arange(40) % 4)[person]
        naive.append(cramers_v(crossed(glasses, group))[1] ** 2)
        clustered.append(cramers_v_clustered(glasses, group, person)[1] ** 2)
    assert np.sqrt(np.mean(naive)) > 0.2
    assert np.median(clustered) < 0.002


def test_the_mean_over_permutations_is_the_closed_form() -> None:
    rng = np.random.default_rng(3)
    person = np.repeat(np.arange(30), 4)
    factor = (np.arange(120) % 4 + rng.integers(0, 2, 120)) % 4  # spread within people, so that chance gives less than it would
    phi2 = []
    for _ in range(4000):
        group = rng.permutation(np.arange(30) % 3)[person]
        phi2.append(cramers_v(crossed(factor, group))[0] ** 2 * 2)
    group = (np.arange(30) % 3)[person]
    v, corrected = cramers_v_clustered(np.where(group == 0, 0, factor), group, person)
    assert v > 0.4
    assert corrected > 0.3
    table = crossed(factor, group)
    _, none = cramers_v_clustered(factor, group, person)
    expected = table.sum(axis=1)[:, None] * table.sum(axis=0)[None] / 120
    seen = ((table - expected) ** 2 / expected).sum() / 120
    assert none**2 * (3 - 4 / 119 - 1) == pytest.approx(max(seen - np.mean(phi2), 0), abs=0.003)


def test_an_attribute_that_changes_within_a_cluster_is_refused() -> None:
    with pytest.raises(ValueError, match="differs within a cluster"):
        cramers_v_clustered([0, 1, 0], ["a", "b", "a"], [0, 0, 1])
