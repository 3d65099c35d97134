"""Persons for fitting tests: the population as a spec draws it, in strong expressions."""

from __future__ import annotations

from functools import cache

from facegen.head.model import HeadModel, PosedHead
from facegen.population.plan import Plan, build
from facegen.sample import Expression, Gaze
from facegen.spec.dataset import DatasetSpec

EXPRESSIONS: list[dict[str, float]] = [
    {},
    {"jawOpen": 0.8},
    {"mouthSmileLeft": 0.9, "mouthSmileRight": 0.9, "cheekSquintLeft": 0.5, "cheekSquintRight": 0.5, "jawOpen": 0.15},
    {"mouthPucker": 0.8},
    {"mouthFunnel": 0.7, "jawOpen": 0.3},
    {"cheekPuff": 0.8},
    {"browInnerUp": 0.8, "jawOpen": 0.4, "eyeWideLeft": 0.7, "eyeWideRight": 0.7},
    {"noseSneerLeft": 0.8, "noseSneerRight": 0.8, "browDownLeft": 0.8, "browDownRight": 0.8},
]


@cache
def _plan() -> Plan:
    return build(DatasetSpec.from_dict({"name": "wearers", "seed": 20, "date": "2026-01-01", "identities": 500}))


def person(model: HeadModel, n: int) -> PosedHead:
    """Return the n-th person of a balanced population, posed with the n-th expression."""
    shape = model.shape(_plan().identity(n), _plan().sitting(n, 0))
    return model.pose(shape, Expression(name="test", weights=EXPRESSIONS[n % len(EXPRESSIONS)]), Gaze(yaw_deg=0, pitch_deg=0))
