"""Contact sheets: equal square tiles, row by row, as one PNG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.errors import DataError

GAP_PX = 4
_PAPER = 255


def spread(names: Sequence[str], most: int, per_identity: int) -> list[str]:
    """Return at most `most` of `names`, one of each identity where there are enough, else evenly spaced, in their order."""
    firsts = names[::per_identity]
    pool = firsts if len(firsts) >= most else names
    count = min(most, len(pool))
    return [pool[i * len(pool) // count] for i in range(count)]


def contact_sheet(pictures: Sequence[Path], columns: int, tile_px: int) -> bytes:
    """Return the PNG of the picture files laid out in `columns`."""
    return encode(sheet([_read(path) for path in pictures], columns, tile_px))


def sheet(images: Sequence[NDArray[np.uint8]], columns: int, tile_px: int) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8: the (S, S, 3) `images` as tiles of `tile_px` with a white gap between them."""
    columns = max(1, min(columns, len(images)))
    rows = -(-len(images) // columns)
    step = tile_px + GAP_PX
    paper = np.full((rows * step + GAP_PX, columns * step + GAP_PX, 3), _PAPER, np.uint8)
    for n, image in enumerate(images):
        y, x = (GAP_PX + step * i for i in divmod(n, columns))
        smaller = image.shape[0] > tile_px
        tile = cv2.resize(image, (tile_px, tile_px), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)
        paper[y : y + tile_px, x : x + tile_px] = tile
    return paper


def encode(rgb: NDArray[np.uint8]) -> bytes:
    """Return the PNG of an RGB picture."""
    return cv2.imencode(".png", np.ascontiguousarray(rgb[..., ::-1]))[1].tobytes()


def _read(path: Path) -> NDArray[np.uint8]:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise DataError(f"'{path}' is no readable picture; remove the dataset's .work directory and run the same command again")
    return np.ascontiguousarray(image[..., ::-1])
