"""What a plan comes to before anything is rendered: people, pictures, pairs and cost, cell by cell. No shot is drawn for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from facegen.measures import power
from facegen.population.depth import deep_ones
from facegen.population.plan import build
from facegen.population.roster import Roster
from facegen.spec import DatasetSpec

SECONDS = {128: 0.2, 256: 0.27, 512: 2.5}
"""Seconds of one core to render one picture, by its size in pixels: 7,200 pictures at 128 px (12 a person), 3,024 at 256 px (3 a
person), both on an idle machine; 30 at 512 px with masks on a busy one. Up to 256 most of it is no drawing."""
SECONDS_FROM = "measured on one core without a GPU (Mesa's software driver), 2026-11: an order of magnitude elsewhere"
POWER = ("fmr_rule_of_30", "fmr_rule_of_3", "fnmr_rule_of_30", "fnmr_rule_of_3")


@dataclass(frozen=True)
class Outline:
    """cells: a row a cell, its words, `target_share`, `target_identities`, `identities`, `deep`, `sittings`, `images`,
    `mated_pairs`, `nonmated_pairs` (within the cell) and the smallest rates of POWER; total: the same of everybody, pairs across
    cells among them; pictures: images with the variants of a counterfactual set, at most; seconds, bytes: of all pictures, bytes
    None where nobody has said how much they take; notes: what a reader has to know."""

    spec: DatasetSpec
    attributes: tuple[str, ...]
    cells: pd.DataFrame
    total: dict[str, Any]
    pictures: int
    seconds: float
    bytes: float | None
    notes: tuple[str, ...]


def outline(
    spec: DatasetSpec, seconds_per_image: float | None = None, room: Callable[[DatasetSpec, int], float] | None = None
) -> Outline:
    """Return the outline of the plan of `spec`; `seconds_per_image` in place of our own measurement; `room`: the bytes that so
    many pictures of a spec take (run/forecast.py).

    Raises SpecError where a design cannot be met.
    """
    roster = Roster(spec.population, spec.seed, spec.identities)
    design = spec.population.design
    attributes = spec.population.balanced if design is None else design.attributes
    people, deep = _people(roster, spec)
    cells = _words(roster, attributes)
    share = np.full(len(cells), 1 / len(cells)) if roster.solved is None else roster.solved.target
    cells["target_share"] = share
    cells["target_identities"] = share * spec.identities
    cells["identities"], cells["deep"] = people, deep
    cells["sittings"] = people * spec.sittings_per_identity
    few, many = spec.images_per_identity, spec.images_per_identity if spec.depth is None else spec.depth.deep_images
    cells["images"] = (people - deep) * few + deep * many
    cells["mated_pairs"] = (people - deep) * power.mated_pairs(few) + deep * power.mated_pairs(many)
    cells = _powered(cells)
    total = _powered(
        cells[["target_share", "target_identities", "identities", "deep", "sittings", "images", "mated_pairs"]].sum().to_frame().T
    )
    pictures = len(build(spec))
    each = interpolated(SECONDS, spec.size) if seconds_per_image is None else seconds_per_image
    return Outline(
        spec, attributes, cells, dict(total.iloc[0].items()), pictures, pictures * each,
        None if room is None else room(spec, pictures), _notes(spec, attributes, seconds_per_image),
    )  # fmt: skip


def _people(roster: Roster, spec: DatasetSpec) -> tuple[np.ndarray, np.ndarray]:
    """Return (K,) the identities of each cell, and how many of them are deep."""
    size = max(len(roster.cells), 1) if roster.solved is None else len(roster.solved.share)
    if spec.depth is None:
        return roster.count(spec.identities), np.zeros(size, np.int64)
    cell = roster.cells_of(spec.identities)
    deep = deep_ones(roster.cells_of, spec.depth.deep, spec.identities, spec.seed)
    return np.bincount(cell, minlength=size), np.bincount(cell[deep], minlength=size)


def _words(roster: Roster, attributes: tuple[str, ...]) -> pd.DataFrame:
    if roster.solved is None:
        return pd.DataFrame(list(roster.cells) or [{}], columns=list(attributes), index=range(max(len(roster.cells), 1)))
    words, codes = roster.solved.words, roster.solved.codes
    return pd.DataFrame({a: np.array(words[i])[codes[:, i]] for i, a in enumerate(attributes)})


def _powered(table: pd.DataFrame) -> pd.DataFrame:
    mated = table["mated_pairs"].to_numpy(np.int64)
    nonmated = power.nonmated_pairs(table["images"].to_numpy(np.int64), mated)
    rates = (power.smallest_rate(pairs, errors) for pairs in (nonmated, mated) for errors in (power.ERRORS, power.UNSEEN))
    return table.assign(nonmated_pairs=nonmated, **dict(zip(POWER, rates, strict=True)))


def interpolated(table: Mapping[int, float], size: int) -> float:
    """Return the value at `size` pixels: linear in the area, never below half the least of `table`."""
    sizes = sorted(table)
    a, b = next(((x, y) for x, y in zip(sizes[:-1], sizes[1:], strict=True) if size <= y), (sizes[-2], sizes[-1]))
    slope = (table[b] - table[a]) / (b * b - a * a)
    return max(table[a] + slope * (size * size - a * a), min(table.values()) / 2)


def _notes(spec: DatasetSpec, attributes: tuple[str, ...], given: float | None) -> tuple[str, ...]:
    out = [f"Seconds an image: {SECONDS_FROM}." if given is None else f"Seconds an image: {given:g}, as given."]
    out.append("Pairs count as independent trials; pictures of the same people come again, so that real support is no better.")
    design = spec.population.design
    if not attributes:
        out.append("Nothing is balanced or crossed: everybody is one cell.")
    if design is not None and design.counted:
        out.append("The design counts people: the plan depends on the number of identities, another number is another plan.")
    moving = spec.population.later_sittings == "other_bands" or spec.population.age_span_years is not None
    if "age_band" in attributes and spec.sittings_per_identity > 1 and moving:
        out.append("age_band is that of the first sitting; later sittings are at other ages.")
    return tuple(out)


def document(found: Outline) -> dict[str, Any]:
    """Return an outline as plain JSON values."""
    cells = [{k: plain(v) for k, v in row.items()} for row in found.cells.to_dict("records")]
    return {
        "plan_version": 1,
        "name": found.spec.name,
        "spec_sha256": found.spec.sha256(),
        "attributes": list(found.attributes),
        "total": {k: plain(v) for k, v in found.total.items()},
        "pictures": found.pictures,
        "estimated": {"seconds": round(found.seconds, 1), "bytes": None if found.bytes is None else round(found.bytes)},
        "notes": list(found.notes),
        "cells": cells,
    }


def plain(value: Any) -> Any:
    """Return a value of the table as JSON holds it: whole numbers whole, nothing where there is no rate."""
    if isinstance(value, str):
        return value
    number = float(value)
    if np.isnan(number):
        return None
    return int(number) if number.is_integer() else float(f"{number:.10g}")
