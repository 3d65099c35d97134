"""Devices, lenses and shake as they are drawn: physics that holds for every draw."""

from __future__ import annotations

import numpy as np
import pytest

from facegen import rng
from facegen.geometry import projection, thinlens
from facegen.geometry.framing import face_position
from facegen.population.cameras import camera
from facegen.population.distributions import of
from facegen.population.plan import build
from facegen.resources import asset_json
from facegen.sample import CameraSpec
from facegen.spec import DatasetSpec, names
from facegen.spec.shots import Shots
from facegen.stage.camera import camera as staged

DEVICES = (
    "phone_front", "phone_back", "dslr", "dslr_tele", "webcam", "cctv", "passport_booth", "passport_scanner", "near_infrared",
)  # fmt: skip


NO_FAULT = {"chance": 0.0, "share": 0.0}
PLAIN = {"strength": 1.0, "defocus": NO_FAULT, "motion": NO_FAULT}


def draws(count: int, faults: dict[str, object] = PLAIN, **shots) -> list[CameraSpec]:
    """Cameras at pseudo-random numbers; every factor has its own, so that a change of one changes no other."""
    declared = Shots.model_validate(shots)
    return [camera(declared, faults, lambda key, n=n: float(rng.stream(key, n, seed=5).random())) for n in range(count)]


def test_devices_are_the_nine_of_the_specs() -> None:
    assert names.cameras() == DEVICES
    table = asset_json("camera/lenses.json")
    assert sum(p["share"] for p in table["profiles"].values()) == pytest.approx(1)
    said = ",".join(table["sources"])
    for word in ("distance_m", "lens_mm", "distortion", "lateral", "vignette", "veil", "camera_deg_s", "head_m_s", "readout_s"):
        assert word in said


@pytest.mark.parametrize("device", DEVICES)
def test_every_draw_is_a_lens_that_could_be(device: str) -> None:
    table = asset_json("camera/lenses.json")["profiles"][device]
    for spec in draws(120, camera=device):
        cam = staged(spec, 128)
        assert np.isfinite(projection.project(face_position(spec)[None], cam)).all()  # the polynomial does not fold back
        low, high = of(table["distance_m"]).support
        assert low <= spec.distance_m <= high
        if table["lens_mm"] is not None:  # the lens itself is no longer than the device's
            assert thinlens.focal_m(spec) * 1e3 <= of(table["lens_mm"]).support[1] / of(table["crop"]).support[0] + 1e-6
        assert abs(float(thinlens.circle(spec, spec.distance_m, thinlens.focus_m(spec)))) < 0.05


def test_a_telephone_sees_all_of_a_head_sharp_and_a_fast_tele_does_not() -> None:
    def depth_of_field(device: str) -> float:  # disc at an ear, 11 cm behind the eyes, with the eyes in focus
        return float(np.median([thinlens.circle(s, s.distance_m + 0.11, s.distance_m) for s in draws(100, camera=device)]))

    assert depth_of_field("phone_front") < 0.0012
    assert depth_of_field("dslr") > 3 * depth_of_field("phone_back")


def test_a_perfect_preset_leaves_a_pinhole_where_the_camera_stood() -> None:
    for spec, was in zip(draws(20, {**PLAIN, "strength": 0.0}), draws(20), strict=True):
        assert (spec.f_number, spec.vignette, spec.veil, spec.flare, spec.readout_s) == (0, 0, 0, 0, 0)
        assert not any((*spec.distortion, spec.ca_red, spec.ca_blue, spec.ca_axial, *spec.motion.head_velocity))
        for name in (
            "profile",
            "focal_mm",
            "distance_m",
            "center_x",
            "principal_x",
            "principal_y",
            "tilt_deg",
            "roll_deg",
            "crop",
        ):
            assert getattr(spec, name) == getattr(was, name)


def test_a_bad_focus_blurs_as_much_as_was_asked() -> None:
    found = draws(200, {**PLAIN, "defocus": {"chance": 1.0, "share": 0.012}})
    for spec in found:
        disc = thinlens.circle(spec, spec.distance_m, thinlens.focus_m(spec))
        assert abs(float(disc)) == pytest.approx(0.012, rel=0.01)
    assert 0.1 < np.mean([s.focus_offset_m > 0 for s in found]) < 0.9


def test_a_smear_is_as_long_as_was_asked_at_the_declared_exposure() -> None:
    seconds, heads = asset_json("camera/lenses.json")["fault_exposure_s"], 0
    for spec in draws(100, {"strength": 1e-9, "defocus": NO_FAULT, "motion": {"chance": 1.0, "share": 0.02}}):
        cam = staged(spec, 1000)
        way = projection.streaks(face_position(spec)[None], cam.drift, seconds, cam)[0]
        assert np.hypot(*way) == pytest.approx(20, rel=0.12)  # wide off the axis, a turn sweeps farther than a tangent
        heads += any(abs(v) > 1e-3 for v in spec.motion.head_velocity)
    assert 25 < heads < 75


def test_surveillance_looks_down_and_adds_its_tilt_to_the_pitch() -> None:
    def shots(device: str):
        declared = {"camera": device, "pitch_deg": {"uniform": [-5, 5]}}
        return [s.shot for s in build(_spec(declared)).samples()]

    for above, level in zip(shots("cctv"), shots("dslr"), strict=True):
        assert 7 <= above.camera.tilt_deg <= 35
        assert above.pose.pitch_deg == pytest.approx(level.pose.pitch_deg + above.camera.tilt_deg, abs=1e-3)


def test_the_preset_of_faults_moves_no_other_draw() -> None:
    first, second = (build(_spec({"degradation": word, "camera": "dslr"})).samples() for word in names.degradations()[:2])
    for a, b in zip(first, second, strict=True):
        assert a.shot.pose == b.shot.pose
        for name in ("profile", "focal_mm", "distance_m", "principal_x", "tilt_deg"):
            assert getattr(a.shot.camera, name) == getattr(b.shot.camera, name)


def _spec(shots) -> DatasetSpec:
    base = {"name": "cameras", "seed": 3, "date": "2026-01-01", "identities": 12, "images_per_identity": 2, "size": 64}
    return DatasetSpec.from_dict({**base, "shots": shots})
