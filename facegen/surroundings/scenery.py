"""Painters of things that stand free or out of doors: windows, lamps, facades, foliage, cars, ground."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.geometry import planes
from facegen.surroundings.paint import Canvas, clouds, muted, tinted
from facegen.surroundings.quads import Paint, Painter


def window(width: float, height: float, sky: NDArray[np.floating], seed: int, above: float) -> Painter:
    """A window that glows: `sky` (3,) cd/m2 above the horizon, dimmer trees or houses below; `above`: share of sky in it."""

    def paint(detail: float) -> Paint:
        random = rng.expand(seed, "window")
        glow = Canvas(width, height, detail, sky)
        horizon = float(np.clip(above, 0.05, 1)) * height
        rough = clouds(random, (1, 24), (0.3, 2.0))[0]
        points = [(width * k / 23, horizon + 0.12 * height * rough[k]) for k in range(24)]
        shade = random.uniform(0.12, 0.35) * np.asarray(sky) * muted(random, 0.8, 1.0, 0.2)
        glow.poly([*points, (width, height), (0, height)], shade)
        frame, bar = random.uniform(0.04, 0.09), random.uniform(0.03, 0.07)
        panes = max(1, round(width / random.uniform(0.5, 1.2)))
        for k in range(1, panes):
            glow.rect(k * width / panes - bar / 2, 0, bar, height, (0, 0, 0))
        if random.random() < 0.5:
            glow.rect(0, height * random.choice([0.3, 0.5, 0.7]), width, bar, (0, 0, 0))
        if random.random() < 0.2:  # blinds half closed
            for y in np.arange(0, height, 0.06):
                glow.rect(0, y, width, 0.03, 0.35 * np.asarray(sky))
        for x, y, w, h in (
            (0, 0, width, frame),
            (0, height - frame, width, frame),
            (0, 0, frame, height),
            (width - frame, 0, frame, height),
        ):
            glow.rect(x, y, w, h, (0, 0, 0))
        light = glow.done()
        wood = muted(random, 0.2, 0.8, 0.2)
        return Paint((light.max(axis=2, keepdims=True) < 1e-6) * wood + np.float32(0.02), light)

    return paint


def softbox(rgb: NDArray[np.floating], width: float, height: float, round_: bool = False) -> Painter:
    """A lit diffuser, a panel of tubes or a screen: brightest in its middle."""

    def paint(detail: float) -> Paint:
        h, w = max(3, round(height * detail)), max(3, round(width * detail))
        y, x = np.meshgrid(np.linspace(-1, 1, h), np.linspace(-1, 1, w), indexing="ij")
        r = np.hypot(x, y)
        shape = (1.08 - 0.16 * np.minimum(r, 1.2) ** 2)[..., None]
        glow = (np.asarray(rgb) * shape).astype(np.float32)
        cover = np.clip((1 - r) * 0.5 * min(h, w) + 0.5, 0, 1).astype(np.float32) if round_ else None
        return Paint(np.zeros_like(glow), glow, cover)

    return paint


def facade(width: float, height: float, rgb: object, seed: int, lit: float = 0.0, glow_cd: float = 0.0) -> Painter:
    """A house front: rows of windows, shops below; a share `lit` of them glows at about `glow_cd`."""

    def paint(detail: float) -> Paint:
        random = rng.expand(seed, "facade")
        wall, glow = Canvas(width, height, detail, rgb), Canvas(width, height, detail, (0, 0, 0))
        storey, pitch = random.uniform(2.8, 3.6), random.uniform(1.4, 3.0)
        w, h, shop = pitch * random.uniform(0.35, 0.8), storey * random.uniform(0.4, 0.7), random.random() < 0.6
        for x in np.arange(pitch * 0.3, width - w, pitch):
            for y in np.arange(height - 2 * storey + 0.4 * storey, -h, -storey):
                _pane(wall, glow, random, x, y, w, h, lit, glow_cd)
        if random.random() < 0.5:
            for y in np.arange(height - storey, 0, -storey):
                wall.rect(0, y, width, 0.15, np.asarray(rgb) * 1.25)
        if shop:
            wall.rect(0, height - storey, width, storey, muted(random, 0.05, 0.5, 0.4))
        for x in np.arange(0.3, width - 1, pitch * 1.4):
            tall = random.uniform(1.8, 2.5)
            _pane(
                wall, glow, random, x, height - tall - 0.1, pitch * 1.1, tall, min(1.0, 2.2 * lit) if shop else lit, 1.8 * glow_cd
            )
            if shop and random.random() < 0.5:
                sign = muted(random, 0.3, 0.9, 1.0)
                wall.rect(x, height - tall - 0.65, pitch * 1.1, 0.45, sign * 0.5)
                if lit > 0 and random.random() < 0.6:
                    glow.rect(x, height - tall - 0.65, pitch * 1.1, 0.45, sign * glow_cd)
        front = wall.done()
        soil = clouds(random, (24, 64), (0.15 * height, 0.15 * width))
        front *= planes.thrice(1 + 0.05 * cv2.resize(soil, front.shape[1::-1]))
        return Paint(front, glow.done() if lit > 0 else None)

    return paint


def _pane(
    wall: Canvas, glow: Canvas, random: np.random.Generator, x: float, y: float, w: float, h: float, lit: float, glow_cd: float
) -> None:
    """A window: reveal, frame, bars, curtains, the sky and what is opposite in its glass, a sill and the shadow under it."""
    wall.framed(x - 0.08, y - 0.08, w + 0.16, h + 0.16, (0.45, 0.43, 0.4), -0.03)
    a, b, c, *hue = random.random(6).tolist()
    glass = np.array([0.9, 1.0, 1.15]) * (0.02, 0.04, 0.08, 0.2)[int(4 * a)]
    wall.rect(x, y, w, h, glass)
    if wall.scale_x > 12:
        if c < 0.6:  # the sky stands in the upper part
            wall.poly(
                [(x, y), (x + w, y), (x + w, y + h * (0.25 + 0.3 * a)), (x, y + h * (0.25 + 0.5 * c))], glass + (0.1, 0.11, 0.13)
            )
        if b > 0.55:
            drawn, cloth = w * (0.1 + 0.25 * c), tinted(hue, 0.2, 0.7, 0.3)
            for left in (x, x + w - drawn):
                for k in range(4):
                    wall.rect(left + 0.25 * k * drawn, y, 0.25 * drawn, h, cloth * (0.45, 0.7, 0.55, 0.35)[k])
        for k in range(1, max(1, round(w / 0.6))):
            wall.rect(x + k * w / max(1, round(w / 0.6)) - 0.03, y, 0.06, h, (0.5, 0.48, 0.45))
        if a < 0.6:
            wall.rect(x, y + 0.35 * h, w, 0.05, (0.5, 0.48, 0.45))
        wall.rect(x - 0.1, y + h + 0.06, w + 0.2, 0.07, (0.55, 0.53, 0.5))
        wall.rect(x - 0.08, y + h + 0.13, w + 0.16, 0.1, (0.05, 0.05, 0.05), 0.5)
    if b < lit:
        warm = np.array([1.25, 0.95, 0.55]) if c < 0.7 else np.array([0.85, 1.0, 1.25])
        glow.rect(x, y, w, h, warm * glow_cd * random.lognormal(0, 0.6))
        for _ in range(4):  # what stands in the room, and its dimmer lower part
            at, tall = x + random.uniform(-0.1, 0.85) * w, random.uniform(0.2, 0.75) * h
            glow.rect(max(at, x), y + h - tall, min(0.25 * w, x + w - at), tall, warm * glow_cd * random.uniform(0.1, 0.6))


def foliage(width: float, height: float, rgb: object, seed: int, top: float = 0.2) -> Painter:
    """Trees or a hedge: an uneven top (within a share `top` of the height), leaves in lumps with dark gaps between."""

    def paint(detail: float) -> Paint:
        random = rng.expand(seed, "foliage")
        h, w = max(4, round(height * detail)), max(4, round(width * detail))
        lumps = clouds(random, (h, w), (0.5 * height, 0.5 * width))
        leaves = clouds(random, (h, w), (1.6 * height, 1.6 * width))
        shade, hue = np.exp(0.45 * lumps + 0.4 * leaves), 0.1 * lumps
        y = np.linspace(0, 1, h, dtype=np.float32)[:, None]
        line = top * (0.6 + 0.35 * clouds(random, (1, w), (0.3, 1 + 0.9 * width / height)))
        over = (y - line) * height * 2.5 + 0.35 * leaves + 0.25 * lumps
        cover = np.clip(over * 1.5, 0, 1)
        parts = zip(np.asarray(rgb, np.float32), np.array([1.0, 0.3, -0.4], np.float32), strict=True)
        albedo = cv2.merge([level * shade * (1 + hue * tint) for level, tint in parts])
        return Paint(np.clip(albedo, 0.004, 0.5, out=albedo), None, cover)

    return paint


def tree(width: float, height: float, rgb: object, seed: int) -> Painter:
    """One tree: a trunk and a crown."""

    def paint(detail: float) -> Paint:
        random = rng.expand(seed, "tree")
        h, w = max(4, round(height * detail)), max(4, round(width * detail))
        y, x = np.meshgrid(np.linspace(0, 1, h), np.linspace(-1, 1, w), indexing="ij")
        leaves = clouds(random, (h, w), (1.5 * height, 1.5 * width))
        crown = 1 - np.hypot(x, (y - 0.36) / 0.36) + 0.16 * leaves + 0.12 * clouds(random, (h, w), (0.5 * height, 0.5 * width))
        cover = np.clip(6 * crown, 0, 1)
        trunk = (np.abs(x + 0.06 * np.sin(5 * y)) < 0.07 + 0.03 * y) & (y > 0.4)
        shade = np.exp(0.45 * leaves - 0.9 * (y - 0.36))[..., None]
        albedo = np.clip(np.asarray(rgb) * shade, 0.004, 0.5)
        albedo = np.where((cover < 0.5)[..., None], np.array([0.09, 0.07, 0.055]), albedo)
        return Paint(albedo.astype(np.float32), None, np.maximum(cover, trunk).astype(np.float32))

    return paint


def car(width: float, height: float, seed: int, lamps_cd: float = 0.0) -> Painter:
    """A parked car from the side."""

    def paint(detail: float) -> Paint:
        random = rng.expand(seed, "car")
        rgb = muted(random, 0.03, 0.7, 1.2 if random.random() < 0.3 else 0.1)
        c, cover = Canvas(width, height, detail, rgb), Canvas(width, height, detail, (0, 0, 0))
        glow = Canvas(width, height, detail, (0, 0, 0))
        w, h = width, height
        body = [(0, 0.55 * h), (0.18 * w, 0.45 * h), (0.3 * w, 0.06 * h), (0.7 * w, 0.04 * h), (0.86 * w, 0.44 * h),
                (w, 0.55 * h), (w, 0.88 * h), (0, 0.88 * h)]  # fmt: skip
        cover.poly(body, (1, 1, 1))
        c.poly([(0.24 * w, 0.44 * h), (0.33 * w, 0.12 * h), (0.68 * w, 0.1 * h), (0.8 * w, 0.44 * h)], (0.06, 0.07, 0.08))
        c.rect(0.5 * w, 0.1 * h, 0.02 * w, 0.35 * h, rgb)
        c.rect(0, 0.66 * h, w, 0.22 * h, rgb * 0.55)
        for x in (0.2 * w, 0.8 * w):
            cover.oval(x, 0.82 * h, 0.2 * h, 0.2 * h, (1, 1, 1))
            c.oval(x, 0.82 * h, 0.2 * h, 0.2 * h, (0.02, 0.02, 0.02))
            c.oval(x, 0.82 * h, 0.1 * h, 0.1 * h, (0.3, 0.3, 0.3))
        if lamps_cd > 0:
            glow.oval(0.03 * w, 0.62 * h, 0.06 * h, 0.05 * h, np.array([1.0, 0.95, 0.85]) * lamps_cd)
            glow.oval(0.97 * w, 0.62 * h, 0.05 * h, 0.04 * h, np.array([1.0, 0.08, 0.04]) * lamps_cd * 0.3)
        return Paint(c.done(), glow.done(), cover.done()[..., 0])

    return paint


def ground(width: float, height: float, rgb: object, seed: int, rough: float = 0.2) -> Painter:
    """Grass, asphalt, paving or sand, patchy, with paths across it."""

    def paint(detail: float) -> Paint:
        random = rng.expand(seed, "ground")
        canvas = Canvas(width, height, detail, rgb)
        for _ in range(int(random.integers(1, 4))):  # paths and roads with kerbs, strips of another ground
            angle, wide = random.uniform(0, np.pi), random.uniform(1.2, 5.0)
            along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
            middle = np.array([width / 2, height / 2]) + across * random.choice([-1.0, 1.0]) * random.uniform(2.0, 14.0)
            paved = np.asarray(rgb) * random.uniform(0.55, 1.6) * (1 + 0.03 * random.standard_normal(3))
            for half, shade in ((wide / 2 + 0.25, 1.3), (wide / 2, 1.0)):
                ends = [middle + s * width * along + t * half * across for s, t in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
                canvas.poly([(float(e[0]), float(e[1])) for e in ends], np.clip(paved * shade, 0.01, 0.8))
        base = canvas.done()
        h, w = base.shape[:2]
        patches = clouds(random, (h, w), (0.12 * height, 0.12 * width)) + 0.6 * clouds(random, (h, w), (height, width))
        base *= planes.thrice(np.exp(rough * patches))
        return Paint(base)

    return paint
