"""Charts through the real chain: what a laboratory would measure on the photographs is what the sample declares."""

from __future__ import annotations

import charts
import cv2
import numpy as np
import pytest
from charts import BLACK, WHITE

from facegen.geometry import projection, rotations, thinlens
from facegen.render.engine import Engine
from facegen.sample import Motion
from facegen.stage.camera import camera

COLUMNS, ROWS, SIDE = 10, 8, 0.032
LENSES = [(-0.14, 0.04, 0.0012, -0.0015, 0.0), (0.07, -0.02, -0.001, 0.001, 0.0)]


@pytest.mark.parametrize("lens", LENSES)
def test_a_board_gives_the_lens_back(engine: Engine, lens: tuple[float, ...]) -> None:
    """cv2.calibrateCamera on twelve 8-bit photographs; bars: 0.15 px rms (samples are 0.25 px apart), 0.25 px over the field,
    k1 0.01, focal length 0.3%."""
    size = 252  # drawn in 4 x 4 samples: half of a sample is 0.13 px
    what = charts.spec(distance_m=0.65, distortion=lens, principal_x=0.03, principal_y=-0.02)
    cam, rng = camera(what, size), np.random.default_rng(4)
    board = charts.inner_corners(COLUMNS, ROWS, SIDE, np.eye(3), np.zeros(3)) @ projection.GL_TO_CV
    objects, found = [], []
    for _ in range(12):
        turn = rotations.euler_to_matrix(*rng.uniform([-32, -32, -15], [32, 32, 15]))
        at = np.array([*rng.uniform(-0.05, 0.05, 2), -rng.uniform(0.42, 0.5)])
        light, _ = charts.shoot(engine, charts.board(COLUMNS, ROWS, SIDE, turn, at), what, size, behind=0.3)
        image = charts.photograph(light)[..., 1]
        expected = projection.project(charts.inner_corners(COLUMNS, ROWS, SIDE, turn, at), cam) - 0.5
        inside = ((expected > 12) & (expected < size - 12)).all(axis=1)
        stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_COUNT, 60, 1e-3)
        seen = cv2.cornerSubPix(image, expected[inside, None].astype(np.float32) + 0.7, (5, 5), (-1, -1), stop)[:, 0]
        assert np.sqrt(((seen - expected[inside]) ** 2).sum(1)).max() < 0.35  # the corner itself was found
        objects.append(board[inside].astype(np.float32))
        found.append(seen + np.float32(0.5))
    k0 = np.array([[300.0, 0, size / 2], [0, 300, size / 2], [0, 0, 1]])
    flags = cv2.CALIB_FIX_K3 | cv2.CALIB_USE_INTRINSIC_GUESS
    rms, k, coefficients, *_ = cv2.calibrateCamera(objects, found, (size, size), k0, None, flags=flags)
    assert rms < 0.15
    assert k[0, 0] == pytest.approx(cam.K[0, 0], rel=0.003)
    np.testing.assert_allclose(k[:2, 2], cam.K[:2, 2], atol=1.0)
    assert coefficients.ravel()[0] == pytest.approx(lens[0], abs=0.01)
    field = np.stack(np.meshgrid(np.linspace(-0.3, 0.3, 9), np.linspace(-0.3, 0.3, 9), [1.0]), -1).reshape(-1, 3)
    ours, theirs = (
        cv2.projectPoints(field, np.zeros(3), np.zeros(3), m, np.array(d))[0][:, 0] for m, d in ((cam.K, lens), (k, coefficients))
    )
    assert np.abs((ours - ours.mean(0)) - (theirs - theirs.mean(0))).max() < 0.25


@pytest.mark.parametrize("size", [128, 256])
def test_beads_lie_where_labels_say_through_all_of_the_chain(engine: Engine, size: int) -> None:
    """The bar: 0.25 px, with distortion, rolling shutter, motion, defocus, fringes, glare and an 8-bit picture; green is where
    labels point."""
    motion = Motion(head_velocity=(0.25, 0.15, 0.1), head_spin=(20, -15, 25), camera_spin=(3, -2, 5))
    what = charts.spec(
        focal_mm=40.0, distance_m=0.6, distortion=(-0.35, 0.1, 0.002, -0.002, 0.0), principal_x=0.1, principal_y=-0.06,
        motion=motion, readout_s=0.025, f_number=1.8, crop=1.5, focus_offset_m=0.03,
        ca_red=0.001, ca_blue=-0.0012, ca_axial=0.002, vignette=0.3, flare=0.02,
    )  # fmt: skip
    x, y = np.meshgrid(np.linspace(-0.11, 0.11, 6), np.linspace(-0.11, 0.11, 6))
    places = np.column_stack([x.ravel(), y.ravel(), -0.6 + 0.25 * (x.ravel() ** 2 - y.ravel() * 0.4)])
    eyes = np.array([0.0, 0.0, -0.6])
    cam = camera(what, size, eyes)
    expected = projection.project(places, cam)
    still = projection.project_still(places, camera(what.model_copy(update={"distortion": (0.0,) * 5}), size))
    assert np.abs(expected - still).max() > 0.01 * size  # the warps are there
    errors = []
    for part in range(4):  # apart from each other
        light, _ = charts.shoot(engine, [charts.beads(places[part::4], 0.0025)], what, size, eyes_m=0.6)
        image = charts.linear(charts.photograph(light))[..., 1]
        image = np.maximum(image - np.median(image), 0)
        image[image < 0.004] = 0
        errors.append(charts.centroids(image, expected[part::4], max(4, size // 24)) - expected[part::4])
    assert np.hypot(*np.concatenate(errors).T).max() < 0.25


@pytest.mark.parametrize(("offset", "f_number"), [(0.25, 1.4), (-0.12, 1.4), (0.5, 2.0)])
def test_a_slanted_edge_is_as_soft_as_the_lens_equation_says(engine: Engine, offset: float, f_number: float) -> None:
    """An edge at 5 degrees: the variance of its line spread is that of the disc, d^2 / 16, and of the pixel; bar: 5% of d."""
    size = 256
    what = charts.spec(focal_mm=70.0, f_number=f_number, crop=1.0, focus_offset_m=offset)
    sharp = _edge_spread(engine, charts.spec(focal_mm=70.0), size)
    soft = _edge_spread(engine, what, size)
    disc = abs(float(thinlens.circle(what, 1.0, thinlens.focus_m(what, 1.0)))) * size
    assert disc > 2
    assert 4 * np.sqrt(soft**2 - sharp**2) == pytest.approx(disc, rel=0.05)


def _edge_spread(engine: Engine, what, size: int, **more) -> float:
    """Standard deviation (px, across the edge) of the line spread, from all rows brought together along the edge."""
    slope = np.tan(np.radians(5))
    half = 0.6
    left = charts.card(
        np.array([-half + slope * half, half, -1.0]),
        np.array([half, 0, 0]),
        np.array([-2 * slope * half, -2 * half, 0]),
        WHITE,
        40,
    )
    light, _ = charts.shoot(engine, [left], what, size, behind=BLACK, **more)
    rows = np.arange(size // 4, 3 * size // 4)
    v, u = np.meshgrid(rows + 0.5, np.arange(size) + 0.5, indexing="ij")
    across = (u - size / 2 + slope * (v - size / 2)) * np.cos(np.radians(5))
    near = np.abs(across) < 24
    bins = np.floor((across[near] + 24) * 4).astype(int)
    values = light[rows][..., 1][near]
    profile = np.bincount(bins, values, 192) / np.maximum(np.bincount(bins, minlength=192), 1)
    return charts.edge_profile(profile[::-1])[1] / 4


@pytest.mark.parametrize("exposure", [0.01, 0.025])
def test_the_smear_is_speed_times_exposure(engine: Engine, exposure: float) -> None:
    """Uniform motion across the edge: line spread of variance L^2 / 12; bar: 5% of L. The edge's middle stays where it was."""
    size, speed = 256, 0.9
    base = charts.spec(focal_mm=40.0)
    what = base.model_copy(update={"motion": Motion(head_velocity=(speed, 0.0, 0.0))})
    sharp, soft = _edge_spread(engine, base, size), _edge_spread(engine, what, size, exposure_s=exposure)
    length = speed * exposure * 40.0 / 24 * size * np.cos(np.radians(5))
    assert length > 3
    assert np.sqrt(12 * (soft**2 - sharp**2)) == pytest.approx(length, rel=0.05)


def test_a_turning_camera_smears_head_and_background_alike(engine: Engine) -> None:
    size, exposure = 128, 0.02
    what = charts.spec(focal_mm=40.0, motion=Motion(camera_spin=(40.0, 0.0, 0.0)))
    cam = camera(what, size)
    frame = engine.render(charts.Scene((charts.facing(1.0, 0.05, WHITE),), charts.EVEN, (), cam))
    background = np.zeros((size, size, 3), np.float32)
    background[:, 20] = 1.0  # a line
    light = charts.optics.through(charts.Lens(what, cam, 1.0, exposure), frame, background)[..., 1]
    length = np.radians(40.0) * exposure * 40 / 24 * size
    row = light[10, :45]
    at = np.arange(45) + 0.5
    middle = (row * at).sum() / row.sum()
    assert middle == pytest.approx(20.5, abs=0.1)
    assert np.sqrt(12 * ((row * (at - middle) ** 2).sum() / row.sum())) == pytest.approx(length, rel=0.15)
    edge = light[size // 2, : size // 2]
    middle, spread = charts.edge_profile(edge[28:])
    assert np.sqrt(12) * spread == pytest.approx(length, rel=0.1)


def test_a_grey_card_shows_the_vignette_it_was_given(engine: Engine) -> None:
    """8-bit photographs of a card that fills the frame; bar: 1% of the light at the middle."""
    size = 256
    card = [charts.facing(1.0, 0.8, 0.3)]
    flat, dark = (
        charts.linear(charts.photograph(charts.shoot(engine, card, charts.spec(vignette=v), size)[0]))[..., 1] for v in (0.0, 0.4)
    )
    ratio = dark / flat
    assert ratio[size // 2, size // 2] == pytest.approx(1, abs=0.01)
    for corner in (ratio[0, 0], ratio[0, -1], ratio[-1, 0], ratio[-1, -1]):
        assert corner == pytest.approx(0.6, abs=0.01)
    edge = ratio[size // 2, -2:].mean()  # r2 is half of the corner's
    assert edge == pytest.approx((1 + 0.5 * (0.6**-0.5 - 1)) ** -2, abs=0.01)


def test_colours_part_by_their_magnification(engine: Engine) -> None:
    size = 256
    what = charts.spec(focal_mm=40.0, ca_red=0.008, ca_blue=-0.006, principal_x=0.1)
    places = np.array([[0.2, 0.1, -1.0], [-0.22, -0.2, -1.0], [0.02, 0.2, -1.0]])
    cam = camera(what, size)
    light, _ = charts.shoot(engine, [charts.beads(places, 0.004)], what, size)
    red, green, blue = (charts.centroids(light[..., k], projection.project(places, cam), 5) for k in range(3))
    radius = projection.project(places, cam) - cam.K[:2, 2]
    np.testing.assert_allclose(red - green, 0.008 * radius, atol=0.05)
    np.testing.assert_allclose(blue - green, -0.006 * radius, atol=0.05)


def test_no_background_shines_through_between_layers(engine: Engine) -> None:
    """A card that leans far through the plane in focus stays of one grey before a black background and before a bright one."""
    what = charts.spec(focal_mm=70.0, f_number=1.2, crop=1.0)
    lean = charts.card(np.array([-0.5, 0.5, -0.75]), np.array([1.0, 0, -0.1]), np.array([0, -1.0, -0.5]), WHITE, 40)
    for behind in (0.0, 4.0):
        light, frame = charts.shoot(engine, [lean], what, 128, behind=behind)
        assert frame.coverage.min() == 1
        flat = charts.shoot(engine, [lean], charts.spec(focal_mm=70.0), 128)[0]
        np.testing.assert_allclose(light, flat, rtol=0.01)


def test_a_sharp_edge_has_no_halo_of_what_is_blurred_behind_it(engine: Engine) -> None:
    """Black card in focus over half of a bright one far behind: its edge stays as sharp as the pinhole's, to a pixel."""
    what = charts.spec(focal_mm=70.0, f_number=1.2, crop=1.0)
    near = charts.card(np.array([-0.6, 0.6, -1.0]), np.array([0.6, 0, 0]), np.array([0, -1.2, 0]), BLACK, 24)
    far = charts.card(np.array([-0.9, 0.9, -1.5]), np.array([1.8, 0, 0]), np.array([0, -1.8, 0]), WHITE, 24)
    disc = float(thinlens.circle(what, 1.5, 1.0)) * 128
    assert disc > 7
    sharp, soft = (charts.shoot(engine, [near, far], s, 128)[0][64, :, 1] for s in (charts.spec(focal_mm=70.0), what))
    np.testing.assert_allclose(soft[:62], sharp[:62], atol=0.01)
    np.testing.assert_allclose(soft[67:], sharp[67:], rtol=0.03)
