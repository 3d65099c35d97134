"""Camera, placement, lighting and backgrounds."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from facegen.errors import SpecError
from facegen.population.light import environments, light, place_of, ranges
from facegen.sample import BackgroundSpec, CameraSpec, LightSpec, Pose
from facegen.scene import Material, Surface
from facegen.stage import background, camera, lighting
from facegen.stage.compose import compose
from facegen.surroundings import files, maps, places

SPEC = CameraSpec(profile="test", focal_mm=60, distance_m=1.2, center_x=0.42, center_y=0.55)


def _light(name: str = "studio_soft", kind: str = "plain", **changes: float) -> LightSpec:
    entry = environments()[name]
    drawn = {k: (low + high) / 2 for k, (low, high) in ranges(entry).items()}
    return light(name, place_of(entry, {**drawn, **changes}, 5), _spec(kind), SPEC)


def _spec(kind: str, seed: int = 3) -> BackgroundSpec:
    colors = background.kinds()[kind]["colors"]
    rgb = tuple(tuple((np.array(c["low"]) + np.array(c["high"])) / 2) for c in colors)
    return BackgroundSpec(kind=kind, rgb=rgb, seed=seed, distance_m=2.0)


def _tilted(camera_spec: CameraSpec, **angles: float) -> CameraSpec:
    """A camera that looks down or is turned, whatever a CameraSpec declares today."""
    copy = camera_spec.model_copy()
    object.__setattr__(copy, "__dict__", {**copy.__dict__, **angles})
    return copy


@pytest.mark.parametrize("pose", [(0, 0, 0), (30, -10, 5), (-80, 20, -15)])
def test_face_center_projects_to_the_asked_place(pose: tuple[float, float, float]) -> None:
    cam = camera.camera(SPEC, 256)
    t = camera.head_transform(SPEC, Pose(yaw_deg=pose[0], pitch_deg=pose[1], roll_deg=pose[2]))
    x, y, z = t[:3, :3] @ camera.FACE_CENTER + t[:3, 3]
    u, v = cam.K[0, 0] * x / -z + cam.K[0, 2], cam.K[1, 1] * -y / -z + cam.K[1, 2]
    assert (u / 256, v / 256, -z) == pytest.approx((0.42, 0.55, 1.2))
    assert np.allclose(t[:3, :3] @ t[:3, :3].T, np.eye(3))
    assert cam.near < 1.2 - 0.3


def test_pose_signs() -> None:
    """yaw > 0 turns the nose to the person's own left, which a facing camera sees at its right; pitch > 0 is down."""
    nose = np.array([0.0, 0.0, 1.0])
    turned = camera.rotation(Pose(yaw_deg=30, pitch_deg=0, roll_deg=0)) @ nose
    bowed = camera.rotation(Pose(yaw_deg=0, pitch_deg=20, roll_deg=0)) @ nose
    assert turned == pytest.approx([np.sin(np.pi / 6), 0, np.cos(np.pi / 6)])
    assert bowed[1] < -0.3


def test_view_angles_equal_the_pose_on_the_axis_and_shift_off_it() -> None:
    middle = SPEC.model_copy(update={"center_x": 0.5, "center_y": 0.5})
    for roll in (0, 20):
        pose = Pose(yaw_deg=25, pitch_deg=-12, roll_deg=roll)
        yaw, pitch = camera.view_angles(camera.head_transform(middle, pose))
        if roll == 0:
            assert (yaw, pitch) == pytest.approx((25, -12))
    right = middle.model_copy(update={"center_x": 0.8})
    yaw, _ = camera.view_angles(camera.head_transform(right, Pose(yaw_deg=0, pitch_deg=0, roll_deg=0)))
    assert yaw == pytest.approx(np.degrees(np.arctan(0.3 * 24 / 60)))  # stands at the right, looks past the camera


def test_compose_moves_rigidly_and_keeps_the_rest() -> None:
    points = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    faces, region = np.array([[0, 1, 2]], np.int32), np.ones(6, np.uint8)
    surface = Surface("s", points, points, faces, region, Material("cloth"), tangents=points)
    cam = camera.camera(SPEC, 64)
    t = camera.head_transform(SPEC, Pose(yaw_deg=40, pitch_deg=5, roll_deg=3))
    scene = compose((surface,), t, cam, _light())
    moved = scene.surfaces[0]
    assert np.allclose(moved.positions, points @ t[:3, :3].T + t[:3, 3], atol=1e-5)
    assert np.allclose(moved.normals, points @ t[:3, :3].T, atol=1e-5)
    assert np.allclose(moved.tangents, moved.normals)
    assert moved.faces is surface.faces
    assert scene.sh.shape == (16, 3)
    assert scene.sh.dtype == np.float32


def test_keys_are_unit() -> None:
    spec = _light("sun_side")
    long = spec.keys[0].model_copy(update={"direction": (0.0, 3.0, 4.0)})
    (key,) = lighting.keys(spec.model_copy(update={"keys": (long,)}), np.zeros(3))
    assert key.direction == pytest.approx([0, 0.6, 0.8])
    assert key.size_deg == pytest.approx(0.53)


def test_near_lights_and_edges_stand_where_the_face_is() -> None:
    near = {"direction": (0.0, 0.0, 2.0), "distance_m": 0.5, "edge_deg": 90.0, "edge_offset_m": 0.02, "edge_width_m": 0.05}
    spec = _light("sun_side")
    face = np.array([0.1, 0.2, -1.0])
    (key,) = lighting.keys(spec.model_copy(update={"keys": (spec.keys[0].model_copy(update=near),)}), face)
    assert key.source == pytest.approx([0.1, 0.2, -0.5, 0.5])

    def share(y: float) -> float:
        return float(1 / (1 + np.exp(key.edge[3] - key.edge[:3] @ (face + [0.3, y, 0]))))

    assert share(0.02) == pytest.approx(0.5)
    assert share(0.02 + 0.05) == pytest.approx(1 / (1 + np.exp(-1)))


KINDS = sorted(set(background.kinds()) - {"picture"})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["window_side", "overcast", "night_street"])
def test_backgrounds_are_seeded_finite_and_keep_their_layout(kind: str, name: str) -> None:
    lit = _light(name, kind)
    image = background.background(_spec(kind), lit, SPEC, 96)
    assert image.shape == (96, 96, 3)
    assert image.dtype == np.float32
    assert np.isfinite(image).all()
    assert image.min() >= 0
    assert np.array_equal(image, background.background(_spec(kind), lit, SPEC, 96))
    larger = cv2.resize(background.background(_spec(kind), lit, SPEC, 192), (96, 96), interpolation=cv2.INTER_AREA)
    clip = min(4.0, float(np.quantile(image, 0.98)))
    assert np.corrcoef(np.minimum(image, clip).ravel(), np.minimum(larger, clip).ravel())[0, 1] > 0.8 or image.std() < 0.05


def test_background_is_what_the_map_shows_there() -> None:
    """Level and colour of the radiance map behind the head are those of the picture."""
    for name, kind in (
        ("window_back", "indoor"),
        ("office_panels", "indoor"),
        ("clear_sky", "outdoor"),
        ("studio_soft", "studio"),
    ):
        far = CameraSpec(profile="test", focal_mm=30, distance_m=0.4, center_x=0.5, center_y=0.5)
        spec = _spec(kind)
        lit = _light(name, kind)
        seen = background.background(spec, lit, far, 64)
        around = places.radiance_map(lit.place, spec) * np.array(lit.place.scale)
        directions, eye, _ = background.rays(far, 64)
        del eye
        there = maps.sample(around.astype(np.float32), directions)
        assert seen.mean(axis=(0, 1)) == pytest.approx(there.mean(axis=(0, 1)), rel=0.25), name


def test_background_follows_the_light() -> None:
    lit = _light("overcast", "outdoor")
    dim = lit.model_copy(update={"place": lit.place.model_copy(update={"scale": tuple(0.5 * v for v in lit.place.scale)})})
    bright, dark = (background.background(_spec("outdoor"), which, SPEC, 64) for which in (lit, dim))
    assert dark == pytest.approx(0.5 * bright, abs=1e-5)


def test_the_horizon_follows_the_camera() -> None:
    """Looking down lifts the horizon in the picture; a clockwise turn of the camera lifts its right end."""
    lit = _light("backlight", "outdoor", openness=0.75)
    wide = CameraSpec(profile="test", focal_mm=24, distance_m=1.0, center_x=0.5, center_y=0.5)
    bare = places.world(lit.place, _spec("outdoor"))
    assert bare.dome is not None

    def horizon(camera_spec: CameraSpec, column: int) -> float:
        directions, _, _ = background.rays(camera_spec, 128)
        below = bare.dome(directions)[:, column].mean(axis=1)
        return float(np.argmax(np.abs(np.diff(below))))

    level, down = horizon(wide, 64), horizon(_tilted(wide, tilt_deg=10.0), 64)
    assert level == pytest.approx(63.5, abs=1.5)
    assert level - down == pytest.approx(128 * np.tan(np.radians(10)), abs=2)
    turned = _tilted(wide, roll_deg=10.0)
    sink = horizon(turned, 112) - horizon(turned, 16)
    assert sink == pytest.approx(96 * np.tan(np.radians(10)), abs=2)


def test_defocus_is_the_thin_lens() -> None:
    """85 mm at f/2.8 focused at 2 m, a point at 4 m: c = f^2 / N / (s - f) * (s' - s) / s'."""
    lens = CameraSpec(profile="test", focal_mm=85, distance_m=2.0, center_x=0.5, center_y=0.5, f_number=2.8)
    want = 0.085**2 / 2.8 / (2 - 0.085) * 2 / 4 / 0.024
    assert background.circle_of_confusion(lens, 2.0) == pytest.approx(want)
    assert background.circle_of_confusion(_tilted(lens, f_number=5.6), 2.0) == pytest.approx(want / 2)
    phone = background.circle_of_confusion(_tilted(lens, crop=7.0), 2.0)
    assert phone == pytest.approx(want / 7, rel=0.05)


def test_a_blurred_point_keeps_its_light() -> None:
    image = np.zeros((65, 65, 3), np.float32)
    image[32, 32] = 10.0
    out = background._blurred(image, 4.0)
    assert out.sum() == pytest.approx(image.sum(), rel=1e-5)
    inside = out[..., 0] > 0
    assert np.hypot(*np.nonzero(inside) - np.array([[32], [32]])).max() <= 4.6


def test_a_users_picture_takes_the_level_of_the_place(tmp_path: Path) -> None:
    path = tmp_path / "wall.png"
    cv2.imwrite(str(path), np.random.default_rng(0).integers(60, 200, (80, 120, 3)).astype(np.uint8))
    spec = BackgroundSpec(kind="picture", seed=1, file=str(path), sha256=files.sha256(str(path)), distance_m=3.0)
    lit = _light("office_panels", "indoor")
    image = background.background(spec, lit, SPEC, 64)
    assert image.std() > 0.01
    half = lit.model_copy(update={"place": lit.place.model_copy(update={"scale": tuple(0.5 * v for v in lit.place.scale)})})
    assert background.background(spec, half, SPEC, 64).mean() == pytest.approx(0.5 * image.mean(), rel=1e-3)


def test_unknown_background_and_wrong_colours_are_named() -> None:
    spec = _spec("plain")
    with pytest.raises(SpecError, match="did you mean 'plain'"):
        background.background(spec.model_copy(update={"kind": "plane"}), _light(), SPEC, 64)
    with pytest.raises(SpecError, match="has 2 colours, allowed are 1"):
        background.background(spec.model_copy(update={"rgb": spec.rgb * 2}), _light(), SPEC, 64)


def test_every_place_names_known_backgrounds() -> None:
    for name, entry in environments().items():
        assert set(entry["backgrounds"]) <= set(background.kinds()), name


def test_a_sample_older_than_places_still_has_a_background() -> None:
    old = _light().model_copy(update={"place": None})
    image = background.background(_spec("plain"), old, SPEC, 32)
    assert image.mean() > 0.05
    assert lighting.mirrored(old, _spec("plain"), SPEC) is None


def test_pupils_answer_to_light_but_not_to_a_flash() -> None:
    assert lighting.pupil(_light().model_copy(update={"lux": 300.0, "keys": ()})) == pytest.approx(1)
    wide, narrow = (lighting.pupil(_light().model_copy(update={"lux": lux})) for lux in (5.0, 50_000.0))
    assert wide > 1.3
    assert narrow < 0.8
    flash = _light("flash", "indoor")
    lamp = flash.model_copy(update={"keys": tuple(k.model_copy(update={"pulse": False}) for k in flash.keys)})
    assert lighting.pupil(flash) > 1.1 * lighting.pupil(lamp)


def test_the_scene_holds_what_eyes_mirror_and_how_wide_they_are() -> None:
    """All three are optional fields of a scene: given in the wrong order, they would be lost without a word."""
    dark, mirrored = _light().model_copy(update={"lux": 5.0, "keys": ()}), np.full((4, 8, 3), 0.5, np.float32)
    scene = compose((), np.eye(4), camera.camera(SPEC, 64), dark, mirrored)
    assert scene.mirror is mirrored
    assert scene.pupil == lighting.pupil(dark) > 1.3
    assert scene.amodal is False
    assert scene.caster_m == 0


def test_mirrored_map_holds_windows_but_no_sun() -> None:
    spec = _spec("outdoor")
    sunny = lighting.mirrored(_light("sun_front", "outdoor"), spec, SPEC)
    room = lighting.mirrored(_light("window_front", "indoor"), _spec("indoor"), SPEC)
    assert sunny.max() < 20
    window = _light("window_front", "indoor").keys[0]
    towards = maps.sample(room, np.array(window.direction, np.float32)[None, None])[0, 0]
    assert towards.mean() > 3 * np.median(room)
