"""The bridge between the brows, evened out along the height.

Local targets that lift the brows, lower the root of the nose and push the forehead out meet within three millimetres there, and
leave a shelf of 30 to 45 degrees that shades like one long brow. A living glabella rolls into the root of the nose over a
centimetre.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen.head.topology import Topology

_HIGH = (-0.006, 0.003, 0.020, 0.034)
"""Heights above the eyes' midpoint, m, between which the skin is evened: not at all, wholly, wholly, not at all."""
_WIDE = (0.011, 0.024)
"""Distance from the middle, m, up to which it is evened wholly, and from which not at all."""
_MARGIN = 0.010
_SIGMA = (0.003, 0.0065)
"""How far (m) a point takes its depth from its neighbours, across and along the height."""


class Glabella:
    """Evens the depth of the skin between the brows of any head of a mesh."""

    def __init__(self, topology: Topology, base: NDArray[np.float32], middle: NDArray[np.float32]) -> None:
        at = base - middle
        skin = np.unique(topology.parts["skin"].index)
        near = at[skin]
        inside = (np.abs(near[:, 0]) < _WIDE[1] + _MARGIN) & (near[:, 1] > _HIGH[0] - _MARGIN)
        inside &= (near[:, 1] < _HIGH[3] + _MARGIN) & (near[:, 2] > 0)
        self._index = skin[inside]
        corners = base[topology.parts["skin"].index[topology.parts["skin"].faces]]
        size = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
        area = np.zeros(len(base))
        np.add.at(area, topology.parts["skin"].index[topology.parts["skin"].faces], size[:, None])
        self._area = area[self._index].astype(np.float32)

    def evened(self, vertices: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return vertices (V, 3), m from the eyes' midpoint, with another depth between the brows."""
        x, y, z = vertices[self._index].T
        share = _rise(-np.abs(x), -_WIDE[1], -_WIDE[0]) * _rise(y, _HIGH[0], _HIGH[1]) * _rise(-y, -_HIGH[3], -_HIGH[2])
        moved = np.flatnonzero(share > 0.02)
        away = sum(((c[moved, None] - c[None]) * np.float32(0.7071 / s)) ** 2 for c, s in zip((x, y), _SIGMA, strict=True))
        weight = np.exp(-away)
        even = weight @ (self._area * z) / (weight @ self._area)
        out = vertices.copy()
        out[self._index[moved], 2] += share[moved] * (even - z[moved])
        return out


def _rise(x: NDArray[np.float32], low: float, high: float) -> NDArray[np.float32]:
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))
