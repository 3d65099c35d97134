"""Figures that plotly.js draws: plain dictionaries. Colours of text, grid and scale are the script's, for both schemes.

Every number of a figure stands in a table of the page too: a figure is a view, not the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from facegen.audit.report import scales, words
from facegen.audit.report.counts import grid

MOST_FIGURE_CELLS = 3000


def escape(text: str) -> str:
    """Return text that plotly shows as it stands: it knows a few tags of its own."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def map_of_cells(table: Mapping[str, Any], level: str) -> dict[str, Any] | None:
    """Return the heat map of every declared cell of a level, or None where it has too many to be read.

    Cells are coloured by the steps of scales.AMOUNT, the number stands in each; declared and empty ones are a trace of their own.
    The script splits the first trace by the colour of its figures.
    """
    found = grid(table)
    if found is None or len(found["rows"]) * len(found["columns"]) > MOST_FIGURE_CELLS:
        return None
    matrix = found["counts"]
    most = max((n for line in matrix for n in line if n), default=1)
    rows, columns = ([escape(" · ".join(words.word(v) for v in place)) for place in found[k]] for k in ("rows", "columns"))
    hover = [
        [f"{row} · {column}<br>{words.records(n or 0, level)}" for column, n in zip(columns, line, strict=True)]
        for row, line in zip(rows, matrix, strict=True)
    ]
    common = {
        "type": "heatmap", "xgap": 1, "ygap": 1, "hoverongaps": False, "showscale": False, "texttemplate": "%{text}",
        "hovertemplate": "%{customdata}<extra></extra>", "customdata": hover,
    }  # fmt: skip
    steps = [[scales.amount(n, most) if n else None for n in line] for line in matrix]
    nobody = [[0 if n == 0 else None for n in line] for line in matrix]
    text = [[str(n) if n else "" for n in line] for line in matrix]
    zeros = [["0" if n == 0 else "" for n in line] for line in matrix]
    layout = {
        "height": 40 + 24 * len(rows) + 7 * max(len(n) for n in columns),
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "xaxis": _ticks(columns) | {"side": "top", "tickangle": -90 if len(columns) > 8 else 0},
        "yaxis": _ticks(rows) | {"autorange": "reversed"},
    }  # fmt: skip
    return {
        "data": [
            {**common, "z": steps, "text": text, "meta": {"scale": "amount"}},
            {**common, "z": nobody, "text": zeros, "meta": {"scale": "nobody"}},
        ],
        "layout": layout,
        "meta": {"wide": 34 * len(columns) + 150, "light": _colours(scales.AMOUNT), "dark": _colours(scales.AMOUNT_DARK)},
    }


def _colours(steps: Sequence[str]) -> dict[str, list[str]]:
    return {"steps": list(steps), "ink": [scales.ink(c) for c in steps]}


def _ticks(names: Sequence[str]) -> dict[str, Any]:
    return {
        "tickmode": "array", "tickvals": list(range(len(names))), "ticktext": list(names), "zeroline": False, "showgrid": False,
        "ticks": "", "automargin": True,
    }  # fmt: skip


def shares_by_set(categories: Mapping[str, Mapping[str, Mapping[str, Any]]], sets: Sequence[str]) -> dict[str, Any]:
    """Return dots with intervals, one series a set, each with its symbol; categories: name -> set -> count, share, interval."""
    names = list(categories)
    data = []
    for k, name in enumerate(sets):
        cells = [categories[c].get(name) or {} for c in names]
        shares = [c.get("share") for c in cells]
        data.append({
            "type": "scatter", "mode": "markers", "cliponaxis": False, "name": escape(name), "x": shares,
            "y": [i + _spread(k, len(sets)) for i in range(len(names))],
            "error_x": error_bars(shares, [c.get("interval") for c in cells]),
            "marker": {"symbol": scales.SYMBOLS[k % len(scales.SYMBOLS)], "size": 10},
            "customdata": [[escape(words.word(c)), cell.get("count")] for c, cell in zip(names, cells, strict=True)],
            "hovertemplate": "%{customdata[0]}: %{x:.1%} (%{customdata[1]})<extra>" + escape(name) + "</extra>",
            "meta": {"series": k},
        })  # fmt: skip
    return {"data": data, "layout": rows(names, 26 + 14 * len(sets), {"tickformat": ".0%", "rangemode": "tozero"}, "Share")}


def shifts(factors: Mapping[str, Any], attribute: str | None, most: float) -> dict[str, Any]:
    """Return a forest of mean shifts: by factor, or by category of `attribute` with one series a factor.

    Every such figure of a page runs from -most to `most`, so that they can be compared.
    """
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
            "type": "scatter", "mode": "markers", "cliponaxis": False, "name": escape(words.label(name)), "x": values,
            "y": [i + _spread(k, len(series)) for i in range(len(names))],
            "error_x": error_bars(values, [c.get("interval") for c in cells]),
            "marker": {"symbol": scales.SYMBOLS[k % len(scales.SYMBOLS)], "size": 10},
            "customdata": [[escape(words.word(n)), c.get("n")] for n, c in zip(names, cells, strict=True)],
            "hovertemplate": "%{customdata[0]}: %{x:.4f} (n %{customdata[1]})<extra>" + escape(words.label(name)) + "</extra>",
            "meta": {"series": k},
        })  # fmt: skip
    layout = rows(
        [words.label(n) if attribute is None else n for n in names],
        26 + 12 * len(series),
        {"zeroline": True, "range": [-1.04 * most, 1.04 * most]},
        "Mean shift of the score",
    )
    return {"data": data, "layout": layout | {"showlegend": len(series) > 1}}


def _spread(k: int, many: int) -> float:
    return 0.0 if many == 1 else round(0.6 * (k / (many - 1) - 0.5), 4)


def error_bars(values: Sequence[float | None], intervals: Sequence[Sequence[float] | None]) -> dict[str, Any]:
    """Return plotly's bars from each value to the ends of its interval; none where either is not known."""
    ends = [(0.0, 0.0) if v is None or not p else (p[1] - v, v - p[0]) for v, p in zip(values, intervals, strict=True)]
    return {
        "type": "data",
        "symmetric": False,
        "array": [e[0] for e in ends],
        "arrayminus": [e[1] for e in ends],
        "thickness": 1.5,
        "width": 3,
    }


def rows(names: Sequence[str], step: int, x: Mapping[str, Any], title: str) -> dict[str, Any]:
    """Return the layout of a figure with one row a name, `step` pixels high each, on a horizontal axis `x`."""
    return {
        "height": 110 + step * len(names), "margin": {"l": 10, "r": 16, "t": 10, "b": 10},
        "legend": {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
        "xaxis": {"automargin": True, "title": {"text": title}, **x},
        "yaxis": {
            "tickmode": "array", "tickvals": list(range(len(names))), "ticktext": [escape(words.word(n)) for n in names],
            "range": [len(names) - 0.4, -0.6], "automargin": True, "showgrid": False, "zeroline": False,
        },
    }  # fmt: skip
