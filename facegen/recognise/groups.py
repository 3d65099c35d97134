"""Errors by group at one global threshold: each group's own, every two groups' false matches, and measures of how they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from facegen.errors import RequestError, did_you_mean
from facegen.measures import differential, rates
from facegen.measures.rates import Trials, exact
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
    if asked and not protocol.groups:
        raise RequestError(f"--group {asked[0]}: '{protocol.name}' says nothing of groups; leave --group out")
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
        "threshold": exact(threshold),
        "by": {name: _attribute(made, one, drawn.groups[name]) for name, one in grouping.items()},
    }


def _attribute(made: Made, one: Grouping, found: Grouped) -> dict[str, Any]:
    g = len(one.names)
    code = one.attribute.code
    people = [len(np.unique(made.person[code == c])) for c in range(g)]
    mated = [len(np.unique(made.person[made.mated.first[code[made.mated.first] == c]])) for c in range(g)]
    own = np.arange(g) * g + np.arange(g)
    lost = [Trials(int(k), int(n), m, m) for k, n, m in zip(found.fnmr_k, found.fnmr_n, mated, strict=True)]
    fewer = np.minimum.outer(people, people).ravel()
    cells = [
        Trials(int(k), int(n), int(p), int(u)) for k, n, p, u in zip(found.fmr_k, found.fmr_n, fewer, one.units, strict=True)
    ]
    pooled = _pooled(lost, found.fnmr), _pooled(cells, found.fmr)
    fmr = [rates.described(cells[i], found.fmr[:, i], pooled[1]) for i in range(g * g)]
    fnmr = [rates.described(lost[c], found.fnmr[:, c], pooled[0]) for c in range(g)]
    table = [[fmr[min(a, b) * g + max(a, b)] for b in range(g)] for a in range(g)]
    left = {"fmr": _left_out(one.names, [cells[i] for i in own]), "fnmr": _left_out(one.names, lost)}
    kept = {kind: [c for c, name in enumerate(one.names) if name not in names] for kind, names in left.items()}
    return {
        "categories": {
            name: {"templates": int((code == c).sum()), "people": people[c], "fmr": table[c][c], "fnmr": fnmr[c]}
            for c, name in enumerate(one.names)
        },
        "across": found.across,
        "cross": {"names": list(one.names), "fmr": table},
        "worst": {
            "fmr": _ends({one.names[c]: table[c][c] for c in kept["fmr"]}),
            "fnmr": _ends({one.names[c]: fnmr[c] for c in kept["fnmr"]}),
            "confused": _confused(one.names, table, people),
        },
        "measures": differential.measures(
            _rates(cells, found.fmr, [int(own[c]) for c in kept["fmr"]], pooled[1]),
            _rates(lost, found.fnmr, kept["fnmr"], pooled[0]),
        ),
        "left_out": left,
    }


def _left_out(names: Sequence[str], trials: Sequence[Trials]) -> dict[str, str]:
    """Return the groups that a rate is not compared of, and why."""
    why = {name: "no comparison" if not t.n else "too few people" for name, t in zip(names, trials, strict=True)}
    return {name: why[name] for name, t in zip(names, trials, strict=True) if not t.n or t.people < rates.FEW_PEOPLE}


def _pooled(trials: Sequence[Trials], drawn: NDArray[np.float64]) -> float | None:
    """Return the mean design effect of groups, by their errors: what a group of few errors takes for its own."""
    known = [(t.k, rates.design_effect(t, drawn[:, i])) for i, t in enumerate(trials)]
    told = [(k, d) for k, d in known if d is not None]
    return sum(k * d for k, d in told) / sum(k for k, _ in told) if told else None


def _rates(
    trials: Sequence[Trials], drawn: NDArray[np.float64], kept: Sequence[int], pooled: float | None
) -> differential.Rates | None:
    """Return the rates at the places `kept`; None with fewer than two."""
    if len(kept) < 2:
        return None
    some = [trials[i] for i in kept]
    worth = [rates.effective(t, drawn[:, i], pooled) for i, t in zip(kept, some, strict=True)]
    return differential.Rates.of([t.k for t in some], [t.n for t in some], drawn[:, kept], worth, [t.people for t in some])


def _ends(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]] | None:
    """Return the groups of greatest and of least rate, all that share it; None where there are not two different rates."""
    values = {name: row["k"] / row["n"] for name, row in rows.items()}
    if len(set(values.values())) < 2:
        return None
    ends = {"highest": max(values.values()), "lowest": min(values.values())}
    return {end: [name for name, value in values.items() if value == at] for end, at in ends.items()}


def _confused(names: Sequence[str], table: Sequence[Sequence[Mapping[str, Any]]], people: Sequence[int]) -> dict[str, Any] | None:
    """Return the two different groups, both of enough people, confused most; None where none is, or several pairs are alike."""
    some = [g for g, count in enumerate(people) if count >= rates.FEW_PEOPLE]
    apart = [(table[a][b]["k"] / table[a][b]["n"], a, b) for a in some for b in some if a < b and table[a][b]["n"]]
    most = max((rate for rate, _, _ in apart), default=0.0)
    found = [(a, b) for rate, a, b in apart if rate == most]
    if most == 0 or len(found) > 1:
        return None
    a, b = found[0]
    return {"groups": [names[a], names[b]], **table[a][b]}
