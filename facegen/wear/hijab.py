"""The hijab: a hood stretched over skull, ears and jaw, open round the face, over a drape round neck and shoulders.

How much of the forehead shows, how tight it sits, how it is folded and whether an under-scarf shows is expanded from the seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.geometry.angle import arctan2
from facegen.wear import shapes
from facegen.wear.bust import measure
from facegen.wear.fitting import RadialMap, drape, radial_map
from facegen.wear.shapes import Shape

if TYPE_CHECKING:
    from facegen.head.model import HeadModel, PosedHead

Grid = NDArray[np.float64]

_AROUND, _BACK = 60, 32
_CLOTH, EDGE = 0.0055, 0.0035


@dataclass(frozen=True)
class Style:
    """`open`, `brow`, `chin`: polar angles (degrees) of the opening at the cheeks, and how much more at forehead and chin;
    `folds`: depth (m) of the folds that run round the face, `frequency` how many; `loose`: slack behind (m); `cap`: an
    under-scarf shows; `side`: towards which shoulder the drape is laid (-1, 1)."""

    open: float
    brow: float
    chin: float
    folds: float
    frequency: float
    loose: float
    cap: bool
    side: float

    @classmethod
    def of(cls, seed: int) -> Style:
        u = rng.expand(seed, "wear.hijab.style").random(8)
        return cls(
            41.0 + 6.0 * u[0], -3.0 + 6.0 * u[1], 7.0 + 7.0 * u[2], 0.002 + 0.007 * u[3] ** 1.5, 2.0 + 2.5 * u[4],
            0.001 + 0.013 * u[5] ** 2, bool(u[6] < 0.35), 1.0 if u[7] < 0.5 else -1.0,
        )  # fmt: skip

    @classmethod
    def sewn(cls, seed: int, kind: str) -> Style:
        """A hood, loose and wide open, or a balaclava, tight and close round eyes, nose and mouth."""
        u = rng.expand(seed, f"wear.{kind}.style").random(4)
        if kind == "balaclava":
            return cls(36.0 + 3.0 * u[0], -5.0 + 3.0 * u[1], -5.0 + 6.0 * u[2], 0.0, 2.0, 0.001, False, 1.0)
        return cls(45.0 + 5.0 * u[0], -7.0 + 5.0 * u[1], 16.0 + 6.0 * u[2], 0.003, 2.0, 0.016 + 0.010 * u[3], False, 1.0)


def hijab_shapes(
    model: HeadModel, posed: PosedHead, seed: int, under: NDArray[np.floating] | None = None, kind: str = "hijab"
) -> dict[str, Shape]:
    """Return hijab_hood, hijab_drape and, where it shows, hijab_cap (the under-scarf), head frame; `under` (N, 3) are points of
    the garment beneath; `kind` hood and balaclava are sewn alike."""
    style = Style.of(seed) if kind == "hijab" else Style.sewn(seed, kind)
    center, turned = face_axis(model, posed)
    made = {f"{kind}_hood": _hood(center, turned, style, seed), f"{kind}_drape": _drape(model, posed, seed, style, under)}
    if style.cap:
        made["hijab_cap"] = _under_scarf(center, turned, style)
    return made


def _hood(center: Grid, turned: RadialMap, style: Style, seed: int) -> Shape:
    """Rows go from the opening back over the head to its hindmost point; columns go round the face."""
    angle = np.arange(_AROUND) * 2 * np.pi / _AROUND
    opening = _opening(angle, style)
    share = np.linspace(0, 1, _BACK)[:, None]
    polar = opening + (np.radians(172.0) - opening) * share**0.9
    floor = (
        turned.at(np.broadcast_to(angle - np.pi, polar.shape), np.pi / 2 - polar)
        + EDGE
        + (_CLOTH - EDGE) * np.clip(share * 5, 0, 1)
    )
    floor[-1] = floor[-1].mean()
    sheet = floor + (drape(floor, 2.5, 14, wrap=True) - floor) * np.clip(share * 5, 0, 1)
    wave = shapes.folds(seed, "wear.hijab.hood", angle[None, :], 7 * share, 7, 4.0)
    free = np.clip(share * 6, 0, 1)
    turn = style.frequency * share**0.8 + 0.22 * shapes.folds(seed, "wear.hijab.turn", angle[None, :], 2 * share, 4, 2.0)
    ridge = (1 - np.abs((turn % 1.0) * 2 - 1)) ** 1.5  # folds round the face, deepest beside and below it
    around = (0.35 + 0.65 * np.clip(0.6 - np.cos(angle), 0, 1)) * np.clip(share * 12, 0, 1) * np.clip((0.75 - share) * 4, 0, 1)
    sheet = (
        sheet
        + free * (0.0030 * np.clip(0.4 + wave, 0, 1.5) + style.loose * np.clip(share * 2, 0, 1))
        + style.folds * around * ridge
    )
    points = center + sheet[..., None] * _unit(angle, polar)
    shade = 1 - 0.30 * around * (1 - ridge) * np.clip(style.folds / 0.005, 0, 1)
    return shapes.thicken(shapes.grid(points, wrap=True, shade=shade), _BACK, _AROUND + 1, 0.006)


def _under_scarf(center: Grid, turned: RadialMap, style: Style) -> Shape:
    """The band of a bonnet that shows along the forehead, beneath the hood's edge."""
    angle = np.linspace(-1.35, 1.35, 31)
    opening = _opening(angle, style)
    width = np.radians(7.0) * np.clip(1.6 * np.cos(angle / 0.95), 0, 1) ** 0.7
    share = np.array([1.15, 1.0, 0.9, 0.4, -0.5])[:, None]
    polar = opening - share * width
    floor = turned.at(np.broadcast_to(angle - np.pi, polar.shape), np.pi / 2 - polar)
    lift = np.array([-0.0015, 0.0012, 0.0022, 0.0024, 0.0024])[:, None]
    return shapes.grid(
        center + (floor + lift)[..., None] * _unit(angle, polar), shade=np.array([0.5, 1, 1, 0.8, 0.5])[:, None] * np.ones(31)
    )


def _unit(angle: Grid, polar: Grid) -> Grid:
    """Unit vectors (..., 3) at `angle` round the face's axis (0 is up) and `polar` from it."""
    flat = np.sin(polar)
    return np.stack([-flat * np.sin(angle), flat * np.cos(angle), np.cos(polar)], -1)


def face_axis(model: HeadModel, posed: PosedHead) -> tuple[NDArray[np.float64], RadialMap]:
    """Return the hood's centre and a radial map whose pole looks out of the face (azimuth counted from straight up, minus pi)."""
    points = np.asarray(posed.vertices, np.float64)
    masks = model.topology.masks
    chin = points[(masks["chin"] > 0.2) & (np.abs(points[:, 0]) < 0.01)]
    low = chin[:, 1].min()
    head = points[(points[:, 1] > low - 0.035) & (masks["garment"] < 0.05)]
    top = head[:, 1].max()
    upper = head[head[:, 1] > 0.25 * top]
    center = np.array([0.0, (top + low) / 2, (upper[:, 2].min() + upper[:, 2].max()) / 2])
    offset = head - center
    # pole: +Z becomes the map's +Y; up becomes its -Z so that azimuth -pi is up
    swapped = np.stack([-offset[:, 0], offset[:, 2], -offset[:, 1]], -1)
    return center, radial_map(swapped, np.zeros(3), 60, 120)


def _opening(angle: Grid, style: Style) -> Grid:
    """Polar angle of the opening from the face's axis: forehead, cheeks, under the chin (angle 0 is up)."""
    up, down = np.clip(np.cos(angle), 0, 1), np.clip(-np.cos(angle), 0, 1)
    return np.radians(style.open + style.brow * up**2 + style.chin * down**3)


def _drape(model: HeadModel, posed: PosedHead, seed: int, style: Style, under: NDArray[np.floating] | None) -> Shape:
    """Loose cloth from under the jaw round the neck and over the shoulders."""
    bust = measure(model, posed, under)
    skin, azimuth = bust.skin, bust.azimuth
    points = np.asarray(posed.vertices, np.float64)
    chin = points[(model.topology.masks["chin"] > 0.2) & (np.abs(points[:, 0]) < 0.01)]
    front = np.clip(np.cos(azimuth), 0, 1)
    top_y = chin[:, 1].min() - 0.012 + 0.036 * (1 - front)
    rows = 30
    share = np.linspace(0, 1, rows)[:, None]
    height = top_y - skin.center[1]
    throat = chin[:, 2].max() - skin.center[2] - 0.026
    rho = 0.066 + (throat - 0.066) * front**2
    first = arctan2(height, rho)
    end = -0.22 - 0.62 * front**2 - 0.3 * np.clip(-np.cos(azimuth), 0, 1)
    elevation = first + (end - first) * share**0.8
    floor = skin.at(np.broadcast_to(azimuth, elevation.shape), elevation) + (0.014 if under is None else 0.005) * np.clip(
        share * 6, 0.3, 1
    )
    floor[0] = np.maximum(np.hypot(height, rho), floor[0])
    sheet = drape(floor, 2.2, 14, wrap=True)
    wave = shapes.folds(seed, "wear.hijab.drape", azimuth[None, :], 9 * share, 8, 4.0)
    sheet = floor + (sheet - floor) * np.clip(share * 8, 0, 1) + 0.007 * np.clip(share * 4, 0, 1) * (0.5 + wave).clip(0)
    turn = 2.6 * share + 0.55 * style.side * azimuth / np.pi * np.cos(azimuth / 2) + 0.25 * wave  # laid towards one shoulder
    ridge = (1 - np.abs((turn % 1.0) * 2 - 1)) ** 1.5 * np.clip(share * 5, 0, 1)
    deep = 0.5 * style.folds + 0.004
    grid = skin.point(azimuth, elevation, sheet + deep * ridge)
    shade = 1 - 0.35 * (1 - ridge) * np.clip(share * 5, 0, 1)
    return shapes.thicken(shapes.grid(grid, wrap=True, shade=shade), rows, len(azimuth) + 1, 0.006)
