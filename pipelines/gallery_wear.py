"""Sheets of what is worn, and of what is before, behind and around the face."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from gallery_common import AHEAD, MAIN, OLD, YOUNG, Sheet, changed, person, plan

from facegen.resources import asset_json
from facegen.sample import CastShadow, Eyewear, Front, Headwear, Mask, Neckwear, Rain, SecondHead
from facegen.spec import names

COLORS = ((0.02, 0.02, 0.025), (0.62, 0.61, 0.58), (0.36, 0.05, 0.06), (0.05, 0.11, 0.26))
HARD_LIGHT = "studio_hard"
POSITIONS = ("worn", "under_nose", "chin")


def wear() -> Iterator[Sheet]:
    """What is worn, and what is before, behind and around the face: each on eight heads, a thing a row."""
    heads = [person(n, ancestry=MAIN[n % 4], sex=names.SEXES[n // 4], age_band=(YOUNG, "35-50", OLD)[n % 3]) for n in range(8)]
    lit = plan(1, shots={"light": HARD_LIGHT}).sample(0).shot
    for name, rows in (("wear_worn", worn_rows()), ("wear_before", before_rows())):
        tiles = []
        for text, things in rows:
            for n, head in enumerate(heads):
                around = {"light": lit.light} if "shadow" in text else {}
                tiles.append((text, changed(head, gaze=AHEAD, wear=head.shot.wear.model_copy(update=things(n)), **around)))
        yield Sheet(name, 8, tiles, tile_px=224)


def worn_rows() -> Iterator[tuple[str, Callable[[int], dict[str, Any]]]]:
    """Caption of each row and what its n-th head wears."""
    look = {"frame_rgb": (0.02, 0.02, 0.022), "lens_rgb": (0.9, 0.95, 0.93), "lens_opacity": 0.05, "size": 1.0, "slip": 0.2}
    dark = {"lens_rgb": (0.01, 0.01, 0.012), "lens_opacity": 0.9}
    for text, more in (
        ("-8 dpt, green", {"kind": "rectangular", "power_dpt": -8.0, "coating": "green"}),
        ("+5 dpt, purple", {"kind": "panto", "power_dpt": 5.0, "coating": "purple"}),
        ("hexagonal", {"kind": "hexagonal", "finish": "metal", "frame_rgb": (0.6, 0.45, 0.2)}),
        ("safety", {"kind": "safety"}),
        ("goggles", {"kind": "goggles"}),
        ("graded", {"kind": "square", **dark, "gradient": 0.8}),
        ("mirrored", {"kind": "sport_wrap", **dark, "coating": "mirror"}),
    ):
        made = Eyewear.model_validate({**look, **more})
        yield text, lambda n, made=made: {"eyewear": made}
    for kind in asset_json("wear/kinds.json")["mask"]:
        print_ = {"pattern": "floral"} if kind == "cloth_pleated" else {}
        yield (
            kind,
            lambda n, kind=kind, print_=print_: {
                "mask": Mask(kind=kind, rgb=COLORS[n % 4], rgb2=COLORS[3 - n % 4], position=POSITIONS[n % 3], seed=n, **print_)
            },
        )
    for kind in asset_json("wear/kinds.json")["headwear"]:
        yield (
            kind,
            lambda n, kind=kind: {
                "headwear": Headwear(kind=kind, rgb=COLORS[n % 4], rgb2=COLORS[(n + 1) % 4], tilt_deg=0, seed=n)
            },
        )
    yield "scarf", lambda n: {"scarf": Neckwear(kind="wool", rgb=COLORS[n % 4], seed=n)}
    yield "scarf, mouth", lambda n: {"scarf": Neckwear(kind="wool", rgb=COLORS[n % 4], seed=n, position="mouth")}


def before_rows() -> Iterator[tuple[str, Callable[[int], dict[str, Any]]]]:
    """The same of hands, things, somebody behind, rain and shadows."""
    table = asset_json("wear/hands.json")
    poses = [("hand", pose) for pose in table["gestures"]] + [(row["object"], pose) for pose, row in table["held"].items()]
    for kind, pose in (*poses, ("cup", "glass"), ("paper", "sheet"), ("paper", "book"), ("hair_veil", "veil")):
        yield (
            pose if kind == "hand" or kind == pose else f"{kind}, {pose}",
            lambda n, kind=kind, pose=pose: {
                "front": (
                    Front(
                        kind=kind, pose=pose, side=("left", "right")[n % 2], rgb=COLORS[n % 4], rgb2=COLORS[3 - n % 4],
                        sleeve=(1.0, 0.4, 0.2, 0.7)[n % 4], seed=n + 1237 * n,
                    ),
                )
            },
        )  # fmt: skip
    yield (
        "second head",
        lambda n: {
            "second_head": SecondHead(off=(-0.38, 0.38)[n % 2], behind_m=0.5 + 0.3 * n, drop_m=0.0, yaw_deg=20 - 9 * n, seed=n)
        },
    )
    yield "rain", lambda n: {"rain": Rain(strength=n / 7, seed=n)}
    for kind in asset_json("wear/kinds.json")["shadow"]:
        distance = 0.15 if kind in ("brim", "hand") else 0.35
        yield (
            f"shadow, {kind}",
            lambda n, kind=kind, distance=distance: {
                "shadow": CastShadow(kind=kind, distance_m=distance, turn_deg=8 * n - 28, seed=n)
            },
        )
