"""Painters of flat things, in metres: walls with what hangs on them, windows, facades, foliage, people, cars.

Each painter is a closure over numbers and a seed, and draws the same thing at any detail. Shapes are drawn at twice the detail
and averaged, since cv2 draws no soft edges in float pictures. Reflectances and sizes are our choice after everyday things.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.surroundings.world import Paint, Painter

Image = NDArray[np.float32]
_TILE = 256


class Canvas:
    """A picture of `width` x `height` m, drawn at twice `detail` texels a metre; x to the right, y down."""

    def __init__(self, width: float, height: float, detail: float, rgb: object) -> None:
        self.scale_x = 2 * max(2, round(width * detail)) / width
        self.scale_y = 2 * max(2, round(height * detail)) / height
        shape = (round(height * self.scale_y), round(width * self.scale_x))
        self.image = np.empty((*shape, 3), np.float32)
        self.image[:] = np.asarray(rgb, dtype=np.float32)

    def rect(self, x: float, y: float, w: float, h: float, rgb: object) -> None:
        x0, x1 = max(int(x * self.scale_x + 0.5), 0), max(int((x + w) * self.scale_x + 0.5), 0)
        y0, y1 = max(int(y * self.scale_y + 0.5), 0), max(int((y + h) * self.scale_y + 0.5), 0)
        if x1 > x0 and y1 > y0:
            self.image[y0:y1, x0:x1] = rgb

    def poly(self, points: list[tuple[float, float]], rgb: object) -> None:
        at = np.round(np.asarray(points) * (16 * self.scale_x, 16 * self.scale_y)).astype(np.int32)
        cv2.fillPoly(self.image, [at], tuple(float(v) for v in np.asarray(rgb)), shift=4)

    def oval(self, x: float, y: float, rx: float, ry: float, rgb: object) -> None:
        a = np.linspace(0, 2 * np.pi, 28, endpoint=False)
        self.poly(list(zip(x + rx * np.cos(a), y + ry * np.sin(a), strict=True)), rgb)

    def done(self) -> Image:
        h, w = self.image.shape[0] // 2, self.image.shape[1] // 2
        return np.asarray(cv2.resize(self.image, (w, h), interpolation=cv2.INTER_AREA))


@cache
def _cloud_tile() -> Image:
    """Periodic noise of many octaves, mean 0, deviation 1, (256, 256): the same in every process."""
    random = rng.expand(20260, "surroundings.tile")
    spectrum = np.fft.rfft2(random.standard_normal((_TILE, _TILE)))
    fy, fx = np.fft.fftfreq(_TILE)[:, None], np.fft.rfftfreq(_TILE)[None, :]
    tile = np.fft.irfft2(spectrum / np.maximum(np.hypot(fy, fx), 3 / _TILE) ** 1.3, (_TILE, _TILE))
    out = ((tile - tile.mean()) / tile.std()).astype(np.float32)
    out.flags.writeable = False
    return out


def clouds(random: np.random.Generator, shape: tuple[int, int], cells: tuple[float, float]) -> Image:
    """Return noise (h, w), mean about 0, deviation about 1: `cells` (down, across) of its largest waves over the picture."""
    y0, x0 = random.uniform(0, _TILE, 2)
    across, down = cells[1] * _TILE / 3 / shape[1], cells[0] * _TILE / 3 / shape[0]
    turn = np.array([[across, 0, x0], [0, down, y0]])
    tile = _blurred(max(0, int(np.log2(max(across, down, 1.0)))))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(tile, turn, shape[::-1], flags=flags, borderMode=cv2.BORDER_WRAP))


@cache
def _blurred(octaves: int) -> Image:
    tile = _cloud_tile()
    if octaves == 0:
        return tile
    wide = cv2.copyMakeBorder(tile, 64, 64, 64, 64, cv2.BORDER_WRAP)
    return np.ascontiguousarray(cv2.GaussianBlur(wide, (0, 0), 0.5 * 2**octaves)[64:-64, 64:-64])


def muted(random: np.random.Generator, low: float, high: float, chroma: float = 0.25) -> NDArray[np.float32]:
    """Return a reflectance (3,): luminance about low..high, hue anywhere, more or less grey."""
    a, b, c = random.random(3).tolist()
    hue, strength, level = 6.2832 * a, chroma * b * b, low + (high - low) * c
    tints = (math.cos(hue), 0.6 * math.cos(hue - 2.1), math.cos(hue + 2.1))
    return np.array([min(max(level * (1 + strength * t), 0.01), 0.9) for t in tints], dtype=np.float32)


def even(width: float, height: float, rgb: object, seed: int, mottle: float = 0.02) -> Painter:
    """A surface of one colour with faint unevenness."""

    def paint(detail: float) -> Paint:
        shrink = min(1.0, 48 / (max(height, width) * detail))  # it has no edges
        h, w = max(2, round(height * detail * shrink)), max(2, round(width * detail * shrink))
        noise = clouds(rng.expand(seed, "even"), (h, w), (0.4 * height, 0.4 * width))
        return Paint((np.asarray(rgb, np.float32) * (1 + mottle * noise[..., None])).astype(np.float32))

    return paint


def planks(width: float, height: float, rgb: object, seed: int) -> Painter:
    """A floor of boards or tiles along its height."""

    def paint(detail: float) -> Paint:
        random, canvas = rng.expand(seed, "planks"), Canvas(width, height, min(detail, 40), rgb)
        board, tiled = random.uniform(0.1, 0.5), random.random() < 0.4
        spread = 0.03 if tiled else 0.12
        for x in np.arange(0, width, board):
            canvas.rect(x, 0, 0.97 * board, height, np.asarray(rgb) * (1 + spread * random.standard_normal()))
        return Paint(canvas.done())

    return paint


def wall(width: float, height: float, rgb: object, seed: int, things: int = 3) -> Painter:
    """A room's wall: skirting, and along it shelves, doors, pictures, curtains, plants, cupboards or radiators."""

    def paint(detail: float) -> Paint:
        random = rng.expand(seed, "wall")
        canvas = Canvas(width, height, detail, rgb)
        if random.random() < 0.25:
            canvas.rect(0, height - 1.0, width, 1.0, muted(random, 0.1, 0.6))
        canvas.rect(0, height - 0.1, width, 0.1, np.asarray(rgb) * random.choice([0.5, 0.9, 1.15]))
        at = random.uniform(0, 0.5)
        for _ in range(things):
            if at > width - 0.3:
                break
            thing, own = bisect(_SHARES, random.random()), int(random.integers(2**63))
            at += _THINGS[thing](canvas, rng.expand(own, "thing"), at, height) + random.exponential(0.5)
        image = canvas.done()
        noise = clouds(random, (24, 48), (0.5 * height, 0.5 * width))
        image *= (1 + 0.015 * cv2.resize(noise, image.shape[1::-1]))[..., None]
        return Paint(image)

    return paint


def _shelf(c: Canvas, random: np.random.Generator, x: float, height: float) -> float:
    width, rows = random.uniform(0.8, 2.4), int(random.integers(3, 7))
    wood, top = muted(random, 0.05, 0.6, 0.5), random.uniform(0.15, 0.9)
    step = (height - top) / rows
    c.rect(x, top, width, height - top, wood * 0.55)
    spread = random.uniform(0.15, 0.5)
    for row in range(rows):
        base, at = top + (row + 1) * step, x + 0.03
        if c.scale_x < 40:  # single books are not seen
            c.rect(at, base - 0.68 * step, width - 0.06, 0.68 * step, 0.6 * muted(random, 0.15, 0.4, spread) + 0.06)
            at = x + width
        while at < x + width - 0.06:
            if random.random() < 0.15:
                at += random.uniform(0.05, 0.3)
                continue
            thick, tall = random.uniform(0.015, 0.05), random.uniform(0.5, 0.85) * step
            c.rect(at, base - tall, thick, tall, np.clip(muted(random, 0.04, 0.6, 2 * spread), 0.02, 0.8))
            at += thick
        c.rect(x, base - 0.025, width, 0.025, wood)
    for edge in (x, x + width - 0.025):
        c.rect(edge, top, 0.025, height - top, wood)
    return width


def _door(c: Canvas, random: np.random.Generator, x: float, height: float) -> float:
    width, tall = random.uniform(0.75, 1.0), random.uniform(1.98, 2.15)
    leaf = muted(random, 0.1, 0.75, 0.3)
    c.rect(x, height - tall - 0.08, width + 0.16, tall + 0.08, np.clip(leaf * 1.2, 0, 0.85))
    c.rect(x + 0.08, height - tall, width, tall, leaf)
    if random.random() < 0.3:  # open: the next room lies in the dark
        c.rect(x + 0.08, height - tall, width, tall, leaf * 0.25)
        return width + 0.16
    for y in (0.15, 1.1):
        c.rect(x + 0.2, height - tall + y, width - 0.24, 0.75, leaf * 0.9)
    c.rect(x + width - 0.06, height - 1.05, 0.1, 0.03, (0.35, 0.33, 0.3))
    return width + 0.16


def _pictures(c: Canvas, random: np.random.Generator, x: float, height: float) -> float:
    width = random.uniform(0.3, 1.0)
    for _ in range(int(random.integers(1, 4))):
        w, h = random.uniform(0.25, 0.9), random.uniform(0.25, 0.8)
        left, top = x + random.uniform(0, 0.4), height - random.uniform(1.4, 2.1)
        rim = random.uniform(0.01, 0.04)
        c.rect(left, top, w, h, muted(random, 0.02, 0.5, 0.4))
        c.rect(left + rim, top + rim, w - 2 * rim, h - 2 * rim, (0.75, 0.74, 0.7))
        inner = random.uniform(0.0, 0.2) * min(w, h) + rim
        base = muted(random, 0.1, 0.5, 0.6)
        c.rect(left + inner, top + inner, w - 2 * inner, h - 2 * inner, base)
        for _ in range(4):
            r = random.uniform(0.05, 0.2) * min(w, h)
            a, b = left + random.uniform(0.3, 0.7) * w, top + random.uniform(0.3, 0.7) * h
            c.oval(a, b, r, r * random.uniform(0.4, 1.0), muted(random, 0.05, 0.6, 0.8))
        width = max(width, left + w - x)
    return width


def _curtain(c: Canvas, random: np.random.Generator, x: float, height: float) -> float:
    width, rgb = random.uniform(0.5, 1.8), muted(random, 0.08, 0.7, 0.5)
    fold = random.uniform(0.08, 0.16)
    for at in np.arange(x, x + width, 0.02):
        shade = 0.78 + 0.22 * np.sin(2 * np.pi * (at - x) / fold + 0.8 * np.sin(3.1 * (at - x) / fold))
        c.rect(at, 0.12, 0.021, height - 0.2, rgb * shade)
    return width


def _plant(c: Canvas, random: np.random.Generator, x: float, height: float) -> float:
    tall, green = random.uniform(0.6, 1.7), np.array([0.05, 0.13, 0.035]) * random.uniform(0.6, 1.8)
    root, pot = x + 0.35, random.uniform(0.2, 0.35)
    c.poly([(root - 0.16, height - pot - 0.05), (root + 0.16, height - pot - 0.05), (root + 0.11, height), (root - 0.11, height)],
           muted(random, 0.05, 0.6, 0.5))  # fmt: skip
    for _ in range(int(random.integers(14, 30))):
        lean = random.normal(0, 0.35)
        y = height - pot - tall * random.uniform(0.3, 1.0)
        tip, broad = random.uniform(0.15, 0.4), random.uniform(0.02, 0.07)
        px, dx, dy = root + lean * 0.5, np.sign(lean) * tip, random.uniform(-0.15, 0.2)
        c.poly([(root - 0.008, height - pot), (root + 0.008, height - pot), (px + 0.006, y), (px - 0.006, y)], 0.7 * green)
        leaf = [(px, y), (px + dx / 2, y + dy / 2 - broad), (px + dx, y + dy), (px + dx / 2, y + dy / 2 + broad)]
        c.poly(leaf, green * random.uniform(0.5, 1.7))
    return 0.8


def _cupboard(c: Canvas, random: np.random.Generator, x: float, height: float) -> float:
    width, tall, rgb = random.uniform(0.8, 2.2), random.choice([0.8, 0.9, 2.1]), muted(random, 0.05, 0.7, 0.4)
    c.rect(x, height - tall, width, tall, rgb * 0.6)
    doors = max(1, round(width / 0.5))
    for k in range(doors):
        c.rect(x + k * width / doors + 0.008, height - tall + 0.01, width / doors - 0.016, tall - 0.06, rgb)
    if tall < 1:
        for _ in range(int(random.integers(1, 5))):
            w, h = random.uniform(0.06, 0.3), random.uniform(0.08, 0.4)
            c.rect(x + random.uniform(0, width - w), height - tall - h, w, h, muted(random, 0.03, 0.7, 0.7))
    return width


def _radiator(c: Canvas, random: np.random.Generator, x: float, height: float) -> float:
    width = random.uniform(0.6, 1.4)
    for at in np.arange(x, x + width, 0.06):
        c.rect(at, height - 0.75, 0.045, 0.6, (0.7, 0.69, 0.66))
    return width


_THINGS: tuple[Callable[[Canvas, np.random.Generator, float, float], float], ...] = (
    _shelf, _door, _pictures, _curtain, _plant, _cupboard, _radiator,
)  # fmt: skip
_SHARES = (0.22, 0.36, 0.62, 0.72, 0.82, 0.94)
"""Cumulative."""
