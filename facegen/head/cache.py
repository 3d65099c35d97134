"""Where compiled meshes are kept: one file of arrays each, written whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.errors import MachineError


def builder(*folders: Path) -> str:
    """Return a hash of the Python sources in `folders`: a mesh that other code has compiled is not ours."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in folders for path in folder.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def store(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """Write atomically, so that two processes may compile at once. Raises MachineError where the folder cannot be written."""
    part = path.with_name(f"{path.name}.{os.uname().nodename}.{os.getpid()}")  # machines may share the folder
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(part, "wb") as file:
            np.savez(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise MachineError(
            f"the head cache '{path.parent}' cannot be written ({error.strerror}); set FACEGEN_CACHE to a writable folder"
        ) from None
