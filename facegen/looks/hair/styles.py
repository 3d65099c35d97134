"""Named hair styles: data in assets/looks/hair_styles.json, resolved with a person's curl into one growth recipe."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from facegen.errors import SpecError, did_you_mean
from facegen.resources import asset_json

CURL_MM = {"straight": (0.5, 70.0), "wavy": (4.0, 68.0), "curly": (7.5, 30.0), "coily": (3.6, 11.0)}
"""(radius, pitch) of the helix a free strand falls into; classes I, III, V and VII of de la Mettrie et al. 2007."""
CURL_VOLUME = {"straight": 1.0, "wavy": 1.2, "curly": 1.6, "coily": 1.7}


@dataclass(frozen=True)
class Recipe:
    """How a style grows; lengths in millimetres, measured along the strand.

    kind: "strands" (integrated), "coils" (volume of coils around the head), "gathered" (to a tie), "rows" (cornrows) or
    "ropes" (locs, free braids).
    flow: weights of direction fields on top of the head and at the sides; lift: how steeply a strand leaves the scalp; stiff:
    memory of its direction; gravity: pull down per step; layer: how far the outermost hair stands off the head; hem: height
    under the eyes at which long hair is cut; fade: share of the side length left at the lower hairline.
    """

    kind: str = "strands"
    top: float = 40.0
    front: float = 40.0
    side: float = 25.0
    back: float = 25.0
    fade: float = 0.4
    lift: float = 0.5
    stiff: float = 0.5
    gravity: float = 0.3
    layer: float = 8.0
    flow_top: dict[str, float] = field(default_factory=lambda: {"whorl": 1.0})
    flow_side: dict[str, float] = field(default_factory=lambda: {"whorl": 1.0})
    hem: float | None = None
    fringe: bool = False
    fringe_least: float = 0.0
    clump: float = 0.3
    clump_mm: float = 9.0
    stray: float = 0.04
    width: float = 3.6
    segments: int = 6
    budget: int = 28000
    shell: float = 1.5
    tie: tuple[float, float, float] = (0.0, 0.35, -1.0)
    tail: float = 0.0
    ropes: int = 0
    rope_mm: float = 3.0
    rope_pitch_mm: float = 40.0
    braided: bool = False
    curl_mm: tuple[float, float] = CURL_MM["straight"]


def styles() -> dict[str, dict[str, Any]]:
    """Return the style table: name -> curl types, length class, sampling weights, parameters."""
    return asset_json("looks/hair_styles.json")


def recipe(style: str, curl: str) -> Recipe | None:
    """Return the growth recipe of `style` on hair of type `curl`; None when nothing grows (bald)."""
    table = styles()
    if style not in table:
        raise SpecError(f"hair style {did_you_mean(style, table)}")
    entry = table[style]
    if entry["length"] == "bald":
        return None
    known = {f.name for f in fields(Recipe)}
    params = {**entry["params"], **entry["params"].get(f"if_{curl}", {})}
    chosen = {k: tuple(v) if isinstance(v, list) else v for k, v in params.items() if k in known}
    chosen.setdefault("curl_mm", CURL_MM[curl])
    made = Recipe(**chosen)
    return made
