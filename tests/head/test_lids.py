"""Eyes at rest: as open as people's, in every group and age; no lid hides the pupil."""

from __future__ import annotations

import numpy as np
import pytest
from heads import GROUPS, Sampler, identity, sitting

from facegen.sample import Expression, Gaze

AHEAD = Gaze(yaw_deg=0, pitch_deg=0)


@pytest.fixture(scope="module")
def margins(model):
    """(N, 2 eyes, 2) mm: MRD1, MRD2, and the group of each head."""
    sampler = Sampler(5)
    out, groups = [], []
    for n in range(240):
        who = sampler.identity(float(n % 2), GROUPS[n // 2 % 4])
        shape = model.shape(who, sitting(18 + 67 * sampler.rng.random(), sampler.rng.random()))
        eyes = zip(model.guards.fissures, shape.eye_centers, shape.eye_radius, strict=True)
        out.append([[1000 * fissure.margin(shape.vertices, c, r, side) for side in (1.0, -1.0)] for fissure, c, r in eyes])
        groups.append(n // 2 % 4)
    return np.array(out), np.array(groups)


def test_height_matches_published_adults(margins):
    """Farkas 1994: 10 to 11 mm, sd about 1; clinical limits of the upper margin 2.5 (ptosis) and 6.5 mm (stare)."""
    found, groups = margins
    height = found.sum(axis=2).mean(axis=1)
    assert 9.6 < height.mean() < 10.9
    assert 0.6 < height.std() < 1.4
    assert height.min() > 7.5 and height.max() < 13.0
    assert 2.5 < found[..., 0].min() and found[..., 0].max() < 6.5
    means = [height[groups == k].mean() for k in range(4)]
    assert max(means) - min(means) < 1.2
    assert np.argmin(means) == GROUPS.index("east_asian")


def test_lids_close_by_halves_and_lashes_follow(model):
    shape = model.shape(identity(0.0, "east_asian"), sitting(60.0))
    opening = []
    for weight in (0.0, 0.3, 1.0):
        blink = Expression(name="x", weights={"eyeBlinkLeft": weight, "eyeBlinkRight": weight})
        head = model.pose(shape, blink, AHEAD)
        top, bottom = model.guards.lid_slits[1][0].edges(head.vertices)
        opening.append(float((top - bottom)[6:10].mean()))
        rim = head.vertices[np.concatenate([slit.upper_rows for slit, _ in model.guards.lid_slits])]
        sheet = head.vertices[np.unique(model.topology.parts["lashes_upper_left"].index)]
        assert np.linalg.norm(sheet[:, None] - rim[None], axis=2).min() < 0.003
    assert opening[0] > opening[1] > 0.25 * opening[0]
    assert opening[2] < 0.0012


def test_corners_of_the_mouth_do_not_hang(model):
    sampler = Sampler(6)
    droop = []
    for n in range(120):
        shape = model.shape(sampler.identity(float(n % 2), GROUPS[n // 2 % 4]), sitting(18 + 67 * sampler.rng.random()))
        top, bottom = model.guards.lips.edges(shape.vertices)
        middle = slice(len(top) // 2 - 3, len(top) // 2 + 3)
        droop.append(model.guards.corners.droop(shape.vertices, 0.5 * float(top[middle].mean() + bottom[middle].mean())))
    assert max(map(np.max, droop)) < 0.0025
    assert np.mean(droop) < 0.0
