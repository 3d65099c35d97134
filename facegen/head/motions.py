"""What the basis' facial actions lack of people's range of motion: gains on its sculptures and smooth fields of our own.

Measured at full weight on 40 heads of the prior, the sculptures' brows rise 3.5 mm, a pucker takes 14% off the mouth's width and
pressed lips move their corners out and up, as a smile does, which made every anger smile. People's brows rise 5 to 9 mm, a pucker
takes 20 to 30% off, and the corner of a smiling mouth goes 7 to 22 mm (Paletz, Manktelow & Chaban, Plast. Reconstr. Surg. 93(4),
1994); ranges without a source are ours, and so are the amplitudes below. tests/head/test_motions.py holds them.

Fields are products of soft windows over base.obj (m, +Y up, +Z out of the face), so that no crease appears; teeth, tongue and
eyes never follow them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from facegen.head.sculpt import step

F64 = NDArray[np.float64]

GAINS = {
    "browInnerUp": 1.6, "browOuterUp": 1.8, "mouthFrown": 1.5, "mouthUpperUp": 1.3, "mouthLowerDown": 1.3, "mouthPress": 0.3,
}  # fmt: skip
"""Factors on sculptures that go the right way; names without their side."""

LINE_Y = 0.6615
"""Height (m) of the lips' contact on base.obj, whose corners lie 25 mm to either side."""
LOWER_SHARE = 0.25
"""A point that drops by more than this share of the jaw's most belongs to the lower lip, chin or jaw."""

NARROW = 0.215
PURSE_FULL, PURSE_M = 0.35, 0.0008
PRESS_THIN, PRESS_BACK_M = 0.42, 0.0012
POUT_UP_M, POUT_FORWARD_M, CHIN_UP_M = 0.0020, 0.0020, 0.0030
SNEER_UP_M, APPLE_UP_M, APPLE_FORWARD_M = 0.0026, 0.0026, 0.0024
PUFF_M = 0.0055


def reaching(columns: Mapping[str, F64], base: F64, moving: NDArray[np.bool_]) -> dict[str, F64]:
    """Return `columns` (name -> offsets (3C,) m over the cage `base` (C, 3)) with actions that reach as far as people's do.

    `moving` (C,) is False on teeth, tongue and eyeballs.
    """
    jaw = columns["action:jawOpen"].reshape(-1, 3)[:, 1]
    lower = jaw < LOWER_SHARE * jaw.min()
    out = dict(columns)
    for name, column in columns.items():
        kind, _, action = name.partition(":")
        if kind != "action":
            continue
        stem = action.removesuffix("Left").removesuffix("Right")
        moved = GAINS.get(stem, 1.0) * column.reshape(-1, 3)
        if stem in FIELDS:
            own = FIELDS[stem](base, lower)
            if stem != action:
                own = own * _half(base, 1.0 if action.endswith("Left") else -1.0)[:, None]
            moved = moved + own * moving[:, None]
        out[name] = moved.reshape(-1)
    return out


def _half(base: F64, sign: float) -> F64:
    """The person's left (`sign` 1) or right half of the face, parted softly at the middle."""
    return step(sign * base[:, 0], -0.006, 0.006)


def _spot(base: F64, x: float, y: float, reach: tuple[float, float], front: float = 0.085) -> F64:
    """A soft spot on both sides at |x|, y, of standard deviations `reach` times the root of two, in front of z = `front`."""
    away = ((np.abs(base[:, 0]) - x) / reach[0]) ** 2 + ((base[:, 1] - y) / reach[1]) ** 2
    return np.asarray(np.exp(-away) * step(base[:, 2], front, front + 0.03))


def _round_lips(base: F64, across: float, high: float) -> F64:
    """1 on the lips, fading to 0 at 1.35 times `across` and `high` (m) from their middle."""
    r = np.hypot(base[:, 0] / across, (base[:, 1] - LINE_Y) / high)
    return step(r, 1.35, 0.35) * step(base[:, 2], 0.085, 0.125)


def _away(x: F64 | float, y: F64 | float, z: F64 | float, like: F64) -> F64:
    return np.stack([np.broadcast_to(v, len(like)).astype(float) for v in (x, y, z)], axis=1)


def _vermilion(base: F64) -> F64:
    """1 within 6 mm over and under the contact line, 0 from 14 mm and beyond the corners."""
    dy = np.abs(base[:, 1] - LINE_Y)
    return step(dy, 0.014, 0.006) * step(np.abs(base[:, 0]), 0.030, 0.012) * step(base[:, 2], 0.110, 0.135)


def _pucker(base: F64, lower: NDArray[np.bool_]) -> F64:
    """Corners draw in, the middle of both lips rolls out and stands higher (orbicularis oris, AU18)."""
    middle = _vermilion(base) * step(np.abs(base[:, 0]), 0.022, 0.002)
    rise = PURSE_FULL * (base[:, 1] - LINE_Y) + PURSE_M * np.where(lower, -1.0, 1.0)
    return _away(-NARROW * base[:, 0] * _round_lips(base, 0.036, 0.026), rise * middle, 0.0, base)


def _press(base: F64, _: NDArray[np.bool_]) -> F64:
    """Lips grow thin against each other and the teeth (AU24)."""
    on = _vermilion(base)
    return _away(0.0, -PRESS_THIN * (base[:, 1] - LINE_Y) * on, -PRESS_BACK_M * on, base)


def _chin_raise(base: F64, lower: NDArray[np.bool_]) -> F64:
    """The mentalis lifts chin and lips' middle, the lower lip comes forward (AU17)."""
    chin = _spot(base, 0.0, 0.634, (0.018, 0.012))
    lips = _spot(base, 0.0, LINE_Y - 0.003, (0.016, 0.009), 0.11)
    return _away(0.0, CHIN_UP_M * chin + POUT_UP_M * lips, POUT_FORWARD_M * lips * lower, base)


def _sneer(base: F64, lower: NDArray[np.bool_]) -> F64:
    """Wing of the nose and upper lip rise together (levator labii superioris alaeque nasi, AU9)."""
    return _away(0.0, SNEER_UP_M * _spot(base, 0.015, 0.678, (0.012, 0.013), 0.115) * ~lower, 0.0, base)


def _apple(base: F64, _: NDArray[np.bool_]) -> F64:
    """The cheek's front is lifted and gathers below the eye (orbicularis oculi, AU6)."""
    on = _spot(base, 0.037, 0.697, (0.015, 0.012))
    return _away(0.0, APPLE_UP_M * on, APPLE_FORWARD_M * on, base)


def _puff(base: F64, _: NDArray[np.bool_]) -> F64:
    """Air rounds the cheeks between jaw and cheekbone."""
    on = _spot(base, 0.046, 0.661, (0.017, 0.021), 0.06)
    return _away(PUFF_M * np.sign(base[:, 0]) * on, 0.0, 0.7 * PUFF_M * on, base)


FIELDS: dict[str, Callable[[F64, NDArray[np.bool_]], F64]] = {
    "mouthPucker": _pucker, "mouthPress": _press, "mouthShrugLower": _chin_raise, "noseSneer": _sneer, "cheekSquint": _apple,
    "cheekPuff": _puff,
}  # fmt: skip
"""What is added to a sculpture, at full weight; those of sided actions are halved at the middle."""
