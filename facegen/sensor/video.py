"""A frame of compressed video: H.264 by x264, encoded and decoded in memory through PyAV.

Baseline-like stream (no B frames, one thread, constant quantiser), coded as the last of a few frames of a still scene that differ
by their noise, so that what changes little keeps the blocks and the noise of the frame before. 4:2:0 colour, BT.601 in 16..235 as
cameras of standard size write it. No psychovisual tuning: encoders in cameras have none. `cpu-independent` keeps x264 to choices
that do not depend on the processor.
"""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.sample import Video

FRAME_SD = 1.5
"""Difference between two frames of a still scene, 8-bit steps."""
_SMALLEST = 16
_RATE = Fraction(1, 25)


def through(image: NDArray[np.uint8], step: Video) -> NDArray[np.uint8]:
    """Return `image` (S, S, 3) RGB as a frame of a video shows it."""
    size = image.shape[0]
    inner = max(round(size * step.scale), _SMALLEST)
    shown = image if inner == size else cv2.resize(image, (inner, inner), interpolation=cv2.INTER_AREA)
    odd = inner % 2  # 4:2:0 takes even sides
    frame = np.asarray(cv2.copyMakeBorder(shown, 0, odd, 0, odd, cv2.BORDER_REPLICATE))
    coded = coded_frame(_frames(frame, step), step.qp, step.deblock)[:inner, :inner]
    return coded if inner == size else np.asarray(cv2.resize(coded, (size, size), interpolation=cv2.INTER_CUBIC), np.uint8)


def coded_frame(frames: list[NDArray[np.uint8]], qp: int, deblock: bool) -> NDArray[np.uint8]:
    """Return the last of `frames` (H, W, 3) RGB, sides even, after an H.264 stream of quantiser `qp` holds them all."""
    import av  # here: 60 ms that workers whose pictures are no videos save

    encoder = av.CodecContext.create("libx264", "w")
    height, encoder.width = frames[0].shape[0], frames[0].shape[1]
    encoder.height, encoder.pix_fmt, encoder.time_base, encoder.thread_count = height, "yuv420p", _RATE, 1
    loop = "deblock=0,0" if deblock else "no-deblock=1"
    encoder.options = {"qp": str(qp), "preset": "fast", "x264-params": f"bframes=0:ipratio=1:psy=0:cpu-independent=1:{loop}"}
    packets = []
    for time, rgb in enumerate(frames):
        frame = av.VideoFrame.from_ndarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420), format="yuv420p")
        frame.pts = time
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    shown = [frame for packet in (*packets, None) for frame in decoder.decode(packet)]
    return np.asarray(cv2.cvtColor(shown[-1].to_ndarray(), cv2.COLOR_YUV2RGB_I420), np.uint8)


def _frames(image: NDArray[np.uint8], step: Video) -> list[NDArray[np.uint8]]:
    """`previous` frames of the still scene, each with noise of its own, and the picture."""
    stream = rng.expand(step.seed, "sensor.video")
    before = [image + stream.normal(0, FRAME_SD, image.shape) for _ in range(step.previous)]
    return [*(np.clip(frame + 0.5, 0, 255).astype(np.uint8) for frame in before), image]
