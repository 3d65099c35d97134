"""Identification (1:N) trials of a protocol: ranks, FNIR at FPIR, and both by group."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from facegen.errors import DataError
from facegen.measures import identification, rates, resample
from facegen.measures.rates import Trials, exact
from facegen.recognise.groups import Grouping
from facegen.recognise.protocol import Protocol, Search
from facegen.recognise.scores import Made

if TYPE_CHECKING:
    from facegen.recognise.evaluate import Options

Flags = NDArray[np.bool_]
Rater = Callable[..., dict[str, Any]]


def described(
    protocol: Protocol,
    asked: Search,
    embeddings: NDArray[np.float32],
    grouping: Mapping[str, Grouping],
    made: Made,
    options: Options,
) -> dict[str, Any]:
    """Return one entry of the part `identification`. The people of the probes are drawn again; gallery and threshold are held."""
    if protocol.subjects is None:
        raise DataError(f"search '{asked.name}' of '{protocol.name}' needs to know whom its templates show")
    try:
        found = identification.search(embeddings, asked.gallery, asked.probes, made.person)
    except ValueError as error:
        raise DataError(f"search '{asked.name}' of '{protocol.name}': {error}") from None
    who = made.person[asked.probes]
    rater = _rater(who, options.draws)
    strangers = bool((~found.mated).any())
    levels = [(f, found.threshold(f)) for f in options.fpir] if strangers else []
    first = found.mated & (found.rank == 1)
    out: dict[str, Any] = {
        "name": asked.name, "gallery": len(asked.gallery), "mated": int(found.mated.sum()), "nonmated": int((~found.mated).sum()),
        "ranks": {str(k): rater(found.mated & (found.rank <= k), found.mated, (first, found.mated)) for k in options.ranks},
        "at_fpir": [
            {"target": f, "threshold": exact(t), "fpir": rater(found.alarmed(t), ~found.mated),
             "fnir": rater(found.missed(t), found.mated)}
            for f, t in levels
        ],
        "by": {},
    }  # fmt: skip
    for name, group in grouping.items():
        code = group.attribute.code[asked.probes]
        rows = {}
        for c, word in enumerate(group.names):
            inside = code == c
            hit = found.mated & inside
            row: dict[str, Any] = {"rank_1": rater(first & inside, hit, (first, found.mated)), "fpir": None, "fnir": None}
            if levels:
                alarmed, missed = found.alarmed(levels[0][1]), found.missed(levels[0][1])
                row["fpir"] = rater(alarmed & inside, ~found.mated & inside, (alarmed, ~found.mated))
                row["fnir"] = rater(missed & inside, hit, (missed, found.mated))
            rows[word] = row
        out["by"][name] = rows
    return out


def _rater(who: NDArray[np.int64], draws: int) -> Rater:
    """Return the function from flags (Q,) of probes, hit and tried, to their rate with an interval over the people of the probes.

    Its third argument, hit and tried of a larger whole, lends its design effect.
    """
    _, person = np.unique(who, return_inverse=True)
    person = person.ravel()
    people = int(person.max(initial=-1)) + 1
    weights = np.concatenate(list(resample.weights(people, draws))) if people else np.empty((0, 0))

    def drawn(hit: Flags, tried: Flags) -> tuple[Trials, NDArray[np.float64]]:
        k, n = (np.bincount(person[flags], minlength=people).astype(np.float64) for flags in (hit, tried))
        some = int((n > 0).sum())
        with np.errstate(divide="ignore", invalid="ignore"):
            return Trials(int(k.sum()), int(n.sum()), some, some), (weights @ k) / (weights @ n)

    def rate(hit: Flags, tried: Flags, whole: tuple[Flags, Flags] | None = None) -> dict[str, Any]:
        return rates.described(*drawn(hit, tried), None if whole is None else rates.design_effect(*drawn(*whole)))

    return rate
