"""Angles of points, the same on every call."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def arctan2(y: ArrayLike, x: ArrayLike) -> NDArray[np.floating]:
    """Return numpy's arctan2 of contiguous copies of `y` and `x`.

    numpy 1.26 works float32 arctan2 over strided views (a column of an (N, 3) array) in two ways whose last digits differ, and
    where the arrays lie in memory decides which one some elements get: the same hairline could differ from run to run.
    """
    return np.asarray(np.arctan2(np.ascontiguousarray(y), np.ascontiguousarray(x)))
