"""Opening a finished dataset."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegen.dataset import layout
from facegen.errors import DataError, did_you_mean
from facegen.sample import SampleSpec

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Dataset:
    """A finished dataset directory; tables are read when they are first asked for."""

    root: Path
    manifest: dict[str, Any]

    @classmethod
    def open(cls, root: Path) -> Dataset:
        """Return the dataset at `root`. Raises DataError when there is none, or an unfinished one."""
        path = root / layout.MANIFEST
        if not path.is_file():
            begun = (root / layout.WORK).is_dir()
            mend = "its run is not finished; run 'facegen generate' again" if begun else "give a finished dataset"
            raise DataError(f"'{root}' holds no {layout.MANIFEST}: {mend}")
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            spec, platform, files = manifest["spec"], manifest["platform"], manifest["files"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            what = f"{type(error).__name__}: {error}"
            raise DataError(f"'{path}' is damaged ({what}); generate or copy the dataset again") from None
        if not all(isinstance(part, dict) for part in (spec, platform, files)):
            raise DataError(f"'{path}' is damaged; generate or copy the dataset again")
        return cls(root, manifest)

    @cached_property
    def labels(self) -> pd.DataFrame:
        """labels.parquet, one row an image."""
        from facegen.dataset import tables

        return tables.read(self.root / layout.LABELS)

    @cached_property
    def checksums(self) -> dict[str, str]:
        """Path -> sha256 of every file but the manifest and the list itself."""
        path = self.root / layout.CHECKSUMS
        try:
            pairs = [line.split("  ", 1) for line in path.read_text(encoding="utf-8").splitlines()]
            return {name: digest for digest, name in pairs}
        except (OSError, ValueError) as error:
            raise DataError(f"'{path}' cannot be read ({error}); generate or copy the dataset again") from None

    def sample(self, image_id: str) -> SampleSpec:
        """Return the whole sample of an image. Raises DataError when the dataset does not hold it."""
        rows = self.labels.loc[self.labels["image_id"] == image_id, "sample"]
        if rows.empty:
            raise DataError(f"'{self.root}': image {_near(image_id, list(self.labels['image_id']))}")
        return SampleSpec.model_validate_json(rows.iloc[0])


def _near(image_id: str, known: list[str]) -> str:
    message = did_you_mean(image_id, known)
    hint = message.rpartition("; did you mean ")[2] if "; did you mean " in message else ""
    return f"'{image_id}' is not in it" + (f"; did you mean {hint}" if hint else f"; it holds {known[0]} to {known[-1]}")
