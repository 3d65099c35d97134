"""Scores of a protocol's comparisons as a CSV, for whoever wants to measure something else."""

from __future__ import annotations

import csv
import io

import numpy as np
from numpy.typing import NDArray

from facegen.errors import RequestError
from facegen.recognise.protocol import Ids, Protocol

HEADER = ("first", "second", "mated", "fold", "score")
MOST = 5_000_000
"""Lines: 300 MB; beyond them a table is no way to hand scores on."""
_BLOCK = 100_000


def scores_csv(protocol: Protocol, embeddings: NDArray[np.float32]) -> bytes:
    """Return a line a comparison: the templates (the name of their first picture), mated 0|1, fold or nothing, and the cosine
    similarity. All comparisons of a set that lists none. Raises RequestError for more than MOST."""
    count = protocol.templates
    first, second, mated, fold = _compared(protocol, count)
    names = [protocol.names[at] for at in np.unique(protocol.template, return_index=True)[1]]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for start in range(0, len(first), _BLOCK):
        part = slice(start, start + _BLOCK)
        scores = np.einsum("pd,pd->p", embeddings[first[part]], embeddings[second[part]])
        folds = [""] * len(scores) if fold is None else fold[part].tolist()
        rows = zip(first[part], second[part], mated[part], folds, scores, strict=True)
        writer.writerows((names[a], names[b], int(m), f, f"{s:.6f}") for a, b, m, f, s in rows)
    return text.getvalue().encode()


def check(protocol: Protocol) -> None:
    """Raise RequestError where there are too many comparisons to be written."""
    lines = (
        protocol.templates * (protocol.templates - 1) // 2 if protocol.comparisons is None else len(protocol.comparisons.first)
    )
    if lines > MOST:
        raise RequestError(f"--scores-out: {lines} comparisons, at most {MOST} are written; take a --split, or leave it out")


def _compared(protocol: Protocol, count: int) -> tuple[Ids, Ids, NDArray[np.bool_], Ids | None]:
    check(protocol)
    listed = protocol.comparisons
    if listed is not None:
        return listed.first, listed.second, listed.mated, listed.fold
    first, second = np.triu_indices(count, 1)
    if protocol.subjects is None:
        raise RequestError(f"'{protocol.name}' lists no comparisons and no subjects; there is nothing to write")
    who = np.unique(protocol.subjects.astype(str), return_inverse=True)[1]
    return first, second, who[first] == who[second], None
