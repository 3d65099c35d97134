"""What a report says of counts: marginals, pairs, cells, uncovered patterns, from one level of an audit document."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

from facegen.audit.report import scales, words
from facegen.measures.intervals import wilson

ORDER = ("sitting", "identity", "image")
MOST_CELLS, MOST_PATTERNS = 1000, 250
"""Rows of a table that a page carries; what is left out is said, and stands in the JSON document."""


def levels(document: Mapping[str, Any]) -> list[str]:
    """Return the levels of a document, the one that judges it first: most attributes, then sittings, people, images."""
    found = document.get("levels", {})
    return sorted((n for n in ORDER if n in found), key=lambda n: (-len(found[n]["attributes"]), ORDER.index(n)))


def marginals(document: Mapping[str, Any], level: str) -> list[dict[str, Any]]:
    """Return one table an attribute: rows of counts, shares, intervals, targets; and how even they are."""
    table = document["levels"][level]
    known = document.get("intervals", {}).get(level, {})
    out = []
    for name, marginal in table["marginals"].items():
        total = sum(marginal["counts"].values())
        rows = []
        for category, count in marginal["counts"].items():
            share = count / total if total else 0.0
            low, high = _interval(known.get(name, {}).get(category), count, total)
            target = marginal["target"].get(category)
            rows.append({"category": category, "count": count, "share": share, "low": low, "high": high, "target": target})
        most = max([r["high"] for r in rows] + [r["target"] or 0.0 for r in rows] + [1e-9])
        for row in rows:
            row["bar"] = {key: round(100 * (row[key] or 0.0) / most, 2) for key in ("share", "low", "high", "target")}
            row["missing"] = row["count"] == 0 and row["target"] != 0
            row["apart"] = row["target"] is not None and not row["low"] <= row["target"] <= row["high"]
        unknown = marginal.get("unknown")  # their row is no category of those that the measures are over
        out.append({
            "attribute": name, "rows": rows, "axis": most, "measures": marginal["measures"],
            "categories": len(rows) - (unknown is not None), "unknown": unknown,
        })  # fmt: skip
    return out


def _interval(given: Sequence[float] | None, count: int, total: int) -> tuple[float, float]:
    return (float(given[0]), float(given[1])) if given else wilson(count, total)


def interval_method(document: Mapping[str, Any], level: str) -> str:
    """Return where the intervals of shares come from."""
    intervals = document.get("intervals", {})
    if level not in intervals:
        return "Wilson's score interval, records taken as independent"
    said = intervals.get("interval_method") or intervals[level].get("interval_method") or document.get("interval_method")
    said = said.get(level) if isinstance(said, Mapping) else said
    return words.word(said) if said else "as the audit document gives them"


def cells(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the declared cells (or those that hold somebody), emptiest first, with share, interval and expected count."""
    names, total = table["attributes"], table["records"]
    out = []
    for cell in table["intersection"]["cells"]:
        count, target = cell["count"], cell["target"]
        if target <= 0 and count == 0:
            continue
        low, high = wilson(count, total)
        ratio = count / (target * total) if target > 0 and total else math.inf
        out.append({
            "values": [cell[n] for n in names], "count": count, "target": target, "share": count / total if total else 0.0,
            "low": low, "high": high, "expected": target * total, "ratio": ratio, "undeclared": target <= 0,
        })  # fmt: skip
    return sorted(out, key=lambda c: (c["ratio"], -c["target"]))


def declared(table: Mapping[str, Any]) -> list[int]:
    """Return the counts of the declared cells."""
    return [c["count"] for c in table["intersection"]["cells"] if c["target"] > 0]


def to_fill(table: Mapping[str, Any], tau: int) -> int:
    """Return how many records lift every declared cell to `tau`."""
    return sum(max(tau - n, 0) for n in declared(table))


def pairs(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a heat map for every two attributes: steps of colour and texts by count, by share of the row, against target."""
    total, out = table["records"], []
    for two, pair in table["pairs"].items():
        row_name, column_name = two.split(" x ", 1)
        target = _targets(table, row_name, column_name)
        counts = pair["counts"]
        columns = list(next(iter(counts.values()), {}))
        most = max((n for line in counts.values() for n in line.values()), default=0)
        rows = []
        for row, line in counts.items():
            across = sum(line.values())
            rows.append({
                "name": row, "total": across,
                "cells": [_heat(line[c], across, target.get((row, c), 0.0), total, most) for c in columns],
            })  # fmt: skip
        wanted = [counts[r][c] for (r, c), share in target.items() if share > 0]
        out.append({
            "id": "-".join(two.split(" x ")), "row": row_name, "column": column_name, "columns": columns, "rows": rows,
            "totals": [sum(counts[r][c] for r in counts) for c in columns], "all": total,
            "declared": len(wanted), "empty": wanted.count(0), "least": min(wanted, default=0), "most": max(wanted, default=0),
            "cramers_v": pair.get("cramers_v_corrected"), "measures": pair["measures"], "unknown": pair.get("unknown"),
        })  # fmt: skip
    return out


def _targets(table: Mapping[str, Any], row: str, column: str) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for cell in table["intersection"]["cells"]:
        key = (cell[row], cell[column])
        found[key] = found.get(key, 0.0) + cell["target"]
    return found


def _heat(count: int, across: int, target: float, total: int, most: int) -> dict[str, Any]:
    """Return one cell: what is written and which colour step, in each of the three views."""
    if target <= 0 and count == 0:
        return {"state": "out", "n": "·", "value": -1}
    share, expected = count / across if across else 0.0, target * total
    against = "new" if expected == 0 else words.signed(100 * (count / expected - 1), 0) + "%"
    step = 8 if expected == 0 else 0 if count == 0 else scales.difference(math.log2(count / expected), 2.0)
    return {
        "state": "empty" if count == 0 else "in", "value": count, "n": words.integer(count), "r": words.percent(share, 0),
        "t": against, "an": scales.amount(count, most), "ar": scales.amount(share, 1.0), "dt": step,
    }  # fmt: skip


def uncovered(table: Mapping[str, Any], level: str) -> list[dict[str, Any]]:
    """Return for each threshold the groups below it, what covers them, and what the declaration leaves out."""
    names, out = table["attributes"], []
    for tau, found in table["uncovered"].items():
        rows = [
            {"values": [p.get(n) for n in names], "count": p["count"], "lacks": int(tau) - p["count"]}
            for p in sorted(found["patterns"], key=lambda p: (len(p), p["count"]))
        ]
        cover = sorted(found.get("cover_with", []), key=lambda c: -c["add"])
        out.append({
            "tau": int(tau), "rows": rows[:MOST_PATTERNS], "patterns": len(rows), "extra": found.get("extra_records"),
            "bound": found.get("lower_bound"), "fill": to_fill(table, int(tau)),
            "cover": [{"values": [c.get(n) for n in names], "add": c["add"]} for c in cover[:MOST_PATTERNS]],
            "cover_cells": len(cover), "left_out": len(found.get("left_out_by_declaration", [])), "level": level,
        })  # fmt: skip
    return out


def split(table: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return attributes for the rows and for the columns of one map of all cells, about as wide as high."""
    sizes = {n: len(table["marginals"][n]["counts"]) for n in table["attributes"]}
    names, best = list(sizes), (math.inf, 0)
    for k in range(1, len(names)):
        high, wide = (math.prod(sizes[n] for n in part) for part in (names[:k], names[k:]))
        best = min(best, (abs(math.log(wide / high)), k))
    return names[: best[1]], names[best[1] :]


def grid(table: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return counts of all cells as a matrix, or None with fewer than two attributes. None in it: not declared."""
    if len(table["attributes"]) < 2:
        return None
    down, across = split(table)
    lists = [list(table["marginals"][n]["counts"]) for n in (*down, *across)]
    rows, columns = (list(itertools.product(*part)) for part in (lists[: len(down)], lists[len(down) :]))
    values: dict[tuple[tuple[str, ...], tuple[str, ...]], int | None] = {}
    for cell in table["intersection"]["cells"]:
        key = (tuple(cell[n] for n in down), tuple(cell[n] for n in across))
        values[key] = cell["count"] if cell["target"] > 0 or cell["count"] else None
    return {
        "down": down, "across": across, "rows": rows, "columns": columns,
        "counts": [[values.get((r, c)) for c in columns] for r in rows],
    }  # fmt: skip
