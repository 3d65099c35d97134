"""A frame of compressed video, in the manner of H.264.

The installed OpenCV writes MPEG-4 Part 2 and VP8, but takes no quantiser, and its FFmpeg has no H.264 encoder. This is a stand-in
that shows what such a stream does to a face, after the standard (ITU-T H.264) and its literature, not a codec:
- 4:2:0 colour, 8 x 8 orthonormal cosine transform (the standard's 8 x 8 integer transform approximates it) of the difference to a
  prediction, quantiser step 0.625 * 2^(QP / 6), with the dead zones of the reference encoder (1/3 within a frame, 1/6 between);
- first frame: each block predicted as flat, from its own mean, coded at the quantiser; later frames: what the frame before left,
  still, so that what changes less than the dead zone keeps the old frame's blocks and noise;
- the loop filter over block edges with the thresholds of List, Joch, Lainema, Bjontegaard & Karczewicz, Adaptive deblocking
  filter, IEEE TCSVT 13:614, 2003 (eq. for alpha and beta), weak in the middle of flat areas, none across true edges.
Left out: directional prediction, motion search (its prediction is the same picture), rate control, entropy coding (lossless).
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.sample import Video

BLOCK = 8
INTRA, INTER = 1 / 3, 1 / 6
"""Rounding offsets of the reference encoder: a coefficient below (1 - offset) steps is dropped."""
CHROMA_QP = {30: 29, 31: 30, 32: 31, 33: 32, 34: 32, 35: 33, 36: 34, 37: 34, 38: 35, 39: 35, 40: 36, 41: 36, 42: 37, 43: 37,
             44: 37, 45: 38, 46: 38, 47: 38, 48: 39, 49: 39, 50: 39, 51: 39}  # fmt: skip
"""Table 8-15 of the standard."""
FRAME_SD = 1.5
"""Difference between two frames of a still scene, 8-bit steps."""


def through(image: NDArray[np.uint8], step: Video) -> NDArray[np.uint8]:
    """Return `image` (S, S, 3) RGB as a frame of a video shows it."""
    size = image.shape[0]
    inner = max(round(size * step.scale), BLOCK)
    shown = image if inner == size else cv2.resize(image, (inner, inner), interpolation=cv2.INTER_AREA)
    even = -(-inner // (2 * BLOCK)) * 2 * BLOCK
    before = (even - inner) // 2
    sides = (before, even - inner - before) * 2
    ycc = cv2.cvtColor(cv2.copyMakeBorder(shown, *sides, cv2.BORDER_REPLICATE), cv2.COLOR_RGB2YCrCb).astype(np.float32)
    stream = rng.expand(step.seed, "sensor.video")
    planes = [ycc[..., 0]]
    planes += [cv2.resize(ycc[..., c], (even // 2, even // 2), interpolation=cv2.INTER_AREA) for c in (1, 2)]
    coded = [_plane(plane, step, c > 0, stream) for c, plane in enumerate(planes)]
    full = [coded[0], *(cv2.resize(plane, (even, even), interpolation=cv2.INTER_LINEAR) for plane in coded[1:])]
    rgb = cv2.cvtColor(np.clip(np.dstack(full) + 0.5, 0, 255).astype(np.uint8), cv2.COLOR_YCrCb2RGB)
    rgb = np.ascontiguousarray(rgb[before : before + inner, before : before + inner])
    return rgb if inner == size else np.asarray(cv2.resize(rgb, (size, size), interpolation=cv2.INTER_CUBIC), np.uint8)


def step_size(qp: int) -> float:
    """Return the quantiser step of `qp`, in 8-bit steps: it doubles every six."""
    return 0.625 * 2 ** (qp / 6)


def quantised(difference: NDArray[np.float32], qp: int, offset: float) -> NDArray[np.float32]:
    """Return `difference` (H, W) after transform, quantiser and back; H and W are multiples of `BLOCK`."""
    step = np.float32(step_size(qp))
    level = _blocks(difference, _cosines()) / step
    level = np.sign(level) * np.floor(np.abs(level) + np.float32(offset))
    return _blocks(level * step, _cosines().T)


def _plane(plane: NDArray[np.float32], step: Video, chroma: bool, stream: np.random.Generator) -> NDArray[np.float32]:
    """The last of `previous` + 1 coded frames of one colour plane."""
    qp = CHROMA_QP.get(step.qp, step.qp) if chroma else step.qp
    noises = [stream.normal(0, FRAME_SD, plane.shape).astype(np.float32) for _ in range(step.previous)]
    frames = [plane + noise for noise in noises] + [plane]
    was = np.full_like(plane, 128)
    for n, frame in enumerate(frames):
        now = was + quantised(frame - was, qp, INTRA if n == 0 else INTER)
        was = np.clip(_deblocked(now, qp) if step.deblock else now, 0, 255)
    return was


def _blocks(plane: NDArray[np.float32], basis: NDArray[np.float32]) -> NDArray[np.float32]:
    """`basis` applied to both sides of every block."""
    height, width = plane.shape
    rows = np.matmul(basis, plane.reshape(height // BLOCK, BLOCK, width))
    return np.matmul(rows.reshape(height, width // BLOCK, BLOCK), basis.T).reshape(height, width)


@lru_cache(maxsize=1)
def _cosines() -> NDArray[np.float32]:
    k = np.arange(BLOCK)
    basis = np.sqrt(2 / BLOCK) * np.cos(np.pi * (k[None, :] + 0.5) * k[:, None] / BLOCK)
    basis[0] /= np.sqrt(2)
    return basis.astype(np.float32)


def _deblocked(plane: NDArray[np.float32], qp: int) -> NDArray[np.float32]:
    alpha, beta = 0.8 * (2 ** (qp / 6) - 1), 0.5 * qp - 7
    if beta <= 0:
        return plane
    plane = plane.copy()
    for across in (plane, plane.T):  # columns, then rows: views of the same picture
        edges = np.arange(BLOCK, across.shape[1], BLOCK)
        p1, p0, q0, q1 = (across[:, edges + k] for k in (-2, -1, 0, 1))
        smooth = (np.abs(p0 - q0) < alpha) & (np.abs(p1 - p0) < beta) & (np.abs(q1 - q0) < beta)
        limit = np.float32(max(alpha / 6, 1.0))
        move = np.clip((4 * (q0 - p0) + (p1 - q1)) / 8, -limit, limit) * smooth
        across[:, edges - 1] = p0 + move
        across[:, edges] = q0 - move
    return plane
