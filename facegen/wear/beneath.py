"""Beards under what is worn over the face: strands that would stand through cloth are pressed in beneath it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from facegen.scene import Surface

COVERS = ("mask", "veil", "balaclava", "balaclava_neck")
"""Surfaces that lie tight on a beard; a scarf or a hood is open enough for one."""
CENTER = np.array([0.0, -0.06, -0.045])
"""Within the mouth (head frame, m): jaw and cloth are seen whole from there."""
NEAR, ROOM = 0.08, 0.0012
"""Cloth within this angle (rad) lies over a strand, which is pressed this far (m) beneath it."""


def beneath(hair: Sequence[Surface], worn: Sequence[Surface]) -> tuple[Surface, ...]:
    """Return facial hair with what `worn` covers moved towards the mouth until it lies under the cloth."""
    covers = [s.positions for s in worn if s.name in COVERS]
    if not covers:
        return tuple(hair)
    cloth = np.concatenate(covers).astype(np.float64) - CENTER
    height = np.linalg.norm(cloth, axis=1)
    tree = cKDTree(cloth / height[:, None])
    return tuple(_pressed(s, tree, height) if len(s.positions) else s for s in hair)


def _pressed(surface: Surface, tree: cKDTree, height: np.ndarray) -> Surface:
    offset = surface.positions.astype(np.float64) - CENTER
    reach = np.linalg.norm(offset, axis=1)
    outer = reach > height.min() - ROOM
    way = offset[outer] / reach[outer, None]
    gap, near = tree.query(way, k=3, distance_upper_bound=NEAR)
    least = np.append(height, np.inf)[near].min(1)
    limit = np.where(np.isfinite(gap[:, 0]), least - ROOM, np.inf)
    moved = surface.positions.copy()
    moved[outer] = CENTER + way * np.minimum(reach[outer], limit)[:, None]
    return replace(surface, positions=moved.astype(np.float32), key=None)
