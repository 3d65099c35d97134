"""Exposure: what a meter sees, what it holds back, and that no skin tone is favoured."""

import numpy as np
import pytest
from lit_balls import PERFECT, backdrop, face, face_luma, spec

from facegen.sensor.metering import LEAST_HELD, LIMITS_EV, MID_GREY, STRAY_STRENGTH, meter, stray
from facegen.sensor.photo import composite, expose


@pytest.mark.parametrize("level", [0.02, 0.18, 0.9])
def test_metering_ranks_skin_tones_in_every_scene(level: float) -> None:
    lumas = [face_luma(expose(face(r), backdrop(level), PERFECT).image) for r in (0.05, 0.10, 0.18, 0.27, 0.36, 0.45, 0.55)]
    assert (np.diff(lumas) > 5).all(), lumas


def test_metering_gives_two_tones_the_same_exposure() -> None:
    dark, light = (expose(face(r), backdrop(0.3), PERFECT).applied for r in (0.05, 0.5))
    assert dark["exposure_gain"] == light["exposure_gain"]


def test_bright_background_darkens_the_face_and_ev_brightens() -> None:
    dim, mid, bright = (face_luma(expose(face(0.3), backdrop(b), PERFECT).image) for b in (0.03, 0.18, 1.0))
    assert dim > mid > bright
    up = expose(face(0.3), backdrop(0.18), spec(exposure_ev=0.5))
    assert up.applied["exposure_gain"] == pytest.approx(2**0.5, rel=0.02)
    assert face_luma(up.clean) > mid


def test_metering_holds_highlights_back() -> None:
    photo = expose(face(0.6, light=4), backdrop(0.18), PERFECT)
    assert photo.applied["highlights_held"]
    assert photo.applied["clipped_fraction"] == 0


@pytest.mark.parametrize("mode", ["person", "centre", "average"])
def test_meters_that_read_a_grey_card_do_not_see_skin(mode: str) -> None:
    dark, light = (expose(face(r), backdrop(0.3), PERFECT, mode=mode).applied for r in (0.05, 0.5))
    assert dark["exposure_gain"] == light["exposure_gain"]


def test_back_light_darkens_faces_more_the_less_the_meter_looks_at_them() -> None:
    gains = [expose(face(0.3), backdrop(1.5), PERFECT, mode=m).applied["exposure_gain"] for m in ("person", "centre", "average")]
    assert gains[0] > 1.2 * gains[1] > 1.2 * 1.1 * gains[2]
    assert gains[2] < 0.5


@pytest.mark.parametrize("mode", LIMITS_EV)
def test_a_meter_sees_stray_light_as_light_on_the_person(mode: str) -> None:
    """As much of it as a grey card sends is a stop, followed by its share; a lens without any changes nothing."""
    frame, behind = face(0.3), backdrop(0.2)
    light = composite(frame, behind)
    plain, hazy = (meter(light, frame.coverage, behind, mode, stray=more).gain for more in (0.0, MID_GREY))
    assert hazy == pytest.approx(plain * 2**-STRAY_STRENGTH)
    assert stray(light, light + np.float32(0.07), frame.coverage) == pytest.approx(0.07, rel=1e-3)
    assert stray(light, light, frame.coverage) == 0


def test_the_reflective_meter_goes_half_way() -> None:
    """Two skins a factor of 2.25 apart are exposed a factor of 1.5 apart, so that their pictures are still ranked; beyond its
    limits the meter goes no further."""
    dark, light = (expose(face(r), backdrop(0.18), PERFECT, mode="face") for r in (0.13, 0.2925))
    assert dark.applied["exposure_gain"] / light.applied["exposure_gain"] == pytest.approx(1.5, rel=0.05)
    low, high = LIMITS_EV["face"]
    darkest, lightest = (expose(face(r), backdrop(0.18), PERFECT, mode="face") for r in (0.02, 0.9))
    assert darkest.applied["exposure_gain"] == pytest.approx(2**high)
    assert lightest.applied["exposure_gain"] >= 2**low * LEAST_HELD - 1e-6
    assert face_luma(light.image) > face_luma(dark.image) + 5


def test_light_skin_is_not_clipped() -> None:
    photo = expose(face(0.6), backdrop(0.05), spec(exposure_ev=0.5))
    assert (photo.image == 255).mean() < 0.001
