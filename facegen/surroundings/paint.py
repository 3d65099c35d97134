"""What painters of flat things draw with, in metres; walls and floors.

Each painter is a closure over numbers and a seed, and draws the same thing at any detail. Shapes are drawn at twice the detail
and averaged, since cv2 draws no soft edges in float pictures. Reflectances and sizes are our choice after everyday things.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.geometry import planes
from facegen.surroundings.quads import Paint, Painter, SpanPainter

Image = NDArray[np.float32]
_TILE = 256
_FEW = 48
"""Rectangles of fewer texels are filled one by one."""
_AROUND = np.linspace(0, 2 * np.pi, 28, endpoint=False)
_COSINES, _SINES = np.cos(_AROUND), np.sin(_AROUND)


class Canvas:
    """A picture of `width` x `height` m, drawn at twice `detail` texels a metre; x to the right, y down."""

    def __init__(self, width: float, height: float, detail: float, rgb: object) -> None:
        self.scale_x = 2 * max(2, round(width * detail)) / width
        self.scale_y = 2 * max(2, round(height * detail)) / height
        self.span = (-math.inf, math.inf)
        """What is looked at, from x to x."""
        shape = (round(height * self.scale_y), round(width * self.scale_x))
        self.image = np.empty((*shape, 3), np.float32)
        self.image[0] = np.asarray(rgb, dtype=np.float32)
        self.image[1:] = self.image[0]

    def shows(self, x: float, width: float) -> bool:
        """Whether something from `x`, `width` wide, is looked at, or a shadow of it (`_cast`), or a neighbour's edge."""
        reach = 0.8 + 40 / self.scale_x
        return self.span[0] - reach < x + width and x < self.span[1] + reach

    def rows(self, y: float, h: float) -> bool:
        """Whether anything from `y`, `h` high, falls on a texel."""
        return int((y + h) * self.scale_y + 0.5) > int(y * self.scale_y + 0.5)

    def rect(self, x: float, y: float, w: float, h: float, rgb: object, alpha: float = 1.0) -> None:
        x0, x1 = int(x * self.scale_x + 0.5), int((x + w) * self.scale_x + 0.5)
        y0, y1 = int(y * self.scale_y + 0.5), int((y + h) * self.scale_y + 0.5)
        if x1 <= x0 or y1 <= y0 or x1 <= 0 or y1 <= 0:
            return
        part = self.image[y0 if y0 > 0 else 0 : y1, x0 if x0 > 0 else 0 : x1]
        if alpha != 1.0:
            part *= 1 - alpha
            part += alpha * np.asarray(rgb, np.float32)
        elif (y1 - y0) * (x1 - x0) < _FEW:
            part[:] = rgb
        elif len(part):  # a row is filled colour by colour, the others are copies of it
            part[0] = rgb
            part[1:] = part[0]

    def framed(self, x: float, y: float, w: float, h: float, rgb: object, rise: float) -> None:
        """A rectangle that stands out by a bevel `rise` (m) wide, or lies in by -`rise`: edges towards the light are brighter."""
        colour, edge = np.asarray(rgb, np.float32), abs(rise)
        bright, dark = (1.25, 0.6) if rise > 0 else (0.6, 1.25)
        self.rect(x, y, w, h, colour)
        light, shadow = np.minimum(colour * bright, 0.9), np.minimum(colour * dark, 0.9)
        self.rect(x, y, w, edge, light)
        self.rect(x, y, edge, h, light)
        self.rect(x, y + h - edge, w, edge, shadow)
        self.rect(x + w - edge, y, edge, h, shadow)

    def poly(self, points: list[tuple[float, float]], rgb: object) -> None:
        a, b = 16 * self.scale_x, 16 * self.scale_y
        at = np.array([(round(a * x), round(b * y)) for x, y in points], np.int32)
        cv2.fillPoly(self.image, [at], _triple(rgb), shift=4)

    def polys(self, points: NDArray[np.float64], rgb: NDArray[np.float64]) -> None:
        """Several polygons (N, M, 2) of colours (N, 3)."""
        at = np.rint(points * (16 * self.scale_x, 16 * self.scale_y)).astype(np.int32)
        for one, colour in zip(at, rgb.tolist(), strict=True):
            cv2.fillPoly(self.image, [one], colour, shift=4)

    def oval(self, x: float, y: float, rx: float, ry: float, rgb: object) -> None:
        at = around(x, y, rx, ry)
        at *= (16 * self.scale_x, 16 * self.scale_y)
        cv2.fillPoly(self.image, [np.rint(at, out=at).astype(np.int32)], _triple(rgb), shift=4)

    def done(self) -> Image:
        h, w = self.image.shape[0] // 2, self.image.shape[1] // 2
        return np.asarray(cv2.resize(self.image, (w, h), interpolation=cv2.INTER_AREA))


def around(x: float, y: float, rx: float, ry: float) -> NDArray[np.float64]:
    """Return the corners (28, 2) of an oval."""
    at = np.empty((28, 2))
    np.multiply(_COSINES, rx, out=at[:, 0])
    np.multiply(_SINES, ry, out=at[:, 1])
    at += (x, y)
    return at


def _triple(rgb: Any) -> tuple[float, float, float]:
    r, g, b = rgb.tolist() if isinstance(rgb, np.ndarray) else rgb
    return float(r), float(g), float(b)


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
    return tinted(random.random(3).tolist(), low, high, chroma)


def tinted(drawn: Sequence[float], low: float, high: float, chroma: float = 0.25) -> NDArray[np.float32]:
    """Return what `muted` makes of three numbers in 0..1."""
    a, b, c = drawn
    hue, strength, level = 6.2832 * a, chroma * b * b, low + (high - low) * c
    tints = (math.cos(hue), 0.6 * math.cos(hue - 2.1), math.cos(hue + 2.1))
    return np.array([min(max(level * (1 + strength * t), 0.01), 0.9) for t in tints], dtype=np.float32)


def even(width: float, height: float, rgb: object, seed: int, mottle: float = 0.02) -> Painter:
    """A surface of one colour with faint unevenness."""

    def paint(detail: float) -> Paint:
        shrink = min(1.0, 48 / (max(height, width) * detail))  # it has no edges
        h, w = max(2, round(height * detail * shrink)), max(2, round(width * detail * shrink))
        noise = clouds(rng.expand(seed, "even"), (h, w), (0.4 * height, 0.4 * width))
        shade = 1 + mottle * noise
        return Paint(np.asarray(cv2.merge([np.float32(v) * shade for v in _triple(rgb)])))

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


def wall(width: float, height: float, rgb: object, seed: int, things: Things = (), count: int = 6) -> SpanPainter:
    """A room's wall: paint, paper, boards, tiles or bricks, skirting, `count` of `things` along it, shadows, dark corners."""

    def paint(detail: float, span: tuple[float, float] = (-math.inf, math.inf)) -> Paint:
        random = rng.expand(seed, "wall")
        canvas = Canvas(width, height, detail, rgb)
        canvas.span = span
        if count:
            _clad(canvas, rng.expand(seed, "clad"), width, height, np.asarray(rgb, np.float32))
        bare = canvas.image[::2, ::2].copy()
        skirting = np.asarray(rgb) * random.choice([0.5, 0.9, 1.15])
        canvas.framed(-0.05, height - 0.1, width + 0.1, 0.12, skirting, 0.012)
        at = random.uniform(0, 0.5)
        for _ in range(count):
            if at > width - 0.3:
                break
            draw, own = things[bisect(THING_SHARES, random.random())], int(random.integers(2**63))
            at += draw(canvas, rng.expand(own, "thing"), at, height) + random.exponential(0.5)
        image = canvas.done()
        image *= planes.thrice(_cast(canvas, bare) * _corners(image.shape[:2], width, height))
        return Paint(np.clip(image, 0.002, 0.9, out=image))

    return paint


def _clad(c: Canvas, random: np.random.Generator, width: float, height: float, rgb: NDArray[np.float32]) -> None:
    """What a wall is covered with: most are painted."""
    kind, low = random.random(), random.uniform(0.9, 1.2)
    if kind < 0.2:
        c.rect(0, height - low, width, low, muted(random, 0.1, 0.6))
        c.framed(0, height - low, width, 0.05, rgb * 1.1, 0.012)
    elif kind < 0.32:  # wallpaper: stripes
        pitch, other = random.uniform(0.06, 0.25), rgb * random.uniform(0.75, 0.92)
        for x in np.arange(0, width, pitch):
            c.rect(x, 0, pitch * 0.5, height, other)
            c.rect(x, 0, 0.008, height, other * 0.85)
    elif kind < 0.42 and c.scale_x > 20:  # boards
        pitch = random.uniform(0.09, 0.2)
        for x in np.arange(0, width, pitch):
            c.rect(x, 0, pitch, height, rgb * (1 + 0.06 * random.standard_normal()))
            c.rect(x, 0, 0.01, height, rgb * 0.55)
    elif kind < 0.56 and c.scale_x > 20:  # bricks or tiles
        wide, tall = (0.25, 0.075) if kind < 0.49 else (random.uniform(0.15, 0.3),) * 2
        spread = 0.16 if kind < 0.49 else 0.03
        for n, y in enumerate(np.arange(0, height, tall).tolist()):
            shades = 1 + spread * random.standard_normal(int(width / wide) + 2)
            for k, x in enumerate(np.arange(-0.5 * wide * (n % 2) * (kind < 0.49), width, wide).tolist()):
                c.rect(x, y, wide - 0.012, tall - 0.012, rgb * shades[k])
            c.rect(0, y + tall - 0.012, width, 0.012, rgb * 0.72)


def _cast(c: Canvas, bare: Image) -> Image:
    """Return the light (h, w) that soft shadows of what stands out from the wall leave: to the right and below, and where it
    meets the wall."""
    ones = np.ones((1, 3), np.float32)
    out = (cv2.transform(cv2.absdiff(c.image[::2, ::2], bare), ones) > 1e-4).astype(np.float32)
    scale = 0.5 * c.scale_x
    near = cv2.GaussianBlur(out, (0, 0), max(0.03 * scale, 0.4))
    small = cv2.resize(out, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    far = cv2.resize(cv2.GaussianBlur(small, (0, 0), max(0.05 * scale, 0.4)), out.shape[::-1], interpolation=cv2.INTER_LINEAR)
    move = np.array([[1, 0, 0.04 * scale], [0, 1, 0.05 * scale]])
    dark = cv2.warpAffine(far, move, out.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    dark *= 0.4
    near *= 0.3
    np.maximum(dark, near, out=dark)
    dark *= 1 - out
    return np.asarray(1 - dark, np.float32)


def _corners(shape: tuple[int, ...], width: float, height: float) -> Image:
    """Less light comes to a wall near floor, ceiling and the next walls: by a fifth, within 0.3 m; the wall's mean stays."""
    y, x = (np.arange(shape[0]) + 0.5) / shape[0] * height, (np.arange(shape[1]) + 0.5) / shape[1] * width
    rows = 1 - 0.22 * np.exp(-(height - y) / 0.3) - 0.15 * np.exp(-y / 0.3)
    columns = 1 - 0.18 * (np.exp(-x / 0.3) + np.exp(-(width - x) / 0.3))
    return np.asarray((rows[:, None] * columns[None, :] / (rows.mean() * columns.mean())).astype(np.float32))


Things = tuple[Callable[[Canvas, np.random.Generator, float, float], float], ...]
THING_SHARES = (0.22, 0.34, 0.54, 0.63, 0.74, 0.85, 0.89, 0.96)
"""How often each of the things occurs, cumulative."""
