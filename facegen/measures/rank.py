"""Rank correlation of two short lists, with a p-value that needs no large sample."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

EXACT = 8
"""Up to this many pairs every one of n! orders is counted."""
DRAWS = 20_000


@dataclass(frozen=True)
class Rank:
    """Spearman's `rho` of `n` pairs; `p` two-sided under all orders being as likely; `exact` or by drawn permutations."""

    rho: float
    p: float
    n: int
    exact: bool


def spearman(a: ArrayLike, b: ArrayLike, stream: np.random.Generator) -> Rank | None:
    """Return Spearman's rank correlation of `a` and `b` (N,), ties at their mean rank; None below three pairs or where one does
    not vary.

    Spearman 1904. p: share of permutations whose |rho| reaches the one found (all of them up to `EXACT` pairs, else `DRAWS` from
    `stream`, the found order counted as one of them: Phipson & Smyth 2010).
    """
    x, y = (_centred(values) for values in (a, b))
    if len(x) != len(y):
        raise ValueError(f"{len(x)} and {len(y)} values are no pairs")
    if len(x) < 3 or not x.any() or not y.any():
        return None
    rho = float(x @ y / math.sqrt(float(x @ x) * float(y @ y)))
    found, n = abs(float(x @ y)) - 1e-9, len(x)
    if n <= EXACT:
        orders = np.array(list(itertools.permutations(range(n))))
        p = float((np.abs(y[orders] @ x) >= found).mean())
        return Rank(rho, p, n, True)
    hits = sum(abs(float(x @ stream.permutation(y))) >= found for _ in range(DRAWS))
    return Rank(rho, (hits + 1) / (DRAWS + 1), n, False)


def _centred(values: ArrayLike) -> NDArray[np.float64]:
    ranks = rankdata(np.asarray(values, np.float64))
    return np.asarray(ranks - ranks.mean(), np.float64)
