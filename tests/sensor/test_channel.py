"""The steps on the way: what each does, read back from its output, and that none of them moves a point."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError
from scipy import ndimage
from test_sensor import spec

from facegen import srgb
from facegen.resources import asset_json
from facegen.sample import Degradation, Graduated, Jpeg, PrintScan, Resize, Screenshot, Step, Video, WebP
from facegen.sensor import channel, codec, video

STEPS: tuple[Step, ...] = (
    Jpeg(quality=40, shift_x=3, shift_y=5),
    WebP(quality=75),
    Video(qp=32, previous=2, scale=0.6),
    Video(qp=36, deblock=False),
    *(Resize(down=d, down_filter=f, up_filter=u) for d, f, u in ((0.37, "area", "cubic"), (0.5, "linear", "linear"),
                                                                (0.71, "cubic", "lanczos"), (0.5, "lanczos", "area"))),
    Screenshot(scale=1.37, gamma=1.1, moire=0.05),
    Screenshot(scale=0.8),
    PrintScan(halftone=0.4, screen=90, dust=2, seed=3),
    Graduated(stops=0.5, deg=30),
)  # fmt: skip


def picture(size: int = 128, seed: int = 1) -> np.ndarray:
    """Soft blobs, mostly of grey, as most pictures are."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 1, (size, size, 1)) + rng.normal(0, 0.3, (size, size, 3))
    return np.clip(128 + 250 * cv2.GaussianBlur(noise, (0, 0), 3), 0, 255).astype(np.uint8)


def shift(image: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Least-squares displacement (x, y) in pixels of `out` against `image` (Lucas & Kanade 1981), gain and offset taken out."""
    a, b = (cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).astype(float)[8:-8, 8:-8] for p in (image, out))
    a, b = (cv2.GaussianBlur(p, (0, 0), 1.5) for p in (a, b))
    gy, gx = np.gradient(a)
    unknowns = np.stack([-gx.ravel(), -gy.ravel(), a.ravel(), np.ones(a.size)], axis=1)
    found = np.linalg.lstsq(unknowns, b.ravel(), rcond=None)[0]
    return found[:2] / found[2]


def test_the_measure_of_a_shift_finds_one() -> None:
    image = picture(128)
    moved = ndimage.shift(image.astype(float), (-0.1, 0.2, 0), order=5, mode="nearest").clip(0, 255).astype(np.uint8)
    np.testing.assert_allclose(shift(image, moved), [0.2, -0.1], atol=0.02)


@pytest.mark.parametrize("step", STEPS, ids=lambda s: s.kind)
@pytest.mark.parametrize("size", [112, 128, 256])
def test_a_step_moves_no_point(step: Step, size: int) -> None:
    """Mean displacement over twelve pictures, in which what quantising loses averages out: within 0.05 px."""
    found = []
    for seed in range(12):
        image = picture(size, seed)
        out = channel.through(image, (step,))
        assert out.shape == image.shape and out.dtype == np.uint8
        found.append(shift(image, out))
    assert np.abs(np.mean(found, axis=0)).max() < 0.05, found


def test_presets_draw_no_webp_that_moves_strong_colour() -> None:
    """Blobs of strong colour are the worst case; 24 pictures, mean known to 0.004 px."""
    presets = asset_json("camera/presets.json")["presets"].values()
    steps = [entry["step"] for preset in presets for entry in preset["channel"] if entry["step"]["kind"] == "webp"]
    least = min(step["quality"]["whole"]["uniform"][0] for step in steps)
    found = []
    for seed in range(24):
        noise = cv2.GaussianBlur(np.random.default_rng(seed).normal(0, 1, (112, 112, 3)), (0, 0), 3)
        image = np.clip(128 + 250 * noise, 0, 255).astype(np.uint8)
        found.append(shift(image, channel.through(image, (WebP(quality=least),))))
    assert np.abs(np.mean(found, axis=0)).max() < 0.05


@pytest.mark.parametrize("step", STEPS, ids=lambda s: s.kind)
def test_a_step_is_a_pure_function_that_round_trips_through_json(step: Step) -> None:
    image = picture()
    before = image.copy()
    np.testing.assert_array_equal(channel.through(image, (step,)), channel.through(image, (step,)))
    np.testing.assert_array_equal(image, before)
    again = Degradation.model_validate_json(spec(channel=(step,)).model_dump_json())
    assert again.channel == (step,)


def test_a_step_of_no_known_kind_is_refused() -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Step).validate_python({"kind": "fax"})


def tables(data: bytes) -> np.ndarray:
    """The luma quantisation table of a JPEG file."""
    at = data.index(b"\xff\xdb")
    return np.frombuffer(data[at + 5 : at + 69], np.uint8).astype(int)


ANNEX_K = np.array([16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58,
                    51, 61, 60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103, 104, 103,
                    62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99])  # fmt: skip
"""ITU-T T.81, table K.1, in zigzag order."""


@pytest.mark.parametrize("quality", [20, 45, 75, 92])
def test_jpeg_quality_reads_back_from_the_quantisation_table(quality: int) -> None:
    """The Independent JPEG Group's scaling of the standard's example table."""
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    expected = np.clip((ANNEX_K * scale + 50) // 100, 1, 255)
    data = codec.encode(picture(), spec(jpeg_quality=quality), "jpg")
    np.testing.assert_array_equal(tables(data), expected)


def blockiness(image: np.ndarray, period: int = 8) -> np.ndarray:
    """Mean absolute step between columns, by place in a period."""
    step = np.abs(np.diff(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(float), axis=1)).mean(axis=0)
    return np.array([step[k::period].mean() for k in range(period)])


def test_the_grid_of_a_double_jpeg_lies_where_it_was_shifted() -> None:
    for shift in (0, 3):
        out = channel.through(picture(256), (Jpeg(quality=12, subsampling="444", shift_x=shift),))
        assert int(np.argmax(blockiness(out))) == (7 - shift) % 8


def test_a_video_is_an_h264_stream_of_the_declared_quantiser() -> None:
    """Noise: what the quantiser leaves out grows with the step 0.625 * 2^(QP / 6) of the standard (ITU-T H.264)."""
    noise = np.clip(np.random.default_rng(1).normal(128, 40, (128, 128, 1)), 16, 235).astype(np.uint8).repeat(3, axis=2)
    lost = []
    for qp in (18, 24, 30):
        out = video.coded_frame([noise], qp, deblock=False)
        lost.append((out.astype(float) - noise).std())
    steps = [0.625 * 2 ** (qp / 6) for qp in (18, 24, 30)]
    for error, step in zip(lost, steps, strict=True):  # uniform in a step: step / sqrt(12); dead zone and rounding to 8 bits more
        assert 0.25 * step < error < 0.6 * step
    assert lost[2] / lost[1] == pytest.approx(2, rel=0.25)


def test_a_video_moves_nothing() -> None:
    """The middle of a bright card stays where it is, at full size and through a stream of half the size."""
    card = (np.abs(np.arange(96) - 40.5) < 13)[None, :] & (np.abs(np.arange(96) - 52.5) < 17)[:, None]
    image = np.where(card, 220, 30).astype(np.uint8)[..., None].repeat(3, axis=2)
    for scale in (1.0, 0.5):
        light = np.clip(channel.through(image, (Video(qp=16, scale=scale),))[..., 1].astype(float) - 60, 0, None)
        middle = [float((light.sum(axis=a) * np.arange(96)).sum() / light.sum()) for a in (0, 1)]
        np.testing.assert_allclose(middle, (40.5, 52.5), atol=0.02)


def test_video_loses_more_at_a_higher_quantiser_and_its_loop_filter_hides_blocks() -> None:
    image = picture(256)
    errors = [np.abs(channel.through(image, (Video(qp=qp),)).astype(int) - image).mean() for qp in (16, 26, 36)]
    assert errors[0] < errors[1] < errors[2]
    ramp = np.clip(cv2.GaussianBlur(picture(256).astype(np.float32), (0, 0), 6), 0, 255).astype(np.uint8)
    shown = [blockiness(channel.through(ramp, (Video(qp=38, previous=0, deblock=on),))) for on in (False, True)]
    assert shown[0][7] / shown[0][:7].mean() > 2 * shown[1][7] / shown[1][:7].mean()


def test_a_later_frame_keeps_what_the_one_before_left() -> None:
    """What is under the dead zone is not coded again: the noise of an earlier frame, which depends on its seed, is still seen."""
    image = picture(128)
    first = [channel.through(image, (Video(qp=28, previous=0, seed=s),)) for s in (1, 2)]
    later = [channel.through(image, (Video(qp=28, previous=1, seed=s),)) for s in (1, 2)]
    np.testing.assert_array_equal(*first)
    assert np.abs(later[0].astype(int) - later[1]).mean() > 0.2


def test_a_resize_chain_keeps_what_its_smaller_picture_can_hold() -> None:
    """Halved by means of two, a wave keeps the cosine of its phase step; above the new limit it is the alias that does."""
    u = np.arange(256)
    for cycles in (20, 100):
        wave = np.repeat((128 + 100 * np.sin(2 * np.pi * cycles * (u + 0.5) / 256))[None, :], 256, axis=0)
        image = np.repeat(wave[..., None], 3, axis=2).astype(np.uint8)
        out = channel.through(image, (Resize(down=0.5),))
        assert out.std() / image.std() == pytest.approx(np.cos(np.pi * cycles / 256), rel=0.08)
        spectrum = np.abs(np.fft.rfft(out[128, :, 1] - out[128, :, 1].mean()))
        assert int(np.argmax(spectrum)) == min(cycles, 128 - cycles)


def test_a_screenshot_has_its_gamma_and_its_beat() -> None:
    grey = np.full((256, 256, 3), 128, np.uint8)
    out = channel.through(grey, (Screenshot(scale=1.3, gamma=1.2),))
    np.testing.assert_allclose(out, 255 * (128 / 255) ** 1.2, atol=1)
    beat = channel.through(grey, (Screenshot(scale=1.3, moire=0.2, moire_period=0.125, moire_deg=0),))
    spectrum = np.abs(np.fft.rfft(beat[128, :, 1] - beat[128, :, 1].mean()))
    assert int(np.argmax(spectrum)) == 8
    assert np.ptp(beat[128, :, 1]) == pytest.approx(0.2 * 128, rel=0.1)


def test_print_keeps_tone_between_ink_and_paper() -> None:

    plain = PrintScan(ink=0.05, paper=(0.9, 0.9, 0.8), gamut=1.0, grain=0.0, noise=0.0, blur=0.0)
    for level, dots in ((0, 0.0), (90, 0.0), (255, 0.0), (90, 1.0), (180, 1.0)):
        flat = np.full((128, 128, 3), level, np.uint8)
        out = channel.through(flat, (plain.model_copy(update={"halftone": dots, "screen": 30.0}),))
        light = srgb.decode(out / 255).mean(axis=(0, 1))
        expected = (0.05 + 0.95 * srgb.decode(np.array(level / 255))) * np.array([0.9, 0.9, 0.8])
        np.testing.assert_allclose(light, expected, atol=0.035 if dots else 0.006)
    printed = channel.through(
        np.full((128, 128, 3), 120, np.uint8), (plain.model_copy(update={"halftone": 1.0, "screen": 24.0}),)
    )
    assert printed.std() > 40


def test_print_compresses_the_gamut_and_dust_is_seen() -> None:
    red = np.full((64, 64, 3), (200, 60, 60), np.uint8)
    quiet = PrintScan(grain=0, noise=0, blur=0, paper=(1, 1, 1), ink=0)
    dull = channel.through(red, (quiet.model_copy(update={"gamut": 0.6}),))[32, 32].astype(int)
    assert np.ptp(dull) == pytest.approx(0.6 * 140, abs=3)
    dusty = channel.through(red, (quiet.model_copy(update={"gamut": 1.0, "dust": 30.0, "seed": 2}),))
    assert (np.abs(dusty.astype(int) - red).max(axis=2) > 20).sum() > 10


def test_the_text_of_a_channel_names_what_is_not_default() -> None:
    assert channel.described(()) == ""
    text = channel.described((Resize(down=0.5), Jpeg(quality=60, shift_x=3)))
    assert text == "resize(down=0.5) jpeg(quality=60, shift_x=3)"


def test_steps_are_quick() -> None:
    image = picture(256)
    for step in STEPS:
        channel.through(image, (step,))
        spent = []
        for _ in range(3):
            start = time.process_time()
            channel.through(image, (step,))
            spent.append(time.process_time() - start)
        assert min(spent) < 0.03, step.kind


@pytest.mark.parametrize(("deg", "lit"), [(0, (32, 63)), (90, (0, 31)), (180, (32, 0)), (-90, (63, 31))])
def test_a_graduated_picture_is_so_many_stops_lighter_at_its_edge(deg: float, lit: tuple[int, int]) -> None:
    grey = np.full((64, 64, 3), 60, np.uint8)
    out = channel.through(grey, (Graduated(stops=1.5, deg=deg),)).astype(float) / 255
    light = srgb.decode(out)[..., 1]
    middle = srgb.decode(np.array(60 / 255))
    assert np.log2(light[lit] / middle) == pytest.approx(1.5 * 63 / 64, abs=0.04)
    assert np.log2(light[63 - lit[0], 63 - lit[1]] / middle) == pytest.approx(-1.5 * 63 / 64, abs=0.2)  # 8 bits are coarse there
    assert light[31, 31] == pytest.approx(middle, rel=0.06)


def test_what_a_graduation_brings_past_white_is_lost() -> None:
    out = channel.through(np.full((64, 64, 3), 200, np.uint8), (Graduated(stops=3, deg=0),))
    assert (out[:, 48:] == 255).all() and out[:, :16].max() < 130
