"""Devices and presets as they are drawn: the exposure equation, chances, medians, places, neutral defaults."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from scipy import stats

from facegen import rng
from facegen.population.degradations import Setting, degradation, placed, preset_shares
from facegen.population.distributions import of
from facegen.population.exposure import DARK_EV, METER, program
from facegen.population.plan import build
from facegen.resources import asset_json
from facegen.sample import Degradation, SampleSpec
from facegen.spec import DatasetSpec, names
from facegen.spec.shots import Shots

SENSORS = asset_json("camera/sensors.json")
PRESETS = asset_json("camera/presets.json")["presets"]
DEVICES = tuple(SENSORS["devices"])
CAMERA = {"base_iso": 100, "iso": [100, 6400], "shutter_s": [1 / 4000, 1 / 10], "hand_s": 1 / 60}


def drawn(preset: str, device: str, count: int, lux: float = 400.0, f_number: float = 2.8) -> list[Degradation]:
    setting = Setting(device, lux, f_number)
    return [degradation(preset, setting, lambda name, n=n: rng.stream(name, n, seed=9), n) for n in range(count)]


def samples(count: int, **shots: Any) -> list[SampleSpec]:
    base = {"name": "a", "seed": 3, "date": "2026-01-01", "identities": count, "shots": shots}
    return list(build(DatasetSpec.from_dict(base)).samples())


@pytest.mark.parametrize("lux", [0.5, 3, 20, 150, 400, 3000, 30_000, 100_000])
@pytest.mark.parametrize("f_number", [1.8, 2.8, 8.0])
def test_the_program_obeys_the_exposure_equation(lux: float, f_number: float) -> None:
    """N^2 / t = E S / C, but for what it says is missing; limits kept, base ISO first, then shutter to what a hand holds."""
    seen = program(lux, f_number, **CAMERA)
    assert f_number**2 / seen.shutter_s == pytest.approx(lux * seen.iso / METER * 2**-seen.short_ev, rel=1e-9)
    assert CAMERA["shutter_s"][0] <= seen.shutter_s * 1.0001 and seen.shutter_s <= CAMERA["shutter_s"][1] * 1.0001
    assert -DARK_EV <= seen.short_ev <= 0
    if seen.shutter_s > CAMERA["hand_s"] * 1.0001:
        assert seen.iso >= CAMERA["iso"][1] * 0.9999
    if seen.iso > CAMERA["base_iso"] * 1.0001:
        assert seen.shutter_s >= CAMERA["hand_s"] * 0.9999


def test_sunny_sixteen() -> None:
    """In sunlight of 80,000 lux f/16 at ISO 100 asks for about 1/100 s (APEX: Av 8, Sv 5, Tv 6.6, Bv 9.6)."""
    seen = program(80_000, 16.0, 100, [100, 100], [1e-4, 1.0], 1.0)
    assert 1 / 140 < seen.shutter_s < 1 / 90
    apex = math.log2(1 / seen.shutter_s) + 2 * math.log2(16)
    assert apex == pytest.approx(math.log2(80_000 * 100 / METER))


@pytest.mark.parametrize("device", DEVICES)
def test_dim_light_costs_iso_noise_and_time(device: str) -> None:
    bright, dim = (drawn("mild", device, 30, lux) for lux in (5000.0, 20.0))
    if "lamp_lux" in SENSORS["devices"][device]:
        assert bright == dim  # it brings its own light
        return
    for a, b in zip(bright, dim, strict=True):
        assert b.iso > a.iso and b.exposure_s >= a.exposure_s and b.denoise >= a.denoise
        assert b.read_noise_e / b.full_well_e > a.read_noise_e / a.full_well_e
        same = ("wb_red", "sharpen", "oversample", "jpeg_quality", "seed", "mix", "contrast")
        assert all(getattr(a, name) == getattr(b, name) for name in same)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("preset", PRESETS)
def test_every_device_draws_within_its_table_under_every_preset(device: str, preset: str) -> None:
    table = SENSORS["devices"][device]
    for d in drawn(preset, device, 40):
        assert (d.profile, d.preset) == (device, preset)
        np.testing.assert_allclose(np.reshape(d.mix, (3, 3)).sum(axis=1), 1, atol=1e-4)
        np.testing.assert_allclose(np.reshape(d.correction, (3, 3)).sum(axis=1), 1, atol=1e-4)
        if preset == "none":
            continue
        for key in ("oversample", "downscale", "sharpen", "local_tone", "jpeg_quality", "headroom"):
            low, high = of(table[key]).support
            assert low - 0.5 * (key == "jpeg_quality") - 1e-4 <= getattr(d, key) <= high + 0.5 * (key == "jpeg_quality") + 1e-3
        assert d.jpeg_subsampling in table["subsampling"]
        assert (d.infrared > 0) == (device == "near_infrared")
        assert d.grey or device != "near_infrared"


def test_medians_are_those_declared() -> None:
    found = drawn("mild", "phone_back", 800)
    table = SENSORS["devices"]["phone_back"]
    for key in ("oversample", "sharpen", "prnu", "gain_red"):
        assert np.median([getattr(d, key) for d in found]) == pytest.approx(of(table[key]).ppf(0.5), rel=0.05)
    wells = [d.full_well_e * d.headroom * d.iso / table["base_iso"] for d in found]
    merged = wells[0] / of(table["saturation_e"]).ppf(float(rng.stream("degradation.saturation_e", 0, seed=9).random()))
    assert merged == pytest.approx(round(merged), rel=1e-3)  # whole frames
    assert np.median(wells) / merged == pytest.approx(of(table["saturation_e"]).ppf(0.5), rel=0.05)


def test_strong_faults_occur_as_often_as_declared() -> None:
    plain, strong = drawn("mild", "dslr", 3000), drawn("wild", "dslr", 3000)
    declared = PRESETS["wild"]["strong"]
    seen = {
        "hue": [d.hue_deg != 0 for d in strong],
        "noise": [a.iso > 3 * b.iso for a, b in zip(strong, plain, strict=True)],
        "contrast": [abs(math.log2(a.contrast / b.contrast)) > 0.1 for a, b in zip(strong, plain, strict=True)],
        "saturation": [abs(math.log2(a.saturation / b.saturation)) > 0.1 for a, b in zip(strong, plain, strict=True)],
    }
    for name, hits in seen.items():
        assert stats.binomtest(sum(hits), len(hits), declared[name]["chance"]).pvalue > 0.001, name
    names_ = [entry.get("name") for entry in PRESETS["wild"]["channel"]]
    for name, kind, limit in (
        ("resample", "resize", lambda s: s.down <= 0.6),
        ("strong_jpeg", "jpeg", lambda s: s.quality <= 40),
    ):
        chance = PRESETS["wild"]["channel"][names_.index(name)]["chance"]
        hits = sum(any(s.kind == kind and limit(s) for s in d.channel) for d in strong)
        assert stats.binomtest(hits, len(strong), chance).pvalue > 0.001, name
    assert not any(d.hue_deg for d in plain)


def test_strong_noise_adds_little_where_the_night_has_used_up_the_iso() -> None:
    most = SENSORS["devices"]["phone_front"]["iso"][1]
    for lux in (0.5, 5.0):
        plain, strong = (drawn(preset, "phone_front", 600, lux) for preset in ("mild", "wild"))
        more = [(a.iso, b.iso) for a, b in zip(strong, plain, strict=True) if a.iso > 1.01 * b.iso]
        assert all(a <= max(2 * most, b) * 1.001 for a, b in more)
        assert bool(more) == (lux > 1)


def test_lens_faults_are_declared_for_every_preset() -> None:
    for preset in PRESETS.values():
        for fault in ("defocus", "motion"):
            assert 0 <= preset["lens"][fault]["chance"] <= 1
            assert preset["lens"][fault]["chance"] == 0 or of(preset["lens"][fault]["share"]).support[1] < 0.1


def test_any_reads_the_presets_tables_and_words_override_them() -> None:
    shots = placed(Shots(), "passport")
    assert set(shots.camera.names) == set(PRESETS["passport"]["devices"])
    assert set(shots.light.names) == set(PRESETS["passport"]["light"])
    told = Shots.model_validate({"camera": "webcam", "light": "lamp_warm"})
    assert placed(told, "passport") == told
    for preset in PRESETS.values():
        assert sum(preset["devices"].values()) == pytest.approx(1)
        assert "light" not in preset or sum(preset["light"].values()) == pytest.approx(1)
        assert set(preset["devices"]) <= set(DEVICES) == set(names.cameras())


def test_presets_come_in_their_shares() -> None:
    seen = Counter(s.shot.degradation.preset for s in samples(400, degradation={"mild": 0.5, "wild": 0.25, "passport": 0.25}))
    assert stats.chisquare([seen["mild"], seen["wild"], seen["passport"]], [200, 100, 100]).pvalue > 0.01
    assert {s.shot.degradation.preset for s in samples(5)} == {"wild"}
    shares = preset_shares()
    assert sum(shares.values()) == pytest.approx(1) and "none" in shares


def test_none_is_a_perfect_sensor() -> None:
    for d in drawn("none", "webcam", 5):
        assert (d.read_noise_e, d.exposure_ev, d.wb_red, d.contrast, d.sharpen, d.denoise) == (0, 0, 1, 1, 0, 0)
        assert (d.downscale, d.jpeg_quality, d.channel, d.grey) == (1, 100, (), False)


def test_wild_is_worse_than_mild() -> None:
    wild, mild = (
        [s.shot.degradation for s in samples(300, degradation=preset, camera=["phone_front", "phone_back", "dslr"])]
        for preset in ("wild", "mild")
    )
    for measure in (lambda d: abs(d.exposure_ev), lambda d: abs(math.log(d.wb_blue)), lambda d: len(d.channel)):
        assert np.mean([measure(d) for d in wild]) > 1.3 * np.mean([measure(d) for d in mild])


def test_an_older_sample_still_parses() -> None:
    old = {"profile": "studio", "exposure_ev": 0, "wb_red": 1, "wb_blue": 1, "full_well_e": 1e4, "read_noise_e": 2, "contrast": 1,
           "saturation": 1, "sharpen": 0, "downscale": 1, "jpeg_quality": 95, "jpeg_subsampling": "444", "grey": False,
           "seed": 1}  # fmt: skip
    d = Degradation.model_validate(old)
    assert (d.channel, d.denoise, d.local_tone, d.infrared, d.hue_deg, d.preset) == ((), 0, 0, 0, 0, "")


def test_a_spec_sets_the_chance_of_faults_by_name() -> None:
    def kinds(chances: dict[str, float]) -> list[set[str]]:
        setting = Setting("dslr", 400.0, 2.8)
        made = (degradation("wild", setting, lambda name, n=n: rng.stream(name, n, seed=9), n, chances) for n in range(400))
        return [{s.kind for s in d.channel} | ({"hue"} if d.hue_deg else set()) for d in made]

    never, always = kinds({"graduated": 0.0, "hue": 0.0}), kinds({"graduated": 1.0, "hue": 1.0})
    assert not any({"graduated", "hue"} & seen for seen in never)
    assert all({"graduated", "hue"} <= seen for seen in always)
    assert [seen - {"graduated", "hue"} for seen in never] == [seen - {"graduated", "hue"} for seen in always]


def test_an_unknown_fault_is_named() -> None:
    with pytest.raises(ValueError, match="faults.*'graduate'.*graduated"):
        Shots.model_validate({"faults": {"graduate": 0.1}})
    with pytest.raises(ValueError, match="less than or equal to 1"):
        Shots.model_validate({"faults": {"graduated": 1.5}})
