"""Broad folds of the face, 3 to 12 mm wide: nasolabial fold, bags and hollows under the eyes, jowl, chin crease. Heights for the
normal map.

Lines alone look scratched into stone: flesh bulges beside a fold. Heights are our choice within the 1 to 3 mm that photonumeric
scales grade (Lemperle et al. 2001). The tear trough comes with the thirties, jowl and marionette fold from the forties on, on
skin of every tone (Albert, Ricanek & Patterson 2007; Vashi et al. 2016).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.looks.skin.age import grown, onset
from facegen.looks.skin.charts import Charts
from facegen.looks.skin.wrinkles import readiness
from facegen.looks.skin.zones import ANCHORS, smooth
from facegen.sample import Skin

Map = NDArray[np.float32]
Path = NDArray[np.float64]

NASOLABIAL_M, BAG_M, TROUGH_M, CHIN_M, JOWL_M = 0.0018, 0.0011, 0.0013, 0.0010, 0.0012
NASOLABIAL_PATH = ((0.0165, -0.0370), (0.0225, -0.0450), (0.0285, -0.0545), (0.0328, -0.0640), (0.0345, -0.0730))
"""Own left fold on the reference head, (x, y) from the nose's wing downwards."""
MARIONETTE_PATH = ((0.0245, -0.0690), (0.0285, -0.0790), (0.0300, -0.0900))
"""From the mouth's corner down to the hollow before the jowl."""
CHIN_Y = -0.0860


@dataclass(frozen=True)
class Folds:
    """Height (m) and hollow 0..1 (S, S): at `rest`, and what the working face adds."""

    rest: Map
    rest_hollow: Map
    working: Map
    working_hollow: Map


def folds(soft: Charts, skin: Skin, age: float) -> Folds:
    """Return the broad folds of `skin` at `age` on the chart `soft`."""
    draw = rng.expand(skin.seed, "skin.folds")
    c, front = skin.complexion, soft.zones["face"] * (1 - soft.masks["lips"]) * (soft.position[..., 2] > 0)
    lateral, valley = _nasolabial(soft, draw)
    step, hollow = NASOLABIAL_M * lateral * front, valley * front
    gain = readiness(skin, "nasolabial")
    rest = np.float32((0.03 + 0.82 * grown(age, 22, 66)) * gain)
    moved = np.float32(0.55 + 0.35 * onset(age, 20, 70))
    bulge, trough = _bag(soft, draw)
    bag = np.float32(0.75 * c.eye_bags * (0.10 + 0.95 * grown(age, 26, 70)) + 0.18 * grown(age, 30, 70))
    sunk = np.float32((0.2 + 1.0 * c.eye_bags) * (0.05 + 0.92 * grown(age, 24, 66)) + 0.12 * grown(age, 24, 62))
    chin = np.float32(1.3 * c.chin_crease * (0.7 + 0.3 * onset(age, 30, 70)))
    groove = _chin(soft, draw) * front
    jowl, sulcus = _jowl(soft, rng.expand(skin.seed, "skin.jowl"))
    fallen = np.float32(0.85 * grown(age, 38, 72) * gain)
    eyes, under = BAG_M * bulge * front, trough * front
    return Folds(
        rest=rest * step + bag * eyes - TROUGH_M * sunk * under - CHIN_M * chin * groove + JOWL_M * fallen * jowl * front,
        rest_hollow=np.clip(
            0.42 * rest * hollow + 0.28 * sunk * under + 0.30 * chin * groove + 0.30 * fallen * sulcus * front, 0, 0.5
        ),
        working=moved * step + np.float32(0.45) * (eyes - 0.8 * BAG_M * under),
        working_hollow=np.clip(0.34 * moved * hollow + 0.12 * under, 0, 0.6),
    )


def _aside(soft: Charts, path: Path) -> Map:
    """Return the distance (S, S) in metres to `path` in the (x, y) plane of the own left half, negative towards the middle."""
    p = soft.folded[..., :2].astype(np.float64)
    best, side = np.full(p.shape[:2], 1.0), np.zeros(p.shape[:2])
    for (x0, y0), (x1, y1) in zip(path[:-1], path[1:], strict=True):
        along = np.array([x1 - x0, y1 - y0])
        t = np.clip(((p[..., 0] - x0) * along[0] + (p[..., 1] - y0) * along[1]) / (along @ along), 0, 1)
        dx, dy = p[..., 0] - x0 - t * along[0], p[..., 1] - y0 - t * along[1]
        away = np.hypot(dx, dy)
        nearer = away < best
        best[nearer] = away[nearer]
        side[nearer] = np.sign(dx * -along[1] + dy * along[0])[nearer]
    return (best * side).astype(np.float32)


def _nasolabial(soft: Charts, draw: np.random.Generator) -> tuple[Map, Map]:
    """Flesh up on the cheek's side, down in the fold, and the hollow alone."""
    path = np.asarray(NASOLABIAL_PATH) + np.linspace(0, 1, 5)[:, None] * draw.normal(0, (0.0014, 0.0020))
    fade = smooth(soft.position[..., 1], -0.077, -0.060) * smooth(soft.position[..., 1], -0.032, -0.041)
    return _beside(soft, draw, path, fade, flesh=(0.0062, 0.0058), wide=0.0030, deep=0.45)


def _jowl(soft: Charts, draw: np.random.Generator) -> tuple[Map, Map]:
    """The cheek's fallen flesh beside the marionette fold (up in the jowl, down in the fold), and the hollow alone."""
    path = np.asarray(MARIONETTE_PATH) + np.linspace(0, 1, 3)[:, None] * draw.normal(0, (0.0012, 0.0015))
    fade = smooth(soft.position[..., 1], -0.101, -0.086) * smooth(soft.position[..., 1], -0.066, -0.074)
    return _beside(soft, draw, path, fade, flesh=(0.0095, 0.0072), wide=0.0042, deep=0.6)


def _beside(
    soft: Charts, draw: np.random.Generator, path: Path, fade: Map, flesh: tuple[float, float], wide: float, deep: float
) -> tuple[Map, Map]:
    """Return the profile across a fold along `path` and its hollow alone, uneven between the sides, `fade` at the ends.

    `flesh`: how far beside the fold it stands highest, and how broad it is; `wide`: of the hollow (m); `deep`: its share.
    """
    s = _aside(soft, path)
    uneven = (1 + np.float32(0.15 * draw.standard_normal()) * np.sign(soft.position[..., 0])).astype(np.float32)
    valley = np.exp(-((s / wide) ** 2)) * fade * uneven
    return np.exp(-(((s - flesh[0]) / flesh[1]) ** 2)) * fade * uneven - deep * valley, valley


def _bag(soft: Charts, draw: np.random.Generator) -> tuple[Map, Map]:
    """Return the pouch below the lower lid and the trough that bounds it, deepest towards the nose."""
    p = soft.folded
    inner, outer = np.asarray(ANCHORS["eye_inner"], dtype=np.float32), np.asarray(ANCHORS["eye_outer"], dtype=np.float32)
    span = (p[..., 0] - inner[0]) / (outer[0] - inner[0])
    low = np.float32(draw.normal(0, 0.001))
    margin = inner[1] + (outer[1] - inner[1]) * span - 0.0085 * np.sin(np.pi * np.clip(span, 0, 1))
    drop = margin - p[..., 1] + low
    across = smooth(span, -0.20, 0.15) * smooth(span, 1.05, 0.6)
    bulge = np.exp(-(((drop - 0.0050) / 0.0030) ** 2)) * across
    trough = np.exp(-(((drop - 0.0105) / 0.0028) ** 2)) * across * (1 - 0.55 * smooth(span, 0.35, 0.9))
    return bulge.astype(np.float32), trough.astype(np.float32)


def _chin(soft: Charts, draw: np.random.Generator) -> Map:
    x, y = np.abs(soft.position[..., 0]), soft.position[..., 1]
    path = np.float32(CHIN_Y + draw.normal(0, 0.0008)) - np.float32(8.0) * x * x
    return np.exp(-(((y - path) / 0.0026) ** 2)) * smooth(x, 0.020, 0.010)
