"""Pairs and smallest rates against counting them one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from facegen.measures import power


def test_pairs_are_those_that_counting_finds() -> None:
    each = [3, 1, 4, 2]
    who = [n for n, count in enumerate(each) for _ in range(count)]
    same = [a == b for a, b in itertools.combinations(who, 2)]
    mated = int(power.mated_pairs(each).sum())
    assert mated == sum(same)
    assert power.nonmated_pairs(sum(each), mated) == len(same) - sum(same)


def test_smallest_rates_are_errors_over_pairs_and_none_above_one() -> None:
    found = power.smallest_rate([300, 30, 29, 0], power.ERRORS)
    assert found[:2] == pytest.approx([0.1, 1.0])
    assert np.isnan(found[2:]).all()
    assert power.smallest_rate([3000], power.UNSEEN) == pytest.approx([0.001])
