"""Made-up label rows: enough of a table to choose people and draw pairs from."""

from __future__ import annotations

from typing import Any

import numpy as np


def rows(seed: int, people: int, images: tuple[int, int] = (2, 6), even: bool = True) -> list[dict[str, Any]]:
    """Return rows of `people` of 2 x 3 groups with images[0] to images[1] pictures each; `even`: groups of one size."""
    rng = np.random.default_rng(seed)
    table = []
    for n in range(people):
        group = n % 6 if even else int(rng.integers(6))
        for k in range(int(rng.integers(images[0], images[1] + 1))):
            table.append(
                {
                    "identity_id": f"{n:06d}",
                    "image_id": f"{n:06d}_{k:03d}",
                    "sex": ("female", "male")[group % 2],
                    "ancestry": ("african", "east_asian", "european")[group // 2],
                    "age_band": f"{20 + 10 * int(rng.integers(3))}s" if k == 0 else table[-1]["age_band"],
                    "skin_monk": int(rng.integers(1, 11)) if k == 0 else table[-1]["skin_monk"],
                    "split": ("train", "train", "train", "val", "test")[n // 6 % 5],
                }
            )
    return table
