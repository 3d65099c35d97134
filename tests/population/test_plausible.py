"""Drawn distances spread and go together as declared, and conditioned axes give the distances that were drawn."""

from __future__ import annotations

import numpy as np
import pytest

from facegen import rng
from facegen.population.plausible import Response, condition, distances
from facegen.resources import asset_json

PEOPLE = 6000


@pytest.fixture(scope="module")
def drawn() -> np.ndarray:
    return np.array([distances(rng.stream("test.calipers", n, seed=1)) for n in range(PEOPLE)])


def test_distances_spread_as_declared_and_stay_within_the_limit(drawn: np.ndarray) -> None:
    table = asset_json("head/calipers.json")
    z = drawn / np.array([one["sd"] for one in table["calipers"].values()])
    assert np.abs(z).max() <= table["limit_sd"] + 1e-9
    reach = table["limit_sd"] / table["spread"]
    density, tail = np.exp(-(reach**2) / 2) / np.sqrt(2 * np.pi), np.trapz(_bell(reach), _grid(reach))
    cut = np.sqrt(1 - 2 * reach * density / tail)  # of a normal truncated at +-reach
    assert z.std(axis=0) == pytest.approx(table["spread"] * cut, rel=0.05)


def test_distances_go_together_by_their_loads(drawn: np.ndarray) -> None:
    calipers = asset_json("head/calipers.json")["calipers"]
    found = np.corrcoef(drawn.T)
    loads = [one.get("loads", {}) for one in calipers.values()]
    wanted = np.array([[sum(a.get(f, 0) * b.get(f, 0) for f in a) for b in loads] for a in loads])
    np.fill_diagonal(wanted, 1.0)
    assert np.abs(found - wanted).max() < 0.07
    assert wanted[~np.eye(len(wanted), dtype=bool)].max() > 0.3


def test_conditioned_axes_give_the_distances_and_move_no_more_than_they_must() -> None:
    answer = Response(np.array([[2.0, 1.0, 0.0]]), np.array([[4.0, 1.0, 0.0]]), np.array([1e-3]))
    limit, zero = np.full(3, 5.0), np.zeros(3)
    at = condition(np.array([0.1, 0.2, 0.3]), zero, np.array([2.0]), limit, answer, answer.gain(np.full(3, 0.5)))
    assert answer.of(at) == pytest.approx([2.0], abs=1e-3)
    assert at[2] == 0.3, "what no caliper measures stays as drawn"
    assert (at[0] - 0.1) / (at[1] - 0.2) == pytest.approx(3.0, rel=1e-6), "by the sides' mean slope times variance"


def _grid(reach: float) -> np.ndarray:
    return np.linspace(-reach, reach, 2001)


def _bell(reach: float) -> np.ndarray:
    return np.exp(-(_grid(reach) ** 2) / 2) / np.sqrt(2 * np.pi)
