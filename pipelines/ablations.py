"""What can be left out of a dataset spec, and how a spec looks without it: the parts that ablate.py drops by name.

A change is a mapping of dotted paths of a spec to the values they get.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from facegen.errors import RequestError, SpecError, did_you_mean
from facegen.spec import DatasetSpec
from facegen.spec.reading import read_yaml
from facegen.spec.shots import WearShares

Change = Mapping[str, Any]
WHOLE = "whole"
"""The variant from which nothing is left out."""
PARTS: dict[str, Change] = {
    "hair": {"population.hair_style": "bald", "population.beard": "none"},
    "makeup": {"population.makeup": "none"},
    "skin_detail": {"without": ["skin_detail"]},
    "identity_spread": {"without": ["bone_spread"]},
    "sittings": {"sittings_per_identity": 1},
    "expression": {"shots.expression": "neutral"},
    "yaw": {"shots.yaw_deg": 0},
    "pose": {"shots.yaw_deg": 0, "shots.pitch_deg": 0, "shots.roll_deg": 0},
    "framing": {"shots.head_fraction": 0.72},
    "light": {"shots.light": "studio_soft"},
    "shadows": {"without": ["shadows"]},
    "background": {"shots.background": "plain"},
    "camera": {"shots.camera": "dslr"},
    "degradation": {"shots.degradation": "none", "shots.faults": {}},
    "faults": {"shots.faults": {}},
    "wear": {"shots.wear": dict.fromkeys(WearShares.model_fields, 0)},
}  # fmt: skip


def variants(spec: Path, budget: Change, drop: list[str], changes: list[str]) -> dict[str, DatasetSpec]:
    """Return the whole spec and each variant of it by name, all with `budget` (identities, images, size).

    drop: words of PARTS. changes: `NAME=YAML`, a mapping of dotted paths. Raises RequestError or SpecError, one line, for an
    unknown part, for what cannot be read, and for a part that the spec does not have.
    """
    values = read_yaml(spec)
    whole = changed(values, budget, str(spec))
    for part in drop:
        if part not in PARTS:
            raise RequestError(f"--drop {did_you_mean(part, PARTS)}")
    out = {WHOLE: whole}
    for name, change in (*((part, PARTS[part]) for part in drop), *map(_read, changes)):
        if name in out:
            raise RequestError(f"'{name}' is asked for twice; give each variant a name of its own")
        out[name] = changed(values, {**budget, **change}, f"{spec} ({name})")
        if out[name].canonical_json() == whole.canonical_json():
            raise RequestError(f"'{name}' changes nothing in '{spec}': it has none of that already; leave it out")
    return out


def changed(values: Mapping[str, Any], change: Change, source: str) -> DatasetSpec:
    """Return the spec of plain `values` with `change` made to it. Words of `without` are added to the spec's own."""
    out: dict[str, Any] = copy.deepcopy(dict(values))
    for path, value in change.items():
        *folders, last = path.split(".")
        held = out
        for folder in folders:
            held = held.setdefault(folder, {})
            if not isinstance(held, dict):
                raise SpecError(f"{source}: '{path}' does not lead into the spec; '{folder}' holds no values of its own")
        held[last] = [*held.get(last, []), *value] if path == "without" else value
    return DatasetSpec.from_dict(out, source)


def _read(text: str) -> tuple[str, Change]:
    name, _, rest = text.partition("=")
    try:
        change = yaml.safe_load(rest)
    except yaml.YAMLError:
        change = None
    if not name.replace("_", "").replace("-", "").isalnum() or name == WHOLE or not isinstance(change, dict) or not change:
        raise RequestError(
            f"--variant '{text}' is not NAME=YAML; write for example 'turned={{shots.yaw_deg: {{uniform: [-60, 60]}}}}'"
        )
    return name, {str(path): value for path, value in change.items()}
