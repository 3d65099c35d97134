"""What a counterfactual spec may say, and the one line it gets for what it may not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from counterfactuals import BARE, EVERY, counterfactual_spec

from facegen.errors import SpecError
from facegen.spec import DatasetSpec
from facegen.spec.counterfactual import FACTORS


def test_every_factor_is_read_and_written_again() -> None:
    spec = counterfactual_spec()
    assert spec.counterfactual is not None and set(spec.counterfactual.factors) == set(EVERY) == set(FACTORS)
    assert spec.counterfactual.factors["skin_monk"] == ("2", "9") and spec.counterfactual.factors["yaw_deg"] == (-30.0, 30.0)
    assert DatasetSpec.model_validate_json(spec.canonical_json()) == spec


def test_both_means_every_variant_twice() -> None:
    spec = counterfactual_spec({"sex": ["female"]}, "both")
    assert spec.counterfactual is not None and spec.counterfactual.modes == ("frozen", "live")


@pytest.mark.parametrize(
    ("factors", "said"),
    [
        ({}, "names no factor"),
        ({"skin_tone": [2]}, "'skin_tone' is not one of skin_monk"),
        ({"skin_monk": [11]}, "skin_monk: '11' is not one of 1, 2"),
        ({"skin_monk": [0]}, "'0' is not one of"),
        ({"sex": ["woman"]}, "'woman' is not one of female, male"),
        ({"sex": []}, "an empty list varies nothing"),
        ({"sex": [True]}, "True is not a word"),
        ({"age_years": [12]}, "12 is not allowed; write a number from 18 to 85"),
        ({"age_years": ["old"]}, "'old' is not allowed"),
        ({"yaw_deg": [120]}, "write a number from -90 to 90"),
        ({"yaw_deg": [float("nan")]}, "nan is not allowed"),
        ({"skin_monk": [2, "2"]}, "'2' is listed twice"),
        ({"light": ["file"]}, "'file' is not one of"),
        ({"mask": ["surgicl"]}, "did you mean 'surgical'"),
        ({"ancestry": ["norse"]}, "'norse' is not one of african"),
        ({"expression": ["free"]}, "'free' is not one of"),
    ],
)
def test_a_bad_factor_is_one_line(factors: dict[str, Any], said: str) -> None:
    with pytest.raises(SpecError) as caught:
        counterfactual_spec(factors)
    assert said in str(caught.value) and "\n" not in str(caught.value) and caught.value.exit_code == 2
    assert "counterfactual" in str(caught.value)


@pytest.mark.parametrize(
    ("factor", "value", "changes"),
    [
        ("skin_monk", [5], {"population": {"skin_monk": 5}}),
        ("sex", ["female"], {"population": {"sex": "female"}}),
        ("light", ["overcast"], {"shots": {"light": "overcast"}}),
        ("yaw_deg", [0], {"shots": {"yaw_deg": 0}}),
        ("mask", ["none"], {"shots": {"wear": BARE}}),
        ("glasses", ["none"], {"shots": {"wear": BARE}}),
    ],
)
def test_a_factor_that_is_the_bases_own_only_is_refused(factor: str, value: list[Any], changes: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match=rf"counterfactual.factors.{factor}: every base has .* already"):
        counterfactual_spec({factor: value}, **changes)


def test_a_perfect_sensor_has_nothing_to_react_with() -> None:
    counterfactual_spec({"skin_monk": [2]}, "frozen", shots={"degradation": "none"})
    for mediated in ("live", "both"):
        with pytest.raises(SpecError, match="perfect sensor"):
            counterfactual_spec({"skin_monk": [2]}, mediated, shots={"degradation": "none"})


def test_kind_and_block_go_together() -> None:
    with pytest.raises(SpecError, match="belongs to 'kind: counterfactual'"):
        counterfactual_spec(kind="dataset")
    with pytest.raises(SpecError, match="is missing in 'kind: counterfactual'"):
        counterfactual_spec(counterfactual=None)
    with pytest.raises(SpecError, match="mediated"):
        counterfactual_spec(mediated="thawed")


def test_a_mixture_is_an_ancestry() -> None:
    mixed = {"mixtures": {"blend": {"african": 0.5, "european": 0.5}}}
    with pytest.raises(SpecError, match="'blend' is not one of"):
        counterfactual_spec({"ancestry": ["blend"]})
    counterfactual_spec({"ancestry": ["blend"]}, population=mixed)


def test_the_demo_has_six_factors() -> None:
    spec = DatasetSpec.load(Path(__file__).parents[2] / "pipelines" / "counterfactual_demo.yaml")
    assert spec.counterfactual is not None and len(spec.counterfactual.factors) == 6
