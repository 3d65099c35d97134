"""Finished sets of the fake studio that several tests compare with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small import FAKE, small_spec, tree

from facegen.run.local import generate


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, bytes]]:
    """Return a function: changes to the small spec -> the tree of a run of it that nothing disturbed, made once."""
    made: dict[str, dict[str, bytes]] = {}

    def run(**changes: Any) -> dict[str, bytes]:
        key = repr(sorted(changes.items()))
        if key not in made:
            out: Path = tmp_path_factory.mktemp("fresh") / "set"
            assert generate(small_spec(**changes), out, workers=1, studio=FAKE).failed == {}
            made[key] = tree(out)
        return made[key]

    return run
