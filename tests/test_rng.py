"""Named streams: those that NumPy makes of the same integers."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from facegen import rng


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1, 2**32, 2**63 - 1, 2**70 + 3])
def test_streams_are_those_of_a_list_of_integers(seed: int) -> None:
    digest = hashlib.sha256(b"identity.hair").digest()
    words = [int.from_bytes(digest[k : k + 4], "little") for k in (0, 4)]
    np.testing.assert_array_equal(rng.expand(seed, "identity.hair").random(4), np.random.default_rng([seed, *words]).random(4))
    for ids in ((), (0,), (7, 2**40)):
        wanted = np.random.default_rng([seed, *words, *ids]).random(4)
        np.testing.assert_array_equal(rng.stream("identity.hair", *ids, seed=seed).random(4), wanted)


def test_negative_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        rng.expand(-1, "identity.hair")
