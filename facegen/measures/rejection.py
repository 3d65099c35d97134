"""Whether pictures were lost more often in some groups than in others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from facegen.measures.coverage import Declared, cross
from facegen.measures.intervals import wilson

DEFINITIONS = {
    "rejected": "pictures that were planned and could not be made; planned = made + rejected; rate with Wilson's 95% interval "
    "(1927, JASA 22:209-212)",
}


def rejections(made: pd.DataFrame, lost: pd.DataFrame, declared: Declared) -> dict[str, Any]:
    """Return rejected and planned pictures in all, by category of each declared attribute, and by cell where any was rejected.

    made, lost: one row a picture with the declared attributes. Raises ValueError where a value was never declared.
    """
    planned, rejected = cross(made, declared) + cross(lost, declared), cross(lost, declared)
    by: dict[str, Any] = {}
    for axis, (name, words) in enumerate(zip(declared.attributes, declared.categories, strict=True)):
        others = tuple(a for a in range(planned.ndim) if a != axis)
        pairs = zip(words, rejected.sum(axis=others).tolist(), planned.sum(axis=others).tolist(), strict=True)
        by[name] = {word: _rate(k, n) for word, k, n in pairs}
    cells = []
    for place in np.argwhere(rejected > 0):
        at = tuple(int(i) for i in place)
        cell = {a: c[i] for a, c, i in zip(declared.attributes, declared.categories, at, strict=True)}
        cells.append({**cell, **_rate(int(rejected[at]), int(planned[at]))})
    return {**_rate(int(rejected.sum()), int(planned.sum())), "by": by, "cells": cells}


def _rate(rejected: int, planned: int) -> dict[str, Any]:
    low, high = wilson(rejected, planned)
    return {
        "rejected": rejected,
        "planned": planned,
        "rate": round(rejected / planned, 6) if planned else None,
        "interval": [round(low, 6), round(high, 6)],
    }
