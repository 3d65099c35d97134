"""The hand: its measures, its joints, what it closes on, and that it rests on faces without entering them."""

from __future__ import annotations

import numpy as np
import pytest
from fronts import FLESH, front_of, hand_depth
from scipy.spatial import cKDTree
from wearers import person

from facegen.errors import SpecError
from facegen.head.model import HeadModel
from facegen.looks.color import decode
from facegen.sample import Front, Garment, Wear
from facegen.scene import REGIONS
from facegen.wear import front_surfaces
from facegen.wear.hands import rig as rigs
from facegen.wear.hands import skin
from facegen.wear.hands.charts import FIELDS
from facegen.wear.hands.contact import TOUCH, box, close, cylinder
from facegen.wear.hands.held import gestures
from facegen.wear.hands.pose import FIRST, HandPose, body, moved

PEOPLE = 24
RGB = (0.2, 0.3, 0.4)
GARMENT = Garment(kind="crew", rgb=RGB, rgb2=RGB, pattern="plain", seed=1)
STRAIGHT = HandPose(np.zeros((5, 3)))


@pytest.fixture(scope="module")
def model() -> HeadModel:
    return HeadModel.load()


@pytest.fixture(scope="module")
def hand():
    return body(rigs.load().key, 0.5, 1.0)


def at_rest(hand) -> HandPose:
    return HandPose(np.zeros((5, 3)), forearm=hand.heads[0])


def test_hands_are_as_long_as_peoples(hand):
    rig = rigs.load()
    bone = np.linalg.norm(rig.tails - rig.heads, axis=2)
    for sex, length in enumerate(rigs.HAND_LENGTH_M):
        middle = FIRST + 6
        fingers = bone[sex, middle : middle + 3].sum()
        palm = np.linalg.norm(rig.heads[sex, middle])  # the wrist joint is the origin
        # the wrist joint lies CREASE_TO_JOINT within the crease, and the bones meet in straight lines
        assert palm + fingers == pytest.approx(length - rigs.CREASE_TO_JOINT, abs=0.006)
        assert 0.40 < fingers / (palm + fingers) < 0.50


def test_no_bending_is_the_rest_pose(hand):
    assert np.abs(moved(hand, at_rest(hand)) - hand.vertices).max() < 1e-6


def test_a_joint_turns_what_lies_beyond_it_and_nothing_else(hand):
    flex = np.zeros((5, 3))
    flex[1, 0] = 40.0
    after = moved(hand, HandPose(flex, forearm=hand.heads[0]))
    rig, index = rigs.load(), FIRST + 3
    wholly = rig.weights[:, index + 1 : index + 3].sum(1) > 0.999
    joint, axis = hand.heads[index], hand.axes[index]
    before, turned = hand.vertices[wholly] - joint, after[wholly] - joint
    along = axis * (before @ axis)[:, None]
    expected = np.cos(np.radians(40)) * (before - along) + np.sin(np.radians(40)) * np.cross(axis, before) + along
    assert wholly.sum() > 50 and np.abs(turned - expected).max() < 1e-4  # weights are rounded
    untouched = rig.weights[:, index : index + 3].sum(1) == 0
    assert np.abs(after - hand.vertices)[untouched].max() < 1e-6
    assert turned[:, 2].mean() > before[:, 2].mean() + 0.01  # towards the palm


def test_clearances_are_distances():
    points = np.array([[0.0, 0.0, 0.03], [0.05, 0.0, 0.0], [0.0, 0.2, 0.01]])
    rod = cylinder(np.zeros(3), np.array([0.0, 1.0, 0.0]), 0.01)
    assert rod(points) == pytest.approx([0.02, 0.04, 0.0])
    brick = box(np.zeros(3), np.eye(3), np.array([0.01, 0.02, 0.03]))
    corner = np.array([[0.04, 0.06, 0.03], [0.0, 0.0, 0.0], [0.009, 0.0, 0.0]])
    assert brick(corner) == pytest.approx([0.05, -0.01, -0.001])


def test_fingers_close_on_a_rod_until_they_touch(hand):
    limit = np.array([[24.0, 30, 40]] + [[82.0, 96, 62]] * 4)
    start = HandPose(np.array([[-16.0, -10, -6]] + [[-6.0, 2, 2]] * 4), oppose=34.0, adduct=8.0)
    rod = cylinder(np.array([0.0, 0.084, 0.040]), np.array([1.0, 0.0, 0.0]), 0.0165)
    pose = close(hand, start, limit, rod)
    gap = rod(moved(hand, pose))
    fingers = rigs.load().finger
    for k in (1, 2, 3, 4):
        assert TOUCH - 1e-9 <= gap[fingers == k].min() < 0.002, k
    assert (pose.flex >= start.flex - 1e-9).all() and (pose.flex <= limit + 1e-9).all()
    assert (pose.flex[1:4].sum(1) > 90).all()  # a grip


def test_hands_rest_on_faces_without_entering_them(model):
    touching = 0
    for n in range(PEOPLE):
        head, front = person(model, n), front_of(n)
        made = front_surfaces(model, head, Wear(front=(front,), garment=GARMENT), FLESH, (), ()).surfaces
        assert hand_depth(model, head, front, made).max() < 0.001, (n, front.pose)
        own = next(s for s in made if s.name == "hand")
        used = np.unique(own.faces)
        gap = cKDTree(head.vertices).query(own.positions[used])[0].min()
        if front.kind == "hand" and gestures()[front.pose]["touch"]:
            touching += 1
            assert gap < 0.0045, (n, front.pose, gap)  # mesh points lie millimetres apart
        assert (own.region == REGIONS["hand"]).all() and own.removable
    assert touching >= 10


def test_fingers_follow_the_face(model):
    """Most fingers of a hand laid on a face touch it: a flat hand would touch at one point."""
    close_by = []
    for n in range(12):
        head = person(model, n)
        front = Front(kind="hand", pose=("cheek", "mouth", "eye", "forehead")[n % 4], side="left", sleeve=0.5, seed=n)
        own = front_surfaces(model, head, Wear(front=(front,), garment=GARMENT), FLESH, (), ()).surfaces[0]
        tree = cKDTree(head.vertices)
        finger = rigs.load().finger
        close_by += [tree.query(own.positions[finger == k])[0].min() < 0.006 for k in (1, 2, 3, 4)]
    assert np.mean(close_by) > 0.6, np.mean(close_by)


def test_right_hands_are_left_ones_mirrored(model):
    head = person(model, 0)
    left, right = (
        front_surfaces(
            model,
            head,
            Wear(front=(Front(kind="hand", pose="wave", side=side, sleeve=0.5, seed=3),), garment=GARMENT),
            FLESH,
            (),
            (),
        ).surfaces[0]
        for side in ("left", "right")
    )
    a, b = left.positions, right.positions
    assert a[:, 0].mean() > 0.08 and b[:, 0].mean() < -0.08
    mirrored = b * np.array([-1, 1, 1], np.float32)
    assert np.abs((a - a.mean(0)) - (mirrored - mirrored.mean(0))).max() < 1e-5
    for s in (left, right):  # wound outwards
        corners = s.positions[s.faces]
        flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        assert (np.sum(flat * s.normals[s.faces].mean(1), 1) > 0).mean() > 0.97


@pytest.mark.parametrize("rgb", [(0.45, 0.28, 0.21), (0.055, 0.030, 0.020)])
def test_hands_have_the_faces_colour_lighter_palms_and_nails(rgb):
    rig = rigs.load()
    flesh = skin.Flesh(f"t{rgb[0]}", rgb, {}, 0.5, 1.0, 40.0)
    made = skin.material(rig, flesh).textures
    albedo = decode(made["albedo"].pixels[..., :3] / 255.0)
    f = {name: rig.fields[..., k] for k, name in enumerate(FIELDS)}
    inside = f["inside"] > 0.5
    back = inside & (f["palm"] < -0.5) & (f["nail"] < 0.05) & (f["knuckle"] < 0.05) & (f["y"] < 0.08)
    palm = inside & (f["palm"] > 0.6) & (f["y"] > 0)
    nail = inside & (f["nail"] > 0.9)
    assert np.abs(albedo[back].mean(0) / rgb - 1).max() < 0.12
    assert albedo[palm].mean() > 1.01 * albedo[back].mean()
    if rgb[0] < 0.1:
        assert albedo[palm].mean() > 2 * albedo[back].mean()
    assert nail.sum() > 100
    gloss, rough = made["albedo"].pixels[..., 3], made["detail"].pixels[..., 2]
    assert gloss[nail].mean() > 1.3 * gloss[back].mean() and rough[nail].mean() < 0.8 * rough[back].mean()


def test_a_telephone_before_a_mirror_is_mostly_held_beside_the_face(model):
    """Who photographs a mirror wants to see: of forty telephones most leave the nose free, and some are before the mouth."""
    head = person(model, 0)
    nose = head.vertices[head.vertices[:, 2].argmax()]
    fronts = [Front(kind="phone", pose="mirror", side="left", sleeve=0.5, seed=n) for n in range(40)]
    thing = [front_surfaces(model, head, Wear(front=(f,), garment=GARMENT), FLESH, (), ()).surfaces for f in fronts]
    held = [np.concatenate([s.positions for s in made if s.region[0] == REGIONS["object"]]) for made in thing]
    over = [(p.min(0)[:2] < nose[:2]).all() and (p.max(0)[:2] > nose[:2]).all() for p in held]
    assert 1 <= sum(over) <= 16, sum(over)
    assert min(p[:, 2].min() for p in held) > nose[2]


def test_unknown_pose_is_one_line_with_the_allowed_names(model):
    wear = Wear(front=(Front(kind="hand", pose="salute", side="left", seed=1),), garment=GARMENT)
    with pytest.raises(SpecError) as caught:
        front_surfaces(model, person(model, 0), wear, FLESH, (), ())
    assert "\n" not in str(caught.value) and all(name in str(caught.value) for name in gestures())
