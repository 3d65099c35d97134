"""Counterfactual pairs as they are rendered: what the labels say stays, and light changes inside the change's footprint alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from counterfactuals import counterfactual_spec
from numpy.typing import NDArray

from facegen.annotate.regions import region_mask
from facegen.population.plan import Plan, build
from facegen.run.outputs import Outputs
from facegen.run.studio import Studio
from facegen.sample import SampleSpec
from facegen.scene import Frame
from facegen.sensor.codec import decode
from facegen.sensor.photo import composite
from facegen.stage.background import background

LAYERS = frozenset(("albedo", "uv", "parts", "hair", "bare"))
SKIN = ("skin", "nose", "right_ear", "left_ear", "neck", "top_lip", "bottom_lip", "right_brow", "left_brow", "right_eye",
        "left_eye", "mouth_interior", "hand")  # fmt: skip
"""Regions whose colour follows the skin's: brows let it through, the white of eyes and gums brown with it, hands are of it."""
SIZE = 128


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with Studio() as made:
        yield made


def frame(studio: Studio, sample: SampleSpec) -> Frame:
    """The linear render with its label layers, before the lens."""
    person = studio._meet(sample)
    posed = studio.model.pose(person.shape, sample.shot.expression, sample.shot.gaze)
    scene, _ = studio._stage(sample, person, posed, sample.shot.wear)
    return studio.engine.render(replace(scene, layers=LAYERS))


def light(sample: SampleSpec, drawn: Frame) -> NDArray[np.float32]:
    shot = sample.shot
    return composite(drawn, background(shot.background, shot.light, shot.camera, sample.size_px))


def grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """With the pixels at its border, which mix with it."""
    return cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0


def skin_footprint(drawn: Frame) -> NDArray[np.bool_]:
    """Where label layers say that skin shows or shines through: its regions, and hair with its regions beneath."""
    assert drawn.layers.bare is not None
    thin = region_mask(drawn.ids, "hair", "beard", "background") & grown(region_mask(drawn.layers.bare, *SKIN))
    return grown(region_mask(drawn.ids, *SKIN)) | thin


def slivers(before: Frame, after: Frame) -> NDArray[np.bool_]:
    """Pixels with a sample or two of what changes, named after what most samples show: the layer albedo, their mean, knows."""
    assert before.layers.albedo is not None and after.layers.albedo is not None
    return (before.layers.albedo != after.layers.albedo).any(axis=-1)


def pairs(plan: Plan) -> Iterator[tuple[SampleSpec, SampleSpec]]:
    for group in plan.groups:
        base = plan.sample(group[0])
        yield from ((base, plan.sample(n)) for n in group[1:])


@pytest.fixture(scope="module")
def toned(studio: Studio) -> list[tuple[SampleSpec, SampleSpec, Frame, Frame]]:
    spec = counterfactual_spec({"skin_monk": [2, 9]}, identities=5, size=SIZE, seed=3,
                               shots={"degradation": "mild", "wear": {"hand": 0.5, "mask": 0.3, "scarf": 0.3}})  # fmt: skip
    return [(base, variant, frame(studio, base), frame(studio, variant)) for base, variant in pairs(build(spec))]


def test_a_change_of_tone_moves_no_geometry_label(toned: list[Any]) -> None:
    assert len(toned) >= 8
    for base, variant, before, after in toned:
        for name in ("coverage", "ids", "depth", "normals"):
            np.testing.assert_array_equal(getattr(before, name), getattr(after, name), err_msg=f"{variant.image_id} {name}")
        for name in ("uv", "hair", "parts", "bare"):
            np.testing.assert_array_equal(getattr(before.layers, name), getattr(after.layers, name), err_msg=variant.image_id)
        assert base.identity.skin.monk != variant.identity.skin.monk


def test_linear_light_is_equal_bit_for_bit_outside_the_skins_footprint(toned: list[Any]) -> None:
    for base, variant, before, after in toned:
        differs = (light(base, before) != light(variant, after)).any(axis=-1)
        foot, few = skin_footprint(before), slivers(before, after)
        assert not (differs & ~foot & ~few).any(), f"{variant.image_id}: {int((differs & ~foot & ~few).sum())} pixels"
        assert (few & ~foot).sum() <= 8
        core = region_mask(before.ids, "skin", "nose")
        assert differs[core].mean() > 0.95 and foot.mean() < 0.75  # it did change, and the footprint is not the picture


@pytest.mark.parametrize(
    ("factor", "values", "regions"),
    [
        ("hair_color", ["black", "red"], ("hair", "beard", "right_brow", "left_brow")),
        ("eye_color", ["blue"], ("right_eye", "left_eye")),
    ],
)
def test_other_colours_change_light_where_the_labels_say(
    studio: Studio, factor: str, values: list[str], regions: tuple[str, ...]
) -> None:
    """Hair colours the stubble and the shaded ground at its roots on the skin too; eyes stay within their lids."""
    for base, variant in pairs(build(counterfactual_spec({factor: values}, identities=3, size=SIZE, shots={"yaw_deg": 0}))):
        before, after = frame(studio, base), frame(studio, variant)
        np.testing.assert_array_equal(before.ids, after.ids)
        np.testing.assert_array_equal(before.depth, after.depth)
        differs = (light(base, before) != light(variant, after)).any(axis=-1)
        named = region_mask(before.ids, *regions)
        if factor == "hair_color":
            assert before.layers.hair is not None
            named |= region_mask(before.ids, *SKIN) | (before.layers.hair.sum(axis=-1) > 0)
        assert differs.any() and not (differs & ~grown(named) & ~slivers(before, after)).any(), variant.image_id


def test_a_mask_changes_light_where_it_is_and_in_its_shadow(studio: Studio) -> None:
    """Nothing beyond the head and its clothes: the background behind is untouched, and so is all geometry where no mask is."""
    shots = {"degradation": "mild", "yaw_deg": 0, "wear": {"mask": 0, "headwear": 0, "scarf": 0, "hand": 0}}
    for base, variant in pairs(build(counterfactual_spec({"mask": ["surgical"]}, identities=3, size=SIZE, shots=shots))):
        before, after = frame(studio, base), frame(studio, variant)
        differs = (light(base, before) != light(variant, after)).any(axis=-1)
        mask = grown(region_mask(after.ids, "facewear"))
        assert differs[mask].any()
        assert not (differs & ~mask & ~(before.coverage + after.coverage > 0)).any()
        np.testing.assert_array_equal(before.ids[~mask & (before.ids == after.ids)], after.ids[~mask & (before.ids == after.ids)])
        assert (before.ids != after.ids)[~mask].mean() < 0.01


def test_frozen_keeps_the_gain_and_live_meters(studio: Studio) -> None:
    """A dark face before a face-priority meter: the frozen variant has the base's gain, the live one its own."""
    spec = counterfactual_spec({"skin_monk": [1, 10]}, "both", identities=2, shots={"degradation": "mild"})
    plan, differ = build(spec), 0
    for group in plan.groups:
        samples = [plan.sample(n) for n in group]
        # a change of tone leaves the light alone, so that the base in a variant is metered alike
        samples = [s.model_copy(update={"shot": _faced(s)}) for s in samples]
        gains = [studio.shoot(s).row["exposure_gain"] for s in samples]
        for sample, gain in zip(samples[1:], gains[1:], strict=True):
            assert sample.counterfactual is not None
            if sample.counterfactual.mediated == "frozen":
                assert gain == gains[0]
            else:
                differ += gain != gains[0]
    assert differ > 0


def _faced(sample: SampleSpec) -> Any:
    return sample.shot.model_copy(update={"light": sample.shot.light.model_copy(update={"meter": "face"})})


def test_a_variant_alone_is_the_variant_beside_its_base(studio: Studio) -> None:
    """One studio takes the base first, the other starts with the variant; two frozen factors that would meter otherwise."""
    factors = {"skin_monk": [9], "mask": ["surgical"], "light": ["window_back"], "age_years": [70]}
    plan = build(counterfactual_spec(factors, identities=1, seed=5, shots={"degradation": "mild"}))
    outputs = Outputs(format="png", masks=True, clean=True)
    together = [studio.shoot(plan.sample(n), outputs) for n in plan.groups[0]]
    assert len(together) >= 4
    for n, result in zip(plan.groups[0][1:], together[1:], strict=True):
        studio._gain = studio._person = None  # as a new process begins
        alone = studio.shoot(SampleSpec.model_validate_json(plan.sample(n).model_dump_json()), outputs)
        assert alone.files == result.files and alone.row == result.row
        assert result.row["base_id"] == plan.sample(plan.groups[0][0]).image_id and result.row["mediated"] == "frozen"
    assert together[0].row["base_id"] is None and together[0].row["factor"] is None


def test_noise_is_the_same_field(studio: Studio) -> None:
    """Without lens faults and codec the finished pictures of a tone pair agree outside the footprint, noise and all."""
    plan = build(counterfactual_spec({"skin_monk": [2, 9]}, identities=2, size=SIZE, shots={"degradation": "mild"}))
    for base, variant in pairs(plan):
        still = [_pinhole(s) for s in (base, variant)]
        foot = skin_footprint(frame(studio, still[0]))
        a, b = (decode(next(iter(studio.shoot(s, Outputs(format="png")).files.values()))).astype(int) for s in still)
        reach = cv2.dilate(foot.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0  # what demosaicing and sharpening carry over
        assert np.abs(a - b)[~reach].max() <= 1 and np.abs(a - b)[foot].mean() > 3


def _pinhole(sample: SampleSpec) -> SampleSpec:
    shot, told = sample.shot, sample.counterfactual
    update = {
        "camera": shot.camera.pinhole(),
        "degradation": shot.degradation.model_copy(
            update={"channel": (), "jpeg_quality": 100, "denoise": 0.0, "oversample": 4.0}
        ),
    }
    assert told is None or told.base is not None
    return sample.model_copy(update={"shot": shot.model_copy(update=update)})
