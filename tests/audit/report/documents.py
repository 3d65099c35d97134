"""Documents that reports are made from in tests: an audit with every part, a comparison, counterfactuals, and hostile labels."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from facegen.measures import coverage

HOSTILE = "</script><script>window.broken=1</script><img src=x onerror=alert(1)>&\"'"
CATEGORIES = {
    "sex": ("female", "male"),
    "age_band": ("18-29", "30-49", "50-69", "70-85"),
    "skin_monk": ("1", "3", "5", "7", "9"),
}
LIGHTS = ("overcast", "direct_sun", "night_street")


def people(seed: int, many: int, categories: dict[str, tuple[str, ...]], leave_out: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return drawn labels of `many` images, two a person; categories in `leave_out` never occur."""
    draw = np.random.default_rng(seed)
    columns = {}
    for name, words in categories.items():
        kept = [w for w in words if w not in leave_out]
        weights = np.linspace(2, 1, len(kept))
        columns[name] = np.repeat(draw.choice(kept, many // 2, p=weights / weights.sum()), 2)
    return pd.DataFrame({"image_id": [f"{i:06d}_000" for i in range(many)], "identity_id": np.arange(many) // 2, **columns})


def even(categories: dict[str, tuple[str, ...]]) -> coverage.Declared:
    shape = tuple(len(c) for c in categories.values())
    return coverage.Declared(tuple(categories), tuple(categories.values()), np.full(shape, 1 / np.prod(shape)))


def audit(
    name: str = "example", seed: int = 1, many: int = 160, categories: Any = None, leave_out: Any = ("9",)
) -> dict[str, Any]:
    """Return an audit document with every part; measures that are not counts are made up."""
    categories = categories or CATEGORIES
    frame, declared, draw = people(seed, many, categories, leave_out), even(categories), np.random.default_rng(seed)
    levels = {
        "identity": coverage.level(frame.drop_duplicates("identity_id"), declared),
        "image": coverage.level(frame, declared),
    }
    for table in levels.values():
        for tau, found in table["uncovered"].items():
            cells = itertools.islice(table["intersection"]["cells"], 3)
            found["cover_with"] = [{**{a: c[a] for a in declared.attributes}, "add": int(tau)} for c in cells]
    intervals = {
        level: {
            a: {c: [max(0.0, n / table["records"] - 0.03), min(1.0, n / table["records"] + 0.04)] for c, n in m["counts"].items()}
            for a, m in table["marginals"].items()
        }
        for level, table in levels.items()
    }

    def z(words: tuple[str, ...], values: tuple[str, ...]) -> dict[str, dict[str, float]]:
        return {w: {v: round(float(draw.normal(0, 1.5)), 2) for v in values} for w in words}

    def g() -> dict[str, Any]:
        at = float(draw.normal(0, 0.5))
        return {"hedges_g": round(at, 3), "interval": [round(at - 0.3, 3), round(at + 0.3, 3)]}

    factors = {"light": LIGHTS, "mask": ("none", "surgical"), "yaw_deg": ("0", "1", "2", "3")}
    return {
        "audit_version": 1, "name": name, "format": "facegen",
        "rows": {"identities": many // 2, "sittings": None, "images": many},
        "sources": dict.fromkeys(categories, "parameter"), "notes": ["A note on the set."],
        "declared": {
            "attributes": list(categories),
            "target_shares": {a: dict.fromkeys(c, 1 / len(c)) for a, c in categories.items()},
        },
        "levels": levels, "intervals": {**intervals, "interval_method": "bootstrap over identities"},
        "independence": {
            f: {
                a: {"cramers_v": 0.2, "cramers_v_corrected": round(0.1 * i, 2), "local_z": z(words, values)}
                for i, (a, words) in enumerate(categories.items())
            }
            for f, values in factors.items()
        },
        "quality_parity": {
            m: {
                "by": {
                    a: {
                        "mean": {w: round(float(draw.uniform(0, 1)), 3) for w in words}, "gap": 0.4,
                        "effect": {w: g() for w in words}, "p_holm": 0.04,
                    }
                    for a, words in categories.items()
                },
                "cells": {"lowest": 0.1, "highest": 0.9},
            }
            for m in ("occluded_fraction", "ofiq_luminance_mean")
        },
        "skin": {
            "apparent_vs_intrinsic": {
                light: {
                    t: {"n": 9, **{f"delta_{k}_mean": round(float(draw.normal(-4, 9)), 2) for k in ("ita", "L")}}
                    for t in categories.get("skin_monk", ("1", "2"))
                }
                for light in LIGHTS
            }
        },
        "rejections": {
            "rejected": 3, "planned": many + 3, "rate": 0.02, "interval": [0.004, 0.06], "cells": [],
            "by": {
                a: {w: {"rejected": i, "planned": 40, "rate": i / 40, "interval": [0.0, 0.2]} for i, w in enumerate(words)}
                for a, words in categories.items()
            },
        },
        "definitions": {"sei": "Shannon evenness over declared categories", "tv": "half the sum of |p - q|"},
    }  # fmt: skip


def hostile() -> dict[str, Any]:
    """Return an audit document whose every word tries to be markup."""
    categories = {"sex": (HOSTILE, "male"), "<b>attr</b>": ("<i>a</i>", "x&y", '"quoted"')}
    found = audit(HOSTILE, 3, 40, categories, ())
    return found | {"notes": [HOSTILE], "sources": {"sex": HOSTILE}, "definitions": {HOSTILE: HOSTILE}}


def from_dataset(directory: Path) -> dict[str, Any]:
    """Return the audit document of a dataset as far as its manifest tells it."""
    manifest = json.loads((directory / "manifest.json").read_text())
    counts = manifest["counts"]
    return {
        "audit_version": 1, "name": manifest["name"], "format": "facegen",
        "rows": {k: counts[k] for k in ("identities", "sittings", "images")},
        "sources": dict.fromkeys(manifest["declared"]["attributes"], "parameter"), "notes": list(manifest["notes"].values()),
        "declared": manifest["declared"], "levels": manifest["levels"], "independence": manifest["independence"],
        "quality_parity": manifest["quality_parity"],
        "definitions": manifest["definitions"],
    }  # fmt: skip


def compare() -> dict[str, Any]:
    """Return a comparison of three sets, one of which has no tone 9 and one no old people."""
    sets = [
        audit("ours", 1, 160, leave_out=()),
        audit("Set B", 2, 400, leave_out=("9",)),
        audit("Set C", 3, 90, leave_out=("70-85",)),
    ]
    sets[1] |= {"format": "fairface", "rows": {"identities": None, "sittings": None, "images": 400}}
    sets[1]["sources"] = dict.fromkeys(CATEGORIES, "annotated")
    side: dict[str, Any] = {}
    for attribute, words in CATEGORIES.items():
        side[attribute] = {}
        for word in words:
            side[attribute][word] = {}
            for s in sets:
                n = s["levels"]["image"]["marginals"][attribute]["counts"][word]
                p = n / s["rows"]["images"]
                side[attribute][word][s["name"]] = {"count": n, "share": p, "interval": [max(0, p - 0.05), min(1, p + 0.05)]}
    distances = []
    for (a, b), attribute in itertools.product(itertools.combinations(sets, 2), CATEGORIES):
        tv = sum(abs(row[a["name"]]["share"] - row[b["name"]]["share"]) for row in side[attribute].values()) / 2
        distances.append({
            "a": a["name"], "b": b["name"], "attribute": attribute, "tv": tv, "js": tv**2, "chi2_p": 0.0004, "p_holm": 0.02,
            "interval": [max(0, tv - 0.04), tv + 0.05],
        })  # fmt: skip
    return {
        "compare_version": 1, "sets": sets, "attributes": list(CATEGORIES),
        "mapping": ["Set B: age 'more than 70' became 70-85", "Set C: tones were read from pictures"],
        "distances": distances, "side_by_side": side,
        "unique": [
            {"set": "ours", "pattern": {"age_band": "70-85", "skin_monk": "9"}, "count": 12},
            {"set": "Set C", "pattern": {"sex": "female", "age_band": "18-29", "skin_monk": "9"}, "count": 3},
        ],
    }  # fmt: skip


def counterfactual() -> dict[str, Any]:
    """Return the shifts of a detector's score under four factors."""
    draw = np.random.default_rng(7)

    def cell(mean: float, n: int, half: float) -> dict[str, Any]:
        return {"n": n, "shift_mean": round(mean, 4), "interval": [round(mean - half, 4), round(mean + half, 4)]}

    def factors(scale: float) -> dict[str, Any]:
        out = {}
        for name, mean in (("skin_monk", -0.012), ("light", -0.09), ("mask", -0.21), ("glasses", -0.004)):
            by = {
                a: {w: cell(scale * mean + float(draw.normal(0, 0.02)), 24, 0.02) for w in words}
                for a, words in CATEGORIES.items()
            }
            out[name] = {**cell(scale * mean, 96, 0.008), "by": by, "flips": {"k": round(-100 * mean), "n": 96}}
        return out

    return {
        "counterfactual_version": 2, "name": "counterfactual_demo", "scorer": "MediaPipe short range",
        "mediated": "both", "pairs": 384,
        "factors": factors(1.0), "live": factors(1.3),
        "validity": {
            "real": None, "by": {}, "n_groups": 0,
            "statement": "Shift on renders, not evidence of real-world differential.",
        },
        "examples": [{"factor": f, "base": "000001_000", "variant": f"000001_000__{f}-x"} for f in ("skin_monk", "mask")],
    }  # fmt: skip
