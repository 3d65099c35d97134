"""Camera, placement, lighting and backgrounds."""

from __future__ import annotations

import numpy as np
import pytest

from facegen.errors import SpecError
from facegen.population.light import ranges, rig_light, rigs
from facegen.sample import BackgroundSpec, CameraSpec, LightSpec, Pose
from facegen.scene import Material, Surface
from facegen.stage import background, camera, lighting
from facegen.stage.compose import compose

SPEC = CameraSpec(profile="test", focal_mm=60, distance_m=1.2, center_x=0.42, center_y=0.55)


def _light(name: str = "studio_soft") -> LightSpec:
    rig = rigs()[name]
    return rig_light(rig, {k: (low + high) / 2 for k, (low, high) in ranges(rig).items()}, name)


def _spec(kind: str, seed: int = 3) -> BackgroundSpec:
    colors = background.kinds()[kind]["colors"]
    rgb = tuple(tuple((np.array(c["low"]) + np.array(c["high"])) / 2) for c in colors)
    return BackgroundSpec(kind=kind, rgb=rgb, blur=0.5, seed=seed)


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


def test_the_mirror_turns_an_edge_with_its_light() -> None:
    params = rigs()["half_shade"]
    u = {name: low + 0.7 * (high - low) for name, (low, high) in ranges(params).items()}
    (plain,), (turned,) = (rig_light(params, {**u, "mirror": m}).keys for m in (0.0, 1.0))
    assert turned.direction[0] == pytest.approx(-plain.direction[0])
    assert np.cos(np.radians(turned.edge_deg)) == pytest.approx(-np.cos(np.radians(plain.edge_deg)))
    assert np.sin(np.radians(turned.edge_deg)) == pytest.approx(np.sin(np.radians(plain.edge_deg)))
    assert (turned.edge_width_m, turned.edge_offset_m) == (plain.edge_width_m, plain.edge_offset_m)


@pytest.mark.parametrize("kind", sorted(background.kinds()))
def test_backgrounds_are_seeded_finite_and_keep_their_layout(kind: str) -> None:
    light = _light()
    image = background.background(_spec(kind), light, 128)
    assert image.shape == (128, 128, 3)
    assert image.dtype == np.float32
    assert np.isfinite(image).all()
    assert image.min() >= 0
    assert np.array_equal(image, background.background(_spec(kind), light, 128))
    assert not np.array_equal(image, background.background(_spec(kind, seed=4), light, 128))


def test_background_follows_the_light() -> None:
    light = _light()
    dim = light.model_copy(
        update={
            "sh": tuple(0.5 * v for v in light.sh),
            "keys": tuple(k.model_copy(update={"rgb": tuple(0.5 * c for c in k.rgb)}) for k in light.keys),
        }
    )
    for kind in ("plain", "gradient", "passport", "outdoor", "indoor"):
        bright, dark = (background.background(_spec(kind), which, 64) for which in (light, dim))
        assert dark.mean() / bright.mean() == pytest.approx(0.5, abs=0.12)


def test_unknown_background_and_wrong_colours_are_named() -> None:
    spec = _spec("plain")
    with pytest.raises(SpecError, match="did you mean 'plain'"):
        background.background(spec.model_copy(update={"kind": "plane"}), _light(), 64)
    with pytest.raises(SpecError, match="has 2 colours, allowed are 1"):
        background.background(spec.model_copy(update={"rgb": spec.rgb * 2}), _light(), 64)


def test_every_rig_names_known_backgrounds() -> None:
    for name, rig in rigs().items():
        assert set(rig["backgrounds"]) <= set(background.kinds()), name
