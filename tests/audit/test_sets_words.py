"""Words, names and mappings that a label file may not have: each stops with file and line."""

from __future__ import annotations

from pathlib import Path

import published
import pytest
from label_files import made, said

from facegen.audit.known import UNKNOWN
from facegen.audit.sets import load
from facegen.audit.sets.mapping import RESERVED
from facegen.errors import DataError, FacegenError, RequestError

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
        *(("  sex:", f"  {name}:", f"'{name}' is taken") for name in RESERVED[3:]),
        ("missing: [k.A.]", "missing: [k.A., Male]", "missing: 'male' is a category"),
        ("missing: [k.A.]", "missing: [k.A., w]", "missing: 'w' is a category, or stands under 'words'"),
        ("{w: female, m: male}", "{female: male, m: male}", "'female' is a category and is turned into 'male'"),
        ("[african, european]", "[african, ' european']", "' european' is empty, or holds"),
        ("[african, european]", '[african, "euro\\tpean"]', "holds control characters"),
        ("[african, european]", "[african, '']", "'' is empty"),
        ("{w: female, m: male}", "{w: female, m: male, ' ': male}", "an empty field is 'unknown', never 'male'"),
        ("name: Our interviews", 'name: "A\\nshots: {degradation: wild}\\n#"', "holds control characters or line ends"),
        ("name: Our interviews", 'name: "A\\e[31m"', "holds control characters or line ends"),
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
    file.write_text(published.TABLE.replace(";29;", ";18-29;"))
    assert "line 2: age_band '18-29' is not an age" in said(DataError, file, mapping=mapping)
    file.write_text(published.TABLE.replace("a/2.jpg;p1", "a/2.jpg;"))
    assert "line 3: column 'who' is empty" in said(DataError, file, mapping=mapping)


@pytest.mark.parametrize("word", ["none", "na", "nan", "null"])
def test_a_declared_category_is_counted_whatever_its_name(word: str, tmp_path: Path) -> None:
    file, mapping = published.table(tmp_path)
    mapping.write_text(published.MAPPING.replace("[african, european]", f"[african, '{word}']"))
    file.write_text(published.TABLE.replace("european", word).replace("p3; k.A. ;84", "p3;None;84"))
    loaded = load(file, mapping=mapping)
    assert loaded.labels["race"].tolist() == ["african", "african", word, word]
    assert loaded.labels["sex"].tolist()[-1] == UNKNOWN and UNKNOWN not in loaded.declared.over(["race"]).categories[0]


def test_words_may_mean_something_that_else_says_nothing(tmp_path: Path) -> None:
    file, mapping = published.table(tmp_path)
    mapping.write_text(published.MAPPING.replace("{w: female, m: male}", "{w: female, m: male, none: male}"))
    file.write_text(published.TABLE.replace("p2;m", "p2;none"))
    assert load(file, mapping=mapping).labels["sex"].tolist()[2] == "male"


def test_files_that_contradict_themselves_name_both_lines(tmp_path: Path) -> None:
    for name in ("celeba", "lfw"):
        (tmp_path / name).mkdir()
    published.celeba(tmp_path / "celeba")
    people = tmp_path / "celeba/identity_CelebA.txt"
    people.write_text(people.read_text() + "000001.jpg 2880\n000001.jpg 6\n")
    assert "line 6: '000001.jpg' is of 6, at line 1 of 2880; keep one of them" in said(DataError, tmp_path / "celeba")
    scores = published.lfw_scores(tmp_path / "lfw/lfw_attributes.txt")
    scores.write_text(scores.read_text() + "AJ Cook\t1\t-0.5\t0\nAJ Cook\t1\t0.5\t0\n")
    assert "line 7: AJ_Cook 1 is male here, female at line 5; keep one of them" in said(DataError, scores)


def test_shares_of_a_mapping_are_the_target(tmp_path: Path) -> None:
    file, mapping = published.table(tmp_path)
    mapping.write_text(published.MAPPING.replace("    words: {w: female", "    shares: [0.25, 0.75]\n    words: {w: female"))
    loaded = load(file, mapping=mapping)
    assert loaded.declared.over(["sex"]).target.tolist() == [0.25, 0.75, 0.0]
