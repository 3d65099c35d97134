"""Uncovered patterns against brute force; covers reach their aim and stay above what any cover needs."""

from __future__ import annotations

import numpy as np
import pytest

from facegen.measures.patterns import Pattern, cover, uncovered_patterns

CATEGORIES = (("f", "m"), ("young", "old"), ("a", "b", "c"))


def test_maximal_uncovered_patterns_by_hand() -> None:
    table = np.ones((2, 2, 3), dtype=int)
    table[:, :, 2] = 0  # nobody of c
    table[0, 1, 0] = 0  # no old f of a
    assert uncovered_patterns(table, CATEGORIES, 1) == [Pattern((None, None, "c"), 0), Pattern(("f", "old", "a"), 0)]
    assert uncovered_patterns(table, CATEGORIES, 8) == [Pattern((None, None, None), 7)]
    assert uncovered_patterns(np.full((2, 2, 3), 5), CATEGORIES, 5) == []


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
            for p in uncovered_patterns(table, CATEGORIES, tau)
        }
        assert found == expected


def test_extra_records_cover_what_was_missing() -> None:
    rng = np.random.default_rng(6)
    table = rng.integers(0, 3, (2, 2, 3))
    missing = uncovered_patterns(table, CATEGORIES, 4)
    allowed = np.ones((2, 2, 3), dtype=bool)
    extra = cover(missing, CATEGORIES, 4, allowed).cells
    for cell in extra:
        table[tuple(CATEGORIES[a].index(v) for a, v in enumerate(cell.values))] += cell.count
    for pattern in missing:
        at = tuple(slice(None) if v is None else CATEGORIES[a].index(v) for a, v in enumerate(pattern.values))
        assert table[at].sum() >= 4
    allowed[:, :, 0] = False
    assert all(cell.values[2] != "a" for cell in cover(missing, CATEGORIES, 4, allowed).cells)


def test_one_record_can_serve_two_patterns() -> None:
    patterns = [Pattern(("f", None, None), 0), Pattern((None, "old", None), 0)]
    assert [(p.values[:2], p.count) for p in cover(patterns, CATEGORIES, 1).cells] == [(("f", "old"), 1)]


def test_integer_programming_mends_what_greed_spoils() -> None:
    """Three patterns of one attribute each share the first cell; greed takes the cell of most, and then pays for the rest."""
    names = (("a", "b"), ("c", "d"), ("e", "f"))
    patterns = [Pattern(v, 0) for v in (("a", "c", None), ("a", None, "e"), (None, "c", "f"), (None, "d", "e"))]
    found = cover(patterns, names, 1)
    assert (found.total, found.lower_bound, found.proven, found.method) == (2, 2, True, "exact")


def test_what_cannot_be_covered_is_passed_over() -> None:
    found = cover([Pattern(("f", None, None), 0), Pattern(("m", None, None), 1)], CATEGORIES, 3, np.zeros((2, 2, 3), bool))
    assert (found.cells, found.total, found.lower_bound) == ([], 0, 0)


def test_more_records_than_a_set_holds_are_refused() -> None:
    with pytest.raises(ValueError, match="tau 100000000000000000000 is more than"):
        cover([Pattern(("f", None, None), 0)], CATEGORIES, 10**20)


def test_a_large_problem_is_bounded_without_programming() -> None:
    names = tuple(tuple(f"{a}{i}" for i in range(k)) for a, k in enumerate((2, 6, 4, 10, 4)))
    table = np.random.default_rng(3).poisson(4, (2, 6, 4, 10, 4))
    missing = uncovered_patterns(table, names, 30)
    found = cover(missing, names, 30)
    assert len(missing) > 300
    assert max(30 - p.count for p in missing) <= found.lower_bound <= found.total
