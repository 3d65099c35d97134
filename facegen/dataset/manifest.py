"""The fairness-balance manifest: what was asked for, what is there, and how far the one is from the other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from facegen.dataset import people, stored
from facegen.dataset.checks import MANIFEST_VERSION
from facegen.errors import DataError
from facegen.measures import association, balance, coverage, effect, rejection, skin
from facegen.measures.independence import independence
from facegen.measures.parity import parity
from facegen.population.plan import build
from facegen.population.targets import declared
from facegen.spec import DatasetSpec

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

SCHEMA_ID = f"urn:facegen:schema:manifest:{MANIFEST_VERSION}"
"""`$id` of assets/schemas/manifest.schema.json."""
NUISANCE = (
    "expression", "light", "camera", "background", "degradation", "eyewear", "sunglasses", "mask", "headwear", "scarf",
    "garment", "yaw_deg", "pitch_deg", "roll_deg", "view_yaw_deg", "view_pitch_deg", "gaze_yaw_deg", "gaze_pitch_deg",
    "distance_m", "focal_mm", "metering", "illuminance_lux", "light_contrast", "iso", "exposure_s", "exposure_ev", "noise_sd",
    "f_number", "camera_tilt_deg", "motion_px", "defocus_px", "hand", "phone", "microphone", "cup", "paper", "second_head",
    "cast_shadow", "rain",
)  # fmt: skip
"""Factors that should say nothing about who is in the picture; those that labels.parquet holds are checked. A lock of hair over
the face is none of them: only people with hair for it have one."""
QUALITY_PREFIXES = ("ofiq_", "occluded_")
QUALITY = ("face_size", "inter_eye_px", "face_in_frame", "exposure_ev", "exposure_gain", "clipped_fraction", "detector_score")
"""Numbers that say how good a picture is, beside those that begin with QUALITY_PREFIXES. `face_size`: see `judged`."""
COLUMNS = {
    "image_id", "identity_id", "sitting_id", "sex", "age_band", "ancestry", "skin_monk", "iris_color", "hair_color", "hair_curl",
    "bbox", "size_px", "base_id", *NUISANCE, *QUALITY, *skin.COLUMNS, *skin.LIGHTS,
}  # fmt: skip
DEFINITIONS = {
    **balance.DEFINITIONS, **association.DEFINITIONS, **effect.DEFINITIONS, **rejection.DEFINITIONS, **skin.DEFINITIONS
}  # fmt: skip
_NOTES = {
    "identity": "one record per identity; age belongs to sittings",
    "sitting": "one record per sitting; balance over age is counted here",
    "image": "one record per image; of a counterfactual dataset, of its bases: variants are counted in counts.pairs",
    "independence": "Cramer's V of each nuisance factor with each demographic attribute over images; numbers cut at quartiles. "
    "Images of one person share what that person owns: the corrected value leaves out what permuting the people (for age: the "
    "sittings) gives.",
    "uncovered": "maximal patterns with fewer than tau records (Asudeh et al. 2019); cover_with and extra_records: records "
    "whose addition covers them, found as `method` says; no fewer than lower_bound can",
    "quality_parity": "means over images; gap: of the extreme means; cells: means over the cross of the first three declared "
    "attributes; face_size: square root of the area of bbox over the picture's width",
    "skin": "apparent less intrinsic tone by light and albedo anchor: what the photograph made of the skin",
    "skin_monk": "rank of the albedo anchor that the skin was made from, not an apparent tone",
    "ancestry": "appearance preset of the head model, not an ethnicity",
}


def build_manifest(
    spec: DatasetSpec, identities: pd.DataFrame, sittings: pd.DataFrame, labels: pd.DataFrame, extras: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the manifest of a finished dataset as plain JSON values.

    identities, sittings: their ids and the declared attributes that belong to them; labels: the columns of labels.parquet.
    extras: `versions`, `assets`, `licences`, `rejections`, `files`, `tables`, `platform`, `user_files`, taken over as they stand
    (`files` from `file_list`, `tables` from `table_facts`); of a counterfactual dataset `pairs` and
    `left_out` too: its balance is that of the bases. Raises DataError where a column is missing or a value was never
    declared.
    """
    pictures, labels = len(labels), based(labels)
    target = declared(spec.population, spec.identities)
    names = target.attributes
    seats = people.seats_of(identities, sittings, names)
    images = people.pictures(labels, names, sittings)
    lost = people.lost(extras.get("rejections", []), seats, spec.sittings_per_identity)
    try:
        levels = _levels(seats, images, target)
        missed = rejection.rejections(images, lost, target)
    except ValueError as error:
        raise DataError(f"{error}; the tables belong to another spec") from None
    measured = judged(labels, images)
    return {
        "$schema": SCHEMA_ID,
        "manifest_version": MANIFEST_VERSION,
        "name": spec.name,
        "date": spec.date.isoformat(),
        "spec": json.loads(spec.canonical_json()),
        "spec_sha256": spec.sha256(),
        "counts": {
            "identities": levels["identity"]["records"],
            "sittings": len(seats),
            "images": pictures,
            "planned_images": len(build(spec)),
            **_pairs(extras)[0],
        },
        **_pairs(extras)[1],
        "declared": {
            **coverage.described(target),
            "joint": "target of every cell stands with its count under levels.*.intersection.cells",
        },
        "balanced": list(spec.population.balanced),
        "definitions": dict(DEFINITIONS),
        "notes": dict(_NOTES),
        "levels": levels,
        "independence": independence(measured, [c for c in NUISANCE if c in measured], names),
        "quality_parity": parity(measured, quality(measured), target, names[:3]),
        "skin": {"apparent_vs_intrinsic": skin.apparent_vs_intrinsic(labels) or {}},
        "rejections": _plain(extras.get("rejections", [])),
        "rejections_by_group": {a: {c: f["rejected"] for c, f in by.items()} for a, by in missed["by"].items()},
        "rejections_by_cell": missed,
        "tables": _plain(extras.get("tables", {})),
        "user_files": _plain(extras.get("user_files", [])),
        **{name: _plain(extras.get(name, {})) for name in ("licences", "versions", "assets", "platform", "files")},
    }


def _levels(seats: pd.DataFrame, images: pd.DataFrame, target: coverage.Declared) -> dict[str, Any]:
    """Return the tables of each level; what belongs to sittings (age) is not counted over identities."""
    owned = [name for name in target.attributes if name not in people.OF_SITTINGS]
    return {
        "identity": coverage.level(seats.drop_duplicates("identity_id"), target.over(owned)),
        "sitting": coverage.level(seats, target),
        "image": coverage.level(images, target),
    }


def based(labels: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `labels` that are no variants of another picture: what a population's shares are counted over."""
    return labels[labels["base_id"].isna()] if "base_id" in labels and labels["base_id"].notna().any() else labels


def _pairs(extras: Mapping[str, Any]) -> tuple[dict[str, int], dict[str, Any]]:
    """Return the counts of a counterfactual dataset, and what the manifest says of its pairs; nothing for any other."""
    if "pairs" not in extras:
        return {}, {}
    pairs: pd.DataFrame = extras["pairs"]
    by = pairs.groupby(["factor", "mediated", "to"], sort=True).size()
    factors: dict[str, Any] = {}
    for (factor, mediated, to), count in by.items():
        factors.setdefault(factor, {}).setdefault(mediated, {})[to] = int(count)
    return {"pairs": len(pairs)}, {"counterfactual": {"pairs": factors, "left_out": _plain(extras["left_out"])}}


def file_list(files: Iterable[tuple[str, str]], sizes: Iterable[int] = ()) -> dict[str, Any]:
    """Return count and sha256 of a list of (path, sha256), hashed as sorted lines `sha256  path` (as sha256sum writes them).

    `sizes`, bytes of each file, adds `bytes` in all and `bytes_per_image`.
    """
    lines = sorted(f"{digest}  {path}\n" for path, digest in files)
    found: dict[str, Any] = {"count": len(lines), "sha256": hashlib.sha256("".join(lines).encode()).hexdigest()}
    weighed = list(sizes)
    if weighed:
        found |= {"bytes": sum(weighed), "bytes_per_image": round(sum(weighed) / len(weighed))}
    return found


def table_facts(path: Path, version: int) -> dict[str, Any]:
    """Return rows, columns, bytes and schema version of a table file."""
    import pyarrow.parquet as pq

    told = pq.read_metadata(path)
    return {"schema_version": version, "rows": told.num_rows, "columns": told.num_columns, "bytes": path.stat().st_size}


def to_json(manifest: Mapping[str, Any]) -> str:
    """Return the text of manifest.json."""
    return json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def judged(labels: pd.DataFrame, images: pd.DataFrame) -> pd.DataFrame:
    """Return `images` (ids and declared attributes, a row a picture) with nuisance factors and quality of the same rows.

    `face_size`: square root of the area of bbox over the width of the picture, where `labels` do not hold it already.
    """
    taken = [c for c in dict.fromkeys((*NUISANCE, *quality(labels))) if c in labels and c not in images]
    held = {c: part[c].array for part, names in ((images, images), (labels, taken)) for c in names}
    out = pd.DataFrame(held, copy=False)  # columns are taken over, not copied: there may be a million rows
    if "bbox" in labels and "size_px" in labels and "face_size" not in out:
        known = [box is not None and len(box) == 4 for box in labels["bbox"]]
        boxes = [np.sqrt(max(box[2] * box[3], 0.0)) if ok else np.nan for box, ok in zip(labels["bbox"], known, strict=True)]
        out["face_size"] = np.asarray(boxes) / labels["size_px"].to_numpy(dtype=np.float64)
    return out


def needed(names: Iterable[str]) -> list[str]:
    """Return the columns of labels.parquet that balance and quality are measured on: a row's sample and points are hundreds
    of times as large as all of these."""
    return [name for name in names if name in COLUMNS or name.startswith(QUALITY_PREFIXES)]


def read_needed(paths: Sequence[Path], compact: bool = False) -> pd.DataFrame:
    """Return the needed columns of the label table in the files `paths`, boxes told as `face_size`.

    compact: words as categories, and pictures numbered in place of their ids: about half a kB a row instead of one.
    """
    columns: dict[str, pd.Series] = {}
    there = stored.columns(paths[0])
    for name in needed(there):
        if name != "bbox":
            columns[name] = _series(stored.arrow(paths, name.__eq__).column(0), name, compact)
    if "face_size" not in columns and {"bbox", "size_px"} <= set(there):
        columns["face_size"] = pd.Series(np.concatenate([_face_size(path) for path in paths]))
    return pd.DataFrame(columns, copy=False)


def _series(column: pa.ChunkedArray, name: str, compact: bool) -> pd.Series:
    import pyarrow as pa

    if compact and name == "image_id":
        return pd.Series(np.arange(len(column), dtype=np.int32))
    if compact and pa.types.is_string(column.type):
        return column.dictionary_encode().unify_dictionaries().to_pandas()
    return column.to_pandas()


def _face_size(path: Path) -> NDArray[np.float64]:
    """Return `face_size` (see `judged`) of the rows of a label file: a box a row would take twenty times as much memory."""
    import pyarrow as pa
    import pyarrow.compute as pc

    table = stored.arrow([path], ("bbox", "size_px").__contains__)
    boxes = table.column("bbox").combine_chunks()
    known = np.asarray(pc.fill_null(pc.equal(pc.list_value_length(boxes), 4), False))
    sides = np.asarray(boxes.filter(pa.array(known)).flatten(), np.float64).reshape(-1, 4)
    size = np.full(len(table), np.nan)
    size[known] = np.sqrt(np.maximum(sides[:, 2] * sides[:, 3], 0.0))
    return size / table.column("size_px").to_numpy().astype(np.float64)


def quality(frame: pd.DataFrame) -> list[str]:
    """Return the numeric columns that say how good a picture is, in the order of the table."""
    named = [name for name in frame.columns if str(name).startswith(QUALITY_PREFIXES) or name in QUALITY]
    return [name for name in named if pd.api.types.is_numeric_dtype(frame[name])]


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))
