"""Sets beside each other: what is laid beside what, distances, and whom only one of them covers."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from pathlib import Path

import numpy as np
import published
import pytest
from scipy.spatial import distance

from facegen.audit.compare import compare
from facegen.audit.crosswalk import NOT_ALIGNED, Crosswalk, align
from facegen.audit.known import UNKNOWN
from facegen.audit.sets import load
from facegen.audit.tables import Loaded
from facegen.audit.text import compare_text
from facegen.errors import DataError, RequestError
from facegen.resources import asset
from facegen.spec import names

WALK = Crosswalk.load()


def subfolder(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


@pytest.fixture
def three(tmp_path: Path, fake_dataset: Path) -> list[Loaded]:
    ages = ["3-9", "20-29", "more than 70"]
    fair = [
        (age, sex, race, 12) for age, sex, race in itertools.product(ages, ["Male", "Female"], ["White", "East Asian", "Indian"])
    ]
    utk = [(age, sex, race, 9) for age, sex, race in itertools.product([5, 24, 33], [0, 1], [0, 2, 4])]
    return [
        load(published.fairface_rows(tmp_path / "fairface_label_train.csv", fair)),
        load(published.utkface_rows(tmp_path / "utk.txt", utk)),
        load(fake_dataset),
    ]


def test_three_sets(three: list[Loaded]) -> None:
    document = compare(three)
    text = json.dumps(document, allow_nan=False)
    assert text == json.dumps(compare(three), allow_nan=False)
    assert document["attributes"] == ["sex", "age_band", "appearance_group"]
    assert [one["audit_version"] for one in document["sets"]] == [1, 1, 1]
    names_ = [one["name"] for one in document["sets"]]
    groups = document["side_by_side"]["appearance_group"]
    assert "east_asian + southeast_asian" in groups and "west_asian + latin_american + mixed" in groups
    assert groups["east_asian + southeast_asian"][names_[0]]["count"] == 72
    assert groups["east_asian + southeast_asian"][names_[1]]["count"] == 54
    assert groups["african"][names_[1]]["share"] == 0
    bands = document["side_by_side"]["age_band"]
    assert list(bands) == ["0-2", "3-9", "10-19", "20-29", "30-39", "40-49", "50-59", "60-69", "70+"]
    ours = Counter(min(int(age // 10) * 10, 70) for age in three[2].labels["raw_age_band"].astype(float))
    assert bands["20-29"][names_[2]]["count"] == ours[20] and bands["70+"][names_[2]]["count"] == ours[70]
    for attribute, table in document["side_by_side"].items():
        for name, loaded in zip(names_, three, strict=True):
            apart = sum(document["apart"][attribute][name].values())
            assert sum(row[name]["count"] for row in table.values()) + apart == len(loaded.labels)
            for row in table.values():
                low, high = row[name]["interval"]
                assert low - 1e-6 <= row[name]["share"] <= high + 1e-6
    printed = compare_text(document)
    assert all(name in printed for name in names_) and len(max(printed.split("\n"), key=len)) < 400


def test_distances_agree_with_other_formulas(three: list[Loaded]) -> None:
    document = compare(three)
    assert len(document["distances"]) == 3 * 4
    for one in document["distances"]:
        if " x " in one["attribute"]:
            continue
        table = document["side_by_side"][one["attribute"]]
        p, q = (np.array([row[one[side]]["count"] for row in table.values()], dtype=float) for side in "ab")
        p, q = p / p.sum(), q / q.sum()
        assert one["tv"] == pytest.approx(np.abs(p - q).max() if len(p) == 2 else np.maximum(p - q, 0).sum(), abs=2e-6)
        assert one["js"] == pytest.approx(distance.jensenshannon(p, q) ** 2, abs=2e-6)
        assert one["interval"][0] <= one["interval"][1] <= 1 and one["p_holm"] >= one["chi2_p"]


def test_a_set_is_no_different_from_itself(three: list[Loaded]) -> None:
    document = compare([three[0], three[0]])
    assert [one["name"] for one in document["sets"]] == [three[0].name, f"{three[0].name} #2"]
    assert all(one["tv"] == one["js"] == one["effect"] == 0 and one["chi2_p"] == 1 for one in document["distances"])
    assert document["unique"] == []


def test_unique_groups_against_brute_force(three: list[Loaded]) -> None:
    tau = 20
    aligned = align(three, ["a", "b", "c"], WALK)
    attributes = list(aligned.categories)
    alone: list[tuple[int, dict[str, str]]] = []
    options = [[None, *words] for words in aligned.categories.values()]
    for values in itertools.product(*options):
        pattern = {a: v for a, v in zip(attributes, values, strict=True) if v is not None}
        inside = [[frame[a] == v for a, v in pattern.items()] or [frame["sex"] != ""] for frame in aligned.frames]
        counts = [int(np.logical_and.reduce(parts).sum()) for parts in inside]
        if pattern and sum(count >= tau for count in counts) == 1:
            alone.append((int(np.argmax(counts)), pattern))
    general = [(one, p) for one, p in alone if not any(other == one and q != p and q.items() <= p.items() for other, q in alone)]
    found = compare(three, tau=tau)
    index = {s["name"]: i for i, s in enumerate(found["sets"])}
    key = lambda pair: (pair[0], sorted(pair[1].items()))  # noqa: E731
    assert sorted(((index[u["set"]], u["pattern"]) for u in found["unique"]), key=key) == sorted(general, key=key)
    assert general


def bands(folder: Path, name: str, categories: list[str]) -> Loaded:
    column = f"{{column: b, source: annotated, categories: {json.dumps(categories)}}}"
    (folder / f"{name}.yaml").write_text(f"name: {name}\nimage: i\nattributes:\n  age_band: {column}\n")
    (folder / f"{name}.csv").write_text("i,b\n" + "".join(f"{k}.jpg,{band}\n" for k, band in enumerate(categories)))
    return load(folder / f"{name}.csv", mapping=folder / f"{name}.yaml")


@pytest.mark.parametrize(
    ("first", "second", "common"),
    [
        (["0-9", "10-19", "20-29"], ["0-19", "20-29"], ["0-19", "20-29"]),
        (["18-29", "30-39"], ["10-19", "20-29", "30-39"], ["10-29", "30-39"]),
        (["18-25", "26-35", "36+"], ["18-30", "31-40", "41+"], ["18+"]),
        (["0-17"], ["18-29", "70+"], ["0-17", "18-29", "70+"]),
        (["70+"], ["70-85"], ["70+"]),
    ],
)
def test_bands_are_merged_where_they_nest(first: list[str], second: list[str], common: list[str], tmp_path: Path) -> None:
    sets = [bands(tmp_path, "one", first), bands(tmp_path, "two", second)]
    aligned = align(sets, ["one", "two"], WALK)
    assert list(aligned.categories["age_band"]) == common
    assert all(NOT_ALIGNED not in set(frame["age_band"]) for frame in aligned.frames)


def test_casual_conversations_beside_ours(tmp_path: Path, fake_dataset: Path) -> None:
    sets = [load(published.casual_conversations(tmp_path / "CasualConversationsV2.json")), load(fake_dataset)]
    aligned = align(sets, ["cc", "ours"], WALK)
    assert list(aligned.categories) == ["sex", "age_band", "skin_monk"]
    assert aligned.frames[0]["sex"].tolist() == ["female", "female", UNKNOWN, NOT_ALIGNED, UNKNOWN, "male"]
    assert aligned.frames[0]["age_band"].tolist() == ["20-29", "20-29", UNKNOWN, "40-49", "70+", "30-39"]
    assert any("non-binary people have no counterpart" in note for note in aligned.notes)
    document = compare(sets)
    assert document["apart"]["sex"]["Casual Conversations v2 (CasualConversationsV2.json)"] == {UNKNOWN: 2, NOT_ALIGNED: 1}


def test_lfw_says_nothing_and_is_not_measured(tmp_path: Path, fake_dataset: Path) -> None:
    document = compare([load(published.lfw_pairs(tmp_path / "pairs.txt")), load(fake_dataset)])
    assert document["attributes"] == ["sex"] and document["distances"] == []
    assert document["side_by_side"]["sex"]["female"]["LFW (pairs.txt)"] == {"count": 0, "share": None, "interval": [0.0, 1.0]}


def test_sets_with_nothing_in_common(tmp_path: Path) -> None:
    sets = [load(published.rfw(subfolder(tmp_path, "rfw"))), load(published.vggface2(tmp_path / "identity_meta.csv"))]
    with pytest.raises(DataError, match="no attribute in common .*RFW .* has race; VGGFace2 .* has sex"):
        compare(sets)
    with pytest.raises(RequestError, match="two sets"):
        compare(sets[:1])


def test_scales_of_skin_are_never_mapped_onto_each_other() -> None:
    held = {name: {entry.attribute for entry in axis.sets.values()} for name, axis in WALK.axes.items()}
    assert held["skin_monk"] == {"skin_monk"} and held["fitzpatrick"] == {"fitzpatrick"}
    assert not any("ita" in attributes for attributes in held.values())


def test_the_crosswalk_holds_every_published_category() -> None:
    from facegen.audit.sets import bfw, casual_conversations, fairface, rfw, utkface

    for format, module in (("fairface", fairface), ("utkface", utkface), ("rfw", rfw), ("bfw", bfw)):
        (race,) = (attribute for attribute in module.ATTRIBUTES if attribute.name == "race")
        assert set(WALK.axes["appearance_group"].sets[format].to) == set(race.categories)
        assert WALK.axes["appearance_group"].sets[format].source
    assert set(WALK.axes["sex"].sets["casual_conversations"].to) == set(casual_conversations.GENDERS)
    assert sorted(WALK.axes["appearance_group"].atoms) == sorted(names.ancestries())


def test_wrong_crosswalks(tmp_path: Path) -> None:
    text = asset("population/crosswalk.json").read_text()
    for old, new, words in (
        ('"White": ["european"]', '"White": ["europe"]', "'europe' is no atom"),
        ('"atoms": ["female"', '"atom": ["female"', "unknown key"),
        ('{\n "about"', "{\n about", "line 2"),
    ):
        assert old in text
        (tmp_path / "walk.json").write_text(text.replace(old, new, 1))
        with pytest.raises(DataError) as stop:
            Crosswalk.load(tmp_path / "walk.json")
        assert words in str(stop.value) and "\n" not in str(stop.value)
