"""Errors by group at one global threshold: each group's own, every two groups' false matches, and measures of how they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from facegen.errors import RequestError, did_you_mean
from facegen.measures import differential, rates
from facegen.measures.rates import Trials, plain
from facegen.measures.trials import Attribute, Drawn, Grouped, Verification
from facegen.recognise.protocol import Protocol
from facegen.recognise.scores import Made

if TYPE_CHECKING:
    from facegen.recognise.evaluate import Options

CROSS = " x "
MOST_CATEGORIES = 200
"""Of one attribute: every two of them have a rate, more would be neither read nor counted on."""


@dataclass(frozen=True)
class Grouping:
    """An attribute as it is asked for: `names` of its categories, and what the draws count by."""

    names: tuple[str, ...]
    attribute: Attribute
    units: NDArray[np.float64]


def attributes(protocol: Protocol, asked: Sequence[str] | None, made: Made) -> dict[str, Grouping]:
    """Return the groupings asked for (None: all of the protocol); "sex x ancestry" crosses attributes that it has.

    Raises RequestError, one line, for an attribute that the set does not have.
    """
    out = {}
    for name in protocol.groups if asked is None else asked:
        words, names = _words(protocol, name)
        if len(names) > MOST_CATEGORIES:
            raise RequestError(f"--group {name} has {len(names)} categories, at most {MOST_CATEGORIES} are compared; cross fewer")
        place = {word: i for i, word in enumerate(names)}
        code = np.array([-1 if w is None else place[w] for w in words], np.int64)
        totals = made.totals(code, len(names))
        out[name] = Grouping(tuple(names), Attribute(code, len(names), totals), totals.units())
    return out


def _words(protocol: Protocol, name: str) -> tuple[list[str | None], list[str]]:
    """Return the category of every template, None where it has none, and all declared ones, or those that occur, in order."""
    if name in protocol.groups:
        words = [None if w is None else str(w) for w in protocol.groups[name]]
        declared = [str(c) for c in protocol.categories.get(name, ())]
        return words, declared + sorted({w for w in words if w is not None} - set(declared))
    parts = name.split(CROSS)
    lost = next((p for p in parts if p not in protocol.groups), None)
    if lost is not None:
        raise RequestError(f"--group {did_you_mean(lost, tuple(protocol.groups))}")
    columns = [_words(protocol, p)[0] for p in parts]
    crossed = [None if None in row else ", ".join(map(str, row)) for row in zip(*columns, strict=True)]
    return crossed, sorted({w for w in crossed if w is not None})


def described(
    trial: Verification, made: Made, grouping: Mapping[str, Grouping], drawn: Drawn, options: Options
) -> dict[str, Any] | None:
    """Return the part `groups` of the document; None without attributes."""
    if not grouping:
        return None
    threshold = trial.threshold(options.group_fmr)
    return {
        "target_fmr": options.group_fmr,
        "threshold": plain(threshold),
        "by": {name: _attribute(made, one, drawn.groups[name]) for name, one in grouping.items()},
    }


def _attribute(made: Made, one: Grouping, found: Grouped) -> dict[str, Any]:
    g = len(one.names)
    code = one.attribute.code
    people = [len(np.unique(made.person[code == c])) for c in range(g)]
    mated = [len(np.unique(made.person[made.mated.first[code[made.mated.first] == c]])) for c in range(g)]
    own = np.arange(g) * g + np.arange(g)
    lost = [Trials(int(k), int(n), p, m) for k, n, p, m in zip(found.fnmr_k, found.fnmr_n, people, mated, strict=True)]
    both = np.add.outer(people, people)
    cells = [
        Trials(int(k), int(n), int(both.flat[i]) if i % (g + 1) else people[i % g], int(u))
        for i, (k, n, u) in enumerate(zip(found.fmr_k, found.fmr_n, one.units, strict=True))
    ]
    pooled = _pooled(lost, found.fnmr), _pooled(cells, found.fmr)
    fmr = [rates.described(cells[i], found.fmr[:, i], pooled[1]) for i in range(g * g)]
    fnmr = [rates.described(lost[c], found.fnmr[:, c], pooled[0]) for c in range(g)]
    table = [[fmr[min(a, b) * g + max(a, b)] for b in range(g)] for a in range(g)]
    return {
        "categories": {
            name: {"templates": int((code == c).sum()), "people": people[c], "fmr": table[c][c], "fnmr": fnmr[c]}
            for c, name in enumerate(one.names)
        },
        "across": found.across,
        "cross": {"names": list(one.names), "fmr": table},
        "worst": _worst(one.names, table, fnmr),
        "measures": differential.measures(
            _rates(cells, found.fmr, own, pooled[1]), _rates(lost, found.fnmr, np.arange(g), pooled[0])
        ),
        "left_out": [name for c, name in enumerate(one.names) if not (found.fnmr_n[c] and found.fmr_n[own[c]])],
    }


def _pooled(trials: Sequence[Trials], drawn: NDArray[np.float64]) -> float | None:
    """Return the mean design effect of groups, by their errors: what a group of few errors takes for its own."""
    known = [(t.k, rates.design_effect(t, drawn[:, i])) for i, t in enumerate(trials)]
    told = [(k, d) for k, d in known if d is not None]
    return sum(k * d for k, d in told) / sum(k for k, _ in told) if told else None


def _rates(
    trials: Sequence[Trials], drawn: NDArray[np.float64], places: NDArray[np.intp], pooled: float | None
) -> differential.Rates | None:
    """Return the rates of the groups that have trials; None with fewer than two."""
    kept = [int(i) for i in places if trials[i].n]
    if len(kept) < 2:
        return None
    some = [trials[i] for i in kept]
    sample = np.where(np.isfinite(drawn[:, kept]), drawn[:, kept], [t.k / t.n for t in some])
    worth = np.array([rates.effective(t, drawn[:, i], pooled) for i, t in zip(kept, some, strict=True)])
    return differential.Rates.of(np.array([t.k for t in some]), np.array([t.n for t in some]), sample, worth)


def _worst(
    names: Sequence[str], table: Sequence[Sequence[Mapping[str, Any]]], fnmr: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the groups of greatest and least FMR and FNMR, and the two different groups confused most."""
    out: dict[str, Any] = {}
    for kind, rows in (("fmr", [table[c][c] for c in range(len(names))]), ("fnmr", fnmr)):
        known = [(row["rate"], name) for name, row in zip(names, rows, strict=True) if row["rate"] is not None]
        out[kind] = None if len(known) < 2 else {"highest": max(known)[1], "lowest": min(known)[1]}
    apart = [(table[a][b]["rate"], a, b) for a in range(len(names)) for b in range(a + 1, len(names)) if table[a][b]["n"]]
    if apart:
        _, a, b = max(apart)
        out["confused"] = {"groups": [names[a], names[b]], **table[a][b]}
    else:
        out["confused"] = None
    return out
