"""Automatic exposure that behaves like a camera's, yet does not wash skin tone out.

A reflective meter lifts a dark face and dims a light one, which would make the apparent tone a matter of metering. Here the
meter reads the person as a grey card: a LightSpec is scaled so that a white, matt face turned to the camera has a mean radiance
of about 1 (population/light.py), so a card of reflectance `MID_GREY` reads `MID_GREY` there whatever the skin, hair and clothes
of the person are. The background is read as it is: a bright window behind darkens the face, a night behind lifts it, but two
persons in one scene get the same exposure, and dark skin stays darker than light skin.

Modes (LightSpec.meter): `person` gives the person most of the weight, as face-priority metering does with a known face;
`centre` and `average` weigh the picture by place alone and go further, so that back light leaves faces dark; `face` is the one
reflective mode: it reads what the middle of the face sends and goes `FACE_STRENGTH` of the way to `FACE_GREY`, so that dark
faces are lifted and light ones dimmed by that share, as telephones do. In every mode the reading is a log average, brought to
mid grey within limits, and held back where the person's brightest percent would leave the shoulder of the tone curve. A meter
looks through the lens: stray light on the person counts as light on the grey card, `STRAY_STRENGTH` of the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen import srgb

MID_GREY = 0.18
METER_SIZE = 32
CENTRE_SIGMA = 0.35
"""Width of the centre weighting in picture heights."""
FACE_SIGMA = 0.13
"""Width of what the mode `face` reads."""
PERSON_SHARE = 0.85
"""Least weight of the person in the mode `person`."""
FACE_STRENGTH, FACE_GREY = 0.5, 0.20
LIMITS_EV = {"person": (-0.6, 0.5), "centre": (-1.0, 0.7), "average": (-1.5, 0.8), "face": (-0.6, 0.8)}
STRAY_STRENGTH = 0.6
"""How far the exposure follows stray light: cameras that know faces take some of it back (our choice)."""
HIGHLIGHT = 1.4
"""Largest linear level of the person's brightest percent; the tone curve still separates levels there."""
LEAST_HELD = 0.7
"""Share of the gain that is kept for it: half a stop. A white shirt must not darken the face above it further."""
FLOOR = 1e-3
LUMA = srgb.LUMINANCE.astype(np.float32)
Mode = Literal["person", "centre", "average", "face"]


@dataclass(frozen=True)
class Metered:
    """`gain` multiplies linear light; `average` is the log average read; `held` whether highlights held the gain back."""

    gain: float
    average: float
    held: bool


def meter(
    composite: NDArray[np.float32],
    coverage: NDArray[np.float32],
    background: NDArray[np.float32],
    mode: Mode = "person",
    stray: float = 0.0,
) -> Metered:
    """Return the automatic exposure of a picture: `composite`, `background` (S, S, 3) linear, person's `coverage` (S, S);
    `stray`: luminance that the lens adds on the person."""
    person = np.clip(_small(coverage), 0, 1)
    weight = _weight(np.inf if mode == "average" else CENTRE_SIGMA)
    scene = float((weight * (1 - person)).sum() / weight.sum())
    share = min(scene, 1 - PERSON_SHARE) if mode in ("person", "face") else scene
    behind = _log_mean(_small(background) @ LUMA, weight * (1 - person))
    average = float(np.exp((1 - share) * np.log(MID_GREY) + share * behind))
    gain = MID_GREY / average
    if mode == "face":
        seen = float(np.exp(_log_mean(_small(composite) @ LUMA, _weight(FACE_SIGMA) * person)))
        gain *= (FACE_GREY / max(seen, FLOOR)) ** FACE_STRENGTH
    low, high = LIMITS_EV[mode]
    gain = float(np.clip(gain, 2**low, 2**high)) * (1 + stray / MID_GREY) ** -STRAY_STRENGTH
    bright = _brightest(composite, coverage)
    held = bright * gain > HIGHLIGHT
    return Metered(max(HIGHLIGHT / bright, LEAST_HELD * gain) if held else gain, average, bool(held))


def stray(before: NDArray[np.float32], after: NDArray[np.float32], coverage: NDArray[np.float32]) -> float:
    """Return the mean luminance that a lens adds on the person: `before` and `after` it (S, S, 3) linear, `coverage` (S, S)."""
    weight = _small(coverage) * _weight(CENTRE_SIGMA)
    more = (_small(after) - _small(before)) @ LUMA
    return max(float((weight * more).sum() / max(float(weight.sum()), 1e-6)), 0.0)


def _small(image: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(image, (METER_SIZE, METER_SIZE), interpolation=cv2.INTER_AREA))


@lru_cache(maxsize=8)
def _weight(sigma: float) -> NDArray[np.float64]:
    axis = (np.arange(METER_SIZE) + 0.5) / METER_SIZE - 0.5
    out = np.exp(-(axis[:, None] ** 2 + axis[None, :] ** 2) / (2 * sigma**2))
    out.setflags(write=False)
    return np.asarray(out)


def _log_mean(luma: NDArray[np.float32], weight: NDArray[np.float64]) -> float:
    return float((weight * np.log(np.maximum(luma, FLOOR))).sum() / max(float(weight.sum()), 1e-6))


def _brightest(composite: NDArray[np.float32], coverage: NDArray[np.float32]) -> float:
    """99th percentile of the person's luminance, after a 4 x 4 mean so that single glints do not set the exposure."""
    size = max(composite.shape[0] // 4, 1)
    luma = cv2.resize(composite, (size, size), interpolation=cv2.INTER_AREA) @ LUMA
    inside = luma[cv2.resize(coverage, (size, size), interpolation=cv2.INTER_AREA) > 0.9]
    return float(np.percentile(inside, 99)) if inside.size else 0.0
