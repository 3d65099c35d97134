"""The audit document: who is in a set of labelled faces, ours or somebody's, as plain JSON values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from facegen.audit import known
from facegen.dataset.manifest import DEFINITIONS, NUISANCE, judged, quality
from facegen.dataset.people import OF_SITTINGS
from facegen.errors import DataError
from facegen.measures import coverage, rejection, resample, skin
from facegen.measures.independence import independence
from facegen.measures.intervals import wilson_many
from facegen.measures.parity import parity

AUDIT_VERSION = 1
SCHEMA_ID = "urn:facegen:schema:audit:1"
"""`$id` of assets/schemas/audit.schema.json."""
BOOTSTRAP = "bootstrap over identities"
WILSON = "Wilson"
_INTERVALS = (
    f"95% of the share. {WILSON}: score interval, records taken for independent (1927, JASA 22:209-212). {BOOTSTRAP}: "
    f"percentiles of {resample.DRAWS} samples of people (Efron 1979, Ann. Stat. 7:1-26); identities themselves, and categories "
    "that nobody or everybody is in, get Wilson's interval over identities"
)


@dataclass(frozen=True)
class Loaded:
    """One set of labelled faces, ours or somebody's: what is counted."""

    name: str  # shown in reports
    format: str  # facegen | fairface | utkface | celeba | rfw | bfw | lfw | vggface2 | casual_conversations | table
    path: str  # as given (never absolute in outputs: only its last part is written)
    labels: pd.DataFrame  # one row an image: image_id, identity_id (unique where the set has none), [sitting_id], each attribute
    # mapped (str), raw_<attribute> (the raw string)
    declared: coverage.Declared  # categories in order with target shares; sets without a declaration: even over what is published
    sources: dict[str, str]  # attribute -> parameter | self-reported | annotated | inferred
    has_identities: bool  # whether identity_id means people
    notes: tuple[str, ...] = ()
    rejected: pd.DataFrame | None = None  # a row a picture that was planned and not made, with the declared attributes


def audit(loaded: Loaded, draws: int = resample.DRAWS) -> dict[str, Any]:
    """Return the audit document of a set. `draws`: bootstrap samples behind the intervals over people; 0 leaves those out.

    Raises DataError where a column is missing, there is no picture or a value was never declared.
    """
    labels, declared = loaded.labels, loaded.declared
    missing = [c for c in ("image_id", "identity_id", *declared.attributes) if c not in labels]
    if missing:
        raise DataError(f"{loaded.name}: column '{missing[0]}' is missing; needed are image_id, identity_id and what is declared")
    if labels.empty:
        raise DataError(f"{loaded.name}: no picture in it; give a set that has some")
    frames = _frames(loaded)
    try:
        levels = {name: known.level(frame, target) for name, (frame, target) in frames.items()}
        lost = None if loaded.rejected is None else rejection.rejections(labels, loaded.rejected, declared)
    except ValueError as error:
        raise DataError(f"{loaded.name}: {error}") from None
    document: dict[str, Any] = {
        "$schema": SCHEMA_ID,
        "audit_version": AUDIT_VERSION,
        "name": loaded.name,
        "format": loaded.format,
        "rows": _rows(loaded),
        "sources": dict(loaded.sources),
        "notes": list(loaded.notes),
        "declared": coverage.described(declared),
        "levels": levels,
        "interval_method": BOOTSTRAP if loaded.has_identities else WILSON,
    }
    if draws or not loaded.has_identities:
        document["intervals"] = {name: _intervals(loaded, name, *pair, draws) for name, pair in frames.items()}
    document |= _measured(loaded, draws)
    if lost is not None:
        document["rejections"] = lost
    return {**document, "definitions": {**DEFINITIONS, **known.DEFINITIONS, "interval": _INTERVALS}}


def _rows(loaded: Loaded) -> dict[str, int | None]:
    labels = loaded.labels
    return {
        "identities": int(labels["identity_id"].nunique()) if loaded.has_identities else None,
        "sittings": int(labels["sitting_id"].nunique()) if "sitting_id" in labels else None,
        "images": len(labels),
    }


def _frames(loaded: Loaded) -> dict[str, tuple[pd.DataFrame, coverage.Declared]]:
    """Return level -> records and what is declared of them.

    People are counted over the attributes that never change within one; what belongs to sittings is left to that level.
    """
    labels, declared = loaded.labels, loaded.declared
    frames = {}
    sittings = "sitting_id" in labels
    if loaded.has_identities:
        first = labels.drop_duplicates("identity_id").set_index("identity_id")
        owned = [
            name
            for name in declared.attributes
            if not (sittings and name in OF_SITTINGS) and (labels["identity_id"].map(first[name]) == labels[name]).all()
        ]
        if owned:
            frames["identity"] = (first, declared.over(owned))
    if sittings:
        frames["sitting"] = (labels.drop_duplicates("sitting_id"), declared)
    frames["image"] = (labels, declared)
    return frames


def _intervals(
    loaded: Loaded, level: str, frame: pd.DataFrame, declared: coverage.Declared, draws: int
) -> dict[str, dict[str, list[float]]]:
    words = dict(zip(declared.attributes, declared.categories, strict=True))
    codes = {name: coverage.coded(frame, name, names) for name, names in words.items()}
    if loaded.has_identities and level != "identity":
        member, people = pd.factorize(frame["identity_id"])
        found = resample.share_intervals(codes, {n: len(w) for n, w in words.items()}, member, len(people), draws)
    else:
        found = {n: wilson_many(np.bincount(code, minlength=len(words[n])), len(frame)) for n, code in codes.items()}
    return {
        name: {word: [round(float(v), 6) for v in interval] for word, interval in zip(names, found[name], strict=True)}
        for name, names in words.items()
    }


def _measured(loaded: Loaded, draws: int) -> dict[str, Any]:
    """Return independence, quality parity and skin, each only where the labels hold what it needs."""
    labels, declared = loaded.labels, loaded.declared
    keys = [c for c in ("image_id", "identity_id", "sitting_id") if c in labels]
    frame = judged(labels, labels[[*keys, *declared.attributes]])
    out: dict[str, Any] = {}
    factors = [name for name in NUISANCE if name in frame and name not in declared.attributes]
    if factors:
        out["independence"] = independence(frame, factors, declared.attributes)
    measures = quality(frame)
    if measures:
        out["quality_parity"] = parity(frame, measures, declared, declared.attributes[:3], draws)
    tone = skin.apparent_vs_intrinsic(labels)
    if tone is not None:
        out["skin"] = {"apparent_vs_intrinsic": tone}
    return out
