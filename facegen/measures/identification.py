"""Errors of identification, one to many: rank of the right person, FNIR and FPIR (ISO/IEC 19795-1).

A probe is searched in a gallery of one template a person. Mated: the gallery holds the probe's person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facegen.measures import verification

DEFINITIONS = {
    "rank_k": "closed set: share of mated probes whose person is among the k greatest scores; equal scores count against it",
    "fpir": "share of non-mated probes of which any candidate scores at least the threshold",
    "fnir": "share of mated probes whose person is not first, or scores below the threshold of that FPIR",
}


@dataclass(frozen=True)
class Searched:
    """Of every probe (Q,): `mated`, `own` score of its person in the gallery (-inf where non-mated), `rank` of it from 1 (0 where
    non-mated), and `best` score of any candidate."""

    mated: NDArray[np.bool_]
    own: NDArray[np.float64]
    rank: NDArray[np.int64]
    best: NDArray[np.float64]

    def threshold(self, fpir: float) -> float:
        """Return the lowest threshold whose FPIR is at most `fpir`."""
        return verification.threshold_at(self.best[~self.mated], fpir)

    def missed(self, threshold: float) -> NDArray[np.bool_]:
        """Return (Q,) which mated probes are missed: not first, or below the threshold."""
        return self.mated & ((self.rank != 1) | (self.own < threshold))

    def alarmed(self, threshold: float) -> NDArray[np.bool_]:
        """Return (Q,) which non-mated probes raise a candidate."""
        return ~self.mated & (self.best >= threshold)


def search(
    embeddings: NDArray[np.float32], gallery: ArrayLike, probes: ArrayLike, person: ArrayLike, block: int = 1024
) -> Searched:
    """Return what unit `embeddings` (T, D) say of `probes` (Q,) in `gallery` (G,), places among them; person (T,).

    Raises ValueError where the gallery is empty or holds a person twice.
    """
    g, q, who = np.asarray(gallery), np.asarray(probes), np.asarray(person)
    if len(g) == 0 or len(np.unique(who[g])) < len(g):
        raise ValueError("a gallery holds at least one person, and each once")
    order = np.argsort(who[g])
    place = np.searchsorted(who[g][order], who[q]).clip(max=len(g) - 1)
    column = order[place]
    mated = who[g][column] == who[q]
    own, rank, best = np.full(len(q), -np.inf), np.zeros(len(q), np.int64), np.empty(len(q))
    for start in range(0, len(q), block):
        part = slice(start, start + block)
        scores = (embeddings[q[part]] @ embeddings[g].T).astype(np.float64)
        rows = np.flatnonzero(mated[part])
        mine = scores[rows, column[part][rows]]
        own[start + rows] = mine
        rank[start + rows] = (scores[rows] >= mine[:, None]).sum(axis=1)
        best[part] = scores.max(axis=1)
    return Searched(mated, own, rank, best)
