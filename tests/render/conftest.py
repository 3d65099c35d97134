"""One engine for a module: GL contexts are few."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from facegen.render.engine import Engine


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    opened = Engine()
    yield opened
    opened.close()
