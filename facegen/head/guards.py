"""All guards of one head, built once on the base mesh and applied in order to every posed one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegen.head.collide import F32, TEETH_CLEARANCE_M, LidGuard, SlitGuard, lid_rims, outer_skin, soft_floor
from facegen.head.lids import Fissure
from facegen.head.mouth import Corners
from facegen.head.topology import Topology

PUPIL_LIFT_M = 0.0007
"""The pupil's height over the middle of the opening: the upper lid covers 1-2 mm of the iris, the lower touches it."""
LID_GAP_M = 0.0007
SEAT_M = 0.004
HIDDEN_BACK_M, HIDDEN_APART_M, HIDDEN_NARROW = 0.006, 0.006, 0.15
FORWARD_M, BEHIND_LIPS_M, BENEATH_M = (0.006, 0.009), 0.0018, 0.0030
"""How far the upper and the lower arch come forward at most, and how far behind the lips' edges and the skin they stay."""
OVERJET_M, OVERBITE_M = 0.0022, 0.0020
"""How far behind and over the lower incisors' edges the upper ones bite; 1 to 3 mm are usual, the values ours."""
ROOT_SHARE = 0.2
INCISORS_M, BITE_JAW = 0.006, 0.12
SEEN = 0.7
"""Share of the lips' and of the arch's half width that counts: beyond, lips and cheeks lie beside the cheek teeth."""
LOWER_SHARE = 0.25
"""A vertex that drops by more than this share of the jaw belongs to the lower lip."""


class Guards:
    """`apply` moves a copy: teeth push lips and lining out, lips and lids part, lids leave the eyeballs."""

    def __init__(self, topology: Topology, base: F32, jaw: F32, centers: F32, radius: F32) -> None:
        drop = -jaw[:, 1] / max(float(-jaw[:, 1].min()), 1e-9)
        self.lids = LidGuard(topology, base, centers, radius)
        rims = lid_rims(topology, base, centers, radius)
        self._rims = rims
        self.lid_slits = [_lid_slit(base, rim, body) for rim, body in zip(rims, self.lids.rows, strict=True)]
        linings = _linings(topology, base, centers, radius, self.lid_slits)
        self.fissures = [
            Fissure(slit.upper_rows, slit.lower_rows, body, upper, lining)
            for (slit, upper), body, lining in zip(self.lid_slits, self.lids.rows, linings, strict=True)
        ]
        self._lashes, self._lash_on = _lash_roots(topology, base, rims)
        self.lips, self._lip_upper = _lip_slit(topology, base, drop)
        self.corners = Corners(topology, base)
        self.teeth = [TeethGuard(topology, base, name, drop) for name in ("upper_teeth", "lower_teeth")]

    def rest(self, vertices: F32, centers: F32, radius: F32) -> F32:
        """Return a neutral head with its mouth shut and its eyes as open as people's are."""
        out = np.array(vertices, dtype=np.float32)
        eyes = list(zip(self.fissures, centers, radius, strict=True))
        wanted = [fissure.wanted(out, center, r) for fissure, center, r in eyes]
        for fissure in self.fissures:
            fissure.unfold(out)
        for _ in range(2):  # the ball pushes back
            self.lids.apply(out, centers, radius)
            for (fissure, center, r), goal in zip(eyes, wanted, strict=True):
                fissure.open(out, center, r, goal)
        top, bottom = self.lips.edges(out)
        middle = slice(len(top) // 2 - 3, len(top) // 2 + 3)
        line = 0.5 * float(top[middle].mean() + bottom[middle].mean())
        self.corners.rest(out, line)
        self.corners.taper(out, line)
        out[self._lashes] += out[self._lash_on] - vertices[self._lash_on]
        return self.apply(out, centers, radius, close_lips=1.0)

    def apply(
        self, vertices: F32, centers: F32, radius: F32, close_lips: float = 0.0, close_lids: tuple[float, float] = (0.0, 0.0)
    ) -> F32:
        """Return the mended vertices; `close_lips` and `close_lids` (right, left) shut by that share what is still open."""
        out = np.array(vertices, dtype=np.float32)
        for guard in self.teeth:
            guard.apply(out)
        for _ in range(2):  # rolled lips cross further than one retreat mends
            self.lips.apply(out, self._lip_upper, close_lips)
        self.lids.apply(out, centers, radius)
        for _ in range(2):
            for (slit, upper), close in zip(self.lid_slits, close_lids, strict=True):
                slit.apply(out, upper, close)
            self.lids.apply(out, centers, radius)
        out[self._lashes] += out[self._lash_on] - vertices[self._lash_on]
        return out

    def seat_teeth(self, vertices: F32, closed: float, jaw: float) -> None:
        """Bring the teeth, in place, to where lips part from them; `closed` as in `hide_teeth`, `jaw` the opening's weight.

        The basis' arches lie 5 to 14 mm behind the lips' contact, where no light falls on them: they come forward until they
        touch the lips' lining. While the jaw is not dropped the lower row bites behind the upper.
        """
        parted = 1.0 - closed
        if parted <= 0:
            return
        upper, lower = (guard.rows_of_teeth for guard in self.teeth)
        edges = (self.lips.upper_rows, self.lips.lower_rows)
        way = [min(guard.room(vertices, rows), most) for guard, rows, most in zip(self.teeth, edges, FORWARD_M, strict=True)]
        self.teeth[0].forward(vertices, parted * way[0])
        behind = float(vertices[upper, 2].max() - vertices[lower, 2].max()) - OVERJET_M
        self.teeth[1].forward(vertices, parted * max(min(way[1], behind), 0.0))
        front = [rows[np.abs(vertices[rows, 0]) < INCISORS_M] for rows in (upper, lower)]
        lift = float(vertices[front[0], 1].min() - vertices[front[1], 1].max()) + OVERBITE_M
        vertices[lower, 1] += np.float32(parted * max(lift, 0.0) * max(1.0 - jaw / BITE_JAW, 0.0))

    def hide_teeth(self, vertices: F32, closed: float) -> None:
        """Draw the teeth back, in place, behind a mouth that is meant to be shut (`closed` 1): its corners leave slits that real
        lips, being soft, do not."""
        for guard, apart in zip(self.teeth, (1.0, -1.0), strict=True):
            teeth = vertices[guard.rows_of_teeth]
            middle = teeth[:, 0].mean()
            teeth[:, 0] = middle + (teeth[:, 0] - middle) * np.float32(1 - HIDDEN_NARROW * closed)
            teeth[:, 1] += np.float32(apart * HIDDEN_APART_M * closed)
            teeth[:, 2] -= np.float32(HIDDEN_BACK_M * closed)
            vertices[guard.rows_of_teeth] = teeth

    def seat_eyes(self, vertices: F32, centers: F32, radius: F32) -> F32:
        """Return eye centres moved behind their lid openings: the iris hangs from the upper lid, the ball touches the lids.

        Macro shapes move lids and eyeballs apart by millimetres; the pupil would look up or down.
        """
        out = centers.copy()
        for k, (slit, _) in enumerate(self.lid_slits):
            top, bottom = slit.edges(vertices)
            mid = slice(len(top) // 2 - 2, len(top) // 2 + 2)
            lift = 0.5 * (top[mid].mean() + bottom[mid].mean()) + PUPIL_LIFT_M - out[k, 1]
            out[k, 1] += np.clip(lift, -SEAT_M, SEAT_M)
            rim = vertices[self._rims[k]] - out[k]
            inner = np.abs(rim[:, 0]) < 0.7 * np.abs(rim[:, 0]).max()
            reach = (radius[k] + LID_GAP_M) ** 2 - rim[inner, 0] ** 2 - rim[inner, 1] ** 2
            out[k, 2] += np.clip((rim[inner, 2] - np.sqrt(np.maximum(reach, 0))).mean(), -SEAT_M, SEAT_M)
        return out


def _linings(
    topology: Topology, base: F32, centers: F32, radius: F32, slits: list[tuple[SlitGuard, NDArray[np.bool_]]]
) -> list[tuple[NDArray[np.int64], NDArray[np.bool_]]]:
    """Rows of the skin behind each lid margin, right eye first, and which of them lie behind the upper lid."""
    inner = np.zeros(len(base), dtype=bool)
    inner[topology.parts["skin"].index] = True
    inner &= ~outer_skin(topology)
    out = []
    for c, r, (slit, _) in zip(centers, radius, slits, strict=True):
        rows = np.flatnonzero(inner & (np.linalg.norm(base - c, axis=1) < 1.5 * r))
        upper, lower = (cKDTree(base[rim]).query(base[rows])[0] for rim in (slit.upper_rows, slit.lower_rows))
        out.append((rows, upper < lower))
    return out


def _lash_roots(topology: Topology, base: F32, rims: list[NDArray[np.int64]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of the lash sheets and, for each, the row of the lid margin that it moves with."""
    lashes = np.unique(np.concatenate([part.index for name, part in topology.parts.items() if name.startswith("lashes")]))
    rim = np.concatenate(rims)
    _, nearest = cKDTree(base[rim]).query(base[lashes])
    return lashes, rim[nearest]


def _lid_slit(base: F32, rim: NDArray[np.int64], body: NDArray[np.int64]) -> tuple[SlitGuard, NDArray[np.bool_]]:
    """Split a lid margin at its corners; the upper lid does most of the closing."""
    points = base[rim]
    left, right = points[points[:, 0].argmin()], points[points[:, 0].argmax()]
    line = np.interp(points[:, 0], [left[0], right[0]], [left[1], right[1]])
    inner = (points[:, 0] > left[0] + 0.0012) & (points[:, 0] < right[0] - 0.0012)
    upper, lower = rim[inner & (points[:, 1] > line)], rim[inner & (points[:, 1] <= line)]
    middle = np.interp(base[body, 0], [left[0], right[0]], [left[1], right[1]])
    return SlitGuard(upper, lower, body, base, 16, 0.25, 0.003), base[body, 1] > middle


def _lip_slit(topology: Topology, base: F32, drop: NDArray[np.float32]) -> tuple[SlitGuard, NDArray[np.bool_]]:
    """The lips' contact lines are, column by column on the base mesh, the lowest upper and the highest lower vertices."""
    lips, inside = topology.masks["lips"], topology.masks["mouth_inside"]
    vermilion = lips > 0.5
    front = base[:, 2] > base[vermilion, 2].max() - 0.026
    lower = drop >= LOWER_SHARE
    corner = np.abs(base[vermilion, 0]).max()
    slit = vermilion & (np.abs(base[:, 0]) < corner - 0.0008)
    column = np.round(base[:, 0] / 0.002).astype(int)
    upper_rows, lower_rows = (_extreme(np.flatnonzero(slit & side), column, base[:, 1] * sign)
                              for side, sign in ((~lower, -1), (lower, 1)))  # fmt: skip
    height = float(base[upper_rows, 1].mean())
    near = (np.abs(base[:, 1] - height) < 0.02) & (np.abs(base[:, 0]) < corner + 0.001) & front
    body = np.flatnonzero(near & (outer_skin(topology) | (inside > 0.2)))
    return SlitGuard(upper_rows, lower_rows, body, base, 32, 0.5, 0.006), ~lower[body]


def _extreme(rows: NDArray[np.int64], column: NDArray[np.int64], height: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the rows within 0.4 mm of the highest of their column."""
    best: dict[int, float] = {}
    for row in rows:
        best[column[row]] = max(best.get(column[row], -np.inf), float(height[row]))
    return np.array([row for row in rows if height[row] > best[column[row]] - 0.0004])


def _ahead(points: F32, low: F32, high: F32) -> F32:
    """How far points lie in front of the half-elliptic arch on the box from `low` to `high` (m, along z)."""
    across = 2 * points[:, 0] - low[0] - high[0]
    deep = np.sqrt(np.maximum(1 - (across / (high[0] - low[0])) ** 2, 0))
    return np.asarray(points[:, 2] - low[2] - (high[2] - low[2]) * deep, dtype=np.float32)


class TeethGuard:
    """Pushes lining, lips and skin out of a half-elliptic dental arch that follows the posed teeth."""

    def __init__(self, topology: Topology, base: F32, part: str, drop: NDArray[np.float32]) -> None:
        self.rows_of_teeth = np.unique(topology.parts[part].index)
        self._upper = part == "upper_teeth"
        teeth = base[self.rows_of_teeth]
        low, high = teeth.min(0), teeth.max(0)
        skin = np.zeros(len(base), dtype=bool)
        skin[topology.parts["skin"].index] = True
        near = (base[:, 1] > low[1] - 0.012) & (base[:, 1] < high[1] + 0.012) & (base[:, 2] > low[2] - 0.002)
        x = base[:, 0] / (high[0] - low[0]) * 2
        z = (base[:, 2] - low[2]) / (high[2] - low[2])
        self._rows = np.flatnonzero(skin & near & (np.hypot(x, np.maximum(z, 0)) > 0.75) & (np.abs(base[:, 0]) < 0.045))
        clearance = np.full(len(base), TEETH_CLEARANCE_M["skin"], dtype=np.float32)
        soft = topology.masks["lips"] > 0.3
        clearance[soft] = TEETH_CLEARANCE_M["lips"]
        clearance[topology.masks["mouth_inside"] > 0.3] = TEETH_CLEARANCE_M["inside"]
        self._clearance = clearance[self._rows]
        self._outer = self._rows[outer_skin(topology)[self._rows] & (topology.masks["mouth_inside"][self._rows] < 0.3)]

    def arch(self, vertices: F32) -> tuple[F32, F32]:
        """Return (lowest, highest) corner of the posed teeth; the arch is half an ellipse on that box, opening backward."""
        teeth = vertices[self.rows_of_teeth]
        return teeth.min(0), teeth.max(0)

    def leaning(self, y: F32, low: F32, high: F32) -> F32:
        """Share of a forward move that heights `y` take: all at the biting edge, ROOT_SHARE at the roots, for incisors lean."""
        edge, root = (low[1], high[1]) if self._upper else (high[1], low[1])
        return np.asarray(1 - (1 - ROOT_SHARE) * np.clip((y - edge) / (root - edge), 0, 1), dtype=np.float32)

    def room(self, vertices: F32, edge: NDArray[np.int64]) -> float:
        """Return how far (m) the biting edge can come forward before the arch is BEHIND_LIPS_M behind the middle of a lip's
        `edge` rows and BENEATH_M behind the skin in front of it."""
        low, high = self.arch(vertices)
        lip, skin = vertices[edge], vertices[self._outer]
        away, over = (np.abs(p[:, 0] - 0.5 * (low[0] + high[0])) for p in (lip, skin))
        before = (skin[:, 1] > low[1]) & (skin[:, 1] < high[1]) & (over < SEEN * 0.5 * (high[0] - low[0]))
        skin = skin[before]
        free = (_ahead(skin, low, high) - BENEATH_M) / self.leaning(skin[:, 1], low, high)
        touching = _ahead(lip[away < SEEN * away.max()], low, high) - BEHIND_LIPS_M
        return max(min(float(free.min(initial=1.0)), float(touching.min())), 0.0)

    def forward(self, vertices: F32, way: float) -> None:
        """Bring the biting edge forward by `way` (m), in place."""
        teeth = vertices[self.rows_of_teeth]
        teeth[:, 2] += np.float32(way) * self.leaning(teeth[:, 1], *self.arch(vertices))
        vertices[self.rows_of_teeth] = teeth

    def apply(self, vertices: F32) -> None:
        """Push in place."""
        low, high = self.arch(vertices)
        p = vertices[self._rows]
        x, z = p[:, 0] - 0.5 * (low[0] + high[0]), p[:, 2] - low[2]
        half, deep = 0.5 * (high[0] - low[0]), high[2] - low[2]
        angle_x, angle_z = x / half, np.maximum(z, 0) / deep
        r = np.hypot(angle_x, angle_z)
        length = np.hypot(x, z)
        # along the ray from the arch's middle: the arch's own distance is length / r
        arch = length / np.maximum(r, 1e-6)
        beyond = np.maximum(np.maximum(low[1] - p[:, 1], p[:, 1] - high[1]), 0)
        near = np.clip(1 - beyond / np.float32(0.008), 0, 1)
        wanted = soft_floor(length, arch + self._clearance)
        push = (wanted - length) * near * near * (z > 0)
        vertices[self._rows, 0] += push * x / length
        vertices[self._rows, 2] += push * z / length
