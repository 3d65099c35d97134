"""Coverage of one of our own datasets: the same tables as its manifest, counted again from its labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from facegen.dataset.manifest import NUISANCE, based
from facegen.errors import DataError
from facegen.measures import coverage
from facegen.population.targets import DEMOGRAPHICS, declared
from facegen.spec import DatasetSpec

_SHOWN = ("n", "ens", "sei", "imbalance_ratio", "tv", "chi2_p")
_MOST_PATTERNS = 12


def audit_directory(directory: Path) -> dict[str, Any]:
    """Return the coverage tables of the dataset at `directory` (labels.parquet and manifest.json); DataError when it is none."""
    labels_path, manifest_path = directory / "labels.parquet", directory / "manifest.json"
    for path in (labels_path, manifest_path):
        if not path.is_file():
            raise DataError(f"{path}: no such file; give the directory of a finished dataset")
    try:
        manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
        spec = DatasetSpec.from_dict(manifest["spec"], source=str(manifest_path))
        labels = pd.read_parquet(labels_path)
    except (ValueError, KeyError, OSError) as error:
        raise DataError(f"{directory}: cannot be read as a dataset ({type(error).__name__}); generate it again") from None
    return tables(spec, labels)


def tables(spec: DatasetSpec, labels: pd.DataFrame) -> dict[str, Any]:
    """Return coverage of `labels` against the population that `spec` declares, at identity and image level."""
    missing = [c for c in ("identity_id", "sitting_id", *DEMOGRAPHICS) if c not in labels]
    if missing:
        raise DataError(f"labels: column '{missing[0]}' is missing; this is no facegen dataset")
    labels, target = based(labels), declared(spec.population)
    people = labels.drop_duplicates("identity_id")
    try:
        return {
            "name": spec.name,
            "spec_sha256": spec.sha256(),
            "identity": coverage.level(people, target.over(("sex", "ancestry", "skin_monk"))),
            "sitting": coverage.level(labels.drop_duplicates("sitting_id"), target),
            "image": coverage.level(labels, target),
            "independence": coverage.association(labels, [c for c in NUISANCE if c in labels], DEMOGRAPHICS),
        }
    except ValueError as error:
        raise DataError(f"{error}; labels and spec do not belong together") from None


def render(audit: dict[str, Any]) -> str:
    """Return the tables as text for a terminal."""
    lines = [f"Coverage of {audit['name']}: {audit['identity']['records']} identities, {audit['image']['records']} images"]
    for level in ("identity", "sitting", "image"):
        lines += _level(level, audit[level])
    lines += ["", "Independence (Cramer's V, corrected for sample size; 0 independent)"]
    attributes = list(next(iter(audit["independence"].values()), {}))
    lines.append(f"  {'factor':<16}" + "".join(f"{a:>12}" for a in attributes))
    for factor, row in audit["independence"].items():
        lines.append(f"  {factor:<16}" + "".join(f"{row[a]['cramers_v_corrected']:>12.3f}" for a in attributes))
    return "\n".join(lines) + "\n"


def _level(name: str, table: dict[str, Any]) -> list[str]:
    lines = ["", f"By {name} ({table['records']})"]
    for attribute, marginal in table["marginals"].items():
        lines.append(f"  {attribute}")
        for category, count in marginal["counts"].items():
            target = 100 * marginal["target"][category]
            lines.append(f"    {category:<16}{count:>8}{_percent(count, table['records']):>8}  target {target:5.1f}%")
        lines.append("    " + "  ".join(f"{key} {_number(marginal['measures'][key])}" for key in _SHOWN))
    for name, three in table["triples"].items():
        lines.append(
            f"  {name}: {three['declared_cells']} declared cells, {three['empty']} empty, "
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
            for pattern in found["patterns"][:_MOST_PATTERNS]:
                lines.append("    " + ", ".join(f"{k}={v}" for k, v in pattern.items() if k != "count"))
    return lines


def _percent(count: int, total: int) -> str:
    return f"{100 * count / total:.1f}%" if total else "-"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"
