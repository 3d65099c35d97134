"""The verb that looks ahead: plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facegen.cli.app import SpecFile, app, writable
from facegen.errors import RequestError

if TYPE_CHECKING:
    from rich.table import Table

    from facegen.population.outline import Outline

POWER_KEYS = ("fmr_rule_of_30", "fnmr_rule_of_30", "fmr_rule_of_3", "fnmr_rule_of_3")
SLOWEST = 1e6
"""Seconds that one image may be said to take: eleven days."""
WIDTH = 100
"""Columns of the table where the output is no terminal."""


@app.command()
def plan(
    spec: SpecFile,
    as_json: Annotated[Path | None, typer.Option("--json", help="write the whole plan as JSON")] = None,
    as_csv: Annotated[Path | None, typer.Option("--csv", help="write the cells as CSV")] = None,
    limit: Annotated[int, typer.Option(min=0, help="cells to print, fewest identities first; the files hold all")] = 40,
    seconds_per_image: Annotated[
        float | None, typer.Option(min=0, help="render time of one image on this machine, instead of our measurement")
    ] = None,
) -> None:
    """Say who a spec would show, what it costs and what it can prove, before anything is rendered."""
    from facegen.dataset.write import json_bytes, write_atomic
    from facegen.population.outline import document, outline
    from facegen.run import forecast
    from facegen.spec import DatasetSpec

    if seconds_per_image is not None and not 0 <= seconds_per_image <= SLOWEST:
        raise RequestError(f"--seconds-per-image {seconds_per_image:g} is not 0 to {SLOWEST:g} seconds")
    found = outline(DatasetSpec.load(spec), seconds_per_image, forecast.need)
    writable(as_json, as_csv, reads=(spec,))
    if as_json is not None:
        write_atomic(as_json, json_bytes(document(found)), as_json.parent)
    if as_csv is not None:
        text = found.cells.to_csv(index=False, float_format="%.10g", lineterminator="\n")
        write_atomic(as_csv, text.encode(), as_csv.parent)
    _show(found, limit)


def _show(found: Outline, limit: int) -> None:
    from rich.console import Console
    from rich.padding import Padding

    console = Console(highlight=False, soft_wrap=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH)
    for line in _headline(found):
        console.print(line, markup=False)
    for name in found.attributes:
        console.print(Padding(_marginal(found, name), (0, 0, 0, 2)))
    shown = found.cells.sort_values(["identities", "target_share"], kind="stable").head(limit)
    if len(shown):
        console.print(_table(found, shown))
    if len(shown) < len(found.cells):
        console.print(
            f"{len(found.cells) - len(shown):,} more cells; --limit {len(found.cells)} prints all, --csv and --json hold them",
            markup=False,
        )
    for line in _proof(found):
        console.print(line, markup=False)
    for note in found.notes:
        console.print(note, markup=False, style="dim")


def _headline(found: Outline) -> list[str]:
    from facegen.run.forecast import size

    total, spec = found.total, found.spec
    counts = ", ".join(f"{total[what]:,.0f} {what}" for what in ("identities", "sittings", "images"))
    out = [f"{spec.name}: {counts}, {spec.size} px"]
    if spec.depth is not None:
        deep, few = spec.depth.deep_images, spec.images_per_identity
        out.append(f"{total['deep']:,.0f} of the identities have {deep} images, the others {few}")
    if found.pictures != total["images"]:
        out.append(f"with all variants {found.pictures:,} pictures at most")
    return [*out, f"about {_time(found.seconds)} of one core and {size(found.bytes or 0)}"]


def _marginal(found: Outline, name: str) -> str:
    sums = found.cells.groupby(name)[["identities", "target_identities"]].sum()
    sums = sums.reindex([word for word in found.spec.population.words(name) if word in sums.index])
    parts = (
        f"{word} {row.identities:,.0f} ({row.target_identities:,.1f})"
        for word, row in zip(sums.index, sums.itertuples(), strict=True)
    )
    return f"{name}: {', '.join(parts)}"


def _table(found: Outline, shown: object) -> Table:
    """Cells by line; the smallest rates by the rule of 30."""
    import pandas as pd
    from rich import box
    from rich.table import Table

    assert isinstance(shown, pd.DataFrame)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in found.attributes:
        table.add_column(name.replace("_", "\n"), overflow="fold")
    for name in ("target", "people", "images", "mated", "non-\nmated", "FMR\nfrom", "FNMR\nfrom"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in shown.to_dict("records"):
        words = [str(row[a]) for a in found.attributes]
        counts = [
            f"{row['target_identities']:.4g}",
            *(_short(row[k]) for k in ("identities", "images", "mated_pairs", "nonmated_pairs")),
        ]
        table.add_row(*words, *counts, _rate(row["fmr_rule_of_30"]), _rate(row["fnmr_rule_of_30"]))
    return table


def _proof(found: Outline) -> list[str]:
    """The pairs of everybody and of the poorest cell, and what they support."""
    cells, total = found.cells, found.total
    fmr, fnmr, fmr_none, fnmr_none = (_rate(total[name]) for name in POWER_KEYS)
    out = [
        f"all pairs: {_short(total['mated_pairs'])} mated, {_short(total['nonmated_pairs'])} non-mated",
        f"  rule of 30 (within 30%, 90% confidence): FMR from {fmr}, FNMR from {fnmr}",
        f"  rule of three (no error seen, 95% confidence): FMR below {fmr_none}, FNMR below {fnmr_none}",
    ]
    if len(cells) > 1:
        worst = cells.loc[cells["nonmated_pairs"].idxmin()]
        empty = int((cells["identities"] == 0).sum())
        least = _rate(worst["fmr_rule_of_30"])
        out.append(f"poorest cell: {_short(worst['nonmated_pairs'])} non-mated pairs within it, FMR from {least}")
        out.append(f"{len(cells):,} cells, {empty} of them empty")
    return out


def _rate(value: float) -> str:
    return "-" if value != value else f"{value:.1e}" if value < 0.01 else f"{value:.2g}"


def _short(value: float) -> str:
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e4)):
        if value >= size:
            size = 1e3 if unit == "k" else size
            return f"{value / size:.4g}{unit}"
    return f"{value:.0f}"


def _time(seconds: float) -> str:
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} seconds"
