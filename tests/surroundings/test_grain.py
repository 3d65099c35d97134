"""Texture of surfaces: as much in every octave, averaged over what a pixel sees, for the camera alone; people are round."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegen.surroundings import furnishings, maps
from facegen.surroundings.grain import Grain, noise
from facegen.surroundings.paint import THING_SHARES, Canvas, even, wall
from facegen.surroundings.people import Figure, person
from facegen.surroundings.quads import box
from facegen.surroundings.world import World


def patch(side: int, step: float, grain: Grain, footprint: float | None = None) -> np.ndarray:
    """Noise (side, side) at points `step` metres apart."""
    at = (np.arange(side, dtype=np.float32) + 0.5) * np.float32(step)
    x, y = np.meshgrid(at, at)
    return noise(grain, x, y, np.full((side, side), step if footprint is None else footprint, np.float32))


@pytest.mark.parametrize("step", [0.01, 0.04])
def test_power_of_grain_falls_with_the_square_of_frequency(step: float) -> None:
    slopes = []
    for seed in range(4):
        plane = patch(256, step, Grain(1.0, 3.0, seed))
        window = np.outer(np.hanning(256), np.hanning(256))
        power = np.abs(np.fft.fft2((plane - plane.mean()) * window)) ** 2
        f = np.hypot(*np.meshgrid(np.fft.fftfreq(256), np.fft.fftfreq(256)))
        rings = [(f >= a) & (f < 1.4 * a) for a in (0.03, 0.042, 0.06, 0.083, 0.117, 0.16, 0.23)]
        slopes.append(np.polyfit(*np.log([[f[r].mean() for r in rings], [power[r].mean() for r in rings]]), 1)[0])
    assert -2.6 < np.mean(slopes) < -1.8


def test_a_coarse_pixel_sees_the_mean_of_the_fine_ones() -> None:
    grain = Grain(1.0, 3.0, 5)
    fine = patch(256, 3 / 256, grain).reshape(32, 8, 32, 8).mean(axis=(1, 3))
    coarse = patch(32, 8 * 3 / 256, grain)
    assert np.corrcoef(fine.ravel(), coarse.ravel())[0, 1] > 0.9
    assert coarse.std() == pytest.approx(fine.std(), rel=0.2)


def test_grain_is_for_the_camera_and_keeps_the_level() -> None:
    plain = box(6, 6, -3, -3, -2.0, even(6, 6, (0.4, 0.4, 0.4), 1, 0.0))
    rough = replace(plain, grain=Grain(0.1, 2.0, 3))
    worlds = [World((quad,), (), lambda n: np.full(3, np.pi)) for quad in (plain, rough)]
    np.testing.assert_array_equal(worlds[0].map(), worlds[1].map())
    assert worlds[0].map().shape == (maps.ROWS, maps.COLUMNS, 3)
    at = np.linspace(-0.5, 0.5, 96, dtype=np.float32)
    d = np.stack([*np.meshgrid(at, -at), np.full((96, 96), -1, np.float32)], axis=2)
    d /= np.linalg.norm(d, axis=2, keepdims=True)
    smooth, textured = (world.seen(np.zeros(3), d, 96.0)[..., 1] for world in worlds)
    assert smooth.std() < 1e-3 and 0.03 < np.log(textured).std() < 0.15
    assert textured.mean() == pytest.approx(smooth.mean(), rel=0.08)


def test_a_part_is_brighter_on_the_side_of_the_light() -> None:
    for side in (-1.0, 1.0):
        figure = Figure(1.0, 1.0, 60.0, side)
        figure.oval(0.5, 0.5, 0.3, 0.3, (0.5, 0.5, 0.5))
        paint = figure.done()
        level = paint.albedo[..., 1]
        assert (level[30, 15] < level[30, 30] or level[30, 45] < level[30, 30]) and paint.cover is not None
        assert side * (level[30, 45] - level[30, 15]) > 0.03
        assert level[15, 30] > level[45, 30]  # light comes from above
        assert paint.cover[2, 2] == 0 and paint.cover[30, 30] == pytest.approx(1)


def test_people_differ_and_stay_themselves_at_any_detail() -> None:
    sixteen = [person(0.8, 1.75, seed)(40.0) for seed in range(16)]
    assert len({paint.albedo.tobytes() for paint in sixteen}) == 16
    for seed, paint in enumerate(sixteen):
        assert 0 < paint.albedo.max() < 1.3 and paint.cover is not None and 0.15 < paint.cover.mean() < 0.6
        coarse = person(0.8, 1.75, seed)(20.0)
        assert coarse.cover is not None and coarse.cover.mean() == pytest.approx(paint.cover.mean(), rel=0.1)


@pytest.mark.parametrize("thing", furnishings.THINGS, ids=lambda thing: thing.__name__)
def test_everything_on_a_wall_has_parts_and_casts_a_shadow(thing: object) -> None:
    """On a bare wall of one colour: some of it is drawn, in several shades, and the paint beside it is darker than far off."""
    assert len(furnishings.THINGS) == len(THING_SHARES) + 1
    shades = 0
    for seed in range(5):
        canvas = Canvas(4.0, 2.7, 80.0, (0.5, 0.5, 0.5))
        width = thing(canvas, np.random.default_rng(seed), 0.8, 2.7)  # type: ignore[operator]
        assert 0.2 < width < 3.5
        shades += len(np.unique(np.round(canvas.image[..., 1], 2)))
    assert shades / 5 >= 5
    drawn = wall(4.0, 2.7, (0.5, 0.5, 0.5), 12, (thing,) * 9, 2)(60.0).albedo  # type: ignore[arg-type]
    assert np.isfinite(drawn).all() and 0 < drawn.min() < 0.4 * drawn.max()
