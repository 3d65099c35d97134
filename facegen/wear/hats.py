"""Parts of hats: a cap's peak, eyelets and badge, a beanie's turn-up and bobble, brims, bands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen.wear import shapes
from facegen.wear.crown import Crown
from facegen.wear.shapes import Shape

Grid = NDArray[np.float64]

_PEAK_HALF = 1.06
"""A peak is sewn to this much of the rim to either side, radians."""


def peak(crown: Crown, length: float, droop: float, radius: float) -> Shape:
    """A stiff peak over the brow, both faces and a rounded edge: `length` m in the middle, falling by `droop` of it, bent across
    to `radius` m (large: flat); it leaves the rim as it lies and takes its own bend on the way out."""
    azimuth = np.linspace(-_PEAK_HALF, _PEAK_HALF, 33)
    edge = crown.rim(azimuth)
    share = np.array([0, 0.05, 0.10, 0.16, 0.26, 0.36, 0.48, 0.60, 0.72, 0.84, 0.92, 0.97, 1.0])[:, None]
    across = azimuth / _PEAK_HALF
    reach = length * np.clip(1 - np.abs(across) ** 3.0, 0, 1) ** 0.62 + 0.002
    ahead = shapes.unit(np.stack([0.22 * np.sin(azimuth), np.zeros_like(azimuth), np.ones_like(azimuth)], -1))
    top = edge[None] + ahead[None] * (share * reach)[..., None]
    middle = edge[len(edge) // 2]
    out = top[..., 2] - edge[:, 2].max()
    bent = middle[1] - droop * np.maximum(out, 0) - top[..., 0] ** 2 / (2 * radius)
    blend = np.clip(share * 1.25, 0, 1) ** 0.8
    top[..., 1] = (
        (1 - blend) * (edge[:, 1] - 0.15 * droop * share * reach) + blend * np.minimum(bent, edge[:, 1] + 0.004) + 0.0015
    )
    thick = 0.0030 * np.array([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.9, 0.6, 0.1])[:, None]
    under = top - np.stack([0 * thick, thick, 0.25 * thick], -1)
    rows = [0.5, 0.9, 1, 1, 1, 0.86, 1, 0.86, 1, 0.86, 1, 0.84, 0.95]
    shade = np.concatenate([np.array(rows), np.full(len(rows), 0.8)])[:, None] * np.ones(len(azimuth))
    return shapes.grid(np.concatenate([top, under[::-1]]), shade=shade)


def badge(crown: Crown, width: float, height: float, power: float) -> Shape:
    """A sewn patch on the front of a crown: a rounded box of `width` x `height` (m), 2 an ellipse, more boxier."""
    angle = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    rim = shapes.superellipse(angle, width / 2, height / 2, power)
    flat = np.concatenate([rim * share for share in (0.0, 0.5, 0.92, 1.0)])
    points = crown.on(flat[:, 0], flat[:, 1] + 0.012 + height / 2 + 0.006)
    out = shapes.unit((points - crown.center) * [1, 0.5, 1])
    lift = np.repeat([0.0026, 0.0026, 0.0024, 0.0004], len(rim))
    return shapes.plain(points + lift[:, None] * out, shapes.grid_faces(4, len(rim), True), flat)


def eyelets(crown: Crown) -> list[Shape]:
    """The stitched air holes of a cap, one a panel."""
    rows = crown.strip(np.array([0.070, 0.072]))
    out = shapes.unit(rows - crown.center)
    cols = [int(np.argmin(np.abs(crown.azimuth - a))) for a in (np.arange(6) + 0.5) * np.pi / 3 - np.pi]
    return [shapes.ellipsoid(rows[0, c] + 0.0002 * out[0, c], (0.0030, 0.0030, 0.0030), 5, 8) for c in cols]


def turn_up(crown: Crown, height: float, thickness: float) -> Shape:
    """The doubled band of a knitted hat: rounded where it is folded, close to the head, its free edge standing off a little."""
    share = np.array([-0.02, 0.0, 0.04, 0.12, 0.35, 0.65, 0.90, 0.98, 1.0, 0.98])
    rows = crown.strip(np.clip(share, 0, 1) * height)
    lift = thickness * np.array([-0.2, 0.35, 0.75, 1.0, 1.05, 1.1, 1.2, 1.1, 0.7, -0.2])
    out = shapes.unit((rows - crown.center) * [1, 0.3, 1])
    points = rows + out * lift[:, None, None]
    points[0, :, 1] += 0.0005
    points[:2, :, 1] -= 0.0015
    shade = np.array([0.4, 0.8, 1, 1, 1, 1, 1, 0.95, 0.7, 0.35])[:, None] * np.ones(points.shape[1])
    return shapes.grid(points[::-1], wrap=True, shade=shade[::-1])


def bobble(crown: Crown, radius: float, seed: int) -> Shape:
    """A woollen ball on top: strands of all lengths, so that its outline is rough."""
    rows, cols = 22, 34
    theta, phi = np.linspace(0, np.pi, rows)[:, None], np.arange(cols)[None] * 2 * np.pi / cols
    wave = shapes.folds(seed, "wear.headwear.bobble", phi, 3 * theta, 8, 7.0)
    tuft = np.sin(11 * phi + 5 * np.sin(4 * theta + seed % 5)) * np.sin(9 * theta + 3 * np.sin(3 * phi))
    fine = np.sin(theta) ** 0.5
    reach = radius * (1 + 0.05 * wave + 0.10 * tuft * fine)
    parts = np.broadcast_arrays(np.sin(theta) * np.sin(phi), np.cos(theta) + 0 * phi, np.sin(theta) * np.cos(phi))
    points = crown.shell[0].mean(0) + [0, 0.6 * radius, 0] + np.stack(parts, -1) * reach[..., None]
    return shapes.grid(points, wrap=True, shade=0.80 + 0.20 * np.clip(1.2 * tuft, -1, 1) * fine)


def brim(crown: Crown, length: float, fall_deg: float, snap_deg: float, curl: float, seed: int) -> Shape:
    """A brim all round, `length` wide (m), falling by `fall_deg` below the level, `snap_deg` more in front and less behind, its
    sides curled up by `curl` (m)."""
    rim, azimuth = crown.shell[-1], crown.azimuth
    out = shapes.unit((rim - crown.center) * [1, 0, 1])
    share = np.linspace(0, 1, 11)[:, None]
    wave = shapes.folds(seed, "wear.headwear.brim", azimuth, np.zeros_like(azimuth), 4, 3.0)
    angle = np.radians(fall_deg + snap_deg * np.cos(azimuth)) + 0.05 * wave
    top = rim[None] + out[None] * (share * length * np.cos(angle))[..., None]
    top[..., 1] -= share * length * np.sin(angle) - curl * share**2 * np.sin(azimuth) ** 2
    top[0] += 0.003 * out * [1, 0, 1] * -1.0  # sewn on inside
    under = top[::-1] - np.array([0, 0.0022, 0])
    rows = np.concatenate([[0.6, 0.95, 0.9, 1, 0.9, 1, 0.9, 1, 0.9, 1, 0.9], np.full(11, 0.8)])
    return shapes.grid(np.concatenate([top, under]), wrap=True, shade=rows[:, None] * np.ones(len(azimuth)))


def band(crown: Crown, height: float) -> Shape:
    """A ribbon round the foot of the crown."""
    share = np.array([1.0, 1.0, 0.97, 0.75, 0.5, 0.25, 0.03, 0.0])
    rows = crown.strip(height * share)
    out = shapes.unit((rows - crown.center) * [1, 0, 1])
    lift = np.array([-0.0005, 0.0010, 0.0018, 0.0020, 0.0020, 0.0020, 0.0018, 0.0])
    shade = np.array([0.5, 0.8, 1, 1, 1, 1, 0.9, 0.6])[:, None] * np.ones(rows.shape[1])
    return shapes.grid(rows + out * lift[:, None, None], wrap=True, shade=shade)
