"""The document of an evaluation: every count by hand, every rate in its interval, what is wrong in one line, the schema."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import recognise_sets as made

from facegen.errors import DataError, RequestError
from facegen.measures import verification
from facegen.recognise import groups, output
from facegen.recognise.evaluate import Options, evaluate
from facegen.recognise.protocol import Comparisons, Search
from facegen.recognise.text import evaluation_text, few, not_compared
from facegen.recognise.text import listed as listed_names
from facegen.resources import asset_json

FAST = Options(draws=50)


def whole(people: int = 48, each: int = 4, **options: Any) -> tuple[dict[str, Any], np.ndarray]:
    places = np.arange(each * people)
    searches = (Search("open set", places[:: 3 * each], places[places % each > 0]),)
    asked = made.protocol(people, each, made.sex_and_ancestry(people), searches=searches)
    x = made.embedded(people, each)
    return evaluate(asked, x, replace(FAST, **options)), x


def rates(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "rate" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from rates(one)


def test_all_pairs_by_brute_force() -> None:
    document, x = whole()
    who = np.repeat(np.arange(48), 4)
    i, j = np.triu_indices(len(x), 1)
    score = np.einsum("pd,pd->p", x[i], x[j]).astype(float)
    mated = who[i] == who[j]
    threshold = verification.threshold_at(score[~mated], 0.01)
    at = document["verification"]["at_fmr"][0]
    assert at["threshold"] == pytest.approx(threshold, abs=1e-5)
    assert (at["fnmr"]["k"], at["fnmr"]["n"]) == ((mated & (score < threshold)).sum(), mated.sum())
    assert at["tar"]["k"] == at["fnmr"]["n"] - at["fnmr"]["k"]
    assert (document["set"]["mated"], document["set"]["nonmated"]) == (mated.sum(), (~mated).sum())
    assert document["verification"]["eer"]["rate"] == pytest.approx(verification.eer(score[mated], score[~mated]), abs=1e-4)
    sex, ancestry = who % 2, who % 3
    for name, code, words in (("sex", sex, ("female", "male")), ("ancestry", ancestry, ("african", "east_asian", "european"))):
        by = document["groups"]["by"][name]
        for a, first in enumerate(words):
            for b, second in enumerate(words):
                cell = by["cross"]["fmr"][by["cross"]["names"].index(first)][by["cross"]["names"].index(second)]
                both = ~mated & (((code[i] == a) & (code[j] == b)) | ((code[i] == b) & (code[j] == a)))
                assert (cell["k"], cell["n"]) == ((both & (score >= threshold)).sum(), both.sum())
            own = mated & (code[i] == a)
            fnmr = by["categories"][first]["fnmr"]
            assert (fnmr["k"], fnmr["n"]) == ((own & (score < threshold)).sum(), own.sum())
            assert by["categories"][first]["fmr"] == by["cross"]["fmr"][a][a]


@pytest.mark.parametrize("pairs", ["all", "listed"])
def test_the_published_thresholds_part_the_published_scores(pairs: str) -> None:
    """As a reader of both files would count: JSON and CSV hold what the thresholds were set on, digit by digit."""
    asked = made.protocol(48, 4) if pairs == "all" else listed(named=True)
    x = made.embedded(48, 4)[: asked.templates]
    found = json.loads(json.dumps(evaluate(asked, x, replace(FAST, fmr=(0.1, 0.01, 0.001)))))["verification"]
    rows = list(csv.DictReader(output.scores_csv(asked, x).decode().splitlines()))
    score, mated = np.array([float(r["score"]) for r in rows]), np.array([r["mated"] == "1" for r in rows])
    for one in found["at_fmr"]:
        assert one["fmr"]["k"] == (score[~mated] >= one["threshold"]).sum() and one["fmr"]["n"] == (~mated).sum()
        assert one["fnmr"]["k"] == (score[mated] < one["threshold"]).sum() and one["fnmr"]["n"] == mated.sum()
    if pairs == "listed":
        fold = np.array([int(r["fold"]) for r in rows])
        at = np.array(found["accuracy"]["thresholds"])[fold]
        assert found["accuracy"]["k"] == ((score >= at) == mated).sum()
    else:
        assert [(r["first"], r["second"]) for r in rows[:2]] == [("00000.png", "00001.png"), ("00000.png", "00002.png")]


def test_a_rate_has_one_interval_wherever_it_stands() -> None:
    found = whole()[0]["verification"]
    at, point = found["at_fmr"][0], next(p for p in found["det"] if p["fmr"] == 0.01)
    assert (point["fnmr"], point["low"], point["high"]) == tuple(at["fnmr"][key] for key in ("rate", "low", "high"))
    assert all(p["low"] is None for p in found["det"] if p["fmr"] > 0.05)


def test_every_rate_lies_in_its_interval_and_is_k_of_n() -> None:
    document, _ = whole()
    found = [r for r in rates(document) if r["rate"] is not None and r["low"] is not None]
    assert len(found) > 40
    for one in found:
        assert one["low"] <= one["rate"] <= one["high"], one
        if "k" in one:
            assert one["rate"] == pytest.approx(one["k"] / one["n"], rel=1e-5)


def test_the_document_is_json_that_its_schema_allows() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = asset_json("schemas/recognition.schema.json")
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema)
    document, x = whole()
    text = json.dumps(document, allow_nan=False)
    check.validate(json.loads(text))
    assert text == json.dumps(whole()[0], allow_nan=False)
    check.validate(json.loads(json.dumps(evaluate(listed(), x[:80], FAST))))
    del document["verification"]["eer"]
    assert not check.is_valid(document)


def listed(named: bool = False, seed: int = 1) -> Any:
    """Return ten folds of mated and non-mated pairs of 40 people of two pictures, each picture once, as a .bin has them."""
    order = np.random.default_rng(seed).permutation(40)
    mated, others = order[:20], order[20:]
    first = np.concatenate([2 * mated, 2 * others[::2], 2 * others[::2] + 1])
    second = np.concatenate([2 * mated + 1, 2 * others[1::2], 2 * others[1::2] + 1])
    fold = np.concatenate([np.arange(20) % 10, np.arange(20) % 10])
    return made.protocol(40, 2, comparisons=Comparisons(first, second, np.arange(40) < 20, fold), named=named)


def test_a_list_of_unnamed_people_in_folds() -> None:
    x = made.embedded(40, 2)
    document = evaluate(listed(), x, FAST)
    accuracy = document["verification"]["accuracy"]
    assert accuracy["n"] == 40 and accuracy["folds"] == 10 and accuracy["rate"] == pytest.approx(accuracy["mean"])
    assert document["set"]["subjects"] is None and document["groups"] is None
    assert any("does not say whom" in note for note in document["notes"])
    assert any("rule of thirty" in note and "3,000" in note for note in document["notes"])
    named = evaluate(listed(named=True), x, FAST)
    assert named["verification"]["at_fmr"][0]["fnmr"]["k"] == document["verification"]["at_fmr"][0]["fnmr"]["k"]


def named_and_not(people: int = 40, each: int = 4) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return evaluations of the same list of pairs with people named and without: mated chains, non-mated between all."""
    places = np.arange(people * each)
    last = places % each == each - 1
    first = np.concatenate([places[~last], places])
    second = np.concatenate([places[~last] + 1, (places + 1 + each * (1 + places * 7 % (people - 2))) % len(places)])
    mated = np.arange(len(first)) < (~last).sum()
    other = first // each != second // each
    pairs = Comparisons(first[mated | other], second[mated | other], mated[mated | other])
    x = made.embedded(people, each)
    one, two = (evaluate(made.protocol(people, each, comparisons=pairs, named=n), x, FAST) for n in (True, False))
    return one, two


def test_a_list_that_names_nobody_is_linked_by_its_mated_pairs() -> None:
    named, unnamed = named_and_not()
    assert unnamed["verification"] == named["verification"] and unnamed["verification"]["eer"]["low"] > 0
    assert sum("people" in note or "person" in note for note in unnamed["notes"]) == 1


def test_the_equal_error_rate_of_few_people_has_no_interval() -> None:
    for people in (9, 10):
        document = evaluate(made.protocol(people, 3), made.embedded(people, 3), FAST)
        assert (document["verification"]["eer"]["low"] is None) == (people < 10)
        assert any(note.startswith("9 people have mated") for note in document["notes"]) == (people < 10)
        assert "[" in evaluation_text(document)


def test_a_perfect_recogniser_is_bounded_and_not_zero() -> None:
    people = 20
    x = np.repeat(np.eye(people, dtype=np.float32), 3, axis=0)
    x += 1e-3 * np.random.default_rng(0).standard_normal(x.shape).astype(np.float32)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    document = evaluate(made.protocol(people, 3, made.sex_and_ancestry(people)), x, FAST)
    at = document["verification"]["at_fmr"][0]
    assert at["fnmr"]["k"] == 0 and at["fnmr"]["high"] == pytest.approx(3 / 20)  # 20 people: nothing is known of d
    by = document["groups"]["by"]["sex"]
    assert by["measures"]["fnmr"]["max_geomean"]["value"] is None and by["measures"]["fdr"]["value"] is not None
    assert "not defined" in evaluation_text(document)


def test_a_group_that_is_worse_is_found() -> None:
    people = 120
    noise = np.where(np.arange(people) % 2 == 1, 2.4, 1.0)
    document = evaluate(made.protocol(people, 4, made.sex_and_ancestry(people)), made.embedded(people, 4, noise), FAST)
    sex, ancestry = (document["groups"]["by"][name] for name in ("sex", "ancestry"))
    assert sex["worst"]["fnmr"] == {"highest": ["male"], "lowest": ["female"]}
    assert sex["measures"]["fnmr"]["max_geomean"]["low"] > 1.05 and sex["measures"]["fnmr"]["difference"]["low"] > 0
    assert ancestry["measures"]["fnmr"]["max_geomean"]["low"] == 1.0


def test_declared_categories_without_anybody_are_shown_and_not_judged() -> None:
    groups = made.sex_and_ancestry(30)
    asked = made.protocol(30, 3, groups, categories={"ancestry": ("african", "east_asian", "european", "south_asian")})
    by = evaluate(asked, made.embedded(30, 3), FAST)["groups"]["by"]["ancestry"]
    assert by["categories"]["south_asian"]["fnmr"] == {"k": 0, "n": 0, "rate": None, "low": 0.0, "high": 1.0}
    assert by["left_out"] == {"fmr": {"south_asian": "no comparison"}, "fnmr": {"south_asian": "no comparison"}}
    assert by["measures"]["fdr"]["value"] is not None


def grouped(sizes: dict[str, int], singles: dict[str, int], seed: int = 0) -> dict[str, Any]:
    """Return the groups of people of three pictures, `sizes` of each group, and of one picture, `singles`."""
    words = [w for count in (sizes, singles) for w, n in count.items() for _ in range(n)]
    each = np.repeat([3, 1], [sum(sizes.values()), sum(singles.values())])
    who = np.repeat(np.arange(len(words)), each)
    asked = made.protocol(len(who), 1)
    asked = replace(asked, subjects=who.astype(object), groups={"g": np.array(words, object)[who]})
    first = np.searchsorted(who, who)
    x = made.embedded(len(words), 3, seed=seed)[3 * who + np.arange(len(who)) - first]
    return evaluate(asked, x, FAST)["groups"]["by"]["g"]


def test_a_group_of_few_people_is_named_for_each_rate_and_in_no_measure() -> None:
    """`b` has one person, `c` four; `d` has enough, but one picture of each and so no mated comparison."""
    by = grouped({"a": 20, "b": 1, "c": 4, "e": 20}, {"d": 20})
    assert by["left_out"]["fnmr"] == {"b": "too few people", "c": "too few people", "d": "no comparison"}
    assert by["left_out"]["fmr"] == {"b": "no comparison", "c": "too few people"}
    assert [by["categories"]["b"]["fnmr"][end] for end in ("low", "high")] == [0, 1]
    one, two = by["categories"]["a"], by["categories"]["e"]
    gap = abs(one["fnmr"]["rate"] - two["fnmr"]["rate"])
    assert by["measures"]["fnmr"]["difference"]["value"] == pytest.approx(gap, abs=1e-5)
    assert set(by["worst"]["fnmr"]["highest"] + by["worst"]["fnmr"]["lowest"]) <= {"a", "e"}


def test_two_people_of_two_groups_do_not_differ() -> None:
    by = grouped({"a": 1, "b": 1}, {"a": 9, "b": 9})
    assert "fnmr" not in by["measures"] and "fdr" not in by["measures"] and by["worst"]["fnmr"] is None


def test_groups_that_share_a_rate_are_all_named_or_none() -> None:
    rows = {name: {"k": k, "n": 40} for name, k in (("a", 2), ("b", 4), ("c", 2))}
    assert groups._ends(rows) == {"highest": ["b"], "lowest": ["a", "c"]}
    assert groups._ends({"a": rows["a"], "c": rows["c"]}) is None and groups._ends({"a": rows["a"]}) is None
    table = [[{"k": k, "n": 10} for k in row] for row in ([0, 3, 3], [3, 0, 1], [3, 1, 0])]
    assert groups._confused("abc", table, [9, 9, 9]) is None
    table[0][1]["k"] = 4
    assert groups._confused("abc", table, [9, 9, 9]) == {"groups": ["a", "b"], "k": 4, "n": 10}
    assert groups._confused("abc", table, [9, 4, 9])["groups"] == ["a", "c"]
    assert groups._confused("ab", [[{"k": 0, "n": 10}] * 2] * 2, [9, 9]) is None


def test_crossed_groups_and_templates_without_a_category() -> None:
    groups = made.sex_and_ancestry(30)
    groups["sex"][:3] = None
    by = evaluate(made.protocol(30, 3, groups), made.embedded(30, 3), replace(FAST, attributes=("sex x ancestry", "sex")))[
        "groups"
    ]
    assert sum(c["people"] for c in by["by"]["sex x ancestry"]["categories"].values()) == 27
    assert by["by"]["sex"]["across"] == 9 and set(by["by"]) == {"sex x ancestry", "sex"}


def test_too_many_comparisons_are_drawn() -> None:
    asked = made.protocol(60, 3, made.sex_and_ancestry(60))
    all_, some = (evaluate(asked, made.embedded(60, 3), replace(FAST, max_pairs=n)) for n in (20_000, 8000))
    assert not all_["set"]["sampled"] and some["set"]["sampled"] and some["set"]["nonmated"] == 8000
    assert some["set"]["mated"] == all_["set"]["mated"] and any("drawn at random" in note for note in some["notes"])
    got, want = some["verification"]["eer"]["rate"], all_["verification"]["eer"]["rate"]
    assert got == pytest.approx(want, abs=0.02)


def test_searches_are_told_by_group() -> None:
    document, _ = whole()
    (one,) = document["identification"]
    assert (one["gallery"], one["mated"], one["nonmated"]) == (16, 48, 96)
    for attribute, rows in one["by"].items():
        assert sum(row["rank_1"]["n"] for row in rows.values()) == 48, attribute
        assert sum(row["fpir"]["k"] for row in rows.values()) == one["at_fpir"][0]["fpir"]["k"]
    closed = made.protocol(10, 2, searches=(Search("closed", np.arange(0, 20, 2), np.arange(1, 20, 2)),))
    (found,) = evaluate(closed, made.embedded(10, 2), FAST)["identification"]
    assert found["nonmated"] == 0 and found["at_fpir"] == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (replace(FAST, fmr=(1.5,)), "--fmr 1.5"),
        (replace(FAST, fmr=()), "--fmr names no rate"),
        (replace(FAST, group_fmr=0.0), "--group-fmr 0 is no rate"),
        (replace(FAST, fpir=(0.0,)), "--fpir 0"),
        (replace(FAST, draws=1), "1 bootstrap"),
        (replace(FAST, max_pairs=3), "3 comparisons"),
        (replace(FAST, attributes=("sexx",)), "sex"),
    ],
)
def test_what_cannot_be_asked_is_said_in_one_line(options: Options, words: str) -> None:
    with pytest.raises(RequestError, match=words) as refused:
        evaluate(made.protocol(10, 2, made.sex_and_ancestry(10)), made.embedded(10, 2), options)
    assert "\n" not in str(refused.value)


def test_sets_that_say_nothing_are_refused() -> None:
    x = made.embedded(10, 2)
    for asked, words in (
        (made.protocol(10, 2, named=False), "neither says whom"),
        (made.protocol(20, 1), "0 mated comparisons"),
        (made.protocol(1, 20), "0 non-mated comparisons"),
        (made.protocol(10, 3), "not one for each of 30 templates"),
        (made.protocol(10, 2, searches=(Search("twice", np.array([0, 1]), np.array([2])),)), "search 'twice'.*each once"),
    ):
        with pytest.raises(DataError, match=words) as refused:
            evaluate(asked, x, FAST)
        assert "\n" not in str(refused.value)
    with pytest.raises(DataError, match="do not vary"):
        evaluate(made.protocol(10, 2), np.tile(np.float32([1, 0]), (20, 1)), FAST)
    x[3] = np.nan
    with pytest.raises(DataError, match="template 3.*not finite"):
        evaluate(made.protocol(10, 2), x, FAST)


def test_the_star_means_what_its_legend_says() -> None:
    """46 of 48 lost are many errors; it is the 2 that were not lost that are few."""
    assert few({"k": 46, "n": 48}) and few({"k": 2, "n": 480}) and not few({"k": 46, "n": 90})
    assert "* fewer than 30 errors, or than 30 comparisons without one." in evaluation_text(whole()[0])


def test_the_text_names_who_is_not_compared() -> None:
    left = {"fnmr": {"b": "too few people", "d": "no comparison", "c": "too few people"}, "fmr": {}}
    assert not_compared(left) == ["FNMR not compared, too few people: b, c", "FNMR not compared, no comparison: d"]
    assert listed_names([str(i) for i in range(30)]).endswith("22, 23 and 6 more")


def test_the_text_says_every_group_with_k_of_n() -> None:
    document, _ = whole()
    text = evaluation_text(document)
    for attribute, one in document["groups"]["by"].items():
        assert attribute in text
        for name, row in one["categories"].items():
            line = next(li for li in text.splitlines() if li.strip().startswith(name + " "))
            assert f"{row['fnmr']['k']}/{row['fnmr']['n']} " in line and f"{row['fmr']['k']}/{row['fmr']['n']} " in line
    said = {"name": "small.onnx", "sha256": "0" * 64, "preprocessing": {"size": 64, "colour": "grey"}}
    more = evaluation_text({**document, "recogniser": said, "notes": ["no face found in 3 of 192 pictures"]})
    assert more.startswith("small.onnx on") and "size 64, colour grey" in more and more.count("3 of 192") == 1
    assert "EER" in text and "rank-1" in text and "FNIR" in text and "GARBE" in text
