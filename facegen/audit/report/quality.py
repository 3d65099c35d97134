"""What a report says beside counts: independence of nuisances, quality parity, skin by light, rejections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facegen.audit.report import scales

STRONG_V = 0.5
"""Cramer's V from which a step of colour grows no darker."""
STRONG_Z, STRONG_G = 4.0, 1.0
SIGNIFICANT_P = 0.05


def independence(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the matrix of Cramer's V (factor by attribute) and each factor's local Z."""
    found = document.get("independence")
    if not found:
        return None
    attributes = list(next(iter(found.values())))
    rows = []
    for factor, row in found.items():
        marks = [{"v": row[a]["cramers_v_corrected"], "plain": row[a]["cramers_v"], "step": _v_step(row[a])} for a in attributes]
        local = [_local(a, row[a]["local_z"]) for a in attributes if row[a].get("local_z")]
        rows.append({"factor": factor, "cells": marks, "most": max(m["v"] or 0.0 for m in marks), "local": local})
    worst = max(rows, key=lambda r: r["most"])
    at = max(range(len(attributes)), key=lambda i: worst["cells"][i]["v"] or 0.0)
    return {
        "attributes": attributes,
        "rows": rows,
        "worst": {**worst, "attribute": attributes[at]},
        "local": any(r["local"] for r in rows),
    }


def _v_step(cell: Mapping[str, Any]) -> int:
    return scales.amount(cell["cramers_v_corrected"] or 0.0, STRONG_V)


def _local(attribute: str, table: Mapping[str, Mapping[str, float | None]]) -> dict[str, Any]:
    columns = list(dict.fromkeys(value for line in table.values() for value in line))
    rows = [
        {"name": category, "cells": [{"z": line.get(c), "step": _z_step(line.get(c))} for c in columns]}
        for category, line in table.items()
    ]
    most = max((abs(z) for line in table.values() for z in line.values() if z is not None), default=0.0)
    return {"attribute": attribute, "columns": columns, "rows": rows, "most": most}


def _z_step(z: float | None) -> int:
    return scales.difference(z or 0.0, STRONG_Z)


def parity(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return one row a measure and attribute, and for each its categories with mean, effect and interval."""
    found = document.get("quality_parity")
    if not found:
        return None
    rows = []
    for measure, table in found.items():
        for attribute, by in table["by"].items():
            if not by["mean"]:
                continue
            lines = [{"category": c, "mean": m, **_effect((by.get("effect") or {}).get(c))} for c, m in by["mean"].items()]
            low, high = (pick(lines, key=lambda line: line["mean"]) for pick in (min, max))
            judged = [line for line in lines if line["g"] is not None]
            rows.append({
                "measure": measure, "attribute": attribute, "low": low, "high": high, "gap": by["gap"], "lines": lines,
                "strongest": max(judged, key=lambda line: abs(line["g"]), default=None), "p": by.get("p_holm"),
            })  # fmt: skip
    known = [r for r in rows if r["strongest"] is not None]
    clear = [r for r in known if r["p"] is not None and r["p"] < SIGNIFICANT_P]

    def size(row: dict[str, Any]) -> float:
        return abs(row["strongest"]["g"]) if row["strongest"] else 0.0

    return {
        "rows": sorted(rows, key=lambda r: (r not in clear, -size(r))),
        "effects": bool(known), "worst": max(clear, key=size, default=None), "certain": len(clear),
        "measures": list(dict.fromkeys(r["measure"] for r in rows)),
        "attributes": list(dict.fromkeys(r["attribute"] for r in rows)),
    }  # fmt: skip


def _effect(value: Any) -> dict[str, Any]:
    """Return Hedges' g with its interval and where to draw them on -1.5 to 1.5; a number alone has no interval."""
    g, pair = value, None
    if isinstance(value, Mapping):
        g = next((value[k] for k in ("hedges_g", "g", "value") if k in value), None)
        pair = value.get("interval")
    if g is None:
        return {"g": None, "interval": None, "step": scales.STEPS // 2, "at": None}
    return {"g": g, "interval": pair, "step": scales.difference(g, STRONG_G), "at": forest(g, pair, 1.5)}


def forest(value: float, interval: Any, most: float) -> dict[str, float]:
    """Return percent positions of a value and its interval on -most to most, cut at the ends."""
    low, high = interval if interval and None not in interval else (value, value)
    return {k: round(50 + 50 * max(-1.0, min(1.0, v / most)), 2) for k, v in (("x", value), ("low", low), ("high", high))}


def skin(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return apparent less intrinsic skin tone by light (rows) and intrinsic Monk rank (columns)."""
    found = (document.get("skin") or {}).get("apparent_vs_intrinsic")
    if not found:
        return None
    tones = sorted({tone for row in found.values() for tone in row}, key=lambda t: (len(str(t)), str(t)))
    everything = [cell for row in found.values() for cell in row.values()]
    tables = []
    for key, name, unit in (("delta_ita_mean", "ITA", "degrees"), ("delta_L_mean", "lightness L*", "CIELAB units")):
        values = [abs(c[key]) for c in everything if c.get(key) is not None]
        most = max(values, default=0.0)
        rows = []
        for light, row in found.items():
            line = [row.get(tone) for tone in tones]
            rows.append({"name": light, "cells": [_tone(c, key, most) for c in line]})
        tables.append({"key": key, "name": name, "unit": unit, "rows": rows, "most": most})
    return {"tones": tones, "tables": tables}


def _tone(cell: Mapping[str, Any] | None, key: str, most: float) -> dict[str, Any] | None:
    if not cell or not cell.get("n") or cell.get(key) is None:
        return None
    return {"n": cell["n"], "value": cell[key], "step": scales.difference(cell[key], most)}


def rejections(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return planned pictures that were not made, in all and by category, with rates; None where the document says nothing."""
    found = document.get("rejections")
    if not found:
        return None
    by = {a: [{"category": c, **row} for c, row in rows.items()] for a, rows in found["by"].items()}
    return {**found, "by": by}
