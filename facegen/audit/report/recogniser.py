"""The report of a recogniser: error rates of the whole set, by group at one threshold, of searches, and the worst comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from facegen.audit.report import figures, page, scales, words
from facegen.errors import DataError
from facegen.recognise.text import STAR, few, not_compared, notes, percent

KINDS = {"fnmr": "FNMR", "fmr": "FMR"}
ALONE = {
    "difference": "Largest difference", "ratio": "Largest over smallest", "max_geomean": "Largest over geometric mean",
    "gini": "Gini coefficient",
}  # fmt: skip
TOGETHER = {"fdr": "FDR", "inequity_rate": "Inequity rate", "garbe": "GARBE"}
BEST = {"difference": "0", "ratio": "1", "max_geomean": "1", "gini": "0", "fdr": "1", "inequity_rate": "1", "garbe": "0"}
MOST_CROSS = 30
"""Categories of an attribute whose matrix of false matches is drawn; a wider one cannot be read and stays in the document."""
NAMES = {
    "fmr": "FMR", "fnmr": "FNMR", "eer": "EER", "fdr": "FDR", "garbe": "GARBE", "fpir": "FPIR", "fnir": "FNIR", "d_prime": "d′",
    "gini": "Gini coefficient", "max_geomean": "largest over geometric mean", "ratio": "largest over smallest",
}  # fmt: skip
REFERENCES = (
    "ISO/IEC 19795-1:2021, Biometric performance testing and reporting, and 19795-10:2024, differentials by group: the words.",
    "de Freitas Pereira & Marcel 2022, Fairness in biometrics (IEEE T-BIOM 4:19-29): FDR.",
    "Howard, Laird, Sirotin, Rubin, Tipton & Vemury 2022, Evaluating proposed fairness models (arXiv:2203.05051): GARBE.",
    "Grother 2022, Face recognition vendor test part 8, NIST IR 8429: largest over geometric mean, inequity.",
    "Owen 2007, The pigeonhole bootstrap (Ann. Appl. Stat. 1:386-411); Davezies, D'Haultfoeuille & Guyonvarch 2021 (Ann. Stat. "
    "49:845-862); Aronow, Samii & Assenova 2015 (Polit. Anal. 23:564-577): people drawn again, comparisons of two.",
    "Korn & Graubard 1998 (Survey Methodology 24:193-201): intervals of rates of few errors in clusters.",
    "Chernozhukov, Lee & Rosen 2013 (Econometrica 81:667-737): intervals of a largest difference.",
    "Doddington, Przybocki, Martin & Reynolds 2000 (Speech Communication 31:225-254): rule of thirty.",
)


def recogniser_html(document: Mapping[str, Any], pictures: Mapping[str, bytes] | None = None) -> str:
    """Return the report of an evaluation (`recognition_version: 2`) as one HTML page.

    pictures: name -> JPEG or PNG, for the comparisons under `examples`. Raises DataError for what is no such document.
    """
    if "verification" not in document or "recognition_version" not in document:
        raise DataError(
            "this is no document of a recogniser: it has no 'verification'; make one with 'facegen evaluate MODEL SET'"
        )
    drawn: dict[str, Any] = {}
    if curve := det(document["verification"]["det"]):
        drawn["det"] = curve
    groups = []
    for i, (attribute, one) in enumerate(((document["groups"] or {}).get("by") or {}).items()):
        drawn[f"group-{i}"] = by_group(one["categories"])
        groups.append(_group(attribute, one, f"group-{i}"))
    examples, left = _examples(document.get("examples", []), pictures)
    return page.render(
        "recogniser.html.j2", f"Recogniser on {document['set']['name']}", drawn,
        about=document["set"], model=document.get("recogniser"), found=document["verification"],
        target=(document["groups"] or {}).get("target_fmr"),
        head=_headline(document), groups=groups, searches=[_search(s) for s in document["identification"]],
        examples=examples, left_out=left, notes=notes(document), few=few, star=STAR, share=percent,
        terms=[(NAMES.get(k, k.replace("_", " ")), v) for k, v in document.get("definitions", {}).items()],
        references=REFERENCES,
    )  # fmt: skip


def det(points: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the DET curve on two logarithmic axes; points of no miss cannot stand on them. None where none is left."""
    kept = [p for p in points if p["fnmr"]]
    if len(kept) < 2:
        return None
    x, y = [p["fmr"] for p in kept], [p["fnmr"] for p in kept]
    ends = [(p["high"] - p["fnmr"], p["fnmr"] - p["low"]) if p["high"] is not None else (0.0, 0.0) for p in kept]
    error = {"type": "data", "symmetric": False, "array": [max(a, 0.0) for a, _ in ends],
             "arrayminus": [max(b, 0.0) for _, b in ends], "thickness": 1.2, "width": 2}  # fmt: skip
    trace = {
        "type": "scatter", "mode": "lines+markers", "x": x, "y": y, "error_y": error, "marker": {"size": 6},
        "hovertemplate": "FMR %{x:.3g}, FNMR %{y:.3g}<extra></extra>", "meta": {"series": 0},
    }  # fmt: skip
    axis = {"type": "log", "automargin": True, "exponentformat": "power", "dtick": 1}
    layout = {
        "height": 420, "margin": {"l": 10, "r": 16, "t": 10, "b": 10}, "showlegend": False,
        "xaxis": axis | {"title": {"text": "FMR"}}, "yaxis": axis | {"title": {"text": "FNMR"}},
    }  # fmt: skip
    return {"data": [trace], "layout": layout}


def by_group(categories: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return FNMR and FMR of each category as dots with intervals."""
    names = list(categories)
    data = []
    for k, (kind, title) in enumerate(KINDS.items()):
        cells = [categories[n][kind] for n in names]
        values = [c["rate"] for c in cells]
        data.append({
            "type": "scatter", "mode": "markers", "cliponaxis": False, "name": title, "x": values,
            "y": [i + 0.4 * (k - 0.5) for i in range(len(names))],
            "error_x": figures.error_bars(values, [[c["low"], c["high"]] for c in cells]),
            "marker": {"symbol": scales.SYMBOLS[k], "size": 10},
            "customdata": [[figures.escape(words.word(n)), c["k"], c["n"]] for n, c in zip(names, cells, strict=True)],
            "hovertemplate": "%{customdata[0]}: %{x:.2%} (%{customdata[1]} of %{customdata[2]})<extra>" + title + "</extra>",
            "meta": {"series": k},
        })  # fmt: skip
    return {"data": data, "layout": figures.rows(names, 44, {"tickformat": ".1%", "rangemode": "tozero"}, "Error rate")}


def _group(attribute: str, one: Mapping[str, Any], figure: str) -> dict[str, Any]:
    rows = [{"category": name, **row} for name, row in one["categories"].items()]
    most = max((row[k]["high"] for row in rows for k in KINDS if row[k]["rate"] is not None), default=1.0) or 1.0
    for row in rows:
        row["bars"] = {k: _bar(row[k], most) for k in KINDS}
    cross = one["cross"]
    known = [c["rate"] for line in cross["fmr"] for c in line if c["rate"] is not None]
    matrix = [
        {"name": name, "cells": [{**c, "step": scales.amount(c["rate"] or 0.0, max(known, default=0.0))} for c in line]}
        for name, line in zip(cross["names"], cross["fmr"], strict=True)
    ]
    measures = [
        {"of": title, "name": name, "best": BEST[key], **one["measures"][kind][key]}
        for kind, title in KINDS.items() if kind in one["measures"] for key, name in ALONE.items()
    ]  # fmt: skip
    measures += [
        {"of": "FMR and FNMR", "name": name, "best": BEST[key], **one["measures"][key]}
        for key, name in TOGETHER.items() if key in one["measures"]
    ]  # fmt: skip
    return {
        "attribute": attribute, "figure": figure, "rows": rows, "most": most, "measures": measures, "across": one["across"],
        "matrix": matrix if len(matrix) <= MOST_CROSS else None, "names": cross["names"], "worst": one["worst"],
        "left_out": not_compared({k: {words.word(n): w for n, w in v.items()} for k, v in one["left_out"].items()}),
    }  # fmt: skip


def _bar(rate: Mapping[str, Any], most: float) -> dict[str, float] | None:
    if rate["rate"] is None:
        return None
    return {k: round(100 * rate[v] / most, 2) for k, v in (("share", "rate"), ("low", "low"), ("high", "high"))}


def _search(one: Mapping[str, Any]) -> dict[str, Any]:
    by = [{"attribute": a, "rows": [{"category": c, **row} for c, row in rows.items()]} for a, rows in one["by"].items()]
    return {**one, "by": by}


def _examples(listed: Any, pictures: Mapping[str, bytes] | None) -> tuple[list[dict[str, Any]], int]:
    order = [x for e in listed for x in (e["first"], e["second"])]
    shown, left = page.pictures_that_fit(pictures, list(dict.fromkeys(order)))
    return [{**e, "pictures": [(e[side], shown.get(e[side])) for side in ("first", "second")]} for e in listed], left


def _headline(document: Mapping[str, Any]) -> dict[str, Any]:
    about, found, groups = document["set"], document["verification"], document["groups"]
    eer = found["eer"]
    who = "" if about["subjects"] is None else f" of {about['subjects']:,} people"
    span = words.interval([eer["low"], eer["high"]], "percent")
    sure = "EER without an interval" if eer["low"] is None else f"EER from {span} (95%, over people)"
    lines = [
        f"{about['mated']:,} mated and {about['nonmated']:,} non-mated comparisons of {about['templates']:,} templates{who}; "
        f"{sure}."
    ]
    if found["at_fmr"]:
        one = found["at_fmr"][0]
        lines.append(
            f"At FMR {one['target']:g}, {percent(one['tar']['rate'])} of the mated comparisons are accepted "
            f"({one['tar']['k']:,} of {one['tar']['n']:,})."
        )
    widest = None
    every = (groups or {}).get("by") or {}
    plain = {a: by for a, by in every.items() if " x " not in a} or every  # crossed groups have few errors each
    for attribute, by in plain.items():
        value = (by["measures"].get("fnmr") or {}).get("max_geomean")
        if not value or value["value"] is None or by["worst"]["fnmr"] is None:  # nobody is worst where groups are alike
            continue
        if widest is None or value["value"] > widest[1]["value"]:
            widest = (attribute, value, by["worst"]["fnmr"])
    if widest:
        attribute, value, ends = widest
        lines.append(
            f"Groups differ most in FNMR by {words.named(attribute)}: {_have(ends['highest'])} "
            f"{value['value']:.2f} times the geometric mean ({value['low']:.2f} to {value['high']:.2f}); "
            f"{_have(ends['lowest'])} the least."
        )
    elif not groups:
        lines.append("The set says nothing of groups, so nothing is known of differences between them.")
    return {"verdict": f"Equal error rate {percent(eer['rate'])} on {about['name']}.", "sentences": lines}


def _have(names: Sequence[str]) -> str:
    """Return `A has`, or `A and B have` of groups that share a rate."""
    told = [words.word(name) for name in names]
    return f"{told[0]} has" if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]} have"
