"""What a recogniser's embeddings come to on a set: the document of `facegen evaluate`, plain JSON values.

Words of ISO/IEC 19795-1 and -10; every rate is k of n with an interval over people. Formulas: `DEFINITIONS` of the rooms asked.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.errors import DataError, RequestError, did_you_mean
from facegen.measures import differential, dyads, identification, rates, resample, trials
from facegen.measures.folds import folds
from facegen.measures.rates import Trials, described, exact, percentiles, plain
from facegen.recognise import groups, scores, searches
from facegen.recognise.protocol import Protocol

VERSION = 2
SCHEMA = f"urn:facegen:schema:recognition:{VERSION}"
"""assets/schemas/recognition.schema.json"""
DET = tuple(float(f"{10 ** (e / 10):.3g}") for e in range(-60, -2))
"""FMR of the points of a DET curve: ten a decade, 1e-6 to 0.5."""
MOST_DRAWN = 0.05
"""Points of the DET curve up to this FMR get an interval: beyond them nearly all comparisons would have to be weighted."""
LEAST_PEOPLE = 10
"""With a mated comparison: percentiles of the EER over fewer are too narrow, and nothing makes up for it."""
EXAMPLES = 6
"""Comparisons shown of each kind of error, the worst."""


@dataclass(frozen=True)
class Options:
    """What is asked: `fmr` targets of the global threshold; `group_fmr`, the one at which groups are compared; `attributes` of
    the protocol to group by, "sex x ancestry" crosses two (None: all it has); bootstrap samples; most comparisons where the
    protocol lists none; ranks and FPIR targets of searches."""

    fmr: tuple[float, ...] = (1e-2, 1e-3, 1e-4)
    group_fmr: float = 1e-2
    attributes: tuple[str, ...] | None = None
    draws: int = resample.DRAWS
    max_pairs: int = 20_000_000
    ranks: tuple[int, ...] = (1, 5, 10)
    fpir: tuple[float, ...] = (0.1, 0.01)

    def check(self) -> None:
        """Raise RequestError, one line, for what cannot be asked."""
        for name, values in (("fmr", self.fmr), ("group-fmr", (self.group_fmr,)), ("fpir", self.fpir)):
            if not values:
                raise RequestError(f"--{name} names no rate; give one or more between 0 and 1, for example 0.01,0.001")
            bad = next((v for v in values if not 0 < v < 1), None)
            if bad is not None:
                raise RequestError(f"--{name} {bad:g} is no rate between 0 and 1; give for example 0.01")
        if not 10 <= self.draws <= 100_000:
            raise RequestError(f"{self.draws} bootstrap samples are not 10 to 100000")
        if self.max_pairs < 1000:
            raise RequestError(f"{self.max_pairs} comparisons at most are too few; allow 1000 or more")


def check_groups(protocol: Protocol, options: Options) -> None:
    """Raise RequestError, before any picture is embedded, for an attribute that is asked for and the set does not have."""
    for name in options.attributes or ():
        lost = next((part for part in name.split(groups.CROSS) if part not in protocol.groups), None)
        if lost is not None and not protocol.groups:
            raise RequestError(f"--group {name}: '{protocol.name}' says nothing of groups; leave --group out")
        if lost is not None and name not in protocol.groups:
            raise RequestError(f"--group {did_you_mean(lost, tuple(protocol.groups))}")


def evaluate(protocol: Protocol, embeddings: NDArray[np.float32], options: Options = Options()) -> dict[str, Any]:  # noqa: B008
    """Return the document of unit `embeddings` (T, D) of the templates of `protocol`.

    Raises RequestError for options that cannot be, DataError for a protocol without mated or non-mated comparisons.
    """
    options.check()
    check_groups(protocol, options)
    _checked(protocol, embeddings)
    made = scores.compare(protocol, embeddings, options.max_pairs)
    try:
        trial = trials.Verification(made.mated, made.nonmated, made.person, made.people)
    except ValueError as error:  # a model that says the same of every picture
        raise DataError(f"'{protocol.name}': {error}") from None
    grouping = groups.attributes(protocol, options.attributes, made)
    whole = made.totals(np.zeros(protocol.templates, np.int64), 1)
    points = [f for f in DET if f * len(trial.sorted) >= 1]
    drawn = trials.draw(
        trial, whole, options.fmr, [f for f in points if f <= MOST_DRAWN],
        {name: g.attribute for name, g in grouping.items()}, options.group_fmr, options.draws,
    )  # fmt: skip
    units = int(whole.units().sum())
    out: dict[str, Any] = {
        "$schema": SCHEMA,
        "recognition_version": VERSION,
        "set": _set(protocol, made),
        "options": {**asdict(options), "fmr": list(options.fmr), "fpir": list(options.fpir), "ranks": list(options.ranks),
                    "attributes": list(grouping)},
        "verification": {
            "eer": percentiles(trial.eer, drawn.eer if made.mated_people >= LEAST_PEOPLE else []),
            "d_prime": plain(trial.d_prime),
            "accuracy": _accuracy(protocol, made, options.draws),
            "at_fmr": [_at(trial, made, units, f, drawn.fnmr[:, i], drawn.held[:, i]) for i, f in enumerate(options.fmr)],
            "det": [
                _point(trial, made.mated_people, f, drawn.det[:, i] if i < drawn.det.shape[1] else None)
                for i, f in enumerate(points)
            ],
        },
        "groups": groups.described(trial, made, grouping, drawn, options),
        "identification": [searches.described(protocol, one, embeddings, grouping, made, options) for one in protocol.searches],
        "examples": scores.worst(protocol, trial, EXAMPLES),
        "definitions": _definitions(),
    }  # fmt: skip
    return {**out, "notes": [*protocol.notes, *made.notes, *_notes(out, made.mated_people)]}


def _checked(protocol: Protocol, embeddings: NDArray[np.float32]) -> None:
    if embeddings.ndim != 2 or len(embeddings) != protocol.templates:
        raise DataError(
            f"{embeddings.shape} embeddings are not one for each of {protocol.templates} templates of '{protocol.name}'"
        )
    if not np.isfinite(embeddings).all():
        bad = int(np.flatnonzero(~np.isfinite(embeddings).all(axis=1))[0])
        raise DataError(f"the embedding of template {bad} of '{protocol.name}' is not finite; the model gives no numbers for it")


def _set(protocol: Protocol, made: scores.Made) -> dict[str, Any]:
    return {
        "name": protocol.name, "format": protocol.format, "pictures": len(protocol.names), "templates": protocol.templates,
        "subjects": made.people if protocol.subjects is not None else None, "mated": len(made.mated.score),
        "nonmated": len(made.nonmated.score), "listed": protocol.comparisons is not None, "sampled": made.sampled,
    }  # fmt: skip


def _at(
    trial: trials.Verification,
    made: scores.Made,
    units: int,
    target: float,
    fnmr: NDArray[np.float64],
    held: NDArray[np.float64],
) -> dict[str, Any]:
    threshold = trial.threshold(target)
    k, n = trial.fnmr(threshold)
    false = described(Trials(*trial.fmr(threshold), made.people, units), held)
    return {
        "target": target, "threshold": exact(threshold), "fmr": false,
        "fnmr": described(Trials(k, n, made.mated_people, made.mated_people), fnmr),
        "tar": described(Trials(n - k, n, made.mated_people, made.mated_people), 1 - fnmr),
    }  # fmt: skip


def _point(trial: trials.Verification, people: int, fmr: float, drawn: NDArray[np.float64] | None) -> dict[str, Any]:
    """Return a point of the curve, with the interval that the same FNMR has everywhere; none where it was not drawn."""
    k, n = trial.fnmr(trial.threshold(fmr))
    found = {"low": None, "high": None} if drawn is None else described(Trials(k, n, people, people), drawn)
    return {"fmr": fmr, "fnmr": plain(k / n), "low": found["low"], "high": found["high"]}


def _accuracy(protocol: Protocol, made: scores.Made, draws: int) -> dict[str, Any] | None:
    """Return accuracy over the folds of the list: right decisions k of n, mean and standard deviation of the folds."""
    listed = protocol.comparisons
    if listed is None or listed.fold is None or len(np.unique(listed.fold)) < 2:
        return None
    found = folds(made.listed, listed.mated, listed.fold)
    a, b = (made.person[side].astype(np.int32) for side in (listed.first, listed.second))
    same = a == b
    drawn = []
    for batch in resample.weights(made.people, draws):
        for w in batch:
            weight = dyads.weight_of(w, a, b, same)
            drawn.append(weight[found.right].sum() / weight.sum() if weight.sum() else np.nan)
    right = Trials(int(found.right.sum()), len(found.right), made.mated_people, made.mated_people)
    return {
        **described(right, np.array(drawn)), "folds": len(found.accuracy), "mean": plain(float(found.accuracy.mean())),
        "sd": plain(float(found.accuracy.std(ddof=1))), "thresholds": [exact(t) for t in found.threshold],
    }  # fmt: skip


def _notes(document: dict[str, Any], people: int) -> list[str]:
    """Return what is to be known of the figures: few `people` with mated comparisons, thresholds that rest on few errors."""
    said = []
    if people < LEAST_PEOPLE:
        who = "1 person has" if people == 1 else f"{people} people have"
        said.append(f"{who} mated comparisons: with fewer than {LEAST_PEOPLE} the EER gets no interval, and others are wide")
    for one in document["verification"]["at_fmr"]:
        k, n = one["fmr"]["k"], one["fmr"]["n"]
        if k < 30:
            said.append(
                f"the threshold at FMR {one['target']:g} rests on {k} false matches of {n:,}; by the rule of thirty "
                f"{int(np.ceil(30 / one['target'])):,} non-mated comparisons are wanted"
            )
    return said


def _definitions() -> dict[str, str]:
    return {**scores.DEFINITIONS, **rates.DEFINITIONS, **differential.DEFINITIONS, **identification.DEFINITIONS}
