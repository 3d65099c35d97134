"""The lens on closed-form light: what each part keeps, moves and adds."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

import numpy as np
import pytest

from facegen.sample import CameraSpec, Motion
from facegen.scene import Frame, Key
from facegen.sensor import focus, glare, lens, optics, smear
from facegen.sensor.lens import Lens
from facegen.stage.camera import camera

PINHOLE = CameraSpec(profile="test", focal_mm=50, distance_m=1.0, center_x=0.5, center_y=0.5)


def ball(size: int = 64) -> Frame:
    v, u = (np.mgrid[:size, :size] + 0.5) / size - 0.5
    on = np.hypot(u, v) < 0.3
    cover = on.astype(np.float32)
    depth = np.where(on, 1.0 - 0.1 * np.sqrt(np.clip(0.09 - u**2 - v**2, 0, 1)), 0).astype(np.float32)
    return Frame(
        0.4 * cover[..., None] * np.ones(3, np.float32), cover, on.astype(np.uint8), depth, np.zeros((size, size, 3), np.float32)
    )


def use(spec: CameraSpec, size: int = 64, **more) -> Lens:
    return Lens(spec, camera(spec, size, np.array([0.0, 0.0, -1.0])), 1.0, **more)


def dark(size: int = 64, level: float = 0.0) -> np.ndarray:
    return np.full((size, size, 3), level, np.float32)


def test_a_pinhole_at_rest_changes_nothing() -> None:
    frame = ball()
    out = lens.through(use(PINHOLE), frame, dark(level=0.2))
    np.testing.assert_array_equal(out, frame.rgb + (1 - frame.coverage[..., None]) * np.float32(0.2))


@pytest.mark.parametrize("changes", [{"f_number": 1.2, "focus_offset_m": 0.4}, {"motion": Motion(head_velocity=(1.5, 0.6, 0))}])
def test_blur_keeps_the_light(changes: dict) -> None:
    frame = ball()
    out = lens.through(use(PINHOLE.model_copy(update=changes), exposure_s=0.02), frame, dark())
    assert np.abs(out - frame.rgb).max() > 0.05
    assert out.sum() == pytest.approx(frame.rgb.sum(), rel=0.01)


@pytest.mark.parametrize("changes", [{"f_number": 1.2, "focus_offset_m": 0.4}, {"motion": Motion(head_velocity=(1.5, 0.6, 0))}])
def test_a_head_as_bright_as_its_background_stays_unseen(changes: dict) -> None:
    out = lens.through(use(PINHOLE.model_copy(update=changes), exposure_s=0.02), ball(), dark(level=0.4))
    np.testing.assert_allclose(out, 0.4, rtol=0.004)


def test_layers_of_one_disc_are_one_convolution() -> None:
    person = np.dstack([ball().rgb, ball().coverage])
    circles = np.full((64, 64), 5.0, np.float32)
    expected = optics.blur(person, optics.disc_kernel(5.0))
    np.testing.assert_allclose(focus.defocus(person, circles, person[..., 3] > 0), expected, atol=1e-6)


def test_edges_take_the_depth_of_what_covers_them() -> None:
    depth, cover = np.zeros((9, 9), np.float32), np.zeros((9, 9), np.float32)
    depth[:, :4], cover[:, :5] = 0.8, 1.0
    cover[:, 4] = 0.3  # covered in part, named background
    out = focus.filled(depth, cover)
    assert (out[:, 4] == np.float32(0.8)).all() and not out[:, 5:].any()


@pytest.mark.parametrize("length", [0.8, 1.5, 2.5, 6.0, 15.0])
@pytest.mark.parametrize("turning", [False, True])
def test_a_smear_has_the_variance_of_a_segment(length: float, turning: bool) -> None:
    """A soft spot; bar 4% of its length or 0.1 px, along one kernel and along ways that differ from place to place."""
    v, u = np.mgrid[:65, :65] - 32.0
    spot = np.exp(-(u**2 + v**2) / (2 * 1.5**2)).astype(np.float32)[..., None].repeat(3, 2)
    ways = np.zeros((5, 5, 2))
    ways[..., 0] = length
    if turning:
        ways[..., 1] = np.linspace(-0.4, 0.4, 5)[:, None]
    out = smear.drag(spot, ways)[..., 1].astype(float)
    assert out.sum() == pytest.approx(spot[..., 1].sum(), rel=0.01)
    middle = (out * u).sum() / out.sum()
    spread = (out * (u - middle) ** 2).sum() / out.sum() - 1.5**2
    assert middle == pytest.approx(0, abs=0.05)
    assert np.sqrt(12 * max(spread, 0)) == pytest.approx(length, rel=0.04, abs=0.1)


def test_a_veil_lifts_black_by_its_share_of_the_mean() -> None:
    light = dark()
    light[:, 32:] = 1.0
    out = glare.veiled(light, 0.06)
    assert out[0, 0] == pytest.approx([0.03] * 3)
    assert out.mean() == pytest.approx(light.mean(), rel=1e-5)


def test_a_halo_keeps_the_light_and_falls_off() -> None:
    light = dark(128)
    light[60:68, 60:68] = 20.0
    out = glare.flared(light, 0.1, camera(PINHOLE, 128), (), dark(128)[..., 0])
    assert out.mean() == pytest.approx(light.mean(), rel=0.02)
    near, far = out[64, 76, 1], out[64, 110, 1]
    assert near > 3 * far > 0


def test_a_lamp_behind_shines_into_the_lens_unless_the_head_hides_it() -> None:
    def lamp(x: float, z: float) -> Key:
        d = np.array([x, 0.15, z]) / np.hypot(np.hypot(x, 0.15), z)
        return Key(d.astype(np.float32), np.full(3, 3.0, np.float32), 0.5, True)

    cover = np.zeros((64, 64), np.float32)
    cover[20:44, 20:44] = 1
    cam = camera(PINHOLE, 64)
    hazes = {
        name: float(glare.flared(dark(), 0.05, cam, (key,), cover).mean())
        for name, key in {"beside": lamp(0.4, -1), "before": lamp(0.4, 1), "behind": lamp(0.0, -20)}.items()
    }
    assert hazes["beside"] > 0.005 and hazes["before"] == hazes["behind"] == 0
    left = glare.flared(dark(), 0.05, cam, (lamp(0.4, -1),), cover)
    assert left[8, -1, 1] > left[8, 0, 1]  # the lamp stands at the right


def test_the_vignette_is_about_the_lens_and_not_the_picture() -> None:
    aside = optics.vignette(101, 0.4, 0.3, -0.2)
    row, column = np.unravel_index(aside.argmax(), aside.shape)
    assert (column, row) == pytest.approx((50 + 30, 50 - 20), abs=1)


def test_a_painted_background_bends_as_the_render_does() -> None:
    """Dots painted where a pinhole sees far points are found where the distorted camera projects those points."""
    from facegen.geometry.projection import project_still

    spec = PINHOLE.model_copy(update={"focal_mm": 26.0, "distortion": (-0.2, 0.04, 0.002, -0.003, 0.0)})
    cam = camera(spec, 128)
    far = np.array([[-15.0, 12.0, -60], [20, 18, -60], [2, -1, -60], [-14, -20, -60]])
    straight = project_still(far, replace(cam, distortion=(0.0,) * 5))
    v, u = np.mgrid[:128, :128] + 0.5
    painted = sum(np.exp(-((u - x) ** 2 + (v - y) ** 2) / 8) for x, y in straight)
    seen = lens.behind(np.repeat(painted[..., None], 3, 2).astype(np.float32), cam)[..., 1]
    for x, y in project_still(far, cam):
        near = np.exp(-((u - x) ** 2 + (v - y) ** 2) / 60) * seen
        assert (near * u).sum() / near.sum() == pytest.approx(x, abs=0.15)
        assert (near * v).sum() / near.sum() == pytest.approx(y, abs=0.15)


def test_a_lens_in_everyday_use_is_quick() -> None:
    """12 ms of one core at 256 px for what most pictures go through: glare, fringes, corners, a smear too short to be drawn."""
    spec = PINHOLE.model_copy(
        update={"f_number": 2.0, "crop": 6.0, "vignette": 0.2, "veil": 0.02, "flare": 0.01, "ca_red": 0.0005, "ca_blue": -0.0004,
                "distortion": (-0.03, 0.005, 0.0005, 0.0, 0.0), "motion": Motion(head_velocity=(0.02, 0.01, 0))}
    )  # fmt: skip
    frame, ready, times = ball(256), use(spec, 256), []
    for _ in range(5):
        start = process_time()
        lens.through(ready, frame, dark(256, 0.2))
        times.append(process_time() - start)
    assert min(times) < 0.012
