"""One to many: ranks, FPIR and FNIR counted by hand, and against scikit-learn's top-k accuracy."""

from __future__ import annotations

import numpy as np
import pytest

from facegen.measures import identification

ANGLES = np.deg2rad([0, 90, 180, 10, 100, 60, 45])
UNIT = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1).astype(np.float32)
PERSON = np.array([0, 1, 2, 0, 1, 0, 3])


def test_by_hand():
    """Gallery at 0, 90, 180 degrees; the probe of person 0 at 60 lies nearer to person 1; person 3 at 45 is in no gallery."""
    found = identification.search(UNIT, [0, 1, 2], [3, 4, 5, 6], PERSON, block=3)
    assert found.mated.tolist() == [True, True, True, False]
    assert found.rank.tolist() == [1, 1, 2, 0]
    assert found.missed(0.9).tolist() == [False, False, True, False]
    assert found.missed(0.984).tolist() == [False, False, True, False] and found.missed(0.99).sum() == 3
    assert found.alarmed(0.7).tolist() == [False, False, False, True] and not found.alarmed(0.72).any()
    assert found.threshold(0.5) > np.cos(np.pi / 4) - 1e-6


def test_ranks_against_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    x = rng.standard_normal((60, 8)).astype(np.float32)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    person = np.arange(60) % 20
    found = identification.search(x, np.arange(20), np.arange(20, 60), person)
    scores = x[20:] @ x[:20].T
    for k in (1, 3, 10):
        assert (found.rank <= k).mean() == metrics.top_k_accuracy_score(person[20:], scores, k=k)


@pytest.mark.parametrize("gallery", [[], [0, 3]])
def test_a_gallery_holds_everybody_once(gallery):
    with pytest.raises(ValueError, match="each once"):
        identification.search(UNIT, gallery, [4], PERSON)
