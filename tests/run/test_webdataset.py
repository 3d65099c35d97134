"""The layout `webdataset`: one tar a task, the same whatever happens on the way, read by webdataset and every reader of ours."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from small import FAKE, small_spec, tree

from facegen.audit.coverage import audit_directory
from facegen.dataset.read import Dataset
from facegen.errors import DataError
from facegen.export.run import export
from facegen.run.local import generate
from facegen.run.verify import verify

Fresh = Callable[..., dict[str, bytes]]
KIND = {"layout": "webdataset", "images_per_identity": 3}


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("packed") / "set"
    assert generate(small_spec(**KIND), out, workers=2, studio=FAKE).failed == {}
    return out


def test_one_tar_a_task_and_no_loose_picture(packed: Path, fresh: Fresh) -> None:
    assert tree(packed) == fresh(**KIND)
    tars = [f"shards/00000{n}-000.tar" for n in range(3)]
    held = sorted(name for name in tree(packed) if "/" in name)
    assert held == tars
    sums = (packed / "SHA256SUMS").read_text()
    assert [line.split("  ")[1] for line in sums.splitlines() if "/" in line] == tars
    assert sorted(tree(packed)) == sorted([*(line.split("  ")[1] for line in sums.splitlines()), "SHA256SUMS", "manifest.json"])
    assert json.loads((packed / "manifest.json").read_text())["files"]["shards"]["count"] == 3


def test_members_are_what_loose_files_are(packed: Path, fresh: Fresh) -> None:
    loose = fresh(images_per_identity=3)
    with tarfile.open(packed / "shards/000001-000.tar") as tar:
        names = tar.getnames()
        assert names == [f"000001_{k:03d}.{end}" for k in range(3) for end in ("jpg", "json", "masks.png")]
        for info in tar:
            assert (info.mtime, info.uid, info.gid, info.uname, info.gname, info.mode) == (0, 0, 0, "", "", 0o644)
        for name in names:
            data = tar.extractfile(name).read()  # type: ignore[union-attr]
            key, end = name.split(".", 1)
            if end == "jpg":
                assert data == loose[f"images/000001/{name}"]
            elif end == "masks.png":
                assert data == loose[f"masks/000001/{key}.png"]
            else:
                labels = json.loads(data)
                assert (labels["image_id"], labels["file"]) == (key, f"{key}.jpg")
                assert labels["sha256"] == hashlib.sha256(loose[f"images/000001/{key}.jpg"]).hexdigest()


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")  # webdataset's own
def test_webdataset_reads_it(packed: Path) -> None:
    webdataset = pytest.importorskip("webdataset")
    urls = sorted(str(path) for path in (packed / "shards").glob("*.tar"))
    seen = list(webdataset.WebDataset(urls, shardshuffle=False).decode("rgb8"))
    data = Dataset.open(packed)
    assert [sample["__key__"] for sample in seen] == list(data.labels["image_id"])
    for sample in seen:
        assert np.array_equal(sample["jpg"], data.image(sample["__key__"]))
        assert sample["json"]["yaw_deg"] == data.row(sample["__key__"])["yaw_deg"]
        assert "masks.png" in sample


def test_every_reader_of_ours(packed: Path, fresh: Fresh, tmp_path: Path) -> None:
    data = Dataset.open(packed, verify=True)
    assert data.layers == ("images", "masks")
    assert data.labels["file"].iloc[4] == "shards/000001-000.tar/000001_001.jpg"
    loose = fresh(images_per_identity=3)
    assert data.files.read("shards/000001-000.tar/000001_001.jpg") == loose["images/000001/000001_001.jpg"]
    assert data["000001_001"].layer("mask").shape == (64, 64)
    with pytest.raises(DataError, match=r"was made without depth/; it has images, masks"):
        data.depth("000001_001")
    assert audit_directory(packed)["rows"]["images"] == 9
    verdict = verify(Dataset.open(packed), 3, "auto", lambda done, total: None, studio=FAKE)
    assert (verdict.problems, verdict.bitwise, verdict.rendered) == ((), True, 3)
    export(packed, tmp_path / "folders", "folders")
    exported = {path.name: path.read_bytes() for path in (tmp_path / "folders").rglob("*.jpg")}
    assert exported == {name.rpartition("/")[2]: data for name, data in loose.items() if name.startswith("images/")}


def test_damage_is_named(packed: Path, tmp_path: Path) -> None:
    import shutil

    out = tmp_path / "set"
    shutil.copytree(packed, out)
    path = out / "shards/000001-000.tar"
    data = bytearray(path.read_bytes())
    data[600] ^= 1
    path.write_bytes(bytes(data))
    assert verify(Dataset.open(out), 0, "auto", lambda done, total: None).problems == (
        "shards/000001-000.tar: changed since it was written",
    )
    with pytest.raises(DataError, match=r"000001-000.tar' is not the file that was written"):
        Dataset.open(out, verify=True).image("000001_000")
    path.write_bytes(bytes(data[:700]))
    with pytest.raises(DataError, match=r"000001-000.tar"):
        Dataset.open(out).image("000001_000")
    path.unlink()
    with pytest.raises(DataError, match=r"000001-000.tar' cannot be read"):
        Dataset.open(out).image("000001_000")


def test_killed_workers_and_samples_left_out(fresh: Fresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = tmp_path / "orders"
    orders.mkdir()
    monkeypatch.setenv("FACEGEN_FAKE", str(orders))
    (orders / "000000_002").write_text("once")
    (orders / "000001_001").write_text("kill")
    out = tmp_path / "set"
    assert list(generate(small_spec(**KIND), out, workers=1, studio=FAKE).failed) == ["000001_001"]
    with tarfile.open(out / "shards/000001-000.tar") as tar:
        assert {name.split(".")[0] for name in tar.getnames()} == {"000001_000", "000001_002"}
    (orders / "000001_001").unlink()
    assert generate(small_spec(**KIND), out, workers=1, studio=FAKE).failed == {}
    assert tree(out) == fresh(**KIND)


def test_a_tar_is_made_of_its_pieces() -> None:
    from facegen.dataset import tars

    rows = [{"image_id": f"000000_{k:03d}", "file": f"images/000000/000000_{k:03d}.png", "n": k} for k in range(3)]
    made = [tars.piece({row["file"]: b"x" * (500 + 13 * row["n"])}, row, row["image_id"]) for row in rows]
    whole = b"".join(made) + tars.END
    assert list(tars.cut(whole, "x.tar").values()) == made
    assert tarfile.open(fileobj=io.BytesIO(whole)).getnames()[:2] == ["000000_000.png", "000000_000.json"]
    with pytest.raises(DataError, match="'x.tar' is no readable tar"):
        tars.cut(b"no tar at all" * 100, "x.tar")
