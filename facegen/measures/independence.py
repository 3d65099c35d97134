"""Every nuisance factor of a table against every demographic attribute."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facegen.measures.association import Association, Clusters, associate, owner

NUMERIC_BINS = 4
"""A numeric factor is cut at its quartiles, q1 (lowest) to q4, before it is crossed with a category."""
CONSTANT = "constant"
"""The one value of a numeric factor that never changes."""
UNKNOWN = "unknown"
CLUSTERS = ("identity_id", "sitting_id")


def independence(
    frame: pd.DataFrame, factors: Sequence[str], attributes: Sequence[str], clusters: Sequence[str] = CLUSTERS
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return Cramer's V and local Z of each factor (column) with each attribute (column), over all records.

    Chance is judged by permuting the widest of `clusters` (columns, widest first) that owns the attribute; those the frame lacks
    are passed over, and an attribute that none owns is judged record by record. A factor that is null throughout is left out.
    """
    known = {name: Clusters.of(pd.factorize(frame[name])[0]) for name in clusters if name in frame}
    single = Clusters(np.arange(len(frame)), np.arange(len(frame)))
    groups = {name: codes(frame[name].astype(str)) for name in attributes}
    owners = {name: owner(code, known) for name, (code, _) in groups.items()}
    out: dict[str, dict[str, dict[str, Any]]] = {}
    for factor in factors:
        if frame[factor].isna().all():
            continue
        kind, values = codes(binned(frame[factor]))
        out[factor] = {}
        for attribute, (group, categories) in groups.items():
            own = owners[attribute]
            sizes = (len(values), len(categories))
            found = associate(kind, group, sizes, single if own is None else known[own])
            out[factor][attribute] = _plain(found, values, categories)
    return out


def binned(values: pd.Series) -> pd.Series:
    """Return a factor as words: a number with its quarter of the ranks, a category as it stands, nothing as `unknown`.

    Equal numbers share a quarter, that of their middle rank, so that the order of the records says nothing. Two different numbers
    that are all there is fall into two quarters however rare one is; one alone is `constant`.
    """
    known = values.notna()
    if not pd.api.types.is_float_dtype(values) or known.sum() < NUMERIC_BINS:
        return values.astype(str).where(known, UNKNOWN)
    if values.nunique() == 1:
        return pd.Series(np.where(known, CONSTANT, UNKNOWN), index=values.index, dtype=object)
    rank = values.rank(method="average")
    cuts = 1 + (known.sum() - 1) * np.arange(1, NUMERIC_BINS) / NUMERIC_BINS
    quarter = np.searchsorted(cuts, rank.fillna(1).to_numpy(), side="left") + 1
    return pd.Series(np.where(known, [f"q{i}" for i in quarter], UNKNOWN), index=values.index, dtype=object)


def codes(words: pd.Series) -> tuple[NDArray[np.int64], list[str]]:
    """Return (N,) codes and the words they stand for, whole numbers in their order and others by alphabet."""
    code, names = pd.factorize(words)
    listed = [str(name) for name in names]
    order = sorted(range(len(listed)), key=lambda i: (0, int(listed[i]), "") if listed[i].isdigit() else (1, 0, listed[i]))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place[code], [listed[i] for i in order]


def _plain(found: Association, values: Sequence[str], categories: Sequence[str]) -> dict[str, Any]:
    return {
        "cramers_v": round(found.cramers_v, 4),
        "cramers_v_corrected": round(found.corrected, 4),
        "local_z": _cells(found.local_z, values, categories),
        "ducher_z": _cells(found.ducher_z, values, categories),
    }


def _cells(table: NDArray[np.float64], values: Sequence[str], categories: Sequence[str]) -> dict[str, dict[str, float | None]]:
    """category -> factor value -> number; None where it is not defined."""
    return {
        category: {value: None if np.isnan(z) else round(float(z), 3) for value, z in zip(values, column, strict=True)}
        for category, column in zip(categories, table.T, strict=True)
    }
