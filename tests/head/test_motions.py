"""Named expressions of 48 random people move landmarks as far as people's faces move, at the weakest strength of the probe."""

from __future__ import annotations

import numpy as np
import pytest
from heads import Sampler, shapes

from facegen.head.collide import outer_skin
from facegen.head.landmarks import ibug68
from facegen.resources import asset_json
from facegen.sample import Expression, Gaze

COUNT = 48
STRENGTHS = (0.7, 1.0)
AHEAD = Gaze(yaw_deg=0, pitch_deg=0)
RIGHT_CORNER, LEFT_CORNER, UPPER_LIP, UPPER_EDGE, LOWER_EDGE, LOWER_LIP = 48, 54, 51, 62, 66, 57


@pytest.fixture(scope="module")
def people(model):
    return list(shapes(model, Sampler(31), COUNT))


def weights(name: str, strength: float) -> dict[str, float]:
    """The preset as a shot draws it, both sides alike."""
    table = asset_json("population/expression.json")
    least = 1.0 if name in table["unscaled"] else table["least"][name]
    factor = least + (1 - least) * strength
    return {action: min(w * factor, 1.0) for action, w in asset_json("head/expressions.json")["expressions"][name].items()}


def posed(model, shape, name: str, strength: float):
    return model.pose(shape, Expression(name=name, weights=weights(name, strength)), AHEAD)


@pytest.fixture(scope="module")
def moved(model, people):
    """name -> (neutral, posed) landmarks in mm, (people x strengths, 68, 3)."""
    still = [1000 * ibug68(model.pose(shape, Expression(name="neutral", weights={}), AHEAD).vertices) for shape in people]

    def of(name: str):
        after = [[1000 * ibug68(posed(model, shape, name, s).vertices) for s in STRENGTHS] for shape in people]
        return np.repeat(np.array(still), len(STRENGTHS), axis=0), np.array(after).reshape(-1, 68, 3)

    return of


def corners(before, after):
    """Mean way of both mouth corners: outwards and up, mm."""
    way = after - before
    out = 0.5 * (way[:, LEFT_CORNER, 0] - way[:, RIGHT_CORNER, 0])
    return out, way[:, [RIGHT_CORNER, LEFT_CORNER], 1].mean(axis=1)


def width(points):
    return np.linalg.norm(points[:, LEFT_CORNER] - points[:, RIGHT_CORNER], axis=1)


def brows(before, after, points):
    return (after - before)[:, points, 1].mean(axis=1)


def vermilion(points):
    return points[:, UPPER_LIP, 1] - points[:, UPPER_EDGE, 1] + points[:, LOWER_EDGE, 1] - points[:, LOWER_LIP, 1]


@pytest.mark.parametrize("name", ["smile", "open_smile", "laugh"])
def test_smiling_corners_go_7_to_14_mm_up_and_out(moved, name):
    out, up = corners(*moved(name))
    way = np.hypot(out, up)
    assert way.min() > 7
    assert way.max() < 14
    assert (out > 2.5).all()
    assert (up > 4).all()


@pytest.mark.parametrize("name", ["pucker", "kiss"])
def test_a_pucker_takes_a_fifth_to_a_third_off_the_mouth_and_protrudes(moved, name):
    before, after = moved(name)
    narrower = 1 - width(after) / width(before)
    assert narrower.min() > 0.18
    assert narrower.max() < 0.37
    assert 0.20 < np.median(narrower) < 0.30
    forward = (after - before)[:, [UPPER_LIP, LOWER_LIP], 2].mean(axis=1)
    assert forward.min() > 3
    assert forward.max() < 6.5


def test_raised_brows_rise_5_to_9_mm(moved):
    rise = brows(*moved("raised_brows"), [19, 20, 23, 24])
    assert rise.min() > 5
    assert rise.max() < 9


@pytest.mark.parametrize("name", ["angry", "frown"])
def test_a_frown_draws_the_brows_down_and_together(moved, name):
    before, after = moved(name)
    assert brows(before, after, [20, 21, 22, 23]).max() < -3
    together = 0.5 * ((after - before)[:, 21, 0] - (after - before)[:, 22, 0])
    assert together.min() > 2.5
    assert together.max() < 6


def test_anger_presses_the_lips_and_does_not_smile(moved):
    before, after = moved("angry")
    assert corners(before, after)[1].max() < -1.5
    assert (vermilion(after) / vermilion(before)).max() < 0.9


def test_sadness_lowers_the_corners_and_lifts_the_inner_brows(moved):
    before, after = moved("sad")
    assert corners(before, after)[1].max() < -4.5
    inner, outer = (brows(before, after, points) for points in ([21, 22], [17, 26]))
    assert (inner - outer).min() > 4


def test_disgust_lifts_the_wings_of_the_nose_and_parts_the_lips(moved):
    before, after = moved("disgust")
    assert (after - before)[:, [31, 35], 1].mean(axis=1).min() > 3
    assert (after[:, UPPER_EDGE, 1] - after[:, LOWER_EDGE, 1]).min() > 3.5


def test_pressed_lips_lose_height_but_hardly_change_their_width(moved):
    before, after = moved("pressed_lips")
    assert (vermilion(after) / vermilion(before)).max() < 0.8
    assert np.abs(width(after) / width(before) - 1).max() < 0.16


@pytest.mark.parametrize("name", ["open_smile", "laugh", "grimace", "talk_e", "shout", "disgust"])
def test_upper_incisors_are_seen_and_lie_close_behind_the_lips(model, people, name):
    """Their edge hangs under the upper lip's and, in most people, within 6 mm of it in depth: far back no light falls on them."""
    rows = np.unique(model.topology.parts["upper_teeth"].index)
    shown, behind = [], []
    for shape in people:
        vertices = posed(model, shape, name, 0.7).vertices
        teeth, lip = vertices[rows], vertices[model.guards.lips.upper_rows]
        front, middle = (p[np.abs(p[:, 0]) < 0.006] for p in (teeth, lip))
        shown.append(front[:, 1].min() < middle[:, 1].min() - 0.001)
        behind.append(middle[:, 2].min() - front[:, 2].max())
    assert np.mean(shown) >= 0.8
    assert np.median(behind) < 0.006
    assert min(behind) > 0.001


def test_teeth_stay_beneath_the_skin(model, people):
    """No tooth comes through lips, cheeks or chin, whatever parts the mouth."""
    skin = np.flatnonzero(outer_skin(model.topology) & (model.topology.masks["mouth_inside"] < 0.3))
    for shape in people[::3]:
        for name in ("open_smile", "laugh", "grimace", "talk_e", "shout", "yawn", "surprised", "talk_o"):
            vertices = posed(model, shape, name, 1.0).vertices
            near = vertices[skin]
            near = near[near[:, 2] > 0]
            for guard in model.guards.teeth:
                teeth = vertices[guard.rows_of_teeth]
                front = teeth[np.abs(teeth[:, 0]) < 0.014]
                away = np.hypot(near[None, :, 0] - front[:, None, 0], near[None, :, 1] - front[:, None, 1])
                foremost = np.where(away < 0.0025, near[None, :, 2], -np.inf).max(axis=1)
                covered = np.isfinite(foremost)
                assert (front[covered, 2] < foremost[covered]).all()


def test_clenched_teeth_meet(model, people):
    upper, lower = (guard.rows_of_teeth for guard in model.guards.teeth)
    for shape in people:
        vertices = posed(model, shape, "grimace", 0.7).vertices
        front = [vertices[rows][np.abs(vertices[rows, 0]) < 0.006] for rows in (upper, lower)]
        assert front[0][:, 1].min() < front[1][:, 1].max()
        assert front[0][:, 2].max() > front[1][:, 2].max()


def test_teeth_and_tongue_follow_no_field_of_ours(model, people):
    shape = people[0]
    still = model.pose(shape, Expression(name="neutral", weights={}), AHEAD).vertices
    for action in ("mouthPucker", "mouthPressLeft", "noseSneerLeft", "cheekSquintLeft", "cheekPuff"):
        vertices = model.pose(shape, Expression(name="x", weights={action: 1.0}), AHEAD).vertices
        for part in ("upper_teeth", "lower_teeth", "tongue"):
            rows = np.unique(model.topology.parts[part].index)
            assert np.abs(vertices[rows] - still[rows]).max() < 1e-6
