"""Stray light in the lens, on linear light: a veil over all of the picture, a halo around what is bright, haze and ghosts of
lamps that shine into the lens.

The veil is the veiling glare of ISO 9358: a share of the field's mean light everywhere. Halos are wide (point spreads with long
tails: McCann and Rizzi, The Art and Science of HDR Imaging, 2011, from memory). Both together are a lens's veiling glare index:
1 to 3 percent for clean lenses, up to 10 for smeared ones and small ones (assets/camera/lenses.json; Kuwabara, On the flare of
lenses, JOSA 43:53, 1953, and ISO 9358:1994, from memory). What a camera then makes of it (it exposes for the stray light too, and
takes its level for black) is in metering.py and tone.py. The halos' two widths are our choice, as is all about ghosts.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.geometry import planes
from facegen.geometry.projection import project_still
from facegen.scene import Camera, Key

WORK_PX = 64
HALO = ((0.012, 0.6), (0.1, 0.4))
"""Standard deviations (share of the height) of the halo's two parts, and their shares."""
HAZE = 0.55
"""How far from a lamp its haze falls to 1/e, in picture heights."""
SHADED_COS = 0.5
"""A lamp farther than 60 degrees from the axis does not reach the lens's front: its rim shades it."""
GHOSTS = ((-0.35, 0.035, (0.9, 1.0, 0.6)), (-0.7, 0.06, (0.5, 0.9, 1.0)), (-1.15, 0.09, (1.0, 0.7, 0.9)))
"""Where ghosts lie from the axis, as a multiple of the lamp's place; radius (share of the height); tint."""
GHOST_SHARE = 0.5

Image = NDArray[np.float32]


def veiled(light: Image, veil: float) -> Image:
    """Return `light` (S, S, 3) under a veil: the share `veil` of it spread evenly."""
    if veil <= 0:
        return light
    out = light * np.float32(1 - veil)
    out.reshape(len(out), -1)[:] += np.tile(np.float32(veil) * planes.mean(light), out.shape[1])
    return out


def flared(light: Image, flare: float, camera: Camera, keys: tuple[Key, ...], coverage: Image) -> Image:
    """Return `light` with the share `flare` of each light strewn around it, and of the lamps that shine into the lens."""
    if flare <= 0:
        return light
    size = light.shape[0]
    work = min(WORK_PX, size)
    small = cv2.resize(light, (work, work), interpolation=cv2.INTER_AREA)
    glow = sum(share * cv2.GaussianBlur(small, (0, 0), sd * work, borderType=cv2.BORDER_REPLICATE) for sd, share in HALO)
    glow = glow + sum((_lamp(key, camera, work, coverage) for key in keys), np.zeros(3, np.float32))
    spread = cv2.resize(np.asarray(glow, np.float32), (size, size), interpolation=cv2.INTER_LINEAR)
    spread *= np.float32(flare)
    spread += light * np.float32(1 - flare)
    return np.asarray(spread, np.float32)


def _lamp(key: Key, camera: Camera, work: int, coverage: Image) -> Image:
    """Return (work, work, 3): haze and ghosts of a lamp behind the person, none where the lens does not see it."""
    facing = -float(key.direction[2])
    if facing <= SHADED_COS:
        return np.zeros((1, 1, 3), np.float32)
    place = project_still(np.asarray(key.direction, np.float64)[None] * 1e3, camera)[0]
    row, column = int(place[1]), int(place[0])
    if 0 <= row < camera.size and 0 <= column < camera.size and coverage[row, column] > 0.5:
        return np.zeros((1, 1, 3), np.float32)  # the head stands before it
    at = (np.arange(work, dtype=np.float32) + 0.5) / work
    lamp, axis = place / camera.size, camera.K[:2, 2] / camera.size
    away = np.hypot(at[None, :] - lamp[0], at[:, None] - lamp[1])
    light = np.exp(-away / HAZE)[..., None] * np.ones(3, np.float32)
    for along, radius, tint in GHOSTS:
        x, y = axis + along * (lamp - axis)
        inside = np.clip((radius - np.hypot(at[None, :] - x, at[:, None] - y)) * work * 0.5 + 0.5, 0, 1)
        light = light + GHOST_SHARE * inside[..., None] * np.asarray(tint, np.float32)
    return np.asarray(light * (key.rgb * np.float32(facing / np.pi)), np.float32)
