"""The crops that the probes see: aligned where they should be, and nothing but face where only the face is asked for."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import faces  # noqa: E402

from facegen.errors import DataError  # noqa: E402
from facegen.geometry.align import ARCFACE_112, to_corner  # noqa: E402
from facegen.scene import REGIONS  # noqa: E402

SIZE = 224


@pytest.fixture
def dataset(tmp_path):
    """One picture, the template at twice its size: face grey 100 in a square, hair 200 around it and in a lock across it."""
    ids = np.full((SIZE, SIZE), REGIONS["hair"], np.uint8)
    ids[60:210, 40:190] = REGIONS["skin"]
    ids[:, 100:110] = REGIONS["hair"]
    image = np.where(ids == REGIONS["skin"], 100, 200).astype(np.uint8)
    for folder, name, data in (("images", "a.png", np.repeat(image[..., None], 3, 2)), ("masks", "a.png", ids)):
        (tmp_path / folder / "p").mkdir(parents=True)
        cv2.imwrite(str(tmp_path / folder / "p" / name), data)
    five = to_corner(2 * ARCFACE_112 + 0.5)
    jaw = np.array([(x, y) for x, y in ((60, 70), (170, 70), (170, 190), (60, 190))], float)
    row = {"file": "images/p/a.png", "identity_id": "p", "image_id": "a", "landmarks_5": five.ravel()}
    row["landmarks_68"] = np.resize(jaw, (68, 2)).ravel()
    spec = {"outputs": {"masks": True}}
    return SimpleNamespace(root=tmp_path, manifest={"spec": spec}), pd.DataFrame([row])


def test_crops_lie_on_the_template(dataset):
    held, table = dataset
    crop = faces.crops(held, table, 112, grey=True)[0, 0]
    edges = np.abs(np.diff(crop[60].astype(int)))
    assert {int(x) for x in np.flatnonzero(edges > 40)} <= {18, 19, 20, 48, 49, 50, 53, 54, 55, 93, 94, 95}
    assert (crop[60, 25:45] == 100).all() and (crop[60, 100:] == 200).all()


def test_zoom_shrinks_about_the_middle(dataset):
    held, table = dataset
    whole, half = (faces.crops(held, table, 112, zoom, grey=True)[0, 0].astype(int) for zoom in (1.0, 0.5))
    for y, x in ((65, 48), (65, 80), (38, 60)):  # what lies at 55.5 + d now lay at 55.5 + 2 d
        assert half[y, x] == whole[2 * y - 56 : 2 * y - 54, 2 * x - 56 : 2 * x - 54].mean()
    assert (half[65, 48], half[65, 80], half[2, 2]) == (100, 200, 0)


def test_nothing_but_the_face_is_left(dataset):
    held, table = dataset
    crop = faces.crops(held, table, 112, grey=True, face_only=True)[0, 0]
    assert np.abs(crop.astype(int) - 100).max() <= 60 and (np.abs(crop.astype(int) - 100) <= 2).mean() > 0.97
    bare = faces.crops(held, table, 112, grey=True)[0, 0]
    assert (bare == 200).mean() > 0.3


def test_masks_are_asked_for_in_words(dataset):
    held, table = dataset
    held.manifest["spec"]["outputs"]["masks"] = False
    with pytest.raises(DataError, match="no masks"):
        faces.crops(held, table, 112, grey=True, face_only=True)


def test_rates_carry_counts_and_an_interval():
    found = faces.rate(np.array([True, True, False, True]))
    assert (found["hits"], found["of"], found["rate"]) == (3, 4, 0.75)
    assert found["interval"][0] < 0.75 < found["interval"][1]
