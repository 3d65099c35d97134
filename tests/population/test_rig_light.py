"""Light rigs: exposure, colour and refusals."""

from __future__ import annotations

import numpy as np
import pytest

from facegen.errors import SpecError
from facegen.geometry import harmonics
from facegen.population.light import direction, kelvin_rgb, ranges, rig_light, rigs


def middle(name: str) -> dict[str, float]:
    return {key: (low + high) / 2 for key, (low, high) in ranges(rigs()[name]).items()}


@pytest.mark.parametrize("name", sorted(rigs()))
def test_every_rig_gives_the_asked_exposure(name: str) -> None:
    drawn = middle(name)
    light = rig_light(rigs()[name], drawn, name)
    normals, solid = harmonics.sphere_grid(32)
    seen = np.clip(normals[:, 2], 0, None) * solid
    total = np.clip(harmonics.irradiance(np.array(light.sh).reshape(16, 3), normals), 0, None)
    for key in light.keys:
        total = total + np.clip(normals @ np.array(key.direction), 0, None)[:, None] * np.array(key.rgb)
    level = ((total * seen[:, None]).sum(axis=0) / seen.sum()) @ [0.2126, 0.7152, 0.0722] / np.pi
    assert level == pytest.approx(drawn["level"], rel=0.03)


def test_mirror_swaps_sides_only() -> None:
    name = "window_side"
    drawn = middle(name)
    left, right = (rig_light(rigs()[name], {**drawn, "mirror": m}, name) for m in (0.0, 1.0))
    assert left.keys[0].direction[0] == pytest.approx(-right.keys[0].direction[0])
    assert left.keys[0].rgb == pytest.approx(right.keys[0].rgb, abs=1e-4)


def test_directions_and_colours() -> None:
    np.testing.assert_allclose(direction(0, 0), [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(direction(90, 0), [1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(direction(0, 90), [0, 1, 0], atol=1e-12)
    warm, cold = kelvin_rgb(2700), kelvin_rgb(12000)
    assert warm[0] > warm[2]
    assert cold[2] > cold[0]
    np.testing.assert_allclose(kelvin_rgb(6500), [1, 1, 1], atol=0.08)


def test_numbers_outside_their_range_are_refused() -> None:
    rig = rigs()["studio_soft"]
    with pytest.raises(SpecError, match="draw it within"):
        rig_light(rig, {**middle("studio_soft"), "level": 9.0})
    with pytest.raises(SpecError, match="missing"):
        rig_light(rig, {})
    with pytest.raises(SpecError, match="not one of"):
        rig_light(rig, {**middle("studio_soft"), "levle": 1.0})


def test_harmonics_project_what_they_evaluate() -> None:
    rng = np.random.default_rng(2)
    coefficients = rng.normal(size=(16, 3))
    again = harmonics.project(lambda d: harmonics.radiance(coefficients, d))
    np.testing.assert_allclose(again, coefficients, atol=1e-9)
    uniform = np.zeros((16, 3))
    uniform[0] = 1 / 0.28209479177387814
    np.testing.assert_allclose(harmonics.irradiance(uniform, np.eye(3)), np.pi, rtol=1e-9)
