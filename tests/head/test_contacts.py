"""500 random identities x expressions: eyes inside the lids, lips and lids never cross, teeth behind the lips."""

from __future__ import annotations

import numpy as np
import pytest
from heads import Sampler, identity, shapes, sitting

from facegen.head.collide import LID_CLEARANCE_M
from facegen.sample import Expression, Gaze

COUNT = 500


@pytest.fixture(scope="module")
def posed(model):
    sampler = Sampler(20)
    return [model.pose(shape, sampler.expression(), sampler.gaze()) for shape in shapes(model, sampler, COUNT)]


def test_lids_stay_outside_the_eyeballs(model, posed):
    for head in posed:
        for k, rows in enumerate(model.guards.lids.rows):
            distance = np.linalg.norm(head.vertices[rows] - head.eye_centers[k], axis=1)
            assert (distance - head.eye_radius[k]).min() >= 0.9 * LID_CLEARANCE_M


def test_lid_edges_never_cross(model, posed):
    worst = max(_crossing(slit, head) for head in posed for slit, _ in model.guards.lid_slits)
    assert worst <= 0.0008, f"lower lid {worst * 1000:.2f} mm above the upper"


def test_lips_never_cross(model, posed):
    worst = max(_crossing(model.guards.lips, head) for head in posed)
    assert worst <= 0.0008, f"lower lip {worst * 1000:.2f} mm above the upper"


def test_teeth_stay_behind_the_lips(model, posed):
    """In every column of the mouth the foremost tooth lies behind the foremost lip vertex."""
    lips = np.flatnonzero(model.topology.masks["lips"] > 0.5)
    for head in posed:
        for part in ("upper_teeth", "lower_teeth"):
            teeth = head.vertices[np.unique(model.topology.parts[part].index)]
            for column in np.linspace(-0.015, 0.015, 7):
                lip = head.vertices[lips]
                lip_z = lip[np.abs(lip[:, 0] - column) < 0.003, 2].max()
                tooth_z = teeth[np.abs(teeth[:, 0] - column) < 0.003, 2].max(initial=-1)
                assert tooth_z < lip_z


def test_blink_closes_the_eyes(model):
    shape = model.shape(identity(0.0, "european"), sitting())
    still, gaze = Expression(name="neutral", weights={}), Gaze(yaw_deg=0, pitch_deg=0)
    blink = Expression(name="blink", weights={"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0})
    for slit, _ in model.guards.lid_slits:
        opening = [np.subtract(*slit.edges(model.pose(shape, e, gaze).vertices))[5:11].mean() for e in (still, blink)]
        assert opening[0] > 0.006
        assert opening[1] < 0.0012


def test_lower_teeth_and_tongue_follow_the_jaw(model):
    shape = model.shape(identity(1.0, "african"), sitting())
    gaze = Gaze(yaw_deg=0, pitch_deg=0)
    shut, wide = (model.pose(shape, Expression(name="x", weights={"jawOpen": w}), gaze).vertices for w in (0.2, 1.0))
    drop = {name: (shut - wide)[part.index, 1].mean() for name, part in model.topology.parts.items()}
    assert drop["lower_teeth"] > 0.008
    assert drop["tongue"] > 0.006
    assert abs(drop["upper_teeth"]) < 1e-6


def _crossing(slit, head) -> float:
    top, bottom = slit.edges(head.vertices)
    return float((bottom - top - slit.rest)[2:-2].max())
