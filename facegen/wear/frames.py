"""Kinds of spectacle frames, and how one pair differs from the next: weight, depth, tortoiseshell, fading."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegen.sample import Eyewear
from facegen.wear.shapes import Shape

TORTOISE = np.array([[0.022, 0.012, 0.008], [0.26, 0.115, 0.035]])
"""Dark flakes and amber ground of tortoiseshell acetate, linear RGB; our choice."""


@dataclass(frozen=True)
class Style:
    """`width`: eye size as a share of the distance between the eyes; `depth`: b / a; `power`: 2 ellipse, more boxier; `top`,
    `bottom`: face-on width and front-to-back depth of the rim there (0 = none), mm; `lift`: upswept outer corner; `drop`: lens
    sagging towards its outer bottom; `pads`: wire-held nose pads; `bar`: second bridge; `wrap`: degrees by which each lens
    turns back round the face; `radius`: of the lens, m (0.11 is base 5); `corners`: of a polygon, 0: round; `shield`:
    depth of a side shield, m; `strap`: height of an elastic worn instead of temples, m."""

    width: float
    depth: float
    power: float
    top: tuple[float, float]
    bottom: tuple[float, float]
    lift: float = 0.0
    drop: float = 0.0
    pads: bool = False
    bar: bool = False
    temple: float = 4.5
    wrap: float = 5.0
    radius: float = 0.11
    corners: int = 0
    shield: float = 0.0
    strap: float = 0.0


STYLES: dict[str, Style] = {
    "rectangular": Style(0.81, 0.66, 4.2, (3.0, 3.6), (2.4, 3.4)),
    "round": Style(0.76, 0.94, 2.0, (1.6, 2.0), (1.6, 2.0), pads=True, temple=2.2),
    "aviator": Style(0.88, 0.86, 2.5, (1.5, 1.8), (1.4, 1.8), drop=0.16, pads=True, bar=True, temple=2.0),
    "rimless": Style(0.80, 0.68, 3.0, (0.0, 0.0), (0.0, 0.0), pads=True, temple=1.8),
    "half_rim": Style(0.82, 0.66, 3.6, (2.4, 2.6), (0.5, 1.2), pads=True, temple=3.2),
    "browline": Style(0.80, 0.74, 3.0, (4.4, 3.6), (1.3, 1.6), pads=True, temple=4.2),
    "cat_eye": Style(0.84, 0.68, 2.8, (3.6, 3.6), (2.4, 3.2), lift=0.22),
    "panto": Style(0.77, 0.90, 2.4, (3.0, 3.4), (2.4, 3.2), drop=0.10),
    "large_metal": Style(0.93, 0.82, 3.4, (1.6, 1.9), (1.4, 1.8), drop=0.08, pads=True, bar=True, temple=2.4),
    "oversized": Style(0.93, 0.88, 2.9, (3.0, 3.6), (2.6, 3.4), temple=5.0),
    "hexagonal": Style(0.78, 0.88, 2.0, (1.7, 2.0), (1.6, 1.9), pads=True, temple=2.2, corners=6),
    "square": Style(0.83, 0.80, 5.0, (3.4, 3.8), (3.0, 3.6), temple=5.2),
    "sport_wrap": Style(0.97, 0.62, 3.0, (2.2, 3.0), (1.6, 2.6), lift=0.10, drop=0.12, temple=5.5, wrap=15.0, radius=0.072),
    "safety": Style(0.97, 0.78, 3.4, (2.0, 2.6), (1.2, 2.0), temple=5.0, wrap=11.0, radius=0.085, shield=0.024),
    "goggles": Style(0.98, 0.86, 3.2, (5.5, 8.0), (5.5, 8.0), temple=4.0, wrap=9.0, radius=0.095, shield=0.030, strap=0.020),
}


def scaled(style: Style, eyewear: Eyewear) -> Style:
    """Return the kind's style as heavy and as deep as this pair is; plates are cut thicker face-on than front to back."""
    wide, thick = eyewear.weight, eyewear.weight**0.4
    top, bottom = ((w * wide, d * thick) for w, d in (style.top, style.bottom))
    return replace(style, depth=style.depth * eyewear.depth, top=top, bottom=bottom, temple=style.temple * thick)


def finish(frame: Shape, eyewear: Eyewear, y: float, height: float, z: float) -> NDArray[np.float32] | None:
    """Return vertex colours (N, 3), None where the frame is plain: flakes of tortoiseshell, or a front that clears
    towards its bottom. `y`, `height`, `z`: middle, height and depth of the lenses."""
    p = frame.positions.astype(np.float64)
    if eyewear.finish == "tortoise":
        turn = 997.0 * (eyewear.size + eyewear.depth)  # each pair its own flakes
        flake = np.sin(420 * p[:, 0] + turn) + np.sin(510 * p[:, 1] - 260 * p[:, 0] + 2 * turn)
        flake += np.sin(330 * p[:, 2] + 380 * p[:, 1] + turn)
        share = np.clip(0.5 + 0.7 * flake, 0, 1)[:, None]
        return np.asarray(share * TORTOISE[0] + (1 - share) * TORTOISE[1], np.float32)
    if eyewear.finish == "faded":
        share = np.clip(0.5 - (p[:, 1] - y) / height, 0, 1)[:, None] * (p[:, 2:] > z - 0.02)
        own = np.asarray(eyewear.frame_rgb)
        return np.asarray(own + share * (0.55 - own), np.float32)
    return None
