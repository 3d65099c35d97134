"""What stands along and hangs on a room's walls: shelves of books, doors, pictures, curtains, plants, cupboards, boards, coats.

Each draws itself on a wall's canvas at `x` metres from its left and returns its width; the dear ones
only where it is looked at. Sizes and reflectances are our choice
after everyday things; edges catch light from above and the left, as most rooms' light comes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen.surroundings.paint import Canvas, muted, tinted

FINE = 40.0
"""Canvas texels a metre from which on small parts are seen."""
INK = 0.4
"""Share of a line of writing that is ink: the rest is paper between the letters."""


def shelf(c: Canvas, random: np.random.Generator, x: float, height: float) -> float:
    width, rows = random.uniform(0.8, 2.4), int(random.integers(3, 7))
    if not c.shows(x, width):
        return width
    wood, top, spread = muted(random, 0.05, 0.6, 0.5), random.uniform(0.15, 0.9), random.uniform(0.15, 0.5)
    step = (height - top) / rows
    c.rect(x, top, width, height - top, wood * 0.5)
    for row in range(rows):
        base = top + (row + 1) * step
        if c.scale_x < FINE:  # single books are not seen
            c.rect(x + 0.03, base - 0.68 * step, width - 0.06, 0.68 * step, 0.6 * muted(random, 0.15, 0.4, spread) + 0.06)
        else:
            _books(c, random, (x + 0.03, x + width - 0.05), base, step, spread)
        c.rect(x, base - step + 0.004, width, 0.14 * step, wood * 0.22, 0.6)  # in the shadow of the board above
        c.rect(x, base - 0.025, width, 0.025, wood)
        c.rect(x, base - 0.025, width, 0.006, wood * 1.3)
    for edge in (x, x + width - 0.025):
        c.rect(edge, top, 0.025, height - top, wood * 1.05)
    return width


def _books(c: Canvas, random: np.random.Generator, ends: tuple[float, float], base: float, step: float, spread: float) -> None:
    """A row of books between `ends`, a gap, a pile or a vase among them."""
    at = ends[0]
    while at < ends[1]:
        chance = random.random()
        if chance < 0.1:
            at += random.uniform(0.05, 0.25)
            continue
        if chance < 0.15:
            r = random.uniform(0.03, 0.07)
            c.oval(at + r, base - 1.6 * r, r, 1.6 * r, muted(random, 0.1, 0.7, 0.8))
            c.oval(at + 0.7 * r, base - 2 * r, 0.25 * r, 0.5 * r, (0.7, 0.7, 0.7))
            at += 2.2 * r
            continue
        thick, tall = random.uniform(0.015, 0.05), random.uniform(0.5, 0.85) * step
        thick = min(thick, ends[1] - at + 0.01)
        spine = _within(muted(random, 0.04, 0.6, 2 * spread))
        c.rect(at, base - tall, thick, tall, spine)
        c.rect(at, base - tall, 0.22 * thick, tall, spine * 1.2)  # a spine is round
        c.rect(at + 0.75 * thick, base - tall, 0.25 * thick, tall, spine * 0.65)
        if random.random() < 0.6:
            title = _within(spine * (0.5, 1.7)[random.integers(0, 2)])
            c.rect(at + 0.25 * thick, base - random.uniform(0.6, 0.9) * tall, 0.5 * thick, random.uniform(0.1, 0.4) * tall, title)
        at += thick


def _within(rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.minimum(np.maximum(rgb, 0.02), 0.8)


def door(c: Canvas, random: np.random.Generator, x: float, height: float) -> float:
    width, tall = random.uniform(0.75, 1.0), random.uniform(1.98, 2.15)
    if not c.shows(x, width):
        return width + 0.16
    leaf = muted(random, 0.1, 0.75, 0.3)
    c.framed(x, height - tall - 0.08, width + 0.16, tall + 0.08, np.clip(leaf * 1.2, 0, 0.85), 0.02)
    left, top = x + 0.08, height - tall
    c.rect(x - 0.16, height - 1.13, 0.08, 0.08, (0.75, 0.75, 0.73))  # the switch beside it
    if random.random() < 0.3:  # open: the next room lies in the dark, with a window or a shelf in it
        c.rect(left, top, width, tall, leaf * 0.2)
        c.rect(left, top + 0.82 * tall, width, 0.18 * tall, leaf * 0.32)
        c.rect(left + random.uniform(0.1, 0.5), top + 0.25 * tall, 0.3, 0.35 * tall, leaf * random.uniform(0.3, 0.8))
        return width + 0.16
    c.rect(left, top, width, tall, leaf)
    for y, part in ((0.15, 0.75), (1.1, 0.75)):
        c.framed(left + 0.12, top + y, width - 0.24, part, leaf * 0.93, -0.02)
    c.rect(left + width - 0.14, height - 1.05, 0.1, 0.025, (0.5, 0.48, 0.45))
    c.rect(left + width - 0.14, height - 1.025, 0.1, 0.012, (0.05, 0.05, 0.05))
    return width + 0.16


def pictures(c: Canvas, random: np.random.Generator, x: float, height: float) -> float:
    width = random.uniform(0.3, 1.0)
    for _ in range(int(random.integers(1, 4))):
        w, h = random.uniform(0.25, 0.9), random.uniform(0.25, 0.8)
        left, top, rim = x + random.uniform(0, 0.4), height - random.uniform(1.4, 2.1), random.uniform(0.01, 0.04)
        c.framed(left, top, w, h, muted(random, 0.02, 0.5, 0.4), 0.4 * rim)
        c.rect(left + rim, top + rim, w - 2 * rim, h - 2 * rim, (0.75, 0.74, 0.7))
        inner = random.uniform(0.0, 0.2) * min(w, h) + rim
        _motif(c, random, left + inner, top + inner, w - 2 * inner, h - 2 * inner)
        width = max(width, left + w - x)
    return width


def _motif(c: Canvas, random: np.random.Generator, x: float, y: float, w: float, h: float) -> None:
    """A landscape of layers, a poster of lines, or fields of colour."""
    kind = random.random()
    c.rect(x, y, w, h, muted(random, 0.2, 0.6, 0.5))
    if kind < 0.6:
        for k in range(4):
            ridge = y + h * (0.35 + 0.15 * k + 0.1 * random.standard_normal(9))
            points = [(x + w * i / 8, min(max(v, y), y + h)) for i, v in enumerate(ridge.tolist())]
            c.poly([*points, (x + w, y + h), (x, y + h)], muted(random, 0.05, 0.5 - 0.1 * k, 0.7))
    elif kind < 0.85:
        for k, (long, *hue) in enumerate(random.random((int(random.integers(6, 14)), 4)).tolist()):
            at = y + h * (0.08 + 0.065 * k)
            if c.rows(at, 0.025 * h):
                c.rect(x + 0.1 * w, at, w * (0.2 + (0.8 - 0.2) * long), 0.025 * h, tinted(hue, 0.02, 0.3, 0.5), INK)
    else:
        edges = np.sort(random.uniform(0.06, 0.94, int(random.integers(3, 6))))  # round blots would be eyes to a detector
        for low, high in zip(edges[:-1], edges[1:], strict=True):
            c.rect(x + 0.06 * w, y + low * h, 0.88 * w, max(high - low - 0.02, 0.01) * h, muted(random, 0.05, 0.6, 0.8), 0.8)


def curtain(c: Canvas, random: np.random.Generator, x: float, height: float) -> float:
    width, rgb = random.uniform(0.5, 1.8), muted(random, 0.08, 0.7, 0.5)
    if not c.shows(x, width):
        return width
    folds = random.uniform(14, 40, 3)
    phase, weight = random.uniform(0, 6.3, 3), np.array([0.26, 0.16, 0.1])
    places = np.arange(x, x + width, 0.012)
    along = (places - x)[:, None]
    waves = np.sin(folds * along + phase + 1.4 * np.sin(5 * along + phase[::-1]))
    for at, wave in zip(places.tolist(), waves, strict=True):
        c.rect(at, 0.1, 0.013, height - 0.16, rgb * (0.72 + float(weight @ wave)))
    c.rect(x - 0.1, 0.06, width + 0.2, 0.03, (0.12, 0.1, 0.08))
    c.rect(x, height - 0.14, width, 0.02, rgb * 0.6, 0.5)
    return width


def plant(c: Canvas, random: np.random.Generator, x: float, height: float) -> float:
    tall, green = random.uniform(0.6, 1.7), np.array([0.05, 0.13, 0.035]) * random.uniform(0.6, 1.8)
    root, pot, clay = x + 0.35, random.uniform(0.2, 0.35), muted(random, 0.05, 0.6, 0.5)
    for k in range(6):  # a pot is round
        a, b = -0.16 + 0.32 * k / 6, -0.16 + 0.32 * (k + 1) / 6
        foot = [(root + 0.7 * b, height), (root + 0.7 * a, height)]
        c.poly(
            [(root + a, height - pot - 0.05), (root + b, height - pot - 0.05), *foot], clay * (0.6, 1.0, 1.15, 1.0, 0.75, 0.5)[k]
        )
    leaves = int(random.integers(24, 60))
    broad, long = random.uniform(0.015, 0.06), random.uniform(0.12, 0.32)
    lean, y, reach, dy, lit = np.array([(random.normal(0, 0.35), *random.random(4)) for _ in range(leaves)]).T
    y, dy = height - pot - tall * (0.25 + 0.75 * y), -0.12 + (0.2 + 0.12) * dy
    px, dx = root + lean * 0.5, np.sign(lean) * long * (0.6 + (1.3 - 0.6) * reach)
    middle, tip = (px + dx / 2, y + dy / 2), (px + dx, y + dy)
    upper = np.stack([px, y, middle[0], middle[1] - broad, *tip, *middle], axis=1).reshape(-1, 4, 2)
    lower = np.stack([px, y, *middle, *tip, middle[0], middle[1] + broad], axis=1).reshape(-1, 4, 2)
    # the last are before the others, in the light
    shade = green * (0.35 + 1.4 * np.arange(leaves) / leaves)[:, None] * (0.7 + (1.4 - 0.7) * lit)[:, None]
    shapes, shades = np.stack([upper, lower], axis=1), np.stack([1.25 * shade, 0.8 * shade], axis=1)
    for k in range(leaves):
        if k % 3 == 0:
            stem = [(root - 0.008, height - pot), (root + 0.008, height - pot), (px[k] + 0.006, y[k]), (px[k] - 0.006, y[k])]
            c.poly(stem, 0.6 * green)
        c.polys(shapes[k], shades[k])
    return 0.8


def cupboard(c: Canvas, random: np.random.Generator, x: float, height: float) -> float:
    width, tall, rgb = random.uniform(0.8, 2.2), random.choice([0.8, 0.9, 2.1]), muted(random, 0.05, 0.7, 0.4)
    if not c.shows(x, width):
        return width
    c.rect(x, height - tall, width, tall, rgb * 0.5)
    c.rect(x - 0.01, height - tall - 0.025, width + 0.02, 0.03, rgb * 1.25)
    c.rect(x, height - 0.08, width, 0.08, (0.02, 0.02, 0.02), 0.8)
    doors = max(1, round(width / 0.5))
    for k in range(doors):
        left, wide = x + k * width / doors + 0.006, width / doors - 0.012
        c.framed(left, height - tall + 0.01, wide, tall - 0.1, rgb * random.uniform(0.94, 1.06), 0.012)
        c.rect(left + (0.85 if k % 2 == 0 else 0.1) * wide, height - tall + 0.1, 0.015, 0.12, (0.35, 0.34, 0.32))
    if tall < 1:
        for _ in range(int(random.integers(2, 8))):
            w, h = random.uniform(0.05, 0.25), random.uniform(0.06, 0.4)
            left, body = x + random.uniform(0, width - w), muted(random, 0.03, 0.7, 0.7)
            c.rect(left, height - tall - h - 0.02, w, h, body)
            c.rect(left, height - tall - h - 0.02, 0.3 * w, h, body * 1.25)
            c.rect(left + 0.75 * w, height - tall - h - 0.02, 0.25 * w, h, body * 0.6)
    return width


def radiator(c: Canvas, random: np.random.Generator, x: float, height: float) -> float:
    width = random.uniform(0.6, 1.4)
    c.rect(x, height - 0.75, width, 0.6, (0.3, 0.3, 0.29))
    for at in np.arange(x, x + width, 0.06):
        c.rect(at, height - 0.75, 0.045, 0.6, (0.7, 0.69, 0.66))
        c.rect(at + 0.032, height - 0.75, 0.013, 0.6, (0.45, 0.44, 0.42))
    c.rect(x + 0.05, height - 0.15, 0.02, 0.1, (0.6, 0.6, 0.58))
    return width


def board(c: Canvas, random: np.random.Generator, x: float, height: float) -> float:
    """A pinboard of papers, a white board with writing, or a dark screen."""
    width, tall, top, kind = (
        random.uniform(0.9, 1.8),
        random.uniform(0.6, 1.1),
        height - random.uniform(1.8, 2.1),
        random.random(),
    )
    if not c.shows(x, width):
        return width
    c.framed(x, top, width, tall, muted(random, 0.03, 0.4, 0.3), 0.02)
    if kind < 0.3:
        c.rect(x + 0.02, top + 0.02, width - 0.04, tall - 0.04, (0.015, 0.016, 0.018))
        shine = [(0.6, 0.02), (0.8, 0.02), (0.5, tall), (0.3, tall)]
        c.poly([(x + a * width, top + b) for a, b in shine], (0.04, 0.042, 0.046))
        return width
    c.rect(x + 0.02, top + 0.02, width - 0.04, tall - 0.04, muted(random, 0.2, 0.4, 0.4) if kind < 0.7 else (0.8, 0.8, 0.8))
    for _ in range(int(random.integers(8, 24))):
        w, h = random.uniform(0.08, 0.22), random.uniform(0.06, 0.3)
        a, b = x + random.uniform(0.04, max(width - w - 0.04, 0.05)), top + random.uniform(0.04, max(tall - h - 0.04, 0.05))
        if kind < 0.7:
            c.rect(a, b, w, h, muted(random, 0.5, 0.8, 0.6))
        for k, (long, *hue) in enumerate(random.random((int(h / 0.03), 4)).tolist()):
            if c.rows(b + 0.01 + 0.03 * k, 0.01):
                c.rect(a + 0.01, b + 0.01 + 0.03 * k, w * (0.3 + (0.85 - 0.3) * long), 0.01, tinted(hue, 0.03, 0.2, 0.8), INK)
    return width


def coats(c: Canvas, random: np.random.Generator, x: float, height: float) -> float:
    """Clothes on a row of hooks."""
    count = int(random.integers(2, 6))
    c.rect(x, height - 1.78, 0.24 * count, 0.06, muted(random, 0.05, 0.5, 0.4))
    for k in range(count):
        rgb, at, low = muted(random, 0.02, 0.4, 0.8), x + 0.24 * k + 0.12, height - random.uniform(0.5, 1.1)
        for n in range(7):
            a, b = -0.13 + 0.26 * n / 7, -0.13 + 0.26 * (n + 1) / 7
            shade = 0.75 + 0.35 * np.sin(2.1 * n + k)
            c.poly([(at + 0.4 * a, height - 1.74), (at + 0.4 * b, height - 1.74), (at + b, low), (at + a, low)], rgb * shade)
    return 0.24 * count


THINGS = (shelf, door, pictures, curtain, plant, cupboard, radiator, board, coats)
"""In the order of paint.THING_SHARES."""
