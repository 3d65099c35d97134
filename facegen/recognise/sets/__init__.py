"""Verification and identification sets: `load` reads any of them into what a recogniser is asked (recognise/protocol.py)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from facegen.errors import DataError, RequestError, did_you_mean
from facegen.export.selection import ALL
from facegen.recognise.protocol import Protocol
from facegen.recognise.sets import bfw, bins, folder, ijb, ours
from facegen.textfiles import Format, format_of

FORMATS = {
    "facegen": Format(ours.found, ours.read, "the folder of a finished dataset", splits=True),
    "folders": Format(ours.folders_found, ours.read_folders, "what 'facegen export --format folders' wrote", splits=True),
    "bin": Format(bins.found, bins.read, "a .bin of InsightFace (LFW, CFP, AgeDB, CALFW, CPLFW ...)"),
    "lfw": Format(folder.found, folder.read, "pairs.txt, pairs_CALFW.txt or pairs_CPLFW.txt, or its folder, pictures beside it"),
    "rfw": Format(folder.rfw_found, folder.read_rfw, "the folder with {African,Asian,Caucasian,Indian}_pairs.txt, or one"),
    "bfw": Format(bfw.found, bfw.read, "bfw-*-datatable.csv, or its folder, pictures beside it"),
    "ijb": Format(ijb.found, ijb.read, "the folder with meta/*_face_tid_mid.txt"),
}


def load(path: Path, format: str | None = None, split: str = ALL, aligned: bool | None = None) -> Protocol:
    """Return the set at `path`. The format is found out where it is not said. `split` of one of ours; `aligned`: whether pictures
    are ArcFace crops, where the reader should not judge.

    Raises DataError for what cannot be read, RequestError for a format that is not known, or not certain.
    """
    if format is not None and format not in FORMATS:
        raise RequestError(f"--format {did_you_mean(format, FORMATS)}")
    if not path.exists():
        raise DataError(f"{path}: no such file or folder; give a dataset, a .bin, or the folder of a verification set")
    form = FORMATS[format or detect(path)]
    if split != ALL and not form.splits:
        raise RequestError(f"--split {split}: only datasets of ours have splits; leave it out")
    found = form.read(path, split) if form.splits else form.read(path)
    return found if aligned is None else replace(found, aligned=aligned)


def detect(path: Path) -> str:
    """Return the one format that is found at `path`. Raises RequestError where none is, or several are."""
    return format_of(path, FORMATS, "no verification set that is known", "say one with --format")
