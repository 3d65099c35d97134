"""Targets of our own move what they should and nothing else; sexes differ as people do; lips taper."""

from __future__ import annotations

import numpy as np
import pytest
from heads import GROUPS, identity, sitting

from facegen.head import calipers, sculpt

NOSE_ROOT, BROW, EYE, CHEEKBONE, CHIN = (
    [0.0, 0.7321, 0.1505], [0.0337, 0.7501, 0.1422], [0.031, 0.728, 0.13], [0.0697, 0.7066, 0.0779], [0.0352, 0.6301, 0.1109]
)  # fmt: skip


def test_fields_move_their_parts_alone():
    points = np.array([NOSE_ROOT, BROW, EYE, CHEEKBONE, CHIN])
    fields = sculpt.fields(points)
    eye, jaw = fields["eye-set-forward"] * 1000, fields["jaw-taper"] * 1000
    assert eye[2] == pytest.approx([0, 0, 6])
    assert np.abs(eye[[0, 1, 3, 4]]).max() < 0.6
    assert jaw[4, 0] < -5
    assert np.abs(jaw[:4]).max() < 0.5


def test_ageing_fields_sink_the_trough_and_hang_the_jowl_alone():
    trough, jowl, pupil = [0.0235, 0.7105, 0.130], [0.045, 0.647, 0.09], [0.031, 0.735, 0.13]
    points = np.array([trough, jowl, pupil, BROW, NOSE_ROOT, CHEEKBONE])
    fields = sculpt.fields(points)
    sunk, hung = fields["eye-trough"] * 1000, fields["cheek-jowl"] * 1000
    assert sunk[0] == pytest.approx([0, 0, -1000 * sculpt.TROUGH_DEEP_M], abs=0.05)
    assert np.abs(sunk[1:]).max() < 0.2
    assert hung[1, 0] > 2
    assert hung[1, 1] < -3
    assert np.abs(hung[[0, 2, 3, 4, 5]]).max() < 0.2


def test_fields_are_mirrored():
    points = np.random.default_rng(3).uniform([-0.08, 0.6, 0.0], [0.08, 0.8, 0.16], (400, 3))
    here, there = sculpt.fields(points), sculpt.fields(points * [-1, 1, 1])
    for name, field in here.items():
        assert np.allclose(field * [-1, 1, 1], there[name]), name


@pytest.mark.parametrize("group", GROUPS)
def test_womens_eyes_lie_no_deeper_and_their_jaws_are_smaller(model, group):
    names, rule = calipers.table().names, calipers.table()
    woman, man = (dict(zip(names, rule.measure(model.shape(identity(s, group), sitting(25.0)).vertices), strict=True))
                  for s in (0.08, 0.92))  # fmt: skip
    assert woman["nose_root_depth"] < man["nose_root_depth"] + 0.6
    assert woman["glabella_depth"] < man["glabella_depth"]
    for name, least in (("chin_width", 3.0), ("jaw_front_width", 4.0), ("face_width", 4.0)):
        assert woman[name] < man[name] - least, name


@pytest.mark.parametrize("group", GROUPS)
def test_lips_taper_to_their_corners(model, group):
    v = model.shape(identity(0.1, group), sitting(30.0)).vertices
    lips = v[model.topology.masks["lips"] > 0.5]
    half = np.abs(lips[:, 0]).max()
    tall = [np.ptp(lips[np.abs(np.abs(lips[:, 0]) - at * half) < 0.05 * half, 1]) for at in (0.0, 0.94)]
    assert tall[1] < 0.45 * tall[0]
