"""Recognition sets of drawn embeddings: people as points, pictures around them, groups that are told apart better or worse."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen.recognise.protocol import Comparisons, Protocol, Search


def embedded(
    people: int, each: int, noise: NDArray[np.float64] | float = 1.3, seed: int = 0, dimensions: int = 32
) -> NDArray[np.float32]:
    """Return unit rows (people * each, D); `noise`: of all, or (people,) of each person."""
    draw = np.random.default_rng(seed)
    means = np.repeat(draw.standard_normal((people, dimensions)), each, axis=0)
    spread = np.repeat(np.broadcast_to(noise, people), each)[:, None]
    x = means + spread * draw.standard_normal(means.shape)
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def subjects(people: int, each: int) -> NDArray[np.object_]:
    return np.repeat([f"p{i:04d}" for i in range(people)], each).astype(object)


def protocol(
    people: int = 40,
    each: int = 4,
    groups: dict[str, NDArray[np.object_]] | None = None,
    comparisons: Comparisons | None = None,
    named: bool = True,
    searches: tuple[Search, ...] = (),
    categories: dict[str, tuple[str, ...]] | None = None,
    notes: tuple[str, ...] = (),
) -> Protocol:
    """Return a protocol over people * each templates of one picture; `groups`: attribute -> (people,) categories."""
    count = people * each

    def picture(i: int) -> NDArray[np.uint8]:
        raise AssertionError("nobody looks at pictures here")

    return Protocol(
        "drawn people",
        "drawn",
        [f"{i:05d}.png" for i in range(count)],
        picture,
        True,
        np.arange(count),
        subjects(people, each) if named else None,
        comparisons,
        {name: np.repeat(words, each) for name, words in (groups or {}).items()},
        categories or {},
        searches,
        notes=notes,
    )


def sex_and_ancestry(people: int) -> dict[str, NDArray[np.object_]]:
    """Return attributes of (people,): two sexes in turn, three ancestries in turn."""
    words = {"sex": ("female", "male"), "ancestry": ("african", "east_asian", "european")}
    return {name: np.array([w[i % len(w)] for i in range(people)], dtype=object) for name, w in words.items()}
