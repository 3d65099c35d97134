"""Detail energy against closed forms."""

import numpy as np
import pytest

from facegen.measures.detail import detail_energy, shortfall

MASK = np.ones((128, 128), bool)


def wave(period_px, contrast):
    x = np.arange(128) + 0.5
    return np.broadcast_to(1 + contrast * np.sin(2 * np.pi * x / period_px), (128, 128)).astype(np.float32)


@pytest.mark.parametrize("period", [4.0, 8.0, 32.0])
def test_a_wave_keeps_what_the_gaussian_takes(period):
    """A wave of frequency w leaves 1 - exp(-(w sigma)^2 / 2) of its amplitude; its mean square is contrast^2 / 2."""
    kept = 1 - np.exp(-((2 * np.pi / period * 3.0) ** 2) / 2)
    assert detail_energy(wave(period, 0.2), MASK, 3.0) == pytest.approx(0.02 * kept**2, rel=0.05)


def test_exposure_and_what_lies_outside_change_nothing():
    mask = np.zeros_like(MASK)
    mask[20:100, 20:100] = True
    picture = wave(6.0, 0.1)
    changed = np.where(mask, 0.25 * picture, 7.0)
    assert detail_energy(changed, mask, 2.0) == pytest.approx(detail_energy(picture, mask, 2.0), rel=1e-4)


def test_a_slow_gradient_has_no_detail():
    assert detail_energy(np.tile(np.linspace(0.5, 1.5, 128, dtype=np.float32), (128, 1)), MASK, 2.0) < 1e-6


def test_a_mask_too_small_is_refused():
    small = np.zeros_like(MASK)
    small[60:64, 60:64] = True
    with pytest.raises(ValueError, match="larger picture"):
        detail_energy(wave(6.0, 0.1), small, 4.0)


def test_shortfall():
    assert shortfall({"a": 0.8, "b": 1.0, "c": 0.9}) == pytest.approx(0.2)
