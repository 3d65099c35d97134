"""Named random streams: the only place that makes generators.

A stream is addressed by a name (`identity.hair.colour`), the integers of the thing it draws for and the plan's seed, so that
adding images, changing one factor or reordering work never moves another draw.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_LOW = 0xFFFFFFFF


def stream(name: str, *ids: int, seed: int) -> np.random.Generator:
    """Return the generator of stream `name` for the entity `ids` under `seed`.

    All arguments are turned into stable non-negative integers; equal arguments give equal streams on every machine.
    """
    return np.random.default_rng(_entropy(seed, *_words(name), *ids))


def child_seed(name: str, *ids: int, seed: int) -> int:
    """Return a 32-bit seed to be stored in a SampleSpec, for detail that is expanded later (strands, pores, noise)."""
    return int(stream(name, *ids, seed=seed).integers(0, 2**32))


def expand(seed: int, name: str) -> np.random.Generator:
    """Return the generator that expands a stored `seed` into the detail called `name`."""
    return np.random.default_rng(_entropy(seed, *_words(name)))


def _entropy(*numbers: int) -> NDArray[np.uint32]:
    """Return what NumPy makes of a list of integers of 0 or more, 32 bits at a time, at a fraction of the cost."""
    words = []
    for number in numbers:
        left = int(number)
        if left < 0:
            raise ValueError(f"a random stream needs integers of 0 or more, not {left}")
        words.append(left & _LOW)
        while left := left >> 32:
            words.append(left & _LOW)
    return np.array(words, np.uint32)


@lru_cache(maxsize=4096)
def _words(name: str) -> tuple[int, int]:
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:8], "little")
