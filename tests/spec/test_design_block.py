"""The design block: what it may say, and the one line that says what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from facegen.errors import SpecError
from facegen.spec import DatasetSpec

BASE: dict[str, Any] = {"name": "a", "seed": 1, "date": "2026-01-01", "identities": 40, "images_per_identity": 2}


def spec(design: dict[str, Any] | None = None, population: dict[str, Any] | None = None, **more: Any) -> DatasetSpec:
    held = {"attributes": ["sex", "age_band"]} if design is None else design
    return DatasetSpec.from_dict({**BASE, **more, "population": {"design": held, **(population or {})}})


def refused(*args: Any, **more: Any) -> str:
    with pytest.raises(SpecError) as caught:
        spec(*args, **more)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_block_of_the_documentation_is_read() -> None:
    read = spec(
        {
            "attributes": ["sex", "age_band", "ancestry", "skin_monk", "hair_curl", "eye_color", "glasses"],
            "marginals": {"sex": {"female": 0.6, "male": 0.4}},
            "quotas": [{"where": {"sex": "female", "age_band": ["60-69", "70-85"], "glasses": True}, "share": 0.2}],
            "minimum_per_cell": 0,
            "never": [{"age_band": "18-29", "hair_curl": "coily"}, {"age_band": "18-29", "beard": "full"}],
        }
    ).population.design
    assert read is not None
    assert read.quotas[0].where["glasses"] == ("yes",)
    assert not read.counted
    assert DatasetSpec.from_dict({**BASE, "population": {"design": read.model_dump(mode="json")}}).population.design == read


def test_specs_without_a_design_keep_their_text_and_hash() -> None:
    plain = DatasetSpec.from_dict(BASE)
    assert "design" not in plain.canonical_json() and '"depth"' not in plain.canonical_json().replace('"depth":false', "")
    assert plain.sha256() != spec().sha256()
    assert '"depth":{"deep":0.5' in spec(depth={"deep": 0.5, "deep_images": 9}).canonical_json()


@pytest.mark.parametrize(
    ("design", "words"),
    [
        ({"attributes": []}, ["attributes"]),
        ({"attributes": ["sex", "sex"]}, ["'sex' is listed twice"]),
        ({"attributes": ["sexx"]}, ["did you mean 'sex'"]),
        ({"attributes": ["beard"]}, ["'beard' is drawn at each sitting"]),
        ({"attributes": ["skin_monk"]}, ["'skin_monk' follows the table of each ancestry"]),
        ({"attributes": ["ancestry", "hair_color"]}, ["hair_color", "eye_color"]),
        ({"attributes": ["sex"], "marginals": {"sex": {"female": 0.6, "male": 0.3}}}, ["sum to 0.9"]),
        ({"attributes": ["sex"], "marginals": {"age_band": {"18-29": 1.0}}}, ["age_band", "add it to design.attributes"]),
        ({"attributes": ["sex"], "marginals": {"sex": {"woman": 1.0}}}, ["design.marginals.sex", "'woman' is not one of"]),
        ({"attributes": ["sex", "age_band"], "marginals": {"sex x age_band": {"female": 1.0}}}, ["'female x 18-29'"]),
        ({"attributes": ["sex"], "quotas": [{"where": {"sex": "male"}}]}, ["needs a share or a count"]),
        ({"attributes": ["sex"], "quotas": [{"where": {"sex": "male"}, "share": 0.1, "count": 2}]}, ["share or a count"]),
        ({"attributes": ["sex"], "quotas": [{"where": {"beard": "full"}, "share": 0.1}]}, ["use it in never"]),
        ({"attributes": ["sex"], "never": [{"sex": "male"}]}, ["names one attribute"]),
        ({"attributes": ["sex"], "never": [{"sex": "male", "hair_color": "red"}]}, ["never[0]", "hair_color"]),
        ({"attributes": ["sex"], "never": [{"sex": "male", "beard": "full", "makeup": "full"}]}, ["beard and makeup"]),
        ({"attributes": ["sex"], "colour": 1}, ["unknown key"]),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(design: dict[str, Any], words: list[str]) -> None:
    text = refused(design)
    assert all(word in text for word in words), text


def test_grey_hair_is_no_colour_and_the_message_says_why() -> None:
    listed = {"hair_color": ["black", "brown"]}
    design = {"attributes": ["age_band", "hair_color"], "never": [{"age_band": "18-29", "hair_color": "grey"}]}
    assert "grey hair comes with age" in refused(design, listed)


def test_a_design_takes_the_place_of_balance() -> None:
    assert "leave balance out" in refused(None, {"balance": ["sex"]})


def test_designed_ages_hold_only_where_later_sittings_keep_them() -> None:
    assert "same_band" in refused(sittings_per_identity=2)
    spec(None, {"later_sittings": "same_band"}, sittings_per_identity=2)
    spec({"attributes": ["sex"]}, sittings_per_identity=2)
    assert "age_span_years" in refused(None, {"age_span_years": 5}, sittings_per_identity=2)


def test_depth_asks_for_more_images_than_the_others_have() -> None:
    assert "deep_images 2 is not above" in refused(depth={"deep": 0.2, "deep_images": 2})
    assert "depth" in refused(depth={"deep": 1.2, "deep_images": 20})
