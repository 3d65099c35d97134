"""Do scores on renders order groups as real results do? Rank correlation with a user's own per-group rates.

Each attribute is ranked by itself, and what is compared is one quantity for all its categories (`basis`). A single rank over
several attributes would mix quantities of other scales and signs, and say by which attribute rates differ, not by which group.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from facegen import rng
from facegen.audit import given
from facegen.audit.scorers import Scored
from facegen.errors import DataError, did_you_mean, shown
from facegen.measures.rank import Rank, spearman
from facegen.textfiles import Place, whole

UNPROVEN = "shift on renders, not evidence of real-world differential"
COLUMNS = ("attribute", "category", "rate", "n")
CONTRAST = "contrast within each base"
LEVEL = "mean score of the bases of the group"
SHIFT = "mean shift of pairs by the base's group"
FACTOR_OF = {"sex": "sex", "ancestry": "ancestry", "skin_monk": "skin_monk", "age_band": "age_years"}
"""The attribute that real results are told by, and the factor that changes it."""


@dataclass(frozen=True)
class Real:
    """One group of a user's results: `rate` over `n` trials."""

    attribute: str
    category: str
    rate: float
    n: int


def read_real(path: Path) -> list[Real]:
    """Return the groups of a CSV with the columns attribute, category, rate (0 to 1), n. DataError names the line."""
    found: dict[tuple[str, str], Real] = {}
    for place, row in given.rows(path, (COLUMNS,), "a CSV of group rates")[1]:
        one = _real(place, row)
        if (one.attribute, one.category) in found:
            raise DataError(f"{place}: {one.attribute} {shown(one.category)} stands in it twice; keep one of them")
        found[one.attribute, one.category] = one
    return list(found.values())


def _real(place: Place, row: dict[str, str]) -> Real:
    if row["attribute"] not in FACTOR_OF:
        raise DataError(f"{place}: attribute {did_you_mean(row['attribute'], FACTOR_OF)}")
    rate, n = given.number(place, "rate", row["rate"]), whole(row["n"])
    if not 0 <= rate <= 1 or not n:
        raise DataError(f"{place}: rate {rate:g}, n {shown(row['n'])}; write a share of 0 to 1 and a count above 0")
    return Real(row["attribute"], row["category"], rate, n)


def validity(scored: Scored, band_of: Callable[[float], str], real: Path | None) -> dict[str, Any]:
    """Return the part `validity` of the document: of each attribute Spearman's correlation of `real` rates with ours over the
    groups that both have.

    Ours (`basis`), where pictures have scores of their own: of an attribute that is a factor of the set, the mean score at the
    category less its base's mean over all values of that factor; of any other, the mean score of the bases of the group. Where
    pairs alone are scored, the mean shift of the pairs whose base is of the group.
    """
    if real is None:
        return {"real": None, "by": {}, "n_groups": 0, "statement": UNPROVEN}
    groups, told = read_real(real), []
    ours = {name: _ours(scored, name, band_of) for name in dict.fromkeys(one.attribute for one in groups)}
    for one in groups:
        basis, values = ours[one.attribute]
        if one.category in values:
            told.append({**vars(one), "ours": values[one.category], "basis": basis})
    if not told:
        first = groups[0] if groups else None
        have = ", ".join(ours[first.attribute][1]) if first else ""
        what = f"{first.attribute} {shown(first.category)}" if first else "no row"
        raise DataError(
            f"'{real}': no group of it is in this set (the first is {what}; here are {have}); use the words of labels.parquet"
        )
    by = {name: _compared([t for t in told if t["attribute"] == name], name) for name in ours}
    by = {name: one for name, one in by.items() if one["n_groups"]}
    return {
        "real": real.name,
        "by": by,
        "n_groups": len(told),
        "groups": told,
        "left_out": [f"{g.attribute} {g.category}" for g in groups if g.category not in ours[g.attribute][1]],
        "statement": _statement(by, len(told)),
    }


def _compared(told: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """Return the rank correlation over the groups of one attribute; null where they are too few or too alike to rank."""
    stream = rng.stream(f"audit.validity.{name}", seed=0)
    found = spearman([t["rate"] for t in told], [t["ours"] for t in told], stream)
    return {
        "spearman": None if found is None else found.rho,
        "p": None if found is None else found.p,
        "p_method": None if found is None else _method(found),
        "n_groups": len(told),
        "basis": told[0]["basis"] if told else None,
    }


def _method(found: Rank) -> str:
    return "exact" if found.exact else "permutation"


def _statement(by: dict[str, dict[str, Any]], n: int) -> str:
    ranked = {name: one for name, one in by.items() if one["spearman"] is not None}
    if not ranked:
        return f"{n} groups in common, of no attribute enough or unlike enough to rank; {UNPROVEN}"
    said = [
        f"{name} {one['spearman']:+.2f} over {one['n_groups']} groups ({one['p_method']} p = {one['p']:.3f})"
        for name, one in ranked.items()
    ]
    return (
        f"Spearman of the given rates with what the renders score, each attribute by itself: {', '.join(said)}; "
        "an association of ranks over few groups, not a proof that the one predicts the other"
    )


def _ours(scored: Scored, attribute: str, band_of: Callable[[float], str]) -> tuple[str, dict[str, float]]:
    """Return what our number of each category is, and the numbers."""
    pairs, factor = scored.pairs, FACTOR_OF[attribute]
    varied = pairs[pairs["factor"] == factor]
    if scored.level is None:
        return SHIFT, _means(pairs[attribute], pairs["shift"])
    if varied.empty:
        bases = pairs.drop_duplicates("base")
        return LEVEL, _means(bases[attribute], bases["base"].map(scored.level))
    rows = []
    for (base, _), part in varied.groupby(["base", "mediated"], sort=False):
        values = [(part["from"].iloc[0], scored.level[str(base)])]
        values += [(to, scored.level[variant]) for to, variant in zip(part["to"], part["variant"], strict=True)]
        middle = float(np.mean([score for _, score in values]))
        rows += [(band_of(float(v)) if attribute == "age_band" else v, score - middle) for v, score in values]
    effects = pd.DataFrame(rows, columns=["category", "effect"])
    return CONTRAST, _means(effects["category"], effects["effect"])


def _means(group: pd.Series, value: pd.Series) -> dict[str, float]:
    return {str(name): float(mean) for name, mean in value.groupby(group.astype(str)).mean().items()}
