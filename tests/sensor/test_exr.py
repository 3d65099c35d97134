"""Depth EXR: what we write is what OpenCV and the format's own library read, and damaged files are refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from facegen.errors import DataError
from facegen.sensor.exr import decode_exr, encode_exr

SHAPES = [(1, 1), (16, 16), (17, 33), (100, 64), (256, 256)]


def depths(shape: tuple[int, int]) -> np.ndarray:
    """Smooth depths with a hole, and rows of noise that do not compress."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    depth = (1.2 + 0.001 * x - 0.0007 * y).astype(np.float32)
    depth[shape[0] // 3 : shape[0] // 2] = 0
    noise = np.random.default_rng(1).integers(0, 2**31, (len(depth[: shape[0] // 8]), shape[1]), np.uint32).view(np.float32)
    depth[: shape[0] // 8] = np.where(np.isfinite(noise), noise, 0)
    return depth


@pytest.mark.parametrize("shape", SHAPES)
def test_depths_come_back_bit_by_bit(shape):
    depth = depths(shape)
    data = encode_exr(depth)
    assert np.array_equal(decode_exr(data).view(np.uint32), depth.view(np.uint32))
    assert encode_exr(depth) == data
    assert len(data) < depth.nbytes + 512 + 16 * (shape[0] // 16 + 1)


def test_opencv_reads_them(tmp_path: Path):
    """In a process of its own: OpenCV looks at its switch once."""
    for shape in SHAPES:
        depth = depths(shape)
        (tmp_path / "d.exr").write_bytes(encode_exr(depth))
        code = "import cv2, numpy, sys; numpy.save(sys.argv[2], cv2.imread(sys.argv[1], cv2.IMREAD_UNCHANGED))"
        run = [sys.executable, "-c", code, str(tmp_path / "d.exr"), str(tmp_path / "d.npy")]
        subprocess.run(run, check=True, env={**os.environ, "OPENCV_IO_ENABLE_OPENEXR": "1"}, timeout=60)
        read = np.load(tmp_path / "d.npy")
        assert read.dtype == np.float32 and np.array_equal(read, depth)


def test_the_formats_own_library_reads_them(tmp_path: Path):
    exr = pytest.importorskip("OpenEXR")
    for shape in SHAPES:
        depth = depths(shape)
        (tmp_path / "d.exr").write_bytes(encode_exr(depth))
        with exr.File(str(tmp_path / "d.exr")) as file:
            assert list(file.channels()) == ["Y"]
            assert np.array_equal(file.channels()["Y"].pixels, depth)


@pytest.mark.parametrize("damage", [lambda d: d[:-7], lambda d: d[:40], lambda d: b"", lambda d: b"PNG" + d[3:],
                                    lambda d: d[:400] + bytes(40) + d[440:]])  # fmt: skip
def test_damaged_files_are_refused(damage):
    with pytest.raises(DataError, match="no depth EXR of ours"):
        decode_exr(damage(encode_exr(depths((64, 64)))))
