"""Rotations, projection and alignment against closed forms and OpenCV."""

import cv2
import numpy as np
import pytest

from facegen.geometry import align, projection, rotations
from facegen.scene import Camera

K = np.array([[400.0, 0, 128], [0, 400, 120], [0, 0, 1]])
CAMERA = Camera(K, 256)


def test_euler_round_trip_over_the_sphere() -> None:
    rng = np.random.default_rng(1)
    for yaw, pitch, roll in rng.uniform([-179, -89, -179], [179, 89, 179], (200, 3)):
        got = rotations.matrix_to_euler(rotations.euler_to_matrix(yaw, pitch, roll))
        np.testing.assert_allclose(got, (yaw, pitch, roll), atol=1e-6)


def test_euler_at_the_pole_keeps_the_rotation() -> None:
    r = rotations.euler_to_matrix(30, 90, 20)
    np.testing.assert_allclose(rotations.euler_to_matrix(*rotations.matrix_to_euler(r)), r, atol=1e-9)


@pytest.mark.parametrize(
    ("angles", "head_axis", "expected"),
    [
        ((30, 0, 0), (0, 0, 1), (0.5, 0, np.sqrt(0.75))),  # yaw > 0: the face turns to its own left, right in the picture
        ((0, 30, 0), (0, 0, 1), (0, -0.5, np.sqrt(0.75))),  # pitch > 0: the face looks down
        ((0, 0, 30), (0, 1, 0), (-0.5, np.sqrt(0.75), 0)),  # roll > 0: the crown leans to the person's right
    ],
)
def test_signs_are_those_of_iso_39794_5(
    angles: tuple[float, ...], head_axis: tuple[float, ...], expected: tuple[float, ...]
) -> None:
    np.testing.assert_allclose(rotations.euler_to_matrix(*angles) @ head_axis, expected, atol=1e-12)


def test_roll_is_applied_first_and_yaw_last() -> None:
    r = rotations.euler_to_matrix(90, 0, 30)
    np.testing.assert_allclose(r @ [0, 0, 1], [1, 0, 0], atol=1e-12)  # rolling about the face's axis does not move it


def test_angle_between_small_and_large() -> None:
    for angle in (1e-5, 1.0, 179.0):
        assert rotations.angle_between_deg(np.eye(3), rotations.euler_to_matrix(angle, 0, 0)) == pytest.approx(angle, rel=1e-6)


def test_rigid_inverse() -> None:
    t = rotations.rigid(rotations.euler_to_matrix(20, 10, 5), [0.1, 0.2, -1])
    np.testing.assert_allclose(rotations.inverse_rigid(t) @ t, np.eye(4), atol=1e-12)


def test_projection_agrees_with_opencv_and_inverts() -> None:
    points = np.random.default_rng(2).uniform([-0.2, -0.2, -2], [0.2, 0.2, -0.5], (50, 3))
    expected, _ = cv2.projectPoints(points @ projection.GL_TO_CV, np.zeros(3), np.zeros(3), K, None)
    got = projection.project(points, CAMERA)
    np.testing.assert_allclose(got, expected[:, 0], atol=1e-9)
    np.testing.assert_allclose(projection.unproject(got, -points[:, 2], CAMERA), points, atol=1e-9)


def test_points_behind_the_camera_have_no_pixel() -> None:
    uv = projection.project([[0, 0, 1.0]], CAMERA)
    assert np.isnan(uv).all()
    assert not projection.pixel_index(uv, 256)[2][0]


def test_similarity_recovers_and_inverts() -> None:
    src = np.random.default_rng(3).uniform(0, 100, (5, 2))
    angle, scale = 0.3, 0.4
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    m = align.similarity(src, src @ linear.T + [7, -3])
    np.testing.assert_allclose(m, np.column_stack([linear, [7, -3]]), atol=1e-9)
    np.testing.assert_allclose(align.apply(align.invert(m), align.apply(m, src)), src, atol=1e-9)


def test_similarity_is_the_least_squares_one() -> None:
    rng = np.random.default_rng(4)
    src, dst = rng.uniform(0, 100, (2, 5, 2))
    a = np.zeros((10, 4))  # x' = a x - b y + c, y' = b x + a y + d solved as plain linear least squares
    a[0::2], a[1::2] = (
        np.column_stack([src[:, 0], -src[:, 1], np.ones(5), np.zeros(5)]),
        np.column_stack([src[:, 1], src[:, 0], np.zeros(5), np.ones(5)]),
    )
    s = np.linalg.lstsq(a, dst.ravel(), rcond=None)[0]
    np.testing.assert_allclose(align.similarity(src, dst), [[s[0], -s[1], s[2]], [s[1], s[0], s[3]]], atol=1e-9)


@pytest.mark.parametrize("lens", [(0.0,) * 5, (-0.3, 0.05, 0.003, -0.002, 0.0)])
def test_crop_puts_the_points_on_the_template(lens: tuple[float, ...]) -> None:
    """Five bright dots drawn at the projected points are found at the template's coordinates, pixel-centre base."""
    camera = Camera(K, 256, distortion=lens)
    head = np.array([[-0.03, 0.0, 0.01], [0.03, 0, 0.01], [0, -0.035, 0.04], [-0.025, -0.068, 0.02], [0.025, -0.068, 0.02]])
    transform = rotations.rigid(rotations.euler_to_matrix(5, -3, 10), [0, 0.03, -0.5])
    uv = projection.project(rotations.transform_points(transform, head), camera)
    vv, uu = np.mgrid[:256, :256] + 0.5
    for k in range(5):
        blob = 255 * np.exp(-((uu - uv[k, 0]) ** 2 + (vv - uv[k, 1]) ** 2) / 18)
        crop = align.arcface_crop(np.repeat(blob[..., None], 3, 2).astype(np.uint8), head, transform, camera)[..., 0].astype(
            float
        )
        yy, xx = np.mgrid[:112, :112]
        centre = np.array([(xx * crop).sum(), (yy * crop).sum()]) / crop.sum()
        expected = align.apply(align.arcface_matrix(uv), align.to_centre(uv))[k]
        np.testing.assert_allclose(centre, expected, atol=0.1)


def test_identity_warp_changes_nothing() -> None:
    image = np.random.default_rng(5).integers(0, 256, (112, 112, 3), np.uint8)
    np.testing.assert_array_equal(align.warp(image, np.eye(2, 3), 112), image)


def test_ffhq_square_is_that_of_the_published_script() -> None:
    """The quad of Karras et al.'s recreate_aligned_images, written out as they do, falls on the crop's outer corners."""
    points = np.random.default_rng(3).normal(size=(68, 2)) * 5 + 60
    points[36:42], points[42:48] = points[36:42] * 0.1 + (45, 50), points[42:48] * 0.1 + (75, 56)
    points[48], points[54] = (48, 92), (70, 95)
    eye_left, eye_right = points[36:42].mean(0), points[42:48].mean(0)
    eye_avg, eye_to_eye = (eye_left + eye_right) * 0.5, eye_right - eye_left
    eye_to_mouth = (points[48] + points[54]) * 0.5 - eye_avg
    x = eye_to_eye - np.flipud(eye_to_mouth) * [-1, 1]
    x /= np.hypot(*x)
    x *= max(np.hypot(*eye_to_eye) * 2.0, np.hypot(*eye_to_mouth) * 1.8)
    y = np.flipud(x) * [-1, 1]
    c = eye_avg + eye_to_mouth * 0.1
    quad = np.stack([c - x - y, c - x + y, c + x + y, c + x - y])
    moved = align.to_corner(align.apply(align.ffhq_matrix(points, 200), align.to_centre(quad)))
    np.testing.assert_allclose(moved, [(0, 0), (0, 200), (200, 200), (200, 0)], atol=1e-9)


def test_loose_square_holds_the_box_in_its_middle() -> None:
    m = align.loose_matrix((10, 20, 30, 40), 112, 1.4)
    corners = align.to_corner(align.apply(m, align.to_centre([(25 - 28, 40 - 28), (25 + 28, 40 + 28), (25, 40)])))
    np.testing.assert_allclose(corners, [(0, 0), (112, 112), (56, 56)], atol=1e-9)
    np.testing.assert_allclose(align.rebased(align.rebased(m), -0.5), m, atol=1e-9)


def test_a_square_of_whole_pixels_is_a_plain_cut() -> None:
    image = np.random.default_rng(0).integers(0, 256, (90, 90, 3), np.uint8)
    crop = align.warp(image, align.loose_matrix((20, 10, 50, 50), 50, 1.0), 50)
    np.testing.assert_array_equal(crop, image[10:60, 20:70])


def test_fill_touches_only_what_is_near_or_beyond_the_edge() -> None:
    image = np.random.default_rng(0).integers(0, 256, (100, 100, 3), np.uint8)
    matrix = align.loose_matrix((0, 0, 100, 100), 200, 2.0)  # one pixel a pixel, 50 beyond on every side
    black, blurred = align.warp(image, matrix, 200), align.warp(image, matrix, 200, fill="blur")
    assert not black[:50].any() and not black[:, 150:].any() and blurred[:40].min() > 60
    reach = 50 + 20  # the blur ends 0.1 of the side inside the picture
    np.testing.assert_array_equal(blurred[reach:-reach, reach:-reach], black[reach:-reach, reach:-reach])
    assert blurred[:10].std() < 0.2 * image.std()
    inside = align.loose_matrix((30, 30, 40, 40), 40, 1.0)
    np.testing.assert_array_equal(align.warp(image, inside, 40, fill="blur"), align.warp(image, inside, 40))
