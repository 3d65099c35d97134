"""The first words of a report: what is covered, what is missing, how even it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facegen.audit.report import counts
from facegen.audit.report.words import LEVELS, integer, joined, label, named, pattern, percent, records, word, worded

MOST_ACTIONS = 4


def headline(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return verdict, sentences, key figures and actions of an audit document, judged at its fullest level."""
    level = counts.levels(document)[0]
    table = document["levels"][level]
    cells = counts.declared(table)
    empty, many = cells.count(0), LEVELS[level][1]
    cross = " × ".join(word(n) for n in table["attributes"])
    worst = worst_imbalance(table)
    measures = table["intersection"]["measures"]
    return {
        "level": level,
        "good": empty == 0,
        "verdict": _verdict(cells, cross, level),
        "sentences": [s for s in (_size(document), _absent(table), _even(measures, len(cells), worst)) if s],
        "figures": [
            {"value": integer(len(cells)), "name": "declared cells", "note": cross},
            {"value": integer(empty), "name": "empty cells", "note": f"{percent(empty / len(cells), 0)} of those declared"},
            {"value": worst["figure"], "name": "worst imbalance", "note": worst["note"]},
            {
                "value": "–" if measures["ens"] is None else f"{measures['ens']:,.1f}",
                "name": "effective cells",
                "note": f"of {len(cells):,}: as varied as so many cells filled alike",
            },
        ],
        "actions": actions(table, level, many),
    }


def _verdict(cells: list[int], cross: str, level: str) -> str:
    empty = cells.count(0)
    if empty == 0:
        return f"Every one of the {len(cells):,} declared cells is covered, with {min(cells):,} to {records(max(cells), level)}."
    if empty == len(cells):
        return f"Nothing is covered: all {len(cells):,} declared cells are empty."
    filled = len(cells) - empty
    return f"{filled:,} of {len(cells):,} declared cells are covered; {empty:,} {'is' if empty == 1 else 'are'} empty."


def _size(document: Mapping[str, Any]) -> str:
    rows = document["rows"]
    known = [(rows.get(k), LEVELS[n]) for k, n in (("images", "image"), ("identities", "identity"), ("sittings", "sitting"))]
    said = [f"{n:,} {pair[n != 1]}" for n, pair in known if n is not None]
    people = "" if rows.get("identities") is not None else " The set does not say which images show the same person."
    return f"The set holds {joined(said)}.{people}"


def _absent(table: Mapping[str, Any]) -> str:
    """Name the declared categories that nobody belongs to."""
    found = []
    for name, marginal in table["marginals"].items():
        lost = [word(c) for c, n in marginal["counts"].items() if n == 0 and marginal["target"].get(c, 0) > 0]
        if lost:
            found.append(f"{named(name)}: {joined(lost)}")
    return f"Missing altogether: {'; '.join(found)}." if found else "No single declared category is missing."


def _even(measures: Mapping[str, Any], declared: int, worst: Mapping[str, str]) -> str:
    if measures["sei"] is None:
        return ""
    even = f"{measures['sei']:.2f}"
    return f"Evenness over the declared cells is {even} (1 is even). {worst['sentence']}"


def worst_imbalance(table: Mapping[str, Any]) -> dict[str, str]:
    """Return the attribute that is furthest from its target: shares over target shares, largest against smallest.

    Against an even target this is the plain ratio of counts. An empty declared category is worse than any ratio.
    """
    ranked = []
    for name, marginal in table["marginals"].items():
        total = sum(marginal["counts"].values())
        over = {c: marginal["counts"][c] / total / q for c, q in marginal["target"].items() if q > 0} if total else {}
        if len(over) > 1:
            high, low = max(over, key=lambda c: over[c]), min(over, key=lambda c: over[c])
            empty = sum(v == 0 for v in over.values())
            ranked.append((empty, over[high] / over[low] if over[low] else 0.0, name, high, low))
    if not ranked:
        return {"figure": "–", "note": "only one category is declared", "sentence": ""}
    empty, ratio, name, high, low = max(ranked)
    if empty:
        marginal = table["marginals"][name]
        which = f"{empty} of {len(marginal['counts']) - ('unknown' in marginal)} categories empty"
        return {"figure": "∞", "note": f"{label(name)}: {which}", "sentence": f"Least even is {named(name)}: {which}."}
    if round(ratio, 1) == 1.0:
        return {
            "figure": "1.0×",
            "note": "every attribute meets its target",
            "sentence": "Every single attribute meets its target.",
        }
    said = f"{worded(name, high)} against {worded(name, low)}, each over its target"
    more = f"{worded(name, high)} is {ratio:.1f} times as full as {worded(name, low)}, each against its target"
    return {"figure": f"{ratio:.1f}×", "note": said, "sentence": f"Least even is {named(name)}: {more}."}


def actions(table: Mapping[str, Any], level: str, many: str) -> list[str]:
    """Return what to do, most urgent first.

    Covering the broadest groups below a threshold leaves narrower ones inside them below it, so the number for every declared
    cell stands beside.
    """
    out = []
    for tau, found in table["uncovered"].items():
        groups = len(found["patterns"])
        if not groups:
            continue
        fill = integer(counts.to_fill(table, int(tau)))
        add = f"Add at least {integer(found['extra_records'])} {many}" if "extra_records" in found else f"Add {many}"
        whole = groups == 1 and set(found["patterns"][0]) == {"count"}
        each = (
            "the whole set"
            if whole
            else "the one missing group"
            if groups == 1
            else f"each of the {groups:,} broadest missing groups"
        )
        text = f"{add} to bring {each} to {tau}; to bring every declared cell there takes {fill}."
        cover = sorted(found.get("cover_with", []), key=lambda c: -c["add"])
        if cover and not whole:
            first = "; ".join(f"{c['add']:,} × {pattern(c)}" for c in cover[:2])
            text += f" Begin with {first}."
        out.append(text)
    if not out:
        taus = joined(list(table["uncovered"])) or "the thresholds"
        out.append(f"Nothing is needed for coverage: no declared group falls below {taus} {many}.")
    return out[:MOST_ACTIONS]
