"""Differences between groups: closed forms, fairlearn, and bands that hold as often as they say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from facegen.measures import differential as d


def test_two_groups_by_hand():
    assert d.fdr([0.01, 0.03], [0.1, 0.2]) == pytest.approx(1 - 0.5 * 0.02 - 0.5 * 0.1)
    assert d.inequity_rate([0.01, 0.04], [0.1, 0.9]) == pytest.approx(2 * 3)
    assert d.max_geomean([0.01, 0.04]) == pytest.approx(2.0)
    # Gini of (1, 3): sum |x_i - x_j| = 4, / (2 n^2 mean) = 4 / 16, times n / (n - 1) = 2
    assert d.gini([1.0, 3.0]) == pytest.approx(0.5)
    assert d.garbe([1.0, 3.0], [2.0, 2.0]) == pytest.approx(0.25)


@pytest.mark.parametrize("n", [2, 3, 7])
def test_best_and_worst(n):
    same, one = np.full(n, 0.1), np.eye(n)[0]
    assert [d.fdr(same, same), d.inequity_rate(same, same), d.max_geomean(same)] == pytest.approx([1.0] * 3)
    assert d.garbe(same, same) == pytest.approx(0.0)
    assert d.gini(one) == pytest.approx(1.0)  # all errors in one group: the correction n / (n - 1) makes it 1 for any n
    assert d.inequity_rate(one, same) is None and d.max_geomean(one) is None and d.ratio(one) is None


def test_gini_of_a_known_distribution():
    """Of 1..n the Gini coefficient is (n - 1) / (3 n); times n / (n - 1) it is 1/3."""
    assert d.gini(np.arange(1, 101)) == pytest.approx(1 / 3)


def drawn(seed=0, groups=5, n=400):
    rng = np.random.default_rng(seed)
    k = rng.binomial(n, 0.1, groups)
    return k, np.full(groups, n), rng.binomial(n, k / n, (300, groups)) / n


def test_agreement_with_fairlearn():
    metrics = pytest.importorskip("fairlearn.metrics")
    rng = np.random.default_rng(3)
    group = rng.integers(0, 4, 2000)
    score, mated = rng.standard_normal(2000) + 0.2 * group, rng.random(2000) < 0.5
    accepted = score > 0.4
    frame = metrics.MetricFrame(
        metrics={"fmr": metrics.false_positive_rate, "fnmr": metrics.false_negative_rate},
        y_true=mated, y_pred=accepted, sensitive_features=group,
    )  # fmt: skip
    fmr = [accepted[(group == g) & ~mated].mean() for g in range(4)]
    fnmr = [1 - accepted[(group == g) & mated].mean() for g in range(4)]
    assert np.allclose(frame.by_group["fmr"], fmr) and np.allclose(frame.by_group["fnmr"], fnmr)
    gap, worst, best = frame.difference(), frame.group_max(), frame.group_min()
    assert d.fdr(fmr, fnmr) == pytest.approx(1 - 0.5 * gap["fmr"] - 0.5 * gap["fnmr"])
    assert d.ratio(fmr) == pytest.approx(worst["fmr"] / best["fmr"]) == pytest.approx(1 / frame.ratio()["fmr"])
    expected = math.sqrt(worst["fmr"] / best["fmr"]) * math.sqrt(worst["fnmr"] / best["fnmr"])
    assert d.inequity_rate(fmr, fnmr) == pytest.approx(expected)


def test_values_lie_in_their_intervals():
    k, n, sample = drawn()
    rates = d.Rates.of(k, n, sample, n.astype(float), n)
    found = d.measures(rates, rates)
    for one in (*found["fmr"].values(), found["fdr"], found["inequity_rate"], found["garbe"]):
        assert one["low"] <= one["value"] <= one["high"]
    assert found["fmr"]["max_geomean"]["low"] >= 1 and found["fmr"]["difference"]["low"] >= 0 and found["fdr"]["high"] <= 1


def test_groups_without_an_error_keep_a_width():
    rates = d.Rates.of(np.zeros(3, int), np.full(3, 300), np.zeros((50, 3)), np.full(3, 300.0), np.full(3, 300))
    found = d.measures(rates, None)["fmr"]
    assert 0.005 < found["difference"]["high"] < 0.05  # about 3 / 300 and more, for three groups at once
    assert found["ratio"] == found["max_geomean"] == {"value": None, "low": None, "high": None}
    assert found["difference"]["value"] == 0
    assert set(d.measures(rates, None)) == {"fmr"} and d.measures(None, None) == {}


def test_one_group_without_an_error_widens_the_difference():
    k, n = np.array([0, 6]), np.array([300, 300])
    sample = np.column_stack([np.zeros(400), np.random.default_rng(0).binomial(300, 0.02, 400) / 300])
    near = d.measures(d.Rates.of(k, n, sample, np.array([1e9, 300.0]), n), None)["fmr"]["difference"]
    far = d.measures(d.Rates.of(k, n, sample, np.array([100.0, 300.0]), n), None)["fmr"]["difference"]
    assert far["high"] - far["low"] > near["high"] - near["low"]


def test_bands_of_few_people_are_wider_and_of_many_as_they_were():
    assert d.widening([10**7]) == pytest.approx(1, abs=1e-5)
    assert d.widening([5]) == pytest.approx(2.7764 / 1.95996 * math.sqrt(5 / 4), rel=1e-3)
    k, n, sample = drawn()
    few, many = (d.measures(d.Rates.of(k, n, sample, n, np.full(5, m)), None)["fmr"]["difference"] for m in (5, 10**7))
    assert few["low"] <= many["low"] and few["high"] > many["high"]


def test_samples_without_a_group_say_nothing_of_it():
    """They are not taken for samples in which the rate was the observed one: that would narrow the bands."""
    k, n, sample = drawn(groups=3)
    lost = sample.copy()
    lost[::2, 1] = np.nan
    half = d.measures(d.Rates.of(k, n, sample[1::2], n, n), None)["fmr"]["difference"]
    found = d.measures(d.Rates.of(k, n, lost, n, n), None)["fmr"]["difference"]
    assert found["high"] == pytest.approx(half["high"], rel=0.1)


@pytest.mark.parametrize("people", [5, 8])
def test_groups_of_few_people_drawn_from_one_law_do_not_differ(people):
    """Three groups, ten trials a person whose rates are Beta(1, 4): 0 is left out in about one set of twenty at most."""
    left = 0
    for seed in range(60):
        rng = np.random.default_rng([people, seed])
        k = rng.binomial(10, rng.beta(1, 4, (3, people)))
        weights = rng.multinomial(people, np.full(people, 1 / people), (200, 3))
        rates = (weights * k).sum(axis=2) / (10 * people)
        n = np.full(3, 10 * people)
        low = d.measures(d.Rates.of(k.sum(axis=1), n, rates, n, np.full(3, people)), None)["fmr"]["difference"]["low"]
        left += low > 0
    assert left <= 5


def covered(truth, seeds=250, n=600, draws=300):
    """Return how often the intervals of measures of binomial rates `truth` (G,) hold the true measure."""
    x = np.asarray(truth)
    true = {"difference": np.ptp(x), "ratio": d.ratio(x), "max_geomean": d.max_geomean(x), "gini": d.gini(x)}
    hits = dict.fromkeys(true, 0)
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        k, many = rng.binomial(n, x), np.full(len(x), n)
        sample = rng.binomial(n, k / n, (draws, len(x))) / n
        found = d.measures(d.Rates.of(k, many, sample, many.astype(float), many), None)["fmr"]
        for name, value in true.items():
            hits[name] += found[name]["low"] - 1e-9 <= value <= found[name]["high"] + 1e-9
    return {name: hit / seeds for name, hit in hits.items()}


@pytest.mark.parametrize("truth", [(0.05,) * 5, (0.04, 0.05, 0.05, 0.06, 0.12), (0.1, 0.15)])
def test_intervals_cover_as_often_as_they_say(truth):
    """Nominal 95%: 0.93 or more is seen in 250 sets each."""
    found = covered(truth)
    assert min(found.values()) >= 0.93, found


def test_percentiles_would_leave_equal_groups_out():
    """Why measures do not take percentiles: with five equal groups they hold the truth in far fewer than 95%."""
    hits = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        k = rng.binomial(600, 0.05, 5)
        sample = rng.binomial(600, k / 600, (200, 5)) / 600
        hits += np.quantile([d.max_geomean(row) for row in sample], 0.025) <= 1.0
    assert hits < 20
