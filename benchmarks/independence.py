"""Does anything about a picture tell who is in it? Every factor of the shots of a spec against every demographic attribute.

    python benchmarks/independence.py pipelines/demo.yaml [--images 5000] [--per-identity 5] [--rounds 49999]

Draws the plan alone (nothing is rendered) and flattens each shot: words and numbers, numbers cut at their quartiles, things that
are absent as 'none'. For each factor and each of sex, age band, ancestry and Monk tone it prints Cramer's V with Bergsma's
correction (tables of first, second ... shots pooled) and the permutation test over sittings, Holm-corrected over all pairs.
Bar: V < 0.03 and no corrected p below 0.01. Factors that belong to the person (own glasses, the gaze that meets the camera from
the own pose) or that a spec declares as conditional are listed apart.
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
from facegen.measures import balance
from facegen.measures.permutation import association_p, holm
from facegen.population.plan import build
from facegen.sample import SampleSpec
from facegen.spec import DatasetSpec

ATTRIBUTES = ("sex", "age_band", "ancestry", "skin_monk")
OWNED = ("wear.eyewear",)
"""Factors that begin so belong to the person: who owns glasses wears the same pair again."""
CONDITIONAL = ("expression.weights.", "gaze.")
"""Facial actions follow the expression, which is tested, their sidedness a habit; gaze into the lens follows the own pose."""
SKIPPED = ("index", "seed", ".seed")
BAR_V, BAR_P = 0.03, 0.01
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


def corrected_v(codes: np.ndarray, group: np.ndarray, shot: np.ndarray) -> float:
    """Return Bergsma's V, tables of first, second ... shots pooled."""
    tables = [pd.crosstab(codes[shot == k], group[shot == k]).to_numpy() for k in np.unique(shot)]
    return balance.cramers_v_repeated(tables)


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
    shot = np.array([sample.shot.index for sample in samples])
    p_values, v_values = {}, {}
    for name in ATTRIBUTES:
        group = attribute(samples, name)
        found = association_p(columns, group, sitting, given.rounds, np.random.default_rng(1))
        for factor, p in found.items():
            p_values[f"{factor} x {name}"] = p
            v_values[f"{factor} x {name}"] = corrected_v(columns[factor], group, shot)
    exempt = {pair for pair in p_values if pair.startswith((*OWNED, *CONDITIONAL))}
    adjusted = holm({pair: p for pair, p in p_values.items() if pair not in exempt})
    worst_v, worst_p = max(adjusted, key=lambda pair: v_values[pair]), min(adjusted, key=lambda pair: adjusted[pair])
    print(f"{given.spec}: {len(samples)} images, {len(columns)} factors, {len(adjusted)} pairs tested, {len(exempt)} exempt")
    for good, text in (
        (v_values[worst_v] < BAR_V, f"largest corrected V {v_values[worst_v]:.4f} ({worst_v}), bar below {BAR_V:g}"),
        (adjusted[worst_p] >= BAR_P, f"least Holm-corrected p {adjusted[worst_p]:.4f} ({worst_p}), bar {BAR_P:g} at least"),
    ):
        print("ok  " if good else "MISS", text)
    for pair in sorted(adjusted, key=lambda pair: -v_values[pair])[:8]:
        print(f"     V {v_values[pair]:.4f}  p {p_values[pair]:.4f}  corrected {adjusted[pair]:.4f}  {pair}")
    for pair in sorted(exempt, key=lambda pair: -v_values[pair])[:8]:
        print(f"     exempt: V {v_values[pair]:.4f}  p {p_values[pair]:.4f}  {pair}")


if __name__ == "__main__":
    try:
        main()
    except FacegenError as error:
        sys.exit(f"independence: {error}")
