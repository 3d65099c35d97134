"""Lens, sensor, tone curve and codec against closed forms; exposure against what a camera may and may not do."""

from time import process_time

import cv2
import numpy as np
import pytest
from lit_balls import PERFECT, backdrop, face, spec

from facegen import srgb
from facegen.errors import DataError, SpecError
from facegen.scene import Frame
from facegen.sensor import codec, optics, tone
from facegen.sensor.mosaic import OPTICAL_PX
from facegen.sensor.photo import composite, expose


@pytest.mark.parametrize("diameter", [0.4, 1.0, 2.7, 6.0, 13.3])
def test_disc_keeps_energy_and_has_the_second_moment_of_a_disc(diameter: float) -> None:
    k = optics.disc_kernel(diameter).astype(float)
    assert k.sum() == pytest.approx(1, abs=1e-6)
    axis = np.arange(k.shape[0]) - k.shape[0] // 2
    # a disc has variance d^2/16 along an axis; coverage over unit pixels adds the pixel's 1/12
    if diameter > 1:
        assert (k * axis[None, :] ** 2).sum() == pytest.approx(diameter**2 / 16 + 1 / 12, rel=0.06)


@pytest.mark.parametrize("angle", [0.0, 30.0, 90.0, 145.0])
def test_motion_spreads_a_point_along_its_angle_only(angle: float) -> None:
    point = np.zeros((65, 65, 1), np.float32)
    point[32, 32] = 1
    out = optics.blur(point, optics.line_kernel(20, angle)).reshape(65, 65).astype(float)
    assert out.sum() == pytest.approx(1, abs=1e-5)
    y, x = np.mgrid[:65, :65] - 32
    along = x * np.cos(np.radians(angle)) - y * np.sin(np.radians(angle))
    across = x * np.sin(np.radians(angle)) + y * np.cos(np.radians(angle))
    assert (out * along**2).sum() == pytest.approx(20**2 / 12, rel=0.03)
    assert (out * across**2).sum() < 0.3


def test_blur_keeps_the_light_of_a_picture() -> None:
    image = np.random.default_rng(1).random((64, 64, 3), np.float32)
    out = optics.blur(image, optics.disc_kernel(6.0))
    assert out.mean() == pytest.approx(image.mean(), rel=0.01)
    np.testing.assert_allclose(optics.blur(np.ones((32, 32, 3), np.float32), optics.disc_kernel(9.0)), 1, atol=1e-5)


def test_edges_mix_in_linear_light() -> None:
    """Half black, half white: the middle of a defocused edge is the mean of light, not of display values."""
    frame = Frame(*(np.zeros((64, 64, 3), np.float32), np.zeros((64, 64), np.float32), np.zeros((64, 64), np.uint8)),
                  np.zeros((64, 64), np.float32), np.zeros((64, 64, 3), np.float32))  # fmt: skip
    background = np.zeros((64, 64, 3), np.float32)
    background[:, 32:] = 0.4
    photo = expose(frame, background, spec(defocus=0.1))
    white = srgb.decode(photo.image[32, 60, 0] / 255.0)
    middle = srgb.decode(photo.image[32, 31:33, 0] / 255.0).mean()
    assert middle == pytest.approx(white / 2, rel=0.05)


def test_vignette_darkens_corners_by_its_strength() -> None:
    v = optics.vignette(255, 0.4)
    assert v[127, 127] == pytest.approx(1, abs=1e-4)
    assert v[0, 0] == pytest.approx(0.6, abs=0.005)
    assert optics.vignette(16, 0.0).min() == 1


def test_more_sensor_pixels_make_a_crisper_picture() -> None:
    """An edge between two pixels: the share of its step that lies between them. At one photosite a pixel the optics leave the
    middle of their kernel of it, and demosaicing, which goes along the edge, no less."""
    frame = Frame(*(np.zeros((64, 64, 3), np.float32), np.zeros((64, 64), np.float32), np.zeros((64, 64), np.uint8)),
                  np.zeros((64, 64), np.float32), np.zeros((64, 64, 3), np.float32))  # fmt: skip
    background = np.full((64, 64, 3), 0.01, np.float32)
    background[:, 32:] = 0.4
    steps = []
    for oversample in (1.0, 1.8, 4.0):
        line = srgb.decode(expose(frame, background, spec(oversample=oversample)).image[32, :, 1] / 255.0)
        steps.append(float(line[32] - line[31]) / float(line[60] - line[3]))
    assert steps[0] == pytest.approx(float(cv2.getGaussianKernel(5, OPTICAL_PX)[2, 0]), abs=0.03)
    assert steps[0] < steps[1] < steps[2] - 0.1
    assert steps[2] == pytest.approx(1, abs=0.02)


def test_curve_is_srgb_below_the_shoulder_and_rolls_off_above() -> None:
    x = np.linspace(0, tone.SHOULDER, 50)
    np.testing.assert_allclose(tone.curve(x, 1.0), srgb.encode(x), atol=1e-9)
    steps = np.diff(tone.curve(np.linspace(0, tone.WHITE, 400), 1.0))
    assert (steps > 0).all()
    assert tone.curve(np.array([tone.WHITE]), 1.0)[0] == pytest.approx(1)
    assert tone.curve(np.array([1.0]), 1.0)[0] < 0.93  # a white card is not yet clipped


@pytest.mark.parametrize("contrast", [0.6, 1.0, 1.6])
def test_contrast_turns_about_mid_grey_and_stays_in_range(contrast: float) -> None:
    y = tone.curve(np.linspace(0, 4, 300), contrast)
    assert y.min() >= 0
    assert y.max() <= 1 + 1e-9
    assert (np.diff(y) >= 0).all()
    grey = tone.curve(np.array([0.18]), contrast)[0]
    assert grey == pytest.approx(tone.PIVOT, abs=2e-3)
    a, b = tone.curve(np.array([0.178, 0.182]), contrast) - tone.curve(np.array([0.178, 0.182]), 1.0)
    slope = (b - a) / np.diff(tone.curve(np.array([0.178, 0.182]), 1.0))[0] + 1
    assert slope == pytest.approx(contrast, rel=0.03)


def test_table_matches_the_curve() -> None:
    x = np.random.default_rng(2).uniform(0, 5, (50, 50)).astype(np.float32)
    np.testing.assert_allclose(tone.develop(x, 1.3), tone.curve(x, 1.3), atol=1.5e-3)


def test_srgb_round_trip() -> None:
    x = np.linspace(0, 1, 100)
    np.testing.assert_allclose(srgb.decode(srgb.encode(x)), x, atol=1e-6)


def test_composite_is_premultiplied_over() -> None:
    frame = face(0.4)
    half = Frame(frame.rgb * 0.5, frame.coverage * 0.5, frame.ids, frame.depth, frame.normals)
    out = composite(half, backdrop(0.2))
    np.testing.assert_allclose(out[32, 32], 0.5 * frame.rgb[32, 32] + 0.1, rtol=1e-5)
    np.testing.assert_allclose(out[0, 0], 0.2, rtol=1e-6)


def test_white_balance_multiplies_channels() -> None:
    a = expose(face(0.2), backdrop(0.18), PERFECT).image[32, 32]
    b = expose(face(0.2), backdrop(0.18), spec(wb_red=1.2, wb_blue=0.8)).image[32, 32]
    ratio = srgb.decode(b / 255.0) / srgb.decode(a / 255.0)
    np.testing.assert_allclose(ratio, [1.2, 1.0, 0.8], rtol=0.03)


def test_clean_twin_ignores_every_fault() -> None:
    bad = spec(full_well_e=500, read_noise_e=20, contrast=1.5, saturation=0.4,
               wb_red=1.3, sharpen=1, downscale=0.3, grey=True)  # fmt: skip
    np.testing.assert_array_equal(expose(face(0.3), backdrop(0.2), bad).clean, expose(face(0.3), backdrop(0.2), PERFECT).clean)
    np.testing.assert_allclose(
        expose(face(0.3), backdrop(0.2), PERFECT).clean.astype(int), expose(face(0.3), backdrop(0.2), PERFECT).image, atol=1
    )


def test_grey_downscale_and_saturation_show() -> None:
    noisy = face(0.3)
    grey = expose(noisy, backdrop(0.2), spec(grey=True)).image
    assert np.ptp(grey, axis=2).max() == 0
    low = expose(noisy, backdrop(0.2), spec(downscale=0.2))
    assert (low.applied["sensor_px"], low.image.shape) == (13, (64, 64, 3))
    edge = np.abs(np.diff(low.image[32].astype(int), axis=0)).max()
    assert edge < np.abs(np.diff(grey[32].astype(int), axis=0)).max()
    vivid, dull = (expose(noisy, backdrop(0.2), spec(saturation=s)).image[32, 32].astype(int) for s in (1.5, 0.5))
    assert np.ptp(vivid) > np.ptp(dull)


def test_expose_is_deterministic_and_pure() -> None:
    frame, background = face(0.3), backdrop(0.2)
    before = frame.rgb.copy(), background.copy()
    bad = spec(full_well_e=900, read_noise_e=8, sharpen=0.5, seed=11)
    a, b = expose(frame, background, bad), expose(frame, background, bad)
    np.testing.assert_array_equal(a.image, b.image)
    assert codec.encode(a.image, bad, "jpg") == codec.encode(b.image, bad, "jpg")
    np.testing.assert_array_equal(frame.rgb, before[0])
    np.testing.assert_array_equal(background, before[1])


def jpeg_sampling(data: bytes) -> tuple[int, int]:
    """Read the luma sampling factors out of the frame header (SOF0/SOF2) of a JPEG."""
    at = 2
    while data[at + 1] not in (0xC0, 0xC2):
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return data[at + 11] >> 4, data[at + 11] & 15


@pytest.mark.parametrize(("name", "factors"), [("444", (1, 1)), ("422", (2, 1)), ("420", (2, 2))])
def test_jpeg_subsampling_is_in_the_bytes(name: str, factors: tuple[int, int]) -> None:
    image = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    assert jpeg_sampling(codec.encode(image, spec(jpeg_quality=80, jpeg_subsampling=name), "jpg")) == factors


def test_png_is_lossless_and_shows_the_jpeg_picture() -> None:
    image = expose(face(0.3), backdrop(0.2), PERFECT).image
    np.testing.assert_array_equal(codec.decode(codec.encode(image, PERFECT, "png")), image)
    lossy = spec(jpeg_quality=30, jpeg_subsampling="420")
    np.testing.assert_array_equal(
        codec.decode(codec.encode(image, lossy, "png")), codec.decode(codec.encode(image, lossy, "jpg"))
    )


def test_channels_keep_their_order() -> None:
    red = np.zeros((16, 16, 3), np.uint8)
    red[..., 0] = 200
    assert cv2.imdecode(np.frombuffer(codec.encode_png(red), np.uint8), cv2.IMREAD_COLOR)[0, 0].tolist() == [0, 0, 200]
    assert codec.decode(codec.encode(red, PERFECT, "jpg"))[0, 0, 0] > 190


def test_label_pictures_round_trip() -> None:
    rng = np.random.default_rng(2)
    for array in (
        rng.integers(0, 19, (8, 8), np.uint8),
        rng.integers(0, 65536, (8, 8), np.uint16),
        rng.integers(0, 65536, (8, 8, 3), np.uint16),
    ):
        np.testing.assert_array_equal(codec.decode_exact(codec.encode_png(array)), array)


def test_bad_files_and_formats_are_named() -> None:
    with pytest.raises(SpecError, match="'jpeg' is not one of jpg, png"):
        codec.encode(np.zeros((8, 8, 3), np.uint8), PERFECT, "jpeg")
    for junk in (b"", b"\x89PNG nonsense"):
        with pytest.raises(DataError, match="damaged"):
            codec.decode(junk)


def test_a_photograph_at_256_px_is_quick() -> None:
    """The budget is 25 ms of one core; processor time, so that a busy machine does not fail it."""
    frame, background = face(0.3, 256), backdrop(0.2, 256)
    bad = spec(full_well_e=2000, read_noise_e=5, contrast=1.1, saturation=0.9, sharpen=0.4)
    expose(frame, background, bad)
    times = []
    for _ in range(5):
        start = process_time()
        expose(frame, background, bad)
        times.append(process_time() - start)
    assert min(times) < 0.04
