"""Shared by all rooms: the small dataset, made once with the fake studio."""

from __future__ import annotations

from pathlib import Path

import pytest
from small import FAKE, small_spec


@pytest.fixture(scope="session")
def fake_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dataset of small_spec(), made by one worker with the fake studio. Do not write in it."""
    from facegen.run.local import generate

    out = tmp_path_factory.mktemp("fake") / "set"
    generate(small_spec(), out, workers=1, studio=FAKE)
    return out


@pytest.fixture
def orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Directory of orders to the fake studio (tests/fake_studio.py)."""
    folder = tmp_path / "orders"
    folder.mkdir()
    monkeypatch.setenv("FACEGEN_FAKE", str(folder))
    return folder
