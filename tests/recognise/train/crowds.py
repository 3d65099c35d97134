"""Crops of people who are coloured noise: each picture is its person's pattern with noise over it."""

from __future__ import annotations

import numpy as np

from facegen.recognise.train.crops import Crops


def crowd(people: int = 10, each: int = 6, held: int = 3, size: int = 32, colour: str = "grey", seed: int = 0) -> Crops:
    """Return `people` x `each` crops, the last `held` people held out."""
    rng = np.random.default_rng(seed)
    channels = 1 if colour == "grey" else 3
    patterns = rng.integers(0, 256, (people, size, size, channels))
    labels = np.repeat(np.arange(people), each).astype(np.int64)
    pixels = 0.7 * patterns[labels] + 38 + rng.normal(0, 30, (len(labels), size, size, channels))
    return Crops(
        np.clip(pixels, 0, 255).astype(np.uint8), labels, labels >= people - held, tuple(f"n{k}" for k in range(people)), colour,
        ("a" * 64,),
    )  # fmt: skip
