"""Teeth, gums and tongue: surfaces of region 9, darker the deeper they lie in the mouth.

The basis' rows of teeth are smooth arches; crowns, gaps and gums are a texture drawn along the arch.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.geometry.angle import arctan2
from facegen.head.model import HeadModel, PosedHead
from facegen.looks import color
from facegen.looks.reference import REFERENCE_IDENTITY, REFERENCE_SITTING
from facegen.sample import Identity
from facegen.scene import REGIONS, Material, Surface, Texture

Array = NDArray[np.float32]

DULL_LAB, BRIGHT_LAB = (72.0, 2.5, 17.0), (82.0, 1.2, 9.0)
"""Tooth colour from dull to bright, within the range of natural teeth (Gozalo-Diaz et al. 2007)."""
GUM_LAB, TONGUE_LAB = (50.0, 24.0, 12.0), (52.0, 26.0, 12.0)
DEPTH_M = 0.045
"""Light falls to its least this far behind the lips."""
WIDTHS_MM = {"upper_teeth": (8.5, 6.6, 7.6, 7.0, 6.8, 10.0, 9.5), "lower_teeth": (5.3, 5.8, 6.8, 7.0, 7.1, 11.0, 10.5)}
"""Crown widths from the middle outwards (Wheeler's Dental Anatomy)."""
CROWN_MM = 9.6
HALF_ARCH_MM = 62.0
TEXTURE = (512, 64)
"""Texels along the arch and across it."""


@dataclass(frozen=True)
class MouthColors:
    """Linear RGB of tooth, gum and tongue."""

    tooth: tuple[float, ...]
    gum: tuple[float, ...]
    tongue: tuple[float, ...]


def colors(identity: Identity, age: float) -> MouthColors:
    """Colours of the mouth: teeth by `teeth_tone`, darker with age; gums browner with the skin's melanin."""
    t = float(np.clip(identity.teeth_tone - 0.35 * np.clip((age - 35.0) / 50.0, 0, 1), 0.0, 1.0))
    tooth = np.asarray(DULL_LAB) + t * (np.asarray(BRIGHT_LAB) - np.asarray(DULL_LAB))
    dark = float(np.clip((55.0 - identity.skin.lab[0]) / 30.0, 0.0, 1.0))
    gum = np.asarray(GUM_LAB) + dark * np.array([-14.0, -9.0, -2.0])
    return MouthColors(*(tuple(map(float, np.clip(color.linear_from_lab(c), 0, 1))) for c in (tooth, gum, TONGUE_LAB)))


def mouth_surfaces(model: HeadModel, posed: PosedHead, mouth: MouthColors) -> tuple[Surface, ...]:
    """Upper and lower teeth and the tongue, in the head frame; `ao` falls with depth behind the lips."""
    lips = model.topology.masks["lips"] > 0.5
    front = float(posed.vertices[lips, 2].max())
    made = []
    for name in ("upper_teeth", "lower_teeth", "tongue"):
        part = model.topology.parts.get(name)
        if part is None:
            continue
        points = np.ascontiguousarray(posed.vertices[part.index])
        open_ = (1 - np.clip((front - 0.012 - points[:, 2]) / DEPTH_M, 0, 1)).astype(np.float32)
        teeth = name != "tongue"
        least = 0.55 if teeth else 0.8  # flesh sends light on into the back of the mouth
        made.append(
            Surface(
                name=name,
                positions=points,
                normals=np.ascontiguousarray(posed.normals[part.index]),
                faces=part.faces,
                region=np.full(len(points), REGIONS["mouth_interior"], dtype=np.uint8),
                material=_tooth_material(name, mouth) if teeth else _tongue_material(mouth),
                uv=_arch_uv(model, name) if teeth else part.uv,
                color=np.repeat((least + (1 - least) * open_)[:, None], 3, axis=1),
                ao=0.35 * least + (0.70 if teeth else 0.55) * open_,  # lips and cheeks around teeth are translucent
                key=f"{model.key}-{name}",
            )
        )
    return tuple(made)


def _tongue_material(mouth: MouthColors) -> Material:
    return Material("solid", params={"rgb": mouth.tongue, "roughness": 0.42, "metallic": 0.0})


@lru_cache(maxsize=32)
def _tooth_material(name: str, mouth: MouthColors) -> Material:
    albedo, detail = _tooth_texture(name, mouth)
    key = f"{name}-{hash_key(albedo)}"
    textures = {"albedo": Texture(key, albedo, srgb=True), "detail": Texture(f"{name}-detail", detail, srgb=False)}
    return Material("skin", params={"oil": 0.8, "sss": (0.6, 0.9, 1.2), "specular": 1.2}, textures=textures)


def hash_key(pixels: NDArray[np.uint8]) -> str:
    """Return a short name for the content of `pixels`."""
    return hashlib.blake2b(pixels.tobytes(), digest_size=12).hexdigest()


def _tooth_texture(name: str, mouth: MouthColors) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Albedo (64, 512, 3) and detail (64, 512, 4): u along the arch, v from the biting edge (0) to the root (1)."""
    columns, rows = TEXTURE
    s = np.abs((np.arange(columns) + 0.5) / columns * 2 - 1) * HALF_ARCH_MM
    side = np.sign(np.arange(columns) + 0.5 - columns / 2)
    edges = np.concatenate([[0.0], np.cumsum(WIDTHS_MM[name])])
    tooth = np.clip(np.searchsorted(edges, s, side="right") - 1, 0, len(edges) - 2)
    t = np.clip((s - edges[tooth]) / (edges[tooth + 1] - edges[tooth]), 0, 1)
    height = ((np.arange(rows) + 0.5) / rows * 16.0)[:, None]
    gum_line = CROWN_MM + np.array([0.0, -1.1, 0.3, -1.0, -1.6, -2.5, -3.0])[tooth] - 1.6 * (2 * t - 1) ** 2
    gum = np.clip((height - gum_line) / 0.5 + 0.5, 0, 1)[..., None]
    gap = np.exp(-(((t - np.round(t)) * (edges[tooth + 1] - edges[tooth]) / 0.33) ** 2))
    gap = gap * (0.30 + 0.35 * np.exp(-height / 1.2))
    neck = np.clip(height / CROWN_MM, 0, 1)[..., None]
    crown = np.asarray(mouth.tooth) * (1 - 0.10 * neck**2 * np.array([0.6, 1.0, 1.8]))
    crown = crown * (1 - 0.16 * np.exp(-height[..., None] / 1.1) * np.array([1.1, 0.9, 0.7]))
    crown = crown * np.array([1.0, 0.98, 0.93, 0.96, 0.95, 0.93, 0.92])[tooth][:, None]
    rgb = crown * (1 - gap[..., None] * np.array([0.75, 0.88, 0.92])) * (1 - gum) + np.asarray(mouth.gum) * gum
    detail = np.zeros((rows, columns, 4), dtype=np.uint8)
    slope = np.clip(1.15 * (2 * t - 1) ** 3, -0.7, 0.7) * side
    detail[..., 0] = np.rint(128 + 127 * slope * (1 - 0.6 * gum[..., 0]))
    detail[..., 1] = np.rint(128 + 127 * np.clip(-0.35 * np.exp(-height / 1.0), -0.5, 0.5))
    detail[..., 2] = np.rint(255 * (0.27 + 0.10 * gum[..., 0]))
    return color.encode_bytes(rgb.astype(np.float32)), np.asarray(cv2.GaussianBlur(detail, (0, 0), 0.7), dtype=np.uint8)


_arches: dict[tuple[str, str], Array] = {}


def _arch_uv(model: HeadModel, name: str) -> Array:
    """(R, 2): u along the arch, v across it, from the reference head; made once in a process."""
    key = (model.key, name)
    if key not in _arches:
        vertices = model.shape(REFERENCE_IDENTITY, REFERENCE_SITTING).vertices
        p = vertices[model.topology.parts[name].index].astype(np.float64)
        half, back = np.abs(p[:, 0]).max(), p[:, 2].min()
        deep = p[:, 2].max() - back
        angle = arctan2(p[:, 0] / half, np.maximum(p[:, 2] - back, 1e-4) / deep)
        grid = np.linspace(0, np.pi / 2, 200)
        step = np.hypot(half * np.cos(grid), deep * np.sin(grid)) * (grid[1] - grid[0])
        along = np.interp(np.abs(angle), grid, np.concatenate([[0], np.cumsum(step)[:-1]])) * np.sign(angle)
        rise = (p[:, 1] - p[:, 1].min()) / np.ptp(p[:, 1])
        across = rise if name == "upper_teeth" else 1 - rise
        _arches[key] = np.stack([0.5 + along / (2 * HALF_ARCH_MM / 1000), across], axis=1).astype(np.float32)
    return _arches[key]
