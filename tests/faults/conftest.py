"""Orders to the fake studio."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Directory of orders to the fake studio (tests/fake_studio.py)."""
    folder = tmp_path / "orders"
    folder.mkdir()
    monkeypatch.setenv("FACEGEN_FAKE", str(folder))
    return folder
