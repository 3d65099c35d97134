"""InsightFace's verification sets: LFW, CFP, AgeDB, CALFW, CPLFW and others as one .bin of encoded crops, two a pair."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegen import guard
from facegen.errors import DataError
from facegen.recognise.protocol import Protocol
from facegen.recognise.sets import made, pickled
from facegen.recognise.sets.ours import export_json
from facegen.recognise.sets.pictures import pixels

MEND = "give a .bin as InsightFace publishes them, or as 'facegen export --format verification-bin' writes it"


def found(path: Path) -> list[Path]:
    """Return the .bin at `path`."""
    return [path] if path.is_file() and path.suffix == ".bin" else []


def read(path: Path) -> Protocol:
    """Return the pairs of a .bin, in tenths as they lie; pictures that occur more than once are one template."""
    try:
        encoded, mated = pickled.load(guard.read(path, guard.BIN_BYTES))
    except OSError as error:
        raise DataError(f"'{path}' cannot be read ({error.strerror}); check the path and its permissions") from None
    except ValueError as error:
        raise DataError(f"'{path}' is no list of pictures ({error}); {MEND}") from None
    if not mated or len(encoded) != 2 * len(mated):
        raise DataError(f"'{path}' holds {len(encoded)} pictures for {len(mated)} pairs, two for each are needed; {MEND}")
    number: dict[bytes, int] = {}
    at = [number.setdefault(data, len(number)) for data in encoded]
    first_seen = dict(zip(reversed(at), range(len(at) - 1, -1, -1), strict=True))
    unique = list(number)

    def picture(which: int) -> NDArray[np.uint8]:
        return pixels(unique[which], f"{path}, picture {first_seen[which]}")

    crop = export_json(path.parent).get("options", {}).get("crop", {}).get("kind")
    pairs = list(zip(at[::2], at[1::2], strict=True))
    return Protocol(
        name=path.stem, format="bin", names=[f"{path.name}#{first_seen[n]}" for n in range(len(unique))], picture=picture,
        aligned=crop in (None, "arcface"), template=np.arange(len(unique)), subjects=None,
        comparisons=made.comparisons(pairs, mated),
    )  # fmt: skip
