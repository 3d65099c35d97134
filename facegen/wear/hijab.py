"""The hijab: a hood stretched over skull, ears and jaw, open round the face, over a drape round neck and shoulders.

How much of the forehead shows, how tight it sits, how it is folded and whether an under-scarf shows is expanded from the seed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from facegen import rng
from facegen.wear import shapes
from facegen.wear.around import FaceAxis, hanging, toward
from facegen.wear.fitting import drape
from facegen.wear.shapes import Shape

if TYPE_CHECKING:
    from facegen.head.model import HeadModel, PosedHead

Grid = NDArray[np.float64]

_AROUND, _BACK = 64, 42
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
            41.0 + 6.0 * u[0], -3.0 + 6.0 * u[1], 7.0 + 7.0 * u[2], 0.003 + 0.008 * u[3] ** 1.5, 2.0 + 2.5 * u[4],
            0.001 + 0.010 * u[5] ** 2, bool(u[6] < 0.35), 1.0 if u[7] < 0.5 else -1.0,
        )  # fmt: skip

    @classmethod
    def for_niqab(cls, seed: int) -> Style:
        """The scarf over which a veil is tied: drawn down over the forehead to the brows."""
        u = rng.expand(seed, "wear.niqab.style").random(2)
        return replace(cls.of(seed), open=38.0 + 3.0 * u[0], brow=-19.0 + 4.0 * u[1], chin=4.0, cap=False)


def hijab_shapes(
    model: HeadModel, posed: PosedHead, seed: int, under: NDArray[np.floating] | None = None, kind: str = "hijab"
) -> dict[str, Shape]:
    """Return hijab_hood, hijab_drape and, where it shows, hijab_cap (the under-scarf), head frame; `under` (N, 3) are points of
    the garment beneath; `kind` niqab: the same, named for it, closer about the eyes."""
    style = Style.of(seed) if kind == "hijab" else Style.for_niqab(seed)
    head = FaceAxis.of(model, posed)
    made = {
        f"{kind}_hood": _hood(head, style, seed),
        f"{kind}_drape": hanging(model, posed, seed, under, style.folds, style.side),
    }
    if style.cap:
        made["hijab_cap"] = _under_scarf(head, style)
    return made


def _hood(head: FaceAxis, style: Style, seed: int) -> Shape:
    """Rows go from the opening back over the head to its hindmost point; columns go round the face."""
    angle = np.arange(_AROUND) * 2 * np.pi / _AROUND
    opening = _opening(angle, style)
    share = np.linspace(0, 1, _BACK)[:, None]
    polar = opening + (np.radians(172.0) - opening) * share**0.9
    floor = head.at(angle, polar) + EDGE + (_CLOTH - EDGE) * np.clip(share * 5, 0, 1)
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
    points = head.center + sheet[..., None] * toward(angle, polar)
    shade = 1 - 0.30 * around * (1 - ridge) * np.clip(style.folds / 0.005, 0, 1)
    return shapes.thicken(shapes.grid(points, wrap=True, shade=shade), _BACK, _AROUND + 1, 0.006)


def _under_scarf(head: FaceAxis, style: Style) -> Shape:
    """The band of a bonnet that shows along the forehead, beneath the hood's edge."""
    angle = np.linspace(-1.35, 1.35, 31)
    opening = _opening(angle, style)
    width = np.radians(7.0) * np.clip(1.6 * np.cos(angle / 0.95), 0, 1) ** 0.7
    share = np.array([1.15, 1.0, 0.9, 0.4, -0.5])[:, None]
    polar = opening - share * width
    floor = head.at(angle, polar)
    lift = np.array([-0.0015, 0.0012, 0.0022, 0.0024, 0.0024])[:, None]
    shade = np.array([0.5, 1, 1, 0.8, 0.5])[:, None] * np.ones(31)
    return shapes.grid(head.center + (floor + lift)[..., None] * toward(angle, polar), shade=shade)


def _opening(angle: Grid, style: Style) -> Grid:
    """Polar angle of the opening from the face's axis: forehead, cheeks, under the chin (angle 0 is up)."""
    up, down = np.clip(np.cos(angle), 0, 1), np.clip(-np.cos(angle), 0, 1)
    return np.radians(style.open + style.brow * up**2 + style.chin * down**3)
