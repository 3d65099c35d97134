"""What the labels of one of our datasets, and a detector's scores of it, must be before they are counted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from facegen import guard
from facegen.dataset.checks import COPY, check_table
from facegen.dataset.people import OF_SITTINGS
from facegen.errors import DataError, shown

ANGLES = ("yaw_deg", "pitch_deg", "roll_deg")
"""Numbers that every picture has; of others null means that nothing was measured."""
SCORES = "write it with 'facegen audit DIR --detector --json FILE', of all pictures of this set"


def check(labels: pd.DataFrame, manifest: Mapping[str, Any], path: Path) -> None:
    """Raise DataError unless the label rows at `path` (variants too) are those that the manifest counts: every picture once, as
    many people, and no number that is infinite."""
    counts = manifest.get("counts", {})
    check_table(labels, path, "image_id", counts.get("images"))
    for name in labels.select_dtypes("number"):
        values = labels[name].to_numpy(dtype=np.float64, na_value=np.nan)
        wrong = np.isinf(values) | (np.isnan(values) if name in ANGLES else False)
        if wrong.any():
            at = int(np.argmax(wrong))
            raise DataError(f"'{path}': {name} of {shown(labels['image_id'].iloc[at])} is {values[at]}, no number; {COPY}")
    people, sittings = (counts.get(name) for name in ("identities", "sittings"))
    lost = [str(entry["image_id"]).split("__")[0] for entry in manifest.get("rejections", [])]
    for key, counted, away in (
        ("identity_id", people, len({picture.rsplit("_", 1)[0] for picture in lost})),
        ("sitting_id", sittings, len(set(lost))),
    ):
        there = labels[key].nunique() if key in labels else counted
        if counted is not None and not counted - away <= there <= counted:
            raise DataError(f"'{path}' holds {there} different {key} where the manifest counts {counted}; {COPY}")


def check_people(images: pd.DataFrame, attributes: Sequence[str], path: Path) -> None:
    """Raise DataError where pictures of one person differ in what a person keeps, or those of one sitting in what it keeps."""
    for name in attributes:
        key = "sitting_id" if name in OF_SITTINGS else "identity_id"
        kinds = images.groupby(key, sort=False)[name].nunique()
        if (kinds > 1).any():
            who = kinds.index[kinds > 1][0]
            said = " and ".join(map(shown, images.loc[images[key] == who, name].unique()[:2]))
            raise DataError(f"'{path}': {name} of {key} {shown(who)} is {said} in different rows; {COPY}")


def scores(path: Path, ids: Sequence[str]) -> dict[str, float]:
    """Return the first detector's scores in the JSON of `facegen audit DIR --detector --json`, by image id.

    Raises DataError where they are not finite numbers, or not those of exactly the pictures `ids`.
    """
    try:
        found = next(iter(guard.parsed(guard.read(path, guard.JSON_BYTES)).values()))["scores"]
        given = dict(found.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StopIteration) as error:
        raise DataError(f"'{path}' holds no detector scores ({type(error).__name__}); {SCORES}") from None
    known = set(ids)
    strange = next((name for name in given if name not in known), None)
    if strange is not None:
        raise DataError(f"'{path}': {shown(strange)} is no picture of this set; {SCORES}")
    lost = next((name for name in ids if name not in given), None)
    if lost is not None:
        raise DataError(f"'{path}' scores {len(given)} of {len(ids)} pictures, and not {shown(lost)}; {SCORES}")
    for name, score in given.items():
        if isinstance(score, bool) or not isinstance(score, int | float) or not _finite(score):
            raise DataError(f"'{path}': the score of {shown(name)} is {shown(score)}, not a finite number; {SCORES}")
    return {name: float(score) for name, score in given.items()}


def _finite(score: float) -> bool:
    try:
        return math.isfinite(score)
    except OverflowError:  # a whole number that no float holds
        return False
