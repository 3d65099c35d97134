"""Open jackets over another garment: body with a cut front, lapels, collar; and the tie."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from facegen.wear import shapes
from facegen.wear.bust import COLS, Bust, Grid
from facegen.wear.collars import stand_top
from facegen.wear.shapes import Shape
from facegen.wear.sheet import STEP, Sheet

COAT = 0.0128
"""How far a jacket lies off what is worn beneath it, m."""


def opening(height: Grid, top: float, bottom: float) -> Grid:
    """Half width (m) of a jacket's front opening at `height` above the root of the neck: `top` at the neck, none at `bottom`."""
    return np.clip(top * (height - bottom) / -bottom, 0.003, top)


def jacket(grid: Grid, root_y: float, top: float, bottom: float) -> tuple[Shape, Grid]:
    """Return the jacket over the body `grid` (rows, COLS, 3), and its own uncut grid (rows, COLS, 3)."""
    down = np.pad(np.cumsum(np.linalg.norm(np.diff(grid, axis=0), axis=-1), 0), ((1, 0), (0, 0)))
    near = 1 - _smooth((down - 0.06) / 0.06)[..., None]
    even = grid + near * (_evened(grid, 2.5) - grid)  # a coat bridges the neckline it lies over: off a hollow it would fold
    across = np.roll(even, -1, 1) - np.roll(even, 1, 1)
    off = COAT + 0.006 * np.exp(-((down / 0.06) ** 2))  # room for the shirt's collar
    outer = even + off[..., None] * shapes.unit(np.cross(np.gradient(even, axis=0), across))
    outer = outer + near * (_evened(outer, 1.5) - outer)
    fine = np.linspace(0, 1.2, 241)
    sides = []
    for sign in (1.0, -1.0):
        at = _along(outer, np.broadcast_to(sign * fine, (len(outer), len(fine))))
        past = sign * at[..., 0] >= opening(at[..., 1] - root_y, top, bottom)
        sides.append(np.where(past.any(1), fine[np.argmax(past, 1)], fine[-1]))
    first, last = ndimage.gaussian_filter1d(np.array(sides), 1.0, axis=1, mode="nearest")[..., None]
    points = _along(outer, first + np.linspace(0, 1, COLS - 6) * (2 * np.pi - last - first))
    hem = 0.4 * points[:, [0, -1]] + 0.6 * points[:, [1, -2]] - [0, 0, 0.005]
    body = np.concatenate([hem[:, :1], points, hem[:, 1:]], 1)
    return shapes.grid(body), outer


def _evened(grid: Grid, sigma: float) -> Grid:
    return np.asarray(ndimage.gaussian_filter(grid, (sigma, sigma, 0), mode=["nearest", "wrap", "nearest"]))


def _along(grid: Grid, azimuth: Grid) -> Grid:
    """Return points (rows, N, 3) of the rows of `grid` (rows, COLS, 3) at `azimuth` (rows, N)."""
    col = np.mod((azimuth / (2 * np.pi) + 0.5) * COLS - 0.5, COLS)
    j, share = col.astype(int) % COLS, (col - np.floor(col))[..., None]
    row = np.arange(len(grid))[:, None]
    return np.asarray((1 - share) * grid[row, j] + share * grid[row, (j + 1) % COLS])


@dataclass(frozen=True)
class Revers:
    """A coat's collar, and its lapels with it: `collar` width of the leaf (m), at the neck and at its points; `lapel` width (m)
    at the notch, 0 for a coat without lapels; `stand` at the back (m); `off` the neck (m)."""

    collar: tuple[float, float]
    lapel: float
    stand: float = 0.016
    off: float = 0.016


_NOTCH = 0.030
"""How far down the front edge (m) the notch between collar and lapel lies."""
_TURN = (math.radians(48), math.radians(72))
"""Which way the ends of collar and lapel point at the notch, from straight down towards the arm."""


def revers(coat: Sheet, bust: Bust, root_y: float, top: float, bottom: float, cut: Revers) -> Shape:
    """Collar and lapels as one strip along the neckline and both front edges, folded over its inner edge, with a notch."""
    halves = [_half(coat, bust, root_y, top, bottom, cut, sign) for sign in (1.0, -1.0)]
    right, left = (half[0] for half in halves)
    rows = np.concatenate([left[:, :0:-1], right], 1)
    shade = np.concatenate([halves[1][1][:, :0:-1], halves[0][1]], 1)
    made = shapes.grid(rows[:, ::-1], shade=shade[:, ::-1])
    return Shape(
        made.positions, np.ascontiguousarray(made.uv[:, ::-1]), made.faces, made.shade, made.weld
    )  # stripes run along it


def _half(coat: Sheet, bust: Bust, root_y: float, top: float, bottom: float, cut: Revers, sign: float) -> tuple[Grid, Grid]:
    """Return points (rows, N, 3) and shade (rows, N) of one side, from the middle of the back to the button."""
    edge = _front_edge(coat, root_y, top, bottom, sign)
    round_neck = np.linspace(np.pi, edge[0] + 0.04, 22)
    at_notch = [_NOTCH - 0.0012, _NOTCH, _NOTCH + 0.0012]
    down = np.concatenate([np.linspace(0, _NOTCH - 0.0012, 9)[:-1], at_notch])
    if cut.lapel:
        down = np.concatenate([down, np.linspace(_NOTCH, -bottom, 20)[1:]])
    else:
        down = down[:-2]
    azimuth = np.concatenate([round_neck, np.interp(down, np.arange(len(edge)) * STEP, edge)])
    length = np.concatenate([np.zeros_like(round_neck), down])
    along = np.concatenate([-(round_neck - edge[0]) * 0.075, down])
    wide, turn = _outline(along, -bottom, cut)
    stands = _smooth((-along - 0.004) / 0.060)
    inner = coat.at(sign * azimuth, length, 0.0)
    radius = np.hypot(inner[:, 0], inner[:, 2])

    def lying(share: Grid, lift: Grid, past: Grid = np.zeros(1)) -> Grid:  # noqa: B008 (never written to)
        reach = share[:, None] * wide + past[:, None]
        return coat.at(sign * (azimuth + reach * np.sin(turn) / radius), length + reach * np.cos(turn), lift[:, None])

    out = np.stack([sign * np.sin(azimuth), np.zeros_like(azimuth), np.cos(azimuth)], -1)
    high = stand_top(coat, bust, sign * azimuth, cut.stand * stands, cut.off)
    high = inner + stands[:, None] * (high - inner)
    fold = high + out * 0.0035 + [0, 0.0012, 0]
    share = np.array([0.0, 0.10, 0.25, 0.5, 0.8, 1.0])
    flat = lying(share, np.array([0.0030, 0.0085, 0.0092, 0.0080, 0.0064, 0.0054]))
    hung = fold + share[:, None, None] * (flat[-1] - fold) + (0.003 * np.sin(np.pi * share))[:, None, None] * out
    leaf = flat + stands[:, None] * (hung - flat)
    below = lying(np.zeros(3), np.array([-0.006, -0.004, -0.001]))
    stand = inner + np.array([0.0, 0.5, 1.0])[:, None, None] * (high - inner)
    contact = lying(np.ones(2), np.array([0.0010, 0.0005]), np.array([0.0004, 0.0034]))
    rows = np.concatenate([below + stands[:, None] * (stand - below), leaf, contact])
    shade = np.array([0.5, 0.7, 0.85, 1, 1, 1, 1, 1, 1, 0.3, 0.75])[:, None] * np.ones(len(azimuth))
    return rows, shade


def _front_edge(coat: Sheet, root_y: float, top: float, bottom: float, sign: float) -> Grid:
    """Return the azimuth (K,) of a coat's front edge on one side, every STEP metres below its neckline."""
    fine = np.linspace(0, 1.5, 301)
    at = _along(coat.points, np.broadcast_to(sign * fine, (len(coat.points), len(fine))))
    past = sign * at[..., 0] >= opening(at[..., 1] - root_y, top, bottom) - 0.003
    found = np.where(past.any(1), fine[np.argmax(past, 1)], fine[240])
    return np.asarray(ndimage.gaussian_filter1d(found, 2.0, mode="nearest"))


def _outline(along: Grid, end: float, cut: Revers) -> tuple[Grid, Grid]:
    """Return width (m) and direction (rad from straight down) of the strip `along` the edge (m; 0 at its corner)."""
    to_notch = np.clip(1 + along / 0.10, 0, 1)
    wide = cut.collar[0] + (cut.collar[1] - cut.collar[0]) * to_notch**2
    turn = _TURN[0] * _smooth((along + 0.05) / (_NOTCH + 0.05))
    lapel = along > _NOTCH + 1e-4
    share = np.clip((along - _NOTCH) / (end - _NOTCH), 0, 1)
    wide = np.where(lapel, 0.004 + (cut.lapel - 0.004) * (1 - share) ** 0.75, wide)
    turn = np.where(lapel, _TURN[1] + (math.pi / 2 - _TURN[1]) * np.clip(share / 0.4, 0, 1), turn)
    if cut.lapel:
        mid = np.abs(along - _NOTCH) < 1e-4
        wide, turn = np.where(mid, 0.45 * cut.collar[1], wide), np.where(mid, 0.5 * sum(_TURN), turn)
    return wide, turn


def _smooth(x: Grid) -> Grid:
    x = np.clip(x, 0, 1)
    return np.asarray(x * x * (3 - 2 * x))


def facings(coat: Sheet, root_y: float, top: float, bottom: float, width: float) -> list[Shape]:
    """The strips that buttons and zips of an open jacket sit on, along both front edges."""
    y = root_y + np.linspace(-0.004, -0.40, 20)[:, None]
    x = opening(y - root_y, top, bottom) - 0.004
    c = np.array([0.0, 0.0, 0.06, 0.5, 0.92, 1.0, 1.06])[None] * width
    lift = np.array([-0.005, 0.0005, 0.0022, 0.0026, 0.0022, 0.0008, 0.0005])[None]
    shade = np.ones((20, 1)) * np.array([0.4, 0.8, 1, 1, 1, 0.35, 0.75])
    made = []
    for sign in (1.0, -1.0):
        points = coat.front(sign * (x + c), y, lift)
        made.append(shapes.grid(points if sign > 0 else points[:, ::-1], shade=shade if sign > 0 else shade[:, ::-1]))
    return made


def tie(sheet: Sheet, throat_y: float) -> list[Shape]:
    """A knotted tie hanging from the throat: knot and blade, uv turned by 45 degrees so that stripes run slanting."""
    made = []
    for heights, widths, lifts in (
        ((0.009, 0.003, -0.014, -0.030, -0.034), (0.028, 0.034, 0.032, 0.024, 0.018), (0.010, 0.017, 0.017, 0.013, 0.006)),
        ((-0.028, -0.04, -0.12, -0.22, -0.32, -0.41), (0.020, 0.030, 0.050, 0.066, 0.078, 0.084), (0.005,) * 6),
    ):
        c = np.array([-0.5, -0.44, -0.2, 0.0, 0.2, 0.44, 0.5])
        dome = np.array([-0.4, 0.5, 0.95, 1.0, 0.95, 0.5, -0.4])
        t = np.linspace(0, len(heights) - 1, 16)
        y, w, up = (np.interp(t, np.arange(len(heights)), v)[:, None] for v in (heights, widths, lifts))
        points = sheet.front(c * w, throat_y + y + 0.0 * c, up * (0.45 + 0.55 * dome))
        shape = shapes.grid(points, shade=np.ones((16, 1)) * np.array([0.5, 0.9, 1, 1, 1, 0.9, 0.5]))
        uv = np.stack([(shape.uv[:, 0] + shape.uv[:, 1]) * 0.7071, (shape.uv[:, 1] - shape.uv[:, 0]) * 0.7071], -1)
        made.append(Shape(shape.positions, uv.astype(np.float32), shape.faces, shape.shade, shape.weld))
    return made
