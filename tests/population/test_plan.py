"""The plan is balanced, prefix-stable, and draws what it declares."""

from __future__ import annotations

import json
from collections import Counter
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from plans import cell, plan
from scipy import stats

from facegen.errors import RequestError
from facegen.population.distributions import of
from facegen.population.plan import Plan, build
from facegen.resources import asset_json
from facegen.sample import SampleSpec
from facegen.spec import DatasetSpec

PIPELINES = Path(__file__).parents[2] / "pipelines"


def test_every_prefix_is_balanced_within_one(large: Plan) -> None:
    cells = [cell(large, n) for n in range(200)]
    assert len(large.cells) == 48
    for length in (1, 47, 48, 49, 100, 200):
        counts = Counter(cells[:length])
        assert max(counts.values()) - min(counts.get(tuple(c.values()), 0) for c in large.cells) <= 1


def test_small_sets_show_every_word_early() -> None:
    for seed in range(3):
        p = plan(48, 1, seed=seed)
        cells = [(e.sex, e.age_band, e.ancestry) for e in map(p._roster.entry, range(48))]
        for length in range(1, 49):
            for attribute, most in ((0, 1), (1, 2), (2, 2)):
                counts = Counter(c[attribute] for c in cells[:length])
                words = {tuple(c.values())[attribute] for c in p.cells}
                assert max(counts.values()) - min(counts[w] for w in words) <= most


def test_traits_do_not_follow_one_another(large: Plan) -> None:
    people, seats = large.identities, large.sittings
    young = [s.age_years - int(s.age_band[:2]) for s in seats]
    traits = {
        "fat": np.array([s.body_fat for s in seats]) > 0.5,
        "young": np.array(young) > np.median(young),
        "brown": np.array([p.iris.color == "dark_brown" for p in people]),
        "curly": np.array([p.hair.curl in ("curly", "coily") for p in people]),
        "glasses": np.array([s.eyewear != "none" for s in seats]),
    }
    sexes, bands = (np.array(v) for v in ([p.sex for p in people], [s.age_band for s in seats]))
    for name, trait in traits.items():
        for groups in (sexes, bands, *(v for other, v in traits.items() if {name, other}.isdisjoint({"brown", "curly"}))):
            if groups is not trait:
                table = [[int(((groups == g) & (trait == t)).sum()) for g in np.unique(groups)] for t in (False, True)]
                assert stats.chi2_contingency(table).pvalue > 0.001, name


def test_marginals_of_whole_blocks_are_exact(large: Plan) -> None:
    for attribute in range(3):
        counts = Counter(cell(large, n)[attribute] for n in range(480))
        assert len(set(counts.values())) == 1


def test_more_identities_or_images_change_nothing_drawn_before() -> None:
    small, wide, deep = plan(5, 2), plan(50, 2), plan(5, 7)
    for n in range(5):
        assert small.identity(n) == wide.identity(n) == deep.identity(n)
        for k in range(2):
            assert small.sample(2 * n + k) == wide.sample(2 * n + k) == deep.sample(7 * n + k)


def test_order_of_asking_does_not_matter() -> None:
    forward, backward = plan(20), plan(20)
    there = [forward.sample(n) for n in range(40)]
    back = [backward.sample(n) for n in reversed(range(40))]
    assert there == back[::-1]


def test_samples_survive_json(large: Plan) -> None:
    for sample in islice(large.samples(), 5):
        assert SampleSpec.model_validate_json(sample.model_dump_json()) == sample


def test_seed_zero_is_a_seed_and_seeds_differ() -> None:
    zero, one = plan(3, seed=0), plan(3, seed=1)
    assert zero.identity(0).shape != one.identity(0).shape
    assert zero.identity(0) == plan(3, seed=0).identity(0)


def test_changing_one_factor_changes_no_other() -> None:
    base, turned = plan(10, shots={"yaw_deg": 0}), plan(10, shots={"yaw_deg": 30})
    for a, b in zip(base.samples(), turned.samples(), strict=True):
        assert a.identity == b.identity
        assert a.sitting == b.sitting
        left, right = (s.shot.model_dump(exclude={"pose": {"yaw_deg"}, "gaze": True}) for s in (a, b))
        assert left == right
    blue = plan(10, population={"eye_color": "blue", "hair_color": "brown"})
    brown = plan(10, population={"eye_color": "brown", "hair_color": "brown"})
    for a, b in zip(blue.identities, brown.identities, strict=True):
        assert a.model_dump(exclude={"iris": {"color", "melanin"}}) == b.model_dump(exclude={"iris": {"color", "melanin"}})


def test_shots_follow_their_declared_laws(large: Plan, shown: list[SampleSpec]) -> None:
    shots = [s.shot for s in shown]
    declared = large.spec.shots
    for name in ("yaw_deg", "pitch_deg", "roll_deg"):
        drawn = [getattr(s.pose, name) for s in shots]
        assert stats.kstest(drawn, np.vectorize(of(getattr(declared, name)).cdf)).pvalue > 0.01
    places, devices = (preset_places(f"wild_{what}") for what in ("light", "devices"))
    for seen, shares in ((Counter(s.light.rig for s in shots), places), (Counter(s.camera.profile for s in shots), devices)):
        assert set(seen) <= set(shares)
        assert stats.chisquare([seen[n] for n in shares], [share * len(shots) for share in shares.values()]).pvalue > 0.01


def preset_places(what: str) -> dict[str, float]:
    """The shares of the preset's devices or places of light, scaled to 1."""
    preset, key = what.split("_")
    everywhere = {name: place["share"] for name, place in asset_json("light/environments.json")["environments"].items()}
    shares = asset_json("camera/presets.json")["presets"][preset].get(key, everywhere)
    return {name: share / sum(shares.values()) for name, share in shares.items()}


def test_nuisance_says_nothing_about_people(shown: list[SampleSpec]) -> None:
    for k in range(2):  # one shot of everybody: shots of one person are no independent draws
        part = shown[k::2]
        for factor in (lambda s: s.shot.light.rig, lambda s: s.shot.camera.profile, lambda s: s.sitting.eyewear != "none"):
            for attribute in (lambda s: s.identity.sex, lambda s: s.identity.ancestry, lambda s: s.sitting.age_band):
                table = Counter((factor(s), attribute(s)) for s in part)
                rows, columns = ({key[i] for key in table} for i in (0, 1))
                counts = [[table[r, c] for c in sorted(columns)] for r in sorted(rows)]
                assert stats.chi2_contingency(counts).pvalue > 0.001


def test_fixed_and_weighted_attributes() -> None:
    fixed = plan(24, 1, population={"sex": "male", "beard": "full", "hair_style": "buzz", "skin_monk": 4, "body_fat": 0.5})
    assert all(p.sex == "male" and p.skin.monk == 4 for p in fixed.identities)
    assert all(s.beard.style == "full" and s.hair.style == "buzz" and s.body_fat == 0.5 for s in fixed.sittings)
    weighted = plan(200, 1, population={"sex": {"female": 0.9, "male": 0.1}})
    assert sum(p.sex == "female" for p in weighted.identities) == pytest.approx(180, abs=3)
    mixed = plan(12, 1, population={"mixtures": {"m": {"african": 0.5, "european": 0.5}}, "ancestry": "m"})
    assert all(p.ancestry_weights["african"] > 0.4 and p.ancestry_weights["european"] > 0.4 for p in mixed.identities)
    crossed = plan(60, 1, population={"skin_monk": list(range(1, 11)), "balance": ["sex", "skin_monk"]})
    assert set(Counter((p.sex, p.skin.monk) for p in crossed.identities).values()) == {3}


def test_frontal_clean_is_frontal_and_clean() -> None:
    spec = DatasetSpec.load(PIPELINES / "frontal_clean.yaml")
    for sample in islice(build(spec).samples(), 30):
        assert sample.shot.pose.yaw_deg == sample.shot.pose.pitch_deg == sample.shot.pose.roll_deg == 0
        assert sample.shot.expression.weights == {}
        worn = sample.shot.wear
        assert worn.eyewear is worn.mask is worn.headwear is worn.scarf is None


def test_glasses_come_and_go_within_a_person() -> None:
    spec = DatasetSpec.load(PIPELINES / "recognition_small.yaml")
    p = build(spec.model_copy(update={"population": spec.population.model_copy(update={"glasses": 1.0})}))
    both = 0
    for n in range(20):
        kinds = {p.sample(12 * n + k).shot.wear.eyewear is None for k in range(12)}
        both += len(kinds) == 2
    assert both >= 19


def test_the_order_of_a_list_means_nothing() -> None:
    one, two = plan(8, 1), plan(8, 1, population={"ancestry": ["european", "south_asian", "east_asian", "african"]})
    assert one.spec.sha256() == two.spec.sha256()
    assert one.identities == two.identities


def test_asking_outside_the_plan_is_refused() -> None:
    p = plan(2, 2)
    for ask in (lambda: p.sample(4), lambda: p.identity(2), lambda: p.sample(-1)):
        with pytest.raises(RequestError, match="choose 0 to"):
            ask()


def test_plan_ignores_counts_but_not_declarations() -> None:
    assert json.dumps(plan(4).identity(0).model_dump()) == json.dumps(plan(9, 3, size=64, format="png").identity(0).model_dump())
