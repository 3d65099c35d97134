"""What the modules of the gallery's sheets share: the sheet, and plans of gallery.yaml that people come from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facegen.population.plan import Plan, build
from facegen.resources import asset_json
from facegen.sample import Expression, Gaze, Pose, SampleSpec
from facegen.spec import DatasetSpec

SPEC = Path(__file__).parent / "gallery.yaml"
MAIN = ("african", "east_asian", "south_asian", "european")
YOUNG, OLD = "20-34", "66-80"
FRONTAL = Pose(yaw_deg=0, pitch_deg=0, roll_deg=0)
AHEAD = Gaze(yaw_deg=0, pitch_deg=0)

Tile = tuple[str, SampleSpec]


@dataclass(frozen=True)
class Sheet:
    """`tiles` of caption and sample, row by row; at most `tile_px` each, None: as asked for."""

    name: str
    columns: int
    tiles: list[Tile]
    tile_px: int | None = None


def plan(identities: int, per: int = 1, population: dict[str, Any] | None = None, shots: dict[str, Any] | None = None) -> Plan:
    """Return a plan of gallery.yaml with `identities` people, `per` sittings and shots each, and what else is declared."""
    base = DatasetSpec.load(SPEC).model_dump(mode="json")
    counts = {"identities": identities, "images_per_identity": per, "sittings_per_identity": per}
    both = {"population": {**base["population"], **(population or {})}, "shots": {**base["shots"], **(shots or {})}}
    return build(DatasetSpec.from_dict({**base, **counts, **both}, "gallery"))


def person(n: int, **population: Any) -> SampleSpec:
    """Return person `n` of the plan that declares `population`."""
    return plan(n + 1, population=population).sample(n)


def changed(sample: SampleSpec, sitting: dict[str, Any] | None = None, **shot: Any) -> SampleSpec:
    """Return `sample` with fields of its shot, and of its sitting, replaced."""
    seat = sample.sitting.model_copy(update=sitting or {})
    return sample.model_copy(update={"sitting": seat, "shot": sample.shot.model_copy(update=shot)})


def described(sample: SampleSpec) -> str:
    return f"{sample.identity.ancestry} {sample.identity.sex}, {sample.sitting.age_years:.0f}"


def acted(name: str) -> Expression:
    """Return the preset `name` at full strength."""
    return Expression(name=name, weights=asset_json("head/expressions.json")["expressions"][name])
