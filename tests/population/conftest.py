"""A plan large enough to count in."""

from __future__ import annotations

from itertools import islice

import pytest
from plans import plan

from facegen.population.plan import Plan
from facegen.sample import SampleSpec


@pytest.fixture(scope="module")
def large() -> Plan:
    return plan(480, 2)


@pytest.fixture(scope="module")
def shown(large: Plan) -> list[SampleSpec]:
    return list(islice(large.samples(), 720))
