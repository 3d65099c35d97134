"""Pose and gaze of real rows against solvePnP and closed forms, through a strong lens too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pytest
from samples import sample
from scipy.spatial.transform import Rotation
from test_through_the_lens import through

from facegen.geometry import projection, rotations
from facegen.looks.eyes import eye_surfaces, iris_radius
from facegen.run.studio import Studio
from facegen.sample import Gaze, SampleSpec
from facegen.stage.lighting import pupil

POSES = [(0, 0, 0), (35, -12, 8), (-60, 20, -15), (80, 0, 30), (-20, -35, 60)]


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with Studio() as opened:
        yield opened


def looking(spec: SampleSpec, yaw: float, pitch: float, distance: float) -> SampleSpec:
    gaze = Gaze(yaw_deg=yaw, pitch_deg=pitch, distance_m=distance)
    return spec.model_copy(update={"shot": spec.shot.model_copy(update={"gaze": gaze})})


def grid(row: dict[str, Any], name: str, columns: int) -> np.ndarray:
    return np.reshape(row[name], (-1, columns)).astype(np.float64)


@pytest.mark.parametrize("distorted", [False, True])
@pytest.mark.parametrize("pose", POSES)
def test_solvepnp_on_a_row_gives_its_vectors(studio: Studio, pose: tuple[float, float, float], distorted: bool) -> None:
    row = studio.shoot(through(*pose) if distorted else sample(*pose, size=128)).row
    assert any(row["distortion"]) == distorted
    k, lens, head = grid(row, "K", 3), np.array(row["distortion"]), grid(row, "landmarks_68_head_m", 3)
    ok, rvec, tvec = cv2.solvePnP(head, grid(row, "landmarks_68", 2), k, lens)
    assert ok
    label = cv2.Rodrigues(np.array(row["head_rvec"]))[0]
    assert rotations.angle_between_deg(cv2.Rodrigues(rvec)[0], label) < 0.2
    np.testing.assert_allclose(tvec[:, 0], row["head_tvec_m"], atol=2e-3)
    pixels = cv2.projectPoints(head, np.array(row["head_rvec"]), np.array(row["head_tvec_m"]), k, lens)[0][:, 0]
    np.testing.assert_allclose(pixels, grid(row, "landmarks_68", 2), atol=0.01)


@pytest.mark.parametrize("pose", POSES)
def test_pose_columns_say_one_thing(studio: Studio, pose: tuple[float, float, float]) -> None:
    row = studio.shoot(sample(*pose, size=64)).row
    turn = grid(row, "head_to_camera", 4)[:3, :3]
    w, x, y, z = row["head_quaternion"]
    np.testing.assert_allclose(Rotation.from_quat([x, y, z, w]).as_matrix(), turn, atol=1e-9)
    np.testing.assert_allclose(projection.GL_TO_CV @ cv2.Rodrigues(np.array(row["head_rvec"]))[0], turn, atol=1e-9)
    euler = Rotation.from_euler("YXZ", [row["yaw_deg"], row["pitch_deg"], row["roll_deg"]], degrees=True)
    np.testing.assert_allclose(euler.as_matrix(), turn, atol=1e-9)


@pytest.mark.parametrize(("yaw", "pitch", "distance"), [(0, 0, 100), (20, -10, 0.4), (-25, 15, 2), (5, 5, 0.2)])
def test_gaze_meets_what_it_looks_at(studio: Studio, yaw: float, pitch: float, distance: float) -> None:
    row = studio.shoot(looking(sample(30, -10, 12, size=64), yaw, pitch, distance)).row
    a, b = np.radians([yaw, pitch])
    way = np.array([np.sin(a) * np.cos(b), -np.sin(b), np.cos(a) * np.cos(b)])
    target, centers, gaze = distance * way, grid(row, "eye_centers_head_m", 3), grid(row, "gaze_head", 3)
    np.testing.assert_allclose(np.linalg.norm(gaze, axis=1), 1, atol=1e-9)
    np.testing.assert_allclose(gaze[2], way, atol=1e-9)
    for eye in (0, 1):
        np.testing.assert_allclose(gaze[eye], (target - centers[eye]) / np.linalg.norm(target - centers[eye]), atol=1e-6)
    transform = grid(row, "head_to_camera", 4)
    np.testing.assert_allclose(grid(row, "gaze_camera", 3), gaze @ transform[:3, :3].T, atol=1e-9)
    np.testing.assert_allclose(grid(row, "eye_centers_camera_m", 3), rotations.transform_points(transform, centers), atol=1e-9)
    for frame in ("head", "camera"):
        turns = Rotation.from_rotvec(grid(row, f"eye_rvecs_{frame}", 3)).as_matrix()
        np.testing.assert_allclose(turns[:, :, 2], grid(row, f"gaze_{frame}", 3)[:2], atol=1e-6)
    rays = grid(row, "pupils_head_m", 3) - centers  # pupils lie on the optical axes, a radius out
    np.testing.assert_allclose(rays, gaze[:2] * np.array(row["eye_radius_m"])[:, None], atol=1e-6)


def test_a_face_that_looks_into_the_lens_has_gaze_towards_the_camera(studio: Studio) -> None:
    spec = sample(0, 0, 0, size=64)
    row = studio.shoot(spec).row
    transform = grid(row, "head_to_camera", 4)
    lens = rotations.inverse_rigid(transform)[:3, 3]  # in the head frame
    yaw, pitch = np.degrees(np.arctan2(lens[0], lens[2])), np.degrees(np.arctan2(-lens[1], np.hypot(lens[0], lens[2])))
    row = studio.shoot(looking(spec, yaw, pitch, float(np.linalg.norm(lens)))).row
    centers = grid(row, "eye_centers_camera_m", 3)
    np.testing.assert_allclose(grid(row, "gaze_camera", 3)[:2], -centers / np.linalg.norm(centers, axis=1)[:, None], atol=1e-6)


def test_pupils_are_what_the_shader_is_given(studio: Studio) -> None:
    spec = sample(size=64)
    posed = studio.model.pose(studio.model.shape(spec.identity, spec.sitting), spec.shot.expression, spec.shot.gaze)
    params = eye_surfaces(posed, spec.identity, spec.sitting)[0].material.params
    drawn = np.clip(params["pupil"] * pupil(spec.shot.light), 0.2, 0.72)
    row = studio.shoot(spec).row
    assert row["pupil_diameter_m"] == pytest.approx(2 * drawn * iris_radius(spec.identity), rel=1e-9)
    assert row["iris_radius_m"] == pytest.approx(params["iris_radius"] * float(posed.eye_radius[0]), rel=1e-6)
    assert 0.0015 < row["pupil_diameter_m"] < 0.009


def test_seventy_points_are_sixty_eight_and_the_pupils(studio: Studio) -> None:
    row = studio.shoot(sample(20, 5, 3, size=96)).row
    every, five = grid(row, "landmarks_70", 2), grid(row, "landmarks_5", 2)
    np.testing.assert_array_equal(every[:68], grid(row, "landmarks_68", 2))
    np.testing.assert_array_equal(every[68:], five[:2])
    assert row["landmarks_70_visible"] == [*row["landmarks_68_visible"], *row["landmarks_5_visible"][:2]]
    k = grid(row, "K", 3)
    seen = grid(row, "pupils_camera_m", 3) @ projection.GL_TO_CV @ k.T
    np.testing.assert_allclose(seen[:, :2] / seen[:, 2:], every[68:], atol=1e-3)
