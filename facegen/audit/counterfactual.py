"""How far a score moves when one thing about a face changes and nothing else does: by factor and by group, with intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from facegen import rng
from facegen.audit import scorers
from facegen.audit.scorers import Scored
from facegen.audit.validity import validity
from facegen.dataset.read import Dataset
from facegen.errors import RequestError, label, page
from facegen.measures.clustered import mean_interval
from facegen.population.variants import band_of
from facegen.spec import DatasetSpec

VERSION = 2
"""1 had one rank correlation over all attributes under `validity`."""
GROUPS = ("sex", "age_band", "ancestry", "skin_monk")
EXAMPLES = 2
"""Pairs shown of each factor: those whose score moved most."""


def run(
    dataset: Dataset,
    scores: Path | None = None,
    detector: str | None = None,
    onnx: Path | None = None,
    real: Path | None = None,
    threshold: float | None = None,
    how: Mapping[str, Any] = MappingProxyType({}),  # noqa: B008 (read-only)
) -> dict[str, Any]:
    """Return the counterfactual document of `dataset` by one scorer: a CSV, a detector model's name or an ONNX embedder.

    `how`: fields of recognise.embed.Preprocessing, in place of what the embedder says of itself.
    """
    asked = [name for name, given in (("--scores", scores), ("--detector", detector), ("--onnx", onnx)) if given is not None]
    if len(asked) != 1:
        what = f"{' and '.join(asked)} are given" if asked else "nothing is asked for a score"
        raise RequestError(f"{what}; give one of --scores CSV, --detector and --onnx MODEL")
    if threshold is not None and not math.isfinite(threshold):
        raise RequestError(f"--threshold {threshold} is no finite number; write the score that decides")
    given = [f"--{name}" for name, value in how.items() if value is not None]
    if given and onnx is None:
        raise RequestError(f"{given[0]} goes with --onnx, whose pictures it prepares, not with {asked[0]}; leave it out")
    if detector is not None and threshold is not None:
        raise RequestError("--threshold does not go with --detector, which finds a face at a confidence of 0.5; leave it out")
    if dataset.pairs.empty:
        raise RequestError(f"'{dataset.root}' holds no pairs; generate it again")
    if scores is not None:
        scored = scorers.from_csv(dataset, scores, threshold)
    elif detector is not None:
        scored = scorers.from_detector(dataset, detector)
    else:
        assert onnx is not None
        scored = scorers.from_onnx(dataset, onnx, how, threshold)
    return document(dataset, scored, real)


def document(dataset: Dataset, scored: Scored, real: Path | None = None) -> dict[str, Any]:
    """Return the counterfactual document (plain JSON values) of scored pairs: frozen and live pairs are never mixed."""
    spec = DatasetSpec.from_dict(dataset.manifest["spec"], source=str(dataset.root))
    assert spec.counterfactual is not None
    mediated = spec.counterfactual.mediated
    first = "live" if mediated == "live" else "frozen"
    main = scored.pairs[scored.pairs["mediated"] == first]
    out: dict[str, Any] = {
        "counterfactual_version": VERSION,
        "name": dataset.manifest["name"],
        "scorer": scored.name,
        "mediated": mediated,
        "pairs": len(scored.pairs),
        "bases": int(scored.pairs["base"].nunique()),
        "factors": _factors(main),
        "validity": validity(Scored(scored.name, main, scored.level), lambda years: band_of(years, spec.population), real),
        "examples": _examples(main),
        "left_out": dataset.manifest.get("counterfactual", {}).get("left_out", []),
        "definitions": dict(DEFINITIONS),
    }
    if mediated == "both":
        out["live"] = _factors(scored.pairs[scored.pairs["mediated"] == "live"])
    return out


DEFINITIONS = {
    "shift_mean": "mean over pairs of the variant's score less the base's (of a recogniser: their cosine similarity less 1)",
    "interval": "95%: mean -+ t sd, sd by bootstrap over base identities (2,000 draws, the same for every cell of as many "
    "identities) times sqrt(n / (n - 1)), n identities, t with n - 1 degrees; null with fewer than two identities",
    "by": "the same over the pairs whose base is of that group",
    "flips": "k of n pairs in which the decision differs between base and variant",
    "frozen": "gain, white balance, tone and noise are the base's; what differs is the face or its light alone",
    "live": "the camera meters each picture for itself: its reaction is part of the shift",
}


def _factors(pairs: pd.DataFrame) -> dict[str, Any]:
    return {
        str(factor): {**_cell(part), "by": {name: _split(part, name) for name in GROUPS}, "to": _split(part, "to")}
        for factor, part in pairs.groupby("factor", sort=False)
    }


def _split(part: pd.DataFrame, column: str) -> dict[str, Any]:
    groups = sorted(part.groupby(column), key=lambda pair: _order(pair[0]))
    return {str(key): _cell(rows) for key, rows in groups}


def _order(key: Any) -> tuple[int, float, str]:
    try:
        return (0, float(key), "")
    except ValueError:
        return (1, 0.0, str(key))


def _cell(rows: pd.DataFrame) -> dict[str, Any]:
    """Return count, mean shift, interval and flips of pairs; by one stream: the same pairs have one interval everywhere."""
    mean, interval = mean_interval(rows["shift"], rows["identity_id"], rng.stream("audit.counterfactual", seed=0))
    cell: dict[str, Any] = {"n": len(rows), "shift_mean": mean, "interval": None if interval is None else list(interval)}
    if "flip" in rows:
        cell["flips"] = {"k": int(rows["flip"].sum()), "n": len(rows)}
    return cell


def _examples(pairs: pd.DataFrame) -> list[dict[str, Any]]:
    shown = []
    for factor, part in pairs.groupby("factor", sort=False):
        most = part.assign(size=part["shift"].abs()).sort_values(["size", "variant"], ascending=[False, True]).head(EXAMPLES)
        shown += [
            {"factor": str(factor), "base": row["base"], "variant": row["variant"], "from": row["from"], "to": row["to"],
             "shift": float(row["shift"])}
            for row in most.to_dict("records")
        ]  # fmt: skip
    return shown


def pictures(dataset: Dataset, found: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the photographs' files of the document's examples, by image id."""
    names = dict.fromkeys(name for example in found["examples"] for name in (example["base"], example["variant"]))
    return {name: dataset.photograph(name) for name in names}


def render(found: Mapping[str, Any]) -> str:
    """Return the document as text for a terminal."""
    lines = [f"{found['name']}: {found['pairs']} pairs of {found['bases']} bases, scored by {found['scorer']}"]
    first = "live" if found["mediated"] == "live" else "frozen"
    lines += _text(first, found["factors"])
    if "live" in found:
        lines += _text("live", found["live"])
    if found["left_out"]:
        lines.append(f"{len(found['left_out'])} variants left out, the first: {_lost(found['left_out'][0])}")
    return page([*lines, found["validity"]["statement"]])


def _lost(entry: Mapping[str, str]) -> str:
    return f"{entry['base_id']} {entry['factor']} {entry['value']}: {entry['reason']}"


def _text(mode: str, factors: Mapping[str, Any]) -> list[str]:
    lines = ["", f"Camera {mode}" + f"{'':<22}{'pairs':>6}{'shift':>9}  95% interval        flips"]
    for factor, cell in factors.items():
        lines.append(_row(f"  {factor}", cell))
        lines += [_row(f"    to {to}", one) for to, one in cell["to"].items()]
        for name, groups in cell["by"].items():
            known = {k: g["shift_mean"] for k, g in groups.items()}
            low, high = min(known, key=lambda k: known[k]), max(known, key=lambda k: known[k])
            if low != high:
                lines.append(f"    by {name}: {low} {known[low]:+.4f} .. {high} {known[high]:+.4f}")
    return lines


def _row(name: str, cell: Mapping[str, Any]) -> str:
    span = "-" if cell["interval"] is None else "[{:+.4f}, {:+.4f}]".format(*cell["interval"])
    flips = f"{cell['flips']['k']}/{cell['flips']['n']}" if "flips" in cell else "-"
    return f"{label(name):<34}{cell['n']:>6}{cell['shift_mean']:>+9.4f}  {span:<20}{flips}"
