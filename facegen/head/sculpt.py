"""Targets of our own beside the basis' ones: smooth fields over base.obj for directions in which its sculptures cannot go.

The female macro shape's eyes lie deep beneath the brow, its lower face is as broad as the male one's and its cheek is flat.
Fields are products of soft steps, so that no crease appears. Names follow head/axes.py; a single side makes a signed axis.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

EYE = (0.0315, 0.7280)
"""x, y (m) of the eyes on base.obj."""
EYE_HALF_M = (0.0180, 0.0135, 0.0215)
"""Reach of the field sideways, up and down: below, it runs out into the cheek."""
EYE_FORWARD_M = 0.006
JAW_Y = ((0.575, 0.0), (0.600, 0.6), (0.622, 1.0), (0.640, 0.8), (0.662, 0.45), (0.700, 0.0))
"""How much of the taper each height (m) takes: all at the chin, none at the cheekbones and down on the neck."""
JAW_TAPER = 0.20
CHEEK = (0.0400, 0.7010)
CHEEK_SPREAD_M = (0.0160, 0.0140)
CHEEK_WAY_M = (0.0014, 0.0004, 0.0040)
JOWL, JOWL_SPREAD_M, JOWL_WAY_M = (0.0450, 0.6470), (0.0130, 0.0140), (0.0030, -0.0040, 0.0020)
SULCUS, SULCUS_SPREAD_M, SULCUS_M = (0.0270, 0.6370), (0.0070, 0.0090), 0.0012
"""The jowl, and the hollow between it and the chin."""
TROUGH = ((0.0170, 0.7170), (0.0235, 0.7105), (0.0320, 0.7085))
TROUGH_WIDE_M, TROUGH_DEEP_M = 0.0055, 0.0022
"""The tear trough along the lower orbital rim, from the inner corner outwards."""


def fields(base: F64) -> dict[str, F64]:
    """Return {target: displacements (C, 3) m} at full strength of the points `base` (C, 3) m.

    eye-set-forward: eyes, lids and sockets come 6 mm forward between a brow and a nose that stay. jaw-taper: the outline narrows
    from the cheekbones to the chin. cheek-apple: the front of the cheek fills. cheek-jowl: flesh hangs over the jaw's edge beside
    a hollow. eye-trough: the skin sinks along the lower orbital rim, towards the nose.
    """
    return {
        "eye-set-forward": _eye_set(base),
        "jaw-taper": _jaw_taper(base),
        "cheek-apple": _cheek_apple(base),
        "cheek-jowl": _jowl(base),
        "eye-trough": _trough(base),
    }


def step(x: F64, low: float, high: float) -> F64:
    """0 below `low`, 1 above `high` (or the other way round when low > high), smooth between."""
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3 - 2 * t))


def _eye_set(base: F64) -> F64:
    up = base[:, 1] - EYE[1]
    away = np.hypot((np.abs(base[:, 0]) - EYE[0]) / EYE_HALF_M[0], up / np.where(up > 0, EYE_HALF_M[1], EYE_HALF_M[2]))
    out = np.zeros_like(base)
    out[:, 2] = EYE_FORWARD_M * step(away, 1.55, 0.6) * (base[:, 2] > 0.09)
    return out


def _jaw_taper(base: F64) -> F64:
    side = np.abs(base[:, 0])
    share = np.interp(base[:, 1], *zip(*JAW_Y, strict=True)) * step(base[:, 2], 0.015, 0.055)
    out = np.zeros_like(base)
    out[:, 0] = -JAW_TAPER * base[:, 0] * share * step(side, 0.012, 0.034)
    return out


def _cheek_apple(base: F64) -> F64:
    side = (np.abs(base[:, 0]) - CHEEK[0]) / CHEEK_SPREAD_M[0]
    amount = np.exp(-(side**2) - ((base[:, 1] - CHEEK[1]) / CHEEK_SPREAD_M[1]) ** 2) * step(base[:, 2], 0.075, 0.105)
    return np.asarray(amount[:, None] * np.array(CHEEK_WAY_M) * np.stack([np.sign(base[:, 0]), *np.ones((2, len(base)))], axis=1))


def _jowl(base: F64) -> F64:
    front = step(base[:, 2], 0.030, 0.065)
    bulge, hollow = (
        np.exp(-(((np.abs(base[:, 0]) - x) / wide) ** 2) - ((base[:, 1] - y) / tall) ** 2) * front
        for (x, y), (wide, tall) in ((JOWL, JOWL_SPREAD_M), (SULCUS, SULCUS_SPREAD_M))
    )
    mirror = np.stack([np.sign(base[:, 0]), *np.ones((2, len(base)))], axis=1)
    return np.asarray(bulge[:, None] * np.array(JOWL_WAY_M) * mirror - hollow[:, None] * np.array([0.0, 0.0, SULCUS_M]))


def _trough(base: F64) -> F64:
    """Nearest point of a short chain of segments says how deep; ends fade with distance."""
    side, up = np.abs(base[:, 0]), base[:, 1]
    away = np.full(len(base), 1.0)
    for (x0, y0), (x1, y1) in zip(TROUGH[:-1], TROUGH[1:], strict=True):
        along = np.array([x1 - x0, y1 - y0])
        t = np.clip(((side - x0) * along[0] + (up - y0) * along[1]) / (along @ along), 0.0, 1.0)
        away = np.minimum(away, np.hypot(side - x0 - t * along[0], up - y0 - t * along[1]))
    out = np.zeros_like(base)
    out[:, 2] = -TROUGH_DEEP_M * np.exp(-((away / TROUGH_WIDE_M) ** 2)) * step(base[:, 2], 0.095, 0.115)
    out[:, 2] *= 1 - 0.5 * step(side, TROUGH[1][0], TROUGH[2][0])
    return out
