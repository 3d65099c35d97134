"""facegen: labelled, balanced synthetic faces from a parametric 3D head."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from facegen.dataset.read import Dataset

__version__ = "0.1.0"


def open_dataset(directory: str | Path, verify: bool = True) -> Dataset:
    """Return the finished dataset in `directory`: pandas tables and lazily read layers (docs/reader.md).

    `verify`: compare everything that is read with its sha256, a fraction of the time that decoding takes. Raises
    facegen.errors.DataError, one line, for what is none.
    """
    from facegen.dataset.read import Dataset  # here: whoever asks for the version alone loads no tables

    return Dataset.open(directory, verify)
