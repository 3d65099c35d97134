"""Balance of a level over the records that are labelled: faces without a value are counted, and judge nothing.

A face without a value belongs to one of the categories, nobody knows to which. Counted as a category of its own it would make a
set more even the fewer labels it has, and of a target of 0 it would make every chi-square infinite.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facegen.measures import balance, coverage
from facegen.measures.association import cramers_v

UNKNOWN = "unknown"
"""What a face without a value is counted as: declared with target 0, so that it is neither dropped nor asked for."""
DEFINITIONS = {
    "unknown": f"share of the records without a value ('{UNKNOWN}') of an attribute, or of one of several; the measures beside "
    "it, n too, are of the other records over the other categories"
}


def level(frame: pd.DataFrame, declared: coverage.Declared) -> dict[str, Any]:
    """Return coverage.level with the balance measures of every table over its known categories.

    A table one of whose attributes has records without a value gets their share as `unknown` beside its measures. Raises
    ValueError where a value was never declared.
    """
    table = coverage.level(frame, declared)
    if not any(UNKNOWN in words for words in declared.categories):
        return table
    counts = coverage.cross(frame, declared)
    table["marginals"] = {name: _over(one, counts, declared, (name,)) for name, one in table["marginals"].items()}
    for kind in ("pairs", "triples"):
        table[kind] = {name: _over(one, counts, declared, name.split(" x ")) for name, one in table[kind].items()}
    table["intersection"] = _over(table["intersection"], counts, declared, declared.attributes)
    return table


def _over(table: dict[str, Any], counts: NDArray[np.int64], declared: coverage.Declared, names: Sequence[str]) -> dict[str, Any]:
    """Return the table of the attributes `names` with measures over what is known of all of them."""
    over = declared.over(names)
    if not any(UNKNOWN in words for words in over.categories):
        return table
    found = counts.sum(axis=tuple(i for i, name in enumerate(declared.attributes) if name not in names))
    known = np.ix_(*([word != UNKNOWN for word in words] for words in over.categories))
    measured: dict[str, Any] = {}
    if "cramers_v" in table:
        plain, corrected = cramers_v(found[known])
        measured = {"cramers_v": round(plain, 6), "cramers_v_corrected": round(corrected, 6)}
    there, target = found[known].ravel(), over.target[known].ravel()
    if len(names) > 1:  # as coverage.py: cells that are declared, or occur
        cells = (target > 0) | (there > 0)
        there, target = there[cells], target[cells]
    share = 1 - there.sum() / found.sum() if found.sum() else 0.0
    return {**table, "measures": balance.summary(there, target), **measured, "unknown": round(float(share), 8)}
