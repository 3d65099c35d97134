"""What a set can show about error rates: pairs of pictures, and the smallest rates that so many comparisons support.

Comparisons count as independent trials here. They are not quite: pictures of the same few people come again and again, so that
the true figures are no better than these (ISO/IEC 19795-1 gives both rules with this warning).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

ERRORS = 30
"""Rule of 30 (Doddington et al. 2000, Speech Communication 31:225-254): with 30 errors the true rate is within 30% of the
observed one with 90% confidence."""
UNSEEN = 3
"""Rule of three: a rate of which nothing was seen in n trials is below 3 / n with 95% confidence."""


def mated_pairs(images: ArrayLike) -> NDArray[np.int64]:
    """Return how many pairs of pictures show the same person, for people with so many `images`."""
    each = np.asarray(images, np.int64)
    return each * (each - 1) // 2


def nonmated_pairs(images: ArrayLike, mated: ArrayLike) -> NDArray[np.int64]:
    """Return how many pairs of `images` pictures in all show two people, of whose pairs `mated` show one."""
    total = np.asarray(images, np.int64)
    return total * (total - 1) // 2 - np.asarray(mated, np.int64)


def smallest_rate(pairs: ArrayLike, errors: int) -> Floats:
    """Return errors / pairs: the smallest rate that so many comparisons support; nan where it is above 1, no rate at all."""
    count = np.asarray(pairs, np.float64)
    return np.divide(float(errors), count, out=np.full(count.shape, np.nan), where=count >= errors)
