"""Our own datasets, and their export as folders: every picture a template, groups from the labels, two searches."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from facegen import guard
from facegen.dataset import layout
from facegen.dataset.checks import unfinished
from facegen.dataset.people import monk_third
from facegen.dataset.read import Dataset
from facegen.errors import DataError, RequestError, did_you_mean
from facegen.export.pictures import Crop, Pictures
from facegen.export.run import EXPORT
from facegen.export.selection import ALL
from facegen.export.source import Source
from facegen.recognise.protocol import Names, Pixels, Protocol
from facegen.recognise.sets import made
from facegen.recognise.sets.pictures import Listing, located, reader
from facegen.rng import stream
from facegen.sensor.codec import decode
from facegen.textfiles import Place, rows

ATTRIBUTES = ("sex", "age_band", "ancestry", "monk_third")
CROSSED = ("sex", "ancestry", "monk_third")
THIRDS = ("1-3", "4-7", "8-10")
"""Categories of dataset.people.monk_third."""
LABELS = "labels.csv"
_NEEDED = ("image_id", "identity_id", "split", "sex", "age_band", "ancestry", "skin_monk")
NOTES = ("every two pictures are compared", "ancestry is an appearance preset of the head model, not an ethnicity")


def found(path: Path) -> list[Path]:
    """Return the folder of the dataset at `path`. Raises DataError where it is not finished."""
    if path.is_dir() and (path / layout.WORK).is_dir() and not (path / layout.MANIFEST).is_file():
        raise DataError(f"'{path}': {unfinished(path)}")
    return [path] if path.is_dir() and (path / layout.MANIFEST).is_file() else []


def read(path: Path, split: str = ALL) -> Protocol:
    """Return a dataset, or a split of it: crops of aligned/, else cut by the true landmarks.

    Raises DataError for a damaged dataset, RequestError for a counterfactual one or a split that it does not have.
    """
    source = Source(path)
    if source.manifest["spec"].get("kind") == "counterfactual":
        raise RequestError(
            f"'{path}' is a counterfactual dataset: a variant shows somebody changed under the base's identity; "
            "ask 'facegen audit counterfactual' about it, or give a dataset of 'kind: dataset'"
        )
    labels = source.labels
    chosen = _chosen(labels["split"].astype(str).tolist(), split, path)
    table = labels.iloc[chosen]
    records = table.to_dict("records")
    pictures = Pictures(source, Crop("arcface"))

    def picture(number: int) -> Pixels:
        return decode(pictures.take(records[number]).data)

    columns = {name: table[name].astype(str).tolist() for name in _NEEDED}
    declared = source.manifest["spec"].get("population", {})
    return _protocol(
        _named(source.dataset, split), columns, list(map(str, table["image_id"])), picture, True, declared, source.seed
    )


def folders_found(path: Path) -> list[Path]:
    """Return labels.csv of our export as folders."""
    return [path / LABELS] if path.is_dir() and (path / LABELS).is_file() and _exported(path) == "folders" else []


def read_folders(path: Path, split: str = ALL) -> Protocol:
    """Return what `facegen export --format folders` wrote; aligned where that was with --crop arcface."""
    file = path / LABELS
    table = [(place, row) for place, row in rows(file, ("path", *_NEEDED))]
    if not table:
        raise DataError(f"{file}: holds no picture; export the dataset again")
    chosen = _chosen([row["split"] for _, row in table], split, path)
    listing = Listing()
    for at in chosen:
        place, row = table[at]
        if listing.add(row["path"], place) < len(listing.names) - 1:
            raise DataError(f"{place}: '{row['path']}' is listed twice; export the dataset again")
        _monk(row["skin_monk"], place)
    columns = {name: [table[at][1][name] for at in chosen] for name in _NEEDED}
    paths = located([path], listing)
    aligned = export_json(path).get("options", {}).get("crop", {}).get("kind") == "arcface"
    name = path.resolve().name if split == ALL else f"{path.resolve().name} ({split})"
    return _protocol(name, columns, listing.names, reader(paths), aligned, {}, 0)


def export_json(folder: Path) -> dict[str, Any]:
    """Return what export.json in a folder says; {} where there is none."""
    try:
        value = guard.parsed(guard.read(folder / EXPORT, guard.JSON_BYTES))
    except (OSError, ValueError, json.JSONDecodeError):
        return {}
    return value if isinstance(value, dict) else {}


def _exported(folder: Path) -> str:
    return str(export_json(folder).get("format", ""))


def _chosen(splits: Sequence[str], split: str, path: Path) -> list[int]:
    there = sorted(set(splits))
    if split != ALL and split not in there:
        raise RequestError(f"'{path}': --split {did_you_mean(split, [*there, ALL])}")
    return [at for at, word in enumerate(splits) if split in (ALL, word)]


def _protocol(
    name: str,
    columns: Mapping[str, Sequence[str]],
    names: Sequence[str],
    picture: Any,
    aligned: bool,
    population: Mapping[str, Any],
    seed: int,
) -> Protocol:
    subjects = made.names(columns["identity_id"])
    words = {**columns, "monk_third": [monk_third(int(monk)) for monk in columns["skin_monk"]]}
    groups: dict[str, Names] = {name: made.names(words[name]) for name in ATTRIBUTES}
    groups |= dict([made.crossed(groups, CROSSED)])
    return Protocol(
        name=name, format="facegen", names=names, picture=picture, aligned=aligned, template=np.arange(len(names)),
        subjects=subjects, comparisons=None, groups=groups,
        categories={n: _declared(n, groups[n], population) for n in ATTRIBUTES},
        searches=made.searches(subjects, _spared(subjects, seed)), notes=NOTES,
    )  # fmt: skip


def _declared(name: str, found: Names, population: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the categories that the spec asked for, those without anybody too, and what occurs besides."""
    if name == "monk_third":
        return THIRDS
    asked = population.get(name)
    words = [str(word) for word in asked] if isinstance(asked, list | dict) else []
    return tuple(dict.fromkeys([*words, *sorted(set(found))]))


def _spared(subjects: Names, seed: int) -> Any:
    """Return which templates are of the third of subjects that an open-set gallery leaves out, drawn by the dataset's seed."""
    people = np.unique(subjects.astype(str))
    out = stream("recognise.open_set", seed=seed).permutation(people)[: len(people) // made.SPARED]
    return np.isin(subjects.astype(str), out)


def _monk(word: str, place: Place) -> None:
    if word not in tuple(map(str, range(1, 11))):
        raise DataError(f"{place}: skin_monk '{word}' is not 1 to 10; export the dataset again")


def _named(dataset: Dataset, split: str) -> str:
    name = str(dataset.manifest["name"])
    return name if split == ALL else f"{name} ({split})"
