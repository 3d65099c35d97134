"""The mouth at rest: its corners do not hang. The basis' targets of lips, age and fat leave them up to 4 mm under the lips' line,
which reads as grief or disdain in a face that is meant to be neutral; in people at rest they lie about level with it. Full lips
of the basis end in blunt corners 8 mm high; people's taper.
"""

from __future__ import annotations

import numpy as np

from facegen.head.collide import F32
from facegen.head.topology import Topology

LEVEL_M = 0.0004
"""Corners lower than this over the middle of the lips' line are lifted towards it."""
KEPT = 0.3
"""Share of a head's own droop that stays."""
SPREAD_M = (0.011, 0.012)
"""How far the lift reaches along x and y, in standard deviations times the root of two."""

TAPER = 0.62
"""How much of its height over the lips' line the skin loses at the corners."""
TAPER_FROM, TAPER_END, TAPER_HIGH_M = 0.45, 1.35, 0.0085
"""Where the taper begins and ends, in half widths of the mouth, and how far it reaches up and down."""


class Corners:
    """Both corners of the lips, chosen on the base mesh."""

    def __init__(self, topology: Topology, base: F32) -> None:
        lips = np.flatnonzero(topology.masks["lips"] > 0.5)
        x = base[lips, 0]
        self._rows = lips[[int(x.argmin()), int(x.argmax())]]
        near = np.abs(base - base[lips].mean(axis=0)) < np.array([0.055, 0.040, 0.06])
        skin = np.zeros(len(base), dtype=bool)
        skin[topology.parts["skin"].index] = True
        self._near = np.flatnonzero(near.all(axis=1) & skin)

    def droop(self, vertices: F32, line: float) -> F32:
        """Return (2,) m: how far each corner lies under the height `line`; negative above."""
        return np.asarray(line - vertices[self._rows, 1], dtype=np.float32)

    def rest(self, vertices: F32, line: float) -> None:
        """Lift hanging corners in place; `line` is the height of the lips' contact at the middle."""
        lift = (1 - KEPT) * np.maximum(self.droop(vertices, line + LEVEL_M), 0)
        p = vertices[self._near]
        for row, by in zip(self._rows, lift, strict=True):
            away = (p[:, :2] - vertices[row, :2]) / np.array(SPREAD_M, dtype=np.float32)
            vertices[self._near, 1] += by * np.exp(-(away**2).sum(axis=1))

    def taper(self, vertices: F32, line: float) -> None:
        """Flatten the lips towards their corners, in place; `line` as in `rest`."""
        ends = vertices[self._rows]
        middle, half = 0.5 * float(ends[0, 0] + ends[1, 0]), 0.5 * float(abs(ends[1, 0] - ends[0, 0]))
        p = vertices[self._near]
        across = np.abs(p[:, 0] - middle) / half
        toward = np.clip((across - TAPER_FROM) / (1 - TAPER_FROM), 0, 1)
        fade = np.clip((TAPER_END - across) / (TAPER_END - 1), 0, 1)
        own = np.where(p[:, 0] < middle, *(ends[k, 1] for k in np.argsort(ends[:, 0])))
        dy = p[:, 1] - (line + (own - line) * np.minimum(across, 1) ** 2)
        share = TAPER * toward * toward * fade * fade * (3 - 2 * fade)
        vertices[self._near, 1] -= (share * dy * np.exp(-((dy / TAPER_HIGH_M) ** 2))).astype(np.float32)
