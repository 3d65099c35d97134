"""The automatic exposure program of a camera: ISO and shutter from the light that falls on the face."""

from __future__ import annotations

import math
from typing import NamedTuple

METER = 250.0
"""Incident-light constant C of N^2 / t = E S / C, lux: ISO 2720:1974 for a flat receptor (240 to 400 are allowed)."""
DARK_EV = 1.0
"""How far a program lets a picture go dark before it amplifies beyond the device's ISO (our choice)."""


class Exposure(NamedTuple):
    """`short_ev` <= 0: what is missing to a full exposure."""

    iso: float
    shutter_s: float
    short_ev: float


def program(lux: float, f_number: float, base_iso: float, iso: list[float], shutter_s: list[float], hand_s: float) -> Exposure:
    """Return what a camera chooses at illuminance `lux`: base ISO as long as the shutter is no longer than `hand_s`, then a
    higher ISO up to `iso[1]`, then a longer shutter up to `shutter_s[1]`, then a darker picture, then amplification.

    The exposure equation in APEX is Av + Tv = Bv + Sv with Bv from the incident meter (ISO 2720); ISO speed as ISO 12232 defines
    it. In too much light the shutter stays at `shutter_s[0]` and the ISO goes below base (a pull, or a grey filter).
    """
    product = METER * f_number**2 / lux  # shutter x ISO
    shutter = min(max(product / base_iso, shutter_s[0]), hand_s)
    speed = min(max(product / shutter, iso[0]), iso[1])
    shutter = min(max(product / speed, shutter_s[0]), shutter_s[1])
    short = math.log2(shutter * speed / product)
    if short > 0:
        return Exposure(product / shutter, shutter, 0.0)
    if short < -DARK_EV:
        speed *= 2 ** (-DARK_EV - short)
        short = -DARK_EV
    return Exposure(speed, shutter, short)
