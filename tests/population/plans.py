"""Small plans, and the cell of a person."""

from __future__ import annotations

from typing import Any

from facegen.population.plan import Plan, build
from facegen.spec import DatasetSpec


def plan(identities: int = 60, images: int = 2, **more: Any) -> Plan:
    base = {"name": "a", "seed": 7, "date": "2026-01-01", "identities": identities, "images_per_identity": images}
    return build(DatasetSpec.from_dict({**base, **more}))


def cell(p: Plan, n: int) -> tuple[str, str, str]:
    return p.identity(n).sex, p.sitting(n, 0).age_band, p.identity(n).ancestry
