"""What is sewn to a neckline: bands, stands, turned-down collars, flat collars, plackets, buttons.

Everything lies on the garment's Sheet, so that it follows every body; what stands up follows the neck's own radius.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from facegen.geometry.angle import arctan2
from facegen.wear import shapes
from facegen.wear.bust import Bust, Grid
from facegen.wear.shapes import Shape
from facegen.wear.sheet import Sheet

THICK = 0.0016
LAP = 0.011
"""What stands up is lapped this far (m) over the neckline, whose edge moves away from it as the jaw opens."""


@dataclass(frozen=True)
class CollarCut:
    """`opening`: half angle (rad) at the throat; `stand`: height at back and front (m); `fall`: how far the leaf reaches below
    the neckline at back and at its points (m); `spread`: how far the points lean outwards (rad); `lift` off the cloth (m); `off`:
    how far the stand keeps from the neck (m), more over another collar."""

    opening: float
    stand: tuple[float, float]
    fall: tuple[float, float]
    spread: float
    lift: float = 0.0035
    off: float = 0.004


def ring(opening: float, count: int = 57) -> Grid:
    """Return azimuths (count,) from the throat's left edge round the back to its right edge, closer together in front."""
    t = np.linspace(-1, 1, count)
    angle = np.pi + (np.pi - opening) * np.sign(t) * np.abs(t) ** 0.8
    return np.asarray((angle + np.pi) % (2 * np.pi) - np.pi)


def neckband(sheet: Sheet, azimuth: Grid, height: float, lift: float) -> Shape:
    """A flat knitted band along the neckline: sewn on below, turned in above."""
    length = np.array([1.0, 0.99, 0.9, 0.6, 0.2, 0.0, 0.04])[:, None] * height + np.array([0.002, 0, 0, 0, 0, 0, 0])[:, None]
    up = np.array([0.0004, 0.0010, 0.9 * lift, lift, lift, 0.7 * lift, -0.0022])[:, None]
    shade = np.array([0.8, 0.4, 0.95, 1.0, 1.0, 0.95, 0.4])[:, None] * np.ones(len(azimuth))
    return shapes.grid(sheet.at(azimuth[None], length, up)[::-1], wrap=True, shade=shade[::-1])


def stand_top(sheet: Sheet, bust: Bust, azimuth: Grid, height: Grid, off: float = 0.004) -> Grid:
    """Upper edge (N, 3) of cloth that stands `height` (N,) above the neckline, `off` the neck where that is slimmer."""
    base = sheet.at(azimuth, np.zeros_like(azimuth))
    out = base - bust.skin.center
    rho = np.hypot(out[:, 0], out[:, 2])
    elevation = arctan2(out[:, 1] + height, rho)
    skin = bust.skin.at(azimuth, elevation) * np.cos(elevation)
    near = np.minimum(np.maximum(skin + off, 0.86 * rho), rho + off)
    near = ndimage.gaussian_filter1d(near, 1.5, mode="nearest")
    flat = np.stack([np.sin(azimuth) * near, out[:, 1] + height, np.cos(azimuth) * near], -1)
    return np.asarray(bust.skin.center + flat)


def turned_down(sheet: Sheet, bust: Bust, cut: CollarCut) -> Shape:
    """A shirt's collar: a stand round the neck and a leaf folded over it, lying on the cloth with two points."""
    angle = ring(cut.opening)
    front = np.clip(np.cos(angle) / np.cos(cut.opening), 0, 1)
    out = np.stack([np.sin(angle), np.zeros_like(angle), np.cos(angle)], -1)
    base = sheet.at(angle, np.zeros_like(angle), 0.0008)
    top = stand_top(sheet, bust, angle, cut.stand[0] + (cut.stand[1] - cut.stand[0]) * front, cut.off)
    fold = top + out * 0.0035 + [0, 0.0012, 0]
    fall = cut.fall[0] + (cut.fall[1] - cut.fall[0]) * front**4
    lean = angle + cut.spread * front**4 * np.sign(angle)
    low = sheet.at(lean, fall, cut.lift)
    share = np.array([0.22, 0.45, 0.7, 0.88])[:, None, None]
    clear = sheet.at(lean, np.zeros_like(fall), 0.0)[..., 1] - low[..., 1]
    bulge = (0.0022 + 0.05 * np.clip(clear, 0, 0.05)) * (1 - 0.5 * front)
    leaf = fold + share * (low - fold) + np.sin(np.pi * share) * bulge[:, None] * out
    rows = np.concatenate([base[None], ((base + top) / 2)[None], top[None], fold[None], leaf, low[None]])
    contact = sheet.at(np.stack([lean, lean]), np.stack([fall, fall + 0.0028]), np.array([[cut.lift - 2 * THICK], [0.0006]]))
    rows = np.concatenate([rows, contact])
    shade = np.array([0.5, 0.7, 0.85, 1, 1, 1, 1, 1, 1, 0.3, 0.75])[:, None] * np.ones(len(angle))
    return shapes.grid(rows, shade=shade)


def standing(sheet: Sheet, bust: Bust, opening: float, height: float) -> Shape:
    """A band collar (kurta, grandfather shirt): outside, rounded edge, inside."""
    angle = ring(opening)
    ends = np.clip((np.pi - np.abs(np.abs(angle) - np.pi) - opening) / 0.10, 0, 1) ** 0.5
    high = height * (0.55 + 0.45 * ends)
    base = sheet.at(angle, np.full_like(angle, 0.5 * LAP), 0.0012)
    foot = sheet.at(angle, np.full_like(angle, 0.5 * LAP + 0.001), -0.0015)
    top = stand_top(sheet, bust, angle, high)
    out = np.stack([np.sin(angle), np.zeros_like(angle), np.cos(angle)], -1)
    rows = [top - out * 0.0012 - [0, 0.010, 0], top - out * 0.0008, top + [0, 0.0008, 0], top + out * 0.0012, base, foot]
    shade = np.array([0.5, 0.85, 1, 1, 0.8, 0.5])[:, None] * np.ones(len(angle))
    return shapes.grid(np.stack(rows), shade=shade)


def rolled(sheet: Sheet, bust: Bust, azimuth: Grid, height: float) -> Shape:
    """A turtleneck's collar: a tall band turned over itself, softly bulging, its hem lying above the neckline."""
    tall = stand_top(sheet, bust, azimuth, np.full_like(azimuth, height))
    base = sheet.at(azimuth, np.full_like(azimuth, LAP), 0.0015)
    out = np.stack([np.sin(azimuth), np.zeros_like(azimuth), np.cos(azimuth)], -1)
    rows = [tall - [0, 0.012, 0] + out * 0.0005, tall - out * 0.0002, tall + out * 0.0022 + [0, 0.0014, 0]]
    for share, bulge in ((0.25, 0.0048), (0.5, 0.0062), (0.75, 0.0066), (0.90, 0.0052), (0.97, 0.0030)):
        rows.append(tall + share * (base - tall) + out * bulge)
    rows += [base, sheet.at(azimuth, np.full_like(azimuth, LAP + 0.001), -0.0015)]  # its hem ends within the cloth: no slit
    shade = np.array([0.5, 0.9, 1, 1, 1, 1, 1, 0.9, 0.6, 0.4])[:, None] * np.ones(len(azimuth))
    return shapes.grid(np.stack(rows), wrap=True, shade=shade)


def flat_collar(sheet: Sheet, opening: float, width: float) -> Shape:
    """A flat collar with rounded ends lying on the shoulders (Peter Pan)."""
    angle = ring(opening)
    ahead = np.pi - np.abs(np.abs(angle) - np.pi) - opening
    wide = width * np.sqrt(np.clip(1 - np.clip(1 - ahead / 0.32, 0, 1) ** 2, 0.02, 1))
    share = np.array([0.0, 0.12, 0.4, 0.75, 1.0, 1.0, 1.0])[:, None]
    lift = np.array([0.0012, 0.004, 0.0042, 0.0036, 0.003, 0.0008, 0.0005])[:, None]
    rows = sheet.at(angle[None], 0.001 + share * wide + np.array([0, 0, 0, 0, 0, 0.0004, 0.003])[:, None], lift)
    return shapes.grid(rows, shade=np.array([0.6, 1, 1, 1, 1, 0.3, 0.75])[:, None] * np.ones(len(angle)))


def placket(sheet: Sheet, x: float, top: float, bottom: float, width: float) -> Shape:
    """The doubled strip down the front that buttons sit on, from height `top` to `bottom` (m)."""
    y = np.linspace(top, bottom, 22)[:, None]
    across = np.array([-0.5, -0.48, -0.36, 0.0, 0.36, 0.48, 0.5]) * width
    lift = np.array([0.0002, 0.0016, 0.0018, 0.0020, 0.0018, 0.0016, 0.0002])
    shade = np.ones((22, 1)) * np.array([0.45, 0.8, 1, 1, 1, 0.8, 0.45])
    return shapes.grid(sheet.front(x + across[None], y, lift[None]), shade=shade)


def buttons(sheet: Sheet, x: float, heights: NDArray[np.floating], radius: float = 0.0055) -> list[Shape]:
    """Flat buttons at (x, heights) on a placket."""
    at = sheet.front(np.full(len(heights), x), heights, 0.0026)
    return [shapes.ellipsoid(p, (radius, radius, 0.0016), 5, 12) for p in at]
