"""The sets to train on and be judged by: how many people of each kind, and that nobody is in both."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from facegen.population.plan import Plan
from facegen.spec import DatasetSpec

PIPELINES = Path(__file__).parents[2] / "pipelines"


def spec(name: str) -> DatasetSpec:
    return DatasetSpec.load(PIPELINES / f"recognition_{name}.yaml")
