"""Painters of people who stand behind: parts rounded by the light, clothes with folds, faces with eyes, hair of many kinds.

Shapes are cut out flat, then each part is blown up like a cushion: the distance to its rim gives a height, the height a normal,
the normal the light on it. Sizes and shares are our choice.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.geometry import planes
from facegen.surroundings.paint import Canvas, Image, around, clouds, muted
from facegen.surroundings.quads import Paint, Painter

SKINS = np.array([[0.62, 0.46, 0.38], [0.5, 0.34, 0.26], [0.36, 0.22, 0.15], [0.2, 0.115, 0.08], [0.09, 0.052, 0.038]])
"""Reflectances of passers-by, light to dark (our choice, in the range of skin spectrophotometry)."""
HAIR = np.array([0.03, 0.022, 0.016])
HEAD_M = 0.105
"""Half a head's height."""
Points = list[tuple[float, float]]


class Figure:
    """A canvas with its cover; `part` adds a rounded part, lit from `side` (-1 left, 1 right) and above."""

    def __init__(self, width: float, height: float, detail: float, side: float) -> None:
        self.colour = Canvas(width, height, detail, (0, 0, 0))
        self.cover = np.zeros(self.colour.image.shape[:2], np.float32)
        light = np.array([0.5 * side, -0.55, 0.67])
        self.light = light / np.linalg.norm(light)

    def part(self, points: Points | NDArray[np.float64], rgb: object, folds: Image | None = None) -> None:
        """Add a polygon (metres) of colour `rgb` (3,); `folds`: log shade of the whole canvas."""
        c = self.colour
        at = np.asarray(points) * (c.scale_x, c.scale_y)
        h, w = c.image.shape[:2]
        (left, top), (right, low) = at.min(axis=0).tolist(), at.max(axis=0).tolist()
        x0, y0 = max(math.floor(left) - 1, 0), max(math.floor(top) - 1, 0)
        x1, y1 = min(math.ceil(right) + 2, w), min(math.ceil(low) + 2, h)
        if x1 <= x0 or y1 <= y0:
            return
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        cv2.fillPoly(mask, [np.rint((at - (x0, y0)) * 16).astype(np.int32)], 1, shift=4)
        shade = self._round(mask)
        if folds is not None:
            shade *= np.exp(folds[y0:y1, x0:x1])
        lit = cv2.merge([shade * level for level in np.asarray(rgb, np.float32)])
        cv2.copyTo(lit, mask, c.image[y0:y1, x0:x1])
        self.cover[y0:y1, x0:x1][mask > 0] = 1

    def _round(self, mask: NDArray[np.uint8]) -> Image:
        deep = cv2.GaussianBlur(cv2.distanceTransform(cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_REPLICATE), cv2.DIST_L2, 3),
                                (0, 0), 1.0)[1:-1, 1:-1]  # fmt: skip
        most = max(float(deep.max()), 1.0)
        rise = 1 - np.minimum(deep / most, 1.0)
        slope_x, slope_y = cv2.Sobel(deep, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(deep, cv2.CV_32F, 0, 1, scale=0.125)
        facing = np.sqrt(np.maximum(1 - rise * rise, 0.04))
        lit = -rise * (slope_x * self.light[0] + slope_y * self.light[1]) + facing * self.light[2]
        return np.asarray(0.42 + 0.75 * np.maximum(lit, 0), np.float32)

    def oval(self, x: float, y: float, rx: float, ry: float, rgb: object) -> None:
        self.part(around(x, y, rx, ry), rgb)

    def done(self) -> Paint:
        cover = cv2.resize(self.cover, (self.cover.shape[1] // 2, self.cover.shape[0] // 2), interpolation=cv2.INTER_AREA)
        return Paint(self.colour.done() / planes.thrice(np.maximum(cover, 1e-3)), None, cover)


def person(width: float, height: float, seed: int) -> Painter:
    """A passer-by: legs, body, arms, neck, head; front or back; bare, long or covered hair, caps, beards, glasses."""

    def paint(detail: float) -> Paint:
        random = rng.expand(seed, "person")
        figure = Figure(width, height, min(detail, 90.0), float(random.choice([-1.0, 1.0])))
        skin = SKINS[int(random.integers(len(SKINS)))] * random.uniform(0.85, 1.15)
        x, top, away = 0.5 * width, random.uniform(0.0, 0.12), random.random() < 0.35
        neck = top + 2 * HEAD_M + 0.03
        _dress(figure, random, x, neck, height, skin)
        throat = [(x - 0.05, neck - 0.1), (x + 0.05, neck - 0.1), (x + 0.06, neck + 0.04), (x - 0.06, neck + 0.04)]
        figure.part(throat, skin * 0.75)
        _head(figure, random, x, top, skin, away)
        return figure.done()

    return paint


def _dress(figure: Figure, random: np.random.Generator, x: float, neck: float, height: float, skin: NDArray[np.float64]) -> None:
    wide, stout = random.uniform(0.145, 0.19), random.uniform(0.85, 1.25)
    hip, feet = neck + 0.6, min(height, neck + 1.45)
    shirt, below = muted(random, 0.02, 0.2 + 0.4 * random.random() ** 2, 0.9), muted(random, 0.02, 0.3, 0.3)
    shape = figure.colour.image.shape[:2]
    folds = 0.16 * clouds(random, (shape[0], shape[1]), (5.0, 9.0))
    if random.random() < 0.3:  # stripes, across or along
        axis, fine = int(random.integers(2)), random.uniform(0.02, 0.06)
        scale = figure.colour.scale_y if axis == 0 else figure.colour.scale_x
        wave = (np.arange(shape[axis]) / scale / fine % 1 < 0.5) * random.uniform(-1.2, 0.8)
        worn = folds + (wave[:, None] if axis == 0 else wave[None, :]).astype(np.float32)
    else:
        worn = folds
    for side in (-1, 1):
        leg = [(x, hip - 0.05), (x + side * 0.17 * stout, hip - 0.05), (x + side * 0.13, feet), (x + side * 0.03, feet)]
        figure.part(leg, below, folds)
    for side in (-1, 1):
        elbow, hand, low = wide + random.uniform(0.03, 0.08), wide + random.uniform(-0.1, 0.06), random.uniform(0.42, 0.62)
        arm = [(wide - 0.05, 0.05), (wide + 0.01, 0.07), (elbow + 0.02, 0.32), (hand + 0.035, low), (hand - 0.035, low),
               (elbow - 0.07, 0.32)]  # fmt: skip
        figure.part([(x + side * a, neck + b) for a, b in arm], shirt * 0.92, worn)
        figure.oval(x + side * hand, neck + low + 0.03, 0.033, 0.05, skin)
    right = [(0.06, -0.01), (0.12, 0.025), (wide, 0.06), (wide + 0.015, 0.1), (0.155 * stout, 0.35), (0.17 * stout, 0.6)]
    body = [(x + a, neck + b) for a, b in right] + [(x - a, neck + b) for a, b in reversed(right)]
    figure.part(body, shirt, worn)
    if random.random() < 0.4:  # an open jacket over something else
        figure.part(
            [(x - 0.05, neck + 0.01), (x + 0.05, neck + 0.01), (x + 0.02, hip), (x - 0.02, hip)], muted(random, 0.05, 0.7, 0.5)
        )
    if random.random() < 0.25:  # a bag's strap
        figure.part(
            [(x - wide, neck + 0.05), (x - wide + 0.04, neck + 0.05), (x + 0.17, hip), (x + 0.13, hip)], (0.03, 0.025, 0.02)
        )


def _head(figure: Figure, random: np.random.Generator, x: float, top: float, skin: NDArray[np.float64], away: bool) -> None:
    hair = HAIR * random.choice([0.4, 1.0, 3.0, 9.0], p=[0.45, 0.3, 0.15, 0.1])
    kind = str(random.choice(["short", "long", "bun", "covered", "cap", "bald"], p=[0.36, 0.27, 0.08, 0.12, 0.1, 0.07]))
    y, turn = top + HEAD_M * 1.1, random.uniform(-0.025, 0.025)
    if kind == "covered":
        cloth = muted(random, 0.03, 0.6, 0.8)
        figure.part([(x - 0.1, y), (x + 0.1, y), (x + 0.16, top + 0.32), (x - 0.16, top + 0.32)], cloth * 0.9)
        figure.oval(x, y, HEAD_M * 0.98, HEAD_M * 1.2, cloth)
    elif kind == "long":
        fall = top + random.uniform(0.24, 0.42)
        figure.part([(x - 0.09, y), (x + 0.09, y), (x + 0.12, fall), (x - 0.12, fall)], hair)
    if kind != "covered":
        figure.oval(x, y, HEAD_M * 0.84, HEAD_M * 1.14, skin if kind == "bald" else hair)
    if kind == "bun":
        figure.oval(x, top + 0.01, 0.04, 0.04, hair)
    if not away:
        _face(figure, random, x + turn, y + 0.012, skin, hair)
    if kind == "cap":
        cap = muted(random, 0.02, 0.5, 0.9)
        figure.part([(x - 0.085, y - 0.02), (x - 0.07, top), (x, top - 0.012), (x + 0.07, top), (x + 0.085, y - 0.02)], cap)
        figure.part([(x + turn - 0.08, y - 0.035), (x + turn + 0.08, y - 0.035), (x + 2 * turn, y - 0.01)], cap * 0.7)


def _face(
    figure: Figure, random: np.random.Generator, x: float, y: float, skin: NDArray[np.float64], hair: NDArray[np.float64]
) -> None:
    figure.oval(x, y + 0.012, HEAD_M * 0.64, HEAD_M * 0.86, skin)
    for side in (-1, 1):
        figure.oval(x + side * 0.028, y - 0.012, 0.017, 0.009, skin * 0.62)
        figure.oval(x + side * 0.028, y - 0.01, 0.009, 0.005, skin * 0.15)
        figure.oval(x + side * 0.029, y - 0.027, 0.018, 0.004, 0.5 * (hair + 0.35 * skin))
    figure.part([(x - 0.004, y - 0.01), (x + 0.005, y - 0.01), (x + 0.013, y + 0.03), (x - 0.013, y + 0.03)], skin * 1.04)
    figure.oval(x, y + 0.032, 0.012, 0.004, skin * 0.5)
    if random.random() < 0.22:
        figure.oval(x, y + 0.07, 0.05, 0.034, 0.6 * hair + 0.1 * skin)
    figure.oval(x, y + 0.052, 0.022, 0.006, skin * np.array([0.75, 0.48, 0.48]))
    if random.random() < 0.2:
        for side in (-1, 1):
            figure.oval(x + side * 0.03, y - 0.01, 0.024, 0.018, (0.02, 0.02, 0.02))
            figure.oval(x + side * 0.03, y - 0.01, 0.02, 0.014, skin * 0.55)
