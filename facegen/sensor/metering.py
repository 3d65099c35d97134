"""Automatic exposure that behaves like a camera's, yet does not wash skin tone out.

A reflective meter lifts a dark face and dims a light one, which would make the apparent tone a matter of metering. Here the
meter reads the person as a grey card: a LightSpec is scaled so that a white, matt face turned to the camera has a mean radiance
of about 1 (stage/lighting.py), so a card of reflectance `MID_GREY` reads `MID_GREY` there whatever the skin, hair and clothes of
the person are. The background is read as it is. A bright window behind the person still darkens the face and a night behind it
lifts it, but two persons in one scene get the same exposure, and dark skin stays darker than light skin.
The reading is a centre-weighted log average, brought to mid grey within `LIMITS_EV`, and held back where the person's brightest
percent would leave the shoulder of the tone curve.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

MID_GREY = 0.18
METER_SIZE = 32
CENTRE_SIGMA = 0.35
"""Width of the centre weighting in picture heights."""
PERSON_SHARE = 0.85
"""Least weight of the person in the reading: face-priority metering."""
LIMITS_EV = (-0.8, 0.3)
HIGHLIGHT = 1.4
"""Largest linear level of the person's brightest percent; the tone curve still separates levels there."""
FLOOR = 1e-3
LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Rec. 709 luminance of linear RGB."""


@dataclass(frozen=True)
class Metered:
    """`gain` multiplies linear light; `average` is the log average read; `held` whether highlights held the gain back."""

    gain: float
    average: float
    held: bool


def meter(composite: NDArray[np.float32], coverage: NDArray[np.float32], background: NDArray[np.float32]) -> Metered:
    """Return the automatic exposure of a picture: `composite`, `background` (S, S, 3) linear, person's `coverage` (S, S)."""
    small = (METER_SIZE, METER_SIZE)
    behind = cv2.resize(background, small, interpolation=cv2.INTER_AREA) @ LUMA
    person = np.clip(cv2.resize(coverage, small, interpolation=cv2.INTER_AREA), 0, 1)
    axis = (np.arange(METER_SIZE) + 0.5) / METER_SIZE - 0.5
    weight = np.exp(-(axis[:, None] ** 2 + axis[None, :] ** 2) / (2 * CENTRE_SIGMA**2))
    scene_weight = float((weight * (1 - person)).sum() / weight.sum())
    open_weight = weight * (1 - person)
    log_behind = float((open_weight * np.log(np.maximum(behind, FLOOR))).sum() / max(open_weight.sum(), 1e-6))
    share = min(scene_weight, 1 - PERSON_SHARE)
    average = float(np.exp((1 - share) * np.log(MID_GREY) + share * log_behind))
    gain = float(np.clip(MID_GREY / average, 2 ** LIMITS_EV[0], 2 ** LIMITS_EV[1]))
    bright = _brightest(composite, coverage)
    held = bright * gain > HIGHLIGHT
    return Metered(max(HIGHLIGHT / bright, 0.25 * gain) if held else gain, average, bool(held))


def _brightest(composite: NDArray[np.float32], coverage: NDArray[np.float32]) -> float:
    """99th percentile of the person's luminance, after a 4 x 4 mean so that single glints do not set the exposure."""
    size = max(composite.shape[0] // 4, 1)
    luma = cv2.resize(composite, (size, size), interpolation=cv2.INTER_AREA) @ LUMA
    inside = luma[cv2.resize(coverage, (size, size), interpolation=cv2.INTER_AREA) > 0.9]
    return float(np.percentile(inside, 99)) if inside.size else 0.0
