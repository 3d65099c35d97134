"""Where a dataset is written: files by name, each whole or not there. One class a kind of place."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from pathlib import Path
from typing import Protocol

from facegen.dataset import layout
from facegen.dataset.write import discard, sync_directory, write_atomic, write_error
from facegen.errors import DataError, MachineError, RequestError

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK)
"""What file systems without hard links answer: FAT, some network and FUSE ones."""

_ABSENT = (FileNotFoundError, IsADirectoryError, NotADirectoryError)


class Store(Protocol):
    """Files by name, relative to the dataset, parts divided by '/'. Every method raises FacegenError, one line."""

    url: str
    """How a worker opens the same place: what `open_store` takes."""

    def put(self, name: str, data: bytes) -> None:
        """Write a file, whole or not at all; what lies there is replaced."""

    def put_new(self, name: str, data: bytes) -> bool:
        """Write a file that nobody has written yet; False, and nothing changed, where it lies there already."""

    def put_file(self, name: str, path: Path) -> None:
        """Write a file of this machine, as large as it may be; `path` stays."""

    def get(self, name: str) -> bytes | None:
        """Return what lies in a file, or None."""

    def names(self, folder: str) -> list[str]:
        """Return the names of the files right in `folder`, sorted; none where there is no such folder."""

    def size(self, name: str) -> int:
        """Return the bytes of a file."""

    def discard(self, name: str) -> None:
        """Remove a file or a folder with all in it, if it is there."""

    def settle(self, folders: list[str]) -> None:
        """Make the files put into `folders` outlive a loss of power."""


class LocalStore:
    """A directory. Files are written below `.work/tmp` first, on the same file system, and renamed."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.url = str(self.root)
        self._temporary = self.root / layout.WORK / "tmp"

    def put(self, name: str, data: bytes) -> None:
        write_atomic(self.root / name, data, self._temporary)

    def put_new(self, name: str, data: bytes) -> bool:
        path, whole = self.root / name, self._temporary / f"{Path(name).name}.{os.uname().nodename}.{os.getpid()}.new"
        write_atomic(whole, data, self._temporary)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.link(whole, path)  # fails where the name is taken, unlike a rename
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise write_error(error, path) from None
            if path.exists():  # two at this very moment both write: the same bytes, in all that is written by put_new
                return False
            os.replace(whole, path)
        finally:
            whole.unlink(missing_ok=True)
        return True

    def put_file(self, name: str, path: Path) -> None:
        part, target = self._temporary / f"{Path(name).name}.{os.getpid()}", self.root / name
        try:
            self._temporary.mkdir(parents=True, exist_ok=True)
            target.parent.mkdir(parents=True, exist_ok=True)
            link_or_copy(path, part)
            with open(part, "rb") as file:
                os.fsync(file.fileno())
            os.replace(part, target)
        except OSError as error:
            discard(part)
            raise write_error(error, target) from None

    def get(self, name: str) -> bytes | None:
        try:
            return (self.root / name).read_bytes()
        except _ABSENT:
            return None
        except OSError as error:
            raise self._unread(name, error) from None

    def names(self, folder: str) -> list[str]:
        try:
            return sorted(entry.name for entry in os.scandir(self.root / folder) if entry.is_file())
        except _ABSENT:
            return []
        except OSError as error:
            raise self._unread(folder, error) from None

    def size(self, name: str) -> int:
        try:
            return (self.root / name).stat().st_size
        except OSError as error:
            raise self._unread(name, error) from None

    def discard(self, name: str) -> None:
        path = self.root / name
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(*_ABSENT):
                path.unlink()

    def _unread(self, name: str, error: OSError) -> DataError | MachineError:
        if isinstance(error, _ABSENT):
            return DataError(f"'{self.root / name}' has gone missing; run the same command again")
        if isinstance(error, PermissionError):
            return DataError(f"'{self.root / name}' cannot be read: {error.strerror}; choose a directory that you may read")
        return MachineError(f"'{self.root / name}' cannot be read: {error.strerror}; the disk or its connection has a fault")

    def settle(self, folders: list[str]) -> None:
        for folder in sorted(set(folders)):
            sync_directory(self.root / folder)


def link_or_copy(path: Path, target: Path) -> None:
    """Make `target` the same file as `path`, or a copy where the file system knows no links or is another one."""
    try:
        os.link(path, target)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EACCES):
            raise
        shutil.copyfile(path, target)


def open_store(url: str) -> Store:
    """Return the store at `url`: a directory, or scheme://bucket/prefix. Raises RequestError, MachineError."""
    scheme, divided, rest = url.partition("://")
    if not divided:
        return LocalStore(Path(url))
    if scheme == "file":
        return LocalStore(Path("/" + rest.lstrip("/")))
    if scheme == "memory":
        raise RequestError(f"'{url}': no other process sees this one's memory; choose another --out")
    from facegen.run.remote import RemoteStore

    return RemoteStore(url)
