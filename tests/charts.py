"""Test charts as scenes: flat cards of squares, beads and edges, photographed by the real renderer, lens and sensor."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen import srgb
from facegen.render.engine import Engine
from facegen.sample import CameraSpec
from facegen.scene import Frame, Material, Scene, Surface
from facegen.sensor import lens as optics
from facegen.sensor import tone
from facegen.sensor.lens import Lens
from facegen.stage.camera import camera

CELLS = 6
"""Along each side of a square: large triangles would cut the curves that a lens makes of straight edges."""
EVEN = np.zeros((16, 3), np.float32)
EVEN[0] = np.sqrt(4 * np.pi)  # radiance 1 from everywhere
PLAIN = {"roughness": 1.0, "metallic": 0.0}
WHITE, BLACK = 0.8, 0.02


def spec(**changes: Any) -> CameraSpec:
    """A pinhole at rest, a metre from the chart."""
    base = {"profile": "chart", "focal_mm": 28.0, "distance_m": 1.0, "center_x": 0.5, "center_y": 0.5}
    return CameraSpec(**{**base, **changes})


def card(
    corner: NDArray[np.float64], across: NDArray[np.float64], down: NDArray[np.float64], grey: float, cells: int = CELLS
) -> Surface:
    """A parallelogram from its top-left `corner` along `across` and `down` (3,), of one reflectance, cut into cells."""
    t = np.linspace(0, 1, cells + 1)
    u, v = np.meshgrid(t, t)
    points = corner + u.ravel()[:, None] * across + v.ravel()[:, None] * down
    normal = np.cross(down, across)
    normal = normal / np.linalg.norm(normal)
    i = (np.arange(cells)[:, None] * (cells + 1) + np.arange(cells)).ravel()
    n = cells + 1
    faces = np.concatenate([np.stack([i, i + n, i + 1], axis=1), np.stack([i + 1, i + n, i + n + 1], axis=1)])
    return surface(points, np.tile(normal, (len(points), 1)), faces, grey)


def surface(points: NDArray[np.float64], normals: NDArray[np.float64], faces: NDArray[np.int64], grey: float) -> Surface:
    return Surface(
        name="chart", positions=points.astype(np.float32), normals=normals.astype(np.float32), faces=faces.astype(np.int32),
        region=np.ones(len(points), np.uint8), material=Material("solid", {"rgb": (grey, grey, grey), **PLAIN}),
    )  # fmt: skip


def facing(distance: float, half: float, grey: float, cells: int = 24) -> Surface:
    """A card square to the axis, `half` m to each side."""
    corner = np.array([-half, half, -distance])
    return card(corner, np.array([2 * half, 0, 0]), np.array([0, -2 * half, 0]), grey, cells)


def board(columns: int, rows: int, side: float, turn: NDArray[np.float64], at: NDArray[np.float64]) -> list[Surface]:
    """A checkerboard of columns x rows squares on a white card, its middle at `at`, turned by `turn` (3, 3)."""
    out = [_placed(-0.7 - columns / 2, rows / 2 + 0.7, columns + 1.4, rows + 1.4, side, turn, at, WHITE, -0.002, 30)]
    for r in range(rows):
        for c in range(columns):
            if (r + c) % 2 == 0:
                out.append(_placed(c - columns / 2, rows / 2 - r, 1, 1, side, turn, at, BLACK, 0.0, CELLS))
    return out


def _placed(x, y, wide, high, side, turn, at, grey, lift, cells) -> Surface:
    corner = turn @ (np.array([x, y, 0.0]) * side + [0, 0, lift]) + at
    return card(corner, turn @ [wide * side, 0, 0], turn @ [0, -high * side, 0], grey, cells)


def inner_corners(
    columns: int, rows: int, side: float, turn: NDArray[np.float64], at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """World points (N, 3) of the board's inner corners, row by row from the top."""
    x, y = np.meshgrid(np.arange(1, columns) - columns / 2, rows / 2 - np.arange(1, rows))
    return np.column_stack([x.ravel(), y.ravel(), 0 * x.ravel()]) * side @ turn.T + at


def beads(places: NDArray[np.float64], radius: float, grey: float = WHITE) -> Surface:
    """Small bright octahedra cut once into balls, at (N, 3) world places."""
    import trimesh

    ball = trimesh.creation.icosphere(subdivisions=2, radius=radius)
    points = (places[:, None] + ball.vertices).reshape(-1, 3)
    normals = np.tile(ball.vertices / radius, (len(places), 1))
    faces = (ball.faces[None] + len(ball.vertices) * np.arange(len(places))[:, None, None]).reshape(-1, 3)
    return surface(points, normals, faces, grey)


def shoot(
    engine: Engine, surfaces: list[Surface], what: CameraSpec, size: int, exposure_s: float = 0.01, behind: float = 0.0,
    eyes_m: float = 1.0,
) -> tuple[NDArray[np.float32], Frame]:  # fmt: skip
    """Return the linear light (S, S, 3) on the sensor, and the frame: even light of radiance 1."""
    cam = camera(what, size, np.array([0.0, 0.0, -what.distance_m]))
    frame = engine.render(Scene(tuple(surfaces), EVEN, (), cam))
    background = np.full((size, size, 3), behind, np.float32)
    return optics.through(Lens(what, cam, eyes_m, exposure_s), frame, background), frame


def photograph(light: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The 8-bit picture of linear light by the sensor's tone curve, without noise."""
    return tone.quantise(tone.develop(light, 1.0))


def linear(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Linear light of an 8-bit picture, below the curve's shoulder."""
    return np.asarray(srgb.decode(image / 255.0))


def centroids(light: NDArray[np.float32], expected: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Return the centre of the light (N, 2) within `window` px around each of (N, 2) expected places, label pixels."""
    out = []
    for x, y in expected:
        x0, y0 = int(x) - window, int(y) - window
        patch = light[y0 : y0 + 2 * window + 1, x0 : x0 + 2 * window + 1].astype(np.float64)
        v, u = np.mgrid[: patch.shape[0], : patch.shape[1]] + 0.5
        out.append(((u * patch).sum() / patch.sum() + x0, (v * patch).sum() / patch.sum() + y0))
    return np.array(out)


def edge_profile(line_spread_of: NDArray[np.float64]) -> tuple[float, float]:
    """Return (middle, standard deviation) of the line spread of an edge profile sampled at unit steps (rising)."""
    spread = np.diff(line_spread_of)
    spread = spread / spread.sum()
    at = np.arange(len(spread)) + 0.5
    middle = float((spread * at).sum())
    return middle, float(np.sqrt((spread * (at - middle) ** 2).sum()))
