"""Our own datasets: the folder, or its labels.parquet with manifest.json beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from facegen.audit import coverage
from facegen.audit.tables import Loaded
from facegen.dataset import layout
from facegen.dataset.checks import unfinished
from facegen.dataset.read import Dataset
from facegen.errors import DataError

NOTES = (
    "ancestry is an appearance preset of the head model, not an ethnicity; sex is an axis of shape",
    "skin_monk is the rank of the albedo anchor the skin was made from, not an apparent tone",
)


def found(path: Path) -> list[Path]:
    folder = path if path.is_dir() else path.parent
    named = path.is_dir() or path.name == layout.LABELS
    if named and (folder / layout.WORK).is_dir() and not (folder / layout.MANIFEST).is_file():
        raise DataError(f"'{folder}': {unfinished(folder)}")
    labelled = (folder / layout.LABELS).is_file() or (folder / layout.LABEL_PARTS).is_dir()
    return [folder] if named and (folder / layout.MANIFEST).is_file() and labelled else []


def read(path: Path, scores: Path | None = None) -> Loaded:
    """Return a dataset against what its spec declares; every label is a parameter. The raw value of an age band is the age.

    `scores`: JSON of `facegen audit DIR --detector --json`, to be judged by group.
    """
    folder = path if path.is_dir() else path.parent
    loaded = coverage.load(folder, scores)
    labels = loaded.labels.assign(**{f"raw_{name}": loaded.labels[name] for name in loaded.declared.attributes})
    if "raw_age_band" in labels:
        ages = Dataset.open(folder).columns("image_id", "age_years").set_index("image_id")["age_years"]
        labels["raw_age_band"] = labels["image_id"].map(ages).astype(str)
    return replace(loaded, path=path.resolve().name, labels=labels, notes=(*loaded.notes, *NOTES))
