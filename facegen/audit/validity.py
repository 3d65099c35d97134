"""Do shifts on renders order groups as real results do? Rank correlation with a user's own per-group rates."""

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

UNPROVEN = "shift on renders, not evidence of real-world differential"
COLUMNS = ("attribute", "category", "rate", "n")
MOST_TRIALS = 10**15
"""Of one group; nobody compared more."""
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
    names, rows = given.rows(path, "a CSV of group rates")
    if not set(COLUMNS) <= set(names):
        raise DataError(f"'{path}' line 1: columns {', '.join(names) or 'none'}; they must be {','.join(COLUMNS)}")
    found: dict[tuple[str, str], Real] = {}
    for line, row in rows:
        one = _real(path, line, row)
        if (one.attribute, one.category) in found:
            raise DataError(f"'{path}' line {line}: {one.attribute} '{one.category}' stands in it twice")
        found[one.attribute, one.category] = one
    return list(found.values())


def _real(path: Path, line: int, row: dict[str, str]) -> Real:
    if row["attribute"] not in FACTOR_OF:
        raise DataError(f"'{path}' line {line}: attribute {did_you_mean(row['attribute'], FACTOR_OF)}")
    try:
        rate, n = float(row["rate"]), int(row["n"])
    except ValueError:
        raise DataError(
            f"'{path}' line {line}: rate '{row['rate']}', n '{row['n']}'; write a share of 0 to 1 and a count"
        ) from None
    if not (0 <= rate <= 1 and 0 < n < MOST_TRIALS):
        raise DataError(f"'{path}' line {line}: rate {rate:g}, n {shown(n)}; write a share of 0 to 1 and a count above 0")
    return Real(row["attribute"], row["category"], rate, n)


def validity(scored: Scored, band_of: Callable[[float], str], real: Path | None) -> dict[str, Any]:
    """Return the part `validity` of the document: Spearman's correlation of `real` rates with ours over the groups both have.

    Ours: where an attribute is a factor of the set and pictures have scores of their own, the group's mean score less its base's
    mean over all values of that factor (a contrast within each base); else the mean shift of pairs whose base is of the group.
    """
    if real is None:
        return {"real": None, "spearman": None, "n_groups": 0, "statement": UNPROVEN}
    groups, told = read_real(real), []
    ours: dict[str, tuple[str, dict[str, float]]] = {}
    for one in groups:
        if one.attribute not in ours:
            ours[one.attribute] = _ours(scored, one.attribute, band_of)
        basis, values = ours[one.attribute]
        if one.category in values:
            told.append({**vars(one), "ours": values[one.category], "basis": basis})
    if not told:
        first = groups[0] if groups else None
        have = ", ".join(ours[first.attribute][1]) if first else ""
        what = f"{first.attribute} '{first.category}'" if first else "no row"
        raise DataError(
            f"'{real}': no group of it is in this set (the first is {what}; here are {have}); use the words of labels.parquet"
        )
    found = _rank(told, "all")
    by = {a: _rank([t for t in told if t["attribute"] == a], a) for a in dict.fromkeys(t["attribute"] for t in told)}
    return {
        "real": real.name,
        "spearman": None if found is None else found.rho,
        "p": None if found is None else found.p,
        "p_method": None if found is None else "exact" if found.exact else "permutation",
        "n_groups": len(told),
        "by": {a: {"spearman": r.rho, "p": r.p, "n_groups": r.n} for a, r in by.items() if r is not None},
        "groups": told,
        "left_out": [f"{g.attribute} {g.category}" for g in groups if g.category not in ours[g.attribute][1]],
        "statement": _statement(found, len(told)),
    }


def _statement(found: Rank | None, n: int) -> str:
    if found is None:
        return f"{n} groups in common, too few or too alike to rank; {UNPROVEN}"
    how = "exact" if found.exact else "permutation"
    return (
        f"Spearman {found.rho:+.2f} between the given rates and the shifts on renders over {n} groups ({how} p = {found.p:.3f}); "
        "an association of ranks over few groups, not a proof that the one predicts the other"
    )


def _rank(told: list[dict[str, Any]], name: str) -> Rank | None:
    stream = rng.stream(f"audit.validity.{name}", seed=0)
    return spearman([t["rate"] for t in told], [t["ours"] for t in told], stream)


def _ours(scored: Scored, attribute: str, band_of: Callable[[float], str]) -> tuple[str, dict[str, float]]:
    """Return what our number of each category is, and the numbers."""
    pairs, factor = scored.pairs, FACTOR_OF[attribute]
    varied = pairs[pairs["factor"] == factor]
    if scored.level is None or varied.empty:
        means = pairs.groupby(pairs[attribute].astype(str))["shift"].mean()
        return "mean shift of pairs by the base's group", {str(k): float(v) for k, v in means.items()}
    rows = []
    for (base, _), part in varied.groupby(["base", "mediated"], sort=False):
        values = [(part["from"].iloc[0], scored.level[str(base)])]
        values += [(to, scored.level[variant]) for to, variant in zip(part["to"], part["variant"], strict=True)]
        middle = float(np.mean([score for _, score in values]))
        rows += [(band_of(float(v)) if attribute == "age_band" else v, score - middle) for v, score in values]
    means = pd.DataFrame(rows, columns=["category", "effect"]).groupby("category")["effect"].mean()
    return "contrast within each base", {str(k): float(v) for k, v in means.items()}
