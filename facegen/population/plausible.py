"""Condition drawn morph axes on caliper distances, so that whole faces spread as people do.

Axes drawn one by one add up to jaws, noses and lids that nobody has. Here the distances that anthropometrists measure are drawn
from their published spread and correlations, and the axes are moved, along their own covariance, to where they give these
distances; what no caliper measures stays as drawn (Matheron's rule for a Gaussian given linear observations: Journel &
Huijbregts, Mining Geostatistics, 1978). The two sides of an axis are different sculptures, so that the response is linear in
pieces only: the rule is applied at the mean slopes, a few times, to what the bends of the response leave of the wish.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from facegen.resources import asset_json

F64 = NDArray[np.float64]
STEPS = 8
TABLE = "head/calipers.json"


@dataclass(frozen=True)
class Response:
    """Slopes (K, A), mm per unit, of the negative and the positive side of each axis; slack (K,) mm of each distance."""

    minus: F64
    plus: F64
    slack: F64

    @cached_property
    def mean(self) -> F64:
        """(K, A) mean of the two sides' slopes; 0 where both sides of an axis push a distance one way and cannot steer."""
        return np.where(self.minus * self.plus >= 0, 0.5 * (self.minus + self.plus), 0.0)

    def of(self, values: F64) -> F64:
        """Return (K,) mm at axes `values` (A,)."""
        return np.asarray(self.plus @ np.maximum(values, 0) + self.minus @ np.minimum(values, 0))

    def gain(self, sigma: F64) -> F64:
        """Return (A, K): the step of the axes for 1 mm missing of each distance that is the likeliest under sigma (A,)."""
        slopes = self.mean * sigma
        return np.asarray(sigma[:, None] * np.linalg.solve(slopes @ slopes.T + np.diag(self.slack**2), slopes).T)


@cache
def response(axes: tuple[str, ...]) -> Response:
    """Return the table's response of its calipers, in its order, to `axes`."""
    table = asset_json(TABLE)
    minus, plus = (
        np.array([[table["slopes"][axis][side].get(name, 0.0) for axis in axes] for name in table["calipers"]]) for side in "-+"
    )
    return Response(minus, plus, table["slack_sd"] * np.array([one["sd"] for one in table["calipers"].values()]))


def condition(drawn: F64, offset: F64, wanted: F64, limit: F64, answer: Response, gain: F64) -> F64:
    """Return the axes (A,) near `drawn` whose calipers lie `wanted` (K,) mm from those of the axes at `offset` (A,).

    `offset` is what everybody of this kind has on the axes already; |result| <= `limit` (A,).
    """
    values, start = drawn, answer.of(offset)
    for _ in range(STEPS):
        bend = answer.of(values + offset) - start - answer.mean @ values
        values = np.clip(drawn + gain @ (wanted - bend - answer.mean @ drawn), -limit, limit)
    return values


def distances(stream: np.random.Generator) -> F64:
    """Draw one person's deviations (K,) mm from the mean of their kind: correlated, truncated normals."""
    sd, factor, reach, spread = _spread()
    u = ndtr(factor @ stream.standard_normal(factor.shape[1]))
    below = ndtr(-reach)
    return np.asarray(spread * sd * ndtri(below + u * (1 - 2 * below)))


@cache
def _spread() -> tuple[F64, F64, float, float]:
    """Return sds (K,), loads on the common factors and on each caliper's own one (K, F + K), reach in drawn sds, spread."""
    table = asset_json(TABLE)
    loads = [one.get("loads", {}) for one in table["calipers"].values()]
    factors = sorted({name for one in loads for name in one})
    common = np.array([[one.get(name, 0.0) for name in factors] for one in loads])
    own = np.sqrt(1 - (common**2).sum(axis=1))
    sd = np.array([one["sd"] for one in table["calipers"].values()])
    return sd, np.hstack([common, np.diag(own)]), table["limit_sd"] / table["spread"], table["spread"]
