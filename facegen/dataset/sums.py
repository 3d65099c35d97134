"""SHA256SUMS and the lists of the manifest for sets of any size: lines go to one file a folder, and are merged from there.

Files come in the order of the plan, identity after identity. Within a folder that is the order of their names, so nothing has to
be sorted; a list's own sha256, over lines sorted by digest, sorts buckets of a bounded size.
"""

from __future__ import annotations

import contextlib
import hashlib
import heapq
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from facegen.errors import DataError

BUCKET_BYTES = 64 * 2**20
"""A list up to this size is sorted in one go; a larger one in 256 parts, by the first two digits of the digest."""
_AT = 66
"""Where the name begins in a line: 64 digits and two spaces."""


class Sums:
    """Collects (sha256, bytes) of files by name in `folder`, a directory of its own. Use as a context manager."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, IO[bytes]] = {}
        self._last: dict[str, str] = {}
        self._single: dict[str, str] = {}
        self._count: dict[str, int] = {}
        self._bytes: dict[str, int] = {}

    def __enter__(self) -> Sums:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.ExitStack() as stack:  # on a full disk closing one raises, and the others must be closed too
            for file in self._files.values():
                stack.callback(file.close)

    def add(self, files: Mapping[str, tuple[str, int]]) -> None:
        """Add the files of one identity; identities come in order. Raises DataError where names are out of order."""
        for name, (digest, size) in sorted(files.items()):
            folder = name.partition("/")[0]
            if name <= self._last.get(folder, ""):
                raise DataError(f"'{name}' comes after '{self._last[folder]}'; remove the dataset's .work and run again")
            self._last[folder] = name
            if folder not in self._files:
                self._files[folder] = open(self._folder / folder, "wb")  # noqa: SIM115 (closed on leaving)
            self._files[folder].write(f"{digest}  {name}\n".encode())
            self._count[folder] = self._count.get(folder, 0) + 1
            self._bytes[folder] = self._bytes.get(folder, 0) + size

    def note(self, name: str, digest: str) -> None:
        """Add one of the few files that belong to the whole dataset."""
        self._single[name] = digest

    def write(self, path: Path) -> None:
        """Write SHA256SUMS, sorted by name, as `sha256sum --check` reads it."""
        few = [f"{digest}  {name}\n".encode() for name, digest in sorted(self._single.items())]
        streams: list[Iterable[bytes]] = [few, *(self._lines(folder) for folder in self._files)]
        merged: Iterable[bytes] = heapq.merge(*streams, key=lambda line: line[_AT:])  # type: ignore[index]
        with open(path, "wb") as out:
            out.writelines(merged)

    def lists(self) -> dict[str, dict[str, Any]]:
        """Return, by folder, `file_list` of its files with their bytes."""
        found = {}
        for folder in self._files:
            digest = hashlib.sha256()
            for line in self._by_digest(folder):
                digest.update(line)
            count, size = self._count[folder], self._bytes[folder]
            found[folder] = {
                "count": count, "sha256": digest.hexdigest(), "bytes": size, "bytes_per_image": round(size / count)
            }  # fmt: skip
        return found

    def _lines(self, folder: str) -> Iterator[bytes]:
        self._files[folder].flush()
        with open(self._folder / folder, "rb") as file:
            yield from file

    def _by_digest(self, folder: str) -> Iterator[bytes]:
        lines = self._lines(folder)
        if self._count[folder] * _AT < BUCKET_BYTES:
            yield from sorted(lines)
            return
        parts = [self._folder / f"{folder}.{k:02x}" for k in range(256)]
        with contextlib.ExitStack() as stack:
            files = [stack.enter_context(open(part, "wb")) for part in parts]
            for line in lines:
                files[int(line[:2], 16)].write(line)
        for part in parts:
            yield from sorted(part.read_bytes().splitlines(keepends=True))
            part.unlink()
