"""Where compiled meshes are kept: one file of arrays each, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.errors import MachineError


def store(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """Write atomically, so that two processes may compile at once. Raises MachineError where the folder cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as handle:
            np.savez(handle, **arrays)
        os.replace(handle.name, path)
    except OSError as error:
        raise MachineError(
            f"the head cache '{path.parent}' cannot be written ({error.strerror}); set FACEGEN_CACHE to a writable folder"
        ) from None
