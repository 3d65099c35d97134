"""Relief of the skin: pores, lip lines and wrinkles as one height map, and from it normals and creases."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from facegen import rng
from facegen.looks.skin import noise as skin_noise
from facegen.looks.skin.age import onset
from facegen.looks.skin.charts import Charts
from facegen.looks.skin.folds import folds
from facegen.looks.skin.marks import Marks
from facegen.looks.skin.wrinkles import wrinkles
from facegen.sample import Skin

Map = NDArray[np.float32]

PORE_M = 4.5e-5
"""Height of pore grain on average skin at relief 0.5; twice that on the nose."""
CREASE_M = 4.5e-4
SHOULDER_M = 0.0022
"""How far beside a line the skin bulges."""
BUCKLED = 1.6
"""A muscle at work folds the skin deeper than it lies at rest by this factor; our choice."""
MAX_SLOPE = 0.75
LIP_KNOTS, LIP_KNOT_M, LIP_LINE_M = 160, 0.0007, 1.1e-4
"""Lip furrows: random heights at this spacing along the mouth, joined smoothly."""


@dataclass(frozen=True)
class Relief:
    """Maps (S, S): `height` (m) and `cavity` 0..1 of the face at rest; what working muscles add to both at most."""

    height: Map
    cavity: Map
    working: Map
    working_cavity: Map


def relief(charts: Charts, soft: Charts, skin: Skin, age: float, marks: Marks, lips: Map) -> Relief:
    """Return the relief of `skin` at `age`; `soft` is the chart of side skin_complexion.SOFT_SIZE for what is broad."""
    coarse = skin_noise.grain(skin.seed, "skin.pores", 1.1, charts.size)
    fine = skin_noise.grain(skin.seed, "skin.grain", 0.0, charts.size)
    worn = float(np.clip((age - 28.0) / 50.0, 0.0, 1.2))
    rough = np.float32(PORE_M * (0.45 + 1.1 * skin.relief) * (1 + 0.8 * worn))
    grain = coarse * 0.7 + fine * 0.5
    # pores are pits: cut the peaks
    height = rough * charts.pores * np.minimum(grain, 0.6) * (1 - lips)
    if worn > 0:
        height += np.float32(2.2e-5 * worn) * charts.noise.bands(skin.seed, "skin.crepe", {"mottle": 1}, charts.size)["mottle"][0]
    height += marks.raised
    creases, broad = wrinkles(charts, skin, age), folds(soft, skin, age)
    size = (charts.size, charts.size)
    rest, hollow, working, working_hollow = (
        np.asarray(cv2.resize(m, size, interpolation=cv2.INTER_CUBIC), dtype=np.float32)
        for m in (broad.rest, broad.rest_hollow, broad.working, broad.working_hollow)
    )
    height += rest - CREASE_M * _with_shoulders(charts, creases.rest)
    _lip_lines(charts, skin, age, lips, height)
    return Relief(
        height=height,
        cavity=np.clip(0.95 * creases.rest + hollow, 0, 1),
        working=working - BUCKLED * CREASE_M * _with_shoulders(charts, creases.working),
        working_cavity=np.clip(0.85 * creases.working + working_hollow, 0, 1),
    )


def _with_shoulders(charts: Charts, creases: Map) -> Map:
    """Grooves with the flesh pushed up beside them: the line, less a wide share of itself."""
    wide = cv2.GaussianBlur(creases, (0, 0), SHOULDER_M / charts.texel)
    return np.asarray(1.15 * creases - 0.9 * wide, dtype=np.float32)


def normals(charts: Charts, height: Map) -> tuple[Map, Map]:
    """Tangent-space normal x, y (S, S) of `height`; x along u, y along v."""
    dx = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3, scale=0.125) / charts.per_u
    dy = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3, scale=0.125) / charts.per_v
    length = np.sqrt(1 + dx * dx + dy * dy)
    limit = np.float32(MAX_SLOPE)
    return np.clip(-dx / length, -limit, limit), np.clip(-dy / length, -limit, limit)


def _lip_lines(charts: Charts, skin: Skin, age: float, lips: Map, height: Map) -> None:
    """Vertical furrows of the lips: a warped comb across the mouth, deeper with age."""
    rows, columns = np.nonzero(lips > 0.05)
    if len(rows) == 0:
        return
    draw = rng.expand(skin.seed, "skin.lip_lines")
    x, y = charts.position[rows, columns, 0], charts.position[rows, columns, 1]
    knots = draw.normal(0.0, 1.0, LIP_KNOTS)
    # furrows fan out from the middle, as the lip's skin does, and are nowhere regular
    across = x * (1 + 18 * np.abs(y + 0.067)) + 0.0003 * np.sin(y * 700 + draw.uniform(0, 6.28))
    comb = np.clip(CubicSpline(np.arange(LIP_KNOTS) * LIP_KNOT_M, knots)(across + LIP_KNOTS * LIP_KNOT_M / 2), -2.0, 1.0)
    depth = LIP_LINE_M * (0.7 + 0.6 * skin.relief) * (1 + 0.8 * onset(age, 30, 80))
    height[rows, columns] += (depth * lips[rows, columns] * comb).astype(np.float32)
