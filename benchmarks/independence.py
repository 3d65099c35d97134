"""Does anything about a picture tell who is in it? Every factor of the shots of a spec against every demographic attribute.

    python benchmarks/independence.py pipelines/demo.yaml [--images 5000] [--per-identity 5] [--rounds 49999]

Draws the plan alone (nothing is rendered) and flattens each shot: words and numbers, numbers cut at their quartiles, things that
are absent as 'none'. For each factor of `MAIN` and each of sex, age band, ancestry and Monk tone: Cramer's V with Bergsma's
correction over all images, and the permutation test over sittings, Holm-corrected over all these pairs. Bar: V < 0.03 and no
corrected p below 0.01. The hundreds of numbers behind these factors (a lamp's height, a red of a frame) are screened besides: the
share of their p-values below 0.01 should be 0.01. Factors that belong to the person (own glasses) or follow another (facial
actions the expression, gaze the pose) are exempt and left out.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from facegen.errors import FacegenError
from facegen.measures.association import cramers_v
from facegen.measures.permutation import association_p, holm
from facegen.population.plan import build
from facegen.sample import SampleSpec
from facegen.spec import DatasetSpec

ATTRIBUTES = ("sex", "age_band", "ancestry", "skin_monk")
OWNED = ("wear.eyewear",)
"""Factors that begin so belong to the person: who owns glasses wears the same pair again."""
CONDITIONAL = ("expression.weights.", "gaze.")
"""Facial actions follow the expression, which is tested, their sidedness a habit; gaze into the lens follows the own pose."""
MAIN = (
    "expression.name", "pose.yaw_deg", "pose.pitch_deg", "pose.roll_deg", "camera.profile", "camera.distance_m",
    "camera.focal_mm", "camera.f_number", "camera.tilt_deg", "camera.roll_deg", "camera.vignette", "light.rig", "light.meter",
    "light.lux",
    "background.kind", "background.distance_m", "degradation.preset", "degradation.iso", "degradation.exposure_s",
    "degradation.exposure_ev", "degradation.wb_red", "degradation.contrast", "degradation.saturation", "degradation.denoise",
    "degradation.sharpen", "degradation.downscale", "degradation.oversample", "degradation.jpeg_quality", "degradation.grey",
    "degradation.channel.count", "wear.mask.kind", "wear.headwear.kind", "wear.scarf.kind", "wear.garment.kind",
    "wear.front.count", "wear.front.0.kind", "wear.second_head.behind_m", "wear.shadow.kind", "wear.rain.strength",
)  # fmt: skip
SKIPPED = ("index", "seed", ".seed")
BAR_V, BAR_P = 0.03, 0.01
SCREENED = 999
"""Permutations for the numbers that are only screened."""
BINS = 4


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the dotted name and the value of every plain value of nested mappings and sequences."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, (list, tuple)):
        yield f"{name}.count", len(value)
        for n, inner in enumerate(value):
            yield from leaves(inner, f"{name}.{n}")
    else:
        yield name, value


def factors(samples: list[SampleSpec]) -> dict[str, np.ndarray]:
    """Return name -> (N,) categories of every factor of the shots that varies."""
    rows = [dict(leaves(sample.shot.model_dump())) for sample in samples]
    table = pd.DataFrame(rows)
    out = {}
    for name in table.columns:
        if name.endswith(SKIPPED) or name in SKIPPED:
            continue
        column = table[name]
        numeric = column.dropna().map(lambda v: isinstance(v, (int, float)) and not isinstance(v, bool)).all()
        if numeric and column.nunique() > BINS:
            column = pd.qcut(column.rank(method="first"), BINS, labels=False).astype(object).where(column.notna(), "none")
        codes = pd.factorize(column.astype(object).where(column.notna(), "none").astype(str))[0]
        if len(np.unique(codes)) > 1:
            out[name] = codes
    return out


def attribute(samples: list[SampleSpec], name: str) -> np.ndarray:
    """Return the (N,) values of a demographic attribute."""
    of = {
        "sex": lambda s: s.identity.sex,
        "ancestry": lambda s: s.identity.ancestry,
        "skin_monk": lambda s: str(s.identity.skin.monk),
        "age_band": lambda s: s.sitting.age_band,
    }[name]
    return np.array([of(sample) for sample in samples])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("spec", type=Path)
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--per-identity", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=49_999)
    given = parser.parse_args()
    spec = DatasetSpec.load(given.spec)
    count = {"identities": given.images // given.per_identity, "images_per_identity": given.per_identity}
    samples = list(build(spec.model_copy(update=count)).samples())
    columns = factors(samples)
    sitting = np.array([sample.sitting.sitting_id for sample in samples])
    main_p, main_v, screened = {}, {}, []
    named = [name for name in columns if name in MAIN]
    rest = [name for name in columns if name not in MAIN and not name.startswith((*OWNED, *CONDITIONAL))]
    for name in ATTRIBUTES:
        group, random = attribute(samples, name), np.random.default_rng(1)
        for factor, p in association_p({n: columns[n] for n in named}, group, sitting, given.rounds, random).items():
            main_p[f"{factor} x {name}"] = p
            main_v[f"{factor} x {name}"] = cramers_v(pd.crosstab(columns[factor], group).to_numpy())[1]
        screened += association_p({n: columns[n] for n in rest}, group, sitting, SCREENED, random).values()
    adjusted = holm(main_p)
    worst_v, worst_p = max(adjusted, key=lambda pair: main_v[pair]), min(adjusted, key=lambda pair: adjusted[pair])
    print(f"{given.spec}: {len(samples)} images, {len(named)} factors, {len(adjusted)} pairs")
    for good, text in (
        (main_v[worst_v] < BAR_V, f"largest corrected V {main_v[worst_v]:.4f} ({worst_v}), bar below {BAR_V:g}"),
        (adjusted[worst_p] >= BAR_P, f"least Holm-corrected p {adjusted[worst_p]:.4f} ({worst_p}), bar {BAR_P:g} at least"),
    ):
        print("ok  " if good else "MISS", text)
    for pair in sorted(adjusted, key=lambda pair: -main_v[pair])[:6]:
        print(f"     V {main_v[pair]:.4f}  p {main_p[pair]:.5f}  corrected {adjusted[pair]:.4f}  {pair}")
    low = np.mean(np.array(screened) < BAR_P)
    print(f"     {len(rest)} numbers behind them, {len(screened)} pairs: {low:.4f} of their p-values below {BAR_P:g}")


if __name__ == "__main__":
    try:
        main()
    except FacegenError as error:
        sys.exit(f"independence: {error}")
