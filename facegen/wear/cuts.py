"""How each garment is cut: neckline, slack, collar, cloth. Measures in metres, our own, read off pattern-drafting practice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cut:
    """`back`, `side`, `front`: heights of the neckline above the root of the neck; `vee`: depth of a V below that; `reach`: how
    far from the neck's axis the neckline may lie; `half`: half width of a square neckline (0: none); `ease`: slack of the body;
    `fold`: depth of its broad folds; `crease`: of its small ones; `trim`: what finishes the neckline; `open`: half angle (rad)
    of a collar's opening; `weave`: see wear/fabric.py; `sleeve`: seam of the sleeve, as a share of the shoulders' half width."""

    back: float
    side: float
    front: float
    vee: float = 0.0
    reach: float = 0.078
    half: float = 0.0
    ease: float = 0.006
    fold: float = 0.0035
    crease: float = 0.0060
    trim: str = "band"
    open: float = 0.0
    weave: str = "jersey"
    sleeve: float = 0.80


CUTS: dict[str, Cut] = {
    "crew": Cut(0.022, 0.012, -0.014),
    "v_neck": Cut(0.020, 0.010, -0.018, 0.050),
    "scoop": Cut(0.004, -0.004, -0.056, reach=0.112, trim="edge", fold=0.0025, crease=0.0044),
    "shirt": Cut(0.018, 0.012, -0.004, 0.028, 0.066, ease=0.008, crease=0.0084, trim="shirt", open=0.42, weave="woven"),
    "polo": Cut(0.018, 0.010, -0.010, 0.022, 0.068, trim="polo", open=0.38),
    "blouse": Cut(0.012, 0.004, -0.022, reach=0.082, ease=0.008, crease=0.0090, trim="flat", open=0.10, weave="woven"),
    "blazer": Cut(0.018, 0.012, 0.004, reach=0.062, ease=0.006, crease=0.0060, trim="shirt", open=0.025, weave="woven"),
    "jacket": Cut(0.022, 0.012, -0.014, trim="band", ease=0.007),
    "hoodie": Cut(0.018, 0.008, -0.020, 0.012, ease=0.013, fold=0.0065, crease=0.0100, trim="hood", sleeve=0.88),
    "turtleneck": Cut(0.018, 0.012, 0.000, reach=0.064, trim="roll", weave="wool"),
    "sweater": Cut(0.024, 0.014, -0.010, ease=0.011, fold=0.0050, crease=0.0084, trim="thick", weave="wool", sleeve=0.86),
    "dress": Cut(0.000, -0.002, -0.046, reach=0.096, half=0.072, trim="edge", weave="woven", crease=0.0050, sleeve=0.74),
    "pinafore": Cut(0.022, 0.012, -0.014, trim="band"),
    "kurta": Cut(0.016, 0.010, -0.004, reach=0.064, ease=0.009, crease=0.0084, trim="stand", open=0.10, weave="woven"),
    "sari": Cut(0.002, -0.004, -0.046, reach=0.100, trim="edge", weave="satin", crease=0.0030),
}
