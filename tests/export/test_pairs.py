"""Pairs are what they are labelled, none twice, and every cell has its share of each fold."""

from __future__ import annotations

from collections import Counter
from itertools import chain

import numpy as np
import pytest
from crowd import rows

from facegen.errors import RequestError
from facegen.export.pairs import Drawn, draw
from facegen.export.selection import DEFAULT_CELLS


def cell(row: dict) -> tuple[str, str]:
    return row["sex"], row["ancestry"]


def check(table: list[dict], drawn: Drawn, folds: int) -> int:
    """Check all that holds of any draw; return how many pairs of a kind a fold has."""
    count = len(drawn.mated[0])
    assert len(drawn.mated) == len(drawn.same) == len(drawn.cross) == folds
    people = []
    for mated, same, cross in zip(drawn.mated, drawn.same, drawn.cross, strict=True):
        assert len(mated) == len(same) == len(cross) == count
        for pair in chain(mated, same, cross):
            a, b = table[pair.first], table[pair.second]
            assert pair.mated == (a["identity_id"] == b["identity_id"]) and pair.first != pair.second
        assert all(pair.mated for pair in mated) and not any(pair.mated for pair in chain(same, cross))
        assert all(cell(table[p.first]) == cell(table[p.second]) for p in same)
        assert all(cell(table[p.first]) != cell(table[p.second]) for p in cross)
        for pairs in (mated, same):
            shares = Counter(cell(table[p.first]) for p in pairs)
            assert len(shares) == 6 and set(shares.values()) == {count // 6}
        kinds = Counter(frozenset((cell(table[p.first]), cell(table[p.second]))) for p in cross)
        assert max(kinds.values()) - (min(kinds.values()) if len(kinds) == 15 else 0) <= 1
        people.append({table[n]["identity_id"] for p in chain(mated, same, cross) for n in (p.first, p.second)})
    assert sum(map(len, people)) == len(set().union(*people)), "somebody is in two folds"
    for lists in (drawn.mated, drawn.same, drawn.cross):
        keys = [frozenset((p.first, p.second)) for pairs in lists for p in pairs]
        assert len(keys) == len(set(keys))
    return count


@pytest.mark.parametrize("even", [True, False])
def test_whatever_is_drawn_is_true_and_balanced(even: bool) -> None:
    for seed in range(6):
        table = rows(seed, 120 if even else 200, even=even)
        assert check(table, draw(table, 5, None, DEFAULT_CELLS, seed), 5) % 6 == 0


def test_the_whole_stock_can_be_drawn() -> None:
    """Two people with three pictures in every fold and cell: 6 mated, 9 non-mated pairs each; 6 x 6 pictures across two cells."""
    table = rows(0, 36, (3, 3))
    drawn = draw(table, 3, 36, DEFAULT_CELLS, 1)
    assert check(table, drawn, 3) == 36
    with pytest.raises(RequestError, match="6 to 36 pairs of a kind in each of 3 folds"):
        draw(table, 3, 37 + 5, DEFAULT_CELLS, 1)
    assert len(draw(table, 3, None, DEFAULT_CELLS, 1).mated[0]) == 36


def test_lfw_sizes_when_there_is_enough() -> None:
    table = rows(0, 240, (6, 6))
    assert check(table, draw(table, 10, None, DEFAULT_CELLS, 3), 10) == 300


def test_every_pair_is_as_likely_as_any_other() -> None:
    """One cell, one fold: people with 2, 3 and 5 pictures have 1, 3 and 10 mated pairs and 6, 10, 15 non-mated ones."""
    table = [
        {**rows(0, 1, (1, 1))[0], "identity_id": f"{k}", "image_id": f"{k}_{j}"}
        for k, n in enumerate((2, 3, 5))
        for j in range(n)
    ]
    mated, other = Counter(), Counter()
    draws = 3000
    for seed in range(draws):
        drawn = draw(table, 1, 4, DEFAULT_CELLS, seed)
        assert drawn.cross == [[]]
        mated.update(frozenset((p.first, p.second)) for p in drawn.mated[0])
        other.update(frozenset((p.first, p.second)) for p in drawn.same[0])
    for counts, kinds in ((mated, 14), (other, 31)):
        share = np.array(list(counts.values())) / draws
        assert len(counts) == kinds
        error = np.sqrt(4 / kinds * (1 - 4 / kinds) / draws)
        assert np.abs(share - 4 / kinds).max() < 4 * error


def test_the_list_in_turn_is_balanced_at_every_cut_by_folds() -> None:
    table = rows(2, 120)
    drawn = draw(table, 10, None, DEFAULT_CELLS, 5)
    for cross in (False, True):
        flags = [pair.mated for pair in drawn.interleaved(cross)]
        assert flags[::2] == [True] * (len(flags) // 2) and not any(flags[1::2])
        tenth = len(flags) // 10
        for fold in range(10):
            own = drawn.interleaved(cross)[fold * tenth : (fold + 1) * tenth]
            assert set(own) == {*drawn.mated[fold], *(drawn.cross if cross else drawn.same)[fold]}


def test_same_seed_same_pairs() -> None:
    table = rows(2, 120)
    assert draw(table, 5, None, DEFAULT_CELLS, 5) == draw(table, 5, None, DEFAULT_CELLS, 5)
    assert draw(table, 5, 60, DEFAULT_CELLS, 5) != draw(table, 5, 60, DEFAULT_CELLS, 6)


def test_too_few_people_say_what_would_do() -> None:
    with pytest.raises(RequestError, match="'female/african' has 5 in all; ask for --folds 2 or fewer"):
        draw(rows(0, 30), 10, None, DEFAULT_CELLS, 0)
    with pytest.raises(RequestError, match="nobody of cell 'female/african' in two pictures"):
        draw(rows(0, 60, (1, 1)), 2, None, DEFAULT_CELLS, 0)
    with pytest.raises(RequestError, match="6 cells share"):
        draw(rows(0, 60), 2, 5, DEFAULT_CELLS, 0)
