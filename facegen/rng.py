"""Named random streams: the only place that makes generators.

A stream is addressed by a name (`identity.hair.colour`), the integers of the thing it draws for and the plan's seed, so that
adding images, changing one factor or reordering work never moves another draw.
"""

from __future__ import annotations

import hashlib

import numpy as np


def stream(name: str, *ids: int, seed: int) -> np.random.Generator:
    """Return the generator of stream `name` for the entity `ids` under `seed`.

    All arguments are turned into stable non-negative integers; equal arguments give equal streams on every machine.
    """
    return np.random.default_rng([seed, *_words(name), *ids])


def child_seed(name: str, *ids: int, seed: int) -> int:
    """Return a 32-bit seed to be stored in a SampleSpec, for detail that is expanded later (strands, pores, noise)."""
    return int(stream(name, *ids, seed=seed).integers(0, 2**32))


def expand(seed: int, name: str) -> np.random.Generator:
    """Return the generator that expands a stored `seed` into the detail called `name`."""
    return np.random.default_rng([seed, *_words(name)])


def _words(name: str) -> tuple[int, int]:
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:8], "little")
