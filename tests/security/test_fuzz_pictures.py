"""A user's own pictures and panoramas, and the headers that say how large they are."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutants import answer, much, mutated

from facegen import guard
from facegen.errors import DataError
from facegen.sensor.codec import decode
from facegen.surroundings import files

SIDES = (64, 32)


def encoded(suffix: str) -> bytes:
    ramp = np.linspace(0, 1, SIDES[0] * SIDES[1] * 3, dtype=np.float32).reshape(SIDES[1], SIDES[0], 3)
    if suffix == ".hdr":
        return cv2.imencode(suffix, ramp)[1].tobytes()
    return cv2.imencode(suffix, (255 * ramp).astype(np.uint8))[1].tobytes()


PICTURES = {suffix: encoded(suffix) for suffix in (".jpg", ".png", ".webp", ".bmp", ".tif")}
PANORAMA = encoded(".hdr")


@pytest.mark.parametrize("suffix", PICTURES)
@much(60)
@given(data=st.data())
def test_pictures(place: Path, suffix: str, data: st.DataObject) -> None:
    bad = data.draw(mutated(PICTURES[suffix]) | st.binary(max_size=100))
    path = place.with_suffix(suffix)
    path.write_bytes(bad)
    files.sha256.cache_clear()
    files.picture.cache_clear()
    found = answer(lambda: files.picture(str(path)))
    assert isinstance(found, DataError) or (found.dtype == np.float32 and np.isfinite(found).all() and max(found.shape) <= 1024)
    answer(lambda: decode(bad))


@much(80)
@given(data=mutated(PANORAMA) | mutated(PANORAMA[:120], text=True) | st.binary(max_size=100))
def test_panoramas(place: Path, data: bytes) -> None:
    path = place.with_suffix(".hdr")
    path.write_bytes(data)
    files.sha256.cache_clear()
    files.panorama.cache_clear()
    found = answer(lambda: files.panorama(str(path)))
    assert isinstance(found, DataError) or (np.isfinite(found).all() and found.shape[1] == 2 * found.shape[0])


@pytest.mark.parametrize("suffix", [*PICTURES, ".hdr"])
def test_the_size_is_read_without_decoding(suffix: str) -> None:
    data = PANORAMA if suffix == ".hdr" else PICTURES[suffix]
    assert guard.picture_size(data) == SIDES
