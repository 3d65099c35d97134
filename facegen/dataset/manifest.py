"""The fairness-balance manifest: what was asked for, what is there, and how far the one is from the other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from facegen.errors import DataError
from facegen.measures import association, balance, coverage
from facegen.population.targets import DEMOGRAPHICS, declared
from facegen.spec import DatasetSpec

MANIFEST_VERSION = 1
NUISANCE = (
    "expression", "light", "camera", "background", "degradation", "eyewear", "sunglasses", "mask", "headwear", "scarf",
    "garment", "yaw_deg", "pitch_deg", "roll_deg", "view_yaw_deg", "view_pitch_deg", "gaze_yaw_deg", "gaze_pitch_deg",
    "distance_m", "focal_mm", "metering", "illuminance_lux", "light_contrast", "iso", "exposure_s", "exposure_ev", "noise_sd",
    "f_number", "camera_tilt_deg", "motion_px", "defocus_px", "hand", "phone", "microphone", "cup", "paper", "second_head",
    "cast_shadow", "rain",
)  # fmt: skip
"""Factors that should say nothing about who is in the picture; those that labels.parquet holds are checked. A lock of hair over
the face is none of them: only people with hair for it have one."""
QUALITY_PREFIXES = ("ofiq_", "occluded_fraction")
_PEOPLE = ("identity_id", "sex", "ancestry", "skin_monk")
_SEATS = ("sitting_id", "identity_id", "age_band")
_NOTES = {
    "identity": "one record per identity; age belongs to sittings",
    "sitting": "one record per sitting; balance over age is counted here",
    "image": "one record per image; of a counterfactual dataset, of its bases: variants are counted in counts.pairs",
    "independence": "Cramer's V of each nuisance factor with each demographic attribute over images; numbers cut at quartiles. "
    "Images of one person share what that person owns: the corrected value leaves out what permuting the people (for age: the "
    "sittings) gives.",
    "uncovered": "maximal patterns with fewer than tau records (Asudeh et al. 2019); extra_records: greedy bound on their mend",
    "skin_monk": "rank of the albedo anchor that the skin was made from, not an apparent tone",
    "ancestry": "appearance preset of the head model, not an ethnicity",
}


def build_manifest(
    spec: DatasetSpec, identities: pd.DataFrame, sittings: pd.DataFrame, labels: pd.DataFrame, extras: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the manifest of a finished dataset as plain JSON values.

    identities: columns identity_id, sex, ancestry, skin_monk; sittings: sitting_id, identity_id, age_band; labels: the columns
    of labels.parquet. extras: `versions`, `assets`, `licences`, `rejections`, `files`, `tables`, `platform`, `user_files`, taken
    over as they stand (`files` from `file_list`, `tables` from `table_facts`); of a counterfactual dataset `pairs`, `left_out`
    and `planned_images` too: its balance is that of the bases. Raises DataError where a column is missing or a value was not
    declared.
    """
    pictures = len(labels)
    labels = based(labels)
    people = _columns(identities, _PEOPLE, "identities")
    seats = _columns(sittings, _SEATS, "sittings").merge(people, on="identity_id", validate="many_to_one")
    images = _columns(labels, ("image_id", *DEMOGRAPHICS), "labels")
    target = declared(spec.population)
    try:
        levels = {
            "identity": coverage.level(people, target.over(("sex", "ancestry", "skin_monk"))),
            "sitting": coverage.level(seats, target),
            "image": coverage.level(images, target),
        }
    except ValueError as error:
        raise DataError(f"{error}; the tables belong to another spec") from None
    return {
        "manifest_version": MANIFEST_VERSION,
        "name": spec.name,
        "date": spec.date.isoformat(),
        "spec": json.loads(spec.canonical_json()),
        "spec_sha256": spec.sha256(),
        "counts": {
            "identities": len(people),
            "sittings": len(seats),
            "images": pictures,
            "planned_images": extras.get("planned_images", spec.identities * spec.images_per_identity),
            **_pairs(extras)[0],
        },
        **_pairs(extras)[1],
        "declared": _declared(target),
        "balanced": list(spec.population.balanced),
        "definitions": {**balance.DEFINITIONS, **association.DEFINITIONS},
        "notes": dict(_NOTES),
        "levels": levels,
        "independence": coverage.association(labels, [c for c in NUISANCE if c in labels], DEMOGRAPHICS),
        "quality_parity": coverage.parity(labels, _quality(labels), DEMOGRAPHICS[:3]),
        "rejections": _plain(extras.get("rejections", [])),
        "rejections_by_group": _rejections(spec, extras.get("rejections", []), seats),
        "tables": _plain(extras.get("tables", {})),
        "user_files": _plain(extras.get("user_files", [])),
        "licences": _plain(extras.get("licences", {})),
        "versions": _plain(extras.get("versions", {})),
        "assets": _plain(extras.get("assets", {})),
        "platform": _plain(extras.get("platform", {})),
        "files": _plain(extras.get("files", {})),
    }


def based(labels: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `labels` that are no variants of another picture: what a population's shares are counted over."""
    return labels[labels["base_id"].isna()] if "base_id" in labels else labels


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


def table_facts(table: pd.DataFrame, size: int) -> dict[str, Any]:
    """Return rows, columns, bytes and schema version of a table; tables of people before version 3 do not say theirs."""
    version = int(table["schema_version"].iloc[0]) if "schema_version" in table and len(table) else 2
    return {"schema_version": version, "rows": len(table), "columns": table.shape[1], "bytes": size}


def to_json(manifest: Mapping[str, Any]) -> str:
    """Return the text of manifest.json."""
    return json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _declared(target: coverage.Declared) -> dict[str, Any]:
    return {
        "attributes": list(target.attributes),
        "target_shares": {
            name: {
                word: round(float(s), 8)
                for word, s in zip(target.over([name]).categories[0], target.over([name]).target, strict=True)
            }
            for name in target.attributes
        },
        "joint": "target of every cell stands with its count under levels.*.intersection.cells",
    }


def _rejections(spec: DatasetSpec, rejected: Iterable[Mapping[str, Any]], seats: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Count rejected images by category; image k of a person shows sitting k modulo the number of sittings."""
    ids = []
    for entry in rejected:
        person, k = str(entry["image_id"]).split("__")[0].rsplit("_", 1)
        ids.append(f"{person}_s{int(k) % spec.sittings_per_identity:02d}")
    lost = pd.DataFrame({"sitting_id": ids}, dtype=object).merge(seats, on="sitting_id", how="left", validate="many_to_one")
    return {
        name: {word: int((lost[name].astype(str) == word).sum()) for word in words}
        for name, words in zip(DEMOGRAPHICS, declared(spec.population).categories, strict=True)
    }


def _columns(frame: pd.DataFrame, names: tuple[str, ...], table: str) -> pd.DataFrame:
    missing = [name for name in names if name not in frame]
    if missing:
        raise DataError(f"{table}: column '{missing[0]}' is missing; needed are {', '.join(names)}")
    return frame[list(names)]


def _quality(labels: pd.DataFrame) -> list[str]:
    return [name for name in labels.columns if name.startswith(QUALITY_PREFIXES) and pd.api.types.is_numeric_dtype(labels[name])]


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))
