"""What a spec accepts, and the one line it answers with when it does not."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from facegen.errors import SpecError
from facegen.spec import Categorical, DatasetSpec, Numeric

BASE = {"name": "a", "seed": 0, "date": "2026-01-01", "identities": 3}
PIPELINES = sorted((Path(__file__).parents[2] / "pipelines").glob("*.yaml"))


def spec(**more: object) -> DatasetSpec:
    return DatasetSpec.from_dict({**BASE, **more})


def refusal(**more: object) -> str:
    with pytest.raises(SpecError) as caught:
        spec(**more)
    text = str(caught.value)
    assert "\n" not in text
    assert caught.value.exit_code == 2
    return text


@pytest.mark.parametrize("path", PIPELINES, ids=lambda p: p.stem)
def test_every_ready_spec_loads_and_survives_a_round_trip(path: Path) -> None:
    loaded = DatasetSpec.load(path)
    assert loaded.name == path.stem
    again = DatasetSpec.from_dict(json.loads(loaded.canonical_json()))
    assert again == loaded
    assert again.sha256() == loaded.sha256()


def test_demo_is_balanced_and_large_enough() -> None:
    demo = DatasetSpec.load(Path(__file__).parents[2] / "pipelines" / "demo.yaml")
    assert demo.identities * demo.images_per_identity >= 240
    assert demo.size == 256
    assert demo.population.balanced == ("sex", "age_band", "ancestry")


def test_hash_follows_meaning_not_spelling() -> None:
    assert spec(population={"sex": ["female", "male"]}).sha256() == spec().sha256()
    assert spec(seed=1).sha256() != spec().sha256()
    assert spec(shots={"yaw_deg": 5}).sha256() == spec(shots={"yaw_deg": 5.0}).sha256()


def test_categories_read_words_lists_and_shares() -> None:
    assert Categorical("a").word == "a"
    assert Categorical(["a", "b"]).root == {"a": 0.5, "b": 0.5}
    assert Categorical({"a": 0.25, "b": 0.75}).root == {"a": 0.25, "b": 0.75}
    assert not Categorical({"a": 0.25, "b": 0.75}).even
    assert Categorical({"a": 1.0, "b": 0.0}).word == "a"
    assert Categorical([10, 2, 1]).names == ("1", "2", "10")
    assert Categorical(["10-17", "4-9"]).names == ("4-9", "10-17")


def test_numbers_state_their_limits() -> None:
    assert Numeric(3).limits == (3.0, 3.0)
    assert Numeric({"uniform": [-1, 2]}).limits == (-1.0, 2.0)
    assert Numeric({"normal": {"mean": 0, "sd": 1, "min": -2, "max": 3}}).limits == (-2.0, 3.0)
    assert Numeric({"grid": [5, -5, 0]}).limits == (-5.0, 5.0)


TWO = {"sittings_per_identity": 2, "images_per_identity": 2}
REFUSED = [
    ({"identites": 3}, ["unknown key", "identites", "did you mean 'identities'"]),
    ({"population": {"sexx": "female"}}, ["population", "sexx", "did you mean 'sex'"]),
    ({"shots": {"wear": {"maks": 0.1}}}, ["shots.wear", "did you mean 'mask'"]),
    ({"shots": {"yaw_deg": "far"}}, ["shots.yaw_deg", "'far'", "normal"]),
    ({"population": 3}, ["population", "mapping"]),
    ({"identities": "many"}, ["identities", "'many'", "whole number"]),
    ({"identities": 2.5}, ["identities", "2.5", "whole number"]),
    ({"seed": True}, ["seed", "True"]),
    ({"seed": -1}, ["seed", "-1"]),
    ({"date": "yesterday"}, ["date", "yesterday"]),
    ({"date": "2026-13-45"}, ["date: '2026-13-45' is no day", "2026-01-31"]),
    ({"date": 20260101}, ["date: 20260101 is no day", "2026-01-31"]),
    ({"date": "20260101"}, ["date: '20260101' is no day"]),
    ({"date": datetime.datetime(2026, 1, 1, 12)}, ["date: 2026-01-01 12:00:00 is no day"]),
    ({"name": "../up"}, ["name", "../up", "lower-case"]),
    ({"identities": 0}, ["identities", "0"]),
    ({"population": {"sex": []}}, ["population.sex", "empty"]),
    ({"population": {"age_band": {}}}, ["population.age_band", "empty"]),
    ({"population": {"sex": {"female": 0.5, "male": 0.4}}}, ["population.sex", "0.9", "not 1"]),
    ({"population": {"sex": {"female": 1.5, "male": -0.5}}}, ["population.sex", "1.5", "0 to 1"]),
    ({"population": {"sex": ["female", "female"]}}, ["population.sex", "twice"]),
    ({"population": {"sex": [True]}}, ["population.sex", "True"]),
    ({"population": {"ancestry": ["africn"]}}, ["population.ancestry", "did you mean 'african'"]),
    ({"population": {"skin_monk": 11}}, ["skin_monk", "11", "10"]),
    ({"population": {"sex": "female", "balance": ["sex", "ancestry"]}}, ["balance", "'sex' is fixed to 'female'"]),
    ({"population": {"sex": {"female": 0.7, "male": 0.3}, "balance": ["sex"]}}, ["balance", "uneven"]),
    ({"population": {"balance": ["sexx"]}}, ["balance", "did you mean 'sex'"]),
    ({"population": {"balance": ["sex", "sex"]}}, ["balance", "twice"]),
    ({"population": {"balance": ["skin_monk"]}}, ["balance", "skin_monk", "list its categories"]),
    ({"population": {"beard": "full"}}, ["beard", "female"]),
    ({"population": {"sex": "male", "beard": "full", "children": True, "age_band": ["10-17"]}}, ["beard", "children"]),
    ({"population": {"age_band": ["10-17"]}}, ["age_band", "10-17", "children: true"]),
    ({"population": {"age_band": ["18-99"]}}, ["age_band", "18-99", "85"]),
    ({"population": {"age_band": ["20-40", "40-50"]}}, ["age_band", "overlap"]),
    ({"population": {"age_band": ["old"]}}, ["age_band", "'old'", "30-39"]),
    ({"population": {"age_band": ["१८-२९"]}}, ["age_band", "'१८-२९' is not 'low-high'"]),
    ({"population": {"age_band": ["030-039"]}}, ["age_band", "'030-039' is not 'low-high'"]),
    ({"population": {"glasses": True}}, ["population.glasses", "True", "valid number"]),
    ({"population": {"body_fat_change": "0.1"}}, ["population.body_fat_change", "'0.1'"]),
    ({"population": {"mixtures": {"x": {"african": "1.0"}}}}, ["population.mixtures.x.african", "'1.0'"]),
    ({"shots": {"wear": {"own_glasses": "1.0"}}}, ["shots.wear.own_glasses", "'1.0'", "valid number"]),
    ({"shots": {"faults": {"noise": "0.5"}}}, ["shots.faults.noise", "'0.5'"]),
    ({"depth": {"deep": "0.2", "deep_images": 9}}, ["depth.deep", "'0.2'"]),
    ({"population": {"mixtures": {"x": {"african": 0.5, "european": 0.4}}}}, ["mixtures.x", "0.9"]),
    ({"population": {"mixtures": {"african": {"european": 1.0}}}}, ["mixtures", "already a preset"]),
    ({**TWO, "population": {"age_span_years": 40}}, ["age_span_years", "40", "at most 34"]),
    ({**TWO, "population": {"age_span_years": -1}}, ["age_span_years", "-1", "0..81"]),
    ({**TWO, "population": {"age_span_years": 5, "age_band": ["20-29", "40-49"]}},
     ["age_span_years", "gap"]),
    ({"population": {"age_span_years": 5, "later_sittings": "same_band"}}, ["age_span_years", "same_band"]),
    ({"population": {"age_span_years": 5}}, ["age_span_years", "2 or more"]),
    ({"population": {"body_fat_change": 2}}, ["body_fat_change", "2"]),
    ({"population": {"glasses": 1.5}}, ["population.glasses", "1.5"]),
    ({"shots": {"yaw_deg": {"uniform": [-100, 100]}}}, ["shots.yaw_deg", "-90..90"]),
    ({"shots": {"yaw_deg": {"normal": {"mean": 0, "sd": 1}}}}, ["shots.yaw_deg", "min"]),
    ({"shots": {"yaw_deg": {"normal": {"mean": 0, "sd": 0, "min": -1, "max": 1}}}}, ["shots.yaw_deg", "sd > 0"]),
    ({"shots": {"yaw_deg": {"uniform": [3, 1]}}}, ["shots.yaw_deg", "low < high"]),
    ({"shots": {"yaw_deg": float("nan")}}, ["shots.yaw_deg", "nan"]),
    ({"shots": {"light": ["sun"]}}, ["shots.light", "'sun'"]),
    ({"sittings_per_identity": 3}, ["images_per_identity", "3 sittings"]),
    ({"format": "gif"}, ["format", "gif"]),
]  # fmt: skip


@pytest.mark.parametrize(("more", "words"), REFUSED, ids=[str(more)[:60] for more, _ in REFUSED])
def test_refusals_name_the_value_and_the_mend(more: dict[str, object], words: list[str]) -> None:
    text = refusal(**more)
    for word in words:
        assert word in text, text


FILES = [
    ("name: a\ndate: 2026-13-45", "line 2, column 7: '2026-13-45' is no day; write it as 2026-01-31"),
    ("name: a: b\n - c", "line 1"),
    ("[1, 2]", "not a mapping"),
    ("", "nothing"),
    ("name: a\nname: b", "written twice"),
    ("a: &x [1]\nb: *x", "aliases"),
    ("a: !!python/object/apply:os.system ['true']", "line 1"),
    ("a: " + "[" * 5000, "mend the YAML"),
]


@pytest.mark.parametrize(("text", "word"), FILES, ids=[t[:20] for t, _ in FILES])
def test_bad_yaml_is_one_line(tmp_path: Path, text: str, word: str) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(text)
    with pytest.raises(SpecError, match=word) as caught:
        DatasetSpec.load(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_bad_paths_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "large.yaml").write_text("#" * 1_000_001)
    for path, word in (("nowhere.yaml", "no such file"), (".", "directory"), ("bytes.yaml", "UTF-8"), ("large.yaml", "larger")):
        with pytest.raises(SpecError, match=word):
            DatasetSpec.load(tmp_path / path)


def test_balance_by_default_is_over_what_is_even() -> None:
    assert spec().population.balanced == ("sex", "age_band", "ancestry")
    assert spec(population={"sex": "female"}).population.balanced == ("age_band", "ancestry")
    assert spec(population={"sex": {"female": 0.9, "male": 0.1}}).population.balanced == ("age_band", "ancestry")
    assert spec(population={"balance": []}).population.balanced == ()


def test_a_day_may_be_written_as_yaml_and_json_have_it() -> None:
    day = datetime.date(2026, 1, 1)
    for value in (day, "2026-01-01", datetime.datetime(2026, 1, 1)):
        assert spec(date=value).date == day and type(spec(date=value).date) is datetime.date
    assert spec(population={"glasses": 1}, shots={"wear": {"mask": 0}}).population.glasses == 1.0


def test_points_are_named_as_yaml_reads_them() -> None:
    assert spec(outputs={"points": [478, "dense"]}).outputs.points == ("478", "dense")
    assert "twice" in refusal(outputs={"points": ["478", 478]})
    for wrong in ([468], "dense", [True]):
        assert "points" in refusal(outputs={"points": wrong})
