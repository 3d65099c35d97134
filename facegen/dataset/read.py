"""Opening a finished dataset: tables as pandas frames, layers by image id, nothing damaged returned and nothing skipped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from facegen.dataset import layout
from facegen.dataset.checks import (
    COPY,
    check_known,
    check_labels,
    check_rows,
    check_table,
    checked_file,
    landmarks,
    there,
    unfinished,
)
from facegen.dataset.files import Files, placed
from facegen.dataset.layers import LAYERS, NICKNAMES, decode
from facegen.dataset.lists import read_checksums, read_manifest
from facegen.errors import DataError, RequestError, did_you_mean, nearest
from facegen.sample import SampleSpec

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Dataset:
    """A finished dataset directory; tables and layers are read when they are asked for.

    `verify`: every table and file is compared with its sha256 when it is read. `rows`: the labels of a part (`query`); None: all.
    Iteration gives one Face an image, in the order of the labels.
    """

    root: Path
    manifest: dict[str, Any]
    verify: bool = False
    rows: pd.DataFrame | None = None

    @classmethod
    def open(cls, root: str | Path, verify: bool = False) -> Dataset:
        """Return the dataset at `root`. Raises DataError when there is none, or an unfinished one."""
        root = Path(root)
        path = root / layout.MANIFEST
        if not there(path, COPY):
            raise DataError(f"'{root}' holds no {layout.MANIFEST}: {unfinished(root)}")
        return cls(root, read_manifest(path), verify)

    @cached_property
    def labels(self) -> pd.DataFrame:
        """The label table, one row an image, in the order of its file or files; ids are unique."""
        if self.rows is not None:
            return self.rows
        return check_labels(self._table(self.label_names, "image_id", "images"), self._labels_path)

    @property
    def label_names(self) -> tuple[str, ...]:
        """The files of the label table: labels.parquet, or the parts of a large one."""
        return layout.label_names(self.manifest)

    def columns(self, *names: str) -> pd.DataFrame:
        """Return some columns of the label table, and read nothing else of it: a row's sample and points take the most memory.

        Raises RequestError for a name that is no column of it.
        """
        from facegen.dataset import stored

        held = self.rows is not None or "labels" in self.__dict__
        paths = [self.root / name for name in self.label_names]
        table = self.labels if held else stored.parts(paths, set(names).__contains__)
        lost = next((name for name in names if name not in table), None)
        if lost is not None:
            known = [str(name) for name in table] if held else stored.columns(paths[0])
            raise RequestError(f"'{self._labels_path}' has no column '{lost}'{nearest(lost, known)}; docs/labels.md lists them")
        return table[list(names)]

    @property
    def _labels_path(self) -> Path:
        names = self.label_names
        return self.root / (names[0] if len(names) == 1 else layout.LABEL_PARTS)

    @cached_property
    def identities(self) -> pd.DataFrame:
        """identities.parquet, one row an invented person; those of every picture are in it."""
        return self._people(layout.IDENTITIES, "identity_id", "identities")

    @cached_property
    def sittings(self) -> pd.DataFrame:
        """sittings.parquet, one row a person at one age, hair and weight; those of every picture are in it."""
        return self._people(layout.SITTINGS, "sitting_id", "sittings")

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """pairs.parquet of a counterfactual dataset, one row a variant. Raises DataError for every other kind."""
        if self.manifest["spec"].get("kind") != "counterfactual":
            raise DataError(f"'{self.root}' is no counterfactual dataset; generate one from a spec with 'kind: counterfactual'")
        return self._table((layout.PAIRS,), "variant", "pairs")

    @cached_property
    def checksums(self) -> dict[str, str]:
        """Path -> sha256 of every file but the manifest and the list itself."""
        return read_checksums(self.root / layout.CHECKSUMS)

    @cached_property
    def files(self) -> Files:
        """The files of the dataset by the names that label rows give them, in tars or not."""
        return Files(self.root, self.checksums if self.verify else None)

    @cached_property
    def layers(self) -> tuple[str, ...]:
        """Folders of layers that this dataset was made with; of tars, those whose members the first of them has."""
        if layout.SHARDS not in self.manifest["files"]:
            return tuple(name for name in LAYERS if name in self.manifest["files"])
        first = self.columns("file")["file"].head(1)
        inside = {name for file in first for name in self.files.folders(str(file))}
        return tuple(name for name in LAYERS if name == layout.IMAGES or name in inside)

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> Iterator[Face]:
        return (Face(self, str(image_id)) for image_id in self.labels["image_id"])

    def __getitem__(self, image_id: str) -> Face:
        self.row(image_id)
        return Face(self, image_id)

    def query(self, expression: str) -> Dataset:
        """Return the part of the dataset whose labels answer a pandas query: `data.query("sex == 'female' and yaw_deg > 20")`.

        Raises RequestError, one line, for an expression that pandas does not understand. The part may be empty.
        """
        try:
            rows = self.labels.query(expression)
        except Exception as error:  # pandas raises whatever its parser and the columns' types raise
            reason = " ".join(str(error).split()) or type(error).__name__
            raise RequestError(
                f"query {expression!r}: {reason}; write it as pandas does, with columns of {layout.LABELS}"
            ) from None
        return replace(self, rows=rows.reset_index(drop=True))

    def row(self, image_id: str) -> pd.Series:
        """Return the labels of an image. Raises DataError when the dataset does not hold it."""
        at = self._places.get(image_id)
        if at is None:
            raise DataError(f"'{self.root}': image {_near(image_id, list(self._places))}")
        return self.labels.iloc[at]

    def sample(self, image_id: str) -> SampleSpec:
        """Return the whole sample of an image: it can be rendered again from it."""
        from pydantic import ValidationError

        try:
            sample = SampleSpec.model_validate_json(self.row(image_id)["sample"])
        except ValidationError as error:
            where = f"'{self.root / layout.LABELS}': sample of {image_id}"
            raise DataError(f"{where} is none of this version ({error.errors()[0]['msg']}); {COPY}") from None
        if sample.image_id != image_id:
            raise DataError(f"'{self.root / layout.LABELS}': sample of {image_id} is that of {sample.image_id}; {COPY}")
        return sample

    def landmarks(self, image_id: str) -> dict[str, NDArray[Any]]:
        """Return the landmark columns as arrays, by their name without `landmarks_`: '5' and '68' (N, 2) pixels from the outer
        corner, '5_visible' (N,) bool, '68_head_m' and '68_camera_m' (N, 3) metres. Columns that are null or empty are left out.

        Raises DataError where a column does not hold as many points as its name says.
        """
        row = self.row(image_id)
        names = [str(name) for name, v in row.items() if str(name).startswith("landmarks_") and np.ndim(v) == 1 and len(v)]
        return {name.removeprefix("landmarks_"): landmarks(row, name) for name in names}

    def layer(self, name: str, image_id: str) -> Any:
        """Return one layer of an image; `facegen/dataset/layers.py` lists names and what they hold.

        Raises DataError, one line that names the file and the mend, when the dataset was made without that layer, or the file is
        missing, cut off, damaged, of another size or type, or another image's; with `verify`, when its sha256 differs.
        """
        folder = NICKNAMES.get(name, name)
        if folder not in LAYERS:
            raise DataError(f"layer {did_you_mean(name, [*NICKNAMES, *LAYERS])}")
        row = self.row(image_id)
        mend = f"'facegen render {image_id} --dataset {self.root} --out DIR' makes it again"
        file = self._named(folder, row)
        data = self.files.read(file, mend)
        try:
            return decode(folder, file.rpartition(".")[2], data, int(row["size_px"]), image_id)
        except DataError as error:
            raise DataError(f"'{self.root / file}' {error}; {mend}") from None

    def photograph(self, image_id: str) -> bytes:
        """Return the file of a photograph as it lies there."""
        return self.files.read(str(self.row(image_id)["file"]))

    def image(self, image_id: str) -> NDArray[np.uint8]:
        """(S, S, 3) uint8 RGB photograph."""
        return self.layer("images", image_id)

    def aligned(self, image_id: str) -> NDArray[np.uint8]:
        """(112, 112, 3) uint8 RGB ArcFace crop."""
        return self.layer("aligned", image_id)

    def mask(self, image_id: str) -> NDArray[np.uint8]:
        """(S, S) uint8 region ids (facegen.scene.REGIONS)."""
        return self.layer("masks", image_id)

    def under(self, image_id: str) -> NDArray[np.uint8]:
        """(S, S) uint8 region ids without what can be taken off or put down."""
        return self.layer("masks_under", image_id)

    def depth(self, image_id: str) -> NDArray[np.float32]:
        """(S, S) float32 metres along the optical axis, 0 where background."""
        return self.layer("depth", image_id)

    def normals(self, image_id: str) -> NDArray[np.float32]:
        """(S, S, 3) float32 unit vectors, camera axes (X right, Y up, Z to the viewer), 0 where background."""
        return self.layer("normals", image_id)

    def clean(self, image_id: str) -> NDArray[np.uint8]:
        """(S, S, 3) uint8 RGB: the same shot undegraded and unoccluded."""
        return self.layer("clean", image_id)

    def _named(self, folder: str, row: pd.Series) -> str:
        """Return the `file` of a layer of a picture, whichever of its suffixes is there."""
        if folder not in self.layers:
            asked = f"outputs.{LAYERS[folder].outputs}"
            raise DataError(
                f"'{self.root}' was made without {folder}/; it has {', '.join(self.layers)}; generate it with {asked}"
            )
        stem = f"{folder}/{row['identity_id']}/{row['image_id']}"
        names = [placed(f"{stem}.{suffix}", row) for suffix in LAYERS[folder].suffixes]
        return next((name for name in names if self.files.there(name)), names[0])

    @cached_property
    def _places(self) -> dict[str, int]:
        return {str(name): at for at, name in enumerate(self.labels["image_id"])}

    def _table(self, names: tuple[str, ...], key: str, counted: str) -> pd.DataFrame:
        from facegen.dataset import stored

        paths = [self.root / name for name in names]
        recorded = self.manifest.get("tables", {})
        for name, path in zip(names, paths, strict=True):
            if self.verify:
                checked_file(path, self.root, self.checksums, COPY)
            if len(names) > 1:
                check_rows(path, recorded.get(name, {}).get("rows"))
        where = paths[0] if len(paths) == 1 else paths[0].parent
        return check_table(stored.read_many(paths), where, key, self.manifest.get("counts", {}).get(counted))

    def _people(self, name: str, key: str, counted: str) -> pd.DataFrame:
        table = self._table((name,), key, counted)
        check_known(self.labels, table, self.root / name, key)
        return table


@dataclass(frozen=True, eq=False)
class Face:
    """One image of a dataset; everything is read when it is asked for, and not kept."""

    dataset: Dataset
    image_id: str

    @property
    def labels(self) -> pd.Series:
        """Its row of labels.parquet."""
        return self.dataset.row(self.image_id)

    @property
    def image(self) -> NDArray[np.uint8]:
        """(S, S, 3) uint8 RGB photograph."""
        return self.dataset.image(self.image_id)

    @property
    def landmarks(self) -> dict[str, NDArray[Any]]:
        """Dataset.landmarks of it."""
        return self.dataset.landmarks(self.image_id)

    @property
    def sample(self) -> SampleSpec:
        """The sample it was rendered from."""
        return self.dataset.sample(self.image_id)

    def layer(self, name: str) -> Any:
        """Dataset.layer of it."""
        return self.dataset.layer(name, self.image_id)


def _near(image_id: str, known: list[str]) -> str:
    if not known:
        return f"'{image_id}' is not in it; this part of it is empty"
    return f"'{image_id}' is not in it{nearest(image_id, known) or f'; it holds {known[0]} to {known[-1]}'}"
