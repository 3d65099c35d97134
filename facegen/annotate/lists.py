"""Arrays as the flat lists that a table's row holds."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def floats(array: ArrayLike) -> list[float]:
    """Return the values row by row, rounded to float32."""
    return np.asarray(array, np.float32).ravel().tolist()


def doubles(array: ArrayLike) -> list[float]:
    """Return the values row by row."""
    return np.asarray(array, np.float64).ravel().tolist()
