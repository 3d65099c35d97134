"""Scores of a protocol's comparisons as a CSV, for whoever wants to measure something else."""

from __future__ import annotations

import csv
import io

import numpy as np
from numpy.typing import NDArray

from facegen.errors import RequestError
from facegen.recognise.protocol import Ids, Protocol
from facegen.recognise.scores import Made
from facegen.recognise.scores import compare as scored

HEADER = ("first", "second", "mated", "fold", "score")
MOST = 5_000_000
"""Lines: 300 MB; beyond them a table is no way to hand scores on."""
_BLOCK = 100_000


def scores_csv(protocol: Protocol, embeddings: NDArray[np.float32]) -> bytes:
    """Return a line a comparison: the templates (the name of their first picture), mated 0|1, fold or nothing, and the cosine
    similarity with every digit, as the thresholds of the document part it. All comparisons of a set that lists none.

    Raises RequestError for more than MOST, DataError where only one kind is compared.
    """
    check(protocol)
    names = [protocol.names[at] for at in np.unique(protocol.template, return_index=True)[1]]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    first, second, mated, fold, scores = _compared(protocol, scored(protocol, embeddings, MOST))
    for start in range(0, len(first), _BLOCK):
        part = slice(start, start + _BLOCK)
        folds = [""] * len(scores[part]) if fold is None else fold[part].tolist()
        rows = zip(first[part], second[part], mated[part], folds, scores[part].tolist(), strict=True)
        writer.writerows((names[a], names[b], int(m), f, repr(s)) for a, b, m, f, s in rows)
    return text.getvalue().encode()


def check(protocol: Protocol) -> None:
    """Raise RequestError where there are too many comparisons to be written."""
    lines = (
        protocol.templates * (protocol.templates - 1) // 2 if protocol.comparisons is None else len(protocol.comparisons.first)
    )
    if lines > MOST:
        raise RequestError(f"--scores-out: {lines} comparisons, at most {MOST} are written; take a --split, or leave it out")


def _compared(
    protocol: Protocol, made: Made
) -> tuple[NDArray[np.integer], NDArray[np.integer], NDArray[np.bool_], Ids | None, NDArray[np.float64]]:
    """Return first, second, mated, fold and score of every comparison (P,), in the order of the list, else of the templates."""
    listed = protocol.comparisons
    if listed is not None:
        return listed.first, listed.second, listed.mated, listed.fold, made.listed
    sides = made.mated, made.nonmated
    first, second, score = (np.concatenate([getattr(s, name) for s in sides]) for name in ("first", "second", "score"))
    order = np.lexsort((second, first))
    mated = np.arange(len(first)) < len(made.mated.score)
    return first[order], second[order], mated[order], None, score[order]
