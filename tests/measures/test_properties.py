"""Balance measures on random tables: they are what other people's formulas say, and a set that misses a group is never even."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from facegen.measures import balance
from facegen.measures.association import cramers_v
from facegen.measures.patterns import Pattern, cover, uncovered_patterns

hypothesis = pytest.importorskip("hypothesis")
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

settings.register_profile("ours", deadline=None, max_examples=150, derandomize=True)
settings.load_profile("ours")

CLOSE = {"rel": 1e-9, "abs": 1e-9}
counts = st.lists(st.integers(0, 10_000), min_size=2, max_size=40).filter(lambda c: sum(c) > 0)


@st.composite
def pairs(draw):
    """Counts and positive target weights of the same categories."""
    found = draw(counts)
    return found, draw(st.lists(st.integers(1, 500), min_size=len(found), max_size=len(found)))


@given(pairs())
def test_measures_are_scipys_and_ecologys(pair) -> None:
    found, weights = (np.array(v, dtype=float) for v in pair)
    n, p, q = found.sum(), found / found.sum(), weights / weights.sum()
    out = balance.summary(found, weights)
    assert out["entropy"] == pytest.approx(stats.entropy(found), **CLOSE)
    assert out["kl"] == pytest.approx(stats.entropy(p, q), **CLOSE)
    assert out["js"] == pytest.approx(jensenshannon(p, q) ** 2, **CLOSE)
    assert out["tv"] == pytest.approx(sum(max(a - b, 0) for a, b in zip(p, q, strict=True)), **CLOSE)  # the other way to write it
    chi2, p_value = stats.chisquare(found, q * n)
    assert out["chi2"] == pytest.approx(chi2, **CLOSE)
    assert out["chi2_p"] == pytest.approx(p_value, **CLOSE)
    # scikit-bio's formulas, written apart: shannon (base e), pielou_e over declared categories, dominance, berger_parker_d
    seen = [c / n for c in pair[0] if c]
    shannon = -math.fsum(f * math.log(f) for f in seen)
    assert out["ens"] == pytest.approx(math.exp(shannon), **CLOSE)
    assert out["sei"] == pytest.approx(shannon / math.log(len(pair[0])), **CLOSE)
    assert out["simpson"] == pytest.approx(math.fsum(f * f for f in seen), **CLOSE)
    assert out["berger_parker"] == pytest.approx(max(pair[0]) / sum(pair[0]), **CLOSE)
    assert out["imbalance_ratio"] == (pytest.approx(max(pair[0]) / min(pair[0]), **CLOSE) if min(pair[0]) else None)


@given(st.lists(st.lists(st.integers(1, 300), min_size=3, max_size=3), min_size=2, max_size=8))
def test_cramers_v_is_scipys(table) -> None:
    assert cramers_v(table)[0] == pytest.approx(stats.contingency.association(np.array(table), method="cramer"), **CLOSE)


@given(counts, st.data())
def test_a_set_that_misses_a_group_never_scores_as_even(found, data) -> None:
    found[data.draw(st.integers(0, len(found) - 1))] = 0
    hypothesis.assume(sum(found) > 0)
    declared = len(found)
    out = balance.summary(found, np.ones(declared))
    even = balance.summary(np.full(declared, 7), np.ones(declared))
    assert out["sei"] < 1 - 1e-9
    assert out["ens"] < declared - 1e-9
    assert out["simpson"] > 1 / declared + 1e-9
    assert out["berger_parker"] > 1 / declared + 1e-9
    assert out["imbalance_ratio"] is None
    assert min(out["kl"], out["js"], out["tv"], out["chi2"]) > 1e-9
    assert (even["sei"], even["ens"]) == pytest.approx((1, declared))
    assert even["imbalance_ratio"] == 1
    assert [even[name] for name in ("kl", "js", "tv", "chi2")] == pytest.approx([0, 0, 0, 0])


@st.composite
def tables(draw):
    shape = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4).filter(lambda s: np.prod(s) <= 24))
    cells = draw(st.lists(st.integers(0, 6), min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
    allowed = draw(st.lists(st.booleans(), min_size=len(cells), max_size=len(cells)))
    names = tuple(tuple(f"{a}{i}" for i in range(k)) for a, k in enumerate(shape))
    return np.array(cells).reshape(shape), names, np.array(allowed).reshape(shape)


def at(pattern: Pattern, names) -> tuple:
    return tuple(slice(None) if v is None else c.index(v) for v, c in zip(pattern.values, names, strict=True))


@given(tables(), st.integers(1, 30))
def test_uncovered_patterns_are_those_of_brute_force(given_table, tau) -> None:
    table, names, _ = given_table

    def count(pattern: tuple) -> int:
        return int(table[tuple(slice(None) if v is None else c.index(v) for v, c in zip(pattern, names, strict=True))].sum())

    expected = set()
    for pattern in itertools.product(*((None, *c) for c in names)):
        parents = [pattern[:i] + (None,) + pattern[i + 1 :] for i in range(len(names)) if pattern[i] is not None]
        if count(pattern) < tau and all(count(parent) >= tau for parent in parents):
            expected.add((pattern, count(pattern)))
    found = uncovered_patterns(table, names, tau)
    assert {(p.values, p.count) for p in found} == expected
    assert len(found) == len(expected)


@given(tables(), st.integers(1, 30))
def test_a_cover_reaches_tau_and_is_never_below_its_bound(given_table, tau) -> None:
    table, names, allowed = given_table
    missing = uncovered_patterns(table, names, tau)
    found = cover(missing, names, tau, allowed)
    full = table.copy()
    for cell in found.cells:
        assert allowed[at(cell, names)]
        assert cell.count > 0
        full[at(cell, names)] += cell.count
    reachable = [p for p in missing if np.any(allowed[at(p, names)])]
    assert all(full[at(p, names)].sum() >= tau for p in reachable)
    assert found.total == sum(c.count for c in found.cells) >= found.lower_bound
    assert found.lower_bound >= max((tau - p.count for p in reachable), default=0)


@settings(max_examples=60)
@given(st.lists(st.integers(0, 2), min_size=8, max_size=8), st.integers(1, 3))
def test_small_covers_are_the_least_there_are(cells, tau) -> None:
    names = (("a", "b"), ("c", "d"), ("e", "f"))
    missing = uncovered_patterns(np.array(cells).reshape(2, 2, 2), names, tau)
    inside = np.array([[all(v in (None, w) for v, w in zip(p.values, cell, strict=True)) for cell in itertools.product(*names)]
                       for p in missing], dtype=int).reshape(len(missing), 8)  # fmt: skip
    need = np.array([tau - p.count for p in missing])

    def possible(total: int) -> bool:
        ways = itertools.combinations_with_replacement(range(8), total)
        return any((inside @ np.bincount(way, minlength=8) >= need).all() for way in ways)

    found = cover(missing, names, tau)
    hypothesis.assume(found.total <= 6)
    assert found.proven
    assert found.total == next(total for total in range(found.total + 1) if possible(total))
