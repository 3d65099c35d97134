"""The bootstrap of a verification trial: at weights of one it is the trial itself, people drawn twice are compared twice."""

from __future__ import annotations

import numpy as np
import pytest

from facegen.measures import dyads, trials, verification


def made(seed=0, people=12, each=4):
    """Return (trial, person, scores as a list of (i, j, score, mated))."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), each)
    i, j = np.triu_indices(len(person), 1)
    mated = person[i] == person[j]
    score = np.round(rng.standard_normal(len(i)) + 1.5 * mated, 2)  # rounded: ties occur
    sides = [trials.Side(score[m], i[m].astype(np.int32), j[m].astype(np.int32)) for m in (mated, ~mated)]
    return trials.Verification(*sides, person, people), person, (i, j, score, mated)


def test_rates_are_those_of_roc_curve_and_det_curve():
    metrics = pytest.importorskip("sklearn.metrics")
    trial, _, (_, _, score, mated) = made(people=30)
    fpr, fnr, thresholds = metrics.det_curve(mated, score)
    for a, b, t in zip(fpr, fnr, thresholds, strict=True):
        if np.isfinite(t):
            assert np.divide(*trial.fmr(t)) == pytest.approx(a) and np.divide(*trial.fnmr(t)) == pytest.approx(b)
    fpr, tpr, _ = metrics.roc_curve(mated, score, drop_intermediate=False)
    for target in (0.001, 0.01, 0.1, 0.3):
        best = tpr[fpr <= target + 1e-12].max()
        k, n = trial.fnmr(trial.threshold(target))
        assert 1 - k / n == pytest.approx(best)
    apart = np.abs(fpr - (1 - tpr))
    near = np.flatnonzero(apart <= apart.min() + 1e-12)[-1]  # thresholds fall: of two as near, the lower
    assert trial.eer == pytest.approx((fpr[near] + 1 - tpr[near]) / 2)


def repeated(person, listed, w, fmr):
    """Return EER and FNMR at `fmr` of comparisons that each stand in the list as often as the weights of their people say."""
    i, j, score, mated = listed
    times = np.where(person[i] == person[j], w[person[i]], w[person[i]] * w[person[j]]).astype(int)
    a, b = (np.repeat(score[m], times[m]) for m in (mated, ~mated))
    lost, all_ = verification.fnmr_at(a, verification.threshold_at(b, fmr))
    return verification.eer(a, b), lost / all_


@pytest.mark.parametrize("seed", range(30))
def test_everybody_once_gives_the_equal_error_rate_itself(monkeypatch, seed):
    trial, person, _ = made(seed=seed, people=5 + seed % 7, each=3)
    people = trial.people
    monkeypatch.setattr(trials.resample, "weights", lambda people, draws: iter([np.ones((1, people))]))
    found = trials.draw(trial, dyads.AllPairs(person, np.zeros(len(person), int), people, 1), (0.01,), (), {}, 0.01, 1)
    assert found.eer[0] == pytest.approx(trial.eer, abs=1e-12)


@pytest.mark.parametrize("fmr", [0.01, 0.05])
def test_a_weighted_sample_is_the_sample_itself(monkeypatch, fmr):
    trial, person, listed = made()
    weights = np.random.default_rng(2).multinomial(12, np.full(12, 1 / 12), 20).astype(float)
    monkeypatch.setattr(trials.resample, "weights", lambda people, draws: iter([np.ones((1, 12)), weights]))
    code = person % 2
    totals = dyads.AllPairs(person, np.zeros(len(person), int), 12, 1)
    group = trials.Attribute(code, 2, dyads.AllPairs(person, code, 12, 2))
    found = trials.draw(trial, totals, (fmr,), (fmr,), {"half": group}, fmr, 20)
    assert found.eer[0] == pytest.approx(trial.eer, abs=1e-12)
    for w, eer, fnmr, det in zip(weights, found.eer[1:], found.fnmr[1:, 0], found.det[1:, 0], strict=True):
        expected = repeated(person, listed, w, fmr)
        assert fnmr == det == pytest.approx(expected[1])
        assert eer == pytest.approx(expected[0], abs=1e-12)
    half = found.groups["half"]
    i, j, score, mated = listed
    threshold = trial.threshold(fmr)
    for g in (0, 1):
        own = (code[i] == g) & (code[j] == g)
        assert (half.fnmr_k[g], half.fnmr_n[g]) == ((own & mated & (score < threshold)).sum(), (own & mated).sum())
        assert (half.fmr_k[3 * g], half.fmr_n[3 * g]) == ((own & ~mated & (score >= threshold)).sum(), (own & ~mated).sum())
        assert half.fnmr[0, g] == pytest.approx(half.fnmr_k[g] / half.fnmr_n[g])
        assert half.fmr[0, 3 * g] == pytest.approx(half.fmr_k[3 * g] / half.fmr_n[3 * g])
    across = (code[i] != code[j]) & ~mated
    assert half.fmr_n[1] == across.sum() and half.fmr_n[2] == 0 and half.across == 0
