"""Association of two attributes whose records may come in clusters (pictures of one person)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

DEFINITIONS = {
    "cramers_v": "sqrt(chi2 / (n min(r - 1, c - 1))), n records in a table of r x c non-empty rows and columns; 0 to 1",
    "cramers_v_corrected": "the same less what chance alone gives: the mean of chi2 over all permutations of the clusters "
    "(people, sittings) that own the attribute. With one record a cluster this is Bergsma's correction (2013, J. Korean Stat. "
    "Soc. 42:323-328)",
}


def cramers_v(table: ArrayLike) -> tuple[float, float]:
    """Return (Cramer's V, bias-corrected V) of a contingency table (r, c) of independent records (Bergsma 2013).

    Empty rows and columns say nothing about association and are left out; with one row or column left both are 0.
    """
    values = np.asarray(table, dtype=np.float64)
    values = values[values.sum(axis=1) > 0][:, values.sum(axis=0) > 0]
    if values.size == 0 or min(values.shape) < 2:
        return 0.0, 0.0
    r, c = values.shape
    return _measures(values, (r - 1) * (c - 1) / (values.sum() - 1))


def cramers_v_clustered(factor: ArrayLike, attribute: ArrayLike, cluster: ArrayLike) -> tuple[float, float]:
    """Return (Cramer's V, bias-corrected V) of `factor` (N,) with an `attribute` (N,) that is the same within a `cluster` (N,).

    Records of one cluster share what the cluster owns, so they are no N independent draws. What phi squared is worth without
    association is its mean over all permutations of the clusters, in closed form: a cell of the table is a sum over S clusters
    of g_s c_s (group of the cluster, count of the factor in it), with variance S^2 / (S - 1) var(g) var(c) under permutation
    (Hoeffding 1951, Ann. Math. Stat. 22:558). Exact for clusters of one size. Raises ValueError where the attribute differs
    within a cluster.
    """
    _, first, member = np.unique(np.asarray(cluster), return_index=True, return_inverse=True)
    groups = np.unique(np.asarray(attribute), return_inverse=True)[1]
    if (groups[first][member] != groups).any():
        raise ValueError("the attribute differs within a cluster; give the level it belongs to")
    kinds = np.unique(np.asarray(factor), return_inverse=True)[1]
    r, c, clusters = int(kinds.max(initial=-1)) + 1, int(groups.max(initial=-1)) + 1, len(first)
    if min(r, c) < 2 or clusters < 2:
        return 0.0, 0.0
    counts = np.zeros((clusters, r))
    np.add.at(counts, (member, kinds), 1.0)
    of_group = np.eye(c)[groups[first]]
    table = counts.T @ of_group
    spread = np.outer(counts.var(axis=0), of_group.var(axis=0))
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    bias = float((clusters**2 / (clusters - 1) * spread / expected).sum() / table.sum())
    return _measures(table, bias)


def _measures(table: NDArray[np.float64], bias: float) -> tuple[float, float]:
    n, (r, c) = table.sum(), table.shape
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    phi2 = float(((table - expected) ** 2 / expected).sum() / n)
    rows, columns = (k - (k - 1) ** 2 / (n - 1) for k in (r, c))
    room = float(min(rows, columns) - 1)
    corrected = math.sqrt(max(phi2 - bias, 0.0) / room) if room > 0 else 0.0
    return min(math.sqrt(phi2 / (min(r, c) - 1)), 1.0), min(corrected, 1.0)
