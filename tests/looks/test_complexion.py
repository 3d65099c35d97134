"""What a person carries in the skin: visible on every tone, tied to the person, never off the tone's label; folds that move."""

from __future__ import annotations

import numpy as np
import pytest
from people import ANCHORS, identity, posed, sitting

from facegen.head.model import HeadModel
from facegen.looks import color
from facegen.looks.skin import lips as skin_lips
from facegen.looks.skin import opening as skin_opening
from facegen.looks.skin import pigment as skin_pigment
from facegen.looks.skin.charts import Charts, charts
from facegen.looks.skin.complexion import contrast
from facegen.looks.skin.textures import skin_surfaces, skin_textures
from facegen.sample import Complexion, Identity

SIZE = 256
STRONG = {
    "eyelids": 1.0, "forehead": 0.8, "perioral": 1.0, "jaw": 0.6, "cheeks_red": 0.9, "nose_red": 0.9, "melasma": 0.8, "patches":
    1.0, "acne": 0.8, "acne_marks": 0.8, "papules": 0.6, "large_moles": 4, "scars": 3, "eye_bags": 1.0, "nasolabial": 1.0,
    "chin_crease": 1.0, "forehead_lines": 1.0, "frown_lines": 1.0, "smile_lines": 1.0, "age_spots": 1.0, "carotene": 1.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def model() -> HeadModel:
    return HeadModel.load()


@pytest.fixture(scope="module")
def chart(model: HeadModel) -> Charts:
    return charts(model, SIZE)


def _lab(model: HeadModel, person: Identity, age: float = 30.0) -> np.ndarray:
    return color.lab_from_linear(color.decode(skin_textures(model, person, sitting(age), SIZE).albedo / 255.0))


def _face(chart: Charts) -> np.ndarray:
    bare = (chart.masks["lips"] < 0.02) & (chart.masks["mouth_inside"] < 0.02)
    return (chart.zones["face"] > 0.9) & bare & chart.covered


@pytest.mark.parametrize("monk", [1, 4, 7, 10])
def test_a_strong_complexion_stays_on_its_anchor(model, chart, monk):
    albedo = skin_textures(model, identity(monk, complexion=Complexion(**STRONG)), sitting(60), SIZE).albedo
    mean = color.lab_from_linear(color.decode(albedo / 255.0)[_face(chart)].mean(axis=0))
    assert color.ciede2000(mean, ANCHORS[monk]) < 2.5


@pytest.mark.parametrize("monk", [1, 3, 5, 8, 10])
def test_melanin_shades_are_as_deep_on_every_tone(monk):
    pigment = skin_pigment.solve(ANCHORS[monk])
    steps = np.array([[0.0, 3.0, 8.0]], dtype=np.float32)
    lab = color.lab_from_linear(pigment.color(pigment.darkened(steps), np.full_like(steps, pigment.blood)))
    assert lab[0, 0, 0] - lab[0, 1:, 0] == pytest.approx([3.0, 8.0], abs=0.4)


def test_more_flush_is_redder_and_none_is_the_base():
    pigment = skin_pigment.solve(ANCHORS[3])
    steps = np.array([[0.0, 2.0, 5.0]], dtype=np.float32)
    lab = color.lab_from_linear(pigment.color(np.full_like(steps, pigment.melanin), pigment.flushed(steps)))
    assert lab[0, :, 1] - ANCHORS[3][1] == pytest.approx([0.0, 2.0, 5.0], abs=0.4)


def test_carotene_takes_blue_away_and_hardly_red():
    change = skin_pigment.carotene_change(1.0)
    assert change[2] < 0.985
    assert change[2] < change[1] <= 1.001
    assert change[0] > 0.995


@pytest.mark.parametrize(("field", "zone"), [("perioral", "perioral"), ("forehead", "forehead"), ("eyelids", "lid")])
@pytest.mark.parametrize("monk", [2, 9])
def test_a_declared_shade_is_seen_where_it_says(model, chart, monk, field, zone):
    bare, shaded = (_lab(model, identity(monk, complexion=Complexion(**{field: x}))) for x in (0.0, 1.0))
    fall = (bare - shaded)[..., 0]
    inside, outside = _face(chart) & (chart.zones[zone] > 0.55), _face(chart) & (chart.zones[zone] < 0.05)
    assert fall[inside].mean() - fall[outside].mean() > 3.0 * contrast(identity(monk).skin)


def test_patches_differ_between_people_by_more_than_noise(model, chart):
    face = _face(chart)
    people = [_lab(model, identity(5, seed=s, complexion=Complexion(patches=0.5)))[face][:, 0] for s in (1, 2, 3)]
    for one, two in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(people[one] - people[two]).mean() > 1.0


def test_vitiligo_is_rare_pale_and_leaves_the_rest_alone(model, chart):
    plain, spotted = (_lab(model, identity(8, complexion=Complexion(vitiligo=v))) for v in (0.0, 0.6))
    pale = (spotted - plain)[..., 0] > 15
    assert 0.05 < pale[_face(chart)].mean() < 0.35
    rest = _face(chart) & (np.abs(spotted - plain)[..., 0] < 5)
    assert np.abs(spotted - plain)[rest].mean() < 1.0


def test_upper_lip_is_the_darker_on_every_tone(model, chart):
    lips = skin_lips.lip_cover(chart) > 0.85
    y = chart.position[..., 1]
    for monk in (2, 5, 9):
        lab = _lab(model, identity(monk))
        upper, lower = (np.median(lab[lips & part], axis=0) for part in (y > -0.063, y < -0.071))
        assert lower[0] - upper[0] > 1.5
        assert lab[lips][:, 1].mean() < (26 if monk < 9 else 16)


def test_folds_open_on_the_side_that_moves(model):
    chart = charts(model, skin_opening.OPENING_SIZE)
    x = chart.position[..., 0]
    assert skin_opening.opening(model, {}) is None
    assert skin_opening.opening(model, {"jawOpen": 0.8}) is None
    half = skin_opening.opening(model, {"mouthSmileLeft": 0.4})[..., 0]
    full = skin_opening.opening(model, {"mouthSmileLeft": 0.8})[..., 0]
    assert half[x > 0.005].max() > 60
    assert half[x < -0.005].max() == 0
    assert (full >= half).all()
    brows = skin_opening.opening(model, {"browInnerUp": 1.0})[..., 0]
    assert brows[chart.zones["forehead"] > 0.8].mean() > 40
    assert brows[chart.zones["chin"] > 0.5].max() == 0


def test_a_still_face_carries_no_fold_textures_and_a_moving_one_does(model):
    person, at = identity(4), sitting()
    textures = skin_textures(model, person, at, 128)
    still, moving = (
        skin_surfaces(model, posed(model, person, at), textures, actions)[0].material for actions in ({}, {"mouthSmileLeft": 0.7})
    )
    assert "folds" not in still.textures
    assert still.params["folding"] == 0.0
    assert moving.textures["opening"].pixels.shape == (skin_opening.OPENING_SIZE, skin_opening.OPENING_SIZE, 1)
    assert moving.params["folding"] == 1.0


def test_working_folds_show_in_the_young_and_more_in_the_old(model, chart):
    levels = []
    for age in (20.0, 50.0, 80.0):
        folds = skin_textures(model, identity(4), sitting(age), SIZE).folds
        levels.append(float(folds[..., 2][_face(chart)].mean()))
    assert 1.0 < levels[0] < levels[1] < levels[2]
