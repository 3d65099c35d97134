"""Hard headwear: a builder's helmet with its ridge and peak, a bicycle helmet with vents and chin straps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from facegen.sample import Headwear
from facegen.scene import Material, Surface
from facegen.wear import hats, shapes
from facegen.wear.around import FaceAxis
from facegen.wear.crown import Crown, ring
from facegen.wear.fabric import fabric
from facegen.wear.shapes import Params, Shape

if TYPE_CHECKING:
    from facegen.head.model import HeadModel, PosedHead

Grid = NDArray[np.float64]


def helmet_surfaces(
    model: HeadModel, posed: PosedHead, headwear: Headwear, crown: Crown, style: np.random.Generator
) -> tuple[Surface, ...]:
    """Return the helmet over `crown`, region headwear."""
    u = style.random(4)
    made = _builder(headwear, crown, u) if headwear.kind == "hard_hat" else _bicycle(model, posed, headwear, crown.shell, u)
    return tuple(made)


def _plastic(name: str, shape: Shape, rgb: tuple[float, float, float], color: NDArray[np.float32] | None = None) -> Surface:
    params: Params = {"rgb": rgb if color is None else (1.0, 1.0, 1.0), "roughness": 0.24, "metallic": 0.0}
    return shapes.surface(name, shape, Material("solid", params), "headwear", color=color)


def _closed(shell: Grid) -> Shape:
    return shapes.thicken(shapes.grid(shell, wrap=True), len(shell), shell.shape[1] + 1, 0.003)


def _builder(headwear: Headwear, crown: Crown, u: NDArray[np.float64]) -> list[Surface]:
    shell, azimuth = crown.shell, crown.azimuth
    middle = shell.mean((0, 1))
    out = shapes.unit((shell - middle) * [1, 0.6, 1])
    height = np.linspace(0, 1, len(shell))[:, None]
    ridge = 0.007 * np.exp(-((np.sin(azimuth) / 0.10) ** 2)) + 0.0035 * np.exp(-(((np.abs(np.sin(azimuth)) - 0.42) / 0.09) ** 2))
    grown = shell + out * (ridge * np.clip((0.85 - height) * 5, 0, 1) * np.clip(height * 3 - 0.2, 0, 1))[..., None]
    outer = replace(crown, shell=grown)
    brim = hats.brim(outer, 0.014, 18.0, 0.0, 0.0, headwear.seed)
    peak = hats.peak(outer, 0.034 + 0.014 * u[0], 0.25, 0.16)
    return [
        _plastic("hat", _closed(grown), headwear.rgb),
        _plastic("brim", brim, headwear.rgb),
        _plastic("visor", peak, headwear.rgb),
    ]


def _bicycle(model: HeadModel, posed: PosedHead, headwear: Headwear, shell: Grid, u: NDArray[np.float64]) -> list[Surface]:
    """A shell of foam, thicker behind, with rows of slots that run front to back between its ribs."""
    fine = _finer(shell, 72, 180)
    off = fine - fine.mean((0, 1))
    across, along = off[..., 0] / np.abs(off[..., 0]).max(), off[..., 2] / np.abs(off[..., 2]).max()
    share = np.linspace(0, 1, len(fine))[:, None]
    slot, rib = _vents(across, along, share, u)
    tail = np.clip(-along, 0, 1) ** 2 * np.clip(1.2 - share, 0, 1)
    foam = 0.013 + (0.012 + 0.010 * u[0]) * tail + 0.004 * rib - 0.011 * slot
    foam = foam * np.clip((1.03 - share) * 12, 0, 1)  # rounded in at the rim
    shape = _closed(fine + shapes.unit(off * [1, 0.8, 1]) * foam[..., None])
    paint = np.where(share > 0.93, 0.03, np.asarray(headwear.rgb)[:, None, None])  # bare foam below the shell
    color = np.moveaxis(paint * (1 - slot) + 0.012 * slot, 0, -1)
    color = np.concatenate([color, color[:, :1]], 1)
    color = np.concatenate([color[:1], color, 0.03 + 0 * color[-1:]]).reshape(-1, 3)
    return [_plastic("hat", shape, headwear.rgb, color.astype(np.float32)), *_straps(model, posed, shell)]


def _vents(across: Grid, along: Grid, share: Grid, u: NDArray[np.float64]) -> tuple[Grid, Grid]:
    """Return how much a slot, and how much a rib each point (rows, cols) of a helmet is: `across` -1..1 from side to side,
    `along` -1..1 from back to front, `share` (rows, 1) from the top to the rim."""
    slot, rib = np.zeros_like(across), np.zeros_like(across)
    rows = 2 + int(2 * u[1])
    for lane in (-0.64, -0.33, 0.0, 0.33, 0.64):
        middle = lane * (1 - 0.25 * along**2)  # lanes run together at front and back
        rib = np.maximum(rib, np.exp(-(((np.abs(across - middle) - 0.165) / 0.06) ** 2)))
        for row in range(rows):
            at = 1.02 - (row + 0.5 + 0.3 * abs(lane)) * 1.9 / (rows + 0.2)
            reach = np.abs((across - middle) / 0.115) ** 3 + np.abs((along - at) / (0.78 / rows)) ** 3
            slot = np.maximum(slot, np.clip((1 - reach) * 2.5, 0, 1))
    whole = np.clip((0.9 - share) * 12, 0, 1)
    return slot * whole, rib * whole


def _finer(shell: Grid, rows: int, cols: int) -> Grid:
    """Return a closed grid (R, C, 3) with `rows` x `cols` points, between which the old ones are interpolated."""
    closed = np.concatenate([shell, shell[:, :1]], 1)
    at = np.meshgrid(np.linspace(0, len(shell) - 1, rows), np.arange(cols) * shell.shape[1] / cols, indexing="ij")
    return np.stack([ndimage.map_coordinates(closed[..., k], at, order=1) for k in range(3)], -1)


def _straps(model: HeadModel, posed: PosedHead, shell: Grid) -> list[Surface]:
    """Webbing from before and behind each ear to a buckle below it and on under the chin, over the skin."""
    head = FaceAxis.of(model, posed)
    points = np.asarray(posed.vertices, np.float64)
    chin = points[(model.topology.masks["chin"] > 0.2) & (np.abs(points[:, 0]) < 0.01)]
    low = chin[np.argmin(chin[:, 1])] + [0, -0.002, -0.014]
    ears = points[model.topology.masks["ears"] > 0.5]
    made = []
    azimuth = ring(shell.shape[1])
    for sign in (-1.0, 1.0):
        ear = ears[ears[:, 0] * sign > 0]
        join = np.array([sign * np.abs(ear[:, 0]).min(), ear[:, 1].min() - 0.016, ear[:, 2].max() - 0.004])
        for angle in (0.95, 2.0):
            start = shell[-1, int(np.argmin(np.abs(azimuth - sign * angle)))]
            made.append(_strap(head, [start, 0.5 * (start + join), join]))
        made.append(_strap(head, [join, 0.5 * (join + low) + [0, -0.004, 0], low]))
    return [shapes.surface("helmet_straps", shapes.merge(made), fabric((0.02, 0.02, 0.022), weave="twill"), "headwear")]


def _strap(head: FaceAxis, knots: list[Grid]) -> Shape:
    """A ribbon along a curve through three points, lifted off the skin."""
    share = np.linspace(0, 1, 16)[:, None]
    a, b, c = knots
    path = (1 - share) ** 2 * a + 2 * share * (1 - share) * (2 * b - 0.5 * (a + c)) + share**2 * c
    off = path - head.center
    reach = np.linalg.norm(off, axis=1)
    way = off / reach[:, None]
    floor = head.toward_points(way) + 0.0024
    path = head.center + way * np.maximum(reach, floor)[:, None]
    return shapes.tube(path, shapes.rounded(0.0016, 0.014, 8, 4.0)[:, ::-1][::-1], way)
