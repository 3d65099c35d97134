"""Where things lie in a dataset directory (docs/design.md, "A dataset on disk")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

MANIFEST = "manifest.json"
"""Written last: a directory that holds it is finished."""
LABELS = "labels.parquet"
LABEL_PARTS = "labels"
"""Folder of the parts of the label table, part-00000.parquet and so on, where it has more rows than a file may hold."""
IDENTITIES = "identities.parquet"
SITTINGS = "sittings.parquet"
PAIRS, PAIRS_CSV = "pairs.parquet", "pairs.csv"
"""Of a counterfactual dataset: which picture is a variant of which."""
CHECKSUMS = "SHA256SUMS"
PREVIEW = "preview.png"
CARD = "README.md"
DATASHEET = "DATASHEET.md"
SOURCES = "SOURCES.json"
PARTS = "parts.json"
"""Names of the ids in parts/, when those are asked for."""
CROISSANT = "croissant.json"
DOCUMENTS = (CARD, DATASHEET, SOURCES, CROISSANT)
TABLES = (LABELS, IDENTITIES, SITTINGS)
REJECTED = "rejected"
"""Samples that could not be made, as JSON; not there when none failed."""
WORK = ".work"
"""Everything of an unfinished run; removed by the last step."""

IMAGES = "images"
FOLDERS = (IMAGES, "aligned", "masks", "masks_under", "depth", "normals", "clean", "masks_skin", "hair_alpha", "albedo", "uv",
           "parts", "depth_exr", "mesh", "crops_ffhq", "crops_loose", "points")  # fmt: skip
PHOTOGRAPHS = (IMAGES, "aligned", "crops_ffhq", "crops_loose", "clean")
"""Folders of pictures that show the scene, and so a user's own background where the spec names one."""

SHARDS = "shards"
"""Folder of the tars of the layout `webdataset`, one a task."""

SPLIT_CYCLE = ("train",) * 8 + ("val", "test")


_PART = re.compile(LABEL_PARTS + r"/part-[0-9]{5}\.parquet")


def label_part(number: int) -> str:
    """Return the name of a part of the label table."""
    return f"{LABEL_PARTS}/part-{number:05d}.parquet"


def label_names(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the files of the label table of the dataset with that manifest, in the order of its rows."""
    found = [name for name in manifest.get("tables", {}) if _PART.fullmatch(name)]
    return tuple(sorted(found)) or (LABELS,)


def photograph(identity_id: str, image_id: str, fmt: str) -> str:
    """Return the path of a photograph, relative to the dataset."""
    return f"{IMAGES}/{identity_id}/{image_id}.{fmt}"


def is_part(name: PurePath) -> bool:
    """Whether `name`, relative to a dataset directory, is a place where the dataset itself writes."""
    places = (
        *FOLDERS,
        SHARDS,
        LABEL_PARTS,
        REJECTED,
        WORK,
        *TABLES,
        PAIRS,
        PAIRS_CSV,
        MANIFEST,
        CHECKSUMS,
        PREVIEW,
        PARTS,
        *DOCUMENTS,
    )
    return name.parts[:1] == () or name.parts[0] in places


def split(identity_index: int, cells: int) -> str:
    """Return the split of an identity.

    Whole blocks of identities (one a cell of the balance) go to one split, 8 of 10 to train, so that every split is as balanced
    as the plan and asking for more identities moves nobody.
    """
    return SPLIT_CYCLE[identity_index // max(cells, 1) % len(SPLIT_CYCLE)]
