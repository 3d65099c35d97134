"""Accuracy in folds: the threshold comes from the other folds."""

from __future__ import annotations

import numpy as np
import pytest

from facegen.measures import folds as f


def test_a_fold_never_sees_its_own_threshold():
    """Two folds whose best thresholds differ: each is judged at the other's."""
    score = np.array([0.9, 0.8, 0.2, 0.1, 0.4, 0.35, 0.3, 0.05])
    mated = np.array([1, 1, 0, 0, 1, 1, 0, 0], bool)
    fold = np.array([0] * 4 + [1] * 4)
    found = f.folds(score, mated, fold)
    assert found.threshold.tolist() == [pytest.approx(0.325), pytest.approx(0.5)]
    assert found.accuracy.tolist() == [1.0, 0.5]


def test_best_threshold_against_every_one():
    rng = np.random.default_rng(4)
    for _ in range(50):
        mated = rng.random(40) < 0.5
        score = np.round(rng.standard_normal(40) + mated, 1)
        best = max(((score >= t) == mated).mean() for t in [*np.unique(score), np.inf])
        assert ((score >= f.best_threshold(score, mated)) == mated).mean() == best


def test_one_fold_is_refused():
    with pytest.raises(ValueError, match="two folds"):
        f.folds([0.1, 0.2], [True, False], [0, 0])
