"""The report of counterfactual pairs: how a score moves when one factor of a picture changes and nothing else does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facegen.audit.report import figures, page, quality, words
from facegen.audit.report.definitions import references
from facegen.errors import DataError
from facegen.measures.intervals import wilson

MEDIATED = {
    "frozen": (
        "Camera frozen",
        "Exposure, white balance, tone curve and noise are the base picture's: the shift is what the changed pixels alone do.",
    ),
    "live": ("Camera reacts", "The camera meters the changed scene: the shift holds what exposure and white balance do as well."),
}
TO = "changed_to"
TERMS = (
    (
        "shift",
        "Score of the variant less score of its base, averaged over pairs. Negative: the score falls when the factor changes.",
    ),
    ("interval", "95% interval of the mean shift, over the people shown."),
    ("flip", "A pair whose decision (found or not, accepted or not) changes with the factor; k of n pairs, Wilson's interval."),
    (
        "gap",
        "Largest less smallest mean shift over categories with five pairs or more: whom the change costs more.",
    ),
    ("frozen", MEDIATED["frozen"][1]),
    ("live", MEDIATED["live"][1]),
    ("Spearman", "Rank correlation of real per-group results, given by the user, with ours; it needs more than a few groups."),
)


KNOWN = ("shift_mean", "interval", "flips", "frozen", "live")
"""Definitions of the document that TERMS says in other words."""


def counterfactual_html(document: Mapping[str, Any], pictures: Mapping[str, bytes] | None = None) -> str:
    """Return the report of a counterfactual document (`counterfactual_version: 2`) as one HTML page.

    pictures: image id -> JPEG or PNG, for the pairs under `examples`. Raises DataError for what is no such document.
    """
    if "factors" not in document:
        raise DataError(
            "this is no counterfactual document: it has no 'factors'; make one with 'facegen audit counterfactual DIR'"
        )
    mediated = document.get("mediated", "frozen")
    first = "live" if mediated == "live" else "frozen"
    groups = {first: document["factors"], **({"live": document["live"]} if document.get("live") else {})}
    drawn: dict[str, Any] = {}
    shown = []
    every = [f for factors in groups.values() for f in factors.values()]
    most, widest = _most(every), _most([c for f in every for by in _views(f).values() for c in by.values()])
    for kind, factors in groups.items():
        attributes = list(dict.fromkeys(a for f in factors.values() for a in f.get("by", {})))
        drawn[f"{kind}-all"] = figures.shifts(factors, None, most)
        drawn |= {f"{kind}-by-{i}": figures.shifts(factors, a, widest) for i, a in enumerate(attributes)}
        shown.append({
            "kind": kind, "title": MEDIATED[kind][0], "means": MEDIATED[kind][1], "figure": f"{kind}-all", "most": most,
            "widest": widest, "factors": [_factor(name, f, most, widest) for name, f in factors.items()],
            "views": [{"figure": f"{kind}-by-{i}", "attribute": a} for i, a in enumerate(attributes)],
        })  # fmt: skip
    examples, left = _examples(document.get("examples", []), pictures)
    more = [(words.label(k), v) for k, v in document.get("definitions", {}).items() if k not in KNOWN]
    return page.render(
        "counterfactual.html.j2", f"Counterfactuals of {document['name']}", drawn,
        name=document["name"], scorer=document["scorer"], pairs=document["pairs"], validity=document["validity"],
        head=_headline(document), groups=shown, chapters=[(g["kind"], g["title"]) for g in shown], examples=examples,
        left_out=left, lost=document.get("left_out", []), terms=(*TERMS, *more), references=references(),
    )  # fmt: skip


def _views(factor: Mapping[str, Any]) -> dict[str, Any]:
    """Return the splits of a factor: by what it was changed to, where that is told, and by the base's groups."""
    return {**({TO: factor["to"]} if factor.get("to") else {}), **factor.get("by", {})}


def _most(cells: list[Mapping[str, Any]]) -> float:
    """Return the largest shift or end of an interval, which both ends of the axis stand for. Factors and groups have axes of
    their own: a group of two pairs has an interval that would flatten all else."""
    ends = [abs(v) for c in cells for v in (c.get("shift_mean"), *(c.get("interval") or ())) if v is not None]
    return max(ends, default=0.0) or 1.0


def _row(cell: Mapping[str, Any], most: float) -> dict[str, Any]:
    mean, pair = cell.get("shift_mean"), cell.get("interval")
    sure = pair is not None and None not in pair and (pair[0] > 0 or pair[1] < 0)
    return {"n": cell["n"], "mean": mean, "interval": pair, "sure": sure,
            "at": None if mean is None else quality.forest(mean, pair, most)}  # fmt: skip


FEW = 5
"""Groups of fewer pairs are listed, but said to differ from no other."""


def _factor(name: str, factor: Mapping[str, Any], most: float, widest: float) -> dict[str, Any]:
    by = []
    for attribute, categories in _views(factor).items():
        rows = [{"category": c, **_row(cell, widest)} for c, cell in categories.items()]
        known = [r for r in rows if r["mean"] is not None and r["n"] >= FEW]
        low, high = (f(known, key=lambda r: r["mean"], default=None) for f in (min, max))
        by.append({"attribute": attribute, "rows": rows, "low": low, "high": high,
                   "gap": high["mean"] - low["mean"] if high and low else None})  # fmt: skip
    flips = factor.get("flips")
    rate = None
    if flips and flips.get("n"):
        rate = {"k": flips["k"], "n": flips["n"], "share": flips["k"] / flips["n"], "interval": wilson(flips["k"], flips["n"])}
    apart: list[Any] = [b for b in by if b["gap"] is not None and b["attribute"] != TO]
    largest = max(apart, key=lambda b: b["gap"], default=None)
    return {"factor": name, **_row(factor, most), "by": by, "flips": rate, "gap": largest}


def _examples(listed: Any, pictures: Mapping[str, bytes] | None) -> tuple[list[dict[str, Any]], int]:
    order = [x for e in listed for x in (e["base"], e["variant"])]
    shown, left = page.pictures_that_fit(pictures, list(dict.fromkeys(order)))
    return [{**e, "base_picture": shown.get(e["base"]), "variant_picture": shown.get(e["variant"])} for e in listed], left


def _headline(document: Mapping[str, Any]) -> dict[str, Any]:
    factors = {k: f for k, f in document["factors"].items() if f.get("shift_mean") is not None}
    if not factors:
        return {"verdict": "No pair has a score, so no shift is known.", "sentences": []}
    name, worst = max(factors.items(), key=lambda item: abs(item[1]["shift_mean"]))
    way = "lowers" if worst["shift_mean"] < 0 else "raises"
    verdict = f"Changing {words.named(name)} alone {way} the score most: {words.signed(worst['shift_mean'], 3)} on average."
    lines = [
        f"{document['pairs']:,} pairs were scored by {document['scorer']}; each differs from its base picture in one factor."
    ]
    sure = [words.named(k) for k, f in factors.items() if _row(f, 1.0)["sure"]]
    lines.append(
        f"The interval leaves out zero for {words.joined(sure)}." if sure else "No interval of a mean shift leaves out zero."
    )
    gaps = [
        (b["gap"], k, b)
        for k, f in factors.items()
        for b in _factor(k, f, 1.0, 1.0)["by"]
        if b["gap"] is not None and b["attribute"] != TO
    ]
    if gaps:
        gap, factor, by = max(gaps, key=lambda g: g[0])
        lines.append(
            f"Groups differ most in {words.named(factor)} by {words.named(by['attribute'])}: "
            f"{_said(by['low'])}, {_said(by['high'])}{'' if _apart(by['low'], by['high']) else '; their intervals overlap'}."
        )
    return {"verdict": verdict, "sentences": lines}


def _said(row: Mapping[str, Any]) -> str:
    return f"{words.word(row['category'])} {words.signed(row['mean'], 3)} ({row['n']} pairs)"


def _apart(low: Mapping[str, Any], high: Mapping[str, Any]) -> bool:
    pairs = low["interval"], high["interval"]
    return all(p is not None and None not in p for p in pairs) and bool(pairs[0][1] < pairs[1][0])
