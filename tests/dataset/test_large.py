"""Sets whose label table is cut into several files: every reader takes them, damage is named by its part."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from small import FAKE, small_spec, tree

from facegen.audit.coverage import audit_directory
from facegen.audit.sets import load
from facegen.dataset import stored, sums
from facegen.dataset.manifest import file_list, judged, read_needed
from facegen.dataset.read import Dataset
from facegen.errors import DataError
from facegen.export.run import export
from facegen.run.local import generate
from facegen.run.verify import hashes, verify
from facegen.spec import DatasetSpec


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small set in label files of 4 rows: 4 and 2."""
    out = tmp_path_factory.mktemp("cut") / "set"
    generate(small_spec(rows_per_file=4), out, workers=1, studio=FAKE)
    return out


def test_the_same_rows_in_several_files(cut: Path, fake_dataset: Path) -> None:
    data, whole = Dataset.open(cut, verify=True), Dataset.open(fake_dataset)
    assert data.label_names == ("labels/part-00000.parquet", "labels/part-00001.parquet")
    assert [pq.read_metadata(cut / name).num_rows for name in data.label_names] == [4, 2]
    assert not (cut / "labels.parquet").exists()
    pd.testing.assert_frame_equal(data.labels, whole.labels)
    pd.testing.assert_frame_equal(Dataset.open(cut).columns("sex", "yaw_deg"), whole.labels[["sex", "yaw_deg"]])
    assert np.array_equal(data.image("000002_001"), whole.image("000002_001"))
    one, many = tree(fake_dataset), tree(cut)
    assert {n: b for n, b in many.items() if n.startswith("images")} == {n: b for n, b in one.items() if n.startswith("images")}


def test_a_set_that_is_not_larger_than_a_file_keeps_one(tmp_path: Path) -> None:
    generate(small_spec(rows_per_file=6), tmp_path / "set", workers=1, studio=FAKE)
    assert (tmp_path / "set/labels.parquet").is_file() and not (tmp_path / "set/labels").exists()


def test_readers_take_it(cut: Path, fake_dataset: Path, tmp_path: Path) -> None:
    assert verify(Dataset.open(cut), 2, "auto", lambda done, total: None, studio=FAKE).problems == ()
    said, meant = audit_directory(cut), audit_directory(fake_dataset)
    assert {**said, "name": ""} == {**meant, "name": ""}
    ages = [load(path, None, None).labels["raw_age_band"].tolist() for path in (cut, fake_dataset)]
    assert ages[0] == ages[1]
    export(cut, tmp_path / "one", "folders")
    export(fake_dataset, tmp_path / "two", "folders")
    one, two = tree(tmp_path / "one"), tree(tmp_path / "two")
    assert len(one) > 6 and [name for name in one if one[name] != two[name]] == ["export.json"]  # which tells hash of the set


def test_croissant_describes_the_parts(cut: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    found = mlcroissant.Dataset(jsonld=str(cut / "croissant.json"))
    seen = list(found.records("labels"))
    assert sorted(row["labels/image_id"].decode() for row in seen) == list(Dataset.open(cut).labels["image_id"])


def test_damage_names_the_part(cut: Path, tmp_path: Path) -> None:
    out = tmp_path / "set"
    shutil.copytree(cut, out)
    part = out / "labels/part-00001.parquet"
    whole = part.read_bytes()
    part.write_bytes(whole[:-9])
    with pytest.raises(DataError, match=r"labels/part-00001.parquet' cannot be read"):
        Dataset.open(out).labels  # noqa: B018
    with pytest.raises(DataError, match=r"labels/part-00001.parquet' is not the file that was written"):
        Dataset.open(out, verify=True).labels  # noqa: B018
    part.write_bytes((out / "labels/part-00000.parquet").read_bytes())
    with pytest.raises(DataError, match=r"labels/part-00001.parquet' has 4 rows where manifest.json counts 2"):
        Dataset.open(out).labels  # noqa: B018
    part.unlink()
    with pytest.raises(DataError, match=r"labels/part-00001.parquet"):
        Dataset.open(out).labels  # noqa: B018
    with pytest.raises(DataError, match=r"part-00001.parquet: no such file"):
        audit_directory(out)
    assert hashes(Dataset.open(out)) == ["labels/part-00001.parquet: missing"]


def test_specs_of_before_keep_their_hash() -> None:
    plain = small_spec()
    assert "rows_per_file" not in plain.canonical_json() and "layout" not in plain.canonical_json()
    assert small_spec(rows_per_file=50_000, layout="files").sha256() == plain.sha256()
    assert small_spec(rows_per_file=9).sha256() != plain.sha256() != small_spec(layout="webdataset").sha256()
    assert DatasetSpec.from_dict({**small_spec(layout="webdataset").model_dump(mode="json")}).layout == "webdataset"


def test_sums_are_those_of_sha256sum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In buckets and in one go; folders whose names begin alike; names sorted as sha256sum --check and our reader want them."""
    files = {}
    for who in range(3):
        for folder in ("masks_under", "images", "masks"):
            name = f"{folder}/{who:06d}/{who:06d}_000.png"
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(name.encode())
            files[name] = hashlib.sha256(name.encode()).hexdigest()
    (tmp_path / "README.md").write_bytes(b"x")
    for bucket in (1 << 20, 1):
        monkeypatch.setattr(sums, "BUCKET_BYTES", bucket)
        with sums.Sums(tmp_path / ".spool") as found:
            for who in range(3):
                found.add({name: (digest, 7) for name, digest in files.items() if f"/{who:06d}/" in name})
            found.note("README.md", hashlib.sha256(b"x").hexdigest())
            found.write(tmp_path / "SHA256SUMS")
            lists = found.lists()
            with pytest.raises(DataError, match="comes after"):
                found.add({"masks/000001/000001_000.png": ("0" * 64, 7)})
        listed = [line.split("  ")[1] for line in (tmp_path / "SHA256SUMS").read_text().splitlines()]
        assert listed == sorted([*files, "README.md"])
        subprocess.run(["sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS"], cwd=tmp_path, check=True)
        for folder, told in lists.items():
            mine = [(name, digest) for name, digest in files.items() if name.startswith(folder + "/")]
            assert told == file_list(mine, [7] * len(mine))


def test_needed_columns_say_what_all_columns_say(fake_dataset: Path, tmp_path: Path) -> None:
    """Boxes become the size of the face on the way, by the same arithmetic."""
    path = fake_dataset / "labels.parquet"
    whole = stored.read(path)
    whole["bbox"] = [np.array([1.0, 2.0, 3.0 + n, 7.0]) for n in range(len(whole))]
    whole.loc[1, "bbox"] = None
    changed = tmp_path / "labels.parquet"
    whole.to_parquet(changed)
    images = whole[["image_id", "identity_id", "sitting_id"]]
    pd.testing.assert_frame_equal(judged(read_needed([changed]), images), judged(whole, images))
