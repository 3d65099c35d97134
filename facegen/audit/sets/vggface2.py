"""VGGFace2 (Cao et al. 2018, FG): `identity_meta.csv`, one row a person: `n000001, "14th_Dalai_Lama", 424, 0, m`.

The header is `Class_ID, Name, Sample_Num, Flag, Gender`, with a space after each comma; names are quoted and may hold commas.
Sample_Num says how many pictures of the person there are: they are counted, not looked at.
"""

from __future__ import annotations

from pathlib import Path

from facegen.audit.sets.words import Attribute, Faces
from facegen.audit.tables import Loaded
from facegen.errors import DataError
from facegen.textfiles import header_of, rows, whole

COLUMNS = ("Class_ID", "Name", "Sample_Num", "Gender")
ATTRIBUTES = (Attribute("sex", "annotated", ("female", "male"), {"f": "female", "m": "male"}),)
MEND = "correct that line, or read the file with --format table and a --mapping that maps the word"


def found(path: Path) -> list[Path]:
    files = [path] if path.is_file() else [path / "identity_meta.csv", path / "meta/identity_meta.csv"]
    return [file for file in files if set(COLUMNS) <= set(header_of(file))][:1]


def read(path: Path) -> Loaded:
    file = (found(path) or [path])[0]
    faces = Faces(ATTRIBUTES, MEND)
    for place, row in rows(file, COLUMNS):
        person, pictures = row["Class_ID"].strip(), row["Sample_Num"].strip()
        count = whole(pictures)
        if count is None:
            raise DataError(f"{place}: Sample_Num '{pictures}' is not a number of pictures; correct that line")
        faces.add(person, person, (row["Gender"],), place, times=count)
    return faces.loaded("VGGFace2", "vggface2", path, identities=True, notes=["pictures are those that Sample_Num counts"])
