"""Keeping surfaces apart after posing: lids outside the eyeballs, lips apart from each other, teeth behind lips and cheeks.

Three guards, each vectorised over a few thousand vertices chosen once on the base mesh. Guards push smoothly, so that skin near
a contact bulges instead of creasing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegen.head.chart import STRIP
from facegen.head.topology import Topology

F32 = NDArray[np.float32]
LID_CLEARANCE_M = 0.0003
"""Least distance of a lid's outer surface from the eyeball."""
SOFT_M = 0.0004
TEETH_CLEARANCE_M = {"inside": 0.0006, "lips": 0.0009, "skin": 0.0035}
"""Least distance in front of the dental arch of the mouth's lining, the lips and the skin around them."""


def outer_skin(topology: Topology) -> NDArray[np.bool_]:
    """(V,) True on the head's outer skin: not in eye sockets, mouth, teeth, shoulders."""
    skin = topology.parts["skin"]
    top = np.zeros(len(topology.ao), dtype=np.float32)
    np.maximum.at(top, skin.index, skin.uv[:, 1])
    return top > STRIP


def lid_rims(topology: Topology, base: F32, centers: F32, radius: F32) -> list[NDArray[np.int64]]:
    """Rows of the lid margins, right eye first: chart seams near an eye."""
    skin = topology.parts["skin"]
    low, high = np.full(len(base), 2.0, np.float32), np.full(len(base), -1.0, np.float32)
    np.minimum.at(low, skin.index, skin.uv[:, 1])
    np.maximum.at(high, skin.index, skin.uv[:, 1])
    seam = np.flatnonzero((low < STRIP) & (high > STRIP))
    return [seam[np.linalg.norm(base[seam] - c, axis=1) < 1.5 * r] for c, r in zip(centers, radius, strict=True)]


class LidGuard:
    """Pushes lid vertices out of the eyeballs along the line from the eye's centre."""

    def __init__(self, topology: Topology, base: F32, centers: F32, radius: F32) -> None:
        outer = outer_skin(topology)
        self.rows = []
        for c, r in zip(centers, radius, strict=True):
            near = np.linalg.norm(base - c, axis=1) < 1.75 * r
            self.rows.append(np.flatnonzero(outer & near & (base[:, 2] > c[2] - 0.2 * r)))

    def apply(self, vertices: F32, centers: F32, radius: F32) -> None:
        """Push in place."""
        for rows, center, r in zip(self.rows, centers, radius, strict=True):
            arm = vertices[rows] - center
            distance = np.sqrt(np.einsum("ij,ij->i", arm, arm))
            wanted = soft_floor(distance, r + np.float32(LID_CLEARANCE_M))
            vertices[rows] = center + arm * (wanted / distance)[:, None]


def soft_floor(x: F32, floor: F32 | np.float32) -> F32:
    """Smooth max(x, floor) that is never below `floor`."""
    t = (x - floor) / np.float32(SOFT_M)
    return (floor + np.float32(SOFT_M) * np.logaddexp(np.float32(0), np.clip(t, -60, 60))).astype(np.float32)


@dataclass(frozen=True)
class _Side:
    rows: NDArray[np.int64]
    column: NDArray[np.int64]


class SlitGuard:
    """Keeps the two sides of a slit (mouth, lid opening) from crossing: upper edge never below lower edge, column by column.

    Columns divide the slit along x on the base mesh. Where the edges cross, each side retreats by its share, fading with the
    distance from the edge.
    """

    def __init__(self, upper: NDArray[np.int64], lower: NDArray[np.int64], body: NDArray[np.int64], base: F32,
                 columns: int, share: float, fade_m: float) -> None:  # fmt: skip
        x = base[np.concatenate([upper, lower]), 0]
        edges = np.linspace(x.min() - 1e-6, x.max() + 1e-6, columns + 1)
        self._centers = (0.5 * (edges[1:] + edges[:-1])).astype(np.float32)
        self._columns = columns
        self._upper, self._lower = self._side(upper, base, edges), self._side(lower, base, edges)
        self.upper_rows, self.lower_rows = upper, lower
        self._body = body
        self._place = base[body, 0].copy()
        self._share, self._fade = np.float32(share), np.float32(fade_m)
        self.rest = np.zeros(columns, dtype=np.float32)
        top, bottom = self.edges(base)
        self.rest = np.maximum(bottom - top, np.float32(0))

    @staticmethod
    def _side(rows: NDArray[np.int64], base: F32, edges: NDArray[np.float64]) -> _Side:
        column = np.clip(np.digitize(base[rows, 0], edges) - 1, 0, len(edges) - 2)
        return _Side(rows, column)

    def edges(self, vertices: F32) -> tuple[F32, F32]:
        """Return (lowest y of the upper side, highest y of the lower side) per column; NaN-free by interpolation."""
        out = []
        for side, fill, reduce in ((self._upper, np.inf, np.minimum), (self._lower, -np.inf, np.maximum)):
            y = np.full(self._columns, fill, dtype=np.float32)
            reduce.at(y, side.column, vertices[side.rows, 1])
            good = np.isfinite(y)
            out.append(np.interp(self._centers, self._centers[good], y[good]).astype(np.float32))
        return out[0], out[1]

    def apply(self, vertices: F32, upper_body: NDArray[np.bool_], close: float = 0.0) -> None:
        """Move `body` in place; upper_body says which of its rows belong to the upper side.

        `close` in 0..1 also shuts gaps, by that share.
        """
        top, bottom = self.edges(vertices)
        over = bottom - top - self.rest
        over = np.where(over > 0, over, np.float32(close) * over)
        if not over.any():
            return
        for _ in range(2):  # even out the columns' noise, never leaving a crossing
            padded = np.pad(over, 1, mode="edge")
            over = (
                np.maximum(over, 0.25 * padded[:-2] + 0.5 * over + 0.25 * padded[2:])
                if not close
                else (0.25 * padded[:-2] + 0.5 * over + 0.25 * padded[2:])
            )
        y = vertices[self._body, 1]
        amount = np.interp(self._place, self._centers, over, left=0, right=0).astype(np.float32)
        edge = np.interp(self._place, self._centers, np.float32(0.5) * (top + bottom)).astype(np.float32)
        away = np.maximum(np.abs(y - edge) - np.float32(0.5) * np.abs(amount), 0)  # both edges move by their full share
        fade = np.exp(-((away / self._fade) ** 2))
        vertices[self._body, 1] = y + np.where(upper_body, 1 - self._share, -self._share) * amount * fade
