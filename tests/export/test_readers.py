"""Every format is loaded by the library that its users load it with, and says what the dataset says."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from facegen.dataset.read import Dataset
from facegen.export.job import Options
from facegen.export.run import export
from facegen.geometry import align
from facegen.scene import REGIONS
from facegen.sensor.codec import decode

SPLITS = {"train": 32, "val": 4, "test": 4}


@pytest.fixture(scope="module")
def rows(real: Path) -> dict[str, dict[str, Any]]:
    """image_id -> row of the dataset."""
    return {row["image_id"]: row for row in Dataset.open(real).labels.to_dict("records")}


def pixels(path: Path) -> np.ndarray:
    return decode(path.read_bytes())


def table_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


LIBRARY = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning",
                                     "ignore::pytest.PytestUnraisableExceptionWarning")  # fmt: skip
"""What other people's readers warn about is not ours."""


@LIBRARY
def test_webdataset(real: Path, rows: dict[str, Any], tmp_path: Path) -> None:
    wds = pytest.importorskip("webdataset")
    export(real, tmp_path / "out", "webdataset", Options(layers=("masks", "depth"), shard_size=10))
    assert sorted(p.name for p in (tmp_path / "out").glob("train-*.tar")) == [f"train-{k:06d}.tar" for k in range(4)]
    seen = []
    for split, shards in (("train", 4), ("val", 1), ("test", 1)):
        urls = f"file:{tmp_path}/out/{split}-{{000000..{shards - 1:06d}}}.tar"
        stored = list(wds.WebDataset(urls, shardshuffle=False))
        decoded = list(wds.WebDataset(urls, shardshuffle=False).decode("rgb8"))
        assert len(stored) == SPLITS[split]
        for raw, sample in zip(stored, decoded, strict=True):
            row = rows[raw["__key__"]]
            assert row["split"] == split
            assert raw["jpg"] == (real / row["file"]).read_bytes()
            assert raw["masks.png"] == (real / "masks" / row["identity_id"] / f"{row['image_id']}.png").read_bytes()
            assert sample["jpg"].shape == (64, 64, 3)
            assert sample["json"]["landmarks_68"] == row["landmarks_68"].tolist() and sample["json"]["sex"] == row["sex"]
            seen.append((raw["__key__"], row["identity_id"], sample["cls"]))
    assert sorted(key for key, _, _ in seen) == sorted(rows) and [key for key, _, _ in seen] != sorted(rows)
    assert len({(person, label) for _, person, label in seen}) == 20 == len({label for _, _, label in seen})


@LIBRARY
@pytest.mark.parametrize(
    ("form", "crop"), [("huggingface", None), ("huggingface-parquet", None), ("huggingface-parquet", "loose")]
)
def test_huggingface(
    real: Path, rows: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, crop: str | None
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    export(real, tmp_path / "out", form, Options(crop=crop, shard_size=20 if form.endswith("parquet") else None))
    loaded = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert {name: len(part) for name, part in loaded.items()} == {"train": 32, "validation": 4, "test": 4}
    for part in loaded.values():
        assert "sample" not in part.column_names
        raw = part.cast_column("image", datasets.Image(decode=False))
        for stored, item in zip(raw, part, strict=True):
            row = rows[item["image_id"]]
            assert item["image"].size == ((64, 64) if crop is None else (112, 112))
            assert item["sex"] == row["sex"] and item["yaw_deg"] == pytest.approx(row["yaw_deg"])
            data = stored["image"]["bytes"] or Path(stored["image"]["path"]).read_bytes()
            if crop is None:
                assert data == (real / row["file"]).read_bytes()
                np.testing.assert_allclose(item["landmarks_5"], row["landmarks_5"], atol=1e-4)
            else:
                assert b"algorithmicMedia" in data and item["size_px"] == 112
                moved = align.apply(np.reshape(item["crop_matrix"], (2, 3)), np.reshape(row["landmarks_5"], (5, 2)))
                np.testing.assert_allclose(np.reshape(item["landmarks_5"], (5, 2)), moved, atol=1e-3)


@pytest.mark.parametrize("crop", ["none", "arcface"])
def test_coco(real: Path, rows: dict[str, Any], tmp_path: Path, crop: str, capsys: pytest.CaptureFixture[str]) -> None:
    coco = pytest.importorskip("pycocotools.coco")
    mask = pytest.importorskip("pycocotools.mask")
    export(real, tmp_path / "out", "coco", Options(crop=crop, split=("train",)))
    faces = coco.COCO(tmp_path / "out/annotations/keypoints_train.json")
    regions = coco.COCO(tmp_path / "out/annotations/regions_train.json")
    assert len(faces.getImgIds()) == 32 == len(faces.getAnnIds())
    category = faces.loadCats([1])[0]
    assert len(category["keypoints"]) == 68 and len(category["skeleton"]) == 16 + 4 + 4 + 3 + 4 + 6 + 6 + 12 + 8
    for image in faces.loadImgs(faces.getImgIds()):
        row = rows[image["file_name"].split(".")[0]]
        picture = pixels(tmp_path / "out/images/train" / image["file_name"])
        assert picture.shape == (image["height"], image["width"], 3) == ((64, 64, 3) if crop == "none" else (112, 112, 3))
        (face,) = faces.loadAnns(faces.getAnnIds(imgIds=[image["id"]]))
        points, flags = np.reshape(face["keypoints"], (68, 3))[:, :2], np.reshape(face["keypoints"], (68, 3))[:, 2]
        assert face["num_keypoints"] == (flags > 0).sum() > 40
        assert (flags == 2).sum() <= row["landmarks_68_visible"].sum()
        if crop == "none":
            label = np.reshape(row["landmarks_68"], (68, 2))
            np.testing.assert_allclose(points[flags > 0] + 0.5, label[flags > 0], atol=1e-3)
            ids = pixels_of_mask(real / "masks" / row["identity_id"] / f"{row['image_id']}.png")
            parts = regions.loadAnns(regions.getAnnIds(imgIds=[image["id"]]))
            assert {a["category_id"] for a in parts} == set(np.unique(ids)) - {0}
            for part in parts:
                own = ids == part["category_id"]
                np.testing.assert_array_equal(regions.annToMask(part), own)
                assert part["area"] == own.sum() == mask.area(part["segmentation"])
                assert part["bbox"] == mask.toBbox(part["segmentation"]).tolist()
            np.testing.assert_array_equal(faces.annToMask(face), np.isin(ids, [*range(1, 7), 9, 10, 11, REGIONS["beard"]]))
        x, y, w, h = face["bbox"]
        assert 0 <= x and x + w <= image["width"] and 0 <= y and y + h <= image["height"]
        inside = (points[flags > 0] + 0.5 >= (x - 0.01, y - 0.01)).all() and (
            points[flags > 0] + 0.5 <= (x + w + 0.01, y + h + 0.01)
        ).all()
        assert inside
    capsys.readouterr()


def pixels_of_mask(path: Path) -> np.ndarray:
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


def test_run_length_codes_of_any_mask_are_those_of_pycocotools() -> None:
    mask = pytest.importorskip("pycocotools.mask")
    from facegen.export.coco import rle

    rng = np.random.default_rng(0)
    for k in range(60):
        shape = int(rng.integers(1, 80)), int(rng.integers(1, 80))
        own = np.zeros(shape, bool) if k == 0 else np.ones(shape, bool) if k == 1 else rng.random(shape) < rng.random()
        if k > 30:
            own = cv2.blur(rng.random((300, 200)), (31, 31)) > 0.5
        theirs = mask.encode(np.asfortranarray(own.astype(np.uint8)))
        assert rle(own) == {"size": list(theirs["size"]), "counts": theirs["counts"].decode()}


def test_torch(real: Path, rows: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    from facegen.export.torch_dataset import FaceDataset

    data = FaceDataset(real, "train", columns=("landmarks_68", "yaw_deg", "sex", "bbox"), layers=("masks", "depth"))
    assert isinstance(data, torch.utils.data.Dataset) and len(data) == 32
    item, row = data[5], rows[data.rows[5]["image_id"]]
    np.testing.assert_array_equal(item["image"].numpy().transpose(1, 2, 0), pixels(real / row["file"]))
    np.testing.assert_array_equal(item["landmarks_68"].numpy(), row["landmarks_68"])
    assert item["yaw_deg"].item() == pytest.approx(row["yaw_deg"]) and item["sex"] == row["sex"]
    assert item["masks"].shape == (64, 64) and item["masks"].dtype == torch.uint8 and item["depth"].dtype == torch.int32
    batches = list(torch.utils.data.DataLoader(data, batch_size=8, num_workers=1))
    assert [tuple(batch["image"].shape) for batch in batches] == [(8, 3, 64, 64)] * 4
    assert torch.cat([batch["label"] for batch in batches]).tolist() == [k for k in range(16) for _ in (0, 1)]
    crops = FaceDataset(
        real, "test", columns=("landmarks_68",), layers=("masks",), crop="ffhq", size=96, transform=lambda x: x / 255
    )
    assert crops[0]["image"].shape == (3, 96, 96) and float(crops[0]["image"].max()) <= 1 and crops[0]["masks"].shape == (96, 96)
    folds = [FaceDataset(real, f"fold{k}", folds=4) for k in range(4)]
    assert sorted(row["image_id"] for fold in folds for row in fold.rows) == sorted(rows)


def test_lfw_as_its_readers_do(real: Path, rows: dict[str, Any], tmp_path: Path) -> None:
    """pairs.txt parsed as scikit-learn's and torchvision's readers of LFW do: counts in the head, 3 or 4 words a line."""
    export(real, tmp_path / "out", "lfw", Options(split=("all",), folds=5, cells=("sex",)))
    for name, across in (("pairs.txt", False), ("pairs_cross.txt", True)):
        head, *lines = [line.split("\t") for line in (tmp_path / "out" / name).read_text().splitlines()]
        folds, count = map(int, head)
        assert folds == 5 and len(lines) == folds * 2 * count and count >= 2
        for k, words in enumerate(lines):
            mated = k % (2 * count) < count
            two = [(words[0], words[1]), (words[0], words[2])] if mated else [(words[0], words[1]), (words[2], words[3])]
            assert len(words) == (3 if mated else 4)
            files = [tmp_path / "out/images" / person / f"{person}_{int(n):04d}.jpg" for person, n in two]
            assert all(pixels(path).shape == (112, 112, 3) for path in files)
            sexes = [rows[f"{person}_000"]["sex"] for person, _ in two]
            assert (two[0][0] == two[1][0]) == mated and (mated or (sexes[0] != sexes[1]) == across)
    table = table_of(tmp_path / "out/images.csv")
    assert sorted(line["image_id"] for line in table) == sorted(rows)
    first = table[0]
    stored = pixels(real / "aligned" / rows[first["image_id"]]["identity_id"] / f"{first['image_id']}.png")
    assert np.abs(pixels(tmp_path / "out" / f"{first['picture']}.jpg").astype(int) - stored).mean() < 2


@pytest.mark.parametrize("crop", ["none", "ffhq"])
def test_300w(real: Path, rows: dict[str, Any], tmp_path: Path, crop: str) -> None:
    done = export(real, tmp_path / "out", "300w", Options(crop=crop))
    assert "(1, 1)" in done["pixel_base"]
    for split, count in SPLITS.items():
        files = sorted((tmp_path / "out" / split).glob("*.pts"))
        assert len(files) == count
        for path in files:
            lines = path.read_text().split("\n")
            assert lines[:3] == ["version: 1", "n_points: 68", "{"] and lines[-2:] == ["}", ""]
            points = np.loadtxt(lines[3:-2])
            row = rows[path.stem]
            (picture,) = path.parent.glob(f"{path.stem}.[jp]*g")
            if crop == "none":
                np.testing.assert_allclose(points - 0.5, np.reshape(row["landmarks_68"], (68, 2)), atol=1e-4)
                assert picture.read_bytes() == (real / row["file"]).read_bytes()
            else:  # Karras et al.: the eyes are level, 0.1 of the way to the mouth below their middle is the centre
                right, left, mouth = points[36:42].mean(0), points[42:48].mean(0), points[[48, 54]].mean(0)
                centre = (right + left) / 2 + 0.1 * (mouth - (right + left) / 2)
                np.testing.assert_allclose(centre - 0.5, (128, 128), atol=1e-3)
                assert pixels(picture).shape == (256, 256, 3)


def test_fairface(real: Path, rows: dict[str, Any], tmp_path: Path) -> None:
    export(real, tmp_path / "out", "fairface", Options())
    who = {line["file"]: rows[line["image_id"]] for line in table_of(tmp_path / "out/images.csv")}
    count = 0
    for split in SPLITS:
        for line in table_of(tmp_path / "out" / f"fairface_label_{split}.csv"):
            row = who[line["file"]]
            assert (tmp_path / "out" / line["file"]).read_bytes() == (real / row["file"]).read_bytes()
            assert list(line) == ["file", "age", "gender", "race", "service_test"] and line["file"].startswith(split + "/")
            low, high = map(int, line["age"].split("-"))
            assert low <= row["age_years"] < high + 1
            assert (line["gender"], line["race"]) == (
                row["sex"].capitalize(),
                {"african": "Black", "european": "White"}[row["ancestry"]],
            )
            count += 1
    assert count == 40


def test_bfw(real: Path, rows: dict[str, Any], tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas")
    options = Options(split=("all",), folds=1)
    export(real, tmp_path / "out", "bfw", options)
    for name, across in (("bfw-datatable.csv", False), ("bfw-cross-datatable.csv", True)):
        table = pd.read_csv(tmp_path / "out" / name)
        assert list(table.columns) == [
            "fold",
            "p1",
            "p2",
            "label",
            "id1",
            "id2",
            "att1",
            "att2",
            "a1",
            "a2",
            "g1",
            "g2",
            "e1",
            "e2",
        ]
        assert ((table["id1"] == table["id2"]) == (table["label"] == 1)).all() and table["label"].mean() == 0.5
        assert ((table["att1"] == table["att2"]) == ((table["label"] == 1) | (not across))).all()
        for line in table.to_dict("records"):
            for k in "12":
                group, person, file = line[f"p{k}"].split("/")
                row = rows[file.split(".")[0]]
                assert row["identity_id"] == person and (tmp_path / "out" / line[f"p{k}"]).is_file()
                race = {"african": "black", "european": "white"}[row["ancestry"]]
                assert group == line[f"att{k}"] == f"{race}_{row['sex']}s"
                assert line[f"a{k}"] == line[f"e{k}"] + line[f"g{k}"] == race[0].upper() + row["sex"][0].upper()
        counts = table[table["label"] == 1].groupby("att1").size()
        assert len(counts) == 4 and counts.nunique() == 1


def test_folders(real: Path, rows: dict[str, Any], tmp_path: Path) -> None:
    export(real, tmp_path / "out", "folders", Options(folds=3, layers=("masks",)))
    table = table_of(tmp_path / "out/labels.csv")
    assert sorted(line["image_id"] for line in table) == sorted(rows)
    where: dict[str, set[str]] = {}
    for line in table:
        fold, person, file = line["path"].split("/")
        row = rows[line["image_id"]]
        assert (tmp_path / "out" / line["path"]).read_bytes() == (real / row["file"]).read_bytes() and person == row[
            "identity_id"
        ]
        mask = f"{fold}/{person}/{file.split('.')[0]}.png"
        assert (tmp_path / "out/masks" / mask).read_bytes() == (real / "masks" / person / f"{row['image_id']}.png").read_bytes()
        assert float(line["yaw_deg"]) == row["yaw_deg"]
        where.setdefault(person, set()).add(fold)
    assert all(len(folds) == 1 for folds in where.values()) and set().union(*where.values()) == {"fold0", "fold1", "fold2"}
    assert json.loads((tmp_path / "out/export.json").read_text())["options"]["folds"] == 3
