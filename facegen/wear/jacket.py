"""Open jackets over another garment: body with a cut front, lapels, collar; and the tie."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from facegen.wear import shapes
from facegen.wear.bust import COLS, Bust, Grid
from facegen.wear.collars import CollarCut, turned_down
from facegen.wear.shapes import Shape
from facegen.wear.sheet import Sheet

COAT = 0.0128
"""How far a jacket lies off what is worn beneath it, m."""


def opening(height: Grid, top: float, bottom: float) -> Grid:
    """Half width (m) of a jacket's front opening at `height` above the root of the neck: `top` at the neck, none at `bottom`."""
    return np.clip(top * (height - bottom) / -bottom, 0.003, top)


def jacket(grid: Grid, root_y: float, top: float, bottom: float) -> tuple[Shape, Grid]:
    """Return the jacket over the body `grid` (rows, COLS, 3), and its own uncut grid (rows, COLS, 3)."""
    across = np.roll(grid, -1, 1) - np.roll(grid, 1, 1)
    down = np.pad(np.cumsum(np.linalg.norm(np.diff(grid, axis=0), axis=-1), 0), ((1, 0), (0, 0)))
    off = COAT + 0.006 * np.exp(-((down / 0.06) ** 2))  # room for the shirt's collar
    outer = grid + off[..., None] * shapes.unit(np.cross(np.gradient(grid, axis=0), across))
    fine = np.linspace(0, 1.2, 241)
    sides = []
    for sign in (1.0, -1.0):
        at = _along(outer, np.broadcast_to(sign * fine, (len(outer), len(fine))))
        past = sign * at[..., 0] >= opening(at[..., 1] - root_y, top, bottom)
        sides.append(np.where(past.any(1), fine[np.argmax(past, 1)], 0.5))
    first, last = ndimage.gaussian_filter1d(np.array(sides), 1.0, axis=1, mode="nearest")[..., None]
    points = _along(outer, first + np.linspace(0, 1, COLS - 6) * (2 * np.pi - last - first))
    hem = 0.4 * points[:, [0, -1]] + 0.6 * points[:, [1, -2]] - [0, 0, 0.005]
    body = np.concatenate([hem[:, :1], points, hem[:, 1:]], 1)
    return shapes.grid(body), outer


def _along(grid: Grid, azimuth: Grid) -> Grid:
    """Return points (rows, N, 3) of the rows of `grid` (rows, COLS, 3) at `azimuth` (rows, N)."""
    col = np.mod((azimuth / (2 * np.pi) + 0.5) * COLS - 0.5, COLS)
    j, share = col.astype(int) % COLS, (col - np.floor(col))[..., None]
    row = np.arange(len(grid))[:, None]
    return np.asarray((1 - share) * grid[row, j] + share * grid[row, (j + 1) % COLS])


def lapels(coat: Sheet, root_y: float, top: float, bottom: float, width: float) -> list[Shape]:
    """Both lapels: the front edge turned back over the chest, broadest at the notch, narrowing to the button."""
    share = np.concatenate([[0.0, 0.0, 0.0], np.linspace(0.004, 1, 18)])[:, None]
    above = np.concatenate([[0.0032, 0.0004], np.zeros(19)])[:, None]  # contact shadow on the coat along the notch
    inner_y = root_y + 0.010 + share * (bottom + 0.010)
    inner_x = opening(inner_y - root_y, top, bottom) - 0.004
    broad = width * np.clip(1 - share, 0, 1) ** 0.7 * np.clip(0.86 + 4 * share, 0, 1)
    outer_y = inner_y - 0.040 * (1 - share) ** 2 - 0.004
    c = np.array([0.0, 0.05, 0.2, 0.45, 0.8, 1.0, 1.0, 1.0])
    lift = np.array([-0.004, 0.0045, 0.0095, 0.0085, 0.0055, 0.0045, 0.0012, 0.0006]) * np.ones_like(share)
    lift[:2] = np.minimum(lift[:2], [[0.0008], [0.0012]])
    shade = np.ones_like(share) * np.array([0.5, 0.9, 1, 1, 1, 1.0, 0.25, 0.7])
    shade[:2] = [[0.75], [0.25]]
    made = []
    for sign in (1.0, -1.0):
        x = inner_x + c * broad + np.array([0, 0, 0, 0, 0, 0, 0.0004, 0.0032])
        points = coat.front(sign * x, inner_y + above + c * (outer_y - inner_y), lift)
        made.append(shapes.grid(points if sign > 0 else points[:, ::-1], shade=shade if sign > 0 else shade[:, ::-1]))
    return made


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


def collar(coat: Sheet, bust: Bust, top: float, fall: float, least: float) -> Shape:
    """The jacket's collar, ending above the lapels' notch; its points reach `fall` (m) below the neckline and are at
    least `least` (rad) off the middle."""
    cols = coat.points.shape[1]
    wide = coat.points[1, cols // 2 : cols * 3 // 4, 0] >= top - 0.004
    angle = np.argmax(wide) * 2 * np.pi / cols if wide.any() else 1.3
    half = float(np.clip(angle, least, 1.35))
    return turned_down(coat, bust, CollarCut(half, (0.016, 0.006), (0.026, fall), -0.06, lift=0.005, off=0.016))


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
