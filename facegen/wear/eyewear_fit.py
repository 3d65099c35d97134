"""Where a pair of glasses sits on the posed head: the outline of its lenses, their plane, their height on the nose.

Sizes follow the boxed-lens system of ISO 8624 (eye size a, depth b, distance between lenses) in metres, scaled by the distance
between the eyes; vertex distance, pantoscopic tilt and face-form wrap are usual dispensing values (12-14 mm, 8 and 5 degrees).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegen.sample import Eyewear
from facegen.wear import shapes
from facegen.wear.fitting import HeadFit
from facegen.wear.frames import Style

VERTEX_DISTANCE = 0.0125
PANTOSCOPIC = np.tan(np.radians(8.0))
FACE_SHARE = 0.43
"""Mean distance between the eyes over the width of the head at the temples: frames are sized by both."""
CLEARANCE = 0.0012
FARTHEST_M, SMALLER = 0.013, 8
"""Farther than this from the usual vertex distance a pair is too large for the face: it is taken smaller, so often at most."""
RIM_POINTS = 44


@dataclass(frozen=True)
class Front:
    """Where the front of the frame sits: height of the lens centres, depth of their plane, lens box, gap between the lenses."""

    y: float
    z: float
    a: float
    b: float
    gap: float
    wrap: float
    radius: float
    outline: NDArray[np.float64]
    """(N, 2) of the person's left lens, head frame x and y, counter-clockwise seen from the front."""

    @property
    def center_x(self) -> float:
        return (self.gap + self.a) / 2

    def depth(self, x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.float64]:
        """z of the lens surface over (x, y)."""
        out = np.abs(x) - self.center_x
        curve = (out**2 + (y - self.y) ** 2) / (2 * self.radius)
        return np.asarray(self.z + PANTOSCOPIC * (y - self.y) - self.wrap * (np.abs(x) - self.gap / 2) - curve)

    def on(self, x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.float64]:
        return np.stack([x, y, self.depth(x, y)], -1)


def place(fit: HeadFit, style: Style, eyewear: Eyewear) -> Front:
    """Sit the frame on the nose: as near the eyes as lashes, brows and cheeks allow, lower and further out when slipped."""
    a = style.width * 0.5 * (fit.eye_distance + FACE_SHARE * fit.face_width) * eyewear.size
    wrap = float(np.tan(np.radians(style.wrap)))
    start = fit.cornea_z + VERTEX_DISTANCE
    for _ in range(SMALLER):  # who chooses glasses takes a smaller pair where cheeks push a large one away
        b = a * style.depth
        y = fit.eye_y - 0.0015 - 0.06 * b - 0.013 * eyewear.slip
        gap = float(np.clip(2 * fit.nose_half_width(y - 0.1 * b, start - 0.004) + 0.003, 0.015, 0.024))
        gap = max(gap, 0.94 * fit.eye_distance - a)
        outline = _outline(style, a, b) + [(gap + a) / 2, y]
        front = Front(y, start, a, b, gap, wrap, style.radius, outline)
        grown = _grown(outline, front, 0.0025)
        back = 0.5e-3 * max(style.top[1], style.bottom[1], 1.5) + CLEARANCE
        need = max(
            float(np.max(fit.front.at(sign * grown[:, 0], grown[:, 1]) - front.depth(grown[:, 0], grown[:, 1])))
            for sign in (-1, 1)
        )
        if need + back < FARTHEST_M:
            break
        a *= 0.95
    slide = fit.ridge(y + 0.1 * b) - fit.ridge(y + 0.1 * b + 0.013 * eyewear.slip)
    return Front(y, start + max(0.0, need + back) + max(0.0, 0.6 * slide), a, b, gap, wrap, style.radius, outline)


def _outline(style: Style, a: float, b: float) -> NDArray[np.float64]:
    angle = np.arange(RIM_POINTS) * 2 * np.pi / RIM_POINTS
    points = shapes.superellipse(angle, a / 2, b / 2, style.power)
    if style.corners:
        piece = 2 * np.pi / style.corners
        points *= (np.cos(piece / 2) / np.cos((angle + piece / 2) % piece - piece / 2) / np.cos(piece / 4))[:, None] ** 0.8
    x, y = points[:, 0] / (a / 2), points[:, 1] / (b / 2)
    lifted = y + style.lift * np.clip(x, 0, 1) ** 2 * (1.2 + y) / 1.2 - style.drop * np.clip(-y, 0, 1) * (0.5 + 0.5 * x)
    narrowed = x * (1 - 0.10 * np.clip(-y, 0, 1) ** 2) + style.drop * 0.55 * np.clip(-y, 0, 1) * (x < 0.6) * (0.6 - x)
    return np.stack([narrowed * a / 2, lifted * b / 2], -1)


def _grown(outline: NDArray[np.float64], front: Front, by: float) -> NDArray[np.float64]:
    middle = np.array([front.center_x, front.y])
    away = outline - middle
    return np.concatenate([outline, outline + by * shapes.unit(away), middle + 0.8 * away, middle + 0.5 * away])
