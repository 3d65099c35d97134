"""Draw what is held before the face, hangs over it, stands behind it or in its light. Chances are the same for everybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from facegen.population.distributions import Categories
from facegen.population.palette import color
from facegen.resources import asset_json
from facegen.sample import CastShadow, Front, Rain, SecondHead
from facegen.spec.shots import IN_HAND, WearShares

Draw = Callable[[str], np.random.Generator]
SHADOW_M = {"blinds": (0.25, 0.60), "leaves": (0.20, 0.60), "brim": (0.10, 0.16), "hand": (0.12, 0.30), "pole": (0.30, 0.80)}
"""How far before the face unseen things stand, m; our choice."""
TURN_SD_DEG = {"blinds": 12.0, "leaves": 60.0, "brim": 8.0, "hand": 35.0, "pole": 14.0}


def before(shares: WearShares, even: Callable[[str], float], stream: Draw, child: Callable[[str], int]) -> dict[str, Any]:
    """Return the fields of Wear for these: at most one thing in hand, and a lock of hair besides."""
    front = []
    name = _one_of(shares, even("front"))
    if name is not None:
        front.append(_in_hand(name, stream("front"), child("front")))
    if even("hair_veil") < shares.hair_veil:
        front.append(Front(kind="hair_veil", pose="veil", side=_side(stream("hair_veil")), seed=child("hair_veil")))
    return {
        "front": tuple(front),
        "second_head": _second(stream("second_head"), child("second_head")) if even("second_head") < shares.second_head else None,
        "shadow": _shadow(stream("shadow"), child("shadow")) if even("shadow") < shares.shadow else None,
        "rain": _rain(stream("rain"), child("rain")) if even("rain") < shares.rain else None,
    }


def _one_of(shares: WearShares, u: float) -> str | None:
    for name in IN_HAND:
        u -= getattr(shares, name)
        if u < 0:
            return name
    return None


def _in_hand(name: str, draw: np.random.Generator, seed: int) -> Front:
    hands, kinds = asset_json("wear/hands.json"), asset_json("wear/kinds.json")
    side = _side(draw)
    if name in ("cup", "paper"):
        table = kinds[name]
    else:
        rows = hands["gestures"] if name == "hand" else {k: v for k, v in hands["held"].items() if v["object"] == name}
        table = {pose: row["share"] for pose, row in rows.items()}
    pose = Categories.proportional(table).pick(float(draw.random()))
    sleeve = hands["sleeve"]
    covered = 1.0 if draw.random() < sleeve["bare"] else float(draw.uniform(sleeve["from"], sleeve["to"]))
    palette = "frame" if name in ("phone", "microphone") else "garment"
    return Front(
        kind=cast(Any, name),
        pose=pose,
        side=side,
        rgb=color(palette, draw),
        rgb2=color("garment", draw),
        sleeve=round(covered, 4),
        seed=seed,
    )


def _side(draw: np.random.Generator) -> Any:
    return "left" if draw.random() < 0.5 else "right"


def _second(draw: np.random.Generator, seed: int) -> SecondHead:
    side = 1.0 if draw.random() < 0.5 else -1.0
    return SecondHead(
        off=round(side * float(draw.uniform(0.24, 0.44)), 4),
        behind_m=round(float(draw.uniform(0.5, 2.5)), 4),
        drop_m=round(float(draw.normal(0.0, 0.07)), 4),
        yaw_deg=round(float(np.clip(draw.normal(0, 35), -80, 80)), 3),
        seed=seed,
    )


def _shadow(draw: np.random.Generator, seed: int) -> CastShadow:
    name = Categories.proportional(asset_json("wear/kinds.json")["shadow"]).pick(float(draw.random()))
    return CastShadow(
        kind=cast(Any, name),
        distance_m=round(float(draw.uniform(*SHADOW_M[name])), 4),
        turn_deg=round(float(draw.normal(0, TURN_SD_DEG[name])), 3),
        seed=seed,
    )


def _rain(draw: np.random.Generator, seed: int) -> Rain:
    return Rain(strength=round(float(draw.beta(1.2, 1.6)), 4), seed=seed)
