"""Error rates of a recogniser, and how many people its embedding can hold apart. Pure maths on scores and embeddings.

Words of ISO/IEC 19795-1: mated comparisons are of one person with themselves, non-mated ones of two people; a comparison is
accepted when its score is at least the threshold.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
_ALIKE = 1e-12


def d_prime(mated: ArrayLike, nonmated: ArrayLike) -> float:
    """Return d' = (mean mated - mean non-mated) / sqrt((var mated + var non-mated) / 2) (Daugman 2000, Cambridge TR 482)."""
    a, b = np.asarray(mated, np.float64), np.asarray(nonmated, np.float64)
    spread = np.sqrt((a.var() + b.var()) / 2)
    if spread == 0:
        raise ValueError("scores that do not vary have no d'; give at least two different ones")
    return float((a.mean() - b.mean()) / spread)


def threshold_at(nonmated: ArrayLike, fmr: float) -> float:
    """Return the lowest observed threshold whose FMR is at most `fmr`; above every score when none has."""
    return threshold_among(np.sort(np.asarray(nonmated, np.float64)), fmr)


def threshold_among(ascending: Floats, fmr: float) -> float:
    """Return the same of non-mated scores that are sorted, least first."""
    allowed = int(np.floor(fmr * len(ascending) + 1e-9))
    if allowed >= len(ascending):
        return float(ascending[0])
    return float(np.nextafter(ascending[-1 - allowed], np.inf))


def threshold_accepting(mated: ArrayLike, share: float) -> float:
    """Return the highest threshold at which at least `share` (in 0..1, not 0) of the mated scores are accepted."""
    scores = np.sort(np.asarray(mated, np.float64))[::-1]
    return float(scores[max(int(np.ceil(share * len(scores) - 1e-9)), 1) - 1])


def fnmr_at(mated: ArrayLike, threshold: float) -> tuple[int, int]:
    """Return (rejected, all) of the mated scores at `threshold`."""
    scores = np.asarray(mated, np.float64)
    return int((scores < threshold).sum()), len(scores)


def fmr_at(nonmated: ArrayLike, threshold: float) -> tuple[int, int]:
    """Return (accepted, all) of the non-mated scores at `threshold`."""
    scores = np.asarray(nonmated, np.float64)
    return int((scores >= threshold).sum()), len(scores)


def eer(mated: ArrayLike, nonmated: ArrayLike) -> float:
    """Return the equal error rate: the mean of FMR and FNMR at the threshold, among all scores, where they are nearest.

    Where two thresholds are as near the lower wins, at which FMR is the greater (see `nearest`).
    """
    a, b = np.sort(np.asarray(mated, np.float64)), np.sort(np.asarray(nonmated, np.float64))
    thresholds = np.unique(np.concatenate([a, b]))
    fnmr = np.searchsorted(a, thresholds, side="left") / len(a)
    fmr = (len(b) - np.searchsorted(b, thresholds, side="left")) / len(b)
    return nearest(lambda at: (float(fmr[at]), float(fnmr[at])), len(thresholds))


def nearest(rates: Callable[[int], tuple[float, float]], count: int) -> float:
    """Return the mean of FMR and FNMR, `rates` at the 0th to `count` - 1st threshold from the lowest, where they are nearest.

    FMR falls and FNMR rises with the threshold, so that the place is one of the two around their crossing. Where both are as
    near (to 1e-12: weights add up in another order than counts) the lower wins.
    """
    low, high = 0, count
    while low < high:  # the first threshold at which FMR is below FNMR
        middle = (low + high) // 2
        fmr, fnmr = rates(middle)
        low, high = (middle + 1, high) if fmr - fnmr >= -_ALIKE else (low, middle)
    ends = [rates(at) for at in (max(low - 1, 0), min(low, count - 1))]
    apart = [abs(fmr - fnmr) for fmr, fnmr in ends]
    fmr, fnmr = ends[apart[1] < apart[0] - _ALIKE]
    return (fmr + fnmr) / 2


def birthday(fmr: float) -> float:
    """Return among how many people two are confused with probability 1/2, when each pair is with `fmr`: sqrt(2 ln 2 / fmr).

    The birthday bound, with pairs taken as independent (so counted by Daugman 2003, Pattern Recognition 36:279-291).
    """
    if not 0 < fmr <= 1:
        raise ValueError(f"fmr {fmr} is not in (0, 1]; with no false match give the rule-of-three bound 3 / n")
    return float(np.sqrt(2 * np.log(2) / fmr))


def information_bits(embeddings: ArrayLike, people: ArrayLike) -> float:
    """Return log2 of how many people fit the embedding before they fall within one person's own spread.

    The volume of the ellipsoid that all people's pictures fill over that of one person's: log2 sqrt(det(B + W) / det W) =
    sum_i log2(1 + b_i / w_i) / 2, with B between and W within people. The packing bound of Gong, Boddeti & Jain, "On the
    Capacity of Face Representation" (arXiv:1709.10433), with one ellipsoid for everybody's own spread and equal radii; also
    the capacity of a Gaussian channel whose noise is W. Directions are the generalised eigenvectors of one half of the people,
    variances along them those of the other half, and the halves then change places: otherwise directions fitted to noise
    count as people. What is left is an estimate from below that grows with the people given: of 24 bits spread over 128
    numbers, 12 pictures each, it finds 23 with 400 people, 18 with 100 and 8 with 40.

    embeddings (N, D); people (N,) who each shows, two pictures or more of each, at least eight people.
    """
    x, who = np.asarray(embeddings, np.float64), np.unique(np.asarray(people), return_inverse=True)[1]
    if np.bincount(who).min() < 2 or who.max() < 7:
        raise ValueError("information needs at least eight people with two pictures each")
    halves = [who % 2 == k for k in (0, 1)]
    bits = []
    for fitted, judged in (halves, halves[::-1]):
        within, between = _scatter(x[fitted], who[fitted])
        directions = _directions(within, between)
        own, other = (np.einsum("di,de,ei->i", directions, m, directions) for m in _scatter(x[judged], who[judged]))
        bits.append(0.5 * np.log2(1 + np.maximum(other, 0) / own).sum())
    return float(np.mean(bits))


def _scatter(x: Floats, who: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Return the covariances (D, D) within and between people; that of the means is freed of the share of W left in it."""
    names, index, count = np.unique(who, return_inverse=True, return_counts=True)
    means = np.zeros((len(names), x.shape[1]))
    np.add.at(means, index, x)
    means /= count[:, None]
    rest = x - means[index]
    within = rest.T @ rest / (len(x) - len(names))
    between = np.cov(means, rowvar=False, ddof=1) - within * float((1 / count).mean())
    return within, between


def _directions(within: Floats, between: Floats) -> Floats:
    """Return (D, M) directions in which `within` is the identity and `between` diagonal and positive."""
    values, vectors = np.linalg.eigh(within)
    kept = values > 1e-6 * values.max()
    white = vectors[:, kept] / np.sqrt(values[kept])
    share, turn = np.linalg.eigh(white.T @ between @ white)
    return white @ turn[:, share > 0]
