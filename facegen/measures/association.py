"""Association of two attributes whose records may come in clusters (pictures of one person), overall and cell by cell."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

DEFINITIONS = {
    "cramers_v": "sqrt(chi2 / (n min(r - 1, c - 1))), n records in a table of r x c non-empty rows and columns; 0 to 1",
    "cramers_v_corrected": "the same less what chance alone gives: the mean of chi2 over all permutations of the clusters "
    "(people, sittings) that own the attribute. With one record a cluster this is Bergsma's correction (2013, J. Korean Stat. "
    "Soc. 42:323-328)",
    "local_z": "of one cell (category, factor value): observed less expected count over the standard deviation that it has when "
    "the clusters that own the attribute are permuted; beyond about 3 or -3 the two go together, or avoid each other, more than "
    "chance. With one record a cluster this is the adjusted standardised residual (Haberman 1973, Biometrics 29:205-220)",
    "ducher_z": "of the same cell: (p_ab - p_a p_b) over the most (where positive) or the least (where negative) that it can be "
    "with these margins; -1 never together, 0 independent, 1 always together (Ducher et al. 1994, Med. Biol. Eng. Comput. "
    "32:649-655)",
}


@dataclass(frozen=True)
class Association:
    """Cramer's V, the V corrected for chance, and by cell (r, c): local Z and Ducher's Z (NaN in empty rows and columns)."""

    cramers_v: float
    corrected: float
    local_z: NDArray[np.float64]
    ducher_z: NDArray[np.float64]


@dataclass(frozen=True)
class Clusters:
    """Which cluster each record belongs to: `member` (N,) in 0..count-1, and the place of a record of each: `first` (count,)."""

    member: NDArray[np.int64]
    first: NDArray[np.int64]

    @classmethod
    def of(cls, names: ArrayLike) -> Clusters:
        """Return the clusters that `names` (N,) tell apart."""
        _, first, member = np.unique(np.asarray(names), return_index=True, return_inverse=True)
        return cls(member.ravel(), first)

    def __len__(self) -> int:
        return len(self.first)

    def own(self, codes: NDArray[np.int64]) -> bool:
        """Whether `codes` (N,) are the same within every cluster."""
        return bool((codes[self.first][self.member] == codes).all())


def owner(codes: NDArray[np.int64], clusters: Mapping[str, Clusters]) -> str | None:
    """Return the name of the first of `clusters` (widest first) that owns the attribute; None where it changes within all."""
    return next((name for name, of in clusters.items() if of.own(codes)), None)


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

    See `associate`; raises ValueError where the attribute differs within a cluster.
    """
    kinds, groups = (np.unique(np.asarray(v), return_inverse=True)[1].ravel() for v in (factor, attribute))
    sizes = (int(kinds.max(initial=-1)) + 1, int(groups.max(initial=-1)) + 1)
    found = associate(kinds, groups, sizes, Clusters.of(cluster))
    return found.cramers_v, found.corrected


def associate(kinds: NDArray[np.int64], groups: NDArray[np.int64], sizes: tuple[int, int], clusters: Clusters) -> Association:
    """Return how `kinds` (N,) in 0..r-1 of a factor go with `groups` (N,) in 0..c-1 of an attribute; `sizes`: (r, c).

    Records of one cluster share what the cluster owns, so they are no N independent draws. Cell (k, g) of the table less its
    expectation is a sum over S clusters of [cluster s is of group g] d_sk, d_sk = the cluster's records of kind k less the share
    of k times its records. Over all permutations of the groups among the clusters it has mean 0 and variance
    S^2 / (S - 1) var(g) var(d_k) (Hoeffding 1951, Ann. Math. Stat. 22:558), whatever the clusters' sizes. Their sum over
    expected counts is the chi-square of chance, subtracted in the corrected V; exact where clusters have one size, else but for
    the group sizes that move with a permutation. Raises ValueError where the attribute differs within a cluster.
    """
    if not clusters.own(groups):
        raise ValueError("the attribute differs within a cluster; give the level it belongs to")
    r, c = sizes
    table = np.bincount(kinds * c + groups, minlength=r * c).reshape(r, c).astype(np.float64)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    nothing = np.full((r, c), np.nan)
    if min((rows > 0).sum(), (columns > 0).sum()) < 2 or len(clusters) < 2:
        return Association(0.0, 0.0, nothing, nothing)
    s, n = len(clusters), table.sum()
    expected = np.outer(rows, columns) / n
    spread = np.outer(_spread(kinds, rows / n, clusters), _variance(np.bincount(groups[clusters.first], minlength=c) / s))
    used = expected > 0
    bias = float((s**2 / (s - 1) * spread[used] / expected[used]).sum() / n)
    plain, corrected = _measures(table[rows > 0][:, columns > 0], bias)
    with np.errstate(divide="ignore", invalid="ignore"):
        local = np.where(used & (spread > 0), (table - expected) / np.sqrt(s * spread), np.nan)
    return Association(plain, corrected, local, ducher(table))


def local_z(table: ArrayLike) -> NDArray[np.float64]:
    """Return the adjusted standardised residuals of a contingency table (r, c) of independent records (Haberman 1973).

    (O - E) / sqrt(E (1 - row share) (1 - column share)); NaN in empty rows and columns and where one row or column holds all.
    """
    values = np.asarray(table, dtype=np.float64)
    n = values.sum()
    rows, columns = values.sum(axis=1, keepdims=True) / n, values.sum(axis=0, keepdims=True) / n
    with np.errstate(divide="ignore", invalid="ignore"):
        return (values - n * rows * columns) / np.sqrt(n * rows * columns * (1 - rows) * (1 - columns))


def ducher(table: ArrayLike) -> NDArray[np.float64]:
    """Return Ducher's Z (r, c) of a contingency table; NaN in empty rows and columns and where one row or column holds all."""
    values = np.asarray(table, dtype=np.float64)
    p = values / values.sum()
    a, b = p.sum(axis=1, keepdims=True), p.sum(axis=0, keepdims=True)
    away = p - a * b
    most, least = np.minimum(a, b) - a * b, a * b - np.maximum(a + b - 1, 0)
    free = (a > 0) & (a < 1) & (b > 0) & (b < 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(free, np.clip(np.where(away > 0, away / most, away / least), -1, 1), np.nan)


def _spread(kinds: NDArray[np.int64], shares: NDArray[np.float64], clusters: Clusters) -> NDArray[np.float64]:
    """Return (r,) variances over clusters of d_sk, from their non-empty counts alone: they are few and the table large."""
    s, r = len(clusters), len(shares)
    size = np.bincount(clusters.member, minlength=s).astype(np.float64)
    place, count = np.unique(clusters.member * r + kinds, return_counts=True)
    kind, at = place % r, place // r
    squares = np.bincount(kind, count.astype(np.float64) ** 2, minlength=r)
    products = np.bincount(kind, count * size[at], minlength=r)
    return np.maximum(squares - 2 * shares * products + shares**2 * (size**2).sum(), 0) / s


def _variance(share: NDArray[np.float64]) -> NDArray[np.float64]:
    return share * (1 - share)


def _measures(table: NDArray[np.float64], bias: float) -> tuple[float, float]:
    n, (r, c) = table.sum(), table.shape
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    phi2 = float(((table - expected) ** 2 / expected).sum() / n)
    rows, columns = (k - (k - 1) ** 2 / (n - 1) for k in (r, c))
    room = float(min(rows, columns) - 1)
    corrected = math.sqrt(max(phi2 - bias, 0.0) / room) if room > 0 else 0.0
    return min(math.sqrt(phi2 / (min(r, c) - 1)), 1.0), min(corrected, 1.0)
