"""Scores of all comparisons of a protocol, mated and non-mated apart, and who the people in them are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.errors import DataError
from facegen.measures import dyads
from facegen.measures.trials import Side, Verification
from facegen.recognise.protocol import Protocol

BLOCK = 512
SAMPLED = 5_000_000
"""Non-mated comparisons that are drawn where a set has too many to take all."""
DEFINITIONS = {
    "mated": "a comparison of two templates of one person; non-mated: of two people (ISO/IEC 19795-1)",
    "score": "cosine of the two embeddings; a comparison is accepted when its score is at least the threshold",
    "fmr": "false match rate: accepted non-mated comparisons over all of them. Of a group: those of two people of that group",
    "fnmr": "false non-match rate: rejected mated comparisons over all of them; TAR is 1 - FNMR. Of a group: those whose two "
    "templates are of that group",
    "eer": "equal error rate: mean of FMR and FNMR at the threshold, among all scores, where they are nearest; of two as near "
    "the lower",
    "global_threshold": "the lowest score at which FMR over all non-mated comparisons of the set is at most the target; the same "
    "threshold then judges every group",
    "accuracy": "right decisions in each fold at the threshold that is best on the other folds (LFW, view 2: Huang et al. 2007)",
    "d_prime": "(mean mated - mean non-mated) / sqrt((var mated + var non-mated) / 2) (Daugman 2000)",
}


@dataclass(frozen=True)
class Made:
    """`mated` and `nonmated` comparisons; `person` (T,) of each template, 0 to `people` - 1; `listed` (P,) scores in the order of
    the protocol's list (empty without one); `sampled`: not all comparisons were taken; `all_pairs`: none were listed; `notes` to
    say."""

    mated: Side
    nonmated: Side
    person: NDArray[np.int64]
    people: int
    listed: NDArray[np.float64]
    sampled: bool
    all_pairs: bool
    notes: tuple[str, ...]

    @property
    def mated_people(self) -> int:
        """People with a mated comparison."""
        return len(np.unique(self.person[self.mated.first]))

    def totals(self, code: NDArray[np.int64], size: int) -> dyads.Totals:
        """Return the totals of non-mated comparisons by pair of categories, `code` (T,) among `size`, -1 for none."""
        if self.all_pairs:
            return dyads.AllPairs(self.person, code, self.people, size)
        sides = self.nonmated.first, self.nonmated.second
        persons = self.person[sides[0]].astype(np.int32), self.person[sides[1]].astype(np.int32)
        return dyads.Listed(persons, (code[sides[0]], code[sides[1]]), self.people, size)


def compare(protocol: Protocol, embeddings: NDArray[np.float32], most: int) -> Made:
    """Return the scores of `embeddings` (T, D), unit rows. Raises DataError where nothing, or only one kind, is compared."""
    made = _listed(protocol, embeddings) if protocol.comparisons is not None else _all(protocol, embeddings, most)
    for kind, side in (("mated", made.mated), ("non-mated", made.nonmated)):
        if len(side.score) < 2:
            raise DataError(
                f"'{protocol.name}' has {len(side.score)} {kind} comparisons; give a set with several pictures of several people"
            )
    return made


def _people(protocol: Protocol) -> NDArray[np.int64]:
    return np.unique(np.asarray(protocol.subjects).astype(str), return_inverse=True)[1].ravel()


def _listed(protocol: Protocol, embeddings: NDArray[np.float32]) -> Made:
    asked = protocol.comparisons
    assert asked is not None
    notes: tuple[str, ...] = ()
    if protocol.subjects is not None:
        person = _people(protocol)
    else:  # by mated pairs alone: the non-mated ones of a list soon link everybody with everybody
        person = dyads.components(asked.first[asked.mated], asked.second[asked.mated], protocol.templates)
        notes = (
            "the set does not say whom its pictures show: templates that mated comparisons link count as one person; intervals "
            "are too narrow where somebody comes again under another picture",
        )
    score = np.empty(len(asked.first))
    for start in range(0, len(score), 65536):
        part = slice(start, start + 65536)
        score[part] = np.einsum("pd,pd->p", embeddings[asked.first[part]], embeddings[asked.second[part]])
    mated, others = (_side(score[kept], asked.first[kept], asked.second[kept]) for kept in (asked.mated, ~asked.mated))
    return Made(mated, others, person, int(person.max(initial=-1)) + 1, score, False, False, notes)


def _side(score: NDArray[np.floating], first: NDArray[np.integer], second: NDArray[np.integer]) -> Side:
    return Side(score.astype(np.float64), first.astype(np.int32), second.astype(np.int32))


def _all(protocol: Protocol, embeddings: NDArray[np.float32], most: int) -> Made:
    if protocol.subjects is None:
        raise DataError(f"'{protocol.name}' neither says whom its pictures show nor lists comparisons; give one of the two")
    person = _people(protocol)
    count = np.bincount(person)
    t = len(person)
    others = int((t * (t - 1) - (count * (count - 1)).sum()) // 2)
    mated = _mated(embeddings, person)
    if others + len(mated.score) <= most:
        return Made(mated, _others(embeddings, person, others), person, len(count), np.empty(0), False, True, ())
    drawn = min(SAMPLED, most)
    note = f"{drawn:,} of {others:,} non-mated comparisons were drawn at random; all mated ones were taken"
    return Made(mated, _drawn(embeddings, person, drawn), person, len(count), np.empty(0), True, False, (note,))


def _mated(embeddings: NDArray[np.float32], person: NDArray[np.int64]) -> Side:
    order = np.argsort(person, kind="stable")
    first, second = [], []
    for places in np.split(order, np.cumsum(np.bincount(person))[:-1]):
        i, j = np.triu_indices(len(places), 1)
        first.append(places[i])
        second.append(places[j])
    a, b = np.concatenate(first), np.concatenate(second)
    return _side(np.einsum("pd,pd->p", embeddings[a], embeddings[b]), a, b)


def _others(embeddings: NDArray[np.float32], person: NDArray[np.int64], count: int) -> Side:
    """Return all comparisons of two people, each once."""
    score, first, second = np.empty(count), np.empty(count, np.int32), np.empty(count, np.int32)
    done = 0
    for start in range(0, len(person), BLOCK):
        rows = np.arange(start, min(start + BLOCK, len(person)))
        block = embeddings[rows] @ embeddings[start:].T
        kept = (rows[:, None] < np.arange(start, len(person))) & (person[rows][:, None] != person[start:])
        i, j = np.nonzero(kept)
        part = slice(done, done + len(i))
        score[part], first[part], second[part] = block[i, j], rows[i], j + start
        done += len(i)
    return Side(score, first, second)


def _drawn(embeddings: NDArray[np.float32], person: NDArray[np.int64], count: int) -> Side:
    """Return `count` comparisons of two people, drawn uniformly and with replacement."""
    stream = rng.stream("recognise.scores", seed=0)
    pairs = np.empty((0, 2), np.int64)
    while len(pairs) < count:
        more = stream.integers(0, len(person), (count, 2))
        pairs = np.concatenate([pairs, more[person[more[:, 0]] != person[more[:, 1]]]])
    pairs = pairs[:count]
    score = np.empty(count)
    for start in range(0, count, 65536):
        part = pairs[start : start + 65536]
        score[start : start + 65536] = np.einsum("pd,pd->p", embeddings[part[:, 0]], embeddings[part[:, 1]])
    return _side(score, pairs[:, 0], pairs[:, 1])


def worst(protocol: Protocol, trial: Verification, count: int) -> list[dict[str, Any]]:
    """Return the mated comparisons of least and the non-mated ones of greatest score, by the names of their first pictures."""
    names = np.full(protocol.templates, -1, np.int64)
    names[protocol.template[::-1]] = np.arange(len(protocol.template))[::-1]
    found = []
    for kind, side in (
        ("mated", trial.mated.ordered(np.arange(min(count, len(trial.mated.score))))),
        ("non-mated", trial.top(count / len(trial.sorted))),
    ):
        for score, a, b in list(zip(side.score, side.first, side.second, strict=True))[:count]:
            pair = [str(protocol.names[names[t]]) for t in (a, b)]
            found.append({"kind": kind, "first": pair[0], "second": pair[1], "score": round(float(score), 4)})
    return found
