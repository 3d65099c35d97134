"""A reader that asks for gigabytes fails here, as it would where there are none."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SPARE = 4 << 30
TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "audit"), str(TESTS / "dataset")]  # published.py and layered.py: good files to start from


@pytest.fixture(autouse=True)
def little_memory() -> Iterator[None]:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + SPARE, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A file to write mutants into, and nothing beside it: what a reader leaves there is found at the end."""
    folder = tmp_path / "in"
    folder.mkdir()
    return folder / "file"
