"""Casual Conversations v2 (Porgali et al. 2023, CVPRW): `CasualConversationsV2.json`, a list of annotated videos of people.

A record holds `video_name`, `subject_id`, `age`, `gender`, `monk_skin_tone: {scale: "scale 5", confidence}` and
`fitzpatrick_skin_tone: {type: "type iii", confidence}`, besides what is not counted here. Age and gender are what people said of
themselves and may be "prefer not to say"; both tones are what annotators saw. An object of records by video name is read too.
The two scales stand beside each other and are never mapped onto one another.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from facegen.audit.sets.words import MISSING, Attribute, Faces
from facegen.audit.tables import Loaded
from facegen.errors import DataError
from facegen.textfiles import Place, records

SILENT = MISSING | {"prefer not to say", "unknown"}
GENDERS = ("cis woman", "cis man", "transgender woman", "transgender man", "non-binary")
AGES = ("18-29", "30-39", "40-49", "50-59", "60-69", "70+")
MONK = tuple(str(n) for n in range(1, 11))
TYPES = ("I", "II", "III", "IV", "V", "VI")
ATTRIBUTES = (
    Attribute("gender", "self-reported", GENDERS, missing=SILENT, fold=True),
    Attribute("age_band", "self-reported", AGES, missing=SILENT, bands=True),
    Attribute("skin_monk", "annotated", MONK, {f"scale {n}": n for n in MONK}, missing=SILENT, fold=True),
    Attribute("fitzpatrick", "annotated", TYPES, {f"type {t.lower()}": t for t in TYPES}, missing=SILENT, fold=True),
)
FIELDS = (("gender", None), ("age", None), ("monk_skin_tone", "scale"), ("fitzpatrick_skin_tone", "type"))
MEND = "correct that record, or write a table of it and read that with --format table and a --mapping"


def found(path: Path) -> list[Path]:
    named = (f for f in sorted(path.glob("*ConversationsV2*.json")) if "activity" not in f.stem.lower())
    files = [path] if path.is_file() else list(named)
    return [file for file in files if file.suffix == ".json" and _first(file)][:1]


def _first(file: Path) -> bool:
    try:
        first = next(iter(records(file)), None)
    except DataError:
        return False
    return first is not None and "subject_id" in first[2]


def read(path: Path) -> Loaded:
    file = (found(path) or [path])[0]
    faces = Faces(ATTRIBUTES, MEND)
    videos = False
    for place, key, record, written in records(file):
        if record.get("subject_id") in (None, ""):
            raise DataError(f"{place}: the record has no subject_id; {MEND}")
        subject = str(record["subject_id"])
        video = record.get("video_name") or key
        videos |= video is not None
        raw = [_raw(record, field, inner, place, written) for field, inner in FIELDS]
        for attribute, (field, _), value in zip(ATTRIBUTES, FIELDS, raw, strict=True):
            attribute.category(value, _line(place, written, field, value), MEND)
        faces.add(str(video or subject), subject, raw, place)
    what = "videos" if videos else "people"
    notes = [
        f"one record a {what[:-1] if videos else 'person'}: what is counted as images are {what}",
        "skin_monk and fitzpatrick are two scales that annotators judged by eye; they are not mapped onto each other",
    ]
    return faces.loaded("Casual Conversations v2", "casual_conversations", path, identities=True, notes=notes)


def _raw(record: dict[str, Any], field: str, inner: str | None, place: Place, written: str) -> str | None:
    value = record.get(field)
    if inner is not None and isinstance(value, dict):
        value = value.get(inner)
    if isinstance(value, dict | list):
        raise DataError(f"{_line(place, written, field)}: {field} {json.dumps(value)[:60]} is not a word; {MEND}")
    return None if value is None else str(value)


def _line(place: Place, written: str, field: str, value: str | None = None) -> Place:
    """Return the line of a field, or of its value, in the record that starts at `place`."""
    at = max(written.find(f'"{field}"'), 0)
    if value:
        at = max(written.find(value, at), at)
    return Place(place.path, place.line + written.count("\n", 0, at))
