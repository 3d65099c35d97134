"""Lashes: soft ribbons rooted along the lid margins, so that they blink with the lids. The basis' lash sheets direct them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegen.head.collide import outer_skin
from facegen.head.model import HeadModel, PosedHead
from facegen.looks.facial_hair.roots import reference_vertices
from facegen.looks.hair.ribbons import strips, taper
from facegen.looks.hair.scalp import Array
from facegen.scene import Material, Surface

SKIN_REGION = 1
COUNT = {"upper": 96, "lower": 52}
LENGTH = {"upper": (0.55, 0.45), "lower": (0.28, 0.22)}
"""Share of the mesh sheet's length at lash value 0, and what value 1 adds: 6-10 mm above, about half of it below."""
MARGIN_M = {"upper": 0.0032, "lower": 0.0022}
"""Thickness of the mesh's lids: lashes root on the outer edge, the mesh's rim is the inner one."""
LIFT_M = 0.0005
FORWARD = 0.35
"""Share of a lash's length by which it reaches out of the eye before it curls: clear of a fold that lies on the margin."""
FAN = 0.35
"""How far, in lash lengths, neighbouring lashes lean to either side at most: they cross and cling together in clumps."""
SEGMENTS = 3


@dataclass(frozen=True)
class _Sheet:
    """Two rows (N, 2) of the margin's outer edge per lash, mixed by `mix` (N, 2): (at the root, in the sheet); `foot, tip` (N, 2)
    rows of the sheet; `uneven, lean` (N,)."""

    roots: NDArray[np.int32]
    foot: NDArray[np.int32]
    tip: NDArray[np.int32]
    mix: Array
    uneven: Array
    lean: Array
    side: int


def lash_surfaces(model: HeadModel, posed: PosedHead, lashes: float, rgb: Array, detail: float) -> list[Surface]:
    """Return the four rows of lashes, head frame, region 1, blended; `lashes` 0..1 is length and fullness, `rgb` (3,) linear."""
    return [
        _surface(name, _sheet(model, name), posed, lashes, rgb, detail)
        for name in sorted(model.topology.parts)
        if name.startswith("lashes_")
    ]


def lash_roots(model: HeadModel, kind: str, vertices: Array) -> Array:
    """Return the roots (N, 3) of the `kind` ("upper", "lower") lashes of both eyes on head `vertices` (V, 3)."""
    sheets = [_sheet(model, name) for name in sorted(model.topology.parts) if name.startswith(f"lashes_{kind}")]
    return np.concatenate([_mixed(vertices, s.roots, s.mix[:, 0]) for s in sheets])


def _mixed(vertices: Array, rows: NDArray[np.int32], share: Array) -> Array:
    return np.asarray(vertices[rows[:, 0]] * (1 - share)[:, None] + vertices[rows[:, 1]] * share[:, None], dtype=np.float32)


@lru_cache(maxsize=8)
def _sheet(model: HeadModel, name: str) -> _Sheet:
    vertices = reference_vertices(model)
    side = 0 if name.endswith("right") else 1
    slit, _ = model.guards.lid_slits[side]
    kind = "upper" if "upper" in name else "lower"
    rim = slit.upper_rows if kind == "upper" else slit.lower_rows
    rim = rim[np.argsort(np.abs(vertices[rim, 0]))]
    index = np.unique(model.topology.parts[name].index)
    skin = np.unique(model.topology.parts["skin"].index)
    away, _ = cKDTree(vertices[skin]).query(vertices[index])
    low, high = np.abs(vertices[rim, 0]).min(), np.abs(vertices[rim, 0]).max()
    along = np.clip((np.abs(vertices[index, 0]) - low) / (high - low), 0, 1)
    height = away / max(float(np.percentile(away, 95)), 1e-6)
    count = COUNT[kind]
    golden = (np.arange(count) * 0.6180339887) % 1.0
    # few near the nose, where the lid has none before the corner
    place = 0.08 + 0.92 * ((np.arange(count) + golden) / count) ** 0.9
    edge = _outer_edge(model, vertices, rim, MARGIN_M[kind])
    step = np.cumsum(np.concatenate([[0], np.linalg.norm(np.diff(vertices[rim], axis=0), axis=1)]))
    roots, root_mix = _between(edge, step / step[-1], np.arange(len(rim)), place)
    foot, foot_mix = _between(index, along, _best(along, -height), place)
    tip, _ = _between(index, along, _best(along, height), place)
    lean = (2 * ((np.arange(count) * 0.7548776662) % 1.0) - 1) * FAN
    return _Sheet(roots, foot, tip, np.stack([root_mix, foot_mix], axis=1).astype(np.float32),
                  (0.62 + 0.5 * golden).astype(np.float32), lean.astype(np.float32), side)  # fmt: skip


def _outer_edge(model: HeadModel, vertices: Array, rim: NDArray[np.int64], thick: float) -> NDArray[np.int64]:
    """Return, for each row of the margin's inner edge, the row of outer skin that lies `thick` in front of it."""
    skin = np.flatnonzero(outer_skin(model.topology))
    middle = 0.5 * (vertices[rim].min(axis=0) + vertices[rim].max(axis=0))
    way = (vertices[rim] - middle) * np.array([0.5, 0.0, 0.0]) + np.array([0.0, 0.0, np.ptp(vertices[rim, 0])])
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    _, nearest = cKDTree(vertices[skin]).query(vertices[rim] + thick * way)
    return np.asarray(skin[nearest])


def _best(along: Array, score: Array) -> NDArray[np.int64]:
    """Return, ordered along the lid, the row with the highest score in each of 24 bins."""
    cell = np.minimum((along * 24).astype(int), 23)
    return np.array([np.flatnonzero(cell == k)[np.argmax(score[cell == k])] for k in np.unique(cell)])


def _between(index: NDArray[np.int64], along: Array, chosen: NDArray[np.int64], place: Array) -> tuple[NDArray[np.int32], Array]:
    where = np.clip(np.interp(place, along[chosen], np.arange(len(chosen))), 0, len(chosen) - 1.001)
    low = where.astype(int)
    rows = index[chosen]
    return np.stack([rows[low], rows[low + 1]], axis=1).astype(np.int32), where - low


def _surface(name: str, sheet: _Sheet, posed: PosedHead, lashes: float, rgb: Array, detail: float) -> Surface:
    kind = "upper" if "upper" in name else "lower"
    least, more = LENGTH[kind]
    v = posed.vertices
    root = _mixed(v, sheet.roots, sheet.mix[:, 0])
    out = root - posed.eye_centers[sheet.side]
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    root = root + np.float32(LIFT_M) * out
    way = _mixed(v, sheet.tip, sheet.mix[:, 1]) - _mixed(v, sheet.foot, sheet.mix[:, 1])
    way = way * ((least + more * lashes) * sheet.uneven)[:, None]
    length = np.linalg.norm(way, axis=1)
    way[:, 0] += sheet.lean * length
    way += (FORWARD * length)[:, None] * out
    t = np.linspace(0.0, 1.0, SEGMENTS + 1)
    curl = (0.75 if kind == "upper" else -0.15) * length[:, None] * np.array([0.0, 1.0, 0.0])
    points = root[:, None] + t[None, :, None] * way[:, None] + (t**2 - t)[None, :, None] * curl[:, None]
    count, rows = points.shape[:2]
    outward = np.repeat(out[:, None], rows, axis=1)
    thick = (0.00050 if kind == "upper" else 0.00030) * (0.7 + 0.6 * lashes) * float(np.clip(detail, 0.35, 1.6)) ** -0.6
    width = np.full(count, thick)
    params: dict[str, float | tuple[float, ...]] = {
        "rgb": (1.0, 1.0, 1.0), "opacity": 1.0 if kind == "upper" else 0.7,
    }  # fmt: skip
    made = strips(name, points, outward, taper(width, rows, 1.0, 0.45), np.tile(rgb, (count, rows, 1)),
                  np.full((count, rows), 0.9), SKIN_REGION, Material("lash", params), np.zeros(count))  # fmt: skip
    return Surface(**{**made.__dict__, "casts_shadow": False, "blend": True})
