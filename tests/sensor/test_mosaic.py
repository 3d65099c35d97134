"""Photosites and mosaic against the declared noise model, white balance, place and sharpness."""

from __future__ import annotations

import numpy as np
import pytest
from test_sensor import spec

from facegen import rng
from facegen.sample import Degradation
from facegen.sensor import detail, mosaic, noise, tone

SITES = dict(zip(("red", "green", "blue"), range(3), strict=True))


def sites(level: float, d: Degradation, size: int = 600) -> list[np.ndarray]:
    """The raw photosites of each colour under a flat patch."""
    plane = mosaic.raw(np.full((size, size, 3), level, np.float32), d, rng.expand(3, "test"))
    return [plane[mosaic.bayer(size, size)[..., c] > 0] for c in range(3)]


@pytest.mark.parametrize("colour", SITES)
def test_mean_and_variance_of_the_raw_photosites_fit_the_declared_line(colour: str) -> None:
    """The photon transfer curve of a step wedge, fitted by weighted least squares: slope gain / full well, offset read noise."""
    d = spec(full_well_e=1500, read_noise_e=12, gain_red=1.9, gain_blue=1.6)
    gain = {"red": 1.9, "green": 1.0, "blue": 1.6}[colour]
    levels = np.linspace(0.01, 1.2, 12)
    patches = [sites(level, d)[SITES[colour]].astype(float) for level in levels]
    mean, variance = np.array([p.mean() for p in patches]), np.array([p.var(ddof=1) for p in patches])
    np.testing.assert_allclose(mean, levels, rtol=0.01)
    slope, offset = np.polyfit(mean, variance, 1, w=1 / variance)
    assert slope == pytest.approx(gain / 1500, rel=0.03)
    assert offset == pytest.approx((gain * 12 / 1500) ** 2, rel=0.15)  # a small difference of larger numbers
    np.testing.assert_allclose(variance, gain * levels / 1500 + (gain * 12 / 1500) ** 2, rtol=0.03)


def test_uneven_sensitivity_adds_a_square() -> None:
    d = spec(full_well_e=1e8, read_noise_e=0, prnu=0.01)
    for level in (0.2, 0.8):
        assert sites(level, d)[1].std() == pytest.approx(0.01 * level, rel=0.03)


def test_read_noise_lies_about_black_on_its_pedestal_and_is_clipped_without() -> None:
    kept, cut = (sites(0.0, spec(full_well_e=1000, read_noise_e=20, black_level=b))[1] for b in (0.5, 0.0))
    assert kept.mean() == pytest.approx(0, abs=3e-4)
    assert cut.min() == 0
    assert cut.mean() == pytest.approx(0.02 / np.sqrt(2 * np.pi), rel=0.03)  # the mean of a half normal, and zeros


def test_photosites_saturate_at_the_headroom() -> None:
    assert sites(3.0, spec(headroom=1.5, full_well_e=1e4))[1].max() == 1.5


def test_hot_photosites_are_as_many_as_declared() -> None:
    plane = mosaic.raw(np.zeros((1000, 1000, 3), np.float32), spec(hot_pixels=1e-3, read_noise_e=0), rng.expand(1, "test"))
    assert (plane > 0).sum() == pytest.approx(1000, rel=0.12)


def test_rows_share_an_offset() -> None:
    plane = mosaic.raw(np.zeros((800, 800, 3), np.float32), spec(full_well_e=1000, row_noise_e=10), rng.expand(1, "test"))
    assert plane.mean(axis=1).std() == pytest.approx(0.01, rel=0.1)


@pytest.mark.parametrize("oversample", [2.0, 5.0])
def test_a_reduced_picture_has_the_mean_noise_of_its_sensor_pixels(oversample: float) -> None:
    """`oversample` squared photosites make a pixel, a quarter of them red, half green, a quarter blue, none shared."""
    d = spec(full_well_e=5000, read_noise_e=8, oversample=oversample, gain_red=2.0)
    out = mosaic.record(np.full((256, 256, 3), 0.3, np.float32), d, 256) - 0.3
    for channel, (share, gain) in enumerate(((0.25, 2.0), (0.5, 1.0), (0.25, 1.0))):
        photosite = float(noise.variance(np.float32(0.3), 5000, 8, 0.0, gain))
        assert out[..., channel].var() == pytest.approx(photosite / (share * oversample**2), rel=0.03)
    assert abs(np.corrcoef(out[..., 0].ravel(), out[..., 1].ravel())[0, 1]) < 0.02


@pytest.mark.parametrize("oversample", [1.0, 1.3, 1.9, 2.0, 4.0])
def test_the_noise_label_is_the_noise_of_a_grey_card(oversample: float) -> None:
    matrix = (1.7, -0.6, -0.1, -0.2, 1.5, -0.3, 0.0, -0.5, 1.5)
    d = spec(full_well_e=900, read_noise_e=5, oversample=oversample, gain_red=1.8, gain_blue=1.5, correction=matrix,
             mix=tuple(np.linalg.inv(np.reshape(matrix, (3, 3))).ravel()), contrast=1.1, headroom=2.5)  # fmt: skip
    card = mosaic.record(np.full((256, 256, 3), mosaic.MID_GREY, np.float32), d, 256)
    seen = tone.curve(card[..., 1], d.contrast, d.headroom) * 255
    assert mosaic.grey_sd(d) == pytest.approx(float(seen.std()), rel=0.08)


@pytest.mark.parametrize("oversample", [1.0, 1.6, 2.0, 4.0])
def test_the_noise_that_processing_reckons_with_is_that_of_the_picture(oversample: float) -> None:
    """Slope, floor and the shares of the colours, measured on three grey cards."""
    matrix = (1.7, -0.6, -0.1, -0.2, 1.5, -0.3, 0.0, -0.5, 1.5)
    d = spec(full_well_e=900, read_noise_e=12, oversample=oversample, gain_red=1.8, gain_blue=1.5, correction=matrix,
             mix=tuple(np.linalg.inv(np.reshape(matrix, (3, 3))).ravel()))  # fmt: skip
    known = mosaic.expected(d)
    for level in (0.02, mosaic.MID_GREY, 0.5):
        card = mosaic.record(np.full((256, 256, 3), level, np.float32), d, 256)
        luma = card @ detail.LUMA
        assert luma.var() == pytest.approx(known.slope * level + known.floor, rel=0.08)
        for channel, share in ((0, known.red), (2, known.blue)):
            assert (card[..., channel] - luma).std() == pytest.approx(share * luma.std(), rel=0.08)


def test_a_colour_matrix_amplifies_noise_by_its_rows() -> None:
    matrix = (1.7, -0.6, -0.1, -0.2, 1.5, -0.3, 0.0, -0.5, 1.5)
    inverse = tuple(np.linalg.inv(np.reshape(matrix, (3, 3))).ravel())
    light = np.full((300, 300, 3), (0.4, 0.3, 0.2), np.float32)
    plain, mixed = (mosaic.record(light, spec(full_well_e=2000, oversample=2.0, **more), 300)
                    for more in ({}, {"mix": inverse, "correction": matrix}))  # fmt: skip
    np.testing.assert_allclose(mixed.mean(axis=(0, 1)), [0.4, 0.3, 0.2], rtol=0.01)  # the matrix undoes the mix
    native = np.reshape(inverse, (3, 3)) @ [0.4, 0.3, 0.2]
    expected = np.square(np.reshape(matrix, (3, 3))) @ (native / 2000 / 4 / noise.SITES)
    np.testing.assert_allclose(mixed.var(axis=(0, 1)), expected, rtol=0.04)
    assert (mixed.var(axis=(0, 1)) > plain.var(axis=(0, 1))).all()


def test_demosaicing_keeps_flat_colours_and_greys_a_ramp() -> None:
    flat = np.full((64, 64, 3), (0.5, 0.3, 0.1), np.float32)
    d = spec(oversample=1.0, full_well_e=1e9)
    np.testing.assert_allclose(mosaic.record(flat, d, 64), flat, atol=2e-3)
    ramp = np.repeat(np.repeat(np.linspace(0.1, 0.6, 64, dtype=np.float32)[None, :, None], 64, axis=0), 3, axis=2)
    np.testing.assert_allclose(mosaic.record(ramp, d, 64)[4:-4, 4:-4], ramp[4:-4, 4:-4], atol=0.01)


@pytest.mark.parametrize("oversample", [1.0, 1.37, 1.9])
def test_the_mosaic_moves_nothing(oversample: float) -> None:
    """The centre of a blob stays within 0.05 px."""
    v, u = np.mgrid[:64, :64] + 0.5
    blob = np.exp(-((u - 30.3) ** 2 + (v - 33.8) ** 2) / (2 * 4**2)).astype(np.float32)
    out = mosaic.record(np.dstack([blob] * 3), spec(oversample=oversample, full_well_e=1e9), 64).astype(float)
    for channel in range(3):
        weight = out[..., channel] / out[..., channel].sum()
        assert (weight * u).sum() == pytest.approx(30.3, abs=0.05)
        assert (weight * v).sum() == pytest.approx(33.8, abs=0.05)


def test_noise_follows_its_seed() -> None:
    light = np.full((32, 32, 3), 0.2, np.float32)
    a, b, c = (mosaic.record(light, spec(seed=s, full_well_e=500, oversample=1.2), 32) for s in (0, 0, 1))
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, c)
