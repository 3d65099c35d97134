"""Move the hand: forward kinematics of finger joints and blended skinning (Magnenat-Thalmann et al. 1988)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegen.wear.hands.rig import BONES, Rig
from facegen.wear.shapes import unit

Array = NDArray[np.float64]
FIRST = BONES.index("finger1-1.L")
RIGHT = np.array([-1.0, 1.0, 1.0])


@dataclass(frozen=True)
class HandPose:
    """Degrees against rest. flex (5, 3): thumb first, from root to end, > 0 curls; spread (4,): fingers away from the middle one;
    oppose, adduct: the thumb's root before the palm, towards the index; forearm (3,): from wrist to elbow, hand frame."""

    flex: Array
    spread: Array = field(default_factory=lambda: np.zeros(4))
    oppose: float = 0.0
    adduct: float = 0.0
    forearm: Array = field(default_factory=lambda: np.array([0.0, -1.0, 0.0]))

    def bent(self, flex: Array) -> HandPose:
        """Return this pose with other bends."""
        return replace(self, flex=flex)


@dataclass(frozen=True)
class Body:
    """A rig at one sex and size: vertices (N, 3), heads and tails (B, 3), and the bending axis of each bone (B, 3)."""

    rig: Rig
    vertices: Array
    heads: Array
    tails: Array
    axes: Array
    homogeneous: Array
    """(N, 4): what blended matrices are applied to."""


@lru_cache(maxsize=8)
def body(rig_key: str, sex_value: float, size: float) -> Body:
    """Return the hand of a body; `rig_key` is that of the loaded rig (arrays cannot be hashed)."""
    from facegen.wear.hands.rig import load

    rig = load()
    if rig.key != rig_key:
        raise ValueError(f"hand rig '{rig_key}' is not the loaded one '{rig.key}'; load it again")
    vertices, heads, tails = (
        size * ((1 - sex_value) * a[0] + sex_value * a[1]).astype(np.float64) for a in (rig.vertices, rig.heads, rig.tails)
    )
    d = unit(tails - heads)
    axes = np.zeros((len(BONES), 3))
    for k in range(5):
        at = FIRST + 3 * k
        for j in range(3):
            axes[at + j] = unit(np.cross(d[at], d[at + 2])) if k == 0 else unit(np.cross(d[at + j], [0.0, 0.0, 1.0]))
    return Body(rig, vertices, heads, tails, axes, np.concatenate([vertices, np.ones((len(vertices), 1))], 1))


def turn(axis: Array, degrees: float) -> Array:
    """Return the rotation (3, 3) about a unit axis (Rodrigues)."""
    a = np.radians(degrees)
    x, y, z = axis
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + np.sin(a) * k + (1 - np.cos(a)) * (k @ k))


def between(a: Array, b: Array) -> Array:
    """Return the least rotation (3, 3) that takes unit vector a to b."""
    axis = np.cross(a, b)
    sine = np.linalg.norm(axis)
    if sine < 1e-9:
        return np.eye(3)
    return turn(axis / sine, float(np.degrees(np.arctan2(sine, a @ b))))


def moved(hand: Body, pose: HandPose) -> Array:
    """Return the vertices (N, 3) of the posed hand in the hand frame."""
    matrices = _matrices(hand, pose)
    blended = (hand.rig.weights @ matrices.reshape(len(BONES), 12)).reshape(-1, 3, 4)
    return np.einsum("nij,nj->ni", blended, hand.homogeneous)


def _matrices(hand: Body, pose: HandPose) -> Array:
    out = np.zeros((len(BONES), 3, 4))
    out[:, :, :3] = np.eye(3)
    arm = between(unit(hand.heads[0]), unit(np.asarray(pose.forearm, np.float64)))
    out[0, :, :3] = out[1, :, :3] = arm
    spread = {1: pose.spread[0], 2: pose.spread[1], 3: pose.spread[2], 4: pose.spread[3]}
    for k in range(5):
        at, total, shift = FIRST + 3 * k, np.eye(3), np.zeros(3)
        for j in range(3):
            local = turn(hand.axes[at + j], float(pose.flex[k, j]))
            if j == 0:
                root = (
                    turn(np.array([0.0, 1.0, 0.0]), pose.oppose) @ turn(np.array([0.0, 0.0, 1.0]), -pose.adduct)
                    if k == 0
                    else turn(np.array([0.0, 0.0, 1.0]), -float(spread[k]))
                )
                local = root @ local
            joint = hand.heads[at + j]
            shift = total @ (joint - local @ joint) + shift
            total = total @ local
            out[at + j, :, :3], out[at + j, :, 3] = total, shift
    return out
