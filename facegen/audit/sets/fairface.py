"""FairFace (Karkkainen & Joo 2021, WACV): `fairface_label_train.csv` and `fairface_label_val.csv`, one row an image.

Header `file,age,gender,race,service_test`. Labels were agreed on by crowd workers. The label files write `more than 70`, the
authors' predictor `70+`: both are the last band.
"""

from __future__ import annotations

from pathlib import Path

from facegen.audit.sets.words import DECADES, Attribute, Faces
from facegen.audit.tables import Loaded
from facegen.textfiles import header_of, image_id, rows

COLUMNS = ("file", "age", "gender", "race")
RACES = ("White", "Black", "Latino_Hispanic", "East Asian", "Southeast Asian", "Indian", "Middle Eastern")
ATTRIBUTES = (
    Attribute("sex", "annotated", ("female", "male"), {"Female": "female", "Male": "male"}),
    Attribute("age_band", "annotated", DECADES, {"more than 70": "70+"}),
    Attribute("race", "annotated", RACES),
)
MEND = "correct that line, or read the file with --format table and a --mapping that maps the word"


def found(path: Path) -> list[Path]:
    """Return the label files at `path`, a file or the folder that holds them."""
    files = [path] if path.is_file() else sorted(path.glob("fairface_label_*.csv"))
    return [file for file in files if file.suffix == ".csv" and set(COLUMNS) <= set(header_of(file))]


def read(path: Path) -> Loaded:
    faces = Faces(ATTRIBUTES, MEND)
    for file in found(path) or [path]:
        for place, row in rows(file, COLUMNS):
            faces.add(image_id(row["file"]), None, (row["gender"], row["age"], row["race"]), place)
    return faces.loaded("FairFace", "fairface", path, identities=False, notes=["the set says nothing about who is one person"])
