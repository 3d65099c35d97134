"""Figures that plotly.js draws: plain dictionaries. Colours of text, grid and scale are the script's, for both schemes.

Every number of a figure stands in a table of the page too: a figure is a view, not the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from facegen.audit.report import scales, words
from facegen.audit.report.counts import grid

MOST_TEXT_COLUMNS = 42
MOST_FIGURE_CELLS = 20_000


def escape(text: str) -> str:
    """Return text that plotly shows as it stands: it knows a few tags of its own."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def map_of_cells(table: Mapping[str, Any], level: str) -> dict[str, Any] | None:
    """Return the heat map of every declared cell of a level; blank: not declared, 0: declared and empty."""
    found = grid(table)
    if found is None or len(found["rows"]) * len(found["columns"]) > MOST_FIGURE_CELLS:
        return None
    down, across, matrix = found["down"], found["across"], found["counts"]
    most = max((n for line in matrix for n in line if n), default=1)
    show = len(found["columns"]) <= MOST_TEXT_COLUMNS
    names = [[escape(" · ".join(words.word(v) for v in place)) for place in found[k]] for k in ("rows", "columns")]
    trace = {
        "type": "heatmap", "z": matrix, "zmin": 0, "zmax": most, "xgap": 1, "ygap": 1, "hoverongaps": False,
        "y": list(range(len(names[0]))), "x": list(range(len(names[1]))),
        "text": [["" if n is None else str(n) for n in line] for line in matrix],
        "customdata": [[f"{row} · {column}" for column in names[1]] for row in names[0]],
        "hovertemplate": f"%{{customdata}}<br>%{{z}} {words.LEVELS[level][1]}<extra></extra>",
        "colorbar": {"title": {"text": words.LEVELS[level][1].capitalize(), "side": "right"}, "thickness": 12, "outlinewidth": 0},
        "meta": {"scale": "amount"},
    }  # fmt: skip
    if show:
        trace["texttemplate"] = "%{text}"
    layout = {
        "height": 150 + 22 * len(names[0]) + 6 * max((len(n) for n in names[1]), default=0),
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "xaxis": _ticks(names[1], across) | {"tickangle": -90 if len(names[1]) > 8 else 0, "side": "bottom"},
        "yaxis": _ticks(names[0], down) | {"autorange": "reversed"},
    }
    return {"data": [trace], "layout": layout, "meta": {"wide": 40 * len(names[1]) + 220}}


def _ticks(names: Sequence[str], attributes: Sequence[str]) -> dict[str, Any]:
    return {
        "tickmode": "array", "tickvals": list(range(len(names))), "ticktext": list(names), "showgrid": False, "zeroline": False,
        "ticks": "", "automargin": True, "title": {"text": escape(" · ".join(words.label(a) for a in attributes)), "standoff": 8},
    }  # fmt: skip


def shares_by_set(categories: Mapping[str, Mapping[str, Mapping[str, Any]]], sets: Sequence[str]) -> dict[str, Any]:
    """Return dots with intervals, one series a set with a symbol of its own; categories: name -> set -> count, share, interval."""
    names = list(categories)
    data = []
    for k, name in enumerate(sets):
        cells = [categories[c].get(name) or {} for c in names]
        shares = [c.get("share") for c in cells]
        data.append({
            "type": "scatter", "mode": "markers", "name": escape(name), "x": shares,
            "y": [i + _spread(k, len(sets)) for i in range(len(names))],
            "error_x": _error(shares, [c.get("interval") for c in cells]),
            "marker": {"symbol": scales.SYMBOLS[k % len(scales.SYMBOLS)], "size": 10},
            "customdata": [[escape(words.word(c)), cell.get("count")] for c, cell in zip(names, cells, strict=True)],
            "hovertemplate": "%{customdata[0]}: %{x:.1%} (%{customdata[1]})<extra>" + escape(name) + "</extra>",
            "meta": {"series": k},
        })  # fmt: skip
    return {"data": data, "layout": _rows(names, 26 + 14 * len(sets), {"tickformat": ".0%", "rangemode": "tozero"}, "Share")}


def shifts(factors: Mapping[str, Any], attribute: str | None) -> dict[str, Any]:
    """Return a forest of mean shifts: by factor, or by category of `attribute` with one series a factor."""
    data = []
    if attribute is None:
        names, series = list(factors), [("", [factors[f] for f in factors])]
    else:
        groups = [f for f in factors if attribute in factors[f].get("by", {})]
        names = list(dict.fromkeys(c for f in groups for c in factors[f]["by"][attribute]))
        series = [(f, [factors[f]["by"][attribute].get(c) or {} for c in names]) for f in groups]
    for k, (name, cells) in enumerate(series):
        values = [c.get("shift_mean") for c in cells]
        data.append({
            "type": "scatter", "mode": "markers", "name": escape(words.label(name)), "x": values,
            "y": [i + _spread(k, len(series)) for i in range(len(names))],
            "error_x": _error(values, [c.get("interval") for c in cells]),
            "marker": {"symbol": scales.SYMBOLS[k % len(scales.SYMBOLS)], "size": 10},
            "customdata": [[escape(words.word(n)), c.get("n")] for n, c in zip(names, cells, strict=True)],
            "hovertemplate": "%{customdata[0]}: %{x:.4f} (n %{customdata[1]})<extra>" + escape(words.label(name)) + "</extra>",
            "meta": {"series": k},
        })  # fmt: skip
    layout = _rows([words.label(n) if attribute is None else n for n in names], 26 + 12 * len(series), {"zeroline": True}, "Mean shift of the score")
    return {"data": data, "layout": layout | {"showlegend": len(series) > 1}}


def _spread(k: int, many: int) -> float:
    return 0.0 if many == 1 else round(0.6 * (k / (many - 1) - 0.5), 4)


def _error(values: Sequence[float | None], intervals: Sequence[Sequence[float] | None]) -> dict[str, Any]:
    ends = [(0.0, 0.0) if v is None or not p else (p[1] - v, v - p[0]) for v, p in zip(values, intervals, strict=True)]
    return {"type": "data", "symmetric": False, "array": [e[0] for e in ends], "arrayminus": [e[1] for e in ends], "thickness": 1.5, "width": 3}


def _rows(names: Sequence[str], step: int, x: Mapping[str, Any], title: str) -> dict[str, Any]:
    return {
        "height": 110 + step * len(names), "margin": {"l": 10, "r": 16, "t": 10, "b": 10},
        "legend": {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
        "xaxis": {"automargin": True, "title": {"text": title}, **x},
        "yaxis": {
            "tickmode": "array", "tickvals": list(range(len(names))), "ticktext": [escape(words.word(n)) for n in names],
            "range": [len(names) - 0.4, -0.6], "automargin": True, "showgrid": False, "zeroline": False,
        },
    }  # fmt: skip
