"""The audit document: who is in a set of labelled faces, ours or somebody's, as plain JSON values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from facegen.errors import DataError
from facegen.measures import coverage

AUDIT_VERSION = 1


@dataclass(frozen=True)
class Loaded:
    """One set of labelled faces, ours or somebody's: what is counted."""

    name: str  # shown in reports
    format: str  # facegen | fairface | utkface | celeba | rfw | bfw | lfw | vggface2 | casual_conversations | table
    path: str  # as given (never absolute in outputs: only its last part is written)
    labels: pd.DataFrame  # one row an image: image_id, identity_id (unique where the set has none), [sitting_id], each attribute
    # mapped (str), raw_<attribute> (the raw string)
    declared: (
        coverage.Declared
    )  # categories in order with target shares; sets without a declaration: even over the published ones
    sources: dict[str, str]  # attribute -> parameter | self-reported | annotated | inferred
    has_identities: bool  # whether identity_id means people
    notes: tuple[str, ...] = ()


def audit(loaded: Loaded) -> dict[str, Any]:
    """Return the audit document of a set. Raises DataError where a column is missing or a value was never declared."""
    labels, declared = loaded.labels, loaded.declared
    missing = [c for c in ("image_id", "identity_id", *declared.attributes) if c not in labels]
    if missing:
        raise DataError(f"{loaded.name}: column '{missing[0]}' is missing")
    try:
        levels = {"image": coverage.level(labels, declared)}
    except ValueError as error:
        raise DataError(f"{loaded.name}: {error}") from None
    return {
        "audit_version": AUDIT_VERSION,
        "name": loaded.name,
        "format": loaded.format,
        "rows": {
            "identities": int(labels["identity_id"].nunique()) if loaded.has_identities else None,
            "sittings": None,
            "images": len(labels),
        },
        "sources": dict(loaded.sources),
        "notes": list(loaded.notes),
        "levels": levels,
    }
