"""Where a hand meets what it touches: clearance over the head, over held things, and fingers that close until they touch.

Fingers close joint by joint from the root, each until something is met, as grasp planners do it (Miller & Allen, GraspIt!, IEEE
Robotics & Automation Magazine 11(4), 2004).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from facegen.wear.hands.pose import Array, Body, HandPose, moved
from facegen.wear.shapes import unit

CELL = 0.0025
NOWHERE = -1.0
STEPS, HALVINGS = 5, 3
TOUCH = 0.0004
"""Fingers stop this far (m) from what they touch."""

Clearance = Callable[[Array], Array]
"""Points (N, 3) in the hand frame -> how far (m) each lies outside of what is touched."""


@dataclass(frozen=True)
class Relief:
    """The outermost height of points seen along `out` (3,): `value` over cells of the plane of `right` and `up` from `origin`."""

    out: Array
    right: Array
    up: Array
    origin: Array
    value: NDArray[np.float64]

    def above(self, points: Array) -> Array:
        """Return how far (m) points (N, 3), head frame, lie outside along `out`; large beside the head."""
        row, col = (
            ((points @ axis - start) / CELL).astype(int)
            for axis, start in ((self.right, self.origin[0]), (self.up, self.origin[1]))
        )
        rows, cols = self.value.shape
        inside = (row >= 0) & (row < rows) & (col >= 0) & (col < cols)
        floor = np.full(len(points), NOWHERE)
        floor[inside] = self.value[row[inside], col[inside]]
        return np.asarray(points @ self.out - floor)


def relief(points: Array, out: Array) -> Relief:
    """Return the Relief of points (N, 3) seen from `out`, widened by a cell so that nothing stands out between the points."""
    out = unit(np.asarray(out, np.float64))
    right = unit(np.cross([0.0, 1.0, 0.0] if abs(out[1]) < 0.9 else [1.0, 0.0, 0.0], out))
    up = np.cross(out, right)
    a, b, height = points @ right, points @ up, points @ out
    origin = np.array([a.min(), b.min()]) - 2 * CELL
    row, col = ((a - origin[0]) / CELL).astype(int), ((b - origin[1]) / CELL).astype(int)
    value = np.full((row.max() + 3, col.max() + 3), NOWHERE)
    np.maximum.at(value, (row, col), height)
    # Where points lie apart (the crown) holes are closed; the outline stays.
    return Relief(out, right, up, origin, ndimage.grey_closing(ndimage.maximum_filter(value, 3), 7))


def cylinder(center: Array, axis: Array, radius: float) -> Clearance:
    """Return the clearance round an endless rod."""
    axis = unit(np.asarray(axis, np.float64))

    def clearance(points: Array) -> Array:
        off = points - center
        return np.asarray(np.linalg.norm(off - (off @ axis)[:, None] * axis, axis=1) - radius)

    return clearance


def box(center: Array, axes: Array, half: Array) -> Clearance:
    """Return the clearance round a box: rows of `axes` (3, 3) are its sides, `half` (3,) their half lengths."""

    def clearance(points: Array) -> Array:
        off = np.abs((points - center) @ axes.T) - half
        return np.asarray(np.linalg.norm(np.maximum(off, 0), axis=1) + np.minimum(off.max(1), 0))

    return clearance


def close(hand: Body, pose: HandPose, limit: Array, clearance: Clearance, fingers: tuple[int, ...] = (0, 1, 2, 3, 4)) -> HandPose:
    """Return `pose` with `fingers` bent on towards `limit` (5, 3) degrees until they touch."""
    flex = np.array(pose.flex, np.float64)
    mine = [np.flatnonzero(hand.rig.finger == k) for k in range(5)]
    for joint in range(3):
        low, high = np.zeros(5), np.zeros(5)
        span = limit[:, joint] - flex[:, joint]
        going = np.array([k in fingers and abs(span[k]) > 1e-6 for k in range(5)])

        def free(share: Array, joint: int = joint, span: Array = span) -> Array:
            trial = flex.copy()
            trial[:, joint] += span * share
            gap = clearance(moved(hand, pose.bent(trial)))
            return np.array([gap[m].min() for m in mine]) >= TOUCH

        open_ = going.copy()
        for step in range(1, STEPS + 1):
            share = np.where(open_, step / STEPS, low)
            ok = free(share)
            high = np.where(open_ & ~ok, step / STEPS, high)
            low = np.where(open_ & ok, step / STEPS, low)
            open_ &= ok
            if not open_.any():
                break
        high = np.where(high > 0, high, low)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            ok = free(middle)
            low, high = np.where(ok, middle, low), np.where(ok, high, middle)
        flex[:, joint] += np.where(going, span * low, 0.0)
    return pose.bent(flex)
