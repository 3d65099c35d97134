"""The files of a finished dataset by the names that label rows give them: loose ones, and members of tars (TAR/MEMBER)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from facegen import guard
from facegen.dataset import tars
from facegen.dataset.checks import COPY, check_picture, checked_bytes, checked_file, there
from facegen.errors import DataError, shown

TARS_KEPT = 64
"""Tars whose headers are kept in memory."""


class Files:
    """Reads them; with `checksums` (name -> sha256) only those that are as they were written."""

    def __init__(self, root: Path, checksums: Mapping[str, str] | None) -> None:
        self._root, self._checksums = root, checksums
        self._tars: dict[str, dict[str, tars.Place]] = {}

    def read(self, file: str, mend: str = COPY) -> bytes:
        """Return the bytes of a file. Raises DataError where it is missing, or where its (its tar's) sha256 differs."""
        found = tars.divided(file)
        if found is None:
            return checked_bytes(self._root / file, self._root, self._checksums, mend)
        tar, inside = found
        place = self._index(tar).get(inside)
        if place is None:
            raise DataError(f"'{self._root / tar}' holds no {inside}; {mend}")
        data = tars.read_member(self._root, tar, place)
        check_picture(self._root / file, data, mend)
        return data

    def stored(self, name: str, row: Mapping[str, Any]) -> bytes | None:
        """Return the bytes of the file that a worker called `name` (folder/ID/IMAGE.suffix), of a picture with labels `row`;
        None where it is missing. Raises DataError where it is damaged."""
        file = placed(name, row)
        return self.read(file) if self.there(file) else None

    def there(self, file: str) -> bool:
        """Whether a file, or a member of a tar, is there. Raises DataError where its folder cannot be looked into."""
        found = tars.divided(file)
        return there(self._root / file, COPY) if found is None else found[1] in self._index(found[0])

    def folders(self, file: str) -> set[str]:
        """Return the folders of layers that the tar which holds `file` has members of."""
        tar = (tars.divided(file) or (file, ""))[0]
        return {parts[1] for parts in (name.split(".") for name in self._index(tar)) if len(parts) == 3}

    def _index(self, tar: str) -> dict[str, tars.Place]:
        """Return the members of a tar; the headers of those read last are kept."""
        known = self._tars.get(tar)
        if known is None:
            if not guard.inside(tar):
                raise DataError(f"'{self._root}': {shown(tar)} in a label row is no tar of the dataset; {COPY}")
            checked_file(self._root / tar, self._root, self._checksums, COPY)
            known = tars.open_index(self._root / tar)
            for old in list(self._tars)[: max(len(self._tars) - TARS_KEPT + 1, 0)]:  # a copy: threads read one dataset
                self._tars.pop(old, None)
            self._tars[tar] = known
        return known


def placed(name: str, row: Mapping[str, Any]) -> str:
    """Return where the file lies that a worker called `name`: itself, or in the tar of its picture."""
    found = tars.divided(str(row["file"]))
    return name if found is None else f"{found[0]}/{tars.member(name, str(row['image_id']))}"
