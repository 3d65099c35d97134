"""What finishes each garment: which collars, bands, jackets and drapes are sewn to its body, and of what cloth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from facegen import rng
from facegen.sample import Garment
from facegen.scene import Material
from facegen.wear import collars, drapes, jacket, shapes
from facegen.wear.collars import CollarCut
from facegen.wear.fabric import fabric, shaded
from facegen.wear.shapes import Shape
from facegen.wear.sheet import Body, Sheet

Part = tuple[str, Shape, Material]
WHITE = (0.62, 0.62, 0.60)
_RIB = 0.0075
"""Scale of the ribs of a neckband: three to 7.5 mm."""


def sewn(garment: Garment, body: Body, sleeve: float, hood_up: bool = False) -> list[Part]:
    """Return name, shape and cloth of everything sewn to `body` or worn over it; `sleeve` is the half width of its seams. A hood
    that is up does not lie on the shoulders."""
    parts = _TRIMS[body.cut.trim](garment, body)
    if hood_up and body.cut.trim == "hood":
        parts = [part for part in parts if part[0] != "garment_neck"]
    if garment.kind == "blazer":
        parts += _coat(garment, body, sleeve, lapels=True)
    elif garment.kind == "jacket":
        parts += _coat(garment, body, sleeve, lapels=False)
    elif garment.kind == "sari":
        silk = fabric(garment.rgb, garment.rgb2, garment.pattern, weave="satin", crease=0.002, seed=garment.seed)
        border = fabric(garment.rgb2, garment.rgb, "plain", weave="satin")
        parts += [
            ("drape", drapes.sari(body.sheet, garment.seed), silk),
            ("border", drapes.border(body.sheet, garment.seed), border),
        ]
    elif garment.kind == "pinafore":
        denim = fabric(garment.rgb, garment.rgb2, garment.pattern, weave="twill", crease=0.002, seed=garment.seed)
        parts.append(("straps", shapes.merge(drapes.pinafore(body.sheet, body.bust.skin.center[1])), denim))
    return parts


def _own(garment: Garment, body: Body, pattern: str | None = None, scale: float | None = None, by: float = 1.0) -> Material:
    """The garment's own cloth, without creases; `by` darkens it."""
    inner = garment.kind in ("blazer", "jacket", "pinafore", "sari")
    rgb, rgb2 = (garment.rgb2, garment.rgb) if inner else (garment.rgb, garment.rgb2)
    kind = "plain" if inner else garment.pattern
    if kind == "graphic":
        kind = "plain"
    return fabric(
        shaded(rgb, by), rgb2, pattern or kind, weave=body.cut.weave, scale=scale, crease=0.0008, seed=garment.seed
    )  # fmt: skip


def _draw(garment: Garment, name: str) -> np.random.Generator:
    return rng.expand(garment.seed, f"wear.garment.{name}")


def _band(garment: Garment, body: Body) -> list[Part]:
    draw = _draw(garment, "band")
    contrast = draw.random() < 0.2 and garment.kind in ("crew", "v_neck")
    height = float(draw.uniform(0.013, 0.022)) if body.cut.vee == 0 else float(draw.uniform(0.010, 0.016))
    cloth = _own(garment, body, "knit", _RIB) if not contrast else fabric(garment.rgb2, garment.rgb, "knit", scale=_RIB)
    return [("garment_neck", collars.neckband(body.sheet, body.bust.azimuth, height, 0.0016), cloth)]


def _thick(garment: Garment, body: Body) -> list[Part]:
    band = collars.neckband(body.sheet, body.bust.azimuth, float(_draw(garment, "band").uniform(0.024, 0.034)), 0.0034)
    return [("garment_neck", band, _own(garment, body, "knit", 0.0135))]


def _edge(garment: Garment, body: Body) -> list[Part]:
    return [("garment_neck", collars.neckband(body.sheet, body.bust.azimuth, 0.006, 0.0011), _own(garment, body, "plain"))]


def _shirt(garment: Garment, body: Body) -> list[Part]:
    draw = _draw(garment, "collar")
    closed = body.cut.open < 0.1
    point = float(draw.uniform(0.034, 0.052))
    cut = CollarCut(
        body.cut.open * (1.0 if closed else float(draw.uniform(0.75, 1.15))),
        (0.030, 0.020 if closed else 0.012), (0.012, point), float(draw.uniform(0.10, 0.42)),
    )  # fmt: skip
    parts = [("garment_neck", collars.turned_down(body.sheet, body.bust, cut), _own(garment, body))]
    if garment.kind == "blazer":
        return parts
    throat = body.sheet.throat()
    plain = _own(garment, body)
    strip = collars.placket(body.sheet, 0.0, throat[1] + 0.004, throat[1] - 0.30, 0.034)
    knobs = collars.buttons(body.sheet, 0.0, throat[1] - np.array([0.018, 0.095, 0.175]))
    pale = float(np.mean(garment.rgb)) > 0.25 or draw.random() < 0.6
    knob = Material("solid", {"rgb": (0.6, 0.58, 0.52) if pale else (0.03, 0.03, 0.03), "roughness": 0.35, "metallic": 0.0})
    return [*parts, ("placket", strip, plain), ("buttons", shapes.merge(knobs), knob)]


def _polo(garment: Garment, body: Body) -> list[Part]:
    draw = _draw(garment, "collar")
    tipped = draw.random() < 0.3
    cut = CollarCut(body.cut.open, (0.022, 0.008), (0.016, float(draw.uniform(0.034, 0.046))), 0.30)
    cloth = fabric(garment.rgb2, garment.rgb, "plain") if tipped else _own(garment, body, "plain", by=0.94)
    throat = body.sheet.throat()
    strip = collars.placket(body.sheet, 0.0, throat[1] + 0.004, throat[1] - 0.085, 0.030)
    knobs = collars.buttons(body.sheet, 0.0, throat[1] - np.array([0.012, 0.055]), 0.005)
    knob = Material("solid", {"rgb": WHITE, "roughness": 0.35, "metallic": 0.0})
    return [
        ("garment_neck", collars.turned_down(body.sheet, body.bust, cut), cloth),
        ("placket", strip, _own(garment, body, "plain", by=0.97)),
        ("buttons", shapes.merge(knobs), knob),
    ]


def _flat(garment: Garment, body: Body) -> list[Part]:
    draw = _draw(garment, "collar")
    white = draw.random() < 0.4
    cloth = fabric(WHITE, garment.rgb, "plain", weave="woven") if white else _own(garment, body)
    made = collars.flat_collar(body.sheet, body.cut.open, float(draw.uniform(0.038, 0.060)))
    throat = body.sheet.throat()
    parts = [
        ("garment_neck", made, cloth),
        ("placket", collars.placket(body.sheet, 0.0, throat[1], throat[1] - 0.3, 0.024), _own(garment, body)),
    ]
    if draw.random() < 0.5:
        parts.append(("bow", shapes.merge(drapes.bow(body.sheet)), fabric(garment.rgb2, garment.rgb, "plain", weave="satin")))
    return parts


def _stand(garment: Garment, body: Body) -> list[Part]:
    draw = _draw(garment, "collar")
    throat = body.sheet.throat()
    trimmed = draw.random() < 0.4
    plain = fabric(garment.rgb2, garment.rgb, "plain", weave="woven") if trimmed else _own(garment, body)
    band = collars.standing(
        body.sheet, body.bust, body.cut.open * float(draw.uniform(0.6, 1.8)), float(draw.uniform(0.024, 0.034))
    )
    strip = collars.placket(body.sheet, 0.0, throat[1] + 0.006, throat[1] - 0.24, 0.036)
    knobs = collars.buttons(body.sheet, 0.0, throat[1] - np.array([0.022, 0.075, 0.13, 0.185]), 0.0048)
    knob = Material("solid", {"rgb": (0.45, 0.33, 0.12), "roughness": 0.3, "metallic": 0.7 * float(draw.random() < 0.5)})
    return [("garment_neck", band, plain), ("placket", strip, plain), ("buttons", shapes.merge(knobs), knob)]


def _roll(garment: Garment, body: Body) -> list[Part]:
    height = float(_draw(garment, "collar").uniform(0.034, 0.052))
    made = collars.rolled(body.sheet, body.bust, body.bust.azimuth, height)
    return [("garment_neck", made, _own(garment, body, "knit", 0.0105))]


def _hood(garment: Garment, body: Body) -> list[Part]:
    hood = drapes.hood(body.bust, body.sheet, garment.seed)
    cord = fabric(WHITE if _draw(garment, "cords").random() < 0.4 else shaded(garment.rgb, 0.85), weave="woven")
    lining = fabric(garment.rgb, garment.rgb2, "plain", crease=0.0035, seed=garment.seed)
    return [("garment_neck", hood, lining), ("cords", shapes.merge(drapes.cords(body.sheet)), cord)]


def _coat(garment: Garment, body: Body, sleeve: float, lapels: bool) -> list[Part]:
    draw = _draw(garment, "coat")
    root = float(body.bust.skin.center[1])
    neck = float(np.abs(body.grid[0, :, 0]).max())
    top, bottom = float(np.clip((0.95 if lapels else 1.0) * neck, 0.046, 0.068 if lapels else 0.090)), -0.36 if lapels else -1.6
    shell, outer = jacket.jacket(body.grid, root, top, bottom)
    coat = Sheet.of(outer)
    weave = "wool" if lapels else "twill"
    cloth = fabric(garment.rgb, garment.rgb2, garment.pattern, weave=weave, crease=0.0022, sleeve=sleeve, seed=garment.seed)
    if lapels:
        cut = jacket.Revers((0.042, 0.044), float(draw.uniform(0.058, 0.085)))
        extra = [jacket.revers(coat, body.bust, root, top, bottom, cut)]
    else:
        extra = [jacket.revers(coat, body.bust, root, top, bottom, jacket.Revers((0.048, 0.056), 0.0))]
        extra += jacket.facings(coat, root, top, bottom, float(draw.uniform(0.022, 0.036)))
    trim = fabric(garment.rgb, garment.rgb2, garment.pattern, weave=weave, crease=0.0006)
    parts = [("coat", shell, cloth), ("coat_collar", shapes.merge(extra), trim)]
    if lapels and draw.random() < 0.65:
        look = ("plain", "stripes", "dots", "pinstripes")[int(draw.integers(4))]
        tint = tuple(float(c) for c in draw.uniform(0.01, 0.35, 3) * draw.uniform(0.3, 1.0))
        silk = fabric((tint[0], tint[1], tint[2]), garment.rgb2, look, weave="satin", scale=0.016)
        parts.append(("tie", shapes.merge(jacket.tie(body.sheet, float(body.sheet.throat()[1]))), silk))
    return parts


_TRIMS: dict[str, Callable[[Garment, Body], list[Part]]] = {
    "band": _band, "thick": _thick, "edge": _edge, "shirt": _shirt, "polo": _polo, "flat": _flat, "stand": _stand,
    "roll": _roll, "hood": _hood,
}  # fmt: skip
