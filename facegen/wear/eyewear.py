"""Spectacles and sunglasses: rims, bridge, nose pads, temples and lenses, fitted to the posed head.

Sizes follow the boxed-lens system of ISO 8624 (eye size a, depth b, distance between lenses) in metres, scaled by the distance
between the eyes; vertex distance, pantoscopic tilt and face-form wrap are usual dispensing values (12-14 mm, 8 and 5 degrees).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from facegen.sample import Eyewear
from facegen.scene import Material, Surface
from facegen.wear import shapes
from facegen.wear.fabric import fabric, shaded
from facegen.wear.fitting import HeadFit
from facegen.wear.frames import STYLES, Style, finish, scaled
from facegen.wear.shapes import Params, Shape

if TYPE_CHECKING:
    from facegen.head.model import HeadModel, PosedHead

VERTEX_DISTANCE = 0.0125
PANTOSCOPIC = np.tan(np.radians(8.0))
FACE_SHARE = 0.43
"""Mean distance between the eyes over the width of the head at the temples: frames are sized by both."""
CLEARANCE = 0.0012
COATINGS: dict[str, tuple[float, float, float]] = {
    "none": (1.0, 1.0, 1.0), "green": (0.55, 1.35, 0.75), "blue": (0.45, 0.75, 1.75), "purple": (1.05, 0.50, 1.55),
    "mirror": (1.0, 1.0, 1.0),
}  # fmt: skip
"""What is left of a reflection: antireflective layers leave most at one end of the spectrum; our choice by eye."""
REFLECT = {"none": 2.0, "green": 1.1, "blue": 1.1, "purple": 1.1, "mirror": 2.0}
EYE_BEHIND_M = 0.0155
"""The iris lies about this far behind a lens at the usual vertex distance."""

FARTHEST_M, SMALLER = 0.013, 8
"""Farther than this from the usual vertex distance a pair is too large for the face: it is taken smaller, so often at most."""
MIRROR_RGB = (0.62, 0.60, 0.55)
_RIM_POINTS = 44
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
    front = _place(fit, style, eyewear)
    frame: list[Shape] = []
    wire: list[Shape] = []
    straps: list[Shape] = []
    shields: list[Shape] = []
    for side in (-1.0, 1.0):
        rim = _rim(front, style)
        if rim is not None:
            frame.append(rim if side > 0 else shapes.mirrored(rim))
        if style.strap:
            straps.append(_strap(fit, front, style, side))
        else:
            (frame if style.temple > 3 else wire).append(_temple(fit, front, style, side))
        if style.shield:
            shields.append(_shield(fit, front, style, side))
        (wire if style.pads else frame).extend(_pad(fit, front, style, side))
    (wire if style.pads and style.top[0] < 4 and style.top[0] > 0 else frame).extend(_bridges(fit, front, style))
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
        made.append(_solid("edge", _edges(front), _EDGE, 0.0))
    if straps:
        made.append(
            shapes.surface("strap", shapes.merge(straps), fabric(shaded(eyewear.frame_rgb, 0.7), weave="twill"), "glasses")
        )
    if shields:
        clear: Params = {"rgb": eyewear.lens_rgb, "opacity": 0.10, "reflect": 2.0}
        made.append(shapes.surface("shields", shapes.merge(shields), Material("lens", clear), "glasses", blend=True))
    return (*made, *_lenses(front, eyewear))


def _edges(front: _Front) -> list[Shape]:
    """The bare edges of rimless lenses, which catch the light."""
    path = front.on(front.outline[:, 0], front.outline[:, 1])
    ring = shapes.tube(path, shapes.rounded(0.0006, 0.0018, 6, 3.0), np.array([0.0, 0.0, 1.0]), closed=True)
    return [ring, shapes.mirrored(ring)]


@dataclass(frozen=True)
class _Front:
    """Where the front of the frame sits: height of the lens centres, depth of their plane, lens box, gap between the lenses."""

    y: float
    z: float
    a: float
    b: float
    gap: float
    wrap: float
    radius: float
    outline: NDArray[np.float64]
    """(N, 2) of the person's left lens, head frame x and y, counter-clockwise seen from the front."""

    @property
    def center_x(self) -> float:
        return (self.gap + self.a) / 2

    def depth(self, x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.float64]:
        """z of the lens surface over (x, y)."""
        out = np.abs(x) - self.center_x
        curve = (out**2 + (y - self.y) ** 2) / (2 * self.radius)
        return np.asarray(self.z + PANTOSCOPIC * (y - self.y) - self.wrap * (np.abs(x) - self.gap / 2) - curve)

    def on(self, x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.float64]:
        return np.stack([x, y, self.depth(x, y)], -1)


def _place(fit: HeadFit, style: Style, eyewear: Eyewear) -> _Front:
    """Sit the frame on the nose: as near the eyes as lashes, brows and cheeks allow, lower and further out when slipped."""
    a = style.width * 0.5 * (fit.eye_distance + FACE_SHARE * fit.face_width) * eyewear.size
    wrap = float(np.tan(np.radians(style.wrap)))
    start = fit.cornea_z + VERTEX_DISTANCE
    for _ in range(SMALLER):  # who chooses glasses takes a smaller pair where cheeks push a large one away
        b = a * style.depth
        y = fit.eye_y - 0.0015 - 0.06 * b - 0.013 * eyewear.slip
        gap = float(np.clip(2 * fit.nose_half_width(y - 0.1 * b, start - 0.004) + 0.003, 0.015, 0.024))
        gap = max(gap, 0.94 * fit.eye_distance - a)
        outline = _outline(style, a, b) + [(gap + a) / 2, y]
        front = _Front(y, start, a, b, gap, wrap, style.radius, outline)
        grown = _grown(outline, front, 0.0025)
        back = 0.5e-3 * max(style.top[1], style.bottom[1], 1.5) + CLEARANCE
        need = max(
            float(np.max(fit.front.at(sign * grown[:, 0], grown[:, 1]) - front.depth(grown[:, 0], grown[:, 1])))
            for sign in (-1, 1)
        )
        if need + back < FARTHEST_M:
            break
        a *= 0.95
    slide = fit.ridge(y + 0.1 * b) - fit.ridge(y + 0.1 * b + 0.013 * eyewear.slip)
    return _Front(y, start + max(0.0, need + back) + max(0.0, 0.6 * slide), a, b, gap, wrap, style.radius, outline)


def _outline(style: Style, a: float, b: float) -> NDArray[np.float64]:
    angle = np.arange(_RIM_POINTS) * 2 * np.pi / _RIM_POINTS
    points = shapes.superellipse(angle, a / 2, b / 2, style.power)
    if style.corners:
        piece = 2 * np.pi / style.corners
        points *= (np.cos(piece / 2) / np.cos((angle + piece / 2) % piece - piece / 2) / np.cos(piece / 4))[:, None] ** 0.8
    x, y = points[:, 0] / (a / 2), points[:, 1] / (b / 2)
    lifted = y + style.lift * np.clip(x, 0, 1) ** 2 * (1.2 + y) / 1.2 - style.drop * np.clip(-y, 0, 1) * (0.5 + 0.5 * x)
    narrowed = x * (1 - 0.10 * np.clip(-y, 0, 1) ** 2) + style.drop * 0.55 * np.clip(-y, 0, 1) * (x < 0.6) * (0.6 - x)
    return np.stack([narrowed * a / 2, lifted * b / 2], -1)


def _grown(outline: NDArray[np.float64], front: _Front, by: float) -> NDArray[np.float64]:
    middle = np.array([front.center_x, front.y])
    away = outline - middle
    return np.concatenate([outline, outline + by * shapes.unit(away), middle + 0.8 * away, middle + 0.5 * away])


def _rim(front: _Front, style: Style) -> Shape | None:
    """The person's left rim: a rounded plate swept round the lens, thick and thin as the style has it."""
    if style.top[0] == 0:
        return None
    path = front.on(front.outline[:, 0], front.outline[:, 1])
    upper = np.clip(0.5 + 3.0 * (front.outline[:, 1] - front.y) / front.b, 0, 1)[:, None]
    size = 1e-3 * (upper * np.array(style.top) + (1 - upper) * np.array(style.bottom))
    unit_box = shapes.rounded(1.0, 1.0, 8, 4.0)
    return shapes.tube(path, unit_box * size[:, None, :], np.array([0.0, 0.0, 1.0]), closed=True)


def _bridges(fit: HeadFit, front: _Front, style: Style) -> list[Shape]:
    """The arch over the nose, lying on its ridge where the ridge comes so far out; aviators have a bar above it."""
    made = []
    thick = 1e-3 * np.clip(style.top[0], 1.6, 3.6)
    rises = (0.16, 0.40) if style.bar else (0.20,)
    for rise in rises:
        y = front.y + rise * front.b
        half = _inner_edge(front, y)
        x = np.linspace(-half, half, 11)
        share = 1 - (x / half) ** 2
        height = y + (0.03 if rise < 0.3 else 0.0) * front.b * share
        floor = np.array([fit.front.at(x, height + d) for d in (-thick / 2, 0, thick / 2)]).max(0) + thick / 2 + 3e-4
        z = np.maximum(front.depth(x, height) + 0.001 * share, floor)
        made.append(shapes.tube(np.stack([x, height, z], -1), shapes.rounded(thick, thick, 8, 2.5), np.array([0.0, 0.0, 1.0])))
    return made


def _inner_edge(front: _Front, y: float) -> float:
    """x of the lens outline nearest the nose at height y."""
    near = front.outline[np.abs(front.outline[:, 1] - y) < 0.12 * front.b]
    return float(near[:, 0].min())


def _pad(fit: HeadFit, front: _Front, style: Style, side: float) -> list[Shape]:
    """A nose pad where the side of the nose meets the frame, and what holds it."""
    y = front.y - 0.10 * front.b
    z = float(front.depth(np.array(front.gap / 2), np.array(y))) - (0.0045 if style.pads else 0.0025)
    z = min(z, fit.ridge(y) - 0.0035)
    x = fit.nose_contact(side, y, z, 0.0042, 0.0022)
    for _ in range(6):  # cheeks and lids in the way: farther forward
        if x < 0.0195:
            break
        z += 0.0015
        x = fit.nose_contact(side, y, z, 0.0042, 0.0022)
    edge = _inner_edge(front, y)
    pad = shapes.ellipsoid(np.array([side * x, y, z]), (0.0014, 0.0052, 0.0030))
    start = np.array([side * edge, y + 0.003, float(front.depth(np.array(edge), np.array(y + 0.003)))])
    middle = np.array([side * (edge + x) / 2, y + 0.002, min(start[2], z + 0.001) - 0.0005])
    width = 0.0011 if style.pads else 0.0026
    arm = shapes.tube(
        np.stack([start, middle, [side * x, y, z]]), shapes.rounded(width, width, 6, 2.0), np.array([0.0, 1.0, 0.0])
    )
    return [pad, arm]


def _temple(fit: HeadFit, front: _Front, style: Style, side: float) -> Shape:
    """From the hinge back to the ear's top root outside of the skull, then bent down behind the ear."""
    k = int(np.argmax(front.outline[:, 0] + 0.55 * (front.outline[:, 1] - front.y)))
    corner = front.on(front.outline[k : k + 1, 0], front.outline[k : k + 1, 1])[0] * [side, 1, 1]
    root = fit.ear_root[0 if side < 0 else 1] + [0.0, 0.5e-3 * style.temple - 0.003, 0.0]
    hinge = corner + [side * 0.0045, 0.0, -0.004]
    share = np.linspace(0, 1, 12)[:, None]
    run = hinge + share * (root - hinge)
    over = max(root[2] - fit.ear_back[0 if side < 0 else 1], 0.004) + 0.001
    along = np.linspace(0, 1, 3)[1:, None]
    share = np.linspace(0, 1, 6)[1:, None]
    across = run[-1] + along * np.array([0.0, 0.0, -over])
    tip = across[-1] + share * np.array([0.0, -0.016, -0.006]) + share**2 * np.array([0.0, -0.008, 0.004])
    path = np.concatenate([run, across, tip])
    half = 0.5e-3 * style.temple
    skull = np.maximum(*(fit.side[0 if side < 0 else 1].at(path[:, 2], path[:, 1] + d) for d in (-half, half)))
    wide = np.maximum(np.abs(path[:, 0]), skull + 0.0018)
    wide[14:] = skull[14:] + 0.0018
    wide[1:-1] = np.maximum(wide[1:-1], (wide[:-2] + wide[2:]) / 2)
    path[:, 0] = side * wide
    path = np.concatenate([[corner, corner + [side * 0.003, 0, -0.001]], path])
    thick = min(style.temple, 2.4) * 1e-3
    return shapes.tube(path, shapes.rounded(thick, style.temple * 1e-3, 8, 3.0), np.array([0.0, 1.0, 0.0]))


def _strap(fit: HeadFit, front: _Front, style: Style, side: float) -> Shape:
    """One half of the elastic of goggles: level round the head, outside of the skull."""
    k = int(np.argmax(front.outline[:, 0]))
    corner = front.on(front.outline[k : k + 1, 0], front.outline[k : k + 1, 1])[0] * [side, 1, 1]
    z = np.linspace(corner[2] - 0.004, -0.165, 22)
    y = corner[1] + 0.010 * np.clip((corner[2] - z) / 0.06, 0, 1)
    half = style.strap / 2
    skull = np.maximum(*(fit.side[0 if side < 0 else 1].at(z, y + d) for d in (-half, half))) + 0.0026
    wide = np.where(z > -0.02, np.maximum(skull, np.interp(z, [-0.02, corner[2]], [0.0, abs(corner[0]) + 0.003])), skull)
    wide[1:-1] = np.maximum(wide[1:-1], (wide[:-2] + wide[2:]) / 2)
    path = np.stack([side * wide, y, z], -1)
    return shapes.tube(path, shapes.rounded(0.0016, style.strap, 8, 5.0), np.array([0.0, 1.0, 0.0]))


def _shield(fit: HeadFit, front: _Front, style: Style, side: float) -> Shape:
    """A clear guard from the rim's outer edge back towards the temple, outside of the face."""
    outer = front.outline[front.outline[:, 0] > front.center_x + 0.18 * front.a]
    outer = outer[np.argsort(-outer[:, 1])]
    edge = front.on(outer[:, 0], outer[:, 1])
    share = np.linspace(0, 1, 5)[:, None]
    z = edge[:, 2] - share * style.shield
    y = edge[:, 1] * (1 - 0.15 * share) + 0.15 * share * front.y
    x = edge[:, 0] + share * 0.004
    floor = fit.side[0 if side < 0 else 1].at(np.minimum(z, 0.028), y) + 0.0016
    x = np.where(z < 0.028, np.maximum(x, floor), x)
    grid = shapes.grid(np.stack([x, y, z], -1))
    return grid if side > 0 else shapes.mirrored(grid)


def _lenses(front: _Front, eyewear: Eyewear) -> tuple[Surface, ...]:
    """Both lenses: one blended surface where the eyes show through, clearer below if graded; solid where they do not. What they
    reflect of the surroundings lies over opaque ones as a second, clear surface."""
    points, faces = shapes.disc(
        np.append(front.outline, np.zeros((_RIM_POINTS, 1)), 1), np.array([front.center_x, front.y, 0.0]), 5
    )
    points = front.on(points[:, 0], points[:, 1])
    uv = (points[:, :2] - [front.center_x, front.y]) / [front.a, front.b] + 0.5
    left = shapes.plain(points, faces, uv)
    both = shapes.merge([left, shapes.mirrored(left)])
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
