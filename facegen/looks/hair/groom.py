"""Head hair of a sitting: grown once on the neutral head, then carried by the skull and pressed down under headwear."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facegen import rng
from facegen.geometry.normals import vertex_normals
from facegen.head.model import HeadModel, HeadShape
from facegen.looks.hair import kinds as hair_kinds
from facegen.looks.hair import shell as hair_shell
from facegen.looks.hair.color import base_rgb
from facegen.looks.hair.field import HeadField, head_field
from facegen.looks.hair.job import Grown, Head, Job
from facegen.looks.hair.scalp import Skull, follicles
from facegen.looks.hair.styles import Recipe, recipe
from facegen.looks.hair.under_hat import press
from facegen.sample import Identity, Sitting, Wear
from facegen.scene import Surface


@dataclass(frozen=True)
class HairGroom:
    """Hair surfaces in the head frame, region 13, and the distance field that headwear presses them against."""

    surfaces: tuple[Surface, ...]
    field: HeadField | None
    skull: Skull | None


def groom(model: HeadModel, shape: HeadShape, identity: Identity, sitting: Sitting, detail: float) -> HairGroom:
    """Grow the hair of `sitting` on the neutral head `shape`.

    `detail` scales the number of ribbons (1 is about 35 thousand triangles, for 256 px); fewer ribbons are wider. Pure: all
    randomness is expanded from `sitting.hair.seed`.
    """
    topology = model.topology
    skin = topology.parts["skin"]
    triangles = skin.index[skin.faces].astype(np.int32)
    bare = sum(topology.masks[name] for name in ("ears", "eyelids", "nose", "lips", "mouth_inside"))
    scalp = np.clip(1.0 - 2.0 * np.asarray(bare), 0.0, 1.0).astype(np.float32)
    return groom_head(
        Head(shape.vertices, vertex_normals(shape.vertices, triangles).astype(np.float32), triangles, scalp),
        identity,
        sitting,
        detail,
    )


def groom_head(head: Head, identity: Identity, sitting: Sitting, detail: float) -> HairGroom:
    """Grow hair on plain arrays (see `groom`)."""
    plan = recipe(sitting.hair.style, identity.hair.curl)
    if plan is None:
        return HairGroom((), None, None)
    skull = Skull.measure(head.vertices)
    field = _field(head, plan)
    seed = sitting.hair.seed
    map_ = follicles(skull, identity.hair, sitting.hair, identity.sex, rng.expand(seed, "hair.line"))
    base = base_rgb(identity.hair, sitting.hair.dye)
    job = Job(head, skull, field, map_, plan, identity, sitting, detail, base)
    grown: Grown = hair_kinds.GROWERS[plan.kind](job)
    surfaces = tuple(s for s in (*hair_shell.shell(job, grown), *grown.surfaces) if len(s.faces))
    return HairGroom(surfaces, field, skull)


def _field(head: Head, plan: Recipe) -> HeadField:
    reach = plan.hem is not None or plan.tail > 0 or plan.top > 100
    low = (-0.19, -0.26, -0.23) if reach else (-0.12, -0.12, -0.20)
    high = (0.19, 0.17, 0.11) if reach else (0.12, 0.16, 0.09)
    return head_field(head.vertices, head.normals, low, high)


def hair_surfaces(groom_: HairGroom, wear: Wear) -> tuple[Surface, ...]:
    """Return the hair to draw in one shot, head frame: as grown, or pressed to the skull above the line of the headwear."""
    if wear.headwear is None or groom_.field is None or groom_.skull is None:
        return groom_.surfaces
    return tuple(press(s, groom_.field, groom_.skull, wear.headwear) for s in groom_.surfaces)
