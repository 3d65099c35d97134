"""Label files in the published formats: what is read, what their oddities become, and what stops with file and line."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import published
import pytest

from facegen.audit.sets import NAMES, detect, load
from facegen.audit.sets.words import UNKNOWN
from facegen.audit.tables import Loaded, audit
from facegen.errors import DataError, FacegenError, RequestError


def made(format: str, folder: Path) -> Path:
    """Write the set of a format and return what a user gives."""
    return {
        "fairface": lambda: published.fairface(folder),
        "utkface": lambda: published.utkface(folder),
        "celeba": lambda: published.celeba(folder),
        "rfw": lambda: published.rfw(folder),
        "bfw": lambda: published.bfw(folder / "bfw-v0.1.5-datatable.csv"),
        "lfw": lambda: published.lfw_pairs(folder / "pairs.txt"),
        "vggface2": lambda: published.vggface2(folder / "identity_meta.csv"),
        "casual_conversations": lambda: published.casual_conversations(folder / "CasualConversationsV2.json"),
    }[format]()


PUBLISHED = tuple(name for name in NAMES if name not in ("facegen", "table"))


def column(loaded: Loaded, name: str) -> list[str]:
    return loaded.labels[name].tolist()


def said(call: type[Exception] | tuple[type[Exception], ...], path: Path, **options: object) -> str:
    with pytest.raises(call) as stop:
        load(path, **options)
    assert "\n" not in str(stop.value)
    return str(stop.value)


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


CHANGES = [
    (
        "fairface",
        "fairface_label_val.csv",
        "Southeast Asian",
        "South East Asian",
        ["fairface_label_val.csv: line 3", "did you mean", "--mapping"],
    ),
    ("fairface", "fairface_label_val.csv", "3-9", "Mar-9", ["line 2", "age_band 'Mar-9'"]),
    (
        "fairface",
        "fairface_label_val.csv",
        "True\nval/2.jpg,70+,Female",
        "True\nval/2.jpg,70+,Male",
        ["line 4", "line 3", "'Male' here, 'Female' there"],
    ),
    ("fairface", "fairface_label_val.csv", "Male,East Asian,False", "Male,East Asian", ["line 2 has 4 fields, the header 5"]),
    ("fairface", "fairface_label_val.csv", "Male,East", "\xff,East", ["line 2", "sex"]),
    ("celeba", "list_attr_celeba.txt", "4\r\n5_o", "5\r\n5_o", ["line 1 says 5 images", "holds 4"]),
    ("celeba", "list_attr_celeba.txt", "000002.jpg -1", "000002.jpg ", ["line 4 has 39 values"]),
    ("celeba", "identity_CelebA.txt", "000003.jpg 2880\n", "", ["no line for '000003.jpg'", "line 5"]),
    ("rfw", "txts/Asian/Asian_pairs.txt", "m.0asian2\t1\t2", "m.0asian2\t1", ["Asian_pairs.txt: line 2", "neither"]),
    ("rfw", "txts/Indian/Indian_images.txt", "m.0indian1_0002.jpg", "m.0indian1.jpg", ["Indian_images.txt: line 2"]),
    (
        "bfw",
        "bfw-v0.1.5-datatable.csv",
        "1,0,0,asian_females",
        "1,0,0,asian_woman",
        ["line 2", "att1 'asian_woman'", "did you mean"],
    ),
    ("bfw", "bfw-v0.1.5-datatable.csv", ",BM,IF,", ",BF,IF,", ["line 4", "a1 says 'BF'", "black_males"]),
    (
        "bfw",
        "bfw-v0.1.5-datatable.csv",
        "0,0,7,asian",
        "0,3,7,asian",
        ["line 3", "line 2", "labelled otherwise", "'3' here, '0' there"],
    ),
    ("lfw", "pairs.txt", "2\t1\n", "10\t300\n", ["line 1 says 6000 pairs", "holds 4"]),
    ("lfw", "pairs.txt", "Akhmed_Zakayev\t1\t3", "Akhmed_Zakayev\tone\t3", ["line 4", "neither"]),
    ("vggface2", "identity_meta.csv", "1, f", "1, w", ["line 3", "sex 'w'", "--mapping"]),
    ("vggface2", "identity_meta.csv", '"Sammy_Davis,_Jr."', "Sammy_Davis,_Jr.", ["line 4 has 6 fields"]),
    ("casual_conversations", "CasualConversationsV2.json", "scale 10", "scale 11", ["skin_monk 'scale 11'"]),
    ("casual_conversations", "CasualConversationsV2.json", '"41"', '"forty"', ["'forty' is not an age"]),
    ("casual_conversations", "CasualConversationsV2.json", '"transgender man"', '"agender"', ["gender 'agender'"]),
    ("casual_conversations", "CasualConversationsV2.json", '"0002"', "null", ["line 53", "no subject_id"]),
]


@pytest.mark.parametrize(("format", "file", "old", "new", "words"), CHANGES)
def test_what_is_not_known_stops_with_its_line(
    format: str, file: str, old: str, new: str, words: list[str], tmp_path: Path
) -> None:
    path = made(format, tmp_path)
    text = (tmp_path / file).read_bytes().decode()
    assert old in text
    (tmp_path / file).write_bytes(text.replace(old, new, 1).encode())
    message = said(DataError, path, format=format)
    assert all(word in message for word in words), message


@pytest.mark.parametrize("word", ["scale 10", "type vi", "72", "non-binary"])
def test_the_line_in_json_is_that_of_the_word(word: str, tmp_path: Path) -> None:
    file = published.casual_conversations(tmp_path / "CasualConversationsV2.json")
    file.write_text(file.read_text().replace(f'"{word}"', '"nonsense"'))
    number = int(said(DataError, file).split("line ")[1].split(":")[0])
    assert "nonsense" in file.read_text().split("\n")[number - 1]


def test_names_of_no_utkface(tmp_path: Path) -> None:
    published.utkface(tmp_path)
    (tmp_path / "holiday.jpg").write_bytes(b"")
    assert "'holiday.jpg' is not [age]_[gender]_[race]_[time].jpg" in said(DataError, tmp_path)
    (tmp_path / "holiday.jpg").rename(tmp_path / "20_5_1_20170116220224657.jpg")
    assert "sex '5' is not one of" in said(DataError, tmp_path)


def test_wrong_text(tmp_path: Path) -> None:
    (tmp_path / "fairface_label_val.csv").write_bytes(b"file,age,gender,race\nval/1.jpg,3-9,M\xe4nnlich,White\n")
    assert "line 2 is not UTF-8" in said(DataError, tmp_path)
    assert "no such file" in said(DataError, tmp_path / "nothing.csv")
    (tmp_path / "cut.json").write_text('[{"subject_id": "1", "age": "20"},\n {"subject_id": "2", "age": ')
    assert "line 2" in said(FacegenError, tmp_path / "cut.json", format="casual_conversations")


def test_a_format_that_is_not_certain(tmp_path: Path) -> None:
    published.vggface2(tmp_path / "identity_meta.csv")
    published.lfw_pairs(tmp_path / "pairs.txt")
    assert "may be lfw or vggface2; say which with --format" in said(RequestError, tmp_path)
    assert load(tmp_path, "vggface2").format == "vggface2" and load(tmp_path, "lfw").format == "lfw"
    (tmp_path / "none").mkdir()
    assert "of no format that is known" in said(RequestError, tmp_path / "none")
    assert "did you mean 'celeba'" in said(RequestError, tmp_path, format="celebA")
    assert "needs --mapping" in said(RequestError, tmp_path, format="table")
    assert "--mapping goes with --format table" in said(RequestError, tmp_path, format="lfw", mapping=tmp_path / "m.yaml")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("categories: [female, male]", "categories: [female, male, male]", "names one twice"),
        ("categories: [female, male]", "categories: [female, male, unknown]", "'missing'"),
        ("{w: female, m: male}", "{w: woman}", "'woman' is not one of the categories"),
        ("[18-29, 30-49, 50+]", "[18-29, 29-49, 50+]", "not bands of years apart"),
        ("source: self-reported", "source: guessed", "source"),
        ("image: picture\n", "", "'image' is missing"),
        ("image: picture", "image: photo", "line 1 has no column 'photo'"),
        ("  sex:", "  Sex:", "Sex"),
        ("  sex:", "  identity_id:", "'identity_id' is taken"),
        ('separator: ";"', 'separator: ";;"', "separator"),
        ("column: group", "colum: group", "'attributes.race.column' is missing"),
        ("    bands: true", "    bands: true\n    shares: [0.5, 0.5, 0.5]", "shares"),
    ],
)
def test_wrong_mappings(old: str, new: str, words: str, tmp_path: Path) -> None:
    file, mapping = published.table(tmp_path)
    assert old in published.MAPPING
    mapping.write_text(published.MAPPING.replace(old, new))
    assert words in said(DataError, file, mapping=mapping)


def test_a_word_that_the_mapping_does_not_know(tmp_path: Path) -> None:
    file, mapping = published.table(tmp_path)
    file.write_text(published.TABLE.replace("p2;m;", "p2;d;"))
    message = said(DataError, file, mapping=mapping)
    assert "table.csv: line 4: sex 'd' is not one of" in message and "mapping.yaml" in message
    file.write_text(published.TABLE.replace(";29;", ";9;"))
    assert "line 2: age_band 9 lies in none of 18-29, 30-49, 50+" in said(DataError, file, mapping=mapping)
    file.write_text(published.TABLE.replace("a/2.jpg;p1", "a/2.jpg;"))
    assert "line 3: column 'who' is empty" in said(DataError, file, mapping=mapping)


def test_shares_of_a_mapping_are_the_target(tmp_path: Path) -> None:
    file, mapping = published.table(tmp_path)
    mapping.write_text(published.MAPPING.replace("    words: {w: female", "    shares: [0.25, 0.75]\n    words: {w: female"))
    loaded = load(file, mapping=mapping)
    assert loaded.declared.over(["sex"]).target.tolist() == [0.25, 0.75, 0.0]
