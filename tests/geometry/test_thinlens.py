"""Depth of field against the lens equation."""

import numpy as np
import pytest

from facegen.geometry import thinlens
from facegen.sample import CameraSpec

SPEC = CameraSpec(profile="test", focal_mm=85, distance_m=1.8, center_x=0.5, center_y=0.5, f_number=1.8, crop=1.5)


@pytest.mark.parametrize("depth", [0.9, 1.7, 1.8, 1.95, 6.0])
def test_disc_by_tracing_the_cone_of_light(depth: float) -> None:
    """Image distances from 1/f = 1/d + 1/i; the cone of a point, cut by the sensor, by similar triangles."""
    f = 0.085 / 1.5
    sensor, image = 1 / (1 / f - 1 / 1.8), 1 / (1 / f - 1 / depth)
    disc = f / 1.8 * abs(image - sensor) / image
    height = 0.024 / 1.5
    assert abs(float(thinlens.circle(SPEC, depth, 1.8))) == pytest.approx(disc / height, rel=1e-9, abs=1e-12)


def test_the_sign_tells_behind_from_before() -> None:
    near, sharp, far = thinlens.circle(SPEC, [1.5, 1.8, 2.5], 1.8)
    assert near < 0 < far and sharp == 0


def test_a_small_sensor_sees_deeper_at_the_same_view() -> None:
    phone = SPEC.model_copy(update={"crop": 7.0})
    ratio = thinlens.circle(SPEC, 2.5, 1.8) / thinlens.circle(phone, 2.5, 1.8)
    assert float(ratio) == pytest.approx(7.0 / 1.5, rel=0.05)


@pytest.mark.parametrize("wanted", [0.002, 0.01, 0.03])
@pytest.mark.parametrize("behind", [True, False])
def test_focus_for_gives_the_wanted_disc(wanted: float, behind: bool) -> None:
    focus = thinlens.focus_for(SPEC, 1.8, wanted, behind)
    assert abs(float(thinlens.circle(SPEC, 1.8, focus))) == pytest.approx(wanted, rel=1e-6)
    assert (focus > 1.8) == (behind and wanted * 1.8 / thinlens.strength(SPEC) < 0.95)


def test_a_pinhole_is_sharp_everywhere() -> None:
    pinhole = SPEC.model_copy(update={"f_number": 0.0})
    assert not np.any(thinlens.circle(pinhole, [0.5, 1.8, 50], 1.8))
