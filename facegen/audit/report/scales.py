"""Colour scales that read alike for the colour-blind: one for amounts (cividis), one for differences (blue to orange).

Steps, not gradients: a step has one colour of its figures, whose contrast can be tested. A number or sign stands in every cell.
"""

from __future__ import annotations

import math

from facegen import srgb

AMOUNT = ("#fdf8e3", "#f6e9a6", "#e1cc55", "#c3b369", "#a59c74", "#8a8678", "#61646e", "#3b496c", "#00224e")
"""From little to much on light paper: cividis (Nunez, Anderton & Renslow 2018, PLOS ONE 13:e0199239) turned round, its yellow end
faded into the paper so that little is quiet."""
AMOUNT_DARK = ("#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#fee838")
"""The same on dark paper: cividis as it stands."""
DIFFERENCE = ("#7a3b00", "#b35806", "#e08214", "#fdc57f", "#f1efec", "#b6d4ea", "#74add1", "#2f74b3", "#14457c")
"""ColorBrewer's orange-blue family: below (orange), as expected, above (blue)."""
SERIES = ("#0072b2", "#d55e00", "#009e73", "#b0568c", "#8a6d00", "#56606e", "#3aa0d8")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "cross", "star")
"""Okabe and Ito's colours for sets, each with a symbol of its own."""
STEPS = len(AMOUNT)


def amount(value: float, most: float) -> int:
    """Return the step, 0 to 8, of `value` on 0 to `most`."""
    return 0 if most <= 0 else min(STEPS - 1, max(0, round((STEPS - 1) * value / most)))


def difference(value: float, most: float) -> int:
    """Return the step, 0 to 8, of a signed `value` on -most to `most`; 4 is none."""
    if most <= 0 or math.isnan(value):
        return STEPS // 2
    return min(STEPS - 1, max(0, round((STEPS - 1) / 2 * (1 + value / most))))


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` (WCAG 2.2)."""
    return float(srgb.decode_hex(colour) @ srgb.LUMINANCE)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2), 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def ink(colour: str) -> str:
    """Return black or white, whichever reads better on `colour`."""
    return max("#000000", "#ffffff", key=lambda c: contrast(c, colour))


def css() -> str:
    """Return the rules of both scales, those of the dark scheme apart."""
    light = [_rule(f".a{i}", c) for i, c in enumerate(AMOUNT)] + [_rule(f".d{i}", c) for i, c in enumerate(DIFFERENCE)]
    dark = [_rule(f".a{i}", c) for i, c in enumerate(AMOUNT_DARK)]
    return "\n".join([*light, "@media screen and (prefers-color-scheme: dark) {", *dark, "}"])


def _rule(name: str, colour: str) -> str:
    return f"{name}{{background:{colour};color:{ink(colour)}}}"
