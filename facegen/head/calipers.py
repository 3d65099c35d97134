"""Caliper distances of a head: differences of mesh points along one axis, so that they follow the morph axes almost linearly."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from facegen.head import basis
from facegen.head.topology import Topology
from facegen.resources import asset_json

MM = 1000.0


class Calipers:
    """The distances declared in assets/head/calipers.json, bound to one topology; `names` gives their order."""

    def __init__(self, topology: Topology) -> None:
        table: dict[str, Any] = asset_json("head/calipers.json")["calipers"]
        row = {int(base): k for k, base in enumerate(topology.base_ids) if base >= 0}
        self.names: tuple[str, ...] = tuple(table)
        self._axis = np.array(["xyz".index(one["axis"]) for one in table.values()])
        weights = sp.lil_matrix((len(table), len(topology.ao)), dtype=np.float64)
        for k, one in enumerate(table.values()):
            for side, sign in (("plus", 1.0), ("minus", -1.0)):
                for base in one[side]:
                    weights[k, row[base]] += sign / len(one[side])
        self._weights = weights.tocsr()

    def measure(self, vertices: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return (K,) millimetres of `vertices` (V, 3) m in the head frame."""
        return np.asarray((self._weights @ vertices)[np.arange(len(self.names)), self._axis]) * MM


@cache
def table() -> Calipers:
    """Return the calipers bound to the compiled head of this machine."""
    return Calipers(basis.load().topology)
