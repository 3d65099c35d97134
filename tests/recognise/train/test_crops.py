"""Crops in memory and in a file."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from crowds import crowd

from facegen.errors import DataError, RequestError
from facegen.recognise.train import crops as made
from facegen.recognise.train.crops import Crops


def test_sets_are_joined_without_mixing_people() -> None:
    a, b = crowd(4, 2, 1), crowd(5, 3, 2, seed=1)
    both = made.joined([a, b])
    assert len(both.people) == 9 and both.specs == a.specs + b.specs
    assert both.labels.tolist() == [*a.labels, *(b.labels + 4)]
    places, classes, count = both.training()
    assert count == 6 and set(classes) == set(range(6)) and not both.held[places].any()


def test_sets_of_other_sizes_are_refused() -> None:
    with pytest.raises(RequestError, match="differ in size or colour: 32 px grey, 48 px grey"):
        made.joined([crowd(), crowd(size=48)])


def test_what_was_saved_is_read(tmp_path: Path) -> None:
    crops, path = crowd(colour="rgb"), tmp_path / "deep" / "crops.npz"
    made.save(crops, path)
    again = made.load(path)
    assert again.fingerprint() == crops.fingerprint()
    assert (again.people, again.colour, again.specs) == (crops.people, crops.colour, crops.specs)
    made.save(replace(crops, seeds=(3, 4)), path)
    assert made.load(path).seeds == (3, 4)
    assert [p.name for p in path.parent.iterdir()] == ["crops.npz"]


@pytest.mark.parametrize("damage", [lambda b: b[:200], lambda b: b"not a zip", lambda b: b"", lambda b: b[:-300]])
def test_damaged_files_are_named(tmp_path: Path, damage: object) -> None:
    path = tmp_path / "crops.npz"
    made.save(crowd(), path)
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(DataError, match=f"'{re.escape(str(path))}' (is no file of crops|cannot be read)"):
        made.load(path)


def test_pickles_are_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "crops.npz"
    crops = crowd()
    np.savez(path, pixels=crops.pixels, labels=crops.labels, held=crops.held, people=np.array([{}], object), facts=np.array("{}"))
    with pytest.raises(DataError, match="is no file of crops"):
        made.load(path)


def test_arrays_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    crops = crowd()
    wrong = Crops(crops.pixels, crops.labels + 100, crops.held, crops.people, "grey")
    made.save(wrong, tmp_path / "a.npz")
    with pytest.raises(DataError, match="do not belong together"):
        made.load(tmp_path / "a.npz")


@pytest.mark.parametrize(
    ("size", "colour", "said"), [(100, "grey", "--size 100"), (128, "rgb", "--size 128"), (64, "bgr", "--colour 'bgr'")]
)
def test_shapes_that_are_not_cut(size: int, colour: str, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        made.check_shape(size, colour)


@pytest.mark.parametrize("held", [0, 1])
def test_too_few_to_verify_by(held: int) -> None:
    with pytest.raises(RequestError, match="--validation-identities"):
        crowd(held=held).check()


def test_too_few_to_train_on() -> None:
    with pytest.raises(RequestError, match="1 people are left to train on"):
        crowd(people=4, held=3).check()


def test_of_many_held_pictures_each_person_gives_as_many(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    from facegen.recognise.train import held

    monkeypatch.setattr(held, "MOST", 9)
    crops = crowd(people=10, each=6, held=4)
    chosen = held.pictures(crops)
    counts = np.bincount(crops.labels[chosen], minlength=10)
    assert len(chosen) == 9 and counts[:6].sum() == 0 and counts[6:].max() - counts[6:].min() <= 1
    assert crops.held[chosen].all()


def test_the_error_rate_is_that_of_all_pairs() -> None:
    pytest.importorskip("torch")
    from facegen.recognise.train import held

    x = np.eye(3, dtype=np.float32)[[0, 0, 1, 1, 2]]
    assert held.error_rate(x, np.array([0, 0, 1, 1, 2])) == 0
    assert held.error_rate(x, np.array([0, 1, 0, 1, 2])) > 0.2
