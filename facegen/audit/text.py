"""Audit and compare documents as text for a terminal."""

from __future__ import annotations

from typing import Any

from facegen.audit import coverage
from facegen.errors import NAME, label, page

_MOST = 12
"""Patterns that are listed; the JSON holds all."""
_WIDE = 18


def audit_text(document: dict[str, Any]) -> str:
    """Return the tables of one set, with where its labels come from."""
    first, _, rest = coverage.render(document).partition("\n")
    sources = [f"{name}: {source}" for name, source in document["sources"].items()]
    about = page(f"  {line}" for line in [f"Labels: {', '.join(sources)}", *document["notes"]])
    return f"{first}\n{about}{rest}"


def compare_text(document: dict[str, Any]) -> str:
    """Return the sets beside each other, their distances, and whom only one of them covers."""
    names = [one["name"] for one in document["sets"]]
    lines = [f"{len(names)} sets beside each other"]
    lines += [
        f"  [{i}] {label(one['name'], NAME)}: {one['rows']['images']} images" for i, one in enumerate(document["sets"], start=1)
    ]
    for attribute, table in document["side_by_side"].items():
        lines += ["", f"{label(attribute, 32):<32}" + "".join(f"{f'[{i}]':>{_WIDE}}" for i in range(1, len(names) + 1))]
        for category, row in table.items():
            lines.append(f"  {label(category, 29):<30}" + "".join(f"{_share(row[name]):>{_WIDE}}" for name in names))
        apart = document["apart"][attribute]
        for word in ("unknown", "not_aligned"):
            if any(apart[name][word] for name in names):
                lines.append(f"  ({word})".ljust(32) + "".join(f"{apart[name][word]:>{_WIDE}}" for name in names))
    lines += ["", "Distances (tv: 0 the same, 1 nothing in common; p by chi-square, corrected after Holm)"]
    for one in document["distances"]:
        a, b = names.index(one["a"]) + 1, names.index(one["b"]) + 1
        low, high = one["interval"]
        lines.append(
            f"  [{a}] [{b}] {one['attribute']}: tv {one['tv']:.3f} ({low:.3f} to {high:.3f}), js {one['js']:.3f}, "
            f"effect {one['effect']:.3f}, p {one['p_holm']:.2g}"
        )
    lines += ["", f"Groups with {document['tau']} images in one set and fewer in every other, the most general ones"]
    for name in names:
        own = [one for one in document["unique"] if one["set"] == name]
        lines.append(f"  [{names.index(name) + 1}] {len(own)}")
        for one in own[:_MOST]:
            lines.append(f"    {', '.join(f'{k}={label(v)}' for k, v in one['pattern'].items())} ({one['count']})")
    lines += ["", "How categories were laid beside each other", *(f"  {note}" for note in document["mapping"])]
    return page(lines)


def _share(cell: dict[str, Any]) -> str:
    return str(cell["count"]) if cell["share"] is None else f"{cell['count']} {100 * cell['share']:5.1f}%"
