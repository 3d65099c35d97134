"""Weighted totals of comparisons against counting them one by one."""

from __future__ import annotations

import numpy as np
import pytest

from facegen.measures import dyads


def counted(person, code, pairs, w, size):
    out = np.zeros((size, size))
    for i, j in pairs:
        a, b = sorted((code[i], code[j]))
        if a >= 0:
            out[a, b] += w[person[i]] if person[i] == person[j] else w[person[i]] * w[person[j]]
    return out.ravel()


@pytest.fixture
def drawn():
    rng = np.random.default_rng(5)
    person = rng.integers(0, 9, 40)
    person[:9] = np.arange(9)
    return person, rng.integers(-1, 3, 40), rng.integers(0, 4, (3, 9)).astype(float), rng  # groups change within a person


def test_all_pairs_without_listing_them(drawn):
    person, code, weights, _ = drawn
    pairs = [(i, j) for i in range(40) for j in range(i + 1, 40) if person[i] != person[j]]
    found = dyads.AllPairs(person, code, 9, 3)
    for w, row in zip(weights, found(weights), strict=True):
        assert np.allclose(row, counted(person, code, pairs, w, 3))
    people = [{(*sorted((person[i], person[j])),) for i, j in pairs if sorted((code[i], code[j])) == [g, g]} for g in range(3)]
    assert found.units().reshape(3, 3).diagonal().tolist() == [len(p) for p in people]


def test_listed_pairs_with_repeats_and_one_person_on_both_sides(drawn):
    person, code, weights, rng = drawn
    first, second = rng.integers(0, 40, (2, 500))
    found = dyads.Listed((person[first].astype(np.int32), person[second].astype(np.int32)), (code[first], code[second]), 9, 3)
    for w, row in zip(weights, found(weights), strict=True):
        assert np.allclose(row, counted(person, code, list(zip(first, second, strict=True)), w, 3))
    assert found.units().sum() <= 500


def test_all_pairs_and_their_list_agree(drawn):
    person, code, weights, _ = drawn
    i, j = np.triu_indices(40, 1)
    kept = person[i] != person[j]
    i, j = i[kept], j[kept]
    listed = dyads.Listed((person[i].astype(np.int32), person[j].astype(np.int32)), (code[i], code[j]), 9, 3)
    assert np.allclose(listed(weights), dyads.AllPairs(person, code, 9, 3)(weights))


def test_components_are_those_of_the_list():
    found = dyads.components(np.array([0, 2, 3]), np.array([1, 3, 4]), 6)
    assert found[0] == found[1] and found[2] == found[3] == found[4] and len(set(found.tolist())) == 3


def test_cells_are_unordered():
    assert dyads.cell_of(np.array([2, 1, -1]), np.array([1, 2, 0]), 4).tolist() == [6, 6, -1]
