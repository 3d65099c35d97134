"""Distributions that can draw and state their density, and the sequence that spreads draws evenly.

Every distribution draws by its inverse distribution function, so that a low-discrepancy or a pseudo-random number in [0, 1)
serves alike. `spread` is the one-dimensional scrambled Sobol sequence: the first 2**m points fall one into each of 2**m
equal parts, in an order that the seed decides.
"""

from __future__ import annotations

import hashlib
import json
import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from typing import Any, Protocol

import numpy as np
from scipy.special import ndtr, ndtri

from facegen.spec.names import ANY
from facegen.spec.values import Categorical, Numeric

_MASK = 0xFFFFFFFF

Even = Callable[[str], float]
"""The even spread of a named factor over an identity's shots: [0, 1)."""


class Distribution(Protocol):
    """A real-valued distribution on `support`; `density` is a probability mass where `discrete`."""

    @property
    def discrete(self) -> bool: ...
    def ppf(self, u: float) -> float: ...
    def cdf(self, x: float) -> float: ...
    def density(self, x: float) -> float: ...
    @property
    def support(self) -> tuple[float, float]: ...


@dataclass(frozen=True)
class Grid:
    """Equal shares on the listed points, visited in the listed order; one point is a fixed value."""

    points: tuple[float, ...]
    discrete: bool = True

    def ppf(self, u: float) -> float:
        return self.points[min(int(u * len(self.points)), len(self.points) - 1)]

    def cdf(self, x: float) -> float:
        return sum(p <= x for p in self.points) / len(self.points)

    def density(self, x: float) -> float:
        return self.points.count(x) / len(self.points)

    @property
    def support(self) -> tuple[float, float]:
        return min(self.points), max(self.points)


@dataclass(frozen=True)
class Uniform:
    low: float
    high: float
    discrete: bool = False

    def ppf(self, u: float) -> float:
        return self.low + u * (self.high - self.low)

    def cdf(self, x: float) -> float:
        return min(max((x - self.low) / (self.high - self.low), 0.0), 1.0)

    def density(self, x: float) -> float:
        return 1.0 / (self.high - self.low) if self.low <= x <= self.high else 0.0

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high


@dataclass(frozen=True)
class TruncatedNormal:
    """Normal of `mean` and `sd` (of the untruncated law), conditioned on low..high."""

    mean: float
    sd: float
    low: float
    high: float
    discrete: bool = False

    def _mass(self) -> tuple[float, float]:
        a, b = ndtr((self.low - self.mean) / self.sd), ndtr((self.high - self.mean) / self.sd)
        return float(a), float(b - a)

    def ppf(self, u: float) -> float:
        below, mass = self._mass()
        return min(max(self.mean + self.sd * float(ndtri(below + u * mass)), self.low), self.high)

    def cdf(self, x: float) -> float:
        below, mass = self._mass()
        return min(max((float(ndtr((x - self.mean) / self.sd)) - below) / mass, 0.0), 1.0)

    def density(self, x: float) -> float:
        if not self.low <= x <= self.high:
            return 0.0
        z = (x - self.mean) / self.sd
        return math.exp(-z * z / 2) / (math.sqrt(2 * math.pi) * self.sd * self._mass()[1])

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high


@dataclass(frozen=True)
class TruncatedLogNormal:
    """exp of a normal with mean ln(median) and sd `sigma`, conditioned on low..high."""

    median: float
    sigma: float
    low: float
    high: float
    discrete: bool = False

    def _log(self) -> TruncatedNormal:
        return TruncatedNormal(math.log(self.median), self.sigma, math.log(self.low), math.log(self.high))

    def ppf(self, u: float) -> float:
        return min(max(math.exp(self._log().ppf(u)), self.low), self.high)

    def cdf(self, x: float) -> float:
        return self._log().cdf(math.log(x)) if x > 0 else 0.0

    def density(self, x: float) -> float:
        return self._log().density(math.log(x)) / x if x > 0 else 0.0

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high


@dataclass(frozen=True)
class Categories:
    """Named categories with probabilities that sum to 1."""

    names: tuple[str, ...]
    probabilities: tuple[float, ...]

    @classmethod
    def of(cls, shares: dict[str, float]) -> Categories:
        """Return the categories of `shares`; raises ValueError when these do not sum to 1 (within 1e-6)."""
        total = math.fsum(shares.values())
        if abs(total - 1.0) > 1e-6 or min(shares.values()) < 0:
            raise ValueError(f"shares {shares} sum to {total:g}; make them sum to 1")
        return cls(tuple(shares), tuple(share / total for share in shares.values()))

    @classmethod
    def proportional(cls, weights: dict[str, float]) -> Categories:
        """Return the categories of non-negative `weights`, divided by their sum; without those of weight 0."""
        kept = {name: weight for name, weight in weights.items() if weight > 0}
        total = math.fsum(kept.values())
        return cls(tuple(kept), tuple(weight / total for weight in kept.values()))

    def pick(self, u: float) -> str:
        """Return the category at `u` in [0, 1) of the cumulative shares."""
        edges = list(accumulate(self.probabilities))
        return self.names[min(bisect_right(edges, u), len(self.names) - 1)]

    def probability(self, name: str) -> float:
        return self.probabilities[self.names.index(name)] if name in self.names else 0.0


def of(declared: Any) -> Distribution:
    """Return the distribution that a spec or an asset declares: a Numeric, or what a Numeric is written as."""
    return _made(json.dumps(declared.root if isinstance(declared, Numeric) else declared))


def number(declared: Any, u: float) -> float:
    """Return the value of a declared distribution at `u`, to four digits: what a SampleSpec holds."""
    return round(of(declared).ppf(u), 4)


def choice(declared: Categorical, default: dict[str, float]) -> Categories:
    """Return the declared categories, or those of the asset where the spec says `any`."""
    return Categories.proportional(default if declared.names == (ANY,) else declared.root)


@lru_cache(maxsize=1024)
def _made(text: str) -> Distribution:
    numeric = Numeric(json.loads(text))
    body = numeric.body
    if numeric.kind == "fixed":
        return Grid((body,))
    if numeric.kind == "grid":
        return Grid(tuple(body))
    if numeric.kind == "uniform":
        return Uniform(*body)
    if numeric.kind == "normal":
        return TruncatedNormal(body["mean"], body["sd"], body["min"], body["max"])
    return TruncatedLogNormal(body["median"], body["sigma"], body["min"], body["max"])


def spread(index: int, seed: int) -> float:
    """Return point `index` of a scrambled one-dimensional Sobol sequence in [0, 1); `seed` (32 bits) decides the scrambling.

    Owen's nested uniform scrambling of the base-2 radical inverse, by the hash of Laine & Karras 2011 with the constants
    of Burley 2020 (Practical Hash-based Owen Scrambling, JCGT 9(4)).
    """
    x = (index + seed) & _MASK
    for factor in (0x6C50B47C, 0xB82F1E52, 0xC7AFE638, 0x8D22F6E6):
        x ^= (x * factor) & _MASK
    return _reversed(x) / 2.0**32


def scramble(name: str, *ids: int, seed: int) -> int:
    """Return the scrambling of the sequence `name` of the entity `ids`: 32 bits of a hash, the same on every machine."""
    text = "/".join([name, *map(str, ids), str(seed)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "little")


def _reversed(x: int) -> int:
    return int(f"{x:032b}"[::-1], 2)


@cache
def correlated(names: tuple[str, ...], pairs: tuple[tuple[str, str, float], ...]) -> np.ndarray:
    """Return a lower factor (n, n) of the correlation matrix of `names` with the given pairs; others are uncorrelated.

    Where the pairs contradict each other the matrix is moved to a near positive definite one by clipping its eigenvalues at 0.01
    and scaling the diagonal back to 1.
    """
    matrix = np.eye(len(names))
    place = {name: i for i, name in enumerate(names)}
    for a, b, r in pairs:
        if a in place and b in place and a != b:
            matrix[place[a], place[b]] = matrix[place[b], place[a]] = r
    values, vectors = np.linalg.eigh(matrix)
    if values[0] < 0.01:
        matrix = (vectors * np.maximum(values, 0.01)) @ vectors.T
        scale = 1 / np.sqrt(np.diag(matrix))
        matrix = matrix * scale[:, None] * scale[None, :]
    factor = np.linalg.cholesky(matrix)
    factor.flags.writeable = False
    return factor
