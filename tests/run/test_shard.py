"""A shard's bytes hold all of it, and no damage passes."""

from __future__ import annotations

import pytest

from facegen.annotate.schema import SCHEMA
from facegen.errors import DataError
from facegen.run.shard import Shard

ROWS = [
    {**dict.fromkeys(SCHEMA), "image_id": f"000000_{k:03d}", "yaw_deg": k / 7, "landmarks_5": [k / 4] * 10} for k in (2, 0, 5)
]


def test_it_comes_back() -> None:
    shard = Shard(ROWS, {"images/a.jpg": "00", "é": "11"}, {"000000_001": "why\nnot"}, {"images/a.jpg": 7})
    again = Shard.from_bytes(shard.to_bytes(), "x")
    assert again.rows == ROWS and again.table.equals(shard.table)
    assert (again.files, again.failed, again.sizes) == (shard.files, shard.failed, shard.sizes)
    assert again.to_bytes() == shard.to_bytes()
    empty = Shard.from_bytes(Shard([], {}, {"000003_001": "why"}).to_bytes(), "x")
    assert (len(empty), empty.image_ids, empty.identity_id) == (0, [], "000003")


def test_no_damage_passes() -> None:
    data = Shard(ROWS, {"a": "0"}, {}).to_bytes()
    for at in range(0, len(data), 97):
        changed = bytearray(data)
        changed[at] ^= 1
        with pytest.raises(DataError, match="'x.shard' is damaged .*; remove it and run the same command again"):
            Shard.from_bytes(bytes(changed), "x.shard")
    for cut in (0, 3, 15, 16, len(data) // 2, len(data) - 1):
        with pytest.raises(DataError, match="'x.shard' is damaged"):
            Shard.from_bytes(data[:cut], "x.shard")


def test_two_halves_of_a_task() -> None:
    one, two = Shard(ROWS[:1], {"a": "0"}, {}, {"a": 1}), Shard(ROWS[1:], {"b": "1"}, {"000000_009": "x"}, {"b": 2})
    whole = one.joined(two)
    assert whole.image_ids == ["000000_000", "000000_002", "000000_005"]
    assert (whole.files, whole.failed, whole.sizes) == ({"a": "0", "b": "1"}, {"000000_009": "x"}, {"a": 1, "b": 2})


def test_an_undeclared_column_is_refused_with_the_task() -> None:
    with pytest.raises(DataError, match="'colour' is not declared"):
        Shard([{"image_id": "x", "colour": 1}], {}, {}).to_bytes()
