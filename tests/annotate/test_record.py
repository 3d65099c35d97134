"""Whole label rows of the real head, painted without a renderer: every triangle flat, far ones first."""

import json

import cv2
import numpy as np
import pyarrow as pa
import pytest
import trimesh
from samples import sample

from facegen.annotate.record import SCHEMA, annotate, arrow_schema, late_columns
from facegen.geometry import projection, rotations
from facegen.head.model import HeadModel, PosedHead
from facegen.sample import SampleSpec
from facegen.scene import REGIONS, Camera, Frame
from facegen.stage.camera import camera, head_transform


@pytest.fixture(scope="module")
def model() -> HeadModel:
    return HeadModel.load()


def paint(model: HeadModel, posed: PosedHead, transform: np.ndarray, cam: Camera) -> Frame:
    """Painter's algorithm over eyeballs and all parts but lashes: depth is constant over a triangle, a few millimetres across."""
    corners, regions = [], []
    for name, part in model.topology.parts.items():
        if not name.startswith("lashes"):
            corners.append(posed.vertices[part.index][part.faces])
            regions.append(part.region[part.faces[:, 0]])
    for side, center, radius in zip(("right_eye", "left_eye"), posed.eye_centers, posed.eye_radius, strict=True):
        ball = trimesh.creation.icosphere(subdivisions=3, radius=float(radius))
        corners.append(ball.vertices[ball.faces] + center)
        regions.append(np.full(len(ball.faces), REGIONS[side], np.uint8))
    world = rotations.transform_points(transform, np.concatenate(corners).reshape(-1, 3)).reshape(-1, 3, 3)
    pixels = projection.project(world.reshape(-1, 3), cam).reshape(-1, 3, 2)
    region, distance = np.concatenate(regions), -world[:, :, 2].mean(axis=1)
    ids, depth = np.zeros((cam.size, cam.size), np.uint8), np.zeros((cam.size, cam.size), np.float32)
    points = np.round((pixels - 0.5) * 16).astype(np.int32)
    for k in np.argsort(-distance):
        cv2.fillConvexPoly(ids, points[k], int(region[k]), shift=4)
        cv2.fillConvexPoly(depth, points[k], float(distance[k]), shift=4)
    normals = np.zeros((cam.size, cam.size, 3), np.float32)
    normals[ids > 0] = (0, 0.6, 0.8)
    return Frame(np.repeat(depth[..., None], 3, 2) * 0, (ids > 0).astype(np.float32), ids, depth, normals)


def shoot(model: HeadModel, spec: SampleSpec, hide: str | None = None) -> dict:
    """Label `spec`; `hide` covers everything below the nose by a flat thing of that region."""
    posed = model.pose(model.shape(spec.identity, spec.sitting), spec.shot.expression, spec.shot.gaze)
    transform = head_transform(spec.shot.camera, spec.shot.pose)
    cam = camera(spec.shot.camera, spec.size_px, transform[:3, 3])
    frame = paint(model, posed, transform, cam)
    if hide is not None:
        rows = slice(spec.size_px * 128 // 256, None)
        frame.ids[rows], frame.depth[rows], frame.normals[rows] = REGIONS[hide], 0.8, (0, 0, 1)
    image = np.full((spec.size_px, spec.size_px, 3), (190, 150, 125), np.uint8)
    return annotate(
        spec, posed, model, transform, cam, frame, image, {"exposure_gain": 1.25, "noise_sd": 2.5, "clipped_fraction": 0.125}
    )


@pytest.fixture(scope="module")
def frontal(model: HeadModel) -> dict:
    return shoot(model, sample())


def test_row_has_every_column_and_fits_the_table(frontal: dict) -> None:
    assert list(frontal) == [name for name in SCHEMA if name not in late_columns()]
    row = {**frontal, "file": "images/000001/000001_000.jpg", "sha256": "0" * 64, "split": "train"}
    table = pa.Table.from_pylist([row], schema=arrow_schema())
    assert table.to_pylist()[0]["landmarks_68"] == pytest.approx(frontal["landmarks_68"])
    json.dumps(frontal, allow_nan=False)  # plain numbers only, none missing


def test_parameters_are_copied(frontal: dict) -> None:
    expected = {
        "sex": "female",
        "age_years": 30,
        "ancestry": "european",
        "skin_monk": 5,
        "skin_L": 56.0,
        "eyewear": "none",
        "sunglasses": False,
        "mask_position": "none",
        "garment": "crew",
        "exposure_gain": 1.25,
        "makeup": False,
        "beard": "none",
    }
    assert {name: frontal[name] for name in expected} == expected
    assert SampleSpec.model_validate_json(frontal["sample"]) == sample()


@pytest.mark.parametrize(("yaw", "pitch", "roll"), [(0, 0, 0), (35, -12, 8), (-60, 20, -15), (85, 0, 0)])
def test_pnp_on_a_row_gives_its_pose(model: HeadModel, yaw: float, pitch: float, roll: float) -> None:
    row = shoot(model, sample(yaw, pitch, roll, size=128, center=(0.42, 0.55)))
    head = np.reshape(row["landmarks_68_head_m"], (-1, 3))
    pixels = np.reshape(row["landmarks_68"], (-1, 2))
    ok, rvec, tvec = cv2.solvePnP(head, pixels, np.reshape(row["K"], (3, 3)), None)
    assert ok
    found = projection.GL_TO_CV @ cv2.Rodrigues(rvec)[0]
    np.testing.assert_allclose(rotations.matrix_to_euler(found), (row["yaw_deg"], row["pitch_deg"], row["roll_deg"]), atol=0.2)
    np.testing.assert_allclose((row["yaw_deg"], row["pitch_deg"], row["roll_deg"]), (yaw, pitch, roll), atol=1e-6)
    transform = np.reshape(row["head_to_camera"], (4, 4))
    np.testing.assert_allclose(projection.GL_TO_CV @ tvec[:, 0], transform[:3, 3], atol=2e-3)
    np.testing.assert_allclose(rotations.transform_points(transform, head).ravel(), row["landmarks_68_camera_m"], atol=1e-5)


def test_landmarks_lie_where_anatomy_says(frontal: dict) -> None:
    right_eye, left_eye, nose, right_mouth, left_mouth = np.reshape(frontal["landmarks_5"], (5, 2))
    assert right_eye[0] < nose[0] < left_eye[0]  # the person's right is the picture's left
    assert right_eye[1] < nose[1] < right_mouth[1]
    assert right_mouth[0] < left_mouth[0]
    points = np.reshape(frontal["landmarks_68"], (68, 2))
    np.testing.assert_allclose(points[36:42].mean(axis=0), right_eye, atol=2.5)
    np.testing.assert_allclose(points[30], nose, atol=4)
    x, y, w, h = frontal["bbox"]
    inside = (points > (x - 3, y - 3)) & (points < (x + w + 3, y + h + 3))
    assert inside.all()


def test_frontal_face_is_visible_and_unoccluded(frontal: dict) -> None:
    assert frontal["occluded_fraction"] == 0
    assert frontal["face_in_frame"] == pytest.approx(1)
    assert all(frontal["landmarks_5_visible"])
    assert np.mean(frontal["landmarks_68_visible"][17:]) > 0.97
    assert frontal["ofiq_head_pose_yaw"] == frontal["ofiq_eyes_visible"] == frontal["ofiq_face_occlusion_prevention"] == 100


def test_profile_hides_the_far_side_by_itself(model: HeadModel) -> None:
    row = shoot(model, sample(yaw=85))  # turned to its own left: the right side of the face is seen
    assert row["landmarks_5_visible"][0]
    assert not row["landmarks_5_visible"][1]
    assert not any(row["landmarks_68_visible"][13:17])  # the left end of the jaw
    assert row["occluded_fraction"] == 0


def test_a_cover_below_the_nose_is_counted(model: HeadModel, frontal: dict) -> None:
    row = shoot(model, sample(), hide="facewear")
    assert 0.25 < row["occluded_fraction"] < 0.75
    assert row["bbox"] == frontal["bbox"]
    assert not any(row["landmarks_68_visible"][48:60])
    assert row["ofiq_mouth_occlusion_prevention"] == 0
    assert row["ofiq_eyes_visible"] > 90


def test_a_face_cut_by_the_edge_keeps_its_amodal_box(model: HeadModel, frontal: dict) -> None:
    row = shoot(model, sample(center=(0.0, 0.5)))
    assert 0.4 < row["face_in_frame"] < 0.7  # seen a little from its side, the inner half is the larger one
    assert row["bbox"][2:] == pytest.approx(frontal["bbox"][2:], rel=0.06)
    assert row["bbox"][0] < 0
    assert row["ofiq_leftward_crop"] < 5


def test_expression_scores_follow_the_face(model: HeadModel, frontal: dict) -> None:
    moved = shoot(model, sample(expression={"jawOpen": 0.8, "eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}))
    assert moved["mouth_opening"] > frontal["mouth_opening"] + 0.1
    assert moved["eye_opening"] < 0.5 * frontal["eye_opening"]
    assert moved["ofiq_mouth_closed"] < frontal["ofiq_mouth_closed"]
    assert moved["ofiq_eyes_open"] < frontal["ofiq_eyes_open"]


def test_row_is_deterministic(model: HeadModel) -> None:
    assert shoot(model, sample(20, 5, 3, size=96)) == shoot(model, sample(20, 5, 3, size=96))
