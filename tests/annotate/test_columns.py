"""Boxes of what shows, colour angles, mixtures, light: columns against closed forms."""

import math

import numpy as np
import pytest
import spheres
from samples import sample
from small import small_spec

from facegen.annotate import boxes, person
from facegen.annotate.declared.person import ANCESTRIES
from facegen.annotate.light import light, light_class
from facegen.annotate.schema import SCHEMA
from facegen.population.light import environments
from facegen.population.plan import build
from facegen.resources import asset_json
from facegen.sample import KeyLight
from facegen.scene import REGIONS


def test_modal_boxes_are_around_whole_pixels() -> None:
    mask = np.zeros((10, 12), bool)
    assert boxes.around(mask) is None
    mask[3:5, 7] = True
    assert boxes.around(mask) == (7, 3, 1, 2)
    ball = spheres.ball().ids > 0
    rows, columns = np.nonzero(ball)
    x, y, w, h = boxes.around(ball)
    assert (x, y, x + w, y + h) == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)


def test_within_keeps_pixels_whose_middle_is_inside() -> None:
    mask = np.ones((8, 8), bool)
    assert boxes.around(boxes.within(mask, (1.4, 2.6, 3.2, 2.0))) == (1, 3, 4, 2)  # middles at 1.5..4.5 and 3.5, 4.5
    assert boxes.around(boxes.within(mask, (-50, -50, 500, 500))) == (0, 0, 8, 8)
    assert boxes.around(boxes.within(mask, (20, 20, 5, 5))) is None


def test_the_face_is_skin_features_and_beard_without_ears_neck_and_worn_things() -> None:
    own = {name for name, number in REGIONS.items() if boxes.FACE[number]}
    assert own == {
        "skin", "nose", "right_eye", "left_eye", "right_brow", "left_brow", "mouth_interior", "top_lip", "bottom_lip", "beard",
    }  # fmt: skip


def test_angles_of_a_colour() -> None:
    assert person.ita_deg((60.0, 10.0, 10.0)) == pytest.approx(45)
    assert person.ita_deg((50.0, 10.0, 20.0)) == pytest.approx(0)
    assert person.ita_deg((25.0, 9.0, 25.0)) == pytest.approx(-45)
    assert person.ita_deg((30.0, 9.0, -1.0)) == pytest.approx(-90)  # bluish light
    assert person.hue_deg((50.0, 10.0, 10.0)) == pytest.approx(45)
    assert person.hue_deg((50.0, 0.0, 10.0)) == pytest.approx(90)
    assert person.hue_deg((50.0, 1.0, math.tan(math.radians(70)))) == pytest.approx(70)


def test_ancestries_are_the_presets_and_mixtures_sum_to_one() -> None:
    assert set(ANCESTRIES) == set(asset_json("head/ancestry.json")["presets"])
    mixed = 0
    for one in build(small_spec(identities=24)).samples():
        weights = person.ancestry_weights(one.identity)
        assert sum(weights) == pytest.approx(1) and len(weights) == len(ANCESTRIES)
        mixed += max(weights) < 1
    assert mixed > 0


def test_no_column_names_fitzpatrick() -> None:
    assert not [name for name in SCHEMA if "fitz" in name]


def test_light_is_the_samples() -> None:
    shot = sample().shot
    keys = (
        KeyLight(direction=(0, 0.6, 0.8), rgb=(1, 0.9, 0.8), size_deg=5.0, distance_m=0.7),
        KeyLight(direction=(1, 0, 0), rgb=(0.1, 0.2, 0.3), size_deg=20.0, pulse=True),
    )
    lit = shot.model_copy(update={"light": shot.light.model_copy(update={"keys": keys, "rig": "overcast"})})
    row = light(lit, {"exposure_gain": 2.0})
    assert len(row["light_sh"]) == 48 and row["light_sh"][:3] == [3.545] * 3
    assert row["key_directions"] == [0, 0.6, 0.8, 1, 0, 0] and row["key_colors"] == [1, 0.9, 0.8, 0.1, 0.2, 0.3]
    assert (row["key_sizes_deg"], row["key_distances_m"], row["key_pulsed"]) == ([5, 20], [0.7, 0], [False, True])
    assert row["light_class"] == "outdoor" and row["exposure_gain"] == 2.0
    bare = light(shot, None)
    assert bare["key_directions"] == [] and bare["exposure_gain"] is None and bare["light_class"] == "other"


def test_every_place_has_a_declared_class() -> None:
    declared = set(SCHEMA["light_class"].range.split(", "))
    assert {light_class(name) for name in environments()} == {"studio", "indoor", "outdoor", "night"}
    assert {*map(light_class, environments()), light_class("file"), light_class("?")} == declared
