"""A small counterfactual spec for the tests of several rooms."""

from __future__ import annotations

from typing import Any

from facegen.spec import DatasetSpec

BARE = dict.fromkeys(
    ("own_glasses", "other_glasses", "sunglasses", "mask", "headwear", "scarf", "hand", "phone", "microphone", "cup", "paper",
     "hair_veil", "second_head", "rain", "shadow"), 0,
)  # fmt: skip
EVERY = {
    "skin_monk": [2, 9], "sex": ["female", "male"], "ancestry": ["african", "east_asian"], "hair_style": ["bald", "buzz"],
    "hair_color": ["black", "red"], "eye_color": ["blue", "brown"], "age_years": [25, 70], "light": ["window_side", "overcast"],
    "mask": ["surgical"], "glasses": ["none", "own", "round"], "expression": ["smile", "neutral"], "yaw_deg": [-30, 30],
    "pitch_deg": [-20],
}  # fmt: skip


def counterfactual_spec(factors: dict[str, Any] | None = None, mediated: str = "frozen", **changes: Any) -> DatasetSpec:
    """Return 4 bases at 64 px with every factor (or `factors`), photographed mildly; `changes` replace whole keys."""
    values: dict[str, Any] = {
        "kind": "counterfactual", "name": "pairs", "seed": 11, "date": "2026-01-01", "identities": 4, "size": 64, "format": "png",
        "population": {"glasses": 0.5}, "shots": {"degradation": "mild"},
        "counterfactual": {"factors": EVERY if factors is None else factors, "mediated": mediated},
    }  # fmt: skip
    return DatasetSpec.from_dict({**values, **changes})
