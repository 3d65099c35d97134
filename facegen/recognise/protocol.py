"""What a recogniser is asked: pictures, the templates made of them, which are compared, and who they show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Names = NDArray[np.object_]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Comparisons:
    """Pairs of templates to compare: `first`, `second` (P,) places among the templates, `mated` (P,) bool, and `fold` (P,) from 0
    where the list is cut into folds, else None."""

    first: Ids
    second: Ids
    mated: NDArray[np.bool_]
    fold: Ids | None = None


@dataclass(frozen=True)
class Search:
    """An identification trial (1:N): `gallery` and `probes`, places among the templates.

    A probe is mated when the gallery holds a template of its subject, else non-mated; a subject is once in a gallery.
    """

    name: str
    gallery: Ids
    probes: Ids


@dataclass(frozen=True)
class Protocol:
    """A verification set, and with `searches` an identification set too.

    pictures: a name for messages and a function to RGB pixels (H, W, 3), each decoded when it is asked for. aligned: they are
    face crops on the ArcFace template already; else the face is still to be found. template: (N,) which template each picture
    belongs to, 0 to T - 1. media: (N,) which video or still within its template, where frames of one are averaged first.
    subjects: (T,) whom each template shows, or None where the set does not say (a .bin). groups: attribute -> (T,) category or
    None. categories: attribute -> the declared ones, those without anybody too. comparisons: None compares every two templates.
    """

    name: str
    format: str
    names: Sequence[str]
    picture: Callable[[int], Pixels]
    aligned: bool
    template: Ids
    subjects: Names | None
    comparisons: Comparisons | None
    groups: Mapping[str, Names] = field(default_factory=dict)
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    searches: tuple[Search, ...] = ()
    media: Ids | None = None
    notes: tuple[str, ...] = ()

    @property
    def templates(self) -> int:
        """How many templates there are."""
        return int(self.template.max()) + 1 if len(self.template) else 0
