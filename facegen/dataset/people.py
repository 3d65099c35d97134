"""The declared attributes of people, sittings and pictures, from the tables of a dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from facegen.errors import DataError

OF_SITTINGS = ("age_band",)
"""Attributes that belong to a sitting, not to the person."""
COLUMNS = {"eye_color": "iris_color"}
"""Names of attributes in a spec -> their columns in the tables, where these differ."""
GLASSES = "glasses"
"""Whether the person owns glasses: said by every sitting's `eyewear`, whatever a picture shows."""


def monk_third(monk: int) -> str:
    """Return the third of the ten tones that `monk` lies in: 1-3, 4-7 or 8-10."""
    return "1-3" if monk <= 3 else "4-7" if monk <= 7 else "8-10"


def seats_of(identities: pd.DataFrame, sittings: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return one row a sitting: sitting_id, identity_id and the attributes `names` as text.

    Raises DataError where identities.parquet or sittings.parquet lacks a column.
    """
    own = [n for n in names if n not in (*OF_SITTINGS, GLASSES)]
    people = attributes(identities, own, ("identity_id",), "identities")
    seats = attributes(sittings, [n for n in names if n in OF_SITTINGS], ("sitting_id", "identity_id"), "sittings")
    if GLASSES in names:
        seats[GLASSES] = _owns(_columns(sittings, ("eyewear",), "sittings")["eyewear"])
    return seats.merge(people, on="identity_id", validate="many_to_one")[["sitting_id", "identity_id", *names]]


def attributes(frame: pd.DataFrame, names: Sequence[str], keys: Sequence[str], table: str) -> pd.DataFrame:
    """Return `keys` and the attributes `names` of a table's rows, the latter as text. Raises DataError where one is missing."""
    columns = [COLUMNS.get(name, name) for name in names]
    found = _columns(frame, (*keys, *columns), table)[[*keys, *columns]].rename(columns=dict(zip(columns, names, strict=True)))
    return found.astype(dict.fromkeys(names, str))


def pictures(labels: pd.DataFrame, names: Sequence[str], sittings: pd.DataFrame | None) -> pd.DataFrame:
    """Return one row a picture: image_id, identity_id, sitting_id and the attributes `names`; `glasses` comes from `sittings`."""
    keys = ("image_id", "identity_id", "sitting_id")
    found = attributes(labels, [n for n in names if n != GLASSES], keys, "labels")
    if GLASSES in names:
        if sittings is None:
            raise DataError("labels: who owns glasses stands in sittings.parquet, which is missing; copy the dataset again")
        owns = _owns(_columns(sittings, ("sitting_id", "eyewear"), "sittings").set_index("sitting_id")["eyewear"])
        found[GLASSES] = found["sitting_id"].map(owns)
    return found


def lost(rejected: Iterable[Mapping[str, Any]], seats: pd.DataFrame, sittings_per_identity: int) -> pd.DataFrame:
    """Return the rows of `seats` that rejected pictures (`image_id`) would have shown, one a picture.

    Picture k of a person shows sitting k modulo the number of sittings; a variant (`BASE__...`) is counted with its base.
    """
    ids = []
    for entry in rejected:
        person, k = str(entry["image_id"]).split("__")[0].rsplit("_", 1)
        ids.append(f"{person}_s{int(k) % sittings_per_identity:02d}")
    return pd.DataFrame({"sitting_id": ids}, dtype=object).merge(seats, on="sitting_id", how="left", validate="many_to_one")


def _owns(eyewear: pd.Series) -> pd.Series:
    return (eyewear != "none").map({True: "yes", False: "no"})


def _columns(frame: pd.DataFrame, names: tuple[str, ...], table: str) -> pd.DataFrame:
    missing = [name for name in names if name not in frame]
    if missing:
        raise DataError(f"{table}: column '{missing[0]}' is missing; needed are {', '.join(names)}")
    return frame
