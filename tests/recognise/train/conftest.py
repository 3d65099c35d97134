"""Training is tried with torch where it is installed, on one thread."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """More would compete with the tests beside, and sum in another order."""
    try:
        import torch
    except ImportError:  # crops are made without it
        return
    torch.set_num_threads(1)


@pytest.fixture
def command() -> dict[str, str]:
    """The environment that `python -m facegen.cli` is called in."""
    paths = [str(ROOT), *(p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight people in two pictures each, rendered, with their aligned crops. Do not write in it."""
    from facegen.run.local import generate
    from facegen.spec import DatasetSpec

    out = tmp_path_factory.mktemp("real") / "set"
    spec = {
        "name": "trained", "seed": 5, "date": "2026-01-01", "identities": 8, "images_per_identity": 2, "size": 128,
        "format": "png", "outputs": {"aligned": True, "masks": False},
        "population": {"sex": ["female", "male"], "age_band": ["30-39"], "ancestry": ["african", "european"], "balance": ["sex"]},
        "shots": {"degradation": "none"},
    }  # fmt: skip
    generate(DatasetSpec.from_dict(spec), out, workers=1)
    return out
