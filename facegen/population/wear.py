"""Draw what is worn in a shot. Chances are the same for everybody; only whose glasses they are belongs to the person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from facegen import rng
from facegen.population.distributions import Categories
from facegen.population.front import before
from facegen.population.palette import color
from facegen.resources import asset_json
from facegen.sample import Eyewear, Garment, Headwear, Mask, Neckwear, Sitting, Wear
from facegen.spec.shots import WearShares

Draw = Callable[[str], np.random.Generator]
POWER_DPT = (-1.6, 2.6)
"""Mean and spread of what spectacles correct: more people are short-sighted; our choice, within -10..7."""
UNPOWERED = ("safety", "goggles", "sport_wrap")
MIRRORED, GRADED = 0.15, 0.35
OVER_MOUTH = 0.1
COVERING = ("niqab", "balaclava")
"""Headwear that would hide a mask: none is worn beneath it."""
_COATINGS = Categories(("none", "green", "blue", "purple"), (0.35, 0.35, 0.16, 0.14))
_MASK_POSITIONS = Categories(("worn", "under_nose", "chin"), (0.88, 0.07, 0.05))


def wear(who: int, k: int, sitting: Sitting, shares: WearShares, even: Callable[[str], float], seed: int) -> Wear:
    """Return the things worn in shot `k` of identity `who`."""

    def stream(name: str) -> np.random.Generator:
        return rng.stream(f"shot.wear.{name}", who, k, seed=seed)

    def child(name: str) -> int:
        return rng.child_seed(f"shot.wear.{name}.seed", who, k, seed=seed)

    headwear = _headwear(stream("headwear"), child("headwear")) if even("headwear") < shares.headwear else None
    garment = _garment(even("garment"), stream("garment"), child("garment"))
    if headwear is not None and headwear.kind == "hood":  # it belongs to what is worn beneath it
        garment = garment.model_copy(update={"kind": "hoodie", "pattern": of_kind("garment_pattern", "hoodie", stream("hood"))})
        same = {"rgb": garment.rgb, "rgb2": garment.rgb2, "pattern": "melange" if garment.pattern == "melange" else "plain"}
        headwear = headwear.model_copy(update=same)
    masked = even("mask") < shares.mask and (headwear is None or headwear.kind not in COVERING)
    return Wear(
        eyewear=_eyewear(who, sitting, shares, even, stream, seed),
        mask=mask_of(who, k, seed) if masked else None,
        headwear=headwear,
        scarf=_scarf(stream("scarf"), stream("scarf.position"), child("scarf")) if even("scarf") < shares.scarf else None,
        **before(shares, even, stream, child),
        garment=garment,
    )


def kind(table: str, stream: np.random.Generator) -> str:
    """Draw a kind by the weights of assets/wear/kinds.json."""
    return Categories.proportional(asset_json("wear/kinds.json")[table]).pick(float(stream.random()))


def of_kind(table: str, name: str, stream: np.random.Generator) -> str:
    """Draw by the row of `name` in a table of assets/wear/kinds.json."""
    return Categories.proportional(asset_json("wear/kinds.json")[table][name]).pick(float(stream.random()))


def _eyewear(
    who: int, sitting: Sitting, shares: WearShares, even: Callable[[str], float], stream: Draw, seed: int
) -> Eyewear | None:
    if even("sunglasses") < shares.sunglasses:
        draw = stream("sunglasses")
        dark = glasses(kind("sunglasses", draw), draw, opacity=float(draw.uniform(0.6, 1.0)))
        film = stream("sunglasses.film")
        mirror, graded = film.random() < MIRRORED, film.random() < GRADED
        more = {
            "coating": "mirror" if mirror else "none",
            "gradient": round(float(film.uniform(0.4, 0.95)), 4) if graded else 0.0,
        }
        return dark.model_copy(update={**more, "power_dpt": 0.0})
    owner = sitting.eyewear != "none"
    if owner and even("own_glasses") < shares.own_glasses:
        return own_glasses(who, sitting, stream("slip"), seed)
    if not owner and even("other_glasses") < shares.other_glasses:
        draw = stream("eyewear")
        return glasses(kind("eyewear", draw), draw, opacity=None)
    return None


def own_glasses(who: int, sitting: Sitting, slip: np.random.Generator, seed: int) -> Eyewear:
    """Return the person's own pair: the same in every shot of the sitting; only how it sits, by `slip`, changes."""
    own = glasses(sitting.eyewear, rng.stream("sitting.eyewear.look", who, sitting.index, seed=seed), opacity=None)
    return own.model_copy(update={"slip": round(float(slip.beta(1.3, 4.0)), 4)})


def glasses(name: str, stream: np.random.Generator, opacity: float | None) -> Eyewear:
    """Draw the look of a pair; clear lenses (opacity None) hold back 2-12% of the light."""
    table = asset_json("wear/kinds.json")["eyewear_look"]
    low, mode, high = table["weight"][name]
    frame = color("frame", stream)
    lens = color("sunglass_lens", stream) if opacity is not None else (0.9, 0.95, 0.93)
    held_back = opacity if opacity is not None else float(stream.uniform(0.02, 0.12))
    size, slip = float(np.clip(stream.normal(1.0, 0.08), 0.82, 1.2)), float(stream.beta(1.3, 4.0))
    return Eyewear(
        kind=name,
        frame_rgb=frame,
        lens_rgb=lens,
        lens_opacity=round(held_back, 4),
        size=round(size, 4),
        slip=round(slip, 4),
        weight=round(float(stream.triangular(low, mode, high)), 4),
        depth=round(float(np.clip(stream.normal(1.0, 0.08), 0.82, 1.18)), 4),
        finish=cast(Any, Categories.of(table["finish"][name]).pick(float(stream.random()))),
        power_dpt=0.0 if name in UNPOWERED else round(float(np.clip(stream.normal(*POWER_DPT), -10, 7)), 2),
        coating=cast(Any, _COATINGS.pick(float(stream.random()))) if opacity is None else "none",
    )


def mask_of(who: int, k: int, seed: int, name: str | None = None) -> Mask:
    """Return the mask of a shot; `name`: one of that kind instead, worn as it should be."""
    stream, print_ = (rng.stream(f"shot.wear.{part}", who, k, seed=seed) for part in ("mask", "mask.print"))
    position = _MASK_POSITIONS.pick(float(stream.random()))
    drawn, rgb = kind("mask", stream), color("mask", stream)
    name, position = (drawn, position) if name is None else (name, "worn")
    pattern = of_kind("mask_pattern", name, print_)
    if name.startswith("cloth") and print_.random() < 0.6:
        rgb = color("garment", print_)
    own = rng.child_seed("shot.wear.mask.seed", who, k, seed=seed)
    return Mask(kind=name, rgb=rgb, rgb2=color("garment", print_), pattern=pattern, position=cast(Any, position), seed=own)


def _headwear(stream: np.random.Generator, seed: int) -> Headwear:
    name, rgb, tilt = kind("headwear", stream), color("headwear", stream), round(float(stream.normal(0, 4)), 3)
    pattern = of_kind("headwear_pattern", name, stream)
    return Headwear(kind=name, rgb=rgb, rgb2=color("garment", stream), pattern=pattern, tilt_deg=tilt, seed=seed)


def _scarf(stream: np.random.Generator, position: np.random.Generator, seed: int) -> Neckwear:
    drawn_up = position.random() < OVER_MOUTH
    return Neckwear(kind=kind("scarf", stream), rgb=color("scarf", stream), position="mouth" if drawn_up else "neck", seed=seed)


def _garment(u: float, stream: np.random.Generator, seed: int) -> Garment:
    name = Categories.proportional(asset_json("wear/kinds.json")["garment"]).pick(u)
    return Garment(
        kind=name,
        rgb=color("garment", stream),
        rgb2=color("garment", stream),
        pattern=of_kind("garment_pattern", name, stream),
        seed=seed,
    )
