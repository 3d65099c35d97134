"""Cloth laid over a garment: the sari's end, a pinafore's bib and straps, a hood on the back, cords, a bow."""

from __future__ import annotations

import numpy as np

from facegen.wear import shapes
from facegen.wear.bust import Bust, Grid, outside
from facegen.wear.shapes import Shape
from facegen.wear.sheet import Sheet

_UP = np.array([0.0, 1.0, 0.0])


def _sari_path(share: Grid, edge: Grid, seed: int) -> tuple[Grid, Grid]:
    """Azimuth and distance below the neckline along the drape (`share` 0..1 from right hip over the left shoulder), from its
    upper (`edge` 0) to its lower border (1)."""
    at = np.array([0.0, 0.25, 0.45, 0.62, 0.78, 1.0])
    upper = (
        np.interp(share, at, [-1.30, -0.55, 0.30, 1.10, 1.75, 2.5]),
        np.interp(share, at, [0.34, 0.21, 0.095, 0.030, 0.030, 0.10]),
    )
    lower = (
        np.interp(share, at, [-1.00, -0.10, 0.75, 1.35, 1.85, 2.3]),
        np.interp(share, at, [0.43, 0.40, 0.30, 0.150, 0.150, 0.30]),
    )
    wave = 0.004 * np.sin(9 * share + seed % 7)
    return upper[0] + edge * (lower[0] - upper[0]), upper[1] + edge * (lower[1] - upper[1]) + wave


def sari(sheet: Sheet, seed: int) -> Shape:
    """The pleated end of a sari: across the chest from the right hip, over the left shoulder, down the back."""
    share, edge = np.linspace(0, 1, 40)[:, None], np.linspace(0, 1, 41)[None]
    azimuth, length = _sari_path(share, edge, seed)
    pleat = np.abs((edge * 5.0 + 0.12 * np.sin(7 * share + seed % 5)) % 1.0 - 0.5) * 2
    lift = 0.006 + 0.0055 * pleat * np.clip(0.4 + share, 0, 1)
    lift[:, [0, -1]] = 0.003
    points = sheet.at(azimuth, length, lift)
    return shapes.grid(points.transpose(1, 0, 2), shade=(0.72 + 0.28 * pleat + 0 * share).T)


def border(sheet: Sheet, seed: int) -> Shape:
    """The woven border along the drape's upper edge."""
    share, edge = np.linspace(0, 1, 40)[:, None], np.array([-0.004, 0.0, 0.04, 0.10, 0.13, 0.135])[None]
    azimuth, length = _sari_path(share, edge, seed)
    lift = np.array([0.002, 0.0110, 0.0125, 0.0125, 0.0125, 0.009])[None]
    return shapes.grid(sheet.at(azimuth, length, lift).transpose(1, 0, 2))


def pinafore(sheet: Sheet, root_y: float) -> list[Shape]:
    """A bib on the chest and two straps over the shoulders."""
    y = root_y + np.linspace(-0.115, -0.42, 18)[:, None]
    half = np.array([-1.0, -0.97, -0.6, 0.0, 0.6, 0.97, 1.0])[None] * (0.085 + 0.10 * np.linspace(0, 1, 18)[:, None])
    lift = np.array([0.001, 0.0045, 0.005, 0.005, 0.005, 0.0045, 0.001])[None]
    shade = np.ones((18, 1)) * np.array([0.5, 0.9, 1, 1, 1, 0.9, 0.5])
    shade[0] = 0.8
    made = [shapes.grid(sheet.front(half, y, lift), shade=shade)]
    for sign in (-1.0, 1.0):
        t = np.linspace(0, 1, 26)[:, None]
        c = np.array([-0.5, -0.46, 0.0, 0.46, 0.5])[None]
        azimuth = sign * (0.62 + 1.9 * t) + 0.20 * c * (1 + 1.2 * np.sin(np.pi * t)) * 0.7
        length = 0.13 - 0.085 * np.sin(np.pi * np.clip(t * 1.15, 0, 1)) + 0.12 * np.clip(t - 0.6, 0, 1)
        points = sheet.at(azimuth, length, np.array([0.001, 0.005, 0.0058, 0.005, 0.001])[None])
        made.append(shapes.grid(points))
    return made


def hood(bust: Bust, sheet: Sheet, seed: int) -> Shape:
    """A hood lying bunched on shoulders and back: broad folds behind, narrow at the throat, open above."""
    angle = bust.azimuth
    behind = np.clip(0.40 - 0.60 * np.cos(angle), 0.14, 1)
    wave = shapes.folds(seed, "wear.garment.hood", angle, np.zeros_like(angle), 5, 4.0)
    thick = 0.058 * behind * (1 + 0.14 * wave) + 0.006
    base = sheet.at(angle, np.full_like(angle, 0.004), 0.001)
    out = np.stack([np.sin(angle), np.zeros_like(angle), np.cos(angle)], -1)
    turn = np.array([2.9, 2.3, 1.7, 1.1, 0.5, -0.1, -0.6, -1.1])  # from inside the neck over the top to the back
    rows = []
    for k, phi in enumerate(turn):
        puff = 1 + 0.10 * np.sin(3.0 * angle + 1.7 * k + seed % 9)
        reach = (0.55 + 0.50 * np.cos(phi)) * thick * puff
        rise = (0.36 + 0.42 * np.sin(phi)) * thick * puff
        rows.append(outside(bust, base + out * (reach - 0.002)[:, None] + _UP * rise[:, None], 0.003))
    low = sheet.at(angle, np.clip(0.95 * thick, 0.008, None), 0.0015)
    grid = np.stack([*rows, low])
    shade = np.array([0.45, 0.6, 0.85, 1, 1, 1, 0.95, 0.8, 0.45])[:, None] * np.ones(len(angle))
    return shapes.grid(grid, wrap=True, shade=shade)


def cords(sheet: Sheet) -> list[Shape]:
    """The two cords of a hood."""
    throat = sheet.throat()
    made = []
    for sign, end in ((-1.0, 0.13), (1.0, 0.15)):
        y = throat[1] + 0.006 - np.linspace(0, end, 14)
        path = sheet.front(sign * (0.026 + 0.010 * np.sin(np.linspace(0, 2.2, 14))), y, 0.0035)
        made.append(shapes.tube(path, shapes.rounded(0.0045, 0.0045, 6, 2.0), np.array([1.0, 0.0, 0.0])))
    return made


def bow(sheet: Sheet) -> list[Shape]:
    """A soft bow at the throat: knot, two loops, two ends."""
    throat = sheet.throat() + [0, -0.014, 0.008]
    made = [shapes.ellipsoid(throat + [0, 0, 0.004], (0.010, 0.012, 0.007), 7, 12)]
    for sign in (-1.0, 1.0):
        t = np.linspace(0, 1, 12)
        loop = throat + np.stack([sign * (0.006 + 0.050 * t), 0.006 - 0.016 * t**2, 0.004 + 0.004 * np.sin(np.pi * t)], -1)
        wide = (0.008 + 0.026 * np.sin(np.pi * np.clip(t * 0.85 + 0.08, 0, 1)))[:, None, None]
        made.append(shapes.tube(loop, shapes.rounded(0.35, 1.0, 10, 2.2) * wide, _UP))
        fall = np.linspace(0.0, 0.12, 10)
        path = sheet.front(sign * (0.006 + 0.20 * fall), throat[1] - 0.004 - fall, 0.005)
        made.append(shapes.tube(path, shapes.rounded(0.026, 0.004, 8, 2.4), np.array([0.0, 0.0, 1.0])))
    return made
