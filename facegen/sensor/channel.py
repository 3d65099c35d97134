"""The way of a finished picture to us: the declared steps of a Degradation, one after the other. Every one is centred: a point of
the picture is where it was (within 0.05 px; WebP below quality 75 is not, see its spec)."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen import srgb
from facegen.geometry import planes
from facegen.sample import Graduated, Jpeg, PrintScan, Resize, Screenshot, Step, Video, WebP
from facegen.sensor import codec, paper, tone, video

FILTERS = {"area": cv2.INTER_AREA, "linear": cv2.INTER_LINEAR, "cubic": cv2.INTER_CUBIC, "lanczos": cv2.INTER_LANCZOS4}
LEAST_PX = 8
_DECODED = srgb.decode(np.arange(256, dtype=np.float32) / np.float32(255))
"""Linear light of 8-bit values."""


def through(image: NDArray[np.uint8], steps: tuple[Step, ...]) -> NDArray[np.uint8]:
    """Return `image` (S, S, 3) RGB after `steps`, of the same size."""
    for step in steps:
        image = _one(image, step)
    return image


def described(steps: tuple[Step, ...]) -> str:
    """Return the steps as one line of text, 'resize(down=0.5) jpeg(quality=60)': what differs from the defaults."""
    return " ".join(_text(step) for step in steps)


def _text(step: Step) -> str:
    told = step.model_dump(exclude={"kind", "seed"}, exclude_defaults=True)
    return f"{step.kind}({', '.join(f'{name}={_plain(value)}' for name, value in told.items())})"


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return "/".join(_plain(v) for v in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _one(image: NDArray[np.uint8], step: Step) -> NDArray[np.uint8]:
    if isinstance(step, Jpeg):
        return _jpeg(image, step)
    if isinstance(step, WebP):
        return codec.decode(codec.encode_webp(image, step.quality))
    if isinstance(step, Video):
        return video.through(image, step)
    if isinstance(step, Resize):
        return _resized(image, step)
    if isinstance(step, Screenshot):
        return _screenshot(image, step)
    if isinstance(step, Graduated):
        return _graduated(image, step)
    assert isinstance(step, PrintScan)
    return paper.print_and_scan(image, step)


def _jpeg(image: NDArray[np.uint8], step: Jpeg) -> NDArray[np.uint8]:
    """The grid is moved by mirrored margins at the left and the top, which are cut off again."""
    x, y = step.shift_x, step.shift_y
    padded = cv2.copyMakeBorder(image, y, 0, x, 0, cv2.BORDER_REFLECT) if x or y else image
    opened = codec.decode(codec.encode_jpeg(np.asarray(padded, np.uint8), step.quality, step.subsampling))
    return np.ascontiguousarray(opened[y:, x:])


def _resized(image: NDArray[np.uint8], step: Resize) -> NDArray[np.uint8]:
    small = max(round(image.shape[0] * step.down), LEAST_PX)
    down = cv2.resize(image, (small, small), interpolation=FILTERS[step.down_filter])
    return np.asarray(cv2.resize(down, image.shape[1::-1], interpolation=FILTERS[step.up_filter]), np.uint8)


def _screenshot(image: NDArray[np.uint8], step: Screenshot) -> NDArray[np.uint8]:
    """To the display's own pixels and back, rounded to 8 bits there, then the display's gamma and the beat of the two grids.

    A camera that samples a grid of three colour stripes sees their difference frequency, a third of a period apart in each colour
    (Amidror, The Theory of the Moire Phenomenon, 2009, ch. 2): it is drawn as such, so that the picture itself stays in place.
    """
    size = image.shape[0]
    shown = max(round(size * step.scale), LEAST_PX)
    there = cv2.resize(image, (shown, shown), interpolation=cv2.INTER_LINEAR if step.scale > 1 else cv2.INTER_AREA)
    back = cv2.resize(there, (size, size), interpolation=cv2.INTER_AREA if step.scale > 1 else cv2.INTER_LINEAR)
    table = np.float32(255) * (np.arange(256, dtype=np.float32) / 255) ** np.float32(step.gamma)
    seen = cv2.LUT(back, table)
    if step.moire > 0:
        seen *= _beat(size, step)
    return np.clip(seen + np.float32(0.5), 0, 255).astype(np.uint8)


def _beat(size: int, step: Screenshot) -> NDArray[np.float32]:
    at = ((np.arange(size) + 0.5) / size - 0.5) * (2 * np.pi / step.moire_period)
    angle = np.radians(step.moire_deg)
    phase = (at[None, :] * np.cos(angle) - at[:, None] * np.sin(angle))[..., None] + np.arange(3) * (2 * np.pi / 3)
    return (1 - step.moire * (0.5 + 0.5 * np.cos(phase))).astype(np.float32)


def _graduated(image: NDArray[np.uint8], step: Graduated) -> NDArray[np.uint8]:
    size, angle = image.shape[0], np.radians(step.deg)
    at = (np.arange(size, dtype=np.float32) + 0.5) * (2 / size) - 1
    along = at[None, :] * np.float32(np.cos(angle)) - at[:, None] * np.float32(np.sin(angle))
    light = cv2.LUT(image, _DECODED) * planes.thrice(np.exp2(np.float32(step.stops) * along))
    return tone.quantise(srgb.encode(light).astype(np.float32))
