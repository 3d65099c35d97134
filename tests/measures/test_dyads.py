"""Weighted totals of comparisons against counting them one by one."""

from __future__ import annotations

import numpy as np
import pytest

from facegen.measures import dyads, resample


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


@pytest.mark.parametrize("kind", ["all", "listed"])
def test_spread_of_errors_against_counting(drawn, kind):
    person, code, _, rng = drawn
    i, j = np.triu_indices(40, 1)
    kept = person[i] != person[j]
    i, j = i[kept], j[kept]
    if kind == "all":
        totals = dyads.AllPairs(person, code, 9, 3)
    else:
        totals = dyads.Listed((person[i].astype(np.int32), person[j].astype(np.int32)), (code[i], code[j]), 9, 3)
    wrong = rng.random(len(i)) < 0.2
    rate = rng.random(9)
    sums: dict[tuple[int, ...], list[float]] = {}
    for a, b, error in zip(i, j, wrong, strict=True):
        units = sorted([(code[a], person[a]), (code[b], person[b])])
        if code[a] >= 0 and code[b] >= 0:
            sums.setdefault((*units[0], *units[1]), []).append(error)
    expected = np.zeros(9)
    for (c, _, e, _), errors in sums.items():
        expected[c * 3 + e] += (sum(errors) - rate[c * 3 + e] * len(errors)) ** 2
    accepted = dyads.Accepted((person[i[wrong]], person[j[wrong]]), (code[i[wrong]], code[j[wrong]]))
    assert np.allclose(totals.spread(accepted, rate), expected)


def test_independent_errors_get_the_variance_of_a_binomial():
    """Weights of people alone give three times as much; what is left after `narrowed` is p (1 - p) / n."""
    people, p = 80, 0.03
    i, j = np.triu_indices(people, 1)
    totals = dyads.AllPairs(np.arange(people), np.zeros(people, int), people, 1)
    weights = np.concatenate(list(resample.weights(people, 1000)))
    before, after = [], []
    for seed in range(30):
        wrong = np.random.default_rng(seed).random(len(i)) < p
        rate, n = np.array([wrong.mean()]), np.array([float(len(i))])
        drawn = (weights[:, i[wrong]] * weights[:, j[wrong]]).sum(axis=1, keepdims=True) / totals(weights)
        none = np.zeros(int(wrong.sum()), int)
        spread = totals.spread(dyads.Accepted((i[wrong], j[wrong]), (none, none)), rate)
        before.append(drawn.var())
        after.append(dyads.narrowed(rate, drawn, spread, n).var())
    binomial = p * (1 - p) / len(i)
    assert np.mean(before) / binomial == pytest.approx(3, rel=0.1)
    assert np.mean(after) / binomial == pytest.approx(1, rel=0.15)
