"""Effect sizes against textbook formulas, the rank test against SciPy, intervals by simulation."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from facegen import rng as streams
from facegen.measures import effect, resample
from facegen.measures.coverage import Declared
from facegen.measures.homogeneity import Clusters, share_intervals
from facegen.measures.intervals import wilson, wilson_clustered, wilson_many, wilson_shares
from facegen.measures.parity import parity

SEX = Declared(("sex",), (("f", "m"),), np.array([0.5, 0.5]))


def g_of(a: np.ndarray, b: np.ndarray) -> float:
    return float(effect.hedges_g(len(a), a.sum(), (a**2).sum(), len(b), b.sum(), (b**2).sum()))


def test_hedges_g_on_random_groups() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        a, b = rng.normal(rng.normal(), 1 + rng.random(), rng.integers(2, 40)), rng.normal(0, 1, rng.integers(2, 40))
        m = len(a) + len(b) - 2
        pooled = math.sqrt(((len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)) / m)
        j = math.exp(math.lgamma(m / 2) - math.lgamma((m - 1) / 2)) / math.sqrt(m / 2)
        assert g_of(a, b) == pytest.approx((a.mean() - b.mean()) / pooled * j, rel=1e-9, abs=1e-9)
        t = stats.ttest_ind(a, b).statistic  # d = t sqrt(1/n1 + 1/n2)
        assert g_of(a, b) == pytest.approx(t * math.sqrt(1 / len(a) + 1 / len(b)) * j, rel=1e-9, abs=1e-9)


def test_hedges_g_without_spread_or_records() -> None:
    flat = np.array([3.0, 3.0, 3.0])
    assert g_of(flat, flat) == 0
    assert math.isnan(g_of(flat, flat + 1))
    assert math.isnan(float(effect.hedges_g(0, 0, 0, 5, 1, 1)))
    assert effect.correction(10) == pytest.approx(1 - 3 / (4 * 10 - 1), abs=1e-3)


def test_kruskal_wallis_and_eta_squared_are_scipys() -> None:
    rng = np.random.default_rng(1)
    for _ in range(100):
        groups = rng.integers(0, rng.integers(2, 6), 60)
        x = np.round(rng.normal(0.3 * groups, 1), int(rng.integers(0, 4)))
        parts = [x[groups == k] for k in np.unique(groups)]
        assert effect.kruskal_wallis(stats.rankdata(x), groups) == pytest.approx(stats.kruskal(*parts).pvalue, rel=1e-9)
        f = stats.f_oneway(*parts).statistic
        between, within = len(parts) - 1, len(x) - len(parts)
        assert effect.eta_squared(x, groups) == pytest.approx(f * between / (f * between + within), rel=1e-9, abs=1e-9)
    assert effect.kruskal_wallis(np.full(4, 2.5), np.array([0, 0, 1, 1])) is None
    assert effect.kruskal_wallis(np.arange(4.0), np.zeros(4, int)) is None
    assert effect.eta_squared(np.ones(4), np.array([0, 0, 1, 1])) is None


@pytest.mark.parametrize(("people", "inside", "least"), [(16, 4, 0.9), (30, 10, 0.91), (60, 10, 0.9)])
def test_intervals_of_effects_hold_the_truth_where_pictures_share_a_person(people: int, inside: int, least: float) -> None:
    rng = np.random.default_rng(people)
    member, held = np.repeat(np.arange(people), 6), []
    for _ in range(150):
        group = member < inside
        x = 0.5 * group + rng.normal(0, 0.7, people)[member] + rng.normal(0, math.sqrt(1 - 0.49), len(member))
        frame = pd.DataFrame({"identity_id": member, "sex": np.where(group, "f", "m"), "q": x})
        low, high = parity(frame, ["q"], SEX, ["sex"], 200)["q"]["by"]["sex"]["effect"]["f"]["interval"]
        held.append(low <= 0.5 <= high)
    assert least <= np.mean(held) <= 0.995


def test_parity_judges_people_not_pictures() -> None:
    """Ten pictures each of people who differ: by pictures the groups differ beyond doubt, by people not at all."""
    rng, false, by_pictures = np.random.default_rng(2), 0, 0
    member = np.repeat(np.arange(20), 10)
    for _ in range(100):
        x = rng.normal(0, 1, 20)[member] + rng.normal(0, 0.2, 200)
        frame = pd.DataFrame({"identity_id": member, "sex": np.where(member < 10, "f", "m"), "q": x})
        false += parity(frame, ["q"], SEX, ["sex"], 0)["q"]["by"]["sex"]["p_holm"] < 0.05
        by_pictures += stats.kruskal(x[member < 10], x[member >= 10]).pvalue < 0.05
    assert false <= 12
    assert by_pictures > 50


def test_parity_tells_means_gaps_and_cells_and_keeps_unknown_out() -> None:
    frame = pd.DataFrame(
        {
            "identity_id": list("abcdef"), "sex": list("ffmmff"), "age": ["y", "o"] * 3,
            "q": [1.0, 2.0, 5.0, 7.0, np.nan, 3.0], "none": [np.nan] * 6,
        }
    )  # fmt: skip
    target = Declared(("sex", "age"), (("f", "m", "x"), ("y", "o")), np.full((3, 2), 1 / 6))
    found = parity(frame, ["q", "none"], target, ["sex", "age"], 50)
    assert set(found) == {"q"}
    by = found["q"]["by"]["sex"]
    assert (by["mean"], by["gap"]) == ({"f": 2.0, "m": 6.0}, 4.0)
    assert by["effect"]["f"]["hedges_g"] == pytest.approx(g_of(np.array([1.0, 2, 3]), np.array([5.0, 7])), abs=1e-4)
    assert by["effect"]["x"] == {"hedges_g": None, "interval": None, "n": 0}
    assert by["effect"]["f"]["n"] == 3
    cells = found["q"]["cells"]
    assert (cells["lowest"], cells["lowest_cell"]) == (1.0, {"sex": "f", "age": "y"})
    assert {"sex": "f", "age": "o", "n": 2, "mean": 2.5} in cells["means"]
    assert found == parity(frame, ["q", "none"], target, ["sex", "age"], 50)


def test_p_values_are_corrected_over_all_measures_and_attributes() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"identity_id": range(60), "sex": ["f", "m"] * 30, **{f"q{i}": rng.normal(size=60) for i in range(5)}})
    alone = [parity(frame, [f"q{i}"], SEX, ["sex"], 0)[f"q{i}"]["by"]["sex"]["p_holm"] for i in range(5)]
    together = parity(frame, [f"q{i}" for i in range(5)], SEX, ["sex"], 0)
    least = int(np.argmin(alone))
    assert together[f"q{least}"]["by"]["sex"]["p_holm"] == pytest.approx(min(1, 5 * min(alone)), rel=1e-3)


def test_many_wilson_intervals_are_those_of_one() -> None:
    assert wilson_many(range(31), 30) == pytest.approx(np.array([wilson(k, 30) for k in range(31)]), abs=1e-12)
    assert wilson_many([0], 0).tolist() == [[0, 1]]


def test_intervals_of_shares_widen_with_the_pictures_that_share_a_person() -> None:
    codes = {"sex": np.repeat(np.arange(40) % 2, 25)}
    deep = resample.share_intervals(codes, {"sex": 3}, np.repeat(np.arange(40), 25), 40)["sex"]
    flat = resample.share_intervals(codes, {"sex": 3}, np.arange(1000), 1000)["sex"]
    assert np.ptp(deep[0]) == pytest.approx(2 * 1.96 * math.sqrt(0.25 / 40), rel=0.15)
    assert np.ptp(flat[0]) == pytest.approx(2 * 1.96 * math.sqrt(0.25 / 1000), rel=0.15)
    assert deep[2] == pytest.approx(wilson(0, 40))  # a group that is not there: how large it may be is a matter of people


def test_shares_of_few_people_keep_a_width() -> None:
    """One person's pictures say nothing of others; of two who are alike little more; from five on the bootstrap judges."""
    widths = []
    for people in (1, 2, 3, 4):
        member = np.repeat(np.arange(people), 9)
        codes = np.tile(np.repeat(np.arange(3), 3), people)
        found = resample.share_intervals({"yaw": codes}, {"yaw": 4}, member, people)["yaw"]
        same = share_intervals(Clusters.of(codes, 4, member), 50, streams.stream("same", seed=0))
        assert np.array(same) == pytest.approx(found)
        assert (found[:, 0] <= [1 / 3, 1 / 3, 1 / 3, 0]).all() and (found[:, 1] > [1 / 3, 1 / 3, 1 / 3, 0]).all()
        widths.append(np.ptp(found[0]))
    assert widths[0] == 1 and widths == sorted(widths, reverse=True) and widths[3] > 0.2


def test_intervals_of_few_clusters_by_hand_and_by_simulation() -> None:
    """Shares 0.2 and 0.6 of ten each: variance 2 (2^2 + 2^2) / 20^2 = 0.04, d = 0.04 / (0.24 / 20), n = 20 / d (z / t)^2."""
    worth = 20 / (0.04 / 0.012) * (1.959964 / 12.7062) ** 2
    assert wilson_clustered([[2, 8], [6, 4]]) == pytest.approx(wilson_shares([0.4, 0.6], [worth] * 2), rel=1e-4)
    assert wilson_clustered(np.ones((6, 2)) * 5)[0] == pytest.approx(
        wilson_shares([0.5], [60 * (1.959964 / 2.570582) ** 2])[0], rel=1e-4
    )
    rng, held = np.random.default_rng(5), 0
    for _ in range(400):
        k = rng.binomial(20, rng.beta(2, 3, 4))
        low, high = wilson_clustered(np.stack([k, 20 - k], axis=1))[0]
        held += low <= 0.4 <= high
    assert held >= 0.94 * 400


def test_the_bootstrap_is_the_same_each_time() -> None:
    first, again = (np.concatenate(list(resample.weights(9, 30))) for _ in range(2))
    assert (first == again).all()
    assert (first.sum(axis=1) == 9).all()
    assert len({tuple(row) for row in first}) > 25
