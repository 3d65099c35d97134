"""The report of one set."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from facegen.audit.report import counts, figures, page, quality, words
from facegen.audit.report.definitions import references, terms
from facegen.audit.report.headline import headline
from facegen.errors import DataError


def audit_html(document: Mapping[str, Any], pictures: Mapping[str, bytes] | None = None) -> str:
    """Return the report of an audit document (`audit_version: 1`) as one HTML page.

    pictures: cell (`sex=female|age_band=18-29`, attributes in the document's order, some or all of them) -> JPEG or PNG.
    A part that the document lacks has no section. Raises DataError for what is no audit document.
    """
    if not document.get("levels"):
        raise DataError("this is no audit document: it has no 'levels'; make one with 'facegen audit SET --json FILE'")
    names = counts.levels(document)
    drawn = {f"map-{n}": figures.map_of_cells(document["levels"][n], n) for n in names}
    context = {
        "name": document["name"],
        "format": document.get("format", ""),
        "head": headline(document),
        "levels": [_level(document, n) for n in names],
        "mosaic": mosaic(document, pictures),
        "independence": quality.independence(document),
        "parity": quality.parity(document),
        "skin": quality.skin(document),
        "rejections": quality.rejections(document),
        "sources": sources(document),
        "notes": document.get("notes", []),
        "terms": terms(document.get("definitions", {})),
        "references": references(),
    }
    return page.render("audit.html.j2", f"Audit of {document['name']}", {k: f for k, f in drawn.items() if f}, **context)


def _level(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    table = document["levels"][name]
    cells = counts.cells(table)
    return {
        "name": name,
        "one": words.LEVELS[name][0],
        "many": words.LEVELS[name][1],
        "records": table["records"],
        "attributes": table["attributes"],
        "marginals": counts.marginals(document, name),
        "method": counts.interval_method(document, name),
        "pairs": counts.pairs(table),
        "figure": f"map-{name}",
        "map": counts.grid(table),
        "cells": cells[: counts.MOST_CELLS],
        "cells_in_all": len(cells),
        "choices": [(a, list(table["marginals"][a]["counts"])) for a in table["attributes"]],
        "uncovered": counts.uncovered(table, name),
    }


def sources(document: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return where the label of each attribute comes from, and what that is worth."""
    return [
        {"attribute": a, "source": s, "means": words.SOURCES.get(s, "not one of the known sources")}
        for a, s in document.get("sources", {}).items()
    ]


def mosaic(document: Mapping[str, Any], pictures: Mapping[str, bytes] | None) -> dict[str, Any] | None:
    """Return example faces as a table: columns are the attribute with most categories, rows the rest. None without pictures.

    A cell without a picture says whether nobody was declared, nobody is there, or no picture was given.
    """
    if not pictures:
        return None
    table = document["levels"][counts.levels(document)[0]]
    used = [part.split("=", 1)[0] for part in next(iter(pictures)).split("|")]
    names = [a for a in table["attributes"] if a in used]
    if not names:
        return None
    lists = {a: list(table["marginals"][a]["counts"]) for a in names}
    across = max(names, key=lambda a: (len(lists[a]), names.index(a)))
    down = [a for a in names if a != across]
    held: dict[str, list[float]] = {}
    for cell in table["intersection"]["cells"]:
        entry = held.setdefault(_key(names, cell), [0, 0.0])
        entry[0] += cell["count"]
        entry[1] += cell["target"]
    order = [_key(names, dict(zip(names, place, strict=True))) for place in itertools.product(*(lists[a] for a in names))]
    shown, left = page.pictures_that_fit(pictures, order)
    rows = []
    for place in itertools.product(*(lists[a] for a in down)):
        values = dict(zip(down, place, strict=True))
        keys = [_key(names, {**values, across: c}) for c in lists[across]]
        cells = [{"key": k, "picture": shown.get(k), "count": held[k][0], "declared": held[k][1] > 0} for k in keys]
        rows.append({"values": list(place), "cells": cells})
    return {"across": across, "down": down, "columns": lists[across], "rows": rows, "left_out": left, "shown": len(shown),
            "level": counts.levels(document)[0]}  # fmt: skip


def _key(names: list[str], values: Mapping[str, Any]) -> str:
    return "|".join(f"{a}={values[a]}" for a in names)
