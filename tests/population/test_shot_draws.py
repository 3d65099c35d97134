"""Geometry of a shot: gaze, framing, expressions."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from facegen.geometry.framing import FRAME_MM
from facegen.head.model import HeadModel, eye_gazes, gaze_rotation
from facegen.population.plan import build
from facegen.population.shots import GAZE_LIMIT_PITCH, GAZE_LIMIT_YAW, towards_camera
from facegen.resources import asset_json
from facegen.sample import CameraSpec, Pose
from facegen.spec import DatasetSpec

CENTRED = CameraSpec(profile="dslr", focal_mm=50, distance_m=1.0, center_x=0.5, center_y=0.5)


def samples(count: int, **shots: object) -> list:
    base = {"name": "a", "seed": 3, "date": "2026-01-01", "identities": count, "shots": shots}
    return list(build(DatasetSpec.from_dict(base)).samples())


def test_eyes_turn_back_to_the_camera() -> None:
    far = CENTRED.model_copy(update={"distance_m": 1000.0})
    for yaw, pitch in ((20, 0), (0, 15), (-12, -8)):
        back = towards_camera(Pose(yaw_deg=yaw, pitch_deg=pitch, roll_deg=0), far)
        if yaw == 0 or pitch == 0:
            assert back[:2] == pytest.approx((-yaw, -pitch), abs=0.01)
        assert np.sign(back[0]) == -np.sign(yaw)
    down = towards_camera(Pose(yaw_deg=0, pitch_deg=0, roll_deg=0), CENTRED)
    assert down == pytest.approx((0.0, np.degrees(np.arctan2(0.03, 1.06)), np.hypot(0.03, 1.06)))  # eyes lie above the centre
    low = CENTRED.model_copy(update={"center_y": 0.7})
    assert towards_camera(Pose(yaw_deg=0, pitch_deg=0, roll_deg=0), low)[1] < 0  # the camera is above: eyes up
    right = CENTRED.model_copy(update={"center_x": 0.7})
    assert towards_camera(Pose(yaw_deg=0, pitch_deg=0, roll_deg=0), right)[0] < 0  # the lens lies to the person's right


def test_head_fills_the_declared_share_of_the_frame() -> None:
    table = asset_json("camera/lenses.json")
    for sample in samples(40, head_fraction=0.6):
        camera = sample.shot.camera
        share = camera.focal_mm / FRAME_MM * table["head_height_m"] / camera.distance_m
        assert share == pytest.approx(0.6, rel=1e-3)
        low, high = (table["profiles"][camera.profile]["distance_m"]["lognormal"][k] for k in ("min", "max"))
        assert low <= camera.distance_m <= high


def test_gaze_stays_within_what_eyes_do() -> None:
    for sample in samples(60):
        assert abs(sample.shot.gaze.yaw_deg) <= GAZE_LIMIT_YAW
        assert abs(sample.shot.gaze.pitch_deg) <= GAZE_LIMIT_PITCH


def test_free_expressions_use_no_exclusive_groups() -> None:
    table = asset_json("population/expression.json")["free"]
    action_group = {action: group for group, actions in table["groups"].items() for action in actions}
    seen = set()
    for sample in samples(150, expression="free"):
        groups = {action_group[action] for action in sample.shot.expression.weights}
        assert table["count"][0] <= len(groups) <= table["count"][1]
        assert not any(set(pair) <= groups for pair in table["exclusive"])
        seen.add(frozenset(groups))
    assert len(seen) > 100


def test_strength_scales_a_smile_but_not_a_blink() -> None:
    weak, strong = (samples(1, expression="smile", expression_strength=s)[0].shot.expression.weights for s in (0.4, 1.0))
    least = asset_json("population/expression.json")["least"]["smile"]
    for action, weight in strong.items():
        assert weak[action] == pytest.approx((least + 0.4 * (1 - least)) * weight, abs=2e-3)
    blink = samples(1, expression="blink", expression_strength=0.4)[0].shot.expression.weights
    assert min(blink.values()) > 0.7


def test_own_glasses_are_the_same_pair_in_every_shot() -> None:
    spec = DatasetSpec.from_dict(
        {"name": "a", "seed": 3, "date": "2026-01-01", "identities": 6, "images_per_identity": 6,
         "population": {"glasses": 1.0}, "shots": {"wear": {"own_glasses": 1.0, "sunglasses": 0.0}}}
    )  # fmt: skip
    plan = build(spec)
    for n in range(6):
        pairs = [s.shot.wear.eyewear for s in islice(plan.samples(), 6 * n, 6 * n + 6)]
        assert len({(p.kind, p.frame_rgb, p.size) for p in pairs}) == 1
        assert len({p.slip for p in pairs}) == 6


def test_eyes_meet_in_the_lens() -> None:
    """Both optical axes pass within millimetres of the camera when the gaze is the camera's and the head does not turn far."""
    model = HeadModel.load()
    for sample in samples(12, gaze="camera", yaw_deg=10, pitch_deg=0, roll_deg=0, distance_m=0.5):
        gaze = sample.shot.gaze
        shape = model.shape(sample.identity, sample.sitting)
        eyes = [gaze_rotation(g)[:, 2] for g in eye_gazes(gaze, shape.eye_centers)]
        target = gaze_rotation(gaze)[:, 2] * gaze.distance_m
        assert gaze.distance_m == pytest.approx(0.56, abs=0.03)
        for axis, center in zip(eyes, shape.eye_centers, strict=True):
            assert np.linalg.norm(np.cross(axis, target - center)) < 1e-6
        assert 5.0 < np.degrees(np.arccos(eyes[0] @ eyes[1])) < 8.5  # 62 mm at half a metre


def test_a_person_keeps_the_side_and_no_expression_fades_out() -> None:
    spec = {"name": "a", "seed": 3, "date": "2026-01-01", "identities": 30, "images_per_identity": 4,
            "shots": {"expression": "wink", "expression_strength": 0.0}}  # fmt: skip
    sides: dict[str, set[bool]] = {}
    for sample in build(DatasetSpec.from_dict(spec)).samples():
        weights = sample.shot.expression.weights
        sides.setdefault(sample.identity.identity_id, set()).add("eyeBlinkLeft" in weights)
    assert all(len(side) == 1 for side in sides.values())
    assert 5 < sum(True in side for side in sides.values()) < 25
    table = asset_json("population/expression.json")
    for name in asset_json("head/expressions.json")["expressions"]:
        if name in ("neutral", "relaxed", *table["unscaled"]):
            continue
        weights = samples(1, expression=name, expression_strength=0.0)[0].shot.expression.weights
        assert max(weights.values()) > 0.15, name
