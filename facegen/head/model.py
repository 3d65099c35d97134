"""HeadModel: an identity and a sitting give a neutral head, an expression and a gaze pose it. Pure float32 numpy."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from facegen.errors import SpecError, did_you_mean
from facegen.geometry.rotations import euler_to_matrix
from facegen.head import basis as compiled
from facegen.head import growth
from facegen.head.glabella import Glabella
from facegen.head.guards import Guards
from facegen.head.topology import Part, Topology
from facegen.resources import asset
from facegen.sample import Expression, Gaze, Identity, Sitting

__all__ = ["HeadModel", "HeadShape", "Part", "PosedHead", "Topology"]

EYEBALL = 0.94
"""Eyeball radius against the basis' helper eye, whose front bulges through the lower lid."""

PARTING = ("jawOpen", "mouthUpperUpLeft", "mouthUpperUpRight", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthFunnel",
           "tongueOut")  # fmt: skip
PARTED = 0.1


@dataclass(frozen=True)
class HeadShape:
    """The neutral head of one sitting, head frame, metres: vertices (V, 3) float32, eye_centers (2, 3), eye_radius
    (2,), right first; size: the factor by which facial actions scale."""

    vertices: NDArray[np.float32]
    eye_centers: NDArray[np.float32]
    eye_radius: NDArray[np.float32]
    size: float


@dataclass(frozen=True)
class PosedHead:
    """vertices, normals (V, 3) float32 in the head frame (m); eye_centers (2, 3), eye_radius (2,) right then left;
    eye_rotation (2, 3, 3): eye frame (Z the optical axis) to head frame."""

    vertices: NDArray[np.float32]
    normals: NDArray[np.float32]
    eye_centers: NDArray[np.float32]
    eye_radius: NDArray[np.float32]
    eye_rotation: NDArray[np.float32]


class HeadModel:
    """The compiled head. `load()` builds it once per machine; everything else is deterministic arithmetic."""

    def __init__(self, basis: compiled.Basis) -> None:
        self.topology: Topology = basis.topology
        self.axes: tuple[str, ...] = (*basis.axes, growth.SIZE_AXIS)
        self.asym_axes: tuple[str, ...] = tuple(basis.asym_axes)
        self.actions: tuple[str, ...] = tuple(basis.actions)
        self.key: str = hashlib.sha256(basis.key.encode() + _asset_bytes()).hexdigest()[:32]
        self._basis = basis
        self._number = {name: i for i, name in enumerate(basis.columns)}
        eyes = basis.base[basis.eye_index]
        centers = eyes.mean(axis=1)
        jaw = basis.targets[:, basis.actions["jawOpen"]].toarray().reshape(-1, 3)
        self.guards = Guards(basis.topology, np.asarray(basis.smooth @ basis.base), np.asarray(basis.smooth @ jaw), centers,
                             np.linalg.norm(eyes - centers[:, None], axis=2).mean(axis=1) * EYEBALL)  # fmt: skip
        self._glabella = Glabella(basis.topology, np.asarray(basis.smooth @ basis.base), centers.mean(axis=0))
        self._normals = _NormalRule(basis.topology)
        self._last: tuple[Identity, Sitting, HeadShape] | None = None

    @classmethod
    def load(cls, cache_dir: Path | None = None) -> HeadModel:
        """Load the compiled head, building it when this content was never built (seconds); MachineError without anny."""
        return cls(compiled.load(cache_dir))

    def shape(self, identity: Identity, sitting: Sitting) -> HeadShape:
        """Return the neutral head of an identity at a sitting's age and body fat, eyes' midpoint at the origin.

        The last one is kept, for skin and hair ask for it too: samples are frozen, and nobody writes into a HeadShape.
        """
        if self._last is None or self._last[0] is not identity or self._last[1] is not sitting:
            self._last = (identity, sitting, self._shape(identity, sitting))
        return self._last[2]

    def _shape(self, identity: Identity, sitting: Sitting) -> HeadShape:
        weights = np.zeros(len(self._basis.columns), dtype=np.float32)
        for name, value in growth.macro_weights(identity, sitting).items():
            weights[self._number[name]] += value
        local = growth.local_weights(identity, sitting)
        self._add(weights, local, self._basis.axes, "shape axis")
        self._add(weights, identity.asymmetry, self._basis.asym_axes, "asymmetry axis")
        cage = self._basis.base + (self._basis.targets @ weights).reshape(-1, 3)
        eyes = cage[self._basis.eye_index]
        scale = np.float32(growth.head_scale(identity))
        centers = eyes.mean(axis=1)
        radius = np.linalg.norm(eyes - centers[:, None], axis=2).mean(axis=1) * scale * np.float32(EYEBALL)
        cage, centers = cage * scale, centers * scale
        vertices = np.asarray(self._basis.smooth @ cage)
        centers = self.guards.seat_eyes(vertices, centers, radius)
        middle = centers.mean(axis=0)
        vertices, centers = vertices - middle, centers - middle
        vertices = self.guards.rest(self._glabella.evened(vertices), centers, radius)
        return HeadShape(vertices, centers, radius, float(scale))

    def base_vertices(self) -> NDArray[np.float32]:
        """Return (V, 3) m, the symmetric base mesh in its own frame: a place to compare points of different people on."""
        return np.asarray(self._basis.smooth @ self._basis.base)

    def pose(self, shape: HeadShape, expression: Expression, gaze: Gaze) -> PosedHead:
        """Return the head under facial actions and gaze; lids, lips and teeth kept apart."""
        weights, closed = self._action_weights(expression, gaze), _closed(expression.weights)
        vertices = shape.vertices
        if weights.any():
            moved = (self._basis.targets @ (weights * np.float32(shape.size))).reshape(-1, 3)
            vertices = self.guards.apply(vertices + self._basis.smooth @ moved, shape.eye_centers, shape.eye_radius, closed,
                                         _shut(expression.weights))  # fmt: skip
        else:
            vertices = vertices.copy()
        self.guards.seat_teeth(vertices, closed, expression.weights.get("jawOpen", 0.0))
        self.guards.hide_teeth(vertices, closed)
        turns = [gaze_rotation(eye) for eye in eye_gazes(gaze, shape.eye_centers)]
        return PosedHead(vertices, self._normals.of(vertices), shape.eye_centers, shape.eye_radius,
                         np.stack(turns).astype(np.float32))  # fmt: skip

    def _action_weights(self, expression: Expression, gaze: Gaze) -> NDArray[np.float32]:
        weights = np.zeros(len(self._basis.columns), dtype=np.float32)
        total = dict(growth.gaze_actions(gaze))
        for name, value in expression.weights.items():
            if name not in self._basis.actions:
                raise SpecError(f"facial action {did_you_mean(name, self.actions)}")
            total[name] = total.get(name, 0.0) + value
        for name, value in total.items():
            weights[self._basis.actions[name]] = value
        return weights

    def _add(self, weights, values, axes, what):  # type: ignore[no-untyped-def]
        for name, value in values.items():
            if name not in axes:
                raise SpecError(f"{what} {did_you_mean(name, axes)}")
            minus, plus = axes[name]
            side = plus if value >= 0 or not minus else minus
            for column in side:
                weights[column] += abs(value) if side is minus else value


def _closed(weights: dict[str, float]) -> float:
    """How far the mouth is meant to be shut: 1 without any parting action, 0 once they sum to PARTED."""
    return max(0.0, 1.0 - sum(weights.get(name, 0.0) for name in PARTING) / PARTED)


def _shut(weights: dict[str, float]) -> tuple[float, float]:
    """Share of what the blink action leaves open that is shut too (right, left): lids meet at full weight on every face."""
    right, left = (min(max(weights.get(f"eyeBlink{side}", 0.0), 0.0), 1.0) ** 2 for side in ("Right", "Left"))
    return right, left


class _NormalRule:
    """Area-weighted vertex normals as one sparse product, a third of the time of scattered sums."""

    def __init__(self, topology: Topology) -> None:
        self._corners = np.ascontiguousarray(topology.triangles.T)
        count = len(topology.ao)
        flat, owner = topology.triangles.ravel(), np.repeat(np.arange(len(topology.triangles)), 3)
        ones = np.ones(len(flat), np.float32)
        self._gather = sp.csr_matrix((ones, (flat, owner)), shape=(count, len(topology.triangles)))

    def of(self, vertices: NDArray[np.float32]) -> NDArray[np.float32]:
        rows = np.ascontiguousarray(vertices.T)
        a, b, c = (rows.take(column, axis=1) for column in self._corners)
        u, v = b - a, c - a
        face = np.empty((u.shape[1], 3), dtype=np.float32)
        for k, (m, n) in enumerate(((1, 2), (2, 0), (0, 1))):
            face[:, k] = u[m] * v[n] - u[n] * v[m]
        normal = self._gather @ face
        length = np.sqrt(np.einsum("ij,ij->i", normal, normal))
        return np.asarray(normal / np.maximum(length, np.float32(1e-20))[:, None], dtype=np.float32)


def eye_gazes(gaze: Gaze, centers: NDArray[np.float32]) -> list[Gaze]:
    """Return the direction of each eye: both meet in the point that lies `distance_m` from the origin along the gaze."""
    target = gaze_rotation(gaze)[:, 2] * gaze.distance_m
    out = []
    for center in np.asarray(centers, dtype=np.float64):
        x, y, z = target - center
        out.append(Gaze(yaw_deg=math.degrees(math.atan2(x, z)), pitch_deg=math.degrees(math.atan2(-y, math.hypot(x, z)))))
    return out


def gaze_rotation(gaze: Gaze) -> NDArray[np.float64]:
    """R = Ry(yaw) Rx(pitch): yaw > 0 to the person's own left, pitch > 0 down."""
    return euler_to_matrix(gaze.yaw_deg, gaze.pitch_deg, 0.0)


def _asset_bytes() -> bytes:
    return b"".join(asset(f"head/{name}.json").read_bytes() for name in ("ancestry", "ageing"))
