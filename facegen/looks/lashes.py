"""Lashes: thin strips between the lid edge and the tips of the head's own lash sheets, so that they blink with the lids."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegen.head.model import HeadModel, PosedHead
from facegen.looks.face_roots import reference_vertices
from facegen.looks.hair_flow import unit
from facegen.looks.hair_scalp import Array
from facegen.looks.ribbons import strips, taper
from facegen.scene import Material, Surface

SKIN_REGION = 1
COUNT = {"upper": 74, "lower": 40}
LENGTH = {"upper": (0.38, 0.42), "lower": (0.22, 0.22)}
"""Share of the mesh sheet's length at lash value 0, and what value 1 adds: 6-10 mm above, about half of it below."""
SEGMENTS = 2


@dataclass(frozen=True)
class _Sheet:
    """roots, tips (N, 2) vertex rows to be mixed by `mix` (N, 2): (at the root, at the tip)."""

    roots: NDArray[np.int32]
    tips: NDArray[np.int32]
    mix: Array
    uneven: Array


def lash_surfaces(model: HeadModel, posed: PosedHead, lashes: float, rgb: Array, detail: float) -> list[Surface]:
    """Return the four rows of lashes, head frame, region 1; `lashes` 0..1 is length and fullness, `rgb` (3,) linear."""
    return [
        _surface(name, _sheet(model, name), posed, lashes, rgb, detail)
        for name in sorted(model.topology.parts)
        if name.startswith("lashes_")
    ]


def lash_roots(model: HeadModel, kind: str, vertices: Array) -> Array:
    """Return the roots (N, 3) of the `kind` ("upper", "lower") lashes of both eyes on head `vertices` (V, 3)."""
    sheets = [_sheet(model, name) for name in sorted(model.topology.parts) if name.startswith(f"lashes_{kind}")]
    return np.concatenate(
        [np.einsum("nk,nkd->nd", np.stack([1 - s.mix[:, 0], s.mix[:, 0]], axis=1), vertices[s.roots]) for s in sheets]
    )


@lru_cache(maxsize=8)
def _sheet(model: HeadModel, name: str) -> _Sheet:
    vertices = reference_vertices(model)
    index = np.unique(model.topology.parts[name].index)
    skin = np.unique(model.topology.parts["skin"].index)
    away, _ = cKDTree(vertices[skin]).query(vertices[index])
    reach = np.abs(vertices[index, 0])
    along = (reach - reach.min()) / max(float(np.ptp(reach)), 1e-6)
    height = away / max(float(np.percentile(away, 95)), 1e-6)
    count = COUNT["upper" if "upper" in name else "lower"]
    golden = (np.arange(count) * 0.6180339887) % 1.0
    place = 0.02 + 0.96 * (np.arange(count) + golden) / count
    roots, root_mix = _between(index, along, _best(along, -height), place)
    tips, tip_mix = _between(index, along, _best(along, height), np.clip(place + 0.02 * (golden - 0.5), 0, 1))
    return _Sheet(roots, tips, np.stack([root_mix, tip_mix], axis=1).astype(np.float32), (0.72 + 0.4 * golden).astype(np.float32))


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
    mixed = [np.einsum("nk,nkd->nd", np.stack([1 - m, m], axis=1), posed.vertices[rows])
             for rows, m in ((sheet.roots, sheet.mix[:, 0]), (sheet.tips, sheet.mix[:, 1]))]  # fmt: skip
    way = (mixed[1] - mixed[0]) * ((least + more * lashes) * sheet.uneven)[:, None]
    t = np.linspace(0.0, 1.0, SEGMENTS + 1)
    curve = (0.18 if kind == "upper" else -0.10) * np.linalg.norm(way, axis=1)[:, None] * np.array([0.0, 1.0, 0.0])
    points = mixed[0][:, None] + t[None, :, None] * way[:, None] + (t**2)[None, :, None] * curve[:, None]
    count, rows = points.shape[:2]
    outward = np.repeat(unit(posed.normals[sheet.roots[:, 0]])[:, None], rows, axis=1)
    width = np.full(
        count, (0.00030 if kind == "upper" else 0.00022) * (0.7 + 0.6 * lashes) * float(np.clip(detail, 0.35, 1.6)) ** -0.6
    )
    params: dict[str, float | tuple[float, ...]] = {
        "root_rgb": (1.0, 1.0, 1.0), "tip_rgb": (1.2, 1.2, 1.2), "specular": 0.2, "roughness": 0.6, "strand": 0.0,
    }  # fmt: skip
    made = strips(name, points, outward, taper(width, rows, 1.0, 0.35), np.tile(rgb, (count, rows, 1)),
                  np.full((count, rows), 0.9), SKIN_REGION, Material("hair", params), np.zeros(count))  # fmt: skip
    return Surface(**{**made.__dict__, "casts_shadow": False})
