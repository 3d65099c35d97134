"""People of a plan: pigment, hairlines, tones, shapes, ages and what the years between sittings change."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from plans import plan
from scipy import stats

from facegen.looks.color import ciede2000
from facegen.population.plan import Plan
from facegen.resources import asset_json

PIPELINES = Path(__file__).parents[2] / "pipelines"


def test_tones_are_even_within_each_ancestry(large: Plan) -> None:
    for length in (48, 130, 480):
        for preset, tables in asset_json("population/ancestry.json")["presets"].items():
            tones = Counter(p.skin.monk for p in large.identities[:length] if p.ancestry == preset)
            if tones:
                low, high = tables["skin_monk"]
                counts = [tones[t] for t in range(low, high + 1)]
                assert sum(counts) == tones.total()
                assert max(counts) - min(counts) <= 1


def test_tones_do_not_follow_sex(large: Plan) -> None:
    table = [
        [sum(p.sex == sex and p.skin.monk == m for p in large.identities) for m in range(1, 11)] for sex in ("female", "male")
    ]
    assert stats.chi2_contingency(table).pvalue > 0.9


def test_pigment_follows_its_tables() -> None:
    people = plan(400, 1, population={"ancestry": "european", "balance": ["sex", "age_band"]}).identities
    table = asset_json("population/ancestry.json")["presets"]["european"]
    for attribute, drawn in (
        ("eye_color", [p.iris.color for p in people]),
        ("hair_color", [p.hair.color for p in people]),
        ("hair_curl", [p.hair.curl for p in people]),
    ):
        counts = Counter(drawn)
        expected = {name: share * len(people) for name, share in table[attribute].items()}
        assert stats.chisquare([counts[name] for name in expected], list(expected.values())).pvalue > 0.05
    light = [p.hair.color in ("blond", "light_brown") for p in people if p.iris.color in ("blue", "green", "grey")]
    dark = [p.hair.color in ("blond", "light_brown") for p in people if p.iris.color not in ("blue", "green", "grey")]
    assert np.mean(light) > np.mean(dark) + 0.05


def test_hairlines_follow_their_table_and_heights_are_even_about_the_middle(large: Plan) -> None:
    table = asset_json("population/pigment.json")["hairline"]
    for sex in ("female", "male"):
        counts = Counter(p.hair.hairline for p in large.identities if p.sex == sex)
        expected = {name: share * counts.total() for name, share in table[sex].items()}
        assert stats.chisquare([counts[name] for name in expected], list(expected.values())).pvalue > 0.01
    for drawn in ([p.hair.hairline_height for p in large.identities], [p.brows.gap for p in large.identities]):
        assert abs(np.mean(drawn) - 0.5) < 0.03 and 0.15 < np.std(drawn) < 0.28


def test_the_place_of_a_beard_is_the_persons_own() -> None:
    two = plan(60, 2, sittings_per_identity=2)
    for n in range(60):
        first, second = (two.sitting(n, k).beard for k in (0, 1))
        assert (first.cheek, first.patchy, first.link) == (second.cheek, second.patchy, second.link)
    assert len({two.sitting(n, 0).beard.cheek for n in range(60)}) > 50


def test_tones_lie_near_their_anchors_and_nearer_than_to_any_other(large: Plan) -> None:
    anchors = np.array([a["lab"] for a in asset_json("looks/monk.json")["anchors"]])
    assert (np.diff(anchors[:, 0]) < 0).all()
    assert (ciede2000(anchors[1:], anchors[:-1]) >= 3).all()
    for person in large.identities:
        distance = ciede2000(np.repeat([person.skin.lab], 10, axis=0), anchors)
        assert distance[person.skin.monk - 1] <= 1.25
        assert distance.argmin() == person.skin.monk - 1


def test_swatch_distances_in_the_asset_are_right() -> None:
    for row in asset_json("looks/monk.json")["anchors"]:
        swatches = np.array([a["swatch_lab"] for a in asset_json("looks/monk.json")["anchors"]])
        distance = ciede2000(np.repeat([row["lab"]], 10, axis=0), swatches)
        assert distance.argmin() + 1 == row["nearest_swatch"]
        assert distance.min() == pytest.approx(row["nearest_distance"], abs=0.01)


def test_shape_stays_within_the_prior(large: Plan) -> None:
    prior = asset_json("head/prior.json")
    shapes = np.array([list(p.shape.values()) for p in large.identities])
    names = list(large.identities[0].shape)
    assert names == list(prior["axes"])
    limits = np.array([prior["axes"][n]["limit"] for n in names])
    assert (np.abs(shapes) <= limits).all()


def test_ages_fill_their_bands_and_beards_are_for_men(large: Plan) -> None:
    for seat, person in zip(large.sittings, large.identities, strict=True):
        low, high = (int(x) for x in seat.age_band.split("-"))
        assert low <= seat.age_years < high + 1
        if person.sex == "female":
            assert seat.beard.style == "none"
    ages = [s.age_years for s in large.sittings if s.age_band == "30-39"]
    assert stats.kstest(ages, stats.uniform(30, 10).cdf).pvalue > 0.5


def test_children_have_no_beard_and_no_makeup() -> None:
    young = plan(40, 1, population={"children": True, "age_band": ["4-9", "10-17"]})
    assert all(s.beard.style == "none" and s.makeup.lips == 0 and s.hair.dye is None and s.age_years < 18 for s in young.sittings)


def test_sittings_visit_other_ages_and_stay_balanced() -> None:
    three = plan(96, 6, sittings_per_identity=3)
    for index in range(3):
        counts = Counter(three.sitting(n, index).age_band for n in range(96))
        assert set(counts.values()) == {16}
    for n in range(10):
        assert len({three.sitting(n, s).age_band for s in range(3)}) == 3
    assert [three.sample(k).sitting.index for k in range(6)] == [0, 1, 2, 0, 1, 2]


def test_later_sittings_keep_habits_more_often_than_not() -> None:
    two = plan(300, 2, sittings_per_identity=2, population={"later_sittings": "same_band"})
    pairs = [(two.sitting(n, 0), two.sitting(n, 1)) for n in range(300)]
    kept = np.mean([a.hair.style == b.hair.style and a.hair.seed == b.hair.seed for a, b in pairs])
    assert abs(kept - 0.65) < 0.1
    men = [(a, b) for a, b in pairs if a.beard.style != "none"]
    assert np.mean([a.beard.seed == b.beard.seed for a, b in men]) > 0.5
    assert all(
        b.beard.style == a.beard.style for a, b in men if a.beard.seed == b.beard.seed and abs(a.age_years - b.age_years) < 1
    )


def test_later_sittings_lie_the_declared_years_apart() -> None:
    three = plan(120, 3, sittings_per_identity=3, population={"age_span_years": {"uniform": [5, 30]}})
    apart = []
    for n in range(120):
        first, *later = (three.sitting(n, s) for s in range(3))
        for seat in later:
            apart.append(seat.age_years - first.age_years)
            low, high = (int(x) for x in seat.age_band.split("-"))
            assert low <= seat.age_years < high + 1
    assert stats.kstest(np.abs(apart), stats.uniform(5, 25).cdf).pvalue > 0.2
    assert 0.3 < np.mean(np.array(apart) > 0) < 0.7
    one = plan(120, 3, sittings_per_identity=3, population={"age_span_years": 10, "body_fat_change": 0.0})
    assert [one.sitting(n, 0) for n in range(9)] == [three.sitting(n, 0) for n in range(9)]
    assert all(one.sitting(n, 0).body_fat == one.sitting(n, 2).body_fat for n in range(9))


def test_greying_and_loss_grow_with_age(large: Plan) -> None:
    grey = {band: [] for band in ("18-29", "40-49", "50-59", "70-85")}
    for seat in large.sittings:
        if seat.age_band in grey and seat.hair.dye is None:
            grey[seat.age_band].append(seat.hair.grey)
    means = [np.mean(values) for values in grey.values()]
    assert means == sorted(means)
    assert means[0] < 0.03
    assert 0.15 < np.mean(grey["40-49"] + grey["50-59"]) < 0.4  # Panhard 2012: 27% between 45 and 65
