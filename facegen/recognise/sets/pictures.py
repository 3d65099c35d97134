"""The picture files of a verification set: where they lie, that all are there, and their pixels when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegen import guard
from facegen.errors import DataError
from facegen.sensor.codec import decode
from facegen.textfiles import PICTURES, Place

TEMPLATE_PX = 112
"""Side of a picture that is taken for an ArcFace crop where nobody says."""
_LOOKED_AT = 16
DEPTH, MOST_FOLDERS = 4, 64
"""How deep pictures are looked for below a set's folder, and in how many folders of one."""


@dataclass
class Listing:
    """Pictures in the order in which a list first names them: `add` gives each its number."""

    names: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    _number: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, place: Place) -> int:
        """Return the number of the picture `name`. Raises DataError for a name that leaves the set's folder."""
        found = self._number.get(name)
        if found is not None:
            return found
        if not guard.inside(name):
            raise DataError(f"{place}: '{name}' is no name of a picture in the set's folder; mend that line")
        if len(self.names) >= guard.FACES:
            raise DataError(f"{place}: more than {guard.FACES} pictures; give a shorter list")
        self._number[name] = len(self.names)
        self.names.append(name)
        self.places.append(place)
        return self._number[name]


def located(roots: Sequence[Path], listing: Listing, forms: Sequence[Sequence[str]] = ()) -> list[Path]:
    """Return the files of a listing: below the first folder (a root, a folder in it, or one in that) that holds one of its first
    pictures; a name may lack its suffix, or have another one than the file. `forms`: the same pictures under other names.

    Raises DataError that names the first picture that is missing, its line, and how many are.
    """
    told = listing.names[0] if listing.names else "none"
    for base in _bases(roots):
        for names in (listing.names, *forms):
            if any(_file(base, name) for name in names[:_LOOKED_AT]):
                return _all(base, names, listing)
    raise DataError(f"{roots[0]}: holds no picture '{told}', nor does a folder in it; put the set's pictures beside its list")


def _all(base: Path, names: Sequence[str], listing: Listing) -> list[Path]:
    found = [_file(base, name) for name in names]
    lost = [at for at, path in enumerate(found) if path is None]
    if lost:
        at = lost[0]
        raise DataError(
            f"{listing.places[at]}: picture '{names[at]}' is not in {base} ({len(lost)} of {len(found)} are missing); "
            "copy the pictures again, or take their lines out"
        )
    out = [path for path in found if path is not None]
    away = next((path for path in out if guard.leaves(path, base)), None)
    if away is not None:
        raise DataError(f"{away}: is a link out of {base}; copy the set with its files")
    return out


def _bases(roots: Sequence[Path]) -> Iterator[Path]:
    for root in roots:
        inner = [root]
        for _ in range(DEPTH):
            yield from inner
            inner = [path for folder in inner for path in _folders(folder)]


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir())[:MOST_FOLDERS]
    except OSError:
        return []


def _file(base: Path, name: str) -> Path | None:
    path = base / name
    if path.is_file():
        return path
    stem = path.with_suffix("") if path.suffix.lower() in PICTURES else path
    return next((p for p in (stem.with_name(stem.name + suffix) for suffix in PICTURES) if p.is_file()), None)


def list_of(path: Path, found: Sequence[Path], patterns: Sequence[str]) -> Path:
    """Return the list that a reader was given: what was found, else the file itself, else the first of `patterns` in the folder,
    whose first fault is then named. Raises DataError where there is none."""
    there = [*found, *([path] if path.is_file() else (file for p in patterns for file in sorted(path.glob(p)) if file.is_file()))]
    if not there:
        raise DataError(f"{path}: holds no {' or '.join(patterns)}; give the folder of the set, or its list")
    return there[0]


def pixels(data: bytes, name: str) -> NDArray[np.uint8]:
    """Return the RGB pixels (H, W, 3) of an encoded picture. Raises DataError, naming it, for what is none."""
    try:
        guard.check_pixels(data, guard.PICTURE_PIXELS)
    except ValueError as error:
        raise DataError(f"'{name}' is no picture ({error}); copy the set again") from None
    try:
        return decode(data)
    except DataError as error:
        raise DataError(f"'{name}' {error}; copy the set again") from None


def reader(paths: Sequence[Path]) -> Callable[[int], NDArray[np.uint8]]:
    """Return the function from a picture's number to its pixels."""

    def read(number: int) -> NDArray[np.uint8]:
        return pixels(_bytes(paths[number]), str(paths[number]))

    return read


def _bytes(path: Path) -> bytes:
    try:
        return guard.read(path, guard.LAYER_BYTES)
    except OSError as error:
        raise DataError(f"'{path}' cannot be read ({error.strerror}); copy the set again") from None


def are_crops(paths: Sequence[Path]) -> bool:
    """Whether the first pictures are all 112 x 112 px: face crops on the ArcFace template, by all that is published so."""
    sizes = []
    for path in paths[:_LOOKED_AT]:
        try:
            sizes.append(guard.picture_size(_bytes(path)))
        except ValueError:
            return False
    return bool(sizes) and all(size == (TEMPLATE_PX, TEMPLATE_PX) for size in sizes)
