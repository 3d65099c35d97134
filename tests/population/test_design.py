"""Designed populations: targets are reached, whole numbers are exact, prefixes follow, and impossible targets are explained."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from scipy import stats

from facegen.errors import SpecError
from facegen.population.ages import age
from facegen.population.design import solve
from facegen.population.fitting import Demand, fit
from facegen.population.outline import document, outline
from facegen.population.plan import Plan, build
from facegen.population.roster import Roster
from facegen.population.shots import spread_over
from facegen.population.targets import declared
from facegen.population.visiting import Visits
from facegen.spec import DatasetSpec, Population

hypothesis = pytest.importorskip("hypothesis")
given, settings, st = hypothesis.given, hypothesis.settings, hypothesis.strategies

WORDS = {
    "sex": ["female", "male"],
    "age_band": ["18-29", "30-39", "40-49", "50-59"],
    "ancestry": ["african", "east_asian", "european"],
    "hair_curl": ["straight", "wavy", "curly"],
    "glasses": ["no", "yes"],
}
LISTED = {name: words for name, words in WORDS.items() if name != "glasses"}
QUICK = settings(max_examples=30, deadline=None, derandomize=True, database=None)


def population(design: dict[str, Any], **more: Any) -> Population:
    return Population.model_validate({**LISTED, "design": design, **more})


def plan(design: dict[str, Any], identities: int = 60, images: int = 2, seed: int = 7, more: Any = None, **top: Any) -> Plan:
    base = {"name": "a", "seed": seed, "date": "2026-01-01", "identities": identities, "images_per_identity": images}
    return build(DatasetSpec.from_dict({**base, "population": {**LISTED, "design": design, **(more or {})}, **top}))


@st.composite
def shares_of(draw: Any, words: list[str]) -> dict[str, float]:
    weights = [draw(st.integers(1, 9)) for _ in words]
    return {word: weight / sum(weights) for word, weight in zip(words, weights, strict=True)}


@st.composite
def designs(draw: Any, counted: bool) -> dict[str, Any]:
    crossed = draw(st.lists(st.sampled_from(list(WORDS)), min_size=2, max_size=3, unique=True))
    fitted = draw(st.lists(st.sampled_from(crossed), max_size=2, unique=True))
    where = {name: draw(st.sampled_from(WORDS[name])) for name in crossed[:2]}
    amount = {"count": draw(st.integers(2, 20))} if counted else {"share": draw(st.integers(1, 15)) / 100}
    return {
        "attributes": crossed,
        "marginals": {name: draw(shares_of(WORDS[name])) for name in fitted},
        "quotas": [{"where": where, **amount}],
        "minimum_per_cell": draw(st.integers(0, 1)) if counted else 0,
        "never": draw(st.sampled_from([[], [{crossed[0]: WORDS[crossed[0]][0], crossed[1]: WORDS[crossed[1]][-1]}]])),
    }


def met(people: Population, identities: int) -> Any:
    """The solved design, or None where it is refused, which must name its reasons."""
    try:
        return solve(people, identities)
    except SpecError as error:
        assert "cannot hold" in str(error) or "no whole numbers" in str(error)
        return None


@QUICK
@given(designs(counted=False))
def test_fitted_shares_reach_every_marginal_and_quota(design: dict[str, Any]) -> None:
    solved = met(population(design), 100)
    hypothesis.assume(solved is not None)
    assert solved.share.min() >= 0 and solved.share.sum() == pytest.approx(1, abs=1e-12)
    for name, shares in design["marginals"].items():
        column = solved.codes[:, solved.attributes.index(name)]
        for word, share in shares.items():
            have = solved.share[column == solved.words[solved.attributes.index(name)].index(word)].sum()
            assert have == pytest.approx(share, abs=1e-6)
    inside = sum(s for k, s in enumerate(solved.share) if design["quotas"][0]["where"].items() <= solved.cell(k).items())
    assert inside == pytest.approx(design["quotas"][0]["share"], abs=1e-6)
    assert not any(p.items() <= solved.cell(k).items() for p in design["never"] for k in range(len(solved.share)))


@QUICK
@given(designs(counted=True), st.integers(20, 150), st.integers(0, 9))
def test_counted_designs_are_exact_for_the_declared_number(design: dict[str, Any], identities: int, seed: int) -> None:
    people = population(design)
    solved = met(people, identities)
    hypothesis.assume(solved is not None and people.design is not None and people.design.counted)
    roster = Roster(people, seed, identities)
    count = np.bincount(roster.cells_of(identities), minlength=len(solved.share))
    assert count.sum() == identities and (count == solved.counts).all()
    assert count.min() >= design["minimum_per_cell"]
    where = design["quotas"][0]["where"]
    assert sum(c for k, c in enumerate(count) if where.items() <= solved.cell(k).items()) == design["quotas"][0]["count"]
    for name, shares in design["marginals"].items():
        i = solved.attributes.index(name)
        for word, share in shares.items():
            assert abs(count[solved.codes[:, i] == solved.words[i].index(word)].sum() - share * identities) < 1 + 1e-6


@QUICK
@given(designs(counted=False), st.integers(1, 200), st.integers(0, 9))
def test_prefixes_do_not_depend_on_the_number_and_follow_the_target(design: dict[str, Any], identities: int, seed: int) -> None:
    people = population(design)
    solved = met(people, identities)
    hypothesis.assume(solved is not None)
    long = Roster(people, seed, 300).cells_of(300)
    assert (Roster(people, seed, identities).cells_of(identities) == long[:identities]).all()
    t = np.arange(1, 301)[:, None]
    for part, share, most in [(d.part, d.share, 2.0) for d in solved.demands] + [
        (np.arange(len(solved.share)), solved.share, 2.5)
    ]:
        seen = np.cumsum(part[long][:, None] == np.arange(len(share))[None], axis=0)
        assert np.abs(seen - t * share).max() < most


@QUICK
@given(st.lists(st.floats(0.02, 1.0), min_size=2, max_size=12), st.integers(0, 99))
def test_without_demands_no_cell_of_any_prefix_is_one_person_off(weights: list[float], seed: int) -> None:
    share = np.array(weights) / sum(weights)
    order = Visits(share, [np.arange(len(share)) % 2], [], seed).upto(400)
    seen = np.cumsum(order[:, None] == np.arange(len(share))[None], axis=0)
    assert np.abs(seen - np.arange(1, 401)[:, None] * share).max() < 1 + 1e-6


def test_fitting_agrees_with_the_closed_form_of_independence() -> None:
    rows, columns = np.array([0.2, 0.5, 0.3]), np.array([0.6, 0.4])
    row, column = np.divmod(np.arange(6), 2)
    found = fit(np.full(6, 1 / 6), [Demand(row, rows, ()), Demand(column, columns, ())], np.zeros(6))
    assert found is not None
    assert found == pytest.approx(np.outer(rows, columns).ravel(), abs=1e-12)


def test_fitting_keeps_the_odds_of_the_starting_table() -> None:
    start = np.array([0.4, 0.1, 0.2, 0.3])
    found = fit(start, [Demand(np.array([0, 0, 1, 1]), np.array([0.3, 0.7]), ()),
                        Demand(np.array([0, 1, 0, 1]), np.array([0.55, 0.45]), ())], np.zeros(4))  # fmt: skip
    assert found is not None
    assert found[0] * found[3] / (found[1] * found[2]) == pytest.approx(0.4 * 0.3 / (0.1 * 0.2))


def test_a_table_that_must_have_zeros_is_reached_too() -> None:
    part = np.array([0, 0, 1, 1])
    half, other = np.array([0.5, 0.5]), np.array([0, 1, 1, 1])
    found = fit(np.full(4, 0.25), [Demand(part, half, ()), Demand(other, half, ())], np.zeros(4))
    assert found == pytest.approx([0.5, 0.0, 0.25, 0.25], abs=1e-6)


IMPOSSIBLE = [
    (
        {"attributes": ["sex", "age_band"], "marginals": {"age_band": {"18-29": 0.4, "30-39": 0.4, "40-49": 0.1, "50-59": 0.1},
         "sex": {"female": 0.5, "male": 0.5}}, "quotas": [{"where": {"sex": "female", "age_band": "50-59"}, "share": 0.2}]},
        ["marginals.age_band ('50-59' 0.1)", "quotas[0] (sex female, age_band 50-59: share 0.2)"], ["marginals.sex"],
    ),
    (
        {"attributes": ["sex", "age_band"], "never": [{"sex": "male", "age_band": "18-29"}],
         "quotas": [{"where": {"sex": "male", "age_band": "18-29"}, "count": 3}, {"where": {"sex": "female"}, "share": 0.5}]},
        ["never[0]", "quotas[0]", "count 3 of 40 identities"], ["quotas[1]"],
    ),
    (
        {"attributes": ["sex", "age_band"], "minimum_per_cell": 9},
        ["minimum_per_cell (9 in each of 8 cells, 40 identities)"], ["never"],
    ),
    (
        {"attributes": ["sex", "glasses"], "minimum_per_cell": 5, "quotas": [{"where": {"sex": "male"}, "count": 8}]},
        ["minimum_per_cell", "quotas[0]"], [],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("design", "named", "unnamed"), IMPOSSIBLE)
def test_impossible_targets_name_what_contradicts(design: dict[str, Any], named: list[str], unnamed: list[str]) -> None:
    with pytest.raises(SpecError) as caught:
        plan(design, 40)
    assert caught.value.exit_code == 2
    assert all(word in str(caught.value) for word in named), caught.value
    assert not any(word in str(caught.value) for word in unnamed), caught.value


def test_tones_that_an_ancestry_does_not_reach_are_zeros_unless_declared() -> None:
    crossed = {"attributes": ["ancestry", "skin_monk"]}
    solved = solve(population(crossed), None)
    tones = {(solved.cell(k)["ancestry"], solved.cell(k)["skin_monk"]) for k in range(len(solved.share))}
    assert ("african", "1") not in tones and ("european", "10") not in tones
    wide = solve(population(crossed, skin_monk=[1, 10]), None)
    assert len(wide.share) == 6
    with pytest.raises(SpecError, match="skin_monk by_ancestry"):
        solve(population({**crossed, "quotas": [{"where": {"ancestry": "european", "skin_monk": 10}, "share": 0.1}]}), None)


NO_BEARD = {
    "attributes": ["sex", "age_band"],
    "never": [{"age_band": ["18-29", "30-39"], "beard": ["full", "goatee", "stubble"]}],
}


def test_what_is_drawn_later_keeps_to_never() -> None:
    seats = plan(NO_BEARD, 160).sittings
    young = [s.beard.style for s in seats if s.age_band in ("18-29", "30-39")]
    old = [s.beard.style for s in seats if s.age_band not in ("18-29", "30-39")]
    assert not {"full", "goatee", "stubble"} & set(young)
    assert {"full", "stubble"} & set(old)
    with pytest.raises(SpecError, match="leave beard no word"):
        plan({"attributes": ["sex"], "never": [{"sex": "female", "beard": "none"}]})


def test_people_are_of_their_cell() -> None:
    made = plan({"attributes": ["sex", "ancestry", "glasses"], "quotas": [{"where": {"glasses": "yes"}, "count": 30}]}, 40)
    roster = made._roster
    for n, cell in enumerate(roster.cells_of(40)):
        person, words = made.identity(n), made.cells[cell]
        assert (person.sex, person.ancestry) == (words["sex"], words["ancestry"])
        assert (made.sitting(n, 0).eyewear != "none") <= (words["glasses"] == "yes")
    assert sum(roster.entry(n).owns_glasses for n in range(40)) == 30


UNEVEN = {
    "attributes": ["sex", "age_band", "ancestry"],
    "marginals": {"sex": {"female": 0.75, "male": 0.25}, "age_band": {"18-29": 0.5, "30-39": 0.2, "40-49": 0.2, "50-59": 0.1}},
}


EIGHTHS = np.arange(8) + 0.5


def test_numbers_are_spread_within_unequal_cells() -> None:
    """The first 8 people of a cell have one number in each eighth, and so on: less uneven than chance by far."""
    roster = Roster(population(UNEVEN), 3, None)
    entries = [roster.entry(n) for n in range(700)]
    people = population(UNEVEN)
    full = 0
    for cell in range(len(roster.cells)):
        mine = [e for e in entries if e.cell == cell]
        assert [e.visit for e in mine] == list(range(len(mine)))
        for start in range(0, len(mine) - 7, 8):
            fat = np.array([(e.body_fat - 0.05) / 0.9 for e in mine[start : start + 8]])
            years = [age(e, 0, people, 3).years - float(e.age_band[:2]) for e in mine[start : start + 8]]
            width = 12 if mine[0].age_band == "18-29" else 10
            assert np.abs(np.sort(8 * fat) - EIGHTHS).max() < 0.51  # ages are rounded
            assert np.abs(np.sort(8 * np.array(years) / width) - EIGHTHS).max() < 0.51  # ages are rounded
            turns = [spread_over("yaw", e, 0, 3) for e in mine[start : start + 8]]
            assert np.abs(np.sort(8 * np.array(turns)) - EIGHTHS).max() < 0.51  # ages are rounded
            full += 1
    assert full > 60


def test_two_numbers_of_a_cell_do_not_follow_one_another() -> None:
    roster, people = Roster(population(UNEVEN), 3, None), population(UNEVEN)
    entries = [roster.entry(n) for n in range(600)]
    fat = [e.body_fat for e in entries]
    years = [age(e, 0, people, 3).years - float(e.age_band[:2]) for e in entries]
    assert stats.spearmanr(fat, years).pvalue > 0.01


def test_nuisance_is_independent_of_people_in_an_uneven_design() -> None:
    made = plan(UNEVEN, 400, 1, seed=11)
    samples = list(made.samples())
    for factor in (lambda s: s.shot.light.rig, lambda s: s.shot.camera.profile, lambda s: s.shot.pose.yaw_deg > 0):
        for attribute in (lambda s: s.identity.sex, lambda s: s.identity.ancestry, lambda s: s.sitting.age_band):
            pairs = [(factor(s), attribute(s)) for s in samples]
            rows, columns = (sorted({p[i] for p in pairs}) for i in (0, 1))
            table = [[pairs.count((r, c)) for c in columns] for r in rows]
            assert stats.chi2_contingency(table).pvalue > 0.001


def test_declared_targets_are_the_design_dependence_included() -> None:
    joint = {"female x 18-29": 0.4, "female x 50-59": 0.1, "male x 18-29": 0.1, "male x 50-59": 0.4}
    people = population({"attributes": ["sex", "age_band"], "marginals": {"sex x age_band": joint}}, age_band=["18-29", "50-59"])
    target = declared(people)
    assert target.target.sum() == pytest.approx(1)
    assert target.over(["sex", "age_band"]).target == pytest.approx(np.array([[0.4, 0.1], [0.1, 0.4]]))
    assert target.over(["ancestry"]).target == pytest.approx([1 / 3] * 3)
    plain = Population.model_validate(LISTED)
    tones = declared(plain).over(["ancestry", "skin_monk"]).target
    assert target.over(["ancestry", "skin_monk"]).target == pytest.approx(tones)
    counted = population({"attributes": ["sex"], "quotas": [{"where": {"sex": "male"}, "count": 3}]})
    assert declared(counted, 10).over(["sex"]).target == pytest.approx([0.7, 0.3])
    with pytest.raises(SpecError, match="are of a number of identities"):
        declared(counted)


def test_the_outline_counts_what_the_plan_draws() -> None:
    made = plan(UNEVEN, 30, 2, depth={"deep": 0.2, "deep_images": 5}, size=64)
    found = outline(made.spec)
    drawn = [(s.identity.sex, s.sitting.age_band, s.identity.ancestry) for s in made.samples()]
    for row in found.cells.to_dict("records"):
        assert drawn.count((row["sex"], row["age_band"], row["ancestry"])) == row["images"]
    who = [s.identity.index for s in made.samples()]
    same = sum(a == b for a, b in itertools.combinations(who, 2))
    assert (found.total["mated_pairs"], found.total["nonmated_pairs"]) == (same, len(who) * (len(who) - 1) // 2 - same)
    assert found.cells["target_share"].sum() == pytest.approx(1)
    assert document(found)["total"]["images"] == len(made)


def test_the_outline_of_a_balanced_spec_needs_no_design() -> None:
    spec = DatasetSpec.from_dict({"name": "a", "seed": 7, "date": "2026-01-01", "identities": 50, "images_per_identity": 3})
    made, found = build(spec), outline(spec)
    cells = made._roster.cells_of(50)
    assert found.cells["identities"].tolist() == np.bincount(cells, minlength=48).tolist()
    assert [made._roster.entry(n).cell for n in range(50)] == cells.tolist()
    assert found.total["images"] == 150
