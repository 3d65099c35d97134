"""The audit document of any set: what is missing shows, and nothing is said that the labels do not hold."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from facegen.audit import coverage
from facegen.audit.compare import compare
from facegen.audit.crosswalk import Crosswalk
from facegen.audit.sets import load
from facegen.audit.tables import Loaded, audit
from facegen.audit.text import audit_text, compare_text
from facegen.errors import DataError
from facegen.measures.coverage import Declared
from facegen.resources import asset_json

CATEGORIES = (("Male", "Female"), ("young", "middle", "old"), ("A", "B", "C", "D"))
NAMES = ("gender", "age", "race")


def table(cells: dict[tuple[str, str, str], int], **more: Any) -> Loaded:
    """A CSV-like set: so many pictures of each cell, nobody twice, declared even over all categories."""
    rows = [cell for cell, count in cells.items() for _ in range(count)]
    labels = pd.DataFrame(rows, columns=list(NAMES))
    labels.insert(0, "image_id", [f"i{n}" for n in range(len(rows))])
    labels.insert(1, "identity_id", labels["image_id"])
    declared = Declared(NAMES, CATEGORIES, np.full((2, 3, 4), 1 / 24))
    made = Loaded("a set", "table", "set.csv", labels, declared, dict.fromkeys(NAMES, "annotated"), has_identities=False)
    return replace(made, **more)


def even(without: tuple[str, ...] = ()) -> Loaded:
    cells = [(g, a, r) for g in CATEGORIES[0] for a in CATEGORIES[1] for r in CATEGORIES[2]]
    return table({cell: 5 for cell in cells if not set(cell) & set(without)})


def not_even(measures: dict[str, Any], categories: int) -> bool:
    """Whether every evenness measure says that something is missing."""
    return (
        measures["sei"] < 1 - 1e-9
        and measures["ens"] < categories - 1e-9
        and measures["simpson"] > 1 / categories + 1e-9
        and measures["berger_parker"] > 1 / categories + 1e-9
        and measures["imbalance_ratio"] is None
        and min(measures[m] for m in ("kl", "js", "tv", "chi2")) > 1e-9
    )


def test_a_full_even_set_is_even() -> None:
    image = audit(even())["levels"]["image"]
    for measures in [m["measures"] for m in (*image["marginals"].values(), *image["pairs"].values(), image["intersection"])]:
        assert measures["sei"] == pytest.approx(1)
        assert measures["imbalance_ratio"] == 1
        assert measures["tv"] == 0
    assert image["uncovered"]["1"]["patterns"] == []


@pytest.mark.parametrize("gone", [("A",), ("B", "old"), ("Female",), ("C", "D", "young")])
def test_a_set_that_misses_groups_never_scores_as_even(gone: tuple[str, ...]) -> None:
    image = audit(even(gone))["levels"]["image"]
    for name, words in zip(NAMES, CATEGORIES, strict=True):
        marginal = image["marginals"][name]
        assert set(marginal["counts"]) == set(words)
        missing = set(words) & set(gone)
        assert not_even(marginal["measures"], len(words)) == bool(missing)
        assert all({name: word, "count": 0} in image["uncovered"]["1"]["patterns"] for word in missing)
        for other, more in zip(NAMES, CATEGORIES, strict=True):
            if missing and other > name:
                pair = next(p for key, p in image["pairs"].items() if set(key.split(" x ")) == {name, other})
                assert not_even(pair["measures"], len(words) * len(more))
    assert not_even(image["intersection"]["measures"], 24)
    assert all(not_even(three["measures"], 24) for three in image["triples"].values())
    assert image["uncovered"]["1"]["extra_records"] >= max(image["uncovered"]["1"]["lower_bound"], 1)


def test_a_random_lack_is_never_even() -> None:
    rng = np.random.default_rng(0)
    cells = [(g, a, r) for g in CATEGORIES[0] for a in CATEGORIES[1] for r in CATEGORIES[2]]
    for _ in range(25):
        some = {cell: int(n) for cell, n in zip(cells, rng.integers(0, 9, 24), strict=True)}
        some[cells[rng.integers(24)]] = 0
        assert not_even(audit(table(some), draws=0)["levels"]["image"]["intersection"]["measures"], 24)


def test_other_peoples_sets_get_no_more_than_they_hold() -> None:
    found = audit(even(("A",)))
    assert found["rows"] == {"identities": None, "sittings": None, "images": 90}
    assert set(found["levels"]) == {"image"}
    assert not {"independence", "quality_parity", "skin", "rejections"} & set(found)
    assert found["interval_method"] == "Wilson"
    low, high = found["intervals"]["image"]["race"]["A"]
    assert low == 0 < high < 0.05
    text = coverage.render(found)
    assert "Coverage of a set: 90 images" in text
    assert "race=A" in text


def test_people_are_counted_where_there_are_some() -> None:
    loaded = even()
    people = [f"p{n // 5}" for n in range(len(loaded.labels))]
    labels = loaded.labels.assign(identity_id=people, detector_score=np.linspace(0, 1, len(people)))
    labels.loc[0, "age"] = "old"  # one person's age differs between pictures
    found = audit(replace(loaded, labels=labels, has_identities=True), draws=200)
    assert found["rows"]["identities"] == found["levels"]["identity"]["records"] == 24
    assert found["levels"]["identity"]["attributes"] == ["gender", "race"]
    assert found["interval_method"] == "bootstrap over identities"
    wide = found["intervals"]["image"]["gender"]["Male"]
    assert wide[1] - wide[0] == pytest.approx(2 * 1.96 * (0.25 / 24) ** 0.5, rel=0.2)
    assert set(found["quality_parity"]) == {"detector_score"}
    assert "intervals" not in audit(replace(loaded, labels=labels, has_identities=True), draws=0)


def test_documents_are_the_same_each_time_and_valid() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    check = jsonschema.Draft202012Validator(asset_json("schemas/audit.schema.json"))
    loaded = even(("B",))
    labels = loaded.labels.assign(detector_score=np.arange(len(loaded.labels)) % 7 / 7)
    rejected = pd.DataFrame({"gender": ["Male"], "age": ["old"], "race": ["B"]})
    whole = replace(loaded, labels=labels, rejected=rejected, notes=("a note",))
    first, again = (json.dumps(audit(whole), allow_nan=False) for _ in range(2))
    assert first == again
    check.validate(json.loads(first))
    assert json.loads(first)["rejections"]["by"]["race"]["B"]["rate"] == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.drop(columns="race"), "column 'race' is missing"),
        (lambda t: t.assign(race="E"), "race 'E' was not declared; declared are A, B, C, D"),
        (lambda t: t.assign(race=None), r"race '\(nothing\)' was not declared"),
        (lambda t: t.iloc[:0], "no picture in it"),
    ],
)
def test_what_cannot_be_counted_is_said(change: Any, said: str) -> None:
    loaded = even()
    with pytest.raises(DataError, match=said):
        audit(replace(loaded, labels=change(loaded.labels)))


def test_a_cross_too_large_is_refused() -> None:
    names = tuple(f"a{i}" for i in range(18))
    labels = pd.DataFrame({"image_id": ["x"], "identity_id": ["x"], **dict.fromkeys(names, ["0"])})
    declared = Declared(names, (("0", "1"),) * 18, np.full((2,) * 18, 2.0**-18))
    with pytest.raises(DataError, match="has 262144 cells, at most 200000 are crossed; declare fewer"):
        audit(Loaded("wide", "table", "w.csv", labels, declared, {}, has_identities=False))


def test_detector_scores_are_judged_where_they_are_given(fake_dataset: Path, tmp_path: Path) -> None:
    ids = coverage.load(fake_dataset).labels["image_id"]
    path = tmp_path / "audit.json"
    path.write_text(json.dumps({"short range": {"scores": {name: 0.1 * n for n, name in enumerate(ids)}}, "full range": {}}))
    found = coverage.audit_directory(fake_dataset, path)
    assert found["quality_parity"]["detector_score"]["cells"]["highest"] <= 0.5
    assert sum(c["n"] for c in found["quality_parity"]["detector_score"]["cells"]["means"]) == 6
    assert "detector_score" not in coverage.audit_directory(fake_dataset)["quality_parity"]
    path.write_text("{}")
    with pytest.raises(DataError, match="holds no detector scores"):
        coverage.load(fake_dataset, path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: {f"other{name}": score for name, score in s.items()}, "'other000000_000' is no picture of this set"),
        (lambda s: dict(list(s.items())[:2]), "scores 2 of 6 pictures, and not '000001_000'"),
        (lambda s: {}, "scores 0 of 6 pictures"),
        (lambda s: s | {"000000_001": True}, "the score of '000000_001' is True, not a finite number"),
        (lambda s: s | {"000000_001": "7"}, "the score of '000000_001' is '7', not a finite number"),
        (lambda s: s | {"000000_001": 10**400}, "the score of '000000_001' is 1000"),
        (lambda s: s | {"000000_001": None}, "the score of '000000_001' is None"),
        (list, "holds no detector scores"),
    ],
)
def test_detector_scores_are_those_of_this_set(change: Any, said: str, fake_dataset: Path, tmp_path: Path) -> None:
    whole = dict.fromkeys(coverage.load(fake_dataset).labels["image_id"], 0.5)
    path = tmp_path / "audit.json"
    path.write_text(json.dumps({"short range": {"scores": change(whole)}}))
    with pytest.raises(DataError, match=said) as stop:
        coverage.load(fake_dataset, path)
    assert "\n" not in str(stop.value) and len(str(stop.value)) < 600


def first_is(table: pd.DataFrame, **values: object) -> pd.DataFrame:
    """Return `table` with other values in its first row."""
    return table.assign(**{n: [v, *table[n].iloc[1:]] for n, v in values.items()})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: pd.concat([t, t.iloc[:1]]), "image_id '000000_000' stands in it twice"),
        (lambda t: t.iloc[:4], "has 4 rows where manifest.json counts 6"),
        (lambda t: t.assign(identity_id="x"), "holds 1 different identity_id where the manifest counts 3"),
        (lambda t: t.assign(sitting_id="x"), "holds 1 different sitting_id where the manifest counts 3"),
        (lambda t: first_is(t, sex={"female": "male", "male": "female"}[t["sex"].iloc[0]]), "sex of identity_id '000000' is"),
        (lambda t: first_is(t, identity_id="000001"), "of identity_id '000001' is"),
        (lambda t: first_is(t, yaw_deg=np.inf), "yaw_deg of '000000_000' is inf, no number"),
        (lambda t: first_is(t, yaw_deg=np.nan), "yaw_deg of '000000_000' is nan, no number"),
        (lambda t: first_is(t, apparent_L=-np.inf), "apparent_L of '000000_000' is -inf, no number"),
    ],
)
def test_mixed_up_labels_of_our_own_are_refused(change: Any, said: str, fake_dataset: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(fake_dataset, tmp_path / "set"))
    change(pd.read_parquet(copy / "labels.parquet")).to_parquet(copy / "labels.parquet")
    for opening in (coverage.load, load):
        with pytest.raises(DataError, match=said) as stop:
            opening(copy)
        assert "\n" not in str(stop.value)


def test_words_of_a_set_cannot_move_the_cursor() -> None:
    """Whatever prints labels prints printable characters, one line a line, and long ones cut."""
    evil, long = "A\x1b[2J\x1b[31m\n\rB\u202e", "x" * 500
    loaded = even()
    labels = loaded.labels.assign(race=loaded.labels["race"].map({"A": evil, "B": long}).fillna(loaded.labels["race"]))
    declared = Declared(NAMES, (*CATEGORIES[:2], (evil, long, "C", "D")), loaded.declared.target)
    hostile = replace(loaded, name=f"{evil}{long}", labels=labels, declared=declared, notes=(evil,), format="fairface")
    text = audit_text(audit(hostile))
    assert all(line.isprintable() for line in text.splitlines()) and long not in text
    assert r"A\x1b[2J\x1b[31m" in text and len(text.splitlines()) == len(audit_text(audit(loaded)).splitlines()) + 1
    other = replace(hostile, name=f"{evil}2")
    both = compare_text(compare([hostile, other], Crosswalk.model_validate(walk(evil, long))))
    assert all(line.isprintable() for line in both.splitlines()) and long not in both


def walk(*categories: str) -> dict[str, Any]:
    atoms = (*categories, "C", "D")
    return {"about": "", "axes": {"group": {"about": "", "atoms": atoms, "sets": {"default": {"attribute": "race"}}}}}
