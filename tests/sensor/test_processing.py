"""What a camera's processing does, read back from test charts: grey card, step wedge, edge, noise, colour."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from test_sensor import backdrop, face, spec

from facegen import srgb
from facegen.population.degradations import Setting, degradation
from facegen.resources import asset_json
from facegen.rng import stream
from facegen.scene import Frame
from facegen.sensor import detail, development, mosaic, tone
from facegen.sensor.photo import expose

DEVICES = tuple(asset_json("camera/sensors.json")["devices"])


def card(level: float, size: int = 64) -> np.ndarray:
    return np.full((size, size, 3), level, np.float32)


def chart(light: np.ndarray, **changes: object) -> np.ndarray:
    """The picture of a chart, past metering and lens."""
    return development.process(light, spec(**changes), light.shape[0])


def test_white_balance_error_reads_off_a_grey_card() -> None:
    nobody = Frame(np.zeros((64, 64, 3), np.float32), np.zeros((64, 64), np.float32), np.zeros((64, 64), np.uint8),
                   np.zeros((64, 64), np.float32), np.zeros((64, 64, 3), np.float32))  # fmt: skip
    for oversample in (1.0, 4.0):
        seen = expose(nobody, card(0.18), spec(wb_red=1.08, wb_blue=0.9, oversample=oversample)).image
        light = srgb.decode(seen / 255).mean(axis=(0, 1))
        np.testing.assert_allclose(light / light[1], [1.08, 1.0, 0.9], rtol=0.01)


@pytest.mark.parametrize(("contrast", "headroom"), [(1.0, 4.0), (1.3, 1.5), (0.8, 2.5)])
def test_the_tone_curve_reads_off_a_step_wedge(contrast: float, headroom: float) -> None:
    levels = 2.0 ** np.arange(-6, 2, 0.5)
    seen = [chart(card(level), contrast=contrast, headroom=headroom)[32, 32, 0] / 255 for level in levels]
    np.testing.assert_allclose(seen, tone.curve(levels, contrast, headroom), atol=1 / 255)
    assert chart(card(headroom), contrast=contrast, headroom=headroom).max() >= (254 if contrast >= 1 else 225)


def test_sharpening_leaves_halos_of_its_strength_and_width() -> None:
    """The overshoot beside a step edge is amount x step / 2 at the edge, and falls with the Gaussian of the mask."""
    size, sigma, amount = 256, 3.0, 0.6
    edge = card(float(srgb.decode(np.array(0.4))), size)
    edge[:, size // 2 :] = srgb.decode(np.array(0.6))
    line = chart(edge, sharpen=amount, sharpen_radius=sigma / size)[size // 2, :, 1] / 255
    at = np.arange(size) + 0.5 - size / 2
    from scipy.special import ndtr

    step = np.where(at < 0, 0.4, 0.6)
    expected = step + amount * (step - (0.4 + 0.2 * ndtr(at / sigma)))
    np.testing.assert_allclose(line[20:-20], expected[20:-20], atol=1.5 / 255)
    assert line.max() > 0.6 + 0.4 * amount * 0.2 * 0.8


def even_noise(sd: float) -> detail.Noise:
    """Noise of `sd` on the luma of any grey, the same and independent in each colour before that."""
    luma = float(np.linalg.norm(detail.LUMA))
    ratios = [float(np.linalg.norm(np.eye(3)[c] - detail.LUMA)) / luma for c in (0, 2)]
    return detail.Noise(1e-9, (sd * luma) ** 2, *ratios, sd)


def test_denoising_quiets_flat_parts_and_keeps_edges() -> None:
    """Luma softly, colour hard; an edge of 13 sd stays."""
    rng = np.random.default_rng(1)
    clean = np.full((128, 128, 3), 0.3, np.float32)
    clean[:, 64:] = 0.7
    noisy = clean + rng.normal(0, 0.03, clean.shape).astype(np.float32)
    sds, colours, slopes = [], [], []
    for strength in (0.0, 0.4, 0.9):
        out = detail.denoise(noisy, strength, even_noise(0.03))
        luma = out @ detail.LUMA
        sds.append(luma[:, 8:56].std())
        colours.append((out[..., 0] - luma)[:, 8:56].std())
        slopes.append((luma[:, 64] - luma[:, 63]).mean())
    assert sds[1] < 0.85 * sds[0] and sds[2] < 0.45 * sds[0], sds
    assert max(colours[1:]) < 0.15 * colours[0], colours
    assert slopes[2] > 0.85 * 0.4


def test_denoising_smears_weak_texture_but_not_strong() -> None:
    stripes = np.repeat((np.arange(128) % 4 < 2).astype(np.float32)[None, :], 128, axis=0)[..., None]
    kept = []
    for height in (0.02, 0.4):
        picture = np.repeat(0.5 + height * (stripes - 0.5), 3, axis=2).astype(np.float32)
        kept.append(float(detail.denoise(picture, 0.8, even_noise(0.02)).std() / picture.std()))
    assert kept[0] < 0.45 < 0.95 < kept[1]


def test_what_is_strongly_coloured_keeps_its_colour_and_its_edge() -> None:
    picture = np.full((96, 96, 3), (0.6, 0.1, 0.1), np.float32)
    picture[:, 48:] = (0.1, 0.16, 0.6)
    noisy = picture + np.random.default_rng(3).normal(0, 0.02, picture.shape).astype(np.float32)
    out = detail.denoise(noisy, 0.5, even_noise(0.02))
    np.testing.assert_allclose(out[:, 46:50].mean(axis=0), picture[0, 46:50], atol=0.03)


@pytest.mark.parametrize("oversample", [1.2, 3.0])
def test_a_dark_card_at_high_iso_comes_out_grey_and_as_dark_as_it_is(oversample: float) -> None:
    """Its noise is cut off at black by the tone curve: cleaned afterwards, each colour's half of it would stay as a cast."""
    matrix = (1.7, -0.6, -0.1, -0.2, 1.5, -0.3, 0.0, -0.5, 1.5)
    d = spec(full_well_e=250 / oversample, read_noise_e=2, oversample=oversample, gain_red=2.0, gain_blue=1.8, correction=matrix,
             mix=tuple(np.linalg.inv(np.reshape(matrix, (3, 3))).ravel()), black_level=0.06, denoise=0.5)  # fmt: skip
    card = np.full((128, 128, 3), 0.02, np.float32)
    seen = development.process(mosaic.record(card, d, 128), d, 128).astype(float)
    colour = seen - seen.mean(axis=2, keepdims=True)
    assert np.abs(seen.mean(axis=(0, 1)) - 255 * tone.curve(np.array(0.02), 1.0)).max() < 5
    assert np.percentile(np.abs(colour).max(axis=2), 99) < 12
    raw = development.process(mosaic.record(card, d, 128), d.model_copy(update={"denoise": 0.0}), 128).astype(float)
    assert np.percentile(np.abs(raw - raw.mean(axis=2, keepdims=True)).max(axis=2), 99) > 40


def test_sharpening_leaves_noise_alone_below_its_core() -> None:
    noise = np.random.default_rng(2).normal(0.5, 0.004, (96, 96)).astype(np.float32)[..., None].repeat(3, axis=2)
    assert detail.sharpen(noise, 1.0, 1.0, 0.02).std() == pytest.approx(noise.std(), rel=0.02)
    assert detail.sharpen(noise, 1.0, 1.0).std() > 1.5 * noise.std()


def test_local_tone_takes_large_contrast_away_and_leaves_detail() -> None:
    v, u = np.mgrid[:128, :128]
    light = np.where(u < 64, 0.02, 0.5) * (1 + 0.1 * np.sin(u)) * np.ones_like(v)
    light = np.repeat(light[..., None], 3, axis=2).astype(np.float32)
    out = tone.local(light, 0.4)
    means = [np.log(side.mean()) for side in (light[:, :40], light[:, 88:], out[:, :40], out[:, 88:])]
    assert (means[3] - means[2]) / (means[1] - means[0]) == pytest.approx(0.6, abs=0.06)
    before, after = (np.log(p[:, 90:120, 0]).std() for p in (light, out))
    assert after == pytest.approx(before, rel=0.15)


def test_stray_light_is_taken_for_black_and_white_stays_white() -> None:
    """A scene of black hair, skin and a white wall under a veil: the veil goes, with all it did to the darkest part."""
    scene = np.full((90, 90, 3), 1.0, np.float32)
    scene[30:60], scene[60:] = 0.15, 0.01
    veiled = 0.95 * scene + 0.05
    out = tone.blackened(veiled, 1.0)
    lifted = 0.95 * 0.01 + 0.05
    assert out[75, 45, 1] == pytest.approx(lifted**2, rel=1e-3)
    assert out[15, 45, 1] == pytest.approx(1.0)
    assert veiled[45, 45, 1] / lifted < 4 < 0.15 / 0.01 < out[45, 45, 1] / out[75, 45, 1]
    np.testing.assert_array_equal(tone.blackened(veiled, 0.0), veiled)


def test_black_leaves_hues_alone() -> None:
    """Dark skin beside a grey wall and something black: red over green and blue stays as it is."""
    scene = np.full((90, 90, 3), 0.5, np.float32)
    scene[30:60], scene[60:] = (0.12, 0.07, 0.05), 0.03
    out = tone.blackened(scene, 0.9)[45, 45]
    np.testing.assert_allclose(out / out[1], scene[45, 45] / scene[45, 45, 1], rtol=1e-4)
    assert out[1] < 0.75 * 0.07


def test_a_picture_without_anything_dark_stays_light() -> None:
    light = tone.blackened(card(0.5), 1.0)
    assert light.mean() == pytest.approx(0.5 - 0.5 * tone.BLACK_MOST)


def test_hue_turns_colour_about_luma() -> None:
    display = np.full((4, 4, 3), (0.6, 0.4, 0.3), np.float32)
    turned = tone.saturate(display, 1.0, 25.0)
    a, b = (cv2.cvtColor(p, cv2.COLOR_RGB2YCrCb)[0, 0] - (0, 0.5, 0.5) for p in (display, turned))
    assert b[0] == pytest.approx(a[0], abs=1e-3)
    angle = np.degrees(np.arctan2(b[1], b[2]) - np.arctan2(a[1], a[2]))
    assert angle == pytest.approx(25, abs=0.5)
    np.testing.assert_allclose(tone.saturate(display, 1.0, 0.0), display)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("preset", ["mild", "wild", "surveillance", "passport"])
def test_no_device_washes_the_order_of_skin_tones_out(device: str, preset: str) -> None:
    """Seven skins in the same light, pictured by one camera: the darker looks darker, and not by a hair."""
    if device == "near_infrared":
        pytest.skip("melanin does not show there: tests/sensor/test_infrared.py")
    for seed in range(4):
        d = degradation(preset, Setting(device, 400.0, 2.8), lambda name, s=seed: stream(name, s, seed=5), seed)
        levels = [
            float(expose(face(r), backdrop(0.18), d).image[24:40, 24:40].mean())
            for r in (0.05, 0.10, 0.18, 0.27, 0.36, 0.45, 0.55)
        ]
        assert (np.diff(levels) > 2).all(), (seed, levels)
        assert levels[-1] - levels[0] > 60
