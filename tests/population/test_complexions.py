"""Complexions are drawn as pigment.json declares them, and drawing one field moves no other."""

from __future__ import annotations

import numpy as np
import pytest

from facegen import rng
from facegen.population import complexion
from facegen.population.distributions import of

PEOPLE = 3000


def _draw(n: int, sex: str, monk: int):
    return complexion.draw(sex, monk, lambda name: rng.stream(f"identity.{name}", n, seed=11))


@pytest.fixture(scope="module")
def women():
    return [_draw(n, "female", 5) for n in range(PEOPLE)]


def test_shares_are_the_declared_ones(women):
    for name, entry in complexion.table().items():
        drawn = np.array([getattr(c, name) for c in women], dtype=float)
        expected = 1 - entry["count"][0] if "count" in entry else complexion.share(entry, "female", 5)
        assert (drawn > 0).mean() == pytest.approx(expected, abs=4 * np.sqrt(max(expected * (1 - expected), 1e-4) / PEOPLE)), name


def test_amounts_follow_their_distribution_and_have_a_tail(women):
    for name, entry in complexion.table().items():
        drawn = np.array([getattr(c, name) for c in women], dtype=float)
        if "count" in entry or complexion.share(entry, "female", 5) < 0.3:
            continue
        some = drawn[drawn > 0]
        assert np.median(some) == pytest.approx(of(entry["amount"]).ppf(0.5), rel=0.12), name
        assert 0.005 < (some > 0.7).mean() < 0.25, f"{name}: a few are strong"


def test_melasma_is_mostly_a_womans_and_vitiligo_is_rare(women):
    men = [_draw(n, "male", 5) for n in range(PEOPLE)]
    melasma = [np.mean([c.melasma > 0 for c in group]) for group in (women, men)]
    assert melasma[0] > 4 * melasma[1]
    assert np.mean([c.vitiligo > 0 for c in women + men]) == pytest.approx(0.01, abs=0.006)
    assert women[0] == _draw(0, "female", 5)
