"""Visibility, occlusion, boxes, skin tone and quality on scenes with closed forms."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import spheres
import trimesh

from facegen.annotate import boxes, landmarks, quality, regions, schema, skin_tone
from facegen.geometry import projection, rotations
from facegen.looks.color import encode, linear_from_lab
from facegen.scene import REGIONS, Frame

IDENTITY = np.eye(4)


def see(points: np.ndarray, frame: Frame) -> landmarks.Points:
    return landmarks.see(points, IDENTITY, spheres.CAMERA, frame)


def test_visibility_on_a_ball_is_facing_the_camera() -> None:
    points = spheres.sphere_points(5000)
    facing = spheres.faces_camera(points)
    got = see(points, spheres.ball()).visible
    # Of the points within a few degrees of the outline a pixel cannot say more.
    clear = np.abs(facing) > 0.15
    assert (got[clear] == (facing[clear] > 0)).mean() >= 0.999
    assert (got == (facing > 0)).mean() > 0.97


@pytest.mark.parametrize(
    ("region", "hides"), [("facewear", True), ("glasses", True), ("hair", True), ("clothing", True), ("beard", False)]
)
def test_a_screen_hides_unless_it_is_the_face_itself(region: str, hides: bool) -> None:
    points = spheres.sphere_points(2000)
    points = points[spheres.faces_camera(points) > 0.3]
    distance = 0.7 if hides else None
    frame = spheres.ball()
    if distance is None:  # a beard lies close before the skin
        ids = frame.ids.copy()
        ids[ids > 0] = REGIONS[region]
        frame = Frame(frame.rgb, frame.coverage, ids, np.where(ids > 0, frame.depth - 0.015, 0).astype(np.float32), frame.normals)
        assert see(points, frame).visible.all()
        return
    seen = see(points, spheres.screened(frame, REGIONS[region], distance))
    left = seen.pixels[:, 0] < spheres.SIZE / 2 - 1
    right = seen.pixels[:, 0] > spheres.SIZE / 2 + 1
    assert not seen.visible[left].any()
    assert seen.visible[right].all()


def test_a_mask_two_millimetres_before_the_skin_hides_it() -> None:
    points = spheres.sphere_points(500)
    points = points[spheres.faces_camera(points) > 0.3]
    skin = spheres.ball()
    mask = Frame(
        skin.rgb, skin.coverage, skin.ids * 18, np.where(skin.ids > 0, skin.depth - 0.002, 0).astype(np.float32), skin.normals
    )
    assert not see(points, mask).visible.any()


def test_points_outside_the_picture_are_invisible_but_have_pixels() -> None:
    seen = see(np.array([[0.5, 0, -1.0], [0, 0, 1.0]]), spheres.ball())
    assert not seen.visible.any()
    assert seen.pixels[0, 0] > spheres.SIZE


def test_eye_slack_reaches_past_lashes() -> None:
    point = spheres.CENTER + [0, 0, spheres.RADIUS]
    lashes = spheres.ball(radius=spheres.RADIUS + 0.008)
    points = point[None]
    assert not landmarks.see(points, IDENTITY, spheres.CAMERA, lashes).visible[0]
    assert landmarks.see(points, IDENTITY, spheres.CAMERA, lashes, landmarks.eye_slack(1, [0])).visible[0]


def test_pnp_on_points_gives_the_pose_back() -> None:
    rng = np.random.default_rng(5)
    for yaw, pitch, roll in rng.uniform([-80, -40, -40], [80, 40, 40], (20, 3)):
        transform = rotations.rigid(rotations.euler_to_matrix(yaw, pitch, roll), [0.05, -0.02, -0.9])
        head = rng.normal(0, 0.05, (68, 3))
        seen = landmarks.see(head, transform, spheres.CAMERA, spheres.ball())
        _, rvec, tvec = cv2.solvePnP(seen.head, seen.pixels.astype(np.float32), spheres.CAMERA.K, None)
        found = projection.GL_TO_CV @ cv2.Rodrigues(rvec)[0]
        assert rotations.angle_between_deg(found, transform[:3, :3]) < 0.2
        np.testing.assert_allclose(rotations.matrix_to_euler(found), (yaw, pitch, roll), atol=0.2)
        np.testing.assert_allclose(projection.GL_TO_CV @ tvec[:, 0], transform[:3, 3], atol=1e-3)


def ball_mesh() -> tuple[np.ndarray, regions.Area]:
    mesh = trimesh.creation.icosphere(subdivisions=5, radius=spheres.RADIUS)
    return mesh.vertices + spheres.CENTER, regions.area(mesh.faces)


def test_occlusion_of_a_bare_ball_is_zero_and_it_is_in_frame() -> None:
    assert regions.face_occlusion(*ball_mesh(), spheres.CAMERA, spheres.ball())[:2] == (0.0, pytest.approx(1.0))


@pytest.mark.parametrize("cut", [110, 128, 150])
def test_occlusion_is_the_share_of_the_disc_behind_the_screen(cut: int) -> None:
    bare = spheres.ball()
    covered = spheres.screened(bare, REGIONS["facewear"], columns=slice(0, cut))
    expected = (bare.ids[:, :cut] > 0).sum() / (bare.ids > 0).sum()
    hidden = regions.face_occlusion(*ball_mesh(), spheres.CAMERA, covered).fraction
    assert hidden == pytest.approx(expected, abs=0.01)


def test_a_screen_behind_the_face_hides_nothing() -> None:
    bare = spheres.ball()
    ids = np.where(bare.ids == 0, REGIONS["hair"], bare.ids).astype(np.uint8)
    depth = np.where(bare.ids == 0, 1.2, bare.depth).astype(np.float32)
    hidden = regions.face_occlusion(
        *ball_mesh(), spheres.CAMERA, Frame(bare.rgb, bare.coverage, ids, depth, bare.normals)
    ).fraction
    assert hidden < 0.005


def test_face_in_frame_of_a_half_cut_ball() -> None:
    vertices, faces = ball_mesh()
    edge = projection.unproject([[0.0, 128.0]], [1.0], spheres.CAMERA)[0]
    in_frame = regions.face_occlusion(vertices - spheres.CENTER + edge, faces, spheres.CAMERA, spheres.ball(center=edge)).in_frame
    assert in_frame == pytest.approx(0.5, abs=0.02)


def test_self_occlusion_does_not_count_as_occlusion() -> None:
    """A small ball of the face's own stands before the big one: no occluder, no occlusion."""
    small = spheres.ball(region=2, center=np.array([0.02, -0.01, -0.8]), radius=0.04)
    big = spheres.ball()
    nearer = small.ids > 0
    frame = Frame(
        big.rgb, big.coverage, np.where(nearer, small.ids, big.ids), np.where(nearer, small.depth, big.depth), big.normals
    )
    assert regions.face_occlusion(*ball_mesh(), spheres.CAMERA, frame)[0] == 0


def test_polygon_occlusion_counts_pixels() -> None:
    frame = spheres.screened(spheres.ball(), REGIONS["glasses"])
    square = np.array([(108, 108), (148, 108), (148, 148), (108, 148)], float)
    assert regions.polygon_occlusion(square, 0.9, frame) == pytest.approx(0.5, abs=0.03)
    assert regions.polygon_occlusion(square, 0.5, frame) == 0  # the screen is behind
    assert regions.polygon_occlusion(square + 1000, 0.9, frame) == 0


def test_region_shares_and_masks() -> None:
    frame = spheres.ball()
    shares = regions.region_shares(frame.ids)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["skin"] == pytest.approx(regions.region_mask(frame.ids, "skin").mean())
    assert set(np.unique(frame.ids)) <= set(regions.DECLARED)


def test_box_of_a_ball() -> None:
    vertices, _ = ball_mesh()
    x, y, w, h = boxes.tight(projection.project(vertices, spheres.CAMERA))
    rows, columns = np.nonzero(spheres.ball().ids)
    np.testing.assert_allclose([x, y, x + w, y + h], [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], atol=1.0)


def test_box_arithmetic() -> None:
    assert boxes.iou((0, 0, 2, 2), (1, 1, 2, 2)) == pytest.approx(1 / 7)
    assert boxes.iou((0, 0, 1, 1), (5, 5, 1, 1)) == 0
    assert boxes.clip((-10, 5, 20, 300), 100) == (0, 5, 10, 95)
    assert boxes.clip((-10, 5, 5, 10), 100)[2] == 0


def test_apparent_tone_reads_the_skin_only() -> None:
    frame = spheres.ball()
    lab = np.array([55.0, 12.0, 18.0])
    image = np.full((spheres.SIZE, spheres.SIZE, 3), 255, np.uint8)
    image[frame.ids > 0] = np.round(encode(linear_from_lab(lab)) * 255)
    np.testing.assert_allclose(skin_tone.apparent_lab(image, frame.ids), lab, atol=0.5)
    assert skin_tone.apparent_lab(image, np.zeros_like(frame.ids)) is None


def test_every_swatch_is_nearest_to_itself() -> None:
    for number, lab in enumerate(skin_tone._swatches(), start=1):
        assert skin_tone.nearest_swatch(lab) == (number, pytest.approx(0, abs=1e-6))


def face68(
    inter_eye: float = 80.0, opening: float = 8.0, mouth: float = 0.0, origin: tuple[float, float] = (128, 110)
) -> np.ndarray:
    points = np.zeros((68, 2))
    for first, side in ((36, -1), (42, 1)):
        x = side * inter_eye / 2
        points[first : first + 6] = [
            (x - 12, 0),
            (x - 4, -opening / 2),
            (x + 4, -opening / 2),
            (x + 12, 0),
            (x + 4, opening / 2),
            (x - 4, opening / 2),
        ]
    points[8] = (0, 100)
    for upper, lower in quality.LIP_PAIRS:
        points[upper], points[lower] = (0, 60 - mouth / 2), (0, 60 + mouth / 2)
    return points + origin


def scores(
    points: np.ndarray,
    size: int = 256,
    view: tuple[float, float, float] = (0, 0, 0),
    hidden: tuple[float, float, float] = (0, 0, 0),
) -> dict:
    return quality.from_geometry(quality.measure(points), size, view, hidden, covered_head=False)


def test_geometric_quality_scores_at_known_values() -> None:
    assert scores(face68(inter_eye=70))["inter_eye_distance"] == 50  # the logistic's middle
    assert scores(face68(), view=(45, 0, 0))["head_pose_yaw"] == 50
    assert scores(face68(opening=2.0))["eyes_open"] == 50
    assert scores(face68(mouth=20.0))["mouth_closed"] == 50
    assert scores(face68(), size=222)["head_size"] == pytest.approx(100, abs=1)  # T/H = 0.45
    assert scores(face68(), hidden=(0.25, 0.5, 1))["eyes_visible"] == 75
    assert scores(face68(origin=(40 + 72, 110)))["leftward_crop"] == 50
    good = scores(face68(inter_eye=140, mouth=0, origin=(300, 300)), size=600)
    assert set(good) == set(quality.GROUND_TRUTH)
    assert min(good[n] for n in ("head_pose_yaw", "eyes_open", "mouth_closed", "upward_crop", "downward_crop")) >= 95


def test_pixel_quality_scores() -> None:
    m = quality.measure(face68())
    face = np.ones((256, 256), bool)
    flat = np.full((256, 256, 3), (200, 160, 135), np.uint8)
    got = quality.from_pixels(flat, face, m, 170)
    assert set(got) == set(quality.PIXELS)
    assert (got["dynamic_range"], got["illumination_uniformity"], got["over_exposure_prevention"]) == (0, 100, 100)
    assert got["natural_colour"] == 100
    assert quality.from_pixels(np.full_like(flat, 255), face, m, 170)["over_exposure_prevention"] <= 1
    assert quality.from_pixels(np.zeros_like(flat), face, m, 170)["under_exposure_prevention"] < 15
    halves = flat.copy()
    halves[:, :128] = 30
    assert quality.from_pixels(halves, face, m, 170)["illumination_uniformity"] == 0
    assert quality.from_pixels(flat, ~face, m, 170) == dict.fromkeys(quality.PIXELS)


def test_schema_covers_the_design_and_the_page_is_up_to_date() -> None:
    core = {
        "image_id",
        "identity_id",
        "sitting_id",
        "file",
        "sha256",
        "split",
        "sex",
        "sex_value",
        "age_years",
        "age_band",
        "ancestry",
        "skin_monk",
        "skin_L",
        "skin_a",
        "skin_b",
        "expression",
        "yaw_deg",
        "pitch_deg",
        "roll_deg",
        "view_yaw_deg",
        "view_pitch_deg",
        "light",
        "camera",
        "degradation",
        "eyewear",
        "mask",
        "headwear",
        "occluded_fraction",
        "bbox",
        "landmarks_5",
        "landmarks_68",
        "K",
        "sample",
    }
    assert core <= set(schema.SCHEMA)
    assert schema.arrow_schema().names == list(schema.SCHEMA)
    page = (Path(__file__).parents[2] / "docs/labels.md").read_text()
    assert schema.updated_page(page) == page, "run: python -m facegen.annotate.schema docs/labels.md"
