"""Shared by all rooms: a small spec, and its dataset made once with the fake studio."""

from __future__ import annotations

from pathlib import Path

import pytest

from facegen.spec import DatasetSpec

FAKE = "fake_studio:Studio"


def small_spec(**changes: object) -> DatasetSpec:
    """Return 3 identities x 2 images at 64 px, with `changes`."""
    values = {"name": "small", "seed": 7, "date": "2026-01-01", "identities": 3, "images_per_identity": 2, "size": 64}
    return DatasetSpec.from_dict({**values, "outputs": {"masks": True}, **changes})


def tree(root: Path) -> dict[str, bytes]:
    """Return path -> bytes of every file of a dataset, its working state aside."""
    files = sorted(p for p in root.rglob("*") if p.is_file() and ".work" not in p.parts)
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in files}


@pytest.fixture(scope="session")
def fake_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dataset of small_spec(), made by one worker with the fake studio. Do not write in it."""
    from facegen.run.local import generate

    out = tmp_path_factory.mktemp("fake") / "set"
    generate(small_spec(), out, workers=1, studio=FAKE)
    return out
