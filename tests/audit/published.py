"""Small label files, each exactly as its set's authors describe theirs, with the oddities that the published files have."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

CELEBA_NAMES = (
    "5_o_Clock_Shadow Arched_Eyebrows Attractive Bags_Under_Eyes Bald Bangs Big_Lips Big_Nose Black_Hair Blond_Hair Blurry "
    "Brown_Hair Bushy_Eyebrows Chubby Double_Chin Eyeglasses Goatee Gray_Hair Heavy_Makeup High_Cheekbones Male "
    "Mouth_Slightly_Open Mustache Narrow_Eyes No_Beard Oval_Face Pale_Skin Pointy_Nose Receding_Hairline Rosy_Cheeks Sideburns "
    "Smiling Straight_Hair Wavy_Hair Wearing_Earrings Wearing_Hat Wearing_Lipstick Wearing_Necklace Wearing_Necktie Young"
).split()


def fairface(folder: Path) -> Path:
    """Train file of Windows (mark, CRLF, backslashes), validation file with the predictor's 70+ and a repeated row."""
    train = [
        "file,age,gender,race,service_test",
        "train\\1.jpg,50-59,Male,East Asian,True",
        "train\\2.jpg,30-39,Female,Indian,False",
        "train\\3.jpg,more than 70,Male,Latino_Hispanic,False",
        "",
    ]
    val = [
        "file,age,gender,race,service_test",
        "val/1.jpg,3-9,Male,East Asian,False",
        "val/2.jpg,70+,Female,Southeast Asian,True",
        "val/2.jpg,70+,Female,Southeast Asian,True",
        " val/3.jpg , 0-2 ,Female,  White,True",
    ]
    (folder / "fairface_label_train.csv").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(train).encode())
    (folder / "fairface_label_val.csv").write_text("\n".join(val) + "\n")
    return folder


UTKFACE = (
    "26_1_2_20170116174525125.jpg.chip.jpg",
    "110_0_0_20170117164054711.jpg.chip.jpg",
    "1_0_4_20161219204347420.jpg",
    "39_1_20170116174525125.jpg.chip.jpg",  # a field is missing, which may be sex or race
    "61_3_20170109142408075.jpg",  # a field is missing, and 3 can only be a race
    "53__0_20170116184028385.jpg",  # the sex is missing
    "24_0_1_20170116220224657 .jpg.chip.jpg",  # a space
    "55_0_0_20170116232725357jpg.jpg.chip.jpg",  # a lost point
)


def utkface(folder: Path) -> Path:
    for name in UTKFACE:
        (folder / name).write_bytes(b"")
    (folder / "readme.txt").write_text("not a picture\n")
    return folder


def utkface_list(file: Path) -> Path:
    file.write_text("\r\n".join(f"UTKFace\\{name}" for name in UTKFACE) + "\r\n")
    return file


def celeba(folder: Path, identities: bool = True) -> Path:
    """Values are filled up to two places, so that a 1 has two spaces before it."""
    people = {"000001.jpg": 2880, "000002.jpg": 2937, "000003.jpg": 2880, "000004.jpg": 5805}
    yes = {
        "000001.jpg": {"Young"},
        "000002.jpg": {"Male", "Pale_Skin"},
        "000003.jpg": {"Young", "Smiling"},
        "000004.jpg": {"Male"},
    }
    lines = [str(len(people)), " ".join(CELEBA_NAMES) + " "]
    for name in people:
        lines.append(name + "".join(f" {1 if attribute in yes[name] else -1:>2}" for attribute in CELEBA_NAMES))
    (folder / "list_attr_celeba.txt").write_text("\r\n".join(lines) + "\r\n")
    if identities:
        (folder / "identity_CelebA.txt").write_text("".join(f"{name} {who}\n" for name, who in people.items()))
    return folder


def rfw(folder: Path, races: Sequence[str] = ("African", "Asian", "Caucasian", "Indian")) -> Path:
    """txts/R/R_pairs.txt: three columns are one person, four are two; one group has its list of images as well."""
    for race in races:
        (folder / "txts" / race).mkdir(parents=True)
        one, two = f"m.0{race.lower()}1", f"m.0{race.lower()}2"
        pairs = [f"{one}\t1\t3", f"{two}\t1\t2", f"{one}\t1\t{two}\t1", f"{one}\t2\t{two}\t2"]
        (folder / "txts" / race / f"{race}_pairs.txt").write_text("\n".join(pairs) + "\n")
    if "Indian" in races:
        names = [f"m.0indian{person}_{k:04d}.jpg\t{person - 1}" for person in (1, 2) for k in (1, 2, 3, 4)]
        (folder / "txts/Indian/Indian_images.txt").write_text("\n".join(names) + "\n")
        (folder / "txts/Indian/Indian_people.txt").write_text("m.0indian1\t4\n")
    return folder


BFW_HEADER = "fold,p1,p2,label,id1,id2,att1,att2,vgg16,resnet50,senet50,a1,a2,g1,g2,e1,e2,sphereface"


def bfw(file: Path) -> Path:
    """The columns of the published table, with the index that pandas writes and scores of four models."""
    rows = [
        "1,asian_females/n000009/0010_01.jpg,asian_females/n000009/0043_01.jpg,1,0,0,asian_females,asian_females,AF,AF,F,F,A,A",
        "1,asian_females/n000009/0010_01.jpg,white_males/n000007/0001_01.jpg,0,0,7,asian_females,white_males,AF,WM,F,M,A,W",
        "2,black_males/n000010/0002_01.jpg,indian_females/n000011/0003_01.jpg,0,10,11.0,black_males,indian_females,BM,IF,M,F,B,I",
        "2,white_males\\n000007\\0001_01.jpg,white_males/n000007/0002_01.jpg,1,7,7,white_males,white_males,WM,WM,M,M,W,W",
    ]
    lines = ["," + BFW_HEADER]
    for number, row in enumerate(rows):
        fields = row.split(",")
        lines.append(",".join([str(number), *fields[:8], "0.82", "0.703", "0.679", *fields[8:], "0.393"]))
    file.write_text("\n".join(lines) + "\n")
    return file


def lfw_pairs(file: Path) -> Path:
    """Header `parts pairs`: here two parts of one mated and one non-mated pair."""
    lines = [
        "2\t1",
        "Abel_Pacheco\t1\t4",
        "Abdel_Madi_Shabneh\t1\tDean_Barker\t1",
        "Akhmed_Zakayev\t1\t3",
        "Abel_Pacheco\t1\tAkhmed_Zakayev\t2",
    ]
    file.write_text("\n".join(lines) + "\n")
    return file


def lfw_people(file: Path) -> Path:
    """people.txt: the number of parts, then for each its number of people and `name pictures`."""
    file.write_text("2\n2\nAJ_Cook\t1\nAbel_Pacheco\t4\n1\nAkhmed_Zakayev\t3\n")
    return file


def lfw_scores(file: Path) -> Path:
    rows = ["Abel Pacheco\t1\t1.56\t-1.88", "Abel Pacheco\t4\t0.2\t-0.1", "AJ Cook\t1\t-2.0\t-0.6"]
    file.write_text("# lfw_attributes.txt\n#\tperson\timagenum\tMale\tAsian\n" + "\n".join(rows) + "\n")
    return file


def vggface2(file: Path) -> Path:
    """A space after every comma, quoted names, one of them with a comma."""
    lines = [
        "Class_ID, Name, Sample_Num, Flag, Gender",
        'n000001, "14th_Dalai_Lama", 424, 0, m',
        'n000002, "A_Fine_Frenzy", 315, 1, f',
        'n000003, "Sammy_Davis,_Jr.", 205, 1, m',
    ]
    file.write_text("\n".join(lines) + "\n")
    return file


def casual_conversations(file: Path) -> Path:
    """A list of videos; one person will not say age or gender, one has no fitzpatrick annotation, one gender is null."""

    def video(subject: str, name: str, age: str, gender: str | None, monk: str, skin: str | None) -> dict[str, object]:
        record: dict[str, object] = {
            "video_name": f"{subject}_{name}.mp4",
            "subject_id": subject,
            "age": age,
            "gender": gender,
            "geo_location": {"country": "brazil"},
            "monk_skin_tone": {"scale": monk, "confidence": "medium"},
        }
        return record if skin is None else {**record, "fitzpatrick_skin_tone": {"type": skin, "confidence": "high"}}

    videos = [
        video("0000", "portuguese_nonscripted_1", "23", "cis woman", "scale 5", "type iii"),
        video("0000", "portuguese_scripted_1", "23", "cis woman", "scale 5", "type iii"),
        video("0001", "hindi_nonscripted_1", "prefer not to say", "prefer not to say", "scale 10", "type vi"),
        video("0002", "spanish_nonscripted_1", "41", "non-binary", "scale 2", None),
        video("0003", "vietnamese_nonscripted_1", "72", None, "scale 3", "type i"),
        video("0004", "tagalog_nonscripted_1", "35", "transgender man", "scale 4", "type ii"),
    ]
    file.write_text(json.dumps(videos, indent=2))
    return file


MAPPING = """\
name: Our interviews
image: picture
identity: who
separator: ";"
attributes:
  sex:
    column: Geschlecht
    source: self-reported
    categories: [female, male]
    words: {w: female, m: male}
    missing: [k.A.]
  age_band:
    column: age
    source: annotated
    categories: [18-29, 30-49, 50+]
    bands: true
  race:
    column: group
    source: annotated
    categories: [african, european]
"""
TABLE = """\
picture;who;Geschlecht;age;group
a/1.jpg;p1; w;29;african
a/2.jpg;p1;w;30;african
b/1.jpg;p2;m;;european
c/1.jpg;p3; k.A. ;84;european
"""


def table(folder: Path) -> tuple[Path, Path]:
    (folder / "mapping.yaml").write_text(MAPPING)
    (folder / "table.csv").write_text(TABLE)
    return folder / "table.csv", folder / "mapping.yaml"


def fairface_rows(file: Path, rows: Sequence[tuple[str, str, str, int]]) -> Path:
    """A FairFace label file with so many images of each (age, gender, race)."""
    lines = ["file,age,gender,race,service_test"]
    for age, gender, race, count in rows:
        lines += [f"train/{len(lines) + k}.jpg,{age},{gender},{race},False" for k in range(count)]
    file.write_text("\n".join(lines) + "\n")
    return file


def utkface_rows(file: Path, rows: Sequence[tuple[int, int, int, int]]) -> Path:
    """A list of UTKFace names with so many pictures of each (age, gender, race)."""
    names = [f"{age}_{sex}_{race}_2017{n:06d}{k:07d}.jpg" for n, (age, sex, race, count) in enumerate(rows) for k in range(count)]
    file.write_text("\n".join(names) + "\n")
    return file
