"""One rendered picture with its masks."""

from __future__ import annotations

import pytest
from small import small_spec

from facegen.dataset.read import Dataset


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """A dataset of one person, two pictures, by the real renderer. Do not write in it."""
    from facegen.run.local import generate

    out = tmp_path_factory.mktemp("show") / "set"
    generate(small_spec(identities=1, images_per_identity=2, size=96), out, workers=1)
    return Dataset.open(out)
