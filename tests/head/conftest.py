"""The head's fixtures: the compiled model and an empty cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from facegen.head.model import HeadModel


@pytest.fixture(scope="session")
def model() -> HeadModel:
    return HeadModel.load()


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("head")
