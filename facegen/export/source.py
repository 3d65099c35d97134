"""Reading a dataset for an export: every file is checked against its sha256, and the first one that differs stops the work."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegen.dataset import layout, tars
from facegen.dataset.layers import LAYERS
from facegen.dataset.manifest import file_list
from facegen.dataset.read import Dataset
from facegen.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

MEND = "copy or generate the dataset again"


class Source:
    """A dataset whose table, lists and files are what its manifest recorded. Raises DataError, naming the file, when not."""

    def __init__(self, root: Path) -> None:
        self.dataset = Dataset.open(root, verify=True)
        self._known = self.dataset.checksums
        for folder in (*layout.FOLDERS, layout.SHARDS):
            listed = file_list((name, digest) for name, digest in self._known.items() if name.startswith(folder + "/"))
            recorded = self.manifest["files"].get(folder, {"count": 0})
            empty = listed["count"] == recorded["count"] == 0 and folder not in self.manifest["files"]
            if not empty and any(recorded.get(key) != value for key, value in listed.items()):
                raise DataError(f"'{root / layout.CHECKSUMS}' is not the list of {folder}/ that the manifest recorded; {MEND}")
        for name in self.dataset.label_names:
            self.read(name)
        self._check_rows()

    @property
    def manifest(self) -> dict[str, Any]:
        """The fairness-balance manifest."""
        return self.dataset.manifest

    @property
    def labels(self) -> pd.DataFrame:
        """labels.parquet, one row an image."""
        return self.dataset.labels

    @property
    def seed(self) -> int:
        """The seed that the dataset was planned with; draws of an export hang on it."""
        return int(self.manifest["spec"]["seed"])

    def has(self, folder: str) -> bool:
        """Whether the dataset was written with files in `folder`."""
        return folder in self.dataset.layers

    @property
    def layers(self) -> list[str]:
        """The dataset's folders of label pictures: neither photographs nor meshes and points, which are no pictures."""
        pictures = ("png", "exr")
        return [
            folder for folder in self.dataset.layers
            if folder not in layout.PHOTOGRAPHS and any(suffix in pictures for suffix in LAYERS[folder].suffixes)
        ]  # fmt: skip

    def read(self, name: str) -> bytes:
        """Return the bytes of a file, `name` relative to the dataset, or of a member of a tar: TAR/MEMBER."""
        return self.dataset.files.read(name, MEND)

    def layer(self, folder: str, row: dict[str, Any]) -> tuple[str, bytes]:
        """Return (suffix, bytes) of the picture of `folder` that belongs to a label row."""
        if tars.divided(row["file"]) is not None:
            return self._member(folder, row)
        stem = f"{folder}/{row['identity_id']}/{row['image_id']}."
        name = next((stem + suffix for suffix in ("png", "jpg", "exr") if stem + suffix in self._known), None)
        if name is None:
            raise DataError(f"'{self.dataset.root}': no file of {folder}/ is listed for image {row['image_id']}; {MEND}")
        return name.rpartition(".")[2], self.read(name)

    def _member(self, folder: str, row: dict[str, Any]) -> tuple[str, bytes]:
        for suffix in ("png", "jpg", "exr"):
            data = self.dataset.files.stored(f"{folder}/{row['identity_id']}/{row['image_id']}.{suffix}", row)
            if data is not None:
                return suffix, data
        raise DataError(f"'{self.dataset.root}': no {folder} of image {row['image_id']} lies in {row['file']}; {MEND}")

    def fingerprint(self) -> dict[str, Any]:
        """Return what names this dataset: its spec, and the sha256 over the list of all of its files."""
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(self._known.items()))
        return {
            "name": self.manifest["name"],
            "date": self.manifest["date"],
            "spec_sha256": self.manifest["spec_sha256"],
            "files_sha256": hashlib.sha256(lines.encode()).hexdigest(),
            "made_by": self.manifest["versions"],
        }

    def _check_rows(self) -> None:
        """Every row names a photograph of the list, once, and nobody is in two splits."""
        labels, path = self.labels, self.dataset.root / layout.LABELS
        for file, digest in zip(labels["file"], labels["sha256"], strict=True):
            tar = tars.divided(file)
            if (tar is None and self._known.get(file) != digest) or (tar is not None and tar[0] not in self._known):
                raise DataError(f"'{path}': the row of {file} does not agree with {layout.CHECKSUMS}; {MEND}")
        twice = labels["image_id"].duplicated()
        if twice.any():
            raise DataError(f"'{path}': image {labels['image_id'][twice].iloc[0]} stands in it twice; {MEND}")
        both = labels.groupby("identity_id")["split"].nunique()
        if (both > 1).any():
            raise DataError(f"'{path}': identity {both.index[both > 1][0]} is in more than one split; {MEND}")
