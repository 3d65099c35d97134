"""Invented people for the tests of looks, varied by keyword from the reference adult."""

from __future__ import annotations

from typing import Any

from facegen.head.model import HeadModel, PosedHead
from facegen.looks.reference import REFERENCE_IDENTITY, REFERENCE_SITTING
from facegen.resources import asset_json
from facegen.sample import Expression, Gaze, Identity, Sitting

ANCHORS = {a["monk"]: tuple(float(v) for v in a["lab"]) for a in asset_json("looks/monk.json")["anchors"]}


def identity(monk: int = 5, sex: str = "female", seed: int = 7, **skin: Any) -> Identity:
    """Return a person with skin anchor `monk`; keywords set fields of `skin`."""
    tone = {"monk": monk, "lab": ANCHORS[monk], "seed": seed, "moles": 6, "blotches": 0.4, "redness": 0.4, **skin}
    return REFERENCE_IDENTITY.model_copy(
        update={
            "sex": sex,
            "sex_value": 0.95 if sex == "male" else 0.05,
            "skin": REFERENCE_IDENTITY.skin.model_copy(update=tone),
        }
    )


def sitting(age: float = 30.0, **fields: Any) -> Sitting:
    """Return a sitting at `age` years; keywords set other fields."""
    return REFERENCE_SITTING.model_copy(update={"age_years": age, **fields})


def posed(model: HeadModel, person: Identity, at: Sitting, gaze: tuple[float, float] = (0.0, 0.0)) -> PosedHead:
    """Return the neutral face looking at `gaze` (yaw, pitch in degrees)."""
    look = Gaze(yaw_deg=gaze[0], pitch_deg=gaze[1])
    return model.pose(model.shape(person, at), Expression(name="neutral", weights={}), look)
