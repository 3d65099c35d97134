"""Writing so that a file is either whole or not there: temporary name, fsync, rename."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from facegen.errors import FacegenError, MachineError, RequestError

_FULL = (errno.ENOSPC, errno.EDQUOT)


def sha256(data: bytes) -> str:
    """Return the hex digest of `data`."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    """Return the hex digest of a file, read block by block."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def json_bytes(value: Any) -> bytes:
    """Return `value` as the one JSON text we write: keys in the given order, two spaces, a final newline."""
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def write_atomic(path: Path, data: bytes, temporary: Path) -> None:
    """Put `data` at `path`; `temporary` is a directory on the same file system where it is written first.

    Raises MachineError when the disk is full and RequestError when the place cannot be written; neither leaves a partial file.
    """
    stream_atomic(path, lambda file: file.write(data), temporary)


def stream_atomic(path: Path, write: Callable[[BinaryIO], object], temporary: Path) -> None:
    """Put at `path` what `write` writes to the file it is given, as `write_atomic` does: for what is not made in memory first."""
    part = temporary / f"{path.name}.{os.uname().nodename}.{os.getpid()}"  # machines may share the directory, and process numbers
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(part, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        discard(part)
        raise write_error(error, path) from None


def check_writable(folder: Path) -> None:
    """Make `folder` and try to write in it, leaving nothing. Raises what write_atomic would."""
    probe = folder / f".probe.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"facegen")
        probe.unlink()
    except OSError as error:
        discard(probe)
        raise write_error(error, folder) from None


def check_place(path: Path) -> None:
    """Raise, before any work, what writing the file `path` would raise after it; its folder is made. Raises RequestError where
    `path` is a directory, else as `check_writable`."""
    check_writable(path.parent)
    if path.is_dir():
        raise RequestError(f"'{path}' is a directory; give the name of a file")


def discard(path: Path) -> None:
    """Remove a file that may not be there; what cannot be removed stays."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def sync_directory(path: Path) -> None:
    """Make the renames in `path` durable. Raises what write_atomic would."""
    try:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise write_error(error, path) from None


def write_error(error: OSError, path: Path) -> FacegenError:
    """Return the one-line error that says why `path` could not be written and what to do."""
    reason = os.strerror(error.errno) if error.errno is not None else str(error)
    if error.errno in _FULL:
        return MachineError(f"'{path}': {reason}; free some space and run the same command again: it goes on where it stopped")
    if error.errno == errno.EFBIG:
        return MachineError(f"'{path}': {reason}; raise the limit (ulimit -f) and run the same command again")
    if error.errno == errno.EIO:
        return MachineError(f"'{path}': {reason}; the disk has a fault")
    return RequestError(f"'{path}' cannot be written: {reason}; choose a directory that you may write")
