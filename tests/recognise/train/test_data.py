"""Crops out of datasets: from aligned/, from photographs by true landmarks, from a file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from crowds import crowd

from facegen.dataset.read import Dataset
from facegen.errors import DataError, RequestError
from facegen.recognise.train import crops as made
from facegen.recognise.train import data
from facegen.recognise.train.crops import Crops


def load(
    *paths: Path, size: int = 112, colour: str = "rgb", splits: tuple[str, ...] = ("all",), held: int | None = 2, workers: int = 2
) -> Crops:
    return data.load(paths, size, colour, splits, held, workers, lambda done, total: None)


def test_aligned_crops_are_taken_as_they_are(real: Path) -> None:
    crops, dataset = load(real), Dataset.open(real)
    for at, image_id in enumerate(dataset.labels["image_id"]):
        assert np.array_equal(crops.pixels[at], dataset.aligned(image_id))
    assert [crops.people[k] for k in crops.labels] == [f"trained/{who}" for who in dataset.labels["identity_id"]]
    assert crops.specs == (dataset.manifest["spec_sha256"],)


def test_the_last_people_are_held_out(real: Path) -> None:
    crops = load(real, held=3)
    out = {crops.people[k] for k in crops.labels[crops.held]}
    assert out == set(sorted(crops.people)[-3:])
    assert not out & {crops.people[k] for k in crops.labels[~crops.held]}


def test_the_split_val_is_held_out_where_no_number_is_given(real: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real_columns = Dataset.columns

    def columns(self: Dataset, *names: str) -> object:
        table = real_columns(self, *names).copy()
        people = sorted(set(table["identity_id"]))
        table["split"] = table["identity_id"].map(dict(zip(people, ["train"] * 4 + ["val"] * 2 + ["test"] * 2, strict=True)))
        return table

    monkeypatch.setattr(Dataset, "columns", columns)
    crops = load(real, held=None, splits=("train",))
    assert len(crops.people) == 6 and len(set(crops.labels[crops.held])) == 2


def test_photographs_are_cut_where_the_studio_cut_them(real: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PNG of a perfect camera: the same pixels as in aligned/, to the bit."""
    stored = load(real)
    monkeypatch.setattr(Dataset, "layers", ("images",))
    assert np.array_equal(load(real, workers=1).pixels, stored.pixels)


def test_crops_are_reduced_and_grey(real: Path) -> None:
    full, small = load(real).pixels, load(real, size=64, colour="grey").pixels
    assert small.shape == (16, 64, 64, 1)
    expected = [cv2.resize(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY), (64, 64), interpolation=cv2.INTER_AREA) for p in full]
    assert np.array_equal(small[..., 0], expected)


def others(real: Path, out: Path, **changes: object) -> Path:
    """Return a copy of the set whose manifest says that its spec had `changes`, and so another sha256."""
    manifest = json.loads((shutil.copytree(real, out) / "manifest.json").read_text())
    manifest["spec"].update(changes)
    (out / "manifest.json").write_text(json.dumps({**manifest, "spec_sha256": "b" * 64}))
    return out


def test_progress_counts_every_picture_once(real: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    both = [real, others(real, tmp_path / "b", seed=6)]
    data.load(both, 32, "grey", ["all"], 2, 2, lambda done, total: told.append((done, total)))
    assert told[-1] == (32, 32) and [d for d, _ in told] == sorted(d for d, _ in told)


def test_sets_and_saved_crops_are_trained_on_together(real: Path, tmp_path: Path) -> None:
    made.save(load(others(real, tmp_path / "b", seed=6)), tmp_path / "crops.npz")
    both = load(real, tmp_path / "crops.npz", size=64, colour="grey")
    assert both.pixels.shape == (32, 64, 64, 1) and len(both.people) == 16
    assert np.array_equal(both.pixels[:16], both.pixels[16:])


def test_sets_of_the_same_people_are_refused(real: Path, tmp_path: Path) -> None:
    """A set twice, a copy, a set and a larger one of its seed, a set and the crops of it."""
    made.save(load(real), tmp_path / "crops.npz")
    larger = others(real, tmp_path / "larger", identities=80, name="other")
    for second, first in ((real, real), (larger, real), (tmp_path / "crops.npz", real), (larger, tmp_path / "crops.npz")):
        with pytest.raises(RequestError, match=f"'{first}' and '{second}' show the same people: both are drawn with seed 5"):
            load(first, second)


def test_crops_saved_before_seeds_were_noted_are_known_by_their_spec(tmp_path: Path) -> None:
    made.save(crowd(), tmp_path / "a.npz")
    assert made.load(tmp_path / "a.npz").seeds == ()
    with pytest.raises(RequestError, match="show the same people: both are of one spec"):
        load(tmp_path / "a.npz", tmp_path / "a.npz", size=32, colour="grey")


def test_saved_crops_are_not_enlarged(tmp_path: Path) -> None:
    made.save(crowd(), tmp_path / "crops.npz")
    with pytest.raises(RequestError, match="holds 32 px grey crops"):
        load(tmp_path / "crops.npz")


def test_unknown_splits_are_named(real: Path) -> None:
    with pytest.raises(RequestError, match="--split of '.*': 'trian' is not one of"):
        load(real, splits=("trian",))


@pytest.mark.parametrize("harm", ["missing", "flipped"])
def test_a_file_that_is_not_what_was_written_is_named(real: Path, tmp_path: Path, harm: str) -> None:
    copy = Path(shutil.copytree(real, tmp_path / "copy"))
    victim = sorted((copy / "aligned").rglob("*.*"))[3]
    if harm == "missing":
        victim.unlink()
    else:
        content = bytearray(victim.read_bytes())
        content[len(content) // 2] ^= 1
        victim.write_bytes(content)
    with pytest.raises(DataError, match=victim.stem):
        load(copy)


def test_no_dataset_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no manifest.json"):
        load(tmp_path)
