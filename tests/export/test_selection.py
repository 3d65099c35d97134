"""Parts hold whole people and every cell evenly."""

from __future__ import annotations

from collections import Counter

import pytest
from crowd import rows

from facegen.errors import RequestError
from facegen.export.selection import ALL, DEFAULT_CELLS, cell_of_people, classes, deal, parts


@pytest.mark.parametrize("even", [True, False])
@pytest.mark.parametrize("folds", [2, 3, 5, 10])
def test_folds_hold_whole_people_and_even_cells(folds: int, even: bool) -> None:
    for seed in range(5):
        table = rows(seed, 73, even=even)
        got = parts(table, (), folds, DEFAULT_CELLS)
        assert list(got) == [f"fold{k}" for k in range(folds)]
        people = [{row["identity_id"] for row in own} for own in got.values()]
        assert sum(map(len, people)) == len(set().union(*people)) == 73
        assert sorted(row["image_id"] for own in got.values() for row in own) == sorted(row["image_id"] for row in table)
        cells = cell_of_people(table, DEFAULT_CELLS)
        assert max(map(len, people)) - min(map(len, people)) <= 1
        for cell in set(cells.values()):
            held = [sum(cells[p] == cell for p in who) for who in people]
            assert max(held) - min(held) <= 1


def test_dealing_does_not_depend_on_the_order_of_rows() -> None:
    table = rows(4, 40, (1, 1))
    assert deal(table, 4, DEFAULT_CELLS) == deal(table[::-1], 4, DEFAULT_CELLS)


def test_splits_are_those_of_the_table() -> None:
    table = rows(0, 60)
    everybody = parts(table, (), None, DEFAULT_CELLS)
    assert list(everybody) == ["train", "val", "test"]
    assert parts(table, (ALL,), None, DEFAULT_CELLS) == everybody
    assert parts(table, ("test",), None, DEFAULT_CELLS) == {"test": [row for row in table if row["split"] == "test"]}
    counts = {
        name: Counter((r["sex"], r["ancestry"]) for r in {r["identity_id"]: r for r in own}.values())
        for name, own in everybody.items()
    }
    assert all(len(set(count.values())) == 1 and len(count) == 6 for count in counts.values())


def test_class_numbers_count_from_zero_without_gaps() -> None:
    table = rows(0, 30)[10:]
    assert sorted(classes(table).values()) == list(range(len({r["identity_id"] for r in table})))


@pytest.mark.parametrize(
    ("splits", "folds", "cells", "words"),
    [
        (("tran",), None, DEFAULT_CELLS, "did you mean 'train'"),
        (("fold3",), 3, DEFAULT_CELLS, "fold0, fold1, fold2"),
        ((), 1, DEFAULT_CELLS, "2 to 30 folds"),
        ((), 31, DEFAULT_CELLS, "2 to 30 folds"),
        ((), 3, ("sexe",), "did you mean 'sex'"),
    ],
)
def test_wrong_requests(splits: tuple[str, ...], folds: int | None, cells: tuple[str, ...], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        parts(rows(0, 30), splits, folds, cells)


def test_a_cell_that_changes_within_a_person_is_refused() -> None:
    table = rows(0, 6, (2, 2))
    table[1]["age_band"] = "70s"
    with pytest.raises(RequestError, match="000000 is both"):
        deal(table, 2, ("sex", "age_band"))
