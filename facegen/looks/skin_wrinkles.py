"""Wrinkles: grooves where facial muscles fold the skin, opened by age.

Lines lie on forehead, glabella, crow's feet, under the eyes, nasolabial, at the mouth and on the neck; each person draws its
own from `skin.seed` (depths after Iglesias-Guitian et al. 2015 and the photonumeric scales of Lemperle et al. 2001: about 0.1 mm
fine, 0.5 mm deep).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.geometry.angle import arctan2
from facegen.looks.skin_charts import Charts
from facegen.looks.skin_zones import ANCHORS
from facegen.sample import Skin

Map = NDArray[np.float32]


class _Lines:
    """Adds lines of one zone into `out`, on the zone's texels alone."""

    def __init__(self, charts: Charts, out: Map, zone: Map, wobble: Map) -> None:
        self._rows, self._columns = np.nonzero(zone > 0.02)
        self._out = out
        self.zone = zone[self._rows, self._columns]
        p = charts.position[self._rows, self._columns]
        self.signed_x, self.x, self.y, self.z = p[:, 0], np.abs(p[:, 0]), p[:, 1], p[:, 2]
        self.wobble = wobble[self._rows, self._columns]
        self.least = 0.55 * float(np.median(charts.per_u[self._rows, self._columns])) if len(self._rows) else 1e-3

    def add(self, distance: NDArray, width: float, depth: NDArray | float) -> None:
        """A groove of `depth` 0..1 along distance 0 (metres), `width` metres wide; never thinner than a texel."""
        wide = max(width, self.least)
        value = np.exp(-((distance / wide) ** 2)) * self.zone * depth * min(1.0, width / wide * 1.2)
        np.maximum(value, self._out[self._rows, self._columns], out=value)
        self._out[self._rows, self._columns] = value


def onset(age: float, begin: float, full: float) -> float:
    """How far a change that starts at `begin` and is whole at `full` years has come, 0..1."""
    return float(np.clip((age - begin) / (full - begin), 0.0, 1.0))


@dataclass(frozen=True)
class Habit:
    """How one group of lines comes: the ages at which it begins and is whole, what shows of it in the young (at rest, and when
    the muscle works), and the field of Complexion that says how readily a person folds there."""

    begin: float
    full: float
    rest: float
    working: float
    trait: str | None = None


HABITS = {
    "forehead": Habit(24, 68, 0.02, 0.65, "forehead_lines"),
    "glabella": Habit(27, 70, 0.02, 0.60, "frown_lines"),
    "crow": Habit(27, 66, 0.01, 0.50, "smile_lines"),
    "under_eye": Habit(26, 68, 0.03, 0.35, "eye_bags"),
    "nasolabial": Habit(24, 70, 0.06, 0.50, "nasolabial"),
    "bunny": Habit(35, 85, 0.0, 0.45, None),
    "mouth": Habit(40, 80, 0.0, 0.25, "nasolabial"),
    "whistle": Habit(46, 80, 0.0, 0.30, None),
    "neck": Habit(30, 80, 0.12, 0.12, None),
}
"""Ages after Lemperle et al. 2001; shares our choice."""


@dataclass(frozen=True)
class Creases:
    """Depth of all lines (S, S), 0..1: at `rest`, and what is there when every muscle of the face works (`working`)."""

    rest: Map
    working: Map


def readiness(skin: Skin, trait: str | None) -> float:
    """How deep a person folds against the average: 0.5 to 1.7."""
    amount = 0.27 if trait is None else float(getattr(skin.complexion, trait))
    return min(0.5 + 1.5 * amount, 1.7) * (0.8 + 0.4 * skin.relief)


def wrinkles(charts: Charts, skin: Skin, age: float) -> Creases:
    """Return the creases of `skin` at `age` years."""
    rest, working = (np.zeros((charts.size, charts.size), dtype=np.float32) for _ in range(2))
    wobble = charts.noise.bands(skin.seed, "skin.wrinkle", {"patch": 1}, charts.size)["patch"][0]
    for name, habit in HABITS.items():
        lines = np.zeros_like(rest)
        _RULES[name](charts, lines, wobble, rng.expand(skin.seed, f"skin.wrinkle._{name}"))
        come, gain = onset(age, habit.begin, habit.full), readiness(skin, habit.trait)
        np.maximum(rest, np.float32(min((habit.rest + (1 - habit.rest) * come) * gain, 1.3)) * lines, out=rest)
        np.maximum(working, np.float32(min((habit.working + (1 - habit.working) * come) * gain, 1.3)) * lines, out=working)
    return Creases(rest, working)


def _forehead(charts: Charts, out: Map, wobble: Map, draw: np.random.Generator) -> None:
    count = int(draw.integers(3, 6))
    heights = 0.036 + np.sort(draw.random(count)) * 0.036
    bend, power = draw.normal(0.0, 0.8, count), draw.uniform(0.35, 1.0, count)
    phase = draw.uniform(0, 6.28, count)
    lines = _Lines(charts, out, charts.zones["forehead"], wobble)
    for y0, b, p, f in zip(heights, bend, power, phase, strict=True):
        curve = y0 - (3.0 + b) * lines.x**2 + 0.0009 * lines.wobble + 0.0006 * np.sin(lines.signed_x * 190 + f)
        broken = np.clip(0.75 + 0.45 * np.sin(lines.signed_x * 70 + 2 * f), 0, 1) * np.clip(1.5 - lines.x / 0.042, 0, 1)
        lines.add(lines.y - curve, 0.0010, p * 0.75 * broken)


def _glabella(charts: Charts, out: Map, wobble: Map, draw: np.random.Generator) -> None:
    offset, tilt, power = draw.uniform(0.006, 0.0095, 2), draw.uniform(-0.15, 0.25, 2), draw.uniform(0.3, 1.0, 2)
    lines = _Lines(charts, out, charts.zones["glabella"], wobble)
    for side, x0, t, p in zip((-1, 1), offset, tilt, power, strict=True):
        path = side * (x0 + t * (lines.y - 0.018)) + 0.0006 * lines.wobble
        lines.add(lines.signed_x - path, 0.0010, p * 0.8)


def _crow(charts: Charts, out: Map, wobble: Map, draw: np.random.Generator) -> None:
    outer = ANCHORS["eye_outer"]
    count = 5
    angles = np.radians(np.linspace(-52, 48, count) + draw.normal(0, 7, (2, count)))
    power, start = draw.uniform(0.3, 1.0, (2, count)), draw.uniform(0.004, 0.008, (2, count))
    zone = np.clip(charts.zones["crow"] * 1.6, 0, 1)
    lines = _Lines(charts, out, zone, wobble)
    # unrolled around the temple: lateral distance runs backwards as well as sideways
    across = np.hypot(lines.x - outer[0], lines.z - outer[2]) * np.sign(lines.x - outer[0] + 1e-9)
    up = lines.y - outer[1]
    radius, angle = np.hypot(across, up), arctan2(up, across)
    for k in range(2):
        half = (lines.signed_x > 0) == bool(k)
        for a, p, s in zip(angles[k], power[k], start[k], strict=True):
            bent = a + 4.0 * np.sign(a) * radius * 0.8 + 0.05 * lines.wobble
            reach = np.clip((radius - s) / 0.003, 0, 1) * np.clip((0.030 - radius) / 0.014, 0, 1)
            lines.add((angle - bent) * radius, 0.0008, p * 0.62 * reach * half)


def _under_eye(charts: Charts, out: Map, wobble: Map, draw: np.random.Generator) -> None:
    inner, outer = ANCHORS["eye_inner"], ANCHORS["eye_outer"]
    power, drop = draw.uniform(0.3, 1.0, (2, 3)), np.array([0.0045, 0.0085, 0.0135]) + draw.normal(0, 0.0006, (2, 3))
    zone = np.clip(charts.zones["undereye"] * 1.5 + 0.5 * charts.zones["crow"], 0, 1) * (1 - 0.6 * charts.zones["lid"])
    lines = _Lines(charts, out, zone, wobble)
    span = (lines.x - inner[0]) / (outer[0] - inner[0])
    for k in range(2):
        half = (lines.signed_x > 0) == bool(k)
        for d, p in zip(drop[k], power[k], strict=True):
            path = inner[1] - 0.004 * np.sin(np.pi * np.clip(span, 0, 1.2)) - d * (0.6 + 0.5 * span) + 0.0007 * lines.wobble
            lines.add(lines.y - path, 0.0009, p * 0.5 * np.clip(1.3 - np.abs(span - 0.5) * 1.5, 0, 1) * half)


def _curve(lines: _Lines, points: tuple[tuple[float, float], ...]) -> NDArray:
    """Distance in the (x, y) plane to a polyline of the left half, for both halves."""
    best = np.full(len(lines.x), 1.0)
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        along = np.array([x1 - x0, y1 - y0])
        t = np.clip(((lines.x - x0) * along[0] + (lines.y - y0) * along[1]) / (along @ along), 0, 1)
        best = np.minimum(best, np.hypot(lines.x - x0 - t * along[0], lines.y - y0 - t * along[1]))
    return best


def _nasolabial(charts: Charts, out: Map, wobble: Map, draw: np.random.Generator) -> None:
    spread, low, power = draw.normal(0, 0.0012), draw.normal(0, 0.002), draw.uniform(0.55, 1.0)
    level = power
    points = (
        (0.0175, -0.0385),
        (0.0225, -0.0450),
        (0.0275 + spread, -0.0540),
        (0.0305 + spread, -0.0640 + low),
        (0.0315 + spread, -0.0710 + low),
    )
    zone = np.clip((charts.position[..., 1] > -0.078) & (charts.position[..., 1] < -0.036), 0, 1).astype(np.float32)
    zone *= (
        (np.abs(charts.position[..., 0]) < 0.045)
        * (charts.position[..., 2] > 0)
        * charts.zones["face"]
        * (1 - charts.masks["lips"])
    )
    lines = _Lines(charts, out, zone, wobble)
    distance = _curve(lines, points) + 0.0004 * lines.wobble
    fade = np.clip((lines.y + 0.076 - low) / 0.016, 0, 1)
    lines.add(distance, 0.0022, 0.35 * level * fade)
    lines.add(distance, 0.0010, 0.75 * level * fade)


def _mouth(charts: Charts, out: Map, wobble: Map, draw: np.random.Generator) -> None:
    corner = ANCHORS["mouth_corner"]
    fold = draw.uniform(0.3, 1.0)
    zone = np.clip(charts.zones["perioral"] * 1.5, 0, 1) * (1 - charts.masks["lips"])
    lines = _Lines(charts, out, zone, wobble)
    x0, y0 = corner[0], corner[1]
    path = ((x0 + 0.001, y0 - 0.001), (x0 + 0.0045, y0 - 0.010), (x0 + 0.005, y0 - 0.020))
    lines.add(_curve(lines, path) + 0.0003 * lines.wobble, 0.0012, 0.8 * fold)


def _whistle(charts: Charts, out: Map, wobble: Map, draw: np.random.Generator) -> None:
    """Upright lines above the upper lip."""
    fold, phase = draw.uniform(0.3, 1.0), draw.uniform(0, 6.28)
    lines = _Lines(charts, out, np.clip(charts.zones["perioral"] * 1.5, 0, 1) * (1 - charts.masks["lips"]), wobble)
    wave = np.abs((lines.signed_x * 300 + 0.5 * lines.wobble + phase) / np.pi % 1.0 - 0.5) / 300 * np.pi
    above = (
        np.clip((lines.y + 0.058) / 0.003, 0, 1)
        * np.clip((-0.046 - lines.y) / 0.006, 0, 1)
        * np.clip(1.3 - lines.x / 0.018, 0, 1)
    )
    lines.add(wave, 0.0008, 0.5 * fold * above * np.clip(0.6 + 0.5 * lines.wobble, 0, 1))


def _bunny(charts: Charts, out: Map, wobble: Map, draw: np.random.Generator) -> None:
    """Slanting lines on the sides of the nose's bridge."""
    tilt, power = draw.uniform(0.3, 0.9, 3), draw.uniform(0.4, 1.0, 3)
    lines = _Lines(charts, out, charts.zones["nose"], wobble)
    for k in range(3):
        path = -0.001 - 0.0045 * k + tilt[k] * (lines.x - 0.006) + 0.0003 * lines.wobble
        lines.add(lines.y - path, 0.0009, 0.6 * power[k] * np.clip(1.4 - np.abs(lines.x - 0.008) / 0.007, 0, 1))


def _neck(charts: Charts, out: Map, wobble: Map, draw: np.random.Generator) -> None:
    heights, power = -0.135 - np.sort(draw.random(3)) * 0.05, draw.uniform(0.3, 1.0, 3)
    zone = charts.zones["neck"] * (charts.position[..., 2] > -0.07) * (1 - charts.masks["garment"])
    lines = _Lines(charts, out, zone.astype(np.float32), wobble)
    for y0, p in zip(heights, power, strict=True):
        curve = y0 + 2.5 * lines.x**2 + 0.002 * lines.wobble
        lines.add(lines.y - curve, 0.0014, 0.5 * p * np.clip(1.4 - lines.x / 0.05, 0, 1))


_RULES: dict[str, Callable[[Charts, Map, Map, np.random.Generator], None]] = {
    "forehead": _forehead,
    "glabella": _glabella,
    "crow": _crow,
    "under_eye": _under_eye,
    "nasolabial": _nasolabial,
    "bunny": _bunny,
    "mouth": _mouth,
    "whistle": _whistle,
    "neck": _neck,
}
