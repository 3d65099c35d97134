"""Drops on the lens: where they are declared, upside down inside, nothing elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from facegen.sample import Rain
from facegen.sensor import rain

SIZE = 200


def covered(wet: Rain) -> np.ndarray:
    """Where a drop may reach (S, S)."""
    x, y = np.meshgrid((np.arange(SIZE) + 0.5) / SIZE, (np.arange(SIZE) + 0.5) / SIZE)
    out = np.zeros((SIZE, SIZE), bool)
    for cx, cy, radius, turn in rain.discs(wet):
        out |= np.hypot(x - cx, (y - cy) / (1 + turn)) < radius * (1 + 0.5 * rain.SOFT) + 1 / SIZE
    return out


def test_light_changes_under_drops_only():
    light = np.random.default_rng(1).uniform(0, 1, (SIZE, SIZE, 3)).astype(np.float32)
    wet = Rain(strength=0.5, seed=3)
    changed = (rain.drops(light, wet) != light).any(2)
    assert changed.any() and not (changed & ~covered(wet)).any()


def test_stronger_rain_covers_more():
    share = [np.mean([covered(Rain(strength=s, seed=k)).mean() for k in range(20)]) for s in (0.0, 0.5, 1.0)]
    assert 0 < share[0] < share[1] < share[2] < 0.35


def test_a_drop_shows_the_scene_upside_down():
    ramp = np.repeat(np.linspace(0.2, 1.0, SIZE, dtype=np.float32)[:, None], SIZE, 1)[..., None] * np.ones(3, np.float32)
    out = ramp.copy()
    rain._drop(out, ramp, 100.0, 100.0, 16.0, 0.0)
    column = out[92:108, 100, 0]
    assert column[0] > column[-1] + 0.1 and ramp[92, 100, 0] < ramp[107, 100, 0]
    assert out[100, 100, 0] == pytest.approx(ramp[100, 100, 0], rel=0.03)


def test_same_seed_same_drops():
    a, b = (rain.discs(Rain(strength=0.7, seed=s)) for s in (5, 5))
    assert np.array_equal(a, b) and not np.array_equal(a, rain.discs(Rain(strength=0.7, seed=6)))
