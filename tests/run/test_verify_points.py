"""Tables of landmarks on another platform: places must agree to the bit, visibility to one in a thousand."""

import numpy as np
import pytest

from facegen.annotate.points import packed
from facegen.run.verify import _compare_points

NAME = "points/a/a_0.npz"


@pytest.fixture
def tables() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(4)
    return {"dense_px": rng.normal(size=(5000, 2)).astype(np.float32), "dense_visible": rng.random(5000) < 0.5}


def test_what_two_renders_may_differ_in(tables: dict[str, np.ndarray]) -> None:
    stored = packed(tables)
    assert _compare_points(NAME, stored, stored) == []
    few, many = tables["dense_visible"].copy(), tables["dense_visible"].copy()
    few[:4] ^= True
    many[:50] ^= True
    assert _compare_points(NAME, packed({**tables, "dense_visible": few}), stored) == []
    assert _compare_points(NAME, packed({**tables, "dense_visible": many}), stored) == [
        f"{NAME}: dense_visible comes out differently"
    ]
    moved = tables["dense_px"] + np.float32(0.01)
    assert _compare_points(NAME, packed({**tables, "dense_px": moved}), stored) == [f"{NAME}: dense_px comes out differently"]
    assert "instead of" in _compare_points(NAME, packed({"478_px": moved}), stored)[0]
