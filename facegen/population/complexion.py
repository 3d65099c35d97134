"""Draw what marks one person's skin: shades, marks and folds, each from a stream of its own by the declared table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from facegen.population.distributions import of
from facegen.resources import asset_json
from facegen.sample import Complexion


def table() -> dict[str, dict[str, Any]]:
    """Return the declared distributions, by field of Complexion."""
    declared: dict[str, dict[str, Any]] = asset_json("population/pigment.json")["complexion"]
    return declared


def share(entry: dict[str, Any], sex: str, monk: int) -> float:
    """Return the probability that somebody of `sex` and tone `monk` has any of it."""
    declared = entry.get("share", 1.0)
    whole = float(declared[sex] if isinstance(declared, dict) else declared)
    return min(whole * float(entry["by_monk"][monk - 1]), 1.0) if "by_monk" in entry else whole


def draw(sex: str, monk: int, stream: Callable[[str], np.random.Generator]) -> Complexion:
    """Return the complexion of one person; `stream` gives the random stream of a named attribute."""
    fields: dict[str, float | int] = {}
    for name, entry in table().items():
        chance, amount = stream(f"skin.{name}").random(2)
        if "count" in entry:
            fields[name] = int(np.searchsorted(np.cumsum(entry["count"])[:-1], chance, side="right"))
        else:
            has = chance < share(entry, sex, monk)
            fields[name] = round(of(entry["amount"]).ppf(float(amount)), 4) if has else 0.0
    return Complexion.model_validate(fields)
