"""Audit and compare documents as text for a terminal."""

from __future__ import annotations

import itertools
from typing import Any

_SHOWN = ("n", "ens", "sei", "imbalance_ratio", "tv", "chi2_p")
_MOST = 12
"""Patterns that are listed; the JSON holds all."""
_WIDE = 18


def audit_text(document: dict[str, Any]) -> str:
    """Return the tables of one set: coverage level by level, and independence where it was measured."""
    rows = document["rows"]
    counted = ", ".join(f"{rows[key]} {key}" for key in ("identities", "sittings", "images") if rows.get(key) is not None)
    lines = [f"Coverage of {document['name']}: {counted}"]
    lines += [f"  {name}: {source}" for name, source in document.get("sources", {}).items()]
    lines += [f"  {note}" for note in document.get("notes", [])]
    for name in ("identity", "sitting", "image"):
        if name in document["levels"]:
            lines += _level(name, document["levels"][name])
    independence = document.get("independence")
    if independence:
        attributes = list(next(iter(independence.values()), {}))
        lines += ["", "Independence (Cramer's V, corrected for sample size; 0 independent)"]
        lines.append(f"  {'factor':<16}" + "".join(f"{a:>12}" for a in attributes))
        for factor, row in independence.items():
            lines.append(f"  {factor:<16}" + "".join(f"{row[a]['cramers_v_corrected']:>12.3f}" for a in attributes))
    return "\n".join(lines) + "\n"


def compare_text(document: dict[str, Any]) -> str:
    """Return the sets beside each other, their distances, and whom only one of them covers."""
    names = [one["name"] for one in document["sets"]]
    lines = [f"{len(names)} sets beside each other"]
    lines += [f"  [{i}] {one['name']}: {one['rows']['images']} images" for i, one in enumerate(document["sets"], start=1)]
    for attribute, table in document["side_by_side"].items():
        lines += ["", f"{attribute:<32}" + "".join(f"{f'[{i}]':>{_WIDE}}" for i in range(1, len(names) + 1))]
        for category, row in table.items():
            lines.append(f"  {category[:29]:<30}" + "".join(f"{_share(row[name]):>{_WIDE}}" for name in names))
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
            lines.append(f"    {', '.join(f'{k}={v}' for k, v in one['pattern'].items())} ({one['count']})")
    lines += ["", "How categories were laid beside each other", *(f"  {note}" for note in document["mapping"])]
    return "\n".join(lines) + "\n"


def _level(name: str, table: dict[str, Any]) -> list[str]:
    lines = ["", f"By {name} ({table['records']})"]
    for attribute, marginal in table["marginals"].items():
        lines.append(f"  {attribute}")
        for category, count in marginal["counts"].items():
            target = 100 * marginal["target"][category]
            lines.append(f"    {category:<16}{count:>8}{_percent(count, table['records']):>8}  target {target:5.1f}%")
        lines.append("    " + "  ".join(f"{key} {_number(marginal['measures'][key])}" for key in _SHOWN))
    for three_name, three in table["triples"].items():
        lines.append(
            f"  {three_name}: {three['declared_cells']} declared cells, {three['empty']} empty, "
            f"{three['smallest']} to {three['largest']} records"
        )
    cells = [cell["count"] for cell in table["intersection"]["cells"] if cell["target"] > 0]
    lines.append(
        f"  full intersection: {len(cells)} declared cells, {cells.count(0)} empty, {min(cells)} to {max(cells)} records"
    )
    for tau, found in table["uncovered"].items():
        lines.append(
            f"  fewer than {tau}: {len(found['patterns'])} maximal patterns, {found['extra_records']} more records cover them"
        )
        if tau == "1":
            for pattern in itertools.islice(found["patterns"], _MOST):
                lines.append("    " + ", ".join(f"{k}={v}" for k, v in pattern.items() if k != "count"))
    return lines


def _share(cell: dict[str, Any]) -> str:
    return str(cell["count"]) if cell["share"] is None else f"{cell['count']} {100 * cell['share']:5.1f}%"


def _percent(count: int, total: int) -> str:
    return f"{100 * count / total:.1f}%" if total else "-"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"
