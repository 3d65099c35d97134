"""What holds of every export: checked inputs, the same bytes again, all or nothing, provenance."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest
from small import tree

from facegen.dataset.read import Dataset
from facegen.errors import DataError, MachineError, RequestError
from facegen.export.job import Options
from facegen.export.pictures import CROPS, Crop, Pictures
from facegen.export.record import record
from facegen.export.run import FORMATS, export
from facegen.export.source import Source
from facegen.run.local import generate
from facegen.sensor.codec import decode, decode_exact
from facegen.spec import DatasetSpec

SOURCE_TYPE = b"http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"
PERSON = "000003"


def options(name: str, **more: object) -> Options:
    """Return options that `name` can be exported with from the small dataset."""
    own: dict[str, object] = {"split": ("all",)}
    if name in ("verification-bin", "lfw", "bfw"):
        own["folds"] = 1 if name == "bfw" else 5
    if name in ("verification-bin", "lfw"):
        own["cells"] = ("sex",)
    return Options(**{**own, **more})  # type: ignore[arg-type]


def packets(out: Path) -> int:
    """Return how many pictures of an export say what they are."""
    files = [data for name, data in tree(out).items() if not name.endswith(".parquet")]
    files += [image["bytes"] for path in out.glob("data/*.parquet") for image in pq.read_table(path)["image"].to_pylist()]
    return sum(data.count(SOURCE_TYPE) for data in files)


@pytest.mark.parametrize("name", FORMATS)
def test_twice_the_same_bytes_with_licence_and_provenance(real: Path, tmp_path: Path, name: str) -> None:
    done = export(real, tmp_path / "one", name, options(name))
    (tmp_path / "two").mkdir()
    export(real, tmp_path / "two", name, options(name))
    files = tree(tmp_path / "one")
    assert files == tree(tmp_path / "two")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one", "two"]
    assert json.loads(files["export.json"]) == done
    assert done["licence"] == "CC0-1.0" and done["dataset"]["spec_sha256"] == Dataset.open(real).manifest["spec_sha256"]
    assert files["SOURCES.json"] == (real / "SOURCES.json").read_bytes()
    assert str(real).encode() not in b"".join(files.values()), "a path of this machine"
    assert packets(tmp_path / "one") >= (40 if name != "verification-bin" else 20)


CROPPED = [(name, crop) for name, form in FORMATS.items() for crop in CROPS[1:] if crop != form.crop]


@pytest.mark.parametrize(("name", "crop"), CROPPED)
def test_every_crop_of_every_format_keeps_the_packet(real: Path, tmp_path: Path, name: str, crop: str) -> None:
    export(real, tmp_path / "out", name, options(name, crop=crop, split=("all",), **({"size": 48} if crop != "arcface" else {})))
    assert packets(tmp_path / "out") >= (40 if name != "verification-bin" else 20)


def damage(root: Path, how: str) -> str:
    """Spoil what is recorded of one person's first picture; return the path that must be named."""
    photo, crop = f"images/{PERSON}/{PERSON}_000.jpg", f"aligned/{PERSON}/{PERSON}_000.png"
    for name in (photo, crop):
        path = root / name
        data = bytearray(path.read_bytes())
        if how == "one bit":
            data[len(data) // 2] ^= 1
            path.write_bytes(data)
        elif how == "truncated":
            path.write_bytes(data[: len(data) // 2])
        elif how == "empty":
            path.write_bytes(b"")
        elif how == "missing":
            path.unlink()
        elif how == "swapped":
            other = root / name.replace("_000.", "_001.")
            path.write_bytes(other.read_bytes())
            other.write_bytes(data)
    return f"{PERSON}_000"


@pytest.mark.parametrize("how", ["one bit", "truncated", "empty", "missing", "swapped"])
def test_damaged_pictures_are_named_and_nothing_is_left(copy: Path, tmp_path: Path, how: str) -> None:
    named = damage(copy, how)
    for name in FORMATS:
        with pytest.raises(DataError, match=named if how != "swapped" else f"{PERSON}_00"):
            export(copy, tmp_path / "out", name, options(name, encode="png"))
        assert sorted(p.name for p in tmp_path.iterdir()) == ["copy"], name


@pytest.mark.parametrize("name", [n for n in FORMATS if "layers" in FORMATS[n].uses] + ["coco"])
def test_damaged_layers_are_named(copy: Path, tmp_path: Path, name: str) -> None:
    path = copy / f"masks/{PERSON}/{PERSON}_001.png"
    path.write_bytes(path.read_bytes()[:-4])
    layers = {"layers": ("masks",)} if name != "coco" else {}
    with pytest.raises(DataError, match=f"masks/{PERSON}/{PERSON}_001.png' is not the file that was written"):
        export(copy, tmp_path / "out", name, options(name, **layers))
    assert not (tmp_path / "out").exists()


def lists(root: Path, change: str) -> None:
    """Change a table or list."""
    sums = root / "SHA256SUMS"
    lines = sums.read_text().splitlines(keepends=True)
    at = next(k for k, line in enumerate(lines) if f"images/{PERSON}/{PERSON}_000" in line)
    if change == "sums without a line":
        sums.write_text("".join(lines[:at] + lines[at + 1 :]))
    elif change == "sums cut":
        sums.write_bytes(sums.read_bytes()[:-70])
    elif change == "sums of another picture":
        photo = root / f"images/{PERSON}/{PERSON}_000.jpg"
        photo.write_bytes(photo.read_bytes() + b"x")
        lines[at] = hashlib.sha256(photo.read_bytes()).hexdigest() + lines[at][64:]
        sums.write_text("".join(lines))
    elif change == "labels cut":
        path = root / "labels.parquet"
        path.write_bytes(path.read_bytes()[:-1000])
    elif change == "labels re-ordered":
        table = pq.read_table(root / "labels.parquet")
        pq.write_table(table.take(list(range(len(table)))[::-1]), root / "labels.parquet")
    elif change == "labels gone":
        (root / "labels.parquet").unlink()
    elif change == "manifest cut":
        path = root / "manifest.json"
        path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("sums without a line", "SHA256SUMS"),
        ("sums cut", "SHA256SUMS|sittings.parquet|labels.parquet"),
        ("sums of another picture", "SHA256SUMS"),
        ("labels cut", "labels.parquet"),
        ("labels re-ordered", "labels.parquet"),
        ("labels gone", "labels.parquet"),
        ("manifest cut", "manifest.json"),
    ],
)
def test_damaged_tables_are_named(copy: Path, tmp_path: Path, change: str, named: str) -> None:
    lists(copy, change)
    with pytest.raises(DataError, match=named):
        export(copy, tmp_path / "out", "folders", Options())
    assert not (tmp_path / "out").exists()


def test_somebody_in_two_splits_is_found(copy: Path) -> None:
    source = Source(copy)
    source.labels.loc[0, "split"] = "test"
    with pytest.raises(DataError, match="identity 000000 is in more than one split"):
        source._check_rows()


def test_nothing_is_written_over(real: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/precious").write_text("mine")
    with pytest.raises(RequestError, match="is not empty"):
        export(real, tmp_path / "out", "folders")
    assert (tmp_path / "out/precious").read_text() == "mine"
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RequestError, match="is a file"):
        export(real, tmp_path / "file", "folders")
    for place in (Path("/proc/out"), Path("/dev/null/out")):
        with pytest.raises(RequestError, match="cannot be written"):
            export(real, place, "folders")
    with pytest.raises(RequestError, match="lies in the dataset"):
        export(real, real / "out", "folders")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "out"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_failing_disk_leaves_nothing(real: Path, tmp_path: Path, code: int) -> None:
    def fail(done: int, total: int) -> None:
        if done == 7:
            raise OSError(code, os.strerror(code))

    with pytest.raises(MachineError, match=os.strerror(code)):
        export(real, tmp_path / "out", "webdataset", report=fail)
    assert list(tmp_path.iterdir()) == []


def test_stopping_leaves_nothing(real: Path, tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(real, tmp_path / "out", "huggingface-parquet", report=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("folder", Options(), "did you mean 'folders'"),
        ("insightface", Options(), "has train, val, test: choose --split"),
        ("insightface", Options(split=("all",), folds=3), "--folds does not go with insightface"),
        ("coco", Options(pairs=10), "--pairs does not go with coco"),
        ("coco", Options(layers=("masks",)), "--layers does not go with coco"),
        ("folders", Options(crop="arcfce"), "did you mean 'arcface'"),
        ("folders", Options(size=64), "--size goes with --crop arcface or ffhq or loose"),
        ("folders", Options(crop="arcface", size=64), "leave --size out"),
        ("folders", Options(crop="ffhq", factor=1.2), "--factor goes with --crop loose"),
        ("folders", Options(crop="ffhq", size=4), "--size 4: from 8 to 4096"),
        ("folders", Options(layers=("normals",)), "which has masks, depth"),
        ("folders", Options(layers=("aligned",)), "'aligned' is no layer of pictures"),
        ("lfw", Options(split=("all",), folds=0), "--folds 0: from 1"),
        ("folders", Options(split=("training",)), "train, val, test"),
        ("lfw", Options(split=("test",)), "every fold needs two identities of each cell"),
        ("fairface", Options(words="ours"), "theirs, own"),
        ("bfw", Options(split=("all",), cells=("sex",)), "BFW's subgroups"),
        ("bfw", Options(split=("all",), folds=9), "has [0-9]+ in all; ask for .*a dataset of more people$"),
        ("bfw", Options(split=("all",), folds=1, pairs=10**6), "for fewer --folds or for a dataset of more people$"),
        ("lfw", Options(split=("all",), folds=-1), "--folds -1: from 1"),
        ("folders", Options(cells=()), "--cells '': name one or more of sex, ancestry"),
        ("folders", Options(folds=2, cells=("sex", "sex")), "--cells 'sex,sex': name one or more of sex, ancestry"),
        ("folders", Options(quality=50), "--quality 50 is that of JPEG files encoded here; add --encode jpg"),
        ("lfw", Options(split=("all",), quality=50, encode="png"), "--quality 50 is that of JPEG files"),
    ],
)
def test_wrong_requests(real: Path, tmp_path: Path, name: str, given: Options, words: str) -> None:
    with pytest.raises(RequestError, match=words) as caught:
        export(real, tmp_path / "out", name, given)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def lossless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people without any degradation, as PNG: what the studio cut its crops from is what the files hold."""
    out = tmp_path_factory.mktemp("lossless") / "set"
    spec = {
        "name": "lossless", "seed": 5, "date": "2026-01-01", "identities": 3, "size": 128, "format": "png",
        "outputs": {"aligned": True, "masks": True}, "shots": {"degradation": "none", "yaw_deg": {"uniform": [-40, 40]}},
    }  # fmt: skip
    generate(DatasetSpec.from_dict(spec), out, workers=1)
    return out


def test_crops_cut_here_are_the_studios(lossless: Path, real: Path) -> None:
    """Without JPEG the same pixels; after a JPEG round what that round changed."""
    for root, most in ((lossless, 0.0), (real, 5.0)):
        source = Source(root)
        pictures = Pictures(source, Crop("arcface"))
        assert pictures.stored == "aligned"
        pictures.stored = None
        off = []
        for row in source.labels.to_dict("records"):
            ours = decode(pictures.take(row).data).astype(float)
            stored = decode((root / "aligned" / row["identity_id"] / f"{row['image_id']}.png").read_bytes())
            off.append(np.abs(ours - stored).mean())
        assert max(off) <= most, off
        if most == 0.0:
            assert {row["jpeg_quality"] for row in source.labels.to_dict("records")} == {100}


@pytest.mark.parametrize("crop", CROPS)
def test_points_outside_the_crop_are_not_visible(real: Path, crop: str) -> None:
    """A flag is true where the photograph's is and the point lies in the crop: all kinds of points."""
    source = Source(real)
    pictures = Pictures(source, Crop(crop))
    lost = 0
    for row in source.labels.to_dict("records"):
        found = record(row, pictures)
        for name in ("landmarks_5", "landmarks_68", "landmarks_70", "jaw_contour"):
            points, was = np.reshape(found[name], (-1, 2)), np.asarray(row[f"{name}_visible"], bool)
            here = ((points >= 0) & (points < found["size_px"])).all(axis=1)
            assert found[f"{name}_visible"] == (was & here).tolist()
            lost += int((was & ~here).sum())
        if crop != "none":
            row["landmarks_5_visible"] = row["landmarks_5_visible"][:4]
            with pytest.raises(DataError, match=f"landmarks_5_visible of {row['image_id']} is not one flag a point"):
                record(row, pictures)
    assert crop == "loose" or (lost > 0) == (crop != "none"), lost


def test_layers_are_cut_with_the_picture(lossless: Path) -> None:
    """A mask that is cut lies on the mask of the cut: eyes' region under the crop's eye points."""
    source = Source(lossless)
    pictures = Pictures(source, Crop("ffhq", size=256))
    for row in source.labels.to_dict("records"):
        ids = cv2.imdecode(np.frombuffer(pictures.layer("masks", row)[1], np.uint8), cv2.IMREAD_UNCHANGED)
        plain = cv2.imread(str(lossless / "masks" / row["identity_id"] / f"{row['image_id']}.png"), cv2.IMREAD_UNCHANGED)
        assert ids.shape == (256, 256) and set(np.unique(ids)) <= set(np.unique(plain))
        scale = np.sqrt(np.linalg.det(pictures.moves(row)[:, :2]))
        for region in (2, 10, 11):  # nose, lips: wholly inside the crop
            assert (ids == region).sum() / scale**2 == pytest.approx((plain == region).sum(), rel=0.05, abs=4)


def test_layers_of_16_bits_are_cut_with_their_values(real: Path) -> None:
    source = Source(real)
    pictures = Pictures(source, Crop("loose"))
    for row in source.labels.to_dict("records")[:4]:
        cut = decode_exact(pictures.layer("depth", row)[1])
        plain = decode_exact(source.layer("depth", row)[1])
        assert cut.dtype == np.uint16 and cut.max() > 255
        assert set(np.unique(cut)) <= {0, *np.unique(plain)}


def test_meshes_and_points_are_no_layers_of_pictures(real: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source(real)
    monkeypatch.setattr(type(source.dataset), "layers", ("images", "aligned", "masks", "depth_exr", "mesh", "points"))
    assert source.layers == ["masks", "depth_exr"]


def command(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "facegen.cli", *map(str, words)], capture_output=True, text=True, check=False)


def test_the_command(real: Path, tmp_path: Path) -> None:
    run = command("export", real, "--format", "webdataset", "--out", tmp_path / "out", "--split", "train,val", "--crop", "loose")
    assert run.returncode == 0, run.stderr
    assert "train 32 images of 16 identities, val 4 images of 2 identities" in run.stdout
    again = command("export", real, "--format", "webdataset", "--out", tmp_path / "out")
    assert again.returncode == 2 and "is not empty" in again.stderr and len(again.stderr.splitlines()) == 1
    wrong = command("export", real, "--format", "webdataset", "--out", tmp_path / "other", "--split", "tran")
    assert wrong.returncode == 2 and "did you mean 'train'" in wrong.stderr and not (tmp_path / "other").exists()
    nothing = command("export", tmp_path, "--format", "coco", "--out", tmp_path / "other")
    assert nothing.returncode == 2 and "manifest.json" in nothing.stderr


def test_another_quality_encodes_jpeg_files_anew(real: Path) -> None:
    source = Source(real)
    row = source.labels.to_dict("records")[0]
    kept = (real / row["file"]).read_bytes()
    assert Pictures(source, Crop(encode="jpg")).take(row).data == kept
    picture = Pictures(source, Crop(encode="jpg", quality=30)).take(row)
    assert picture.suffix == "jpg" and len(picture.data) < len(kept) and SOURCE_TYPE in picture.data


def test_a_sample_of_another_version_is_told(real: Path) -> None:
    source = Source(real)
    row = source.labels.to_dict("records")[0]
    row["sample"] = row["sample"].replace('"schema_version":2', '"schema_version":1')
    pictures = Pictures(source, Crop("arcface"))
    pictures.stored = None
    with pytest.raises(DataError, match="image 000000_000: its sample is that of another version"):
        pictures.take(row)
