"""The statistics of pictures whose statistics are known."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import photo_statistics  # noqa: E402


def noise_of(exponent: float, seed: int, size: int = 256) -> np.ndarray:
    """A picture whose power falls as frequency ** exponent."""
    rng = np.random.default_rng(seed)
    f = np.hypot(*np.meshgrid(np.fft.fftfreq(size), np.fft.fftfreq(size)))
    f[0, 0] = 1
    return np.fft.ifft2(np.fft.fft2(rng.normal(0, 1, (size, size))) * f ** (exponent / 2)).real


@pytest.mark.parametrize("exponent", [0.0, -1.0, -2.0, -3.0])
def test_the_slope_of_a_power_law_is_found(exponent: float) -> None:
    slope, diagonal = np.mean([photo_statistics.spectrum(noise_of(exponent, seed)) for seed in range(12)], axis=0)
    assert slope == pytest.approx(exponent, abs=0.08)
    assert diagonal == pytest.approx(1, abs=0.15)


def test_noise_and_kurtosis_of_a_normal_picture() -> None:
    rng = np.random.default_rng(4)
    luma = np.clip(120 + rng.normal(0, 6, (400, 400)), 0, 255).round().astype(np.uint8)
    found = photo_statistics.measure(np.repeat(luma[..., None], 3, axis=2))
    assert found["noise"] == pytest.approx(6, rel=0.1)
    assert found["kurtosis"] == pytest.approx(3, abs=0.3)
    assert found["range"] == pytest.approx(2 * 6 * stats.norm.ppf(0.99), abs=1.5)
    assert found["black"] == found["white"] == 0


def test_axes_and_diagonals_are_told_apart() -> None:
    v, u = np.mgrid[:256, :256]
    upright, leaning = np.sin(0.6 * u), np.sin(0.42 * (u + v))
    assert photo_statistics.spectrum(upright)[1] < 0.05
    assert photo_statistics.spectrum(leaning)[1] > 20
