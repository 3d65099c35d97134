"""Contact sheets: equal square tiles, row by row, as one PNG or JPEG."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.errors import DataError

GAP_PX = 4
CAPTION = 0.07
"""Height of the line under a tile, of the tile's side."""
_PAPER = 255


def spread(names: Sequence[str], most: int) -> list[str]:
    """Return at most `most` of `names` (files of image ids, a person's together), one of each identity where there are enough,
    else evenly spaced, in their order."""
    firsts = [next(same) for _, same in itertools.groupby(names, lambda name: name.rsplit("_", 1)[0])]
    pool = firsts if len(firsts) >= most else names
    count = min(most, len(pool))
    return [pool[i * len(pool) // count] for i in range(count)]


def contact_sheet(pictures: Mapping[str, bytes], columns: int, tile_px: int) -> bytes:
    """Return the PNG of picture files, by name, laid out in `columns`."""
    return encode(sheet([_decoded(name, data) for name, data in pictures.items()], columns, tile_px))


def sheet(
    images: Sequence[NDArray[np.uint8]], columns: int, tile_px: int, captions: Sequence[str] | None = None
) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8: the (S, S, 3) `images` as tiles of `tile_px` with a white gap between them.

    `captions`: one line of plain ASCII under each tile, shrunk to its width.
    """
    columns = max(1, min(columns, len(images)))
    rows = -(-len(images) // columns)
    strip = 0 if captions is None else round(CAPTION * tile_px)
    down, right = tile_px + strip + GAP_PX, tile_px + GAP_PX
    paper = np.full((rows * down + GAP_PX, columns * right + GAP_PX, 3), _PAPER, np.uint8)
    for n, image in enumerate(images):
        y, x = GAP_PX + down * (n // columns), GAP_PX + right * (n % columns)
        smaller = image.shape[0] > tile_px
        tile = cv2.resize(image, (tile_px, tile_px), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)
        paper[y : y + tile_px, x : x + tile_px] = tile
        if captions is not None:
            _write(paper[y + tile_px : y + tile_px + strip, x : x + tile_px], captions[n])
    return paper


def _write(strip: NDArray[np.uint8], text: str) -> None:
    """Write `text` in the middle of `strip` (a view), as large as its height and width allow."""
    height, width = strip.shape[:2]
    scale, thick = 0.026 * height, max(1, round(height / 24))
    (wide, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    if wide > 0.98 * width:
        scale *= 0.98 * width / wide
        wide = int(0.98 * width)
    at = ((width - wide) // 2, round(0.68 * height))
    ink = np.ascontiguousarray(strip)
    cv2.putText(ink, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, (40, 40, 40), thick, cv2.LINE_AA)
    strip[:] = ink


def jpeg_within(rgb: NDArray[np.uint8], most_bytes: int, quality: int = 88) -> bytes:
    """Return the JPEG of an RGB picture, made smaller in steps of a tenth until it has at most `most_bytes`."""
    picture = rgb
    for tenths in range(10, 0, -1):
        if tenths < 10:
            size = (rgb.shape[1] * tenths // 10, rgb.shape[0] * tenths // 10)
            picture = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
        data = cv2.imencode(".jpg", np.ascontiguousarray(picture[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
        if len(data) <= most_bytes:
            return data
    raise DataError(f"a picture of {rgb.shape[1]} x {rgb.shape[0]} does not go into {most_bytes} bytes; allow more")


def encode(rgb: NDArray[np.uint8]) -> bytes:
    """Return the PNG of an RGB picture."""
    return cv2.imencode(".png", np.ascontiguousarray(rgb[..., ::-1]))[1].tobytes()


def _decoded(name: str, data: bytes) -> NDArray[np.uint8]:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if image is None:
        raise DataError(f"'{name}' is no readable picture; remove the dataset's .work directory and run the same command again")
    return np.ascontiguousarray(image[..., ::-1])
