"""The report of several sets side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facegen.audit.report import counts, figures, page, scales, single, words
from facegen.audit.report.definitions import references, terms
from facegen.audit.report.headline import headline
from facegen.errors import DataError

MOST_UNIQUE = 400
FAR = 0.5
"""Total variation distance from which a step of colour grows no darker."""


def compare_html(document: Mapping[str, Any], pictures: Mapping[str, bytes] | None = None) -> str:
    """Return the report of a compare document (`compare_version: 1`) as one HTML page.

    pictures: `<set name>|attr=value|attr=value` -> JPEG or PNG of a group that only this set covers, shown beside it.
    Raises DataError for what is no compare document.
    """
    if not document.get("sets"):
        raise DataError("this is no compare document: it has no 'sets'; make one with 'facegen audit compare A B --json FILE'")
    sets = [s["name"] for s in document["sets"]]
    side = document.get("side_by_side", {})
    unique = document.get("unique", [])[:MOST_UNIQUE]
    keys = [_key(u) for u in unique]
    shown, left = page.pictures_that_fit(pictures, keys)
    drawn = {f"shares-{i}": figures.shares_by_set(side[a], sets) for i, a in enumerate(side)}
    context = {
        "sets": [_set(s) for s in document["sets"]],
        "names": sets,
        "head": _headline(document, sets),
        "side": [_side(i, a, side[a], sets) for i, a in enumerate(side)],
        "distances": [_distance(d) for d in document.get("distances", [])],
        "unique": [
            {**u, "words": words.pattern(u["pattern"]), "picture": shown.get(k)} for u, k in zip(unique, keys, strict=True)
        ],
        "unique_in_all": len(document.get("unique", [])),
        "left_out": left,
        "mapping": _notes(document.get("mapping")),
        "terms": terms(document.get("definitions", {})),
        "tau": document.get("tau"),
        "apart": _apart(document.get("apart", {}), sets),
        "references": references(),
    }
    title = f"Comparison of {words.joined(sets)}"
    return page.render("compare.html.j2", title, drawn, title_words=title, **context)


def _key(entry: Mapping[str, Any]) -> str:
    return "|".join([entry["set"], *(f"{a}={v}" for a, v in entry["pattern"].items())])


def _set(document: Mapping[str, Any]) -> dict[str, Any]:
    level = counts.levels(document)[0]
    table = document["levels"][level]
    cells = counts.declared(table)
    return {
        "name": document["name"], "format": document.get("format", ""), "rows": document["rows"], "level": words.LEVELS[level][1],
        "declared": len(cells), "empty": cells.count(0), "sei": table["intersection"]["measures"]["sei"],
        "worst": headline(document)["figures"][2], "sources": single.sources(document), "notes": document.get("notes", []),
    }  # fmt: skip


def _side(i: int, attribute: str, categories: Mapping[str, Mapping[str, Any]], sets: list[str]) -> dict[str, Any]:
    most = max((_high(c) for row in categories.values() for c in row.values()), default=0.0) or 1.0
    rows = []
    for category, row in categories.items():
        cells = []
        for name in sets:
            c = row.get(name)
            pair = (c or {}).get("interval") or (None, None)
            bar = None if not c or c["share"] is None else {
                "share": round(100 * c["share"] / most, 2),
                "low": round(100 * (c["share"] if pair[0] is None else pair[0]) / most, 2),
                "high": round(100 * (c["share"] if pair[1] is None else pair[1]) / most, 2),
            }  # fmt: skip
            cells.append({"cell": c, "bar": bar})
        rows.append({"category": category, "cells": cells})
    return {"attribute": attribute, "figure": f"shares-{i}", "rows": rows}


def _high(cell: Mapping[str, Any]) -> float:
    pair = cell.get("interval") or (0.0, 0.0)
    return max(cell.get("share") or 0.0, pair[1] or 0.0)


def _distance(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "a": entry["a"], "b": entry["b"], "attribute": entry["attribute"], "tv": entry.get("tv"), "js": entry.get("js"),
        "interval": entry.get("interval"), "chi2_p": entry.get("chi2_p"), "p_holm": entry.get("p_holm"),
        "step": scales.amount(entry.get("tv") or 0.0, FAR),
    }  # fmt: skip


def _notes(mapping: Any) -> list[str]:
    """Return mapping notes as lines, whether they come as text, a list, or lists by set or attribute."""
    if not mapping:
        return []
    if isinstance(mapping, str):
        return [mapping]
    if isinstance(mapping, Mapping):
        return [f"{words.label(str(k))}: {line}" for k, value in mapping.items() for line in _notes(value)]
    return [line for value in mapping for line in _notes(value)] if isinstance(mapping, list | tuple) else [str(mapping)]


def _apart(found: Mapping[str, Any], sets: list[str]) -> list[dict[str, Any]]:
    """Return records that stand in no share: without a value, or with a category that has no counterpart."""
    rows = [{"attribute": a, "set": s, **by.get(s, {})} for a, by in found.items() for s in sets]
    return [
        {"attribute": r.pop("attribute"), "set": r.pop("set"), "why": r}
        for r in rows
        if sum(v for v in r.values() if isinstance(v, int))
    ]


def _headline(document: Mapping[str, Any], sets: list[str]) -> dict[str, Any]:
    """Return who covers most, how far the sets lie apart, and who covers what nobody else does, in words."""
    alone = dict.fromkeys(sets, 0)
    for entry in document.get("unique", []):
        alone[entry["set"]] = alone.get(entry["set"], 0) + 1
    facts = {s["name"]: _set(s) for s in document["sets"]}
    best = max(facts.values(), key=lambda f: (1 - f["empty"] / f["declared"], f["sei"] or 0.0))
    filled = best["declared"] - best["empty"]
    verdict = f"{best['name']} covers the largest part of what it declares: {filled:,} of {best['declared']:,} cells."
    lines = [f"Compared by {words.joined([words.named(a) for a in document.get('attributes', [])])}, which every set labels."]
    distances = document.get("distances", [])
    if distances:
        far = max(distances, key=lambda d: d.get("tv") or 0.0)
        lines.append(
            f"Furthest apart are {far['a']} and {far['b']} in {words.named(far['attribute'])}: "
            f"{words.percent(far['tv'], 0)} of one set would have to change category to match the other."
        )
    only = [f"{n:,} {'group' if n == 1 else 'groups'} in {name} alone" for name, n in alone.items() if n]
    lines.append(f"Covered by one set only: {words.joined(only)}." if only else "No group is covered by one set only.")
    return {"verdict": verdict, "sentences": lines}
