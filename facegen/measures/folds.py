"""Accuracy of a list of comparisons in folds, as face verification sets report it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Folds:
    """`right` (P,): whether each comparison is decided rightly; `threshold` (K,) and `accuracy` (K,) of each fold."""

    right: NDArray[np.bool_]
    threshold: NDArray[np.float64]
    accuracy: NDArray[np.float64]


def folds(score: ArrayLike, mated: ArrayLike, fold: ArrayLike) -> Folds:
    """Return the decisions on each fold at the threshold of best accuracy on all others (Huang et al. 2007, LFW, view 2).

    score (P,), mated (P,) bool, fold (P,) names of at least two folds; ValueError where one fold is all there is.
    """
    s, m, f = np.asarray(score, np.float64), np.asarray(mated, np.bool_), np.asarray(fold)
    names = np.unique(f)
    if len(names) < 2:
        raise ValueError("accuracy takes at least two folds: one is judged at the threshold of the others")
    right = np.zeros(len(s), np.bool_)
    thresholds, accuracy = [], []
    for name in names:
        judged = f == name
        at = best_threshold(s[~judged], m[~judged])
        right[judged] = (s[judged] >= at) == m[judged]
        thresholds.append(at)
        accuracy.append(right[judged].mean())
    return Folds(right, np.array(thresholds), np.array(accuracy))


def best_threshold(score: NDArray[np.float64], mated: NDArray[np.bool_]) -> float:
    """Return the threshold of most right decisions, midway to the next lower score; of equals the lowest."""
    order = np.argsort(score, kind="stable")
    s, m = score[order], mated[order]
    starts = np.flatnonzero(np.concatenate([[True], np.diff(s) > 0]))
    # threshold at s[i]: the non-mated below it are right, and the mated from it on
    below = np.concatenate([[0], np.cumsum(~m)])
    lost = np.concatenate([[0], np.cumsum(m)])
    places = np.concatenate([starts, [len(s)]])
    best = int(places[np.argmax(below[places] + lost[-1] - lost[places])])
    if best == len(s):
        return float(np.nextafter(s[-1], np.inf))
    return float(s[0]) if best == 0 else float((s[best - 1] + s[best]) / 2)
