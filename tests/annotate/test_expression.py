"""Weights and action units."""

import numpy as np
import pytest
from samples import sample
from small import small_spec

from facegen.annotate import expression
from facegen.annotate.declared.expression import ARKIT, UNITS
from facegen.head.model import HeadModel
from facegen.population.plan import build
from facegen.resources import asset_json
from facegen.sample import Gaze

SAID = set(ARKIT) - set(expression.UNSAID)
TWINS = {"mouthShrugLower", "mouthShrugUpper", "mouthRollLower", "mouthRollUpper"}


def units(weights: dict[str, float]) -> dict[str, tuple[float, float]]:
    both = zip(expression.action_units(weights, "Right"), expression.action_units(weights, "Left"), strict=True)
    return {name: pair for name, pair in zip(UNITS, both, strict=True) if max(pair) > 0}


def test_the_52_names_are_the_models() -> None:
    assert HeadModel.load().actions == ARKIT and len(set(ARKIT)) == 52
    assert tuple(expression.SOURCES) == UNITS


def test_what_no_unit_says_is_named() -> None:
    looks = {name for name in ARKIT if name.startswith("eyeLook")}
    assert set(expression.UNSAID) == looks | {"mouthLeft", "mouthRight", "mouthClose"}


def test_weights_to_units_and_back() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        weights = {name: float(v) for name, v in zip(ARKIT, rng.random(52) * (rng.random(52) < 0.4), strict=True)}
        right, left = (expression.action_units(weights, side) for side in expression.SIDES)
        back = expression.weights_of(right, left)
        assert {name: back[name] for name in SAID - TWINS} == {name: weights[name] for name in SAID - TWINS}
        assert (right, left) == tuple(expression.action_units(back, side) for side in expression.SIDES)


@pytest.mark.parametrize("name", sorted(SAID))
def test_each_action_says_one_unit_on_its_side(name: str) -> None:
    found = units({name: 0.6})
    assert len(found) == 1
    want = (0.6, 0.0) if name.endswith("Right") else (0.0, 0.6) if name.endswith("Left") else (0.6, 0.6)
    assert next(iter(found.values())) == want


def test_prototypes_say_the_units_they_were_written_for() -> None:
    presets = asset_json("head/expressions.json")["expressions"]
    assert {"AU6", "AU12"} <= set(units(presets["smile"]))
    assert not units(presets["neutral"])
    for name, some in {
        "surprised": {"AU1", "AU2", "AU5", "AU26"},
        "disgust": {"AU9", "AU10"},
        "fear": {"AU1", "AU2", "AU4", "AU5", "AU20"},
    }.items():
        assert some <= set(units(presets[name])), name


def test_rows_hold_what_posed_the_head() -> None:
    spec = sample(expression={"jawOpen": 0.5, "mouthSmileLeft": 0.25})
    gaze = Gaze(yaw_deg=10, pitch_deg=-8)
    row = expression.expression(spec.shot.model_copy(update={"gaze": gaze}))
    weights = dict(zip(ARKIT, row["expression_weights"], strict=True))
    assert weights["jawOpen"] == 0.5 and weights["mouthSmileLeft"] == 0.25
    assert {name for name, v in weights.items() if v > 0} - {"jawOpen", "mouthSmileLeft"} == {
        "eyeLookUpLeft", "eyeLookUpRight", "eyeLookOutLeft", "eyeLookInRight",
    }  # fmt: skip
    assert row["action_units_left"][UNITS.index("AU12")] == 0.25 and row["action_units_right"][UNITS.index("AU12")] == 0
    for one in build(small_spec(identities=12)).samples():
        values = expression.expression(one.shot)["expression_weights"]
        assert len(values) == 52 and 0 <= min(values) and max(values) <= 1
