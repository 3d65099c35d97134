"""The small real dataset that every export is tried on: 20 people in two pictures each, three splits, two cells."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from facegen.run.local import generate
from facegen.spec import DatasetSpec

SPEC = {
    "name": "exported", "seed": 11, "date": "2026-01-01", "identities": 20, "images_per_identity": 2, "size": 64,
    "outputs": {"aligned": True, "masks": True, "depth": True},
    "population": {
        "sex": ["female", "male"], "age_band": ["18-29"], "ancestry": ["african", "european"], "glasses": 0, "balance": ["sex"],
    },
}  # fmt: skip


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dataset. Do not write in it."""
    out = tmp_path_factory.mktemp("real") / "set"
    generate(DatasetSpec.from_dict(SPEC), out, workers=2)
    return out


@pytest.fixture
def copy(real: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return Path(shutil.copytree(real, tmp_path / "copy"))
