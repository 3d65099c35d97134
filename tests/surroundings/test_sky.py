"""Daylight against closed forms and published figures; colours of sources."""

from __future__ import annotations

import numpy as np
import pytest

from facegen.surroundings import maps
from facegen.surroundings.colour import kelvin_rgb, luminance
from facegen.surroundings.quads import towards
from facegen.surroundings.sky import CIE, air_mass, relative_luminance, sky, sky_lux, sun_lux, sun_rgb


def horizontal(radiance: np.ndarray) -> float:
    return float(maps.irradiance(radiance, np.array([[0.0, 1.0, 0.0]]))[0] @ [0.2126, 0.7152, 0.0722])


def test_air_mass() -> None:
    assert air_mass(90) == pytest.approx(1, abs=1e-3)
    assert air_mass(30) == pytest.approx(1 / np.sin(np.radians(30)), rel=0.005)
    assert air_mass(0) == pytest.approx(38, rel=0.02)  # Kasten & Young 1989


@pytest.mark.parametrize("kind", CIE)
def test_every_sky_gives_its_illuminance_and_1_at_the_zenith(kind: int) -> None:
    sun = towards(40, 35)
    assert relative_luminance(np.array([0.0, 1.0, 0.0]), sun, kind) == pytest.approx(1)
    value = sky(sun, kind, 12_000.0, 10_000, 6500)
    assert horizontal(value.rgb(maps.directions())) == pytest.approx(12_000, rel=1e-3)


def test_uniform_and_overcast_skies_in_closed_form() -> None:
    assert sky(towards(0, 30), 5, 10_000.0, 6500, 6500).zenith_cd == pytest.approx(10_000 / np.pi, rel=2e-3)
    low = relative_luminance(towards(0, 0.5), towards(0, 30), 1)
    assert 0.25 < low < 0.4  # the standard overcast sky: about three times as bright overhead as at the horizon
    assert relative_luminance(towards(90, 30), towards(0, 30), 1) == pytest.approx(
        relative_luminance(towards(0, 30), towards(0, 30), 1)
    )


def test_clear_skies_are_brightest_around_the_sun() -> None:
    sun = towards(40, 35)
    near, away = (relative_luminance(towards(a, 35), sun, 12) for a in (45, -140))
    assert near > 4 * away


def test_sun_and_sky_levels() -> None:
    assert sun_lux(60) == pytest.approx(100_000, rel=0.05)
    assert sun_lux(60) * np.sin(np.radians(60)) + sky_lux(60) == pytest.approx(102_000, rel=0.1)  # a clear noon: about 100 klx
    assert sky_lux(30, "overcast") == pytest.approx(10_800)
    assert sun_lux(-1) == sun_lux(50, "overcast") == 0
    assert sun_lux(5) < 0.3 * sun_lux(40)


def test_a_low_sun_is_red_and_all_suns_have_luminance_one() -> None:
    ratio = [float(rgb[0] / rgb[2]) for rgb in map(sun_rgb, (5, 15, 40, 80))]
    assert (np.diff(ratio) < 0).all()
    assert ratio[0] > 2.5
    assert [float(luminance(sun_rgb(h))) for h in (3, 60)] == pytest.approx([1, 1])


def test_colours_of_sources() -> None:
    warm, cold = kelvin_rgb(2700), kelvin_rgb(12000)
    assert warm[0] > warm[2]
    assert cold[2] > cold[0]
    np.testing.assert_allclose(kelvin_rgb(6500), [1, 1, 1], atol=0.08)
    green, pink = kelvin_rgb(4000, 0.01), kelvin_rgb(4000, -0.01)
    assert green[1] > kelvin_rgb(4000)[1] > pink[1]
    assert luminance(green) == pytest.approx(1)
