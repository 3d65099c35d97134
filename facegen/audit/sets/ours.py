"""Our own datasets: the folder, or its labels.parquet with manifest.json beside it."""

from __future__ import annotations

from pathlib import Path

from facegen.audit.tables import Loaded
from facegen.dataset import layout
from facegen.dataset.read import Dataset
from facegen.errors import DataError
from facegen.population.targets import declared
from facegen.spec import DatasetSpec


def found(path: Path) -> list[Path]:
    folder = path if path.is_dir() else path.parent
    named = path.is_dir() or path.name == layout.LABELS
    return [folder] if named and (folder / layout.MANIFEST).is_file() and (folder / layout.LABELS).is_file() else []


def read(path: Path) -> Loaded:
    """Return a dataset against what its spec declares; every label is a parameter. The raw value of an age band is the age."""
    folder = path if path.is_dir() else path.parent
    dataset = Dataset.open(folder)
    spec = DatasetSpec.from_dict(dataset.manifest["spec"], source=str(folder / layout.MANIFEST))
    target = declared(spec.population)
    labels = dataset.labels.copy()
    missing = [name for name in ("identity_id", "sitting_id", *target.attributes) if name not in labels]
    if missing:
        raise DataError(f"{folder / layout.LABELS}: column '{missing[0]}' is missing; generate or copy the dataset again")
    for name in target.attributes:
        labels[f"raw_{name}"] = labels["age_years" if name == "age_band" and "age_years" in labels else name].astype(str)
        labels[name] = labels[name].astype(str)
    return Loaded(
        name=spec.name,
        format="facegen",
        path=path.resolve().name,
        labels=labels,
        declared=target,
        sources=dict.fromkeys(target.attributes, "parameter"),
        has_identities=True,
        notes=(
            "ancestry is an appearance preset of the head model, not an ethnicity; sex is an axis of shape",
            "skin_monk is the rank of the albedo anchor the skin was made from, not an apparent tone",
        ),
    )
