"""Distortion, rolling shutter and the lines of sight against OpenCV and against each other."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from facegen.errors import SpecError
from facegen.geometry import distortion, projection
from facegen.geometry.framing import face_position, gravity_to_camera
from facegen.sample import CameraSpec, Motion
from facegen.scene import Camera
from facegen.stage.camera import camera

LENSES = [(-0.12, 0.03, 0.001, -0.002, 0.0), (0.08, -0.02, -0.0015, 0.0005, 0.004), (-0.25, 0.09, 0.0, 0.0, -0.01)]
SPEC = CameraSpec(profile="test", focal_mm=26, distance_m=0.6, center_x=0.45, center_y=0.55, principal_x=0.1, principal_y=-0.06)


@pytest.mark.parametrize("lens", LENSES)
def test_projection_agrees_with_opencv(lens: tuple[float, ...]) -> None:
    cam = camera(SPEC.model_copy(update={"distortion": lens}), 256)
    points = np.random.default_rng(1).uniform([-0.25, -0.25, -1.2], [0.25, 0.25, -0.6], (500, 3))
    expected, _ = cv2.projectPoints(points @ projection.GL_TO_CV, np.zeros(3), np.zeros(3), cam.K, np.array(lens))
    np.testing.assert_allclose(projection.project(points, cam), expected[:, 0], atol=1e-6)
    back = projection.unproject(projection.project(points, cam), -points[:, 2], cam)
    np.testing.assert_allclose(back, points, atol=1e-9)


@pytest.mark.parametrize("lens", LENSES)
def test_inverse_agrees_with_opencv(lens: tuple[float, ...]) -> None:
    seen = np.random.default_rng(2).uniform(-0.5, 0.5, (500, 2))
    stop = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 200, 1e-12)
    expected = cv2.undistortPointsIter(seen[:, None], np.eye(3), np.array(lens), None, None, stop)[:, 0]
    np.testing.assert_allclose(distortion.undistort(seen, lens), expected, atol=1e-6)


def test_beyond_its_reach_a_lens_goes_on_steadily() -> None:
    """A barrel polynomial folds back at r = 1.67 (k1 = -0.12); what lies farther out must stay outside, in order."""
    lens, reach = (-0.12, 0.0, 0.0, 0.0, 0.0), 1.2
    r = np.linspace(0, 30, 5000)
    bent = distortion.distort(np.stack([r, 0 * r], axis=1), lens, reach)[:, 0]
    assert (np.diff(bent) > 0).all()
    np.testing.assert_allclose(distortion.undistort(np.stack([bent, 0 * bent], axis=1), lens, reach)[:, 0], r, atol=1e-8)


def test_a_lens_that_shows_points_twice_is_refused() -> None:
    with pytest.raises(SpecError, match="folds back"):
        camera(SPEC.model_copy(update={"distortion": (-0.9, 0.0, 0.0, 0.0, 0.0)}), 64)


@pytest.mark.parametrize("lens", LENSES)
def test_the_face_is_placed_through_the_lens(lens: tuple[float, ...]) -> None:
    spec = SPEC.model_copy(update={"distortion": lens})
    at = projection.project(face_position(spec)[None], camera(spec, 200))[0]
    np.testing.assert_allclose(at, (90, 110), atol=1e-6)


def test_lines_of_sight_are_the_inverse_of_the_projection() -> None:
    """Every pixel's line, followed to a metre and projected again, ends at that pixel's centre."""
    spin = Motion(camera_spin=(30.0, -20.0, 40.0))
    cam = camera(SPEC.model_copy(update={"distortion": LENSES[0], "readout_s": 0.03, "motion": spin}), 96)
    xy = projection.lines_of_sight(cam).reshape(-1, 2).astype(float)
    centres = np.stack(np.meshgrid(np.arange(96) + 0.5, np.arange(96) + 0.5), axis=2).reshape(-1, 2)
    ways = np.column_stack([xy[:, 0], -xy[:, 1], -np.ones(len(xy))])
    # what stands still is met where the camera's turn has brought it by then: the far drift takes the head's place
    still = projection.project(ways, _turning_only(cam))
    np.testing.assert_allclose(still, centres, atol=0.03)


def _turning_only(cam: Camera) -> Camera:
    return replace(cam, drift=np.column_stack([cam.drift_far, np.zeros(3)]))


def test_rolling_shutter_meets_each_point_at_its_own_row() -> None:
    """A point that moves across by v is met v t aside, where t is the time of the row it is met at."""
    speed, readout, size = 0.8, 0.03, 256
    motion = Motion(head_velocity=(speed, 0.5, 0.0))
    spec = SPEC.model_copy(update={"motion": motion, "readout_s": readout})
    cam, still = camera(spec, size), camera(SPEC, size)
    points = np.random.default_rng(3).uniform([-0.1, -0.15, -0.7], [0.1, 0.15, -0.5], (50, 3))
    met = projection.project(points, cam)
    t = readout * (met[:, 1] / size - 0.5)
    there = points + t[:, None] * np.array([speed, 0.5, 0.0])
    np.testing.assert_allclose(projection.project(there, still), met, atol=0.005)
    assert np.abs(met - projection.project(points, still)).max() > 1


def test_head_and_camera_turn_as_named() -> None:
    """A head that yaws moves its nose to its own left (picture right); a camera that yaws to its left moves all to the right; one
    that pitches up (> 0, right-handed about X) moves all down; one that rolls counter-clockwise turns all clockwise."""
    nose = face_position(SPEC) + [0, 0, 0.1]
    head = camera(SPEC.model_copy(update={"motion": Motion(head_spin=(10.0, 0, 0))}), 256)
    assert projection.streaks(nose[None], head.drift, 0.01, head)[0, 0] > 0
    for spin, axis, sign in (((10.0, 0, 0), 0, 1), ((0, 10.0, 0), 1, 1)):
        cam = camera(SPEC.model_copy(update={"motion": Motion(camera_spin=spin)}), 256)
        assert sign * projection.streaks(nose[None], cam.drift, 0.01, cam)[0, axis] > 0
    rolled = camera(SPEC.model_copy(update={"motion": Motion(camera_spin=(0, 0, 10.0))}), 256)
    assert projection.streaks(np.array([[0.0, 0.2, -1.0]]), rolled.drift, 0.01, rolled)[0, 0] > 0


def test_up_as_a_tilted_and_turned_camera_sees_it() -> None:
    up = np.array([0.0, 1.0, 0.0])
    np.testing.assert_allclose(gravity_to_camera(90, 0) @ up, [0, 0, 1], atol=1e-12)  # it looks straight down
    turned = gravity_to_camera(0, 20) @ up
    assert turned[0] > 0.3 and turned[1] > 0.9  # a camera turned counter-clockwise sees the world lean clockwise
