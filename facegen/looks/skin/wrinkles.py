"""Wrinkles: grooves where facial muscles fold the skin, opened by age.

Lines lie on forehead, glabella, crow's feet, under the eyes, nasolabial, at the mouth and on the neck; each person draws its
own from `skin.seed` (depths after Iglesias-Guitian et al. 2015 and the photonumeric scales of Lemperle et al. 2001: about 0.1 mm
fine, 0.5 mm deep).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.geometry.angle import arctan2
from facegen.looks.skin.age import darkness, grown
from facegen.looks.skin.charts import Charts
from facegen.looks.skin.zones import ANCHORS
from facegen.sample import Skin

Map = NDArray[np.float32]


@dataclass(frozen=True)
class _Zone:
    """The texels of one zone (N,): their places `at` in the flat chart, its `strength` there, positions (m), the width of the
    finest groove they can carry, and how much wider than in the young grooves have grown."""

    at: NDArray[np.intp]
    strength: Map
    signed_x: Map
    x: Map
    y: Map
    z: Map
    least: float
    widen: float = 1.0

    @classmethod
    def of(cls, charts: Charts, zone: Map) -> _Zone:
        at = np.flatnonzero(zone > 0.02)
        p = charts.position.reshape(-1, 3)[at]
        signed_x, y, z = (np.ascontiguousarray(p[:, k]) for k in range(3))
        least = 0.55 * float(np.median(charts.per_u.ravel()[at])) if len(at) else 1e-3
        return cls(at, zone.ravel()[at], signed_x, np.abs(signed_x), y, z, least)

    def half(self, left: bool) -> _Zone:
        """The zone's texels on one side of the face."""
        some = (self.signed_x > 0) == left
        return replace(self, **{name: getattr(self, name)[some] for name in ("at", "strength", "signed_x", "x", "y", "z")})


class _Lines:
    """Adds lines of one zone into `out`, a flat chart (S * S,), on the zone's texels alone."""

    def __init__(self, zone: _Zone, out: Map, wobble: Map) -> None:
        self._zone, self._out = zone, out
        self.signed_x, self.x, self.y, self.z = zone.signed_x, zone.x, zone.y, zone.z
        self.wobble = wobble.ravel()[zone.at]

    def add(self, distance: NDArray, width: float, depth: NDArray | float) -> None:
        """A groove of `depth` 0..1 along distance 0 (metres), `width` metres wide; never thinner than a texel."""
        width *= self._zone.widen
        wide = max(width, self._zone.least)
        value = np.exp(-((distance / wide) ** 2)) * self._zone.strength * depth * min(1.0, width / wide * 1.2)
        np.maximum(value, self._out[self._zone.at], out=value)
        self._out[self._zone.at] = value


@dataclass(frozen=True)
class Habit:
    """How one group of lines comes: the ages at which it begins and is whole on fair skin, the years by which it is later on the
    deepest, what shows of it in the young (at rest, and when the muscle works), and the field of Complexion that says how readily
    a person folds there."""

    begin: float
    full: float
    later: float
    rest: float
    working: float
    trait: str | None = None


HABITS = {
    "forehead": Habit(23, 62, 6, 0.01, 0.65, "forehead_lines"),
    "glabella": Habit(26, 64, 5, 0.01, 0.75, "frown_lines"),
    "crow": Habit(26, 60, 9, 0.0, 0.50, "smile_lines"),
    "under_eye": Habit(24, 64, 5, 0.0, 0.35, "eye_bags"),
    "nasolabial": Habit(22, 64, 0, 0.04, 0.50, "nasolabial"),
    "bunny": Habit(35, 80, 6, 0.0, 0.45, None),
    "mouth": Habit(36, 72, 2, 0.0, 0.25, "nasolabial"),
    "whistle": Habit(44, 76, 9, 0.0, 0.55, None),
    "neck": Habit(28, 74, 4, 0.06, 0.12, None),
}
"""Ages after Lemperle et al. 2001; shares and years by tone our choice (skin.age)."""
WIDENED = 0.8
"""Grooves that have come whole are wider than fresh ones by this share: they deepen and gape as the dermis thins."""


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
    rest, working, lines = (np.zeros(charts.size**2, dtype=np.float32) for _ in range(3))
    wobble = charts.noise.bands(skin.seed, "skin.wrinkle", {"patch": 1}, charts.size)["patch"][0]
    dark = darkness(skin)
    for name, habit in HABITS.items():
        come, gain = grown(age - habit.later * dark, habit.begin, habit.full), readiness(skin, habit.trait)
        zone = replace(_zone(charts, name), widen=1 + WIDENED * come)
        _RULES[name](zone, lines, wobble, rng.expand(skin.seed, f"skin.wrinkle._{name}"))
        for depth, share in ((rest, habit.rest), (working, habit.working)):
            amount = np.float32(min((share + (1 - share) * come) * gain, 1.3))
            depth[zone.at] = np.maximum(depth[zone.at], amount * lines[zone.at])
        lines[zone.at] = 0.0
    return Creases(rest.reshape(charts.size, -1), working.reshape(charts.size, -1))


def _zone(charts: Charts, name: str) -> _Zone:
    """Return the texels of the group of lines `name`, found once for a chart."""
    kept: _Zone | None = charts.kept.get(f"wrinkles.{name}")
    if kept is None:
        kept = charts.kept[f"wrinkles.{name}"] = _Zone.of(charts, _ZONES[name](charts))
    return kept


def _forehead(zone: _Zone, out: Map, wobble: Map, draw: np.random.Generator) -> None:
    count = int(draw.integers(3, 6))
    heights = 0.036 + np.sort(draw.random(count)) * 0.036
    bend, power = draw.normal(0.0, 0.8, count), draw.uniform(0.35, 1.0, count)
    phase = draw.uniform(0, 6.28, count)
    lines = _Lines(zone, out, wobble)
    for y0, b, p, f in zip(heights, bend, power, phase, strict=True):
        curve = y0 - (3.0 + b) * lines.x**2 + 0.0009 * lines.wobble + 0.0006 * np.sin(lines.signed_x * 190 + f)
        broken = np.clip(0.75 + 0.45 * np.sin(lines.signed_x * 70 + 2 * f), 0, 1) * np.clip(1.5 - lines.x / 0.042, 0, 1)
        lines.add(lines.y - curve, 0.0010, p * 0.75 * broken)


def _glabella(zone: _Zone, out: Map, wobble: Map, draw: np.random.Generator) -> None:
    offset, tilt, power = draw.uniform(0.006, 0.0095, 2), draw.uniform(-0.15, 0.25, 2), draw.uniform(0.3, 1.0, 2)
    lines = _Lines(zone, out, wobble)
    for side, x0, t, p in zip((-1, 1), offset, tilt, power, strict=True):
        path = side * (x0 + t * (lines.y - 0.018)) + 0.0006 * lines.wobble
        lines.add(lines.signed_x - path, 0.0010, p * 0.8)


def _crow(zone: _Zone, out: Map, wobble: Map, draw: np.random.Generator) -> None:
    outer = ANCHORS["eye_outer"]
    count = 5
    angles = np.radians(np.linspace(-52, 48, count) + draw.normal(0, 7, (2, count)))
    power, start = draw.uniform(0.3, 1.0, (2, count)), draw.uniform(0.004, 0.008, (2, count))
    for k in range(2):
        lines = _Lines(zone.half(bool(k)), out, wobble)
        # unrolled around the temple: lateral distance runs backwards as well as sideways
        across = np.hypot(lines.x - outer[0], lines.z - outer[2]) * np.sign(lines.x - outer[0] + 1e-9)
        up = lines.y - outer[1]
        radius, angle = np.hypot(across, up), arctan2(up, across)
        for a, p, s in zip(angles[k], power[k], start[k], strict=True):
            bent = a + 4.0 * np.sign(a) * radius * 0.8 + 0.05 * lines.wobble
            reach = np.clip((radius - s) / 0.003, 0, 1) * np.clip((0.030 - radius) / 0.014, 0, 1)
            lines.add((angle - bent) * radius, 0.0008, p * 0.62 * reach)


def _under_eye(zone: _Zone, out: Map, wobble: Map, draw: np.random.Generator) -> None:
    inner, outer = ANCHORS["eye_inner"], ANCHORS["eye_outer"]
    power, drop = draw.uniform(0.3, 1.0, (2, 3)), np.array([0.0045, 0.0085, 0.0135]) + draw.normal(0, 0.0006, (2, 3))
    for k in range(2):
        lines = _Lines(zone.half(bool(k)), out, wobble)
        span = (lines.x - inner[0]) / (outer[0] - inner[0])
        for d, p in zip(drop[k], power[k], strict=True):
            path = inner[1] - 0.004 * np.sin(np.pi * np.clip(span, 0, 1.2)) - d * (0.6 + 0.5 * span) + 0.0007 * lines.wobble
            lines.add(lines.y - path, 0.0009, p * 0.5 * np.clip(1.3 - np.abs(span - 0.5) * 1.5, 0, 1))


def _curve(lines: _Lines, points: tuple[tuple[float, float], ...]) -> NDArray:
    """Distance in the (x, y) plane to a polyline of the left half, for both halves."""
    best = np.full(len(lines.x), 1.0)
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        along = np.array([x1 - x0, y1 - y0])
        t = np.clip(((lines.x - x0) * along[0] + (lines.y - y0) * along[1]) / (along @ along), 0, 1)
        best = np.minimum(best, np.hypot(lines.x - x0 - t * along[0], lines.y - y0 - t * along[1]))
    return best


def _nasolabial(zone: _Zone, out: Map, wobble: Map, draw: np.random.Generator) -> None:
    spread, low, power = draw.normal(0, 0.0012), draw.normal(0, 0.002), draw.uniform(0.55, 1.0)
    level = power
    points = (
        (0.0175, -0.0385),
        (0.0225, -0.0450),
        (0.0275 + spread, -0.0540),
        (0.0305 + spread, -0.0640 + low),
        (0.0315 + spread, -0.0710 + low),
    )
    lines = _Lines(zone, out, wobble)
    distance = _curve(lines, points) + 0.0004 * lines.wobble
    fade = np.clip((lines.y + 0.076 - low) / 0.016, 0, 1)
    lines.add(distance, 0.0022, 0.35 * level * fade)
    lines.add(distance, 0.0010, 0.75 * level * fade)


def _mouth(zone: _Zone, out: Map, wobble: Map, draw: np.random.Generator) -> None:
    corner = ANCHORS["mouth_corner"]
    fold = draw.uniform(0.3, 1.0)
    lines = _Lines(zone, out, wobble)
    x0, y0 = corner[0], corner[1]
    path = ((x0 + 0.001, y0 - 0.001), (x0 + 0.0045, y0 - 0.010), (x0 + 0.005, y0 - 0.020))
    lines.add(_curve(lines, path) + 0.0003 * lines.wobble, 0.0012, 0.8 * fold)


def _whistle(zone: _Zone, out: Map, wobble: Map, draw: np.random.Generator) -> None:
    """Upright lines above the upper lip."""
    fold, phase = draw.uniform(0.3, 1.0), draw.uniform(0, 6.28)
    lines = _Lines(zone, out, wobble)
    wave = np.abs((lines.signed_x * 300 + 0.5 * lines.wobble + phase) / np.pi % 1.0 - 0.5) / 300 * np.pi
    above = (
        np.clip((lines.y + 0.058) / 0.003, 0, 1)
        * np.clip((-0.046 - lines.y) / 0.006, 0, 1)
        * np.clip(1.3 - lines.x / 0.018, 0, 1)
    )
    lines.add(wave, 0.0008, 0.5 * fold * above * np.clip(0.6 + 0.5 * lines.wobble, 0, 1))


def _bunny(zone: _Zone, out: Map, wobble: Map, draw: np.random.Generator) -> None:
    """Slanting lines on the sides of the nose's bridge."""
    tilt, power = draw.uniform(0.3, 0.9, 3), draw.uniform(0.4, 1.0, 3)
    lines = _Lines(zone, out, wobble)
    for k in range(3):
        path = -0.001 - 0.0045 * k + tilt[k] * (lines.x - 0.006) + 0.0003 * lines.wobble
        lines.add(lines.y - path, 0.0009, 0.6 * power[k] * np.clip(1.4 - np.abs(lines.x - 0.008) / 0.007, 0, 1))


def _neck(zone: _Zone, out: Map, wobble: Map, draw: np.random.Generator) -> None:
    heights, power = -0.135 - np.sort(draw.random(3)) * 0.05, draw.uniform(0.3, 1.0, 3)
    lines = _Lines(zone, out, wobble)
    for y0, p in zip(heights, power, strict=True):
        curve = y0 + 2.5 * lines.x**2 + 0.002 * lines.wobble
        lines.add(lines.y - curve, 0.0014, 0.5 * p * np.clip(1.4 - lines.x / 0.05, 0, 1))


def _beside_mouth(charts: Charts) -> Map:
    x, y, z = (charts.position[..., k] for k in range(3))
    zone = ((y > -0.078) & (y < -0.036)).astype(np.float32)
    zone *= (np.abs(x) < 0.045) * (z > 0) * charts.zones["face"] * (1 - charts.masks["lips"])
    return zone


def _round_mouth(charts: Charts) -> Map:
    return np.asarray(np.clip(charts.zones["perioral"] * 1.5, 0, 1) * (1 - charts.masks["lips"]))


def _below_eye(charts: Charts) -> Map:
    z = charts.zones
    return np.asarray(np.clip(z["undereye"] * 1.5 + 0.5 * z["crow"], 0, 1) * (1 - 0.6 * z["lid"]))


_ZONES: dict[str, Callable[[Charts], Map]] = {
    "forehead": lambda charts: charts.zones["forehead"],
    "glabella": lambda charts: charts.zones["glabella"],
    "crow": lambda charts: np.clip(charts.zones["crow"] * 1.6, 0, 1),
    "under_eye": _below_eye,
    "nasolabial": _beside_mouth,
    "bunny": lambda charts: charts.zones["nose"],
    "mouth": _round_mouth,
    "whistle": _round_mouth,
    "neck": lambda charts: charts.zones["neck"] * (charts.position[..., 2] > -0.07) * (1 - charts.masks["garment"]),
}
"""Where each group of lines can lie."""
_RULES: dict[str, Callable[[_Zone, Map, Map, np.random.Generator], None]] = {
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
