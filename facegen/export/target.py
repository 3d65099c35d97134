"""The directory of an export: it appears whole or not at all, and nothing that is there is written over."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from types import TracebackType
from typing import IO

from facegen import guard
from facegen.dataset.write import write_error
from facegen.errors import DataError, FacegenError, MachineError, RequestError, shown


class Target:
    """Use as a context manager: files go to a hidden folder beside `out`, which takes its name when the block ends well.

    Raises RequestError when `out` is there and not empty, or cannot be written.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        self._part = out.parent / f".{out.name}.{os.getpid()}.part"

    def __enter__(self) -> Target:
        try:
            if self.out.is_dir() and any(self.out.iterdir()):
                raise RequestError(f"'{self.out}' is not empty; choose another --out or remove it")
            if self.out.exists() and not self.out.is_dir():
                raise RequestError(f"'{self.out}' is a file; choose another --out")
            shutil.rmtree(self._part, ignore_errors=True)
            self._part.mkdir(parents=True)
        except OSError as error:
            raise write_error(error, self.out) from None
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if kind is None:
                os.replace(self._part, self.out)  # over nothing, or over an empty directory
        except OSError as error:
            raise write_error(error, self.out) from None
        finally:
            shutil.rmtree(self._part, ignore_errors=True)
        if isinstance(value, OSError):
            raise _failed(value, self.out) from None

    def write(self, name: str, data: bytes) -> None:
        """Write a file, `name` relative to the export."""
        with self.open(name) as file:
            file.write(data)

    def open(self, name: str) -> IO[bytes]:
        """Return a new file open for writing. A name that is written twice is a mistake of ours."""
        return open(self.path(name), "xb")

    def path(self, name: str) -> Path:
        """Return where a library that wants a path writes `name`. Raises DataError for a word that would lead elsewhere."""
        if not guard.inside(name):
            raise DataError(f"{shown(name)} leads out of the export; the labels hold a word that is no folder")
        path = self._part / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def _failed(error: OSError, out: Path) -> FacegenError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return MachineError(f"'{out}': {error.strerror}; nothing of the export was kept, free some space and run it again")
    return write_error(error, out)
