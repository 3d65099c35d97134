"""One of our own datasets as a set to be audited, and the audit as text for a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from facegen import errors
from facegen.audit import own, tables
from facegen.dataset import layout, people, stored
from facegen.dataset.checks import unfinished
from facegen.dataset.lists import read_manifest
from facegen.dataset.manifest import based, read_needed
from facegen.errors import DataError, label
from facegen.population.targets import declared
from facegen.spec import DatasetSpec

_SHOWN = ("n", "ens", "sei", "imbalance_ratio", "tv", "chi2_p")
_MOST_PATTERNS = 12
_MOST_EFFECTS = 8


def audit_directory(directory: Path, scores: Path | None = None) -> dict[str, Any]:
    """Return the audit document of the dataset at `directory`; `scores`: see `load`."""
    return tables.audit(load(directory, scores))


def load(directory: Path, scores: Path | None = None) -> tables.Loaded:
    """Return the dataset at `directory` (labels and manifest.json of any version). Raises DataError when it is none, or its
    labels are not those that the manifest counts.

    `scores`: JSON of `facegen audit DIR --detector --json`, whose first detector's scores are judged as `detector_score`; they
    must be of exactly its pictures.
    """
    _check_there(directory, (layout.MANIFEST,))
    manifest = read_manifest(directory / layout.MANIFEST)
    _check_there(directory, layout.label_names(manifest))
    spec = DatasetSpec.from_dict(manifest["spec"], source=str(directory / layout.MANIFEST))
    files = [directory / name for name in layout.label_names(manifest)]
    whole, path = read_needed(files), files[0] if len(files) == 1 else directory / layout.LABEL_PARTS
    own.check(whole, manifest, path)
    labels = based(whole).reset_index(drop=True)
    target = declared(spec.population, spec.identities)
    needed = people.GLASSES in target.attributes or bool(manifest.get("rejections"))
    sittings = stored.part(directory / layout.SITTINGS) if needed else None
    images = people.pictures(labels, target.attributes, sittings)
    own.check_people(images, target.attributes, path)
    frame = pd.concat([images, labels[[c for c in labels if c not in images]].reset_index(drop=True)], axis=1)
    if scores is not None:
        frame["detector_score"] = frame["image_id"].map(own.scores(scores, list(map(str, whole["image_id"]))))
    return tables.Loaded(
        name=spec.name,
        format="facegen",
        path=str(directory),
        labels=frame,
        declared=target,
        sources=dict.fromkeys(target.attributes, "parameter"),
        has_identities=True,
        rejected=_rejected(directory, manifest, spec, sittings, target.attributes),
    )


def _check_there(directory: Path, names: tuple[str, ...]) -> None:
    for name in names:
        if not (directory / name).is_file():
            raise DataError(f"{directory / name}: no such file; {unfinished(directory)}")


def _rejected(
    directory: Path, manifest: dict[str, Any], spec: DatasetSpec, sittings: pd.DataFrame | None, names: tuple[str, ...]
) -> pd.DataFrame:
    if not manifest.get("rejections") or sittings is None:
        return pd.DataFrame(columns=["sitting_id", "identity_id", *names])
    seats = people.seats_of(stored.part(directory / layout.IDENTITIES), sittings, names)
    return people.lost(manifest["rejections"], seats, spec.sittings_per_identity)


def render(document: dict[str, Any]) -> str:
    """Return an audit document as text for a terminal."""
    rows = document["rows"]
    people_said = "" if rows["identities"] is None else f"{rows['identities']} identities, "
    lines = [f"Coverage of {label(document['name'], errors.NAME)}: {people_said}{rows['images']} images"]
    for level, table in document["levels"].items():
        lines += _level(level, table)
    if "independence" in document:
        lines += _independence(document["independence"])
    if "quality_parity" in document:
        lines += _effects(document["quality_parity"])
    if document.get("rejections", {}).get("rejected"):
        lost = document["rejections"]
        lines += ["", f"Rejected: {lost['rejected']} of {lost['planned']} planned pictures"]
    return errors.page(lines)


def _independence(found: dict[str, Any]) -> list[str]:
    lines = ["", "Independence (Cramer's V, corrected for sample size; 0 independent)"]
    attributes = list(next(iter(found.values()), {}))
    lines.append(f"  {'factor':<16}" + "".join(f"{label(a):>12}" for a in attributes))
    for factor, row in found.items():
        lines.append(f"  {label(factor):<16}" + "".join(f"{row[a]['cramers_v_corrected']:>12.3f}" for a in attributes))
    return lines


def _effects(found: dict[str, Any]) -> list[str]:
    effects = [
        (measure, attribute, category, effect, by["p_holm"])
        for measure, parity in found.items()
        for attribute, by in parity["by"].items()
        for category, effect in by["effect"].items()
        if effect["hedges_g"] is not None
    ]
    largest = sorted(effects, key=lambda e: -abs(e[3]["hedges_g"]))[:_MOST_EFFECTS]
    lines = ["", "Quality: largest differences of a category from the rest (Hedges' g; p of the attribute, Holm's correction)"]
    for measure, attribute, category, effect, p in largest:
        interval = effect["interval"]
        said = "" if interval is None else f" [{interval[0]:+.2f}, {interval[1]:+.2f}]"
        lines.append(f"  {measure:<32}{label(f'{attribute}={category}'):<28}{effect['hedges_g']:+.2f}{said}  p {_number(p)}")
    return lines


def _level(name: str, table: dict[str, Any]) -> list[str]:
    lines = ["", f"By {name} ({table['records']})"]
    for attribute, marginal in table["marginals"].items():
        lines.append(f"  {label(attribute)}")
        for category, count in marginal["counts"].items():
            target = 100 * marginal["target"][category]
            lines.append(f"    {label(category):<16}{count:>8}{_percent(count, table['records']):>8}  target {target:5.1f}%")
        unknown = f"  (of those with a value; {100 * marginal['unknown']:.1f}% have none)" if marginal.get("unknown") else ""
        lines.append("    " + "  ".join(f"{key} {_number(marginal['measures'][key])}" for key in _SHOWN) + unknown)
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
        lines.append(f"  fewer than {tau}: {len(found['patterns'])} maximal patterns, {_mend(found)}")
        if tau == "1":
            for pattern in found["patterns"][:_MOST_PATTERNS]:
                lines.append("    " + ", ".join(f"{k}={label(v)}" for k, v in pattern.items() if k != "count"))
    return lines


def _mend(found: dict[str, Any]) -> str:
    more, least = found["extra_records"], found["lower_bound"]
    return f"{more} more records cover them" + ("" if more == least else f" (no fewer than {least} can)")


def _percent(count: int, total: int) -> str:
    return f"{100 * count / total:.1f}%" if total else "-"


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:.3g}"
