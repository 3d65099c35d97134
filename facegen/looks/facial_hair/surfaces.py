"""Brows, beard and lashes: short ribbons rooted on the moving skin of the face."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from facegen import rng
from facegen.head.model import HeadModel, PosedHead
from facegen.looks.color import linear_from_lab
from facegen.looks.facial_hair.beard import beard_strands, beard_width
from facegen.looks.facial_hair.brows import brow_grey, brow_strands, brow_width, lasting
from facegen.looks.facial_hair.lashes import lash_surfaces
from facegen.looks.facial_hair.roots import FaceStrands
from facegen.looks.hair.color import melanin_rgb, strand_rgb
from facegen.looks.hair.ribbons import strips, taper
from facegen.looks.hair.scalp import Array
from facegen.sample import Beard, Brows, HairTraits, Identity, Sitting
from facegen.scene import Material, Surface

BEARD_REGION = 14
BROW_REGIONS = (5, 6)
SKIN_THROUGH = 0.22
"""Share of a brow hair's light that comes from the skin under it."""
BROW_DARKER = 0.10
"""Eumelanin that brows have above the hair of the head, which sun and washing bleach; ours."""


def facial_hair_surfaces(
    model: HeadModel, posed: PosedHead, identity: Identity, sitting: Sitting, detail: float
) -> tuple[Surface, ...]:
    """Return brows (regions 5 and 6), beard (14) and lashes (1) on a posed head, head frame.

    Roots come from the stored seeds alone and keep their place on the skin; `detail` 1 suits 256 px, fewer and wider below.
    """
    surfaces = list(_brow_surfaces(model, posed, identity, sitting, detail))
    beard = _beard_surface(model, posed, identity, sitting, detail)
    if beard is not None:
        surfaces.append(beard)
    mascara = sitting.makeup.mascara
    lashes, rgb = min(identity.lashes + 0.6 * mascara, 1.0), _lash_rgb(identity) * (1.0 - 0.85 * mascara)
    surfaces += lash_surfaces(model, posed, lashes, rgb, detail)
    return tuple(surfaces)


@lru_cache(maxsize=8)
def _brows(model: HeadModel, brows: Brows, detail: float) -> tuple[FaceStrands, FaceStrands]:
    return brow_strands(model, brows, 0, detail), brow_strands(model, brows, 1, detail)


@lru_cache(maxsize=4)
def _beard(model: HeadModel, beard: Beard, traits: HairTraits, detail: float) -> FaceStrands | None:
    return beard_strands(model, beard, traits, detail)


def _brow_surfaces(model: HeadModel, posed: PosedHead, identity: Identity, sitting: Sitting, detail: float) -> list[Surface]:
    out = []
    base = brow_tone(identity)
    grey = brow_grey(sitting.hair.grey)
    for k, strands in enumerate(_brows(model, identity.brows, detail)):
        random = rng.expand(identity.brows.seed, f"brows.{k}.colour")
        width = brow_width(identity.brows, len(strands.bary), detail, random) * lasting(sitting.age_years)
        out.append(_surface(f"brow.{k}", strands, posed, width, base, grey, BROW_REGIONS[k], random, 1.0, 0.9, False,
                            min(1.0, 0.7 * detail)))  # fmt: skip
    return out


def brow_tone(identity: Identity) -> Array:
    """Return the colour of brows, (3,) linear: the head's pigment, with the skin's light that passes through so thin a row."""
    own = melanin_rgb(min(0.96 * identity.hair.eumelanin + BROW_DARKER, 1.0), 0.8 * identity.hair.pheomelanin)
    skin = np.clip(linear_from_lab(identity.skin.lab), 0.0, 0.9)
    own = np.minimum(own, 0.8 * skin + 0.02)  # fair brows may pale into fair skin; none outshine dark skin
    return (own * (1.0 - SKIN_THROUGH) + 0.5 * SKIN_THROUGH * skin).astype(np.float32)


def _beard_surface(model: HeadModel, posed: PosedHead, identity: Identity, sitting: Sitting, detail: float) -> Surface | None:
    if sitting.beard.style in ("none", "shadow"):
        return None
    strands = _beard(model, sitting.beard, identity.hair, detail)
    if strands is None or len(strands.bary) == 0:
        return None
    random = rng.expand(sitting.beard.seed, "beard.colour")
    base = melanin_rgb(max(identity.hair.eumelanin - 0.03, 0.0), min(identity.hair.pheomelanin + 0.10, 1.0))
    width = beard_width(sitting.beard, len(strands.bary), detail, random)
    short = sitting.beard.style == "stubble"
    fine = 1.0 if short else 2.0
    grey = sitting.beard.grey * (0.7 if short else 1.0)  # white stubble is half hidden in the skin it grows from
    return _surface("beard", strands, posed, width, base, grey, BEARD_REGION, random, fine, 0.72, not short,
                    0.0 if short else 0.3 * detail)  # fmt: skip


def _surface(
    name: str, strands: FaceStrands, posed: PosedHead, width: Array, base: Array, grey: float, region: int,
    random: np.random.Generator, fine: float, shade: float, shadow: bool, single: float = 0.0,
) -> Surface:  # fmt: skip
    points, outward = strands.place(posed)
    count, rows = points.shape[:2]
    color = np.repeat(strand_rgb(base, grey, count, random, 0.12, single)[:, None], rows, axis=1)
    ao = np.broadcast_to(np.linspace(shade, 1.0, rows)[None], (count, rows))
    params: dict[str, float | tuple[float, ...]] = {
        "root_rgb": (0.95, 0.95, 0.95), "tip_rgb": (1.1, 1.1, 1.1), "specular": 0.25, "roughness": 0.65, "strand": fine,
    }  # fmt: skip
    made = strips(name, points, outward, taper(width, rows, 0.9, 0.5), color, ao, region, Material("hair", params),
                  random.normal(0.0, 0.3, count).astype(np.float32))  # fmt: skip
    return replace(made, casts_shadow=shadow)


def _lash_rgb(identity: Identity) -> Array:
    return 0.6 * melanin_rgb(min(identity.hair.eumelanin + 0.25, 1.0), 0.5 * identity.hair.pheomelanin)
