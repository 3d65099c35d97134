"""Cloth as a material: which weave, print, crease and seam a worn thing has, as parameters of the cloth shader."""

from __future__ import annotations

from facegen.scene import Material
from facegen.wear.shapes import PATTERNS

Rgb = tuple[float, float, float]

WEAVES: dict[str, int] = {"jersey": 0, "woven": 1, "twill": 2, "wool": 3, "satin": 4}
"""Numbers the cloth shader knows weaves by."""
SCALES: dict[str, float] = {
    "plain": 0.02, "stripes": 0.032, "checks": 0.012, "dots": 0.022, "knit": 0.014, "pinstripes": 0.011, "plaid": 0.055,
    "floral": 0.038, "graphic": 0.02, "melange": 0.003,
}  # fmt: skip
"""Size of one repeat, m. `knit`: three ribs."""
MOST_LIGHT = 0.78
"""No cloth sends back more light than this: bleached cotton."""


def fabric(
    rgb: Rgb,
    rgb2: Rgb = (0.0, 0.0, 0.0),
    pattern: str = "plain",
    *,
    weave: str = "jersey",
    scale: float | None = None,
    crease: float = 0.0,
    sleeve: float = 0.0,
    seed: int = 0,
) -> Material:
    """Return cloth of linear colours `rgb`, `rgb2`; `scale` metres a repeat, `crease` depth of creases (m), `sleeve` half width
    of the sleeve seams (m, 0: none)."""
    return Material(
        "cloth",
        {
            "rgb": capped(rgb),
            "rgb2": capped(rgb2),
            "pattern": float(PATTERNS[pattern]),
            "scale": SCALES[pattern] if scale is None else scale,
            "weave": float(WEAVES[weave]),
            "crease": crease,
            "sleeve": sleeve,
            "seed": float(seed % 97),
        },
    )


def capped(rgb: Rgb) -> Rgb:
    """Return `rgb` no lighter than bleached cotton."""
    r, g, b = (min(c, MOST_LIGHT) for c in rgb)
    return r, g, b


def shaded(rgb: Rgb, by: float) -> Rgb:
    """Return `rgb` times `by`."""
    r, g, b = (min(by * c, 1.0) for c in rgb)
    return r, g, b
