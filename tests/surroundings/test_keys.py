"""Radiance maps, their harmonics and their key lights against numeric integration."""

from __future__ import annotations

import numpy as np
import pytest

from facegen.geometry import harmonics
from facegen.geometry.framing import gravity_to_camera
from facegen.population.light import draw_place, environments
from facegen.sample import BackgroundSpec
from facegen.surroundings import keys, maps, places
from facegen.surroundings.colour import luminance
from facegen.surroundings.quads import towards

NORMALS, _ = harmonics.sphere_grid(8)


def scene(*discs: tuple[float, float, float, float], sky: float = 1.0) -> np.ndarray:
    """A grey sphere, brighter above, with discs (azimuth, elevation, diameter, irradiance)."""
    out = (0.5 + 0.5 * sky * np.clip(maps.directions()[..., 1:2], 0, 1)) * np.array([1.0, 0.9, 0.8], np.float32)
    out = out.astype(np.float32)
    for azimuth, elevation, size, lux in discs:
        maps.disc(out, towards(azimuth, elevation), lux * np.array([1.0, 0.8, 0.6]), size)
    return out


def test_texels_cover_the_sphere() -> None:
    assert maps.solid_angles().sum() == pytest.approx(4 * np.pi)
    assert np.allclose(np.linalg.norm(maps.directions(), axis=2), 1, atol=1e-6)
    assert maps.directions()[32, 64] == pytest.approx([0.025, -0.025, 1], abs=0.01)  # the middle looks at the camera
    assert maps.directions()[32, 96, 0] > 0.99  # columns run towards +X


def test_projection_equals_the_integral() -> None:
    radiance = scene((40, 30, 50, 5.0))
    want = maps.irradiance(radiance, NORMALS)
    got = harmonics.irradiance(maps.project(radiance), NORMALS)
    assert np.abs(got - want).max() / want.max() < 0.05  # what bands above the third carry (Ramamoorthi & Hanrahan 2001)
    even = np.full((maps.ROWS, maps.COLUMNS, 3), 2.0, np.float32)
    assert harmonics.irradiance(maps.project(even), NORMALS) == pytest.approx(2 * np.pi, rel=2e-3)


@pytest.mark.parametrize("size", [0.53, 12.0, 25.0, 50.0])
def test_a_disc_is_found_where_and_as_large_as_it_is(size: float) -> None:
    at = towards(37.0, 28.0)
    rest, found = keys.extract(scene((37.0, 28.0, size, 40.0)))
    assert len(found) == 1
    assert np.degrees(np.arccos(found[0].direction @ at)) < 1.5
    assert found[0].size_deg == pytest.approx(size, rel=0.12, abs=1.5)
    assert found[0].rgb[0] == pytest.approx(40.0, rel=0.08)
    assert luminance(rest).max() < 4.0


def test_sizes_that_texels_cannot_tell_are_told() -> None:
    at = towards(37.0, 28.0)
    _, (found,) = keys.extract(scene((37.0, 28.0, 4.0, 40.0)), known=((at, 4.0), (towards(0, 0), 2.0)))
    assert found.size_deg == 4.0


def test_two_lights_are_two_keys_strongest_first() -> None:
    _, found = keys.extract(scene((-60, 20, 8, 30.0), (50, 40, 25, 60.0)))
    assert [round(s.direction[0], 1) > 0 for s in found] == [True, False]


def test_an_even_sphere_has_no_key() -> None:
    rest, found = keys.extract(np.ones((maps.ROWS, maps.COLUMNS, 3), np.float32))
    assert found == []
    assert (rest == 1).all()


def test_a_key_across_the_seam_and_at_the_zenith_is_one() -> None:
    for azimuth, elevation in ((180.0, 10.0), (0.0, 88.0)):
        _, found = keys.extract(scene((azimuth, elevation, 24.0, 50.0)))
        assert len(found) == 1
        assert found[0].direction @ towards(azimuth, elevation) > 0.995


def test_no_light_is_lost_or_made() -> None:
    """Flux: rest and sources' discs carry what the map carries, exactly; irradiance within what a disc differs from a window."""
    for name in environments():
        place = draw_place(name, np.random.default_rng(4), 11)
        radiance = places.radiance_map(place, BackgroundSpec(kind="indoor", seed=3))
        rest, found = keys.extract(radiance)
        both = maps.project(rest) + sum(keys.disc_harmonics(s) for s in found) if found else maps.project(rest)
        assert both[0] == pytest.approx(maps.project(radiance)[0], rel=0.02), name
        want = luminance(maps.irradiance(radiance, NORMALS))
        got = luminance(np.clip(harmonics.irradiance(maps.project(rest), NORMALS), 0, None))
        for s in found:
            got = got + np.clip(NORMALS @ s.direction, 0, None) * luminance(s.rgb)
        assert np.abs(got - want).max() / want.max() < 0.13, name
        assert np.abs(got - want).mean() / want.mean() < 0.05, name


def test_rotation_moves_what_is_seen() -> None:
    radiance = scene((30, 10, 20, 50.0))
    turn = gravity_to_camera(20.0, -15.0)
    _, (moved,) = keys.extract(maps.rotated(radiance, turn))
    assert np.degrees(np.arccos(moved.direction @ (turn @ towards(30, 10)))) < 1.5
    both = harmonics.rotate(maps.project(radiance), turn)
    assert np.abs(both - maps.project(maps.rotated(radiance, turn))).max() < 0.03 * np.abs(both).max()


def test_a_camera_that_looks_down_sees_the_horizon_above() -> None:
    level = np.array([0.0, 0.0, -1.0])
    assert (gravity_to_camera(10, 0) @ level)[1] == pytest.approx(np.sin(np.radians(10)))
    side = gravity_to_camera(0, 10) @ np.array([1.0, 0.0, 0.0])  # turned counter-clockwise: the horizon's right end sinks
    assert side[1] == pytest.approx(-np.sin(np.radians(10)))
