"""Scores of a verification trial, and what its error rates come to when the people in it are drawn again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegen.measures import dyads, resample, verification
from facegen.measures.dyads import Totals, cell_of, weight_of

Floats = NDArray[np.float64]
Codes = NDArray[np.integer]


@dataclass(frozen=True)
class Side:
    """Comparisons of one kind, mated or non-mated: `score` (P,), and places (P,) of their templates, `first` and `second`."""

    score: Floats
    first: NDArray[np.int32]
    second: NDArray[np.int32]

    def ordered(self, order: NDArray[np.integer]) -> Side:
        """Return the comparisons at the places `order`."""
        return Side(self.score[order], self.first[order], self.second[order])


@dataclass(frozen=True)
class Attribute:
    """A grouping: `code` (T,) category of each template, -1 for none; `size` categories; `totals` of non-mated comparisons."""

    code: Codes
    size: int
    totals: Totals


@dataclass(frozen=True)
class Grouped:
    """Of one attribute at the global threshold: errors `k` and trials `n`, FNMR's (G,) and FMR's by cell (G * G,) of
    `dyads.cell_of`; `fnmr` (B, G) and `fmr` (B, G * G) when people are drawn again."""

    fnmr_k: NDArray[np.int64]
    fnmr_n: NDArray[np.int64]
    fmr_k: NDArray[np.int64]
    fmr_n: NDArray[np.int64]
    fnmr: Floats
    fmr: Floats
    across: int
    """Mated comparisons whose templates are of two categories, or of none: they count for no group."""


@dataclass(frozen=True)
class Drawn:
    """B bootstrap samples of people: `eer` (B,); by target of FMR: `fnmr` (B, F) with the threshold set anew, `held` (B, F) FMR
    at the threshold of the whole; `det` (B, D) FNMR at points of FMR; `groups` by attribute. NaN where a sample has no trial."""

    eer: Floats
    fnmr: Floats
    held: Floats
    det: Floats
    groups: Mapping[str, Grouped]


class Verification:
    """Mated and non-mated comparisons of templates of `person` (T,), sorted once and asked often."""

    def __init__(self, mated: Side, nonmated: Side, person: Codes, people: int) -> None:
        self.mated = mated.ordered(np.argsort(mated.score, kind="stable"))
        self.nonmated = nonmated
        self.person, self.people = person.astype(np.int32), people
        self.sorted = np.sort(nonmated.score)
        self.eer = verification.eer(self.mated.score, self.sorted)
        self.d_prime = verification.d_prime(self.mated.score, self.sorted)

    def threshold(self, fmr: float) -> float:
        """Return the lowest observed threshold whose FMR is at most `fmr`."""
        return verification.threshold_among(self.sorted, fmr)

    def fnmr(self, threshold: float) -> tuple[int, int]:
        """Return (rejected, all) mated comparisons."""
        return int(np.searchsorted(self.mated.score, threshold)), len(self.mated.score)

    def fmr(self, threshold: float) -> tuple[int, int]:
        """Return (accepted, all) non-mated comparisons."""
        return len(self.sorted) - int(np.searchsorted(self.sorted, threshold)), len(self.sorted)

    def top(self, share: float) -> Side:
        """Return the non-mated comparisons of the greatest scores, about `share` of all and at least two, from the greatest."""
        count = len(self.sorted)
        least = self.sorted[max(count - max(int(np.ceil(share * count)), 2), 0)]
        kept = np.flatnonzero(self.nonmated.score >= least)
        return self.nonmated.ordered(kept[np.argsort(-self.nonmated.score[kept], kind="stable")])

    def greatest(self, count: int) -> Side:
        """Return the `count` non-mated comparisons of the greatest scores; `count` must not part equal scores."""
        least = self.sorted[len(self.sorted) - count] if count else np.inf
        return self.nonmated.ordered(np.flatnonzero(self.nonmated.score >= least))

    def persons(self, side: Side) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.bool_] | None]:
        """Return the people on both sides of comparisons, and where these are one (None: nowhere)."""
        a, b = self.person[side.first], self.person[side.second]
        same = a == b
        return a, b, same if same.any() else None


def draw(
    trial: Verification, totals: Totals, fmr: Sequence[float], det: Sequence[float], groups: Mapping[str, Attribute],
    group_fmr: float, draws: int = resample.DRAWS,
) -> Drawn:  # fmt: skip
    """Return what EER, FNMR at `fmr`, the points `det` of FMR and all groups at `group_fmr` come to in `draws` samples of people.

    Thresholds are set anew in every sample, as a user who sets one on such a set would. totals: of all non-mated comparisons
    under weights of people. Only the top of the non-mated scores decides; it alone is weighted.
    """
    top = trial.top(min(1.0, max(1.5 * max((*fmr, *det, group_fmr)), 1.5 * trial.eer + 0.02)))
    curve = _Curve(trial, top)
    parts = {name: _Part(trial, top, one) for name, one in groups.items()}
    held = [int((top.score >= trial.threshold(f)).sum()) for f in fmr]
    eers, fnmrs, helds, dets = [], [], [], []
    for batch in resample.weights(trial.people, draws):
        whole = totals(batch).sum(axis=1)
        cells = {name: one.totals(batch) for name, one in groups.items()}
        for i, w in enumerate(batch):
            curve.weigh(w, whole[i])
            eers.append(curve.eer())
            fnmrs.append([curve.fnmr(curve.accepted(f)) for f in fmr])
            helds.append([curve.fmr(k) for k in held])
            dets.append([curve.fnmr(curve.accepted(f)) for f in det])
            k = curve.accepted(group_fmr)
            for name, part in parts.items():
                part.weigh(curve, k, cells[name][i])
    threshold = trial.threshold(group_fmr)
    found = {name: part.result(trial, threshold, groups[name].totals) for name, part in parts.items()}
    alike = np.zeros(len(trial.person), np.int64)
    near = [narrowed(trial, totals, alike, k, np.array(helds)[:, i : i + 1], 1) for i, k in enumerate(held)]
    return Drawn(np.array(eers), np.array(fnmrs), np.concatenate(near, axis=1), np.array(dets), found)


class _Curve:
    """The curve of errors under one weighting of people. Accepted: how many of the top non-mated scores, from the greatest."""

    def __init__(self, trial: Verification, top: Side) -> None:
        self.top, self.mated = trial.persons(top), trial.persons(trial.mated)
        self.tie = np.searchsorted(-top.score, -top.score, side="left")
        """Of equal scores all are accepted or none."""
        self.rejected = np.searchsorted(trial.mated.score, top.score, side="right")
        """Mated scores that are rejected where this non-mated one is the first to be."""
        self.ends = _ends(trial.mated.score, top.score)

    def weigh(self, w: Floats, whole: float) -> None:
        self.whole, self.false, self.true = whole, weight_of(w, *self.top), weight_of(w, *self.mated)
        self.cum = np.cumsum(self.false)
        self.lost = np.concatenate([[0.0], np.cumsum(self.true)])

    def accepted(self, fmr: float) -> int:
        """Return how many are accepted at the lowest threshold whose FMR is at most `fmr`."""
        k = int(np.searchsorted(self.cum, fmr * self.whole + 1e-9, side="right"))
        return int(self.tie[k]) if k < len(self.cum) else len(self.cum)

    def fmr(self, k: int) -> float:
        return float(self.cum[k - 1] / self.whole) if k and self.whole else 0.0 if self.whole else np.nan

    def rejections(self, k: int) -> int:
        return int(self.rejected[min(k, len(self.rejected) - 1)])

    def fnmr(self, k: int) -> float:
        """Return FNMR where k are accepted: the threshold lies just above the next score."""
        return float(self.lost[self.rejections(k)] / self.lost[-1]) if self.lost[-1] else np.nan

    def eer(self) -> float:
        """Return the equal error rate, at the thresholds and by the rule of `verification.eer`."""
        if not (self.whole and self.lost[-1]):
            return np.nan
        accepted, rejected = self.ends

        def rates(at: int) -> tuple[float, float]:
            return self.fmr(int(accepted[at])), float(self.lost[rejected[at]] / self.lost[-1])

        return verification.nearest(rates, len(accepted))


def _ends(mated: Floats, top: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return, at every score that is a threshold, from the least of the top (K,), how many of it are accepted and of `mated`
    (M,), least first, rejected."""
    thresholds = np.unique(np.concatenate([mated[mated >= top[-1]], top]))
    accepted = len(top) - np.searchsorted(top[::-1], thresholds, side="left")
    return accepted, np.searchsorted(mated, thresholds, side="left")


class _Part:
    """Errors of one attribute's groups under weightings of people."""

    def __init__(self, trial: Verification, top: Side, one: Attribute) -> None:
        self.size, self.code = one.size, one.code
        code = one.code
        self.false = cell_of(code[top.first], code[top.second], one.size)
        cells = cell_of(code[trial.mated.first], code[trial.mated.second], one.size)
        own = cells // one.size == cells % one.size
        self.true = np.where((cells >= 0) & own, cells // one.size, one.size)
        self.false[self.false < 0] = one.size**2
        self.fnmr: list[Floats] = []
        self.fmr: list[Floats] = []

    def weigh(self, curve: _Curve, k: int, totals: Floats) -> None:
        r, g = curve.rejections(k), self.size
        lost = np.bincount(self.true[:r], curve.true[:r], g + 1)[:g]
        every = np.bincount(self.true, curve.true, g + 1)[:g]
        false = np.bincount(self.false[:k], curve.false[:k], g * g + 1)[: g * g]
        with np.errstate(divide="ignore", invalid="ignore"):
            self.fnmr.append(np.where(every > 0, lost / every, np.nan))
            self.fmr.append(np.where(totals > 0, false / totals, np.nan))

    def result(self, trial: Verification, threshold: float, totals: Totals) -> Grouped:
        g, r = self.size, trial.fnmr(threshold)[0]
        k = trial.fmr(threshold)[0]
        tried = totals(np.ones((1, trial.people)))[0]
        lost, every = (np.bincount(self.true[:n], minlength=g + 1) for n in (r, len(self.true)))
        false = np.bincount(self.false[:k], minlength=g * g + 1)[: g * g]
        fmr = narrowed(trial, totals, self.code, k, np.array(self.fmr), g)
        return Grouped(lost[:g], every[:g], false, np.rint(tried).astype(np.int64), np.array(self.fnmr), fmr, int(every[g]))


def narrowed(trial: Verification, totals: Totals, code: Codes, k: int, drawn: Floats, size: int) -> Floats:
    """Return FMRs `drawn` (B, size * size) with the variance of dyads, where the `k` greatest non-mated scores are accepted."""
    tried = totals(np.ones((1, trial.people)))[0]
    top = trial.greatest(k)
    a, b, _ = trial.persons(top)
    accepted = dyads.Accepted((a, b), (code[top.first], code[top.second]))
    errors = np.bincount(cell_of(code[top.first], code[top.second], size) + 1, minlength=size * size + 1)[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(tried > 0, errors / tried, 0.0)
    return dyads.narrowed(rate, drawn, totals.spread(accepted, rate), tried)
