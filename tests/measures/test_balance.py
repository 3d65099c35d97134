"""Balance measures against hand counts and SciPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from facegen.measures import balance
from facegen.measures.balance import Pattern
from facegen.measures.intervals import rule_of_three, wilson

COUNTS = np.array([50, 30, 15, 5])
EVEN = np.full(4, 0.25)


def test_against_scipy() -> None:
    assert balance.entropy(COUNTS) == pytest.approx(stats.entropy(COUNTS))
    assert balance.kullback_leibler(COUNTS, EVEN) == pytest.approx(stats.entropy(COUNTS, EVEN))
    assert balance.jensen_shannon(COUNTS, EVEN) == pytest.approx(jensenshannon(COUNTS / 100, EVEN) ** 2)
    assert balance.chi_square(COUNTS, EVEN) == pytest.approx(tuple(stats.chisquare(COUNTS)))


def test_by_hand() -> None:
    # p = .5 .3 .15 .05
    assert balance.simpson(COUNTS) == pytest.approx(0.25 + 0.09 + 0.0225 + 0.0025)
    assert balance.berger_parker(COUNTS) == 0.5
    assert balance.imbalance_ratio(COUNTS) == 10
    assert balance.total_variation(COUNTS, EVEN) == pytest.approx((0.25 + 0.05 + 0.1 + 0.2) / 2)
    assert balance.effective_number([1, 1, 1, 1]) == pytest.approx(4)
    assert balance.evenness([7, 7, 7]) == pytest.approx(1)
    # Two of four declared groups, evenly: ln 2 / ln 4 = 1/2.
    assert balance.evenness([10, 10, 0, 0]) == pytest.approx(0.5)
    assert balance.jensen_shannon([1, 0], [0, 1]) == pytest.approx(math.log(2))


def test_missing_groups_are_not_forgotten() -> None:
    out = balance.summary([20, 20, 0, 0], EVEN)
    assert out["sei"] == 0.5
    assert out["imbalance_ratio"] is None
    assert out["tv"] == 0.5
    assert balance.summary([0, 0], [0.5, 0.5])["n"] == 0
    assert balance.summary([0, 0], [0.5, 0.5])["ens"] is None
    assert set(balance.summary([1, 1], [0.5, 0.5])) == set(balance.DEFINITIONS)


def test_a_category_that_should_not_occur() -> None:
    assert balance.kullback_leibler([1, 1], [1, 0]) == math.inf
    assert balance.chi_square([1, 1], [1, 0]) == (math.inf, 0.0)
    assert balance.summary([1, 1], [1, 0])["kl"] is None
    assert balance.chi_square([5, 0], [1, 0]) == (0.0, 1.0)


def test_shares_refuse_nonsense() -> None:
    for bad in ([], [0, 0], [-1, 2], [[1, 2]]):
        with pytest.raises(ValueError, match="counts need"):
            balance.shares(bad)


CATEGORIES = (("f", "m"), ("young", "old"), ("a", "b", "c"))


def test_maximal_uncovered_patterns_by_hand() -> None:
    table = np.ones((2, 2, 3), dtype=int)
    table[:, :, 2] = 0  # nobody of c
    table[0, 1, 0] = 0  # no old f of a
    assert balance.uncovered_patterns(table, CATEGORIES, 1) == [Pattern((None, None, "c"), 0), Pattern(("f", "old", "a"), 0)]
    assert balance.uncovered_patterns(table, CATEGORIES, 8) == [Pattern((None, None, None), 7)]
    assert balance.uncovered_patterns(np.full((2, 2, 3), 5), CATEGORIES, 5) == []


def test_uncovered_patterns_agree_with_brute_force() -> None:
    rng = np.random.default_rng(4)
    for tau in (1, 3, 12):
        table = rng.integers(0, 4, (2, 2, 3))

        def count(pattern: tuple, table: np.ndarray = table) -> int:
            return int(table[tuple(slice(None) if i is None else i for i in pattern)].sum())

        def parents(pattern: tuple) -> list[tuple]:
            return [pattern[:i] + (None,) + pattern[i + 1 :] for i in range(3) if pattern[i] is not None]

        patterns = [(i, j, k) for i in (None, 0, 1) for j in (None, 0, 1) for k in (None, 0, 1, 2)]
        expected = {p for p in patterns if count(p) < tau and all(count(q) >= tau for q in parents(p))}
        found = {
            tuple(None if v is None else CATEGORIES[a].index(v) for a, v in enumerate(p.values))
            for p in balance.uncovered_patterns(table, CATEGORIES, tau)
        }
        assert found == expected


def test_extra_records_cover_what_was_missing() -> None:
    rng = np.random.default_rng(6)
    table = rng.integers(0, 3, (2, 2, 3))
    missing = balance.uncovered_patterns(table, CATEGORIES, 4)
    allowed = np.ones((2, 2, 3), dtype=bool)
    extra = balance.extra_records(missing, CATEGORIES, 4, allowed)
    for cell in extra:
        table[tuple(CATEGORIES[a].index(v) for a, v in enumerate(cell.values))] += cell.count
    for pattern in missing:
        at = tuple(slice(None) if v is None else CATEGORIES[a].index(v) for a, v in enumerate(pattern.values))
        assert table[at].sum() >= 4
    allowed[:, :, 0] = False
    assert all(cell.values[2] != "a" for cell in balance.extra_records(missing, CATEGORIES, 4, allowed))


def test_one_record_can_serve_two_patterns() -> None:
    patterns = [Pattern(("f", None, None), 0), Pattern((None, "old", None), 0)]
    assert [(p.values[:2], p.count) for p in balance.extra_records(patterns, CATEGORIES, 1)] == [(("f", "old"), 1)]


def test_intervals() -> None:
    # 8 of 10, z = 1.959964: centre (p + z2/2n) / (1 + z2/n), worked by hand.
    low, high = wilson(8, 10)
    assert (low, high) == pytest.approx((0.4901625, 0.9433178), abs=1e-6)
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 20)[0] == 0.0
    assert rule_of_three(300) == pytest.approx(0.01)
    with pytest.raises(ValueError, match="impossible"):
        wilson(3, 2)
