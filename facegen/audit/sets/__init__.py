"""Label files of other people's sets, and ours: `load` reads any of them into what is counted (audit/tables.py).

Raw value, category and source of every label are kept. A word that no format declares stops with its file and line.
"""

from __future__ import annotations

from pathlib import Path

from facegen.audit.sets import bfw, casual_conversations, celeba, fairface, lfw, ours, rfw, table, utkface, vggface2
from facegen.audit.tables import Loaded
from facegen.errors import DataError, RequestError, did_you_mean
from facegen.textfiles import Format, format_of

TABLE = "table"


FORMATS = {
    "facegen": Format(ours.found, ours.read, "the folder of a finished dataset, or its labels.parquet"),
    "fairface": Format(fairface.found, fairface.read, "fairface_label_train.csv, fairface_label_val.csv, or their folder"),
    "utkface": Format(utkface.found, utkface.read, "the folder of pictures, or a .txt with one name a line"),
    "celeba": Format(celeba.found, celeba.read, "list_attr_celeba.txt (or .csv), identity_CelebA.txt beside it, or their folder"),
    "rfw": Format(rfw.found, rfw.read, "the folder with {African,Asian,Caucasian,Indian}_images.txt or _pairs.txt, or one"),
    "bfw": Format(bfw.found, bfw.read, "bfw-*-datatable.csv, or its folder"),
    "lfw": Format(lfw.found, lfw.read, "people.txt, pairs.txt, lfw-names.txt or lfw_attributes.txt, or their folder"),
    "vggface2": Format(vggface2.found, vggface2.read, "identity_meta.csv, or its folder"),
    "casual_conversations": Format(
        casual_conversations.found, casual_conversations.read, "CasualConversationsV2.json, or its folder"
    ),
}
NAMES = (*FORMATS, TABLE)


def load(path: Path, format: str | None = None, mapping: Path | None = None) -> Loaded:
    """Return the set at `path`. The format is found out where it is not said; a mapping file means a table.

    Raises DataError for what cannot be read, RequestError for a format that is not known, or not certain.
    """
    if format is not None and format not in NAMES:
        raise RequestError(f"--format {did_you_mean(format, NAMES)}")
    if not path.exists():
        raise DataError(f"{path}: no such file or folder; give a dataset or the label file of a set")
    if mapping is not None and format not in (None, TABLE):
        raise RequestError(f"--mapping goes with --format {TABLE}, not with {format}; leave one of them out")
    if format == TABLE or mapping is not None:
        if mapping is None:
            raise RequestError(f"--format {TABLE} needs --mapping FILE, which says what its columns mean (docs/audit.md)")
        return table.read(path, mapping)
    return FORMATS[format or detect(path)].read(path)


def detect(path: Path) -> str:
    """Return the one format that is found at `path`. Raises RequestError where none is, or several are."""
    return format_of(path, FORMATS, "of no format that is known", "say one with --format, or give a table a --mapping")
