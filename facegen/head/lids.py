"""The resting opening of the eyes: brings each neutral head's lid margins to where adults' lie, keeping a part of its own
difference.

The macro shapes and the local targets of the basis leave openings from 3 to 12 mm high; in every second east Asian head the fold
of the upper lid hangs over the pupil. Heights are measured as clinicians do, from the pupil's centre to the margins: the marginal
reflex distances. Published adult means: MRD1 4 to 5 mm, MRD2 about 5.5 mm, height of the fissure 10 to 11 mm, sd 1 (Farkas L.G.,
Anthropometry of the Head and Face, 1994, ps-pi; van den Bosch W.A., Leenders I., Mulder P., Br. J. Ophthalmol. 83:347-352, 1999,
who find a sag of the lower lid in old age, but no shift of the pupil's centre).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen.head.collide import F32, soft_floor

UPPER_REST_M, LOWER_REST_M = 0.0046, 0.0056
"""Mean height of the seen margins over and under the pupil's centre."""
UPPER_FOUND_M, LOWER_FOUND_M = 0.0030, 0.0048
"""The same before mending: means over 400 people of the prior."""
KEPT = 0.75
"""Share of a head's own difference that is kept: with LIMIT_M it brings the height's standard deviation from 2 to about 1 mm."""
LIMIT_M = 0.0012
"""No margin lies further than this from its mean: nobody rests with shut or staring eyes."""
HANG_M = 0.0003
"""How far the fold may hang below the lashes' line."""
UPPER_FADE_M, LOWER_FADE_M = 0.006, 0.007
PUPIL_HALF_M = 0.0025
WIDTH_REST_M, WIDTH_FOUND_M, WIDTH_LIMIT_M = 0.0256, 0.0236, 0.0022
"""Distance of the opening's corners, about 3 mm inside the skin points of calipers.json, which lie 28 to 29 mm apart across the
face (Farkas 1994, en-ex), and the prior's."""
WIDTH_FADE_M, WIDTH_ACROSS_M = 0.006, 0.010


class Fissure:
    """One eye's opening on a neutral head. Rows are vertex rows; `upper_rim, lower_rim` the margins, `body` the outer skin around
    them, `is_upper` which of it is the upper lid's, `lining` the skin behind, each row of it following a row of the margin."""

    def __init__(self, upper_rim: NDArray[np.int64], lower_rim: NDArray[np.int64], body: NDArray[np.int64],
                 is_upper: NDArray[np.bool_], lining: tuple[NDArray[np.int64], NDArray[np.bool_]]) -> None:  # fmt: skip
        self._rims = upper_rim, lower_rim
        self._skin = body[is_upper]
        behind, above = lining
        self._upper = np.concatenate([body[is_upper], behind[above]])
        self._lower = np.concatenate([body[~is_upper], behind[~above]])

    def wanted(self, vertices: F32, center: F32, radius: float) -> tuple[float, float]:
        """Return (MRD1, MRD2) in metres that suit this head; `center` (3,), `radius` of the eyeball."""
        upper, lower = (self.margin(vertices, center, radius, sign) for sign in (1.0, -1.0))
        own = (LIMIT_M * np.tanh(KEPT * difference / LIMIT_M) for difference in (upper - UPPER_FOUND_M, lower - LOWER_FOUND_M))
        return UPPER_REST_M + float(next(own)), LOWER_REST_M + float(next(own))

    def unfold(self, vertices: F32) -> None:
        """Widen the opening and lift the fold off it, in place."""
        self._widen(vertices)
        self._unfold(vertices, *self._corners(vertices))

    def open(self, vertices: F32, center: F32, radius: float, wanted: tuple[float, float]) -> None:
        """Move the margins to `wanted`, in place."""
        low, high = self._corners(vertices)
        for rows, sign, goal, fade in (
            (self._upper, 1.0, wanted[0], UPPER_FADE_M),
            (self._lower, -1.0, wanted[1], LOWER_FADE_M),
        ):
            now = self.margin(vertices, center, radius, sign)
            _shift(vertices, rows, low, high, float(center[1] + sign * now), sign * (goal - now), sign, fade)

    def _corners(self, vertices: F32) -> tuple[float, float]:
        corner = vertices[np.concatenate(self._rims), 0]
        return float(corner.min()), float(corner.max())

    def margin(self, vertices: F32, center: F32, radius: float, sign: float) -> float:
        """Return how far the seen edge of the upper (sign 1) or lower (-1) lid lies from the pupil's centre: MRD1, MRD2 (m)."""
        rows = self._upper if sign > 0 else self._lower
        near = vertices[rows]
        near = near[(np.abs(near[:, 0] - center[0]) < PUPIL_HALF_M) & (np.linalg.norm(near - center, axis=1) > radius)]
        return float((sign * (near[:, 1] - center[1])).min())

    def _widen(self, vertices: F32) -> None:
        """Stretch the opening sideways; the skin around it follows less and less."""
        rim = vertices[np.concatenate(self._rims)]
        low, high = self._corners(vertices)
        wanted = WIDTH_REST_M + WIDTH_LIMIT_M * np.tanh(KEPT * (high - low - WIDTH_FOUND_M) / WIDTH_LIMIT_M)
        rows = np.concatenate([self._upper, self._lower])
        p = vertices[rows]
        x = p[:, 0] - 0.5 * (low + high)
        beyond = np.maximum(np.abs(x) - 0.5 * (high - low), 0)
        fade = np.exp(-((beyond / WIDTH_FADE_M) ** 2) - ((p[:, 1] - rim[:, 1].mean()) / WIDTH_ACROSS_M) ** 2)
        inside = np.clip(x, 0.5 * (low - high), 0.5 * (high - low))
        vertices[rows, 0] += ((wanted / (high - low) - 1) * inside * fade).astype(np.float32)

    def _unfold(self, vertices: F32, low: float, high: float) -> None:
        """Lift skin of the upper lid that hangs below its margin; at the corners it may: the epicanthal fold."""
        rim = vertices[self._rims[0]]
        order = np.argsort(rim[:, 0], kind="stable")
        p = vertices[self._skin]
        floor = np.interp(p[:, 0], rim[order, 0], rim[order, 1]).astype(np.float32) - np.float32(HANG_M)
        share = _across(p[:, 0], low, high)
        vertices[self._skin, 1] += (soft_floor(p[:, 1], floor) - p[:, 1]) * np.sqrt(share)


def _across(x: F32, low: float, high: float) -> F32:
    """1 over the middle of the opening, 0 at its corners and beyond."""
    t = np.clip((x - 0.5 * (low + high)) / (0.5 * (high - low)), -1, 1)
    return np.asarray(1 - t * t, dtype=np.float32)


def _shift(vertices: F32, rows: NDArray[np.int64], low: float, high: float, edge: float, by: float, sign: float,
           fade: float) -> None:  # fmt: skip
    """Move the lid's edge by `by` along y, the skin beyond it less and less."""
    p = vertices[rows]
    away = np.maximum(sign * (p[:, 1] - np.float32(edge)), 0)
    vertices[rows, 1] += np.float32(by) * _across(p[:, 0], low, high) * np.exp(-((away / np.float32(fade)) ** 2))
