"""What readers share: comparisons of listed pairs, folds, groups of subjects, searches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from facegen.recognise.protocol import Comparisons, Ids, Names, Search

CROSS = " x "
PARTS = 10
"""Folds that a list without any is cut into, in its order: what InsightFace's KFold(10, shuffle=False) does."""
SPARED = 3
"""One in so many subjects is left out of the gallery of an open-set search."""


def comparisons(pairs: Sequence[tuple[int, int]], mated: Sequence[bool], fold: Sequence[int | None] | None = None) -> Comparisons:
    """Return listed pairs of templates. Without folds (or where some pair has none) the list is cut into tenths."""
    two = np.array(pairs, np.int64).reshape(-1, 2)
    known = fold is not None and all(value is not None for value in fold)
    folds = np.array(fold, np.int64) if known else tenths(mated)
    if folds is not None and len(np.unique(folds)) < 2:
        folds = tenths(mated)
    return Comparisons(two[:, 0].copy(), two[:, 1].copy(), np.array(mated, bool), folds)


def tenths(mated: Sequence[bool]) -> Ids | None:
    """Return the fold (P,) of a list cut into ten parts in its order, the first ones longer by one; None of under 20 pairs.

    Where a part would lack mated or non-mated pairs (a list of first the ones, then the others) each kind is cut by itself.
    """
    kinds = np.asarray(mated, bool)
    if len(kinds) < 2 * PARTS:
        return None
    whole = _cut(len(kinds))
    if all(0 < kinds[whole == part].sum() < (whole == part).sum() for part in range(PARTS)):
        return whole
    out = np.empty(len(kinds), np.int64)
    out[kinds], out[~kinds] = _cut(int(kinds.sum())), _cut(int((~kinds).sum()))
    return out


def _cut(count: int) -> Ids:
    return np.repeat(np.arange(PARTS), [len(part) for part in np.array_split(np.arange(count), PARTS)])


def names(values: Sequence[object]) -> Names:
    """Return an array (N,) of str or None."""
    out = np.empty(len(values), object)
    out[:] = [None if value is None else str(value) for value in values]
    return out


def crossed(groups: Mapping[str, Names], attributes: Sequence[str]) -> tuple[str, Names]:
    """Return name and categories (T,) of attributes crossed; None where one of them is."""
    columns = [groups[name] for name in attributes]
    words = [None if None in row else CROSS.join(row) for row in zip(*columns, strict=True)]
    return CROSS.join(attributes), names(words)


def searches(subjects: Names, spared: NDArray[np.bool_]) -> tuple[Search, ...]:
    """Return a closed- and an open-set search over templates (T,): the gallery is each subject's first template, probes are all
    other templates; in the open set `spared` (T,) subjects are not in the gallery and all of their templates are probes.

    Nothing where no subject has two templates.
    """
    first = np.zeros(len(subjects), bool)
    first[np.unique(subjects.astype(str), return_index=True)[1]] = True
    if first.all() or not first.any():
        return ()
    made = [Search("closed set", np.flatnonzero(first), np.flatnonzero(~first))]
    gallery = first & ~spared
    if spared.any() and gallery.any() and (~first & ~spared).any():
        made.append(Search("open set", np.flatnonzero(gallery), np.flatnonzero(~gallery)))
    return tuple(made)
