"""Spectacles and sunglasses as surfaces: what eyewear_shape.py makes where eyewear_fit.py sits it, and of which material."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from facegen.sample import Eyewear
from facegen.scene import Material, Surface
from facegen.wear import eyewear_shape, shapes
from facegen.wear.eyewear_fit import Front, place
from facegen.wear.fabric import fabric, shaded
from facegen.wear.fitting import HeadFit
from facegen.wear.frames import STYLES, finish, scaled
from facegen.wear.shapes import Params, Shape

if TYPE_CHECKING:
    from facegen.head.model import HeadModel, PosedHead

COATINGS: dict[str, tuple[float, float, float]] = {
    "none": (1.0, 1.0, 1.0), "green": (0.55, 1.35, 0.75), "blue": (0.45, 0.75, 1.75), "purple": (1.05, 0.50, 1.55),
    "mirror": (1.0, 1.0, 1.0),
}  # fmt: skip
"""What is left of a reflection: antireflective layers leave most at one end of the spectrum; our choice by eye."""
REFLECT = {"none": 2.0, "green": 0.35, "blue": 0.35, "purple": 0.35, "mirror": 2.0}
"""Of the 4% that a lens of half bare glass sends back (lens.frag): 8% where bare, 1.4% with antireflective layers (ISO 8980-4
allows 2.5%; from memory)."""
EYE_BEHIND_M = 0.0155
"""The iris lies about this far behind a lens at the usual vertex distance."""

MIRROR_RGB = (0.62, 0.60, 0.55)
_METAL = (0.55, 0.55, 0.56)
_EDGE = (0.42, 0.46, 0.45)


def eyewear_surfaces(
    model: HeadModel, posed: PosedHead, eyewear: Eyewear, under: NDArray[np.floating] | None = None
) -> tuple[Surface, ...]:
    """Return frame and lenses in the head frame: region glasses; clear lenses blend and keep the labels of what is behind.

    `under` (N, 3): points of a mask that the glasses must stay in front of.
    """
    shapes.check_kind("eyewear", eyewear.kind)
    style = scaled(STYLES[eyewear.kind], eyewear)
    fit = HeadFit.of(model, posed, under)
    front = place(fit, style, eyewear)
    frame: list[Shape] = []
    wire: list[Shape] = []
    straps: list[Shape] = []
    shields: list[Shape] = []
    for side in (-1.0, 1.0):
        rim = eyewear_shape.rim(front, style)
        if rim is not None:
            frame.append(rim if side > 0 else shapes.mirrored(rim))
        if style.strap:
            straps.append(eyewear_shape.strap(fit, front, style, side))
        else:
            (frame if style.temple > 3 else wire).append(eyewear_shape.temple(fit, front, style, side))
        if style.shield:
            shields.append(eyewear_shape.shield(fit, front, style, side))
        (wire if style.pads else frame).extend(eyewear_shape.pad(fit, front, style, side))
    (wire if style.pads and style.top[0] < 4 and style.top[0] > 0 else frame).extend(eyewear_shape.bridges(fit, front, style))
    metal = eyewear.finish == "metal" or STYLES[eyewear.kind].temple <= 2
    wire_rgb = eyewear.frame_rgb if metal else _METAL
    made = []
    if frame:
        made.append(
            _solid(
                "frame",
                frame,
                eyewear.frame_rgb,
                0.85 if metal else 0.0,
                finish(shapes.merge(frame), eyewear, front.y, front.b, front.z),
            )
        )
    if wire:
        made.append(_solid("wire", wire, wire_rgb, 0.85))
    if style.top[0] == 0:
        made.append(_solid("edge", eyewear_shape.edges(front), _EDGE, 0.0))
    if straps:
        made.append(
            shapes.surface("strap", shapes.merge(straps), fabric(shaded(eyewear.frame_rgb, 0.7), weave="twill"), "glasses")
        )
    if shields:
        clear: Params = {"rgb": eyewear.lens_rgb, "opacity": 0.10, "reflect": 2.0}
        made.append(shapes.surface("shields", shapes.merge(shields), Material("lens", clear), "glasses", blend=True))
    return (*made, *_lenses(front, eyewear))


def _lenses(front: Front, eyewear: Eyewear) -> tuple[Surface, ...]:
    """Both lenses: one blended surface where the eyes show through, clearer below if graded; solid where they do not. What they
    reflect of the surroundings lies over opaque ones as a second, clear surface."""
    both = eyewear_shape.lens_pair(front)
    fade = eyewear.gradient * np.clip(1.15 - 1.3 * both.uv[:, 1], 0, 1)
    coat: Params = {"coating_rgb": COATINGS[eyewear.coating], "reflect": REFLECT[eyewear.coating]}
    if not eyewear.hides_eyes:
        shade = replace(both, shade=(1 - fade).astype(np.float32))
        params: Params = {"rgb": eyewear.lens_rgb, "opacity": eyewear.lens_opacity, "bend": _bend(eyewear.power_dpt), **coat}
        return (shapes.surface("lenses", shade, Material("lens", params), "glasses", blend=True),)
    dark = 1.0 - 0.75 * eyewear.lens_opacity * np.clip(both.uv[:, 1], 0, 1)
    color = np.repeat((dark + fade)[:, None], 3, 1).astype(np.float32)
    mirror = eyewear.coating == "mirror"
    params = {"rgb": MIRROR_RGB if mirror else eyewear.lens_rgb, "roughness": 0.09 if mirror else 0.12, "metallic": float(mirror)}
    return (shapes.surface("lenses", both, Material("solid", params), "glasses", color=None if mirror else color),)


def _bend(power_dpt: float) -> float:
    """Return how far outwards a point seen through the lens really lies, over its distance from the lens's middle: 1 / m - 1 with
    the magnification m = 1 / (1 - s F) of a thin lens of power F on what lies s behind it."""
    return -EYE_BEHIND_M * power_dpt


def _solid(
    name: str, parts: list[Shape], rgb: tuple[float, float, float], metallic: float, color: NDArray[np.float32] | None = None
) -> Surface:
    """`color` (N, 3) stands in for `rgb`."""
    params: Params = {"rgb": rgb if color is None else (1.0, 1.0, 1.0), "roughness": 0.25, "metallic": metallic}
    return shapes.surface(name, shapes.merge(parts), Material("solid", params), "glasses", color=color)
