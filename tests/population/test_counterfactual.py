"""Each factor changes what it says and nothing else: variants and bases compared number by number."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from counterfactuals import EVERY, counterfactual_spec

from facegen.errors import RequestError, SpecError
from facegen.population import counterfactual, variants
from facegen.population.light import environments
from facegen.population.plan import Plan, build
from facegen.sample import SampleSpec
from facegen.spec import DatasetSpec

MAY_CHANGE = {
    "skin_monk": {"identity.skin.monk", "identity.skin.lab"},
    "sex": {"identity.sex", "identity.sex_value"},
    "ancestry": {"identity.ancestry", "identity.ancestry_weights"},
    "hair_style": {"sitting.hair.style"},
    "hair_color": {"identity.hair.color", "identity.hair.eumelanin", "identity.hair.pheomelanin"},
    "eye_color": {"identity.iris.color", "identity.iris.melanin"},
    "age_years": {"sitting.age_years", "sitting.age_band", "sitting.hair.grey", "sitting.hair.recession", "sitting.hair.thinning",
                  "sitting.beard.grey"},
    "light": {"shot.light.rig", "shot.light.sh", "shot.light.keys", "shot.light.place"},
    "mask": {"shot.wear.mask"},
    "glasses": {"shot.wear.eyewear"},
    "expression": {"shot.expression"},
    "yaw_deg": {"shot.pose.yaw_deg"},
    "pitch_deg": {"shot.pose.pitch_deg"},
}  # fmt: skip


def leaves(value: Any, name: str = "") -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        return {name: value}
    out: dict[str, Any] = {}
    for key, inner in value.items():
        out |= leaves(inner, f"{name}.{key}" if name else key)
    return out


def differing(a: SampleSpec, b: SampleSpec) -> set[str]:
    x, y = (leaves(s.model_dump(mode="json", exclude={"image_id", "counterfactual"})) for s in (a, b))
    return {name for name in {*x, *y} if x.get(name) != y.get(name)}


@pytest.fixture(scope="module")
def plan() -> counterfactual.CounterfactualPlan:
    made = build(counterfactual_spec(identities=12))
    assert isinstance(made, counterfactual.CounterfactualPlan)
    return made


def test_each_variant_differs_in_its_factor_alone(plan: counterfactual.CounterfactualPlan) -> None:
    seen = set()
    for group in plan.groups:
        base = plan.sample(group[0])
        assert base.counterfactual is None
        for n in group[1:]:
            variant = plan.sample(n)
            told = variant.counterfactual
            assert told is not None and told.base_id == base.image_id
            changed = differing(base, variant)
            allowed = MAY_CHANGE[told.factor]
            assert changed and all(any(c == a or c.startswith(a + ".") for a in allowed) for c in changed), (told.factor, changed)
            seen.add(told.factor)
    assert seen == set(EVERY)


def test_the_base_is_in_the_variant(plan: counterfactual.CounterfactualPlan) -> None:
    for group in plan.groups[:3]:
        base = plan.sample(group[0])
        for n in group[1:]:
            alone = SampleSpec.model_validate_json(plan.sample(n).model_dump_json())
            assert alone == plan.sample(n) and alone.base() == base
            assert alone.base().model_dump_json() == base.model_dump_json()


def test_the_bases_own_values_make_no_pair(plan: counterfactual.CounterfactualPlan) -> None:
    for group in plan.groups:
        base, made = plan.sample(group[0]), [plan.sample(n) for n in group[1:]]
        values = {(v.counterfactual.factor, v.counterfactual.value) for v in made if v.counterfactual}
        assert ("sex", base.identity.sex) not in values and ("skin_monk", str(base.identity.skin.monk)) not in values
        assert ("light", base.shot.light.rig) not in values
        left = {(e["factor"], e["value"]) for e in plan.left_out if e["base_id"] == base.image_id}
        assert not values & left
    assert variants.alike(30.2, 30.0) and not variants.alike(30.6, 30.0) and not variants.alike("2", "9")


def test_what_does_not_suit_is_left_out_with_a_reason(plan: counterfactual.CounterfactualPlan) -> None:
    for group in plan.groups:
        base = plan.sample(group[0])
        said = {(e["factor"], e["value"]): e["reason"] for e in plan.left_out if e["base_id"] == base.image_id}
        assert (("sex", "female") in said) == (base.identity.sex == "male" and base.sitting.beard.style != "none")
        assert (("glasses", "own") in said) == (base.sitting.eyewear == "none")
        for value in EVERY["light"]:
            fits = base.shot.background.kind in environments()[value]["backgrounds"]
            assert (("light", value) in said) == (not fits and base.shot.light.rig != value)
    assert any(e["factor"] == "sex" and "beard" in e["reason"] for e in plan.left_out)


def test_numbers_ids_and_counts_agree(plan: counterfactual.CounterfactualPlan) -> None:
    numbers = [n for group in plan.groups for n in group]
    assert len(plan) == len(numbers) == len(set(numbers))
    ids = [sample.image_id for sample in plan.samples()]
    assert len(set(ids)) == len(ids) and all(set(i) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-") for i in ids)
    assert any(i.endswith("__yaw_deg-m30") for i in ids)
    holes = sorted(set(range(plan.stride * plan.bases)) - set(numbers))
    with pytest.raises(RequestError, match="has no variant"):
        plan.sample(holes[0])
    with pytest.raises(RequestError, match="is not in this plan"):
        plan.sample(plan.stride * plan.bases)
    assert plan.sheet(5) == numbers[:5]


def test_more_people_and_more_factors_change_no_base() -> None:
    few, many = build(counterfactual_spec({"yaw_deg": [30]}, identities=2)), build(counterfactual_spec(identities=5))
    for group, other in itertools.islice(zip(few.groups, many.groups, strict=False), 2):
        assert few.sample(group[0]) == many.sample(other[0])
        variant = next(few.sample(n) for n in group[1:])
        assert variant in [many.sample(n) for n in other]


def test_frozen_pairs_are_developed_without_what_looks_at_the_picture() -> None:
    plain = Plan(
        DatasetSpec.from_dict({**counterfactual_spec().model_dump(mode="json"), "kind": "dataset", "counterfactual": None})
    )
    for mediated in ("frozen", "both", "live"):
        base = build(counterfactual_spec({"skin_monk": [2, 9]}, mediated)).sample(0)
        still = {"shot.degradation.black_point", "shot.degradation.local_tone"} if mediated != "live" else set()
        assert differing(base, plain.sample(0)) == still


def test_a_frozen_light_keeps_strength_and_balance_and_a_live_one_does_not() -> None:
    made = build(counterfactual_spec({"light": ["lamp_warm"]}, "both", shots={"light": "window_front", "degradation": "mild"}))
    base, frozen, live = (made.sample(n) for n in made.groups[0])
    assert frozen.counterfactual is not None and live.counterfactual is not None
    assert (frozen.counterfactual.mediated, live.counterfactual.mediated) == ("frozen", "live")
    assert frozen.shot.degradation == base.shot.degradation and frozen.shot.light.lux == base.shot.light.lux
    assert live.shot.light.lux != base.shot.light.lux
    exposed = [(s.shot.degradation.iso, s.shot.degradation.exposure_s) for s in (base, live)]
    assert exposed[0] != exposed[1]
    assert live.shot.degradation.seed == base.shot.degradation.seed and live.counterfactual.base is None
    assert live.image_id == frozen.image_id + "_live"
    a, b = (s.shot.light.place for s in (base, frozen))
    assert a is not None and b is not None
    ratio = [y / x for x, y in zip(a.scale, b.scale, strict=True)]  # one factor for all channels: the white balance is the base's
    assert max(ratio) / min(ratio) == pytest.approx(1, abs=1e-5)


def test_a_factor_that_suits_nobody_is_told_before_anything_is_drawn() -> None:
    made = build(counterfactual_spec({"glasses": ["own"]}, population={"glasses": 0}))
    with pytest.raises(SpecError, match="counterfactual.factors.glasses: no base can be varied: owns no glasses"):
        len(made)


def test_bands_hold_every_age_that_may_be_asked_for() -> None:
    narrow = counterfactual_spec({"age_years": [25]}, population={"age_band": ["40-49"]}).population
    assert variants.band_of(45, narrow) == "40-49" and variants.band_of(85, narrow) == "70-85"
    assert all(variants.band_of(years, narrow) for years in range(18, 86))
