"""Contact sheets: where tiles and captions lie, and how small a JPEG gets."""

import cv2
import numpy as np
import pytest

from facegen.dataset.sheet import CAPTION, GAP_PX, jpeg_within, sheet
from facegen.errors import DataError


def tiles(count, size=40):
    return [np.full((size, size, 3), 10 * n, np.uint8) for n in range(count)]


def test_tiles_lie_row_by_row():
    paper = sheet(tiles(5), 3, 40)
    step = 40 + GAP_PX
    assert paper.shape == (2 * step + GAP_PX, 3 * step + GAP_PX, 3)
    for n in range(5):
        y, x = divmod(n, 3)
        inside = paper[GAP_PX + y * step : GAP_PX + y * step + 40, GAP_PX + x * step : GAP_PX + x * step + 40]
        assert (inside == 10 * n).all()
    assert (paper[GAP_PX + step :, GAP_PX + 2 * step :] == 255).all()


def test_captions_are_written_under_their_tile_and_nowhere_else():
    size = 200
    strip = round(CAPTION * size)
    bare, named = (
        sheet(tiles(2, size), 1, size, ["", ""]),
        sheet(tiles(2, size), 1, size, ["", "a caption much longer than its tile is wide"]),
    )
    assert bare.shape[0] == 2 * (size + strip + GAP_PX) + GAP_PX
    changed = np.argwhere((bare != named).any(axis=2))
    top = 2 * (GAP_PX + size) + strip
    assert len(changed) and changed[:, 0].min() >= top and changed[:, 0].max() < top + strip
    assert changed[:, 1].min() >= GAP_PX and changed[:, 1].max() < GAP_PX + size


def test_a_jpeg_shrinks_until_it_fits():
    noise = np.random.default_rng(1).integers(0, 256, (300, 400, 3), np.uint8)
    free = jpeg_within(noise, 10**7)
    tight = jpeg_within(noise, len(free) // 3)
    assert len(tight) <= len(free) // 3
    shape = cv2.imdecode(np.frombuffer(tight, np.uint8), cv2.IMREAD_COLOR).shape
    assert shape[0] < 300 and shape[1] / shape[0] == pytest.approx(4 / 3, abs=0.03)
    with pytest.raises(DataError, match="allow more"):
        jpeg_within(noise, 100)
