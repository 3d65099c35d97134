"""Label files in the published formats: what is read, what their oddities become, and what stops with file and line."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import published
import pytest
from label_files import made

from facegen.audit.known import UNKNOWN
from facegen.audit.sets import NAMES, detect, load
from facegen.audit.tables import Loaded, audit

PUBLISHED = tuple(name for name in NAMES if name not in ("facegen", "table"))


def column(loaded: Loaded, name: str) -> list[str]:
    return loaded.labels[name].tolist()


@pytest.mark.parametrize("format", PUBLISHED)
def test_every_format_is_found_out_and_counted(format: str, tmp_path: Path) -> None:
    path = made(format, tmp_path)
    assert detect(path) == format
    assert detect(tmp_path) == format
    loaded = load(path)
    assert loaded.format == format and loaded.labels["image_id"].is_unique
    assert set(loaded.sources) == set(loaded.declared.attributes)
    for name, categories in zip(loaded.declared.attributes, loaded.declared.categories, strict=True):
        words = loaded.labels[name]
        assert set(words) <= set(categories) and f"raw_{name}" in loaded.labels
        assert (UNKNOWN in categories) == (UNKNOWN in set(words))
    unknown = [UNKNOWN in categories for categories in loaded.declared.categories]
    shares = [loaded.declared.over([name]).target for name in loaded.declared.attributes]
    for there, share in zip(unknown, shares, strict=True):
        rest = share[:-1] if there else share
        assert np.allclose(rest, 1 / len(rest)) and (not there or share[-1] == 0)
    document = audit(loaded)
    assert json.loads(json.dumps(document, allow_nan=False))["rows"]["images"] == len(loaded.labels)
    assert str(tmp_path) not in json.dumps(document)


def test_fairface(tmp_path: Path) -> None:
    loaded = load(published.fairface(tmp_path))
    assert column(loaded, "image_id") == ["train/1.jpg", "train/2.jpg", "train/3.jpg", "val/1.jpg", "val/2.jpg", "val/3.jpg"]
    assert column(loaded, "age_band") == ["50-59", "30-39", "70+", "3-9", "70+", "0-2"]
    assert column(loaded, "raw_age_band") == ["50-59", "30-39", "more than 70", "3-9", "70+", "0-2 "]
    assert column(loaded, "sex") == ["male", "female", "male", "male", "female", "female"]
    assert column(loaded, "race")[-1] == "White"
    assert not loaded.has_identities and any("1 rows repeat" in note for note in loaded.notes)


def test_utkface(tmp_path: Path) -> None:
    loaded = load(published.utkface(tmp_path))
    by_name = loaded.labels.set_index("image_id")
    found = {name: tuple(by_name.loc[name, ["age_band", "sex", "race"]]) for name in published.UTKFACE}
    assert list(found.values()) == [
        ("20-29", "female", "Asian"),
        ("70+", "male", "White"),
        ("0-2", "male", "Others"),
        ("30-39", UNKNOWN, UNKNOWN),
        ("60-69", UNKNOWN, "Indian"),
        ("50-59", UNKNOWN, "White"),
        ("20-29", "male", "Black"),
        ("50-59", "male", "White"),
    ]
    assert by_name.loc[published.UTKFACE[1], "raw_age_band"] == "110"
    assert any(note.startswith("3 names lack a field") for note in loaded.notes)
    listed = load(published.utkface_list(tmp_path / "names.txt"))
    assert Counter(map(tuple, listed.labels[["age_band", "sex", "race"]].to_numpy())) == Counter(found.values())


def test_celeba(tmp_path: Path) -> None:
    loaded = load(published.celeba(tmp_path))
    assert column(loaded, "sex") == ["female", "male", "female", "male"]
    assert column(loaded, "young") == ["yes", "no", "yes", "no"]
    assert column(loaded, "pale_skin") == ["no", "yes", "no", "no"]
    assert loaded.has_identities and column(loaded, "identity_id") == ["2880", "2937", "2880", "5805"]
    (tmp_path / "identity_CelebA.txt").unlink()
    alone = load(tmp_path / "list_attr_celeba.txt")
    assert not alone.has_identities and any("identity_CelebA.txt" in note for note in alone.notes)


def test_celeba_as_a_table(tmp_path: Path) -> None:
    file = tmp_path / "list_attr_celeba.csv"
    rows = [["1"] * 40, ["-1"] * 40]
    file.write_text(
        "\n".join([",".join(["image_id", *published.CELEBA_NAMES]), *(f"{i}.jpg,{','.join(r)}" for i, r in enumerate(rows))])
    )
    assert column(load(file), "sex") == ["male", "female"]


def test_rfw(tmp_path: Path) -> None:
    loaded = load(published.rfw(tmp_path))
    frame = loaded.labels
    assert Counter(frame["race"]) == {"African": 5, "Asian": 5, "Caucasian": 5, "Indian": 8}
    assert "m.0african1/m.0african1_0003.jpg" in set(frame["image_id"]) and frame["identity_id"].nunique() == 8
    assert any("only the images that occur in pairs" in note for note in loaded.notes)
    one = load(tmp_path / "txts/Asian/Asian_pairs.txt")
    assert len(one.labels) == 5 and "no list of African is there" in one.notes
    assert one.declared.categories == (("African", "Asian", "Caucasian", "Indian"),)


def test_bfw(tmp_path: Path) -> None:
    loaded = load(published.bfw(tmp_path / "bfw-v0.1.5-datatable.csv"))
    frame = loaded.labels.set_index("image_id")
    assert len(frame) == 6 and loaded.has_identities
    assert frame.loc["white_males/n000007/0001_01.jpg", ["sex", "race", "identity_id"]].tolist() == ["male", "white", "7"]
    assert frame.loc["indian_females/n000011/0003_01.jpg", "identity_id"] == "11"


def test_lfw(tmp_path: Path) -> None:
    pairs = load(published.lfw_pairs(tmp_path / "pairs.txt"))
    assert len(pairs.labels) == 7 and pairs.labels["identity_id"].nunique() == 4
    assert set(column(pairs, "sex")) == {UNKNOWN} and "no demographic label" in " ".join(pairs.notes)
    people = load(published.lfw_people(tmp_path / "people.txt"))
    assert Counter(column(people, "identity_id")) == {"AJ_Cook": 1, "Abel_Pacheco": 4, "Akhmed_Zakayev": 3}
    assert set(pairs.labels["image_id"]) & set(people.labels["image_id"])
    published.lfw_scores(tmp_path / "lfw_attributes.txt")
    scored = load(tmp_path / "people.txt").labels.set_index("image_id")["sex"]
    assert scored["Abel_Pacheco/Abel_Pacheco_0004.jpg"] == "male" and scored["AJ_Cook/AJ_Cook_0001.jpg"] == "female"
    assert scored["Abel_Pacheco/Abel_Pacheco_0002.jpg"] == UNKNOWN
    assert load(tmp_path / "people.txt").sources == {"sex": "inferred"}
    (tmp_path / "lfw_attributes.txt").unlink()
    (tmp_path / "female_names.txt").write_text("AJ_Cook_0001.jpg\n")
    named = load(tmp_path / "people.txt")
    assert Counter(column(named, "sex")) == {"female": 1, UNKNOWN: 7} and named.sources == {"sex": "annotated"}


def test_vggface2(tmp_path: Path) -> None:
    loaded = load(published.vggface2(tmp_path / "identity_meta.csv"))
    assert Counter(column(loaded, "identity_id")) == {"n000001": 424, "n000002": 315, "n000003": 205}
    assert Counter(column(loaded, "sex")) == {"male": 629, "female": 315}


def test_casual_conversations(tmp_path: Path) -> None:
    loaded = load(published.casual_conversations(tmp_path / "CasualConversationsV2.json"))
    assert column(loaded, "identity_id") == ["0000", "0000", "0001", "0002", "0003", "0004"]
    assert column(loaded, "gender") == ["cis woman", "cis woman", UNKNOWN, "non-binary", UNKNOWN, "transgender man"]
    assert column(loaded, "age_band") == ["18-29", "18-29", UNKNOWN, "40-49", "70+", "30-39"]
    assert column(loaded, "skin_monk") == ["5", "5", "10", "2", "3", "4"]
    assert column(loaded, "fitzpatrick") == ["III", "III", "VI", UNKNOWN, "I", "II"]
    assert column(loaded, "raw_gender")[2] == "prefer not to say" and column(loaded, "raw_skin_monk")[0] == "scale 5"
    assert loaded.sources["gender"] == "self-reported" and loaded.sources["skin_monk"] == "annotated"
    named = {record.pop("video_name"): record for record in json.loads((tmp_path / "CasualConversationsV2.json").read_text())}
    (tmp_path / "by_name.json").write_text(json.dumps(named))
    pd.testing.assert_frame_equal(load(tmp_path / "by_name.json").labels, loaded.labels)


def test_ours(fake_dataset: Path) -> None:
    whole, alone = load(fake_dataset), load(fake_dataset / "labels.parquet")
    pd.testing.assert_frame_equal(whole.labels, alone.labels)
    assert whole.format == "facegen" and set(whole.sources.values()) == {"parameter"} and whole.has_identities
    ages = pd.read_parquet(fake_dataset / "labels.parquet").set_index("image_id")["age_years"]
    assert [float(raw) for raw in whole.labels["raw_age_band"]] == ages[whole.labels["image_id"]].tolist()


def test_table(tmp_path: Path) -> None:
    file, mapping = published.table(tmp_path)
    loaded = load(file, mapping=mapping)
    assert column(loaded, "sex") == ["female", "female", "male", UNKNOWN]
    assert column(loaded, "age_band") == ["18-29", "30-49", UNKNOWN, "50+"]
    assert column(loaded, "raw_age_band") == ["29", "30", "", "84"] and column(loaded, "identity_id") == ["p1", "p1", "p2", "p3"]
    assert loaded.sources == {"sex": "self-reported", "age_band": "annotated", "race": "annotated"}
    table = pd.DataFrame({
        "picture": ["a/1.jpg", "a/2.jpg", "b/1.jpg", "c/1.jpg"], "who": ["p1", "p1", "p2", "p3"], "age": [29, 30, None, 84],
        "Geschlecht": ["w", "w", "m", None], "group": ["african", "african", "european", "european"],
    })  # fmt: skip
    table.to_parquet(tmp_path / "table.parquet")
    parquet = load(tmp_path / "table.parquet", mapping=mapping)
    names = ["image_id", "identity_id", "sex", "age_band", "race"]
    pd.testing.assert_frame_equal(parquet.labels[names], loaded.labels[names])
