"""Things people hold: phone, microphone, cup, paper. Each is made in its own frame: Y along it, Z out of its front; metres.

Sizes are those of common products: a phone of 72 x 150 x 8 mm, a hand-held microphone 52 mm at its grille, a mug of 82 mm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.sample import Front
from facegen.scene import Material, Surface
from facegen.wear import shapes
from facegen.wear.hands import contact
from facegen.wear.hands.contact import Clearance
from facegen.wear.shapes import Params, Shape

Array = NDArray[np.float64]
PHONE_HALF = np.array([0.036, 0.075, 0.0042])
MIC_RADIUS, CUP_RADIUS = 0.0165, 0.040
Y, Z = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])
Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class Thing:
    """`surfaces` in the thing's frame, and the clearance round what fingers close on, as a function of its placement: origin (3,)
    and axes (3, 3), rows X, Y, Z in the frame asked in."""

    surfaces: tuple[Surface, ...]
    clearance: Callable[[Array, Array], Clearance]


def made(front: Front) -> Thing:
    """Return the thing that `front.kind` names (phone, microphone, cup)."""
    return {"phone": _phone, "microphone": _microphone, "cup": _cup}[front.kind](front)


def solid(
    name: str, shape: Shape, rgb: Rgb, rough: float, metallic: float = 0.0, color: NDArray[np.float32] | None = None
) -> Surface:
    """Return a hard surface of the region object."""
    params: Params = {"rgb": rgb, "roughness": rough, "metallic": metallic}
    return shapes.surface(name, shape, Material("solid", params), "object", color=color)


def lathe(profile: Array, sides: int = 28) -> Shape:
    """Return the outline (N, 2), radius and y from top to bottom, turned about Y."""
    angle = np.arange(sides) * 2 * np.pi / sides
    points = np.stack(
        [profile[:, :1] * np.sin(angle), np.broadcast_to(profile[:, 1:], (len(profile), sides)), profile[:, :1] * np.cos(angle)],
        -1,
    )
    return shapes.grid(points, wrap=True)


def slab(half: Array, corner: float, bevel: float, sides: int = 32) -> Shape:
    """Return a plate with rounded corners (`corner`: their radius) and bevelled edges, front towards +Z."""
    angle = np.arange(sides) * 2 * np.pi / sides + np.pi / sides
    inner = half[:2] - corner
    c, s = np.cos(angle), np.sin(angle)
    edge = np.stack([np.sign(c) * inner[0] + corner * c, np.sign(s) * inner[1] + corner * s], -1)
    rows = []
    for z, inset in (
        (half[2], None),
        (half[2], bevel),
        (half[2] - bevel, 0.0),
        (-half[2] + bevel, 0.0),
        (-half[2], bevel),
        (-half[2], None),
    ):
        ring = 0.02 * edge if inset is None else edge * (1 - inset / half[:2])
        rows.append(np.concatenate([ring, np.full((sides, 1), z)], 1))
    return shapes.grid(np.stack(rows), wrap=True)


def _phone(front: Front) -> Thing:
    random = rng.expand(front.seed, "front.phone")
    body = slab(PHONE_HALF, 0.009, 0.0012)
    half = PHONE_HALF * [0.955, 0.975, 1.0]
    glass = slab(np.array([half[0], half[1], 0.0004]), 0.008, 0.0002)
    screen = shapes.plain(glass.positions + [0, 0, PHONE_HALF[2] + 0.0001], glass.faces)
    parts = [solid("phone", body, front.rgb, 0.28, 0.15), solid("phone_screen", screen, (0.008, 0.008, 0.010), 0.10)]
    lenses = []
    island = slab(np.array([0.013, 0.013, 0.0012]), 0.005, 0.0006)
    at = np.array([0.019, 0.055, -PHONE_HALF[2] - 0.001])
    parts.append(solid("phone_island", shapes.plain(island.positions + at, island.faces), front.rgb, 0.35, 0.1))
    for x, y in ((-0.0055, 0.0055), (-0.0055, -0.0055), (0.0055, 0.0))[: int(random.integers(2, 4))]:
        ring = shapes.ellipsoid(at + [x, y, -0.0010], (0.0045, 0.0045, 0.0014), 6, 14)
        lenses.append(ring)
    parts.append(solid("phone_lenses", shapes.merge(lenses), (0.010, 0.010, 0.014), 0.10))
    return Thing(tuple(parts), lambda origin, axes: contact.box(origin, axes, PHONE_HALF))


def _microphone(front: Front) -> Thing:
    y = np.linspace(0, 1, 14)
    ball = np.stack([0.026 * np.sin(np.pi * (0.02 + 0.66 * y)), 0.128 + 0.026 * np.cos(np.pi * (0.02 + 0.66 * y)) - 0.004], -1)
    band = np.array([[0.0232, 0.108], [0.0245, 0.106], [0.0245, 0.100], [0.0215, 0.096]])
    body = np.array([[0.0215, 0.096], [0.0178, 0.060], [MIC_RADIUS, 0.0], [0.0120, -0.085], [0.0112, -0.088], [0.0005, -0.088]])
    grille = lathe(ball)
    mesh = 0.55 + 0.45 * (
        np.sin(900 * grille.positions[:, 1]) * np.sin(34 * np.arctan2(grille.positions[:, 0], grille.positions[:, 2])) > 0
    )
    color = np.repeat(mesh[:, None], 3, 1).astype(np.float32)
    steel = (0.42, 0.42, 0.43)
    parts = (
        solid("microphone_grille", grille, steel if front.rgb2[0] > 0.2 else (0.02, 0.02, 0.02), 0.45, 0.7, color),
        solid("microphone_band", lathe(band), steel, 0.3, 0.9),
        solid("microphone", lathe(body), front.rgb, 0.45, 0.0),
    )
    return Thing(parts, lambda origin, axes: contact.cylinder(origin, axes[1], MIC_RADIUS + 0.0012))


def _cup(front: Front) -> Thing:
    glass = front.pose == "glass"
    top, low, height = (0.036, 0.030, 0.120) if glass else (CUP_RADIUS + 0.001, CUP_RADIUS - 0.002, 0.094)
    half = height / 2
    wall = 0.0035
    outline = np.array([
        [0.001, -half + 0.008], [low - wall, -half + 0.008], [top - wall, half - 0.001], [top - 0.5 * wall, half],
        [top, half - 0.0012],
        [low, -half + 0.004], [low - 0.003, -half], [0.001, -half],
    ])  # fmt: skip
    parts = [solid("cup", lathe(outline, 36), front.rgb, 0.22)]
    if not glass:
        turn = np.linspace(-0.5 * np.pi, 0.5 * np.pi, 14)
        path = np.stack([0 * turn, 0.027 * np.sin(turn), -(CUP_RADIUS - 0.002) - 0.024 * np.cos(turn)], -1)
        handle = shapes.tube(path, shapes.rounded(0.008, 0.011, 8, 2.2), np.array([1.0, 0.0, 0.0]))
        parts.append(solid("cup_handle", handle, front.rgb, 0.22))
    liquid = np.array([[0.001, 0.62 * half], [(low + top) / 2 - wall + 0.002, 0.60 * half]])
    parts.append(solid("cup_inside", lathe(liquid, 24), (0.05, 0.022, 0.010), 0.10))
    return Thing(tuple(parts), lambda origin, axes: contact.cylinder(origin, axes[1], (0.034 if glass else CUP_RADIUS) + 0.0008))


def paper(front: Front, center: Array, width: float) -> tuple[Surface, ...]:
    """Return a sheet, a folder or a book held upright; `center`: the middle of its upper edge (head frame), its front away from
    the face. Its lower end leaves the picture in a portrait, and with it the hands that hold it."""
    random = rng.expand(front.seed, "front.paper")
    book = front.pose == "book"
    wide, tall = (0.30, 0.23) if book else (0.21, 0.297)
    rows, cols = 48, 60
    u, v = np.linspace(-1, 1, cols), np.linspace(0, 1, rows)[:, None]
    x = np.broadcast_to(u * wide / 2, (rows, cols))
    bow = -0.030 * np.abs(u) ** 0.9 if book else 0.016 * (u**2) * (1 - 0.4 * v) * random.choice([-1, 1])
    wave = 0.0 if book else 0.0015 * shapes.folds(front.seed, "front.paper.wave", np.pi * u[None], 3 * v, 4, 2.0)
    lean = np.radians(8 + 8 * random.random())
    y = -v * tall * np.cos(lean) + 0 * u
    z = -0.5 * v * 0 + v * tall * np.sin(lean) + bow + wave + 0 * u
    turn = np.radians(random.normal(0, 4))
    points = np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn), z], -1) + center
    color = _printed(front, u, v, random, book)
    sheet = shapes.grid(points)
    front_side = solid("paper", sheet, (1.0, 1.0, 1.0), 0.75 if not book else 0.4, 0.0, color)
    if not book:
        return (front_side,)
    pages = points - np.array([0, 0, 0.010]) - np.stack([0 * x, 0 * x, 0.004 * (1 - np.abs(u)) + 0 * v], -1)
    block = shapes.grid(np.concatenate([points[:1], pages * [1, 1, 1]]))
    return (front_side, solid("paper_block", block, (0.72, 0.70, 0.62), 0.8))


def _printed(front: Front, u: Array, v: Array, random: np.random.Generator, book: bool) -> NDArray[np.float32]:
    """Vertex colours: a cover with a title, or lines of print; seen from its front alone."""
    ink, ground = np.asarray(front.rgb2), np.asarray(front.rgb if book else (0.78, 0.78, 0.76))
    if book:
        title = (np.abs(np.abs(u) - 0.55) < 0.30) & (np.abs(v - 0.32) < 0.07 + 0.03 * random.random())
        spine = (np.abs(u) < 0.07) & (v > -1)
        amount = 1.0 * title + 0.35 * spine
    else:
        amount = 0.55 * (
            (np.abs(u) < 0.80) & (v > 0.10) & (np.sin(v * 46 * np.pi) > 0.1) & (u + 0 * v < 0.80 - 0.5 * (np.sin(31 * v) > 0.8))
        )
    amount = np.broadcast_to(amount, (len(v), len(u))).reshape(-1, 1)
    return np.asarray(ground + amount * (ink * (1.0 if book else 0.2) - ground), np.float32)
