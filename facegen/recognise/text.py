"""The document of `facegen evaluate` as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from facegen.errors import NAME, label, page

FEW = 30
"""Errors below which a rate is marked: the rule of thirty."""
STAR = f"fewer than {FEW} errors, or than {FEW} comparisons without one"
MOST = 24
"""Groups of one attribute that are listed; the JSON holds all."""
MEASURES = {
    "fdr": "FDR (1 best)", "inequity_rate": "inequity rate (1 best)", "garbe": "GARBE (0 best)",
    "difference": "largest difference", "ratio": "max / min", "max_geomean": "max / geometric mean (1 best)",
    "gini": "Gini (0 best)",
}  # fmt: skip


def evaluation_text(document: Mapping[str, Any]) -> str:
    """Return the rates of the set, of its groups and searches, each as k/n with its interval."""
    return page([*_whole(document), *_groups(document), *_searches(document), *_notes(document)])


def _whole(document: Mapping[str, Any]) -> Iterator[str]:
    about, found = document["set"], document["verification"]
    if "recogniser" in document:
        yield f"{label(document['recogniser']['name'], NAME)} on"
    who = "people unnamed" if about["subjects"] is None else f"{about['subjects']:,} people"
    yield (
        f"{label(about['name'], NAME)} ({about['format']}): {about['pictures']:,} pictures, "
        f"{about['templates']:,} templates, {who}; "
        f"{about['mated']:,} mated and {about['nonmated']:,} non-mated comparisons"
    )
    eer = found["eer"]
    yield f"EER {percent(eer['rate'])} {_span(eer)}   d' {found['d_prime']:.3f}"
    if found["accuracy"]:
        one = found["accuracy"]
        yield f"accuracy {percent(one['mean'])} +- {percent(one['sd'])} over {one['folds']} folds, {rate(one)}"
    for one in found["at_fmr"]:
        yield f"FMR {one['target']:g}, threshold {one['threshold']:.4f}: FMR {rate(one['fmr'])}, TAR {rate(one['tar'])}"


def _groups(document: Mapping[str, Any]) -> Iterator[str]:
    found = document["groups"]
    if not found:
        return
    yield ""
    yield f"Groups at the global threshold of FMR {found['target_fmr']:g} ({found['threshold']:.4f})"
    for attribute, one in found["by"].items():
        yield f"{label(attribute):<24}{'people':>7}  {'FNMR':<40}FMR"
        rows = list(one["categories"].items())
        for name, row in rows[:MOST]:
            yield f"  {label(name, 21):<22}{row['people']:>7}  {rate(row['fnmr']):<40}{rate(row['fmr'])}"
        if len(rows) > MOST:
            yield f"  and {len(rows) - MOST} more, all in the JSON document"
        for kind, title in (("fnmr", "FNMR "), ("fmr", "FMR ")):
            for name, value in (one["measures"].get(kind) or {}).items():
                yield f"    {title}{MEASURES[name]}: {_measured(value)}"
        for name in ("fdr", "inequity_rate", "garbe"):
            if name in one["measures"]:
                yield f"    {MEASURES[name]}: {_measured(one['measures'][name])}"
        yield from (f"    {line}" for line in not_compared(one["left_out"]))
        confused = one["worst"]["confused"]
        if confused:
            yield f"    confused most: {' and '.join(map(label, confused['groups']))}, FMR {rate(confused)}"


def not_compared(left: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return a line for each rate and reason for which groups are in no measure, with their names."""
    return [
        f"{title} not compared, {why}: {listed([name for name, told in left[kind].items() if told == why])}"
        for kind, title in (("fnmr", "FNMR"), ("fmr", "FMR"))
        for why in dict.fromkeys(left[kind].values())
    ]


def listed(names: Sequence[str]) -> str:
    """Return names with commas, and how many more there are."""
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + more


def _searches(document: Mapping[str, Any]) -> Iterator[str]:
    for one in document["identification"]:
        yield ""
        yield (
            f"Search {label(one['name'])}: {one['gallery']:,} in the gallery, {one['mated']:,} mated and "
            f"{one['nonmated']:,} non-mated probes"
        )
        for k, value in one["ranks"].items():
            yield f"  rank-{k} {rate(value)}"
        for level in one["at_fpir"]:
            at = f"  FPIR {level['target']:g}, threshold {level['threshold']:.4f}"
            yield f"{at}: FPIR {rate(level['fpir'])}, FNIR {rate(level['fnir'])}"
        for attribute, rows in one["by"].items():
            for name, row in list(rows.items())[:MOST]:
                fnir = f"  FNIR {rate(row['fnir'])}  FPIR {rate(row['fpir'])}" if row["fnir"] else ""
                yield f"    {label(attribute)} {label(name)}: rank-1 {rate(row['rank_1'])}{fnir}"


def _notes(document: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield f"* {STAR}. Intervals are 95%, over people."
    yield from (f"Note: {note}" for note in notes(document))


def notes(document: Mapping[str, Any]) -> list[str]:
    """Return what is to be known of an evaluation: how pictures were prepared, and its own notes."""
    said = []
    how = document.get("recogniser", {}).get("preprocessing")
    if how:
        said.append(f"pictures were prepared with {', '.join(f'{name} {value}' for name, value in how.items())}")
    return [*said, *document["notes"]]


def rate(value: Mapping[str, Any]) -> str:
    """Return `k/n rate [low, high]` of a rate; a star where `few`, a dash where nothing was tried."""
    if value["rate"] is None:
        return f"{value['k']}/{value['n']} -"
    return f"{value['k']}/{value['n']} {percent(value['rate'])} {_span(value)}{'*' if few(value) else ''}"


def few(value: Mapping[str, Any]) -> bool:
    """Whether a rate has fewer than thirty errors, or than thirty trials without one: the rule of thirty does not hold."""
    return bool(min(value["k"], value["n"] - value["k"]) < FEW)


def percent(value: float | None) -> str:
    """Return a rate in percent, to three significant digits."""
    return "-" if value is None else f"{100 * value:.3g}%"


def _span(value: Mapping[str, Any]) -> str:
    return "" if value["low"] is None else f"[{percent(value['low'])}, {percent(value['high'])}]"


def _measured(value: Mapping[str, Any]) -> str:
    if value["value"] is None:
        return "not defined: a group has no error"
    return f"{value['value']:.4g} [{value['low']:.4g}, {value['high']:.4g}]"
