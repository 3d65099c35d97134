"""`facegen export`: open and check the dataset, choose the people, hand them to the format's writer, say what was done."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import facegen
from facegen.dataset import layout
from facegen.dataset.provenance import LICENCE
from facegen.dataset.write import json_bytes
from facegen.errors import RequestError, did_you_mean
from facegen.export import coco, huggingface, insightface, trees, verification, webdataset
from facegen.export.job import Job, Options
from facegen.export.pictures import CROPS, ENCODINGS, Crop, Pictures
from facegen.export.selection import CELL_COLUMNS, parts
from facegen.export.source import Source
from facegen.export.target import Target

EXPORT = "export.json"
CORNER = "labels: origin at the outer corner of the top-left pixel, its middle at (0.5, 0.5)"
NO_PIXELS = "no coordinates in it"
_CROP = ("size", "factor", "fill", "encode", "quality", "crop", "split")
_PAIRS = (*_CROP, "folds", "cells", "pairs")
_PARTS = (*_CROP, "folds", "cells")


@dataclass(frozen=True)
class Format:
    """`uses`: options that go with it; `crop`: what it takes unless told; `one_part`: it has no splits of its own, so one must be
    chosen where the dataset has several; `encode`: the picture files its readers expect; `base`: of coordinates in pixels."""

    write: Callable[[Job], None]
    uses: tuple[str, ...]
    base: str = NO_PIXELS
    crop: str = "none"
    one_part: bool = False
    encode: str | None = None


FORMATS = {
    "insightface": Format(insightface.write, _CROP, crop="arcface", one_part=True),
    "verification-bin": Format(verification.write_bin, _PAIRS, crop="arcface", one_part=True),
    "lfw": Format(verification.write_lfw, _PAIRS, crop="arcface", one_part=True, encode="jpg"),
    "bfw": Format(verification.write_bfw, (*_PAIRS, "words"), crop="arcface", one_part=True),
    "webdataset": Format(webdataset.write, (*_PARTS, "layers", "shard_size"), base=CORNER),
    "huggingface": Format(huggingface.write_folder, _PARTS, base=CORNER),
    "huggingface-parquet": Format(huggingface.write_parquet, (*_PARTS, "shard_size"), base=CORNER),
    "coco": Format(
        coco.write, _PARTS,
        base="keypoints: the middle of the top-left pixel is (0, 0); boxes and masks: its outer corner is",
    ),
    "300w": Format(trees.write_300w, _PARTS, base=".pts: the middle of the top-left pixel is (1, 1)"),
    "fairface": Format(trees.write_fairface, (*_PARTS, "words")),
    "folders": Format(trees.write_folders, (*_PARTS, "layers"), base=CORNER),
}  # fmt: skip


def export(
    root: Path,
    out: Path,
    name: str,
    options: Options = Options(),  # noqa: B008 (frozen value)
    report: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Write the dataset at `root` to `out` in format `name` and return what export.json says.

    Raises RequestError for options that do not go together and for an `out` that is not empty, DataError for a damaged dataset;
    then nothing is left at `out`.
    """
    if name not in FORMATS:
        raise RequestError(f"--format {did_you_mean(name, FORMATS)}")
    form = FORMATS[name]
    asked = _checked(name, form, options)
    source = Source(root)
    if source.manifest["spec"].get("kind") == "counterfactual":
        raise RequestError(
            f"'{root}' is a counterfactual dataset: its variants show somebody changed under the base's identity, which "
            "is nothing to train on; export a dataset of 'kind: dataset'"
        )
    if out.resolve() == root.resolve() or root.resolve() in out.resolve().parents:
        raise RequestError(f"'{out}' lies in the dataset; choose an --out beside it")
    for layer in asked.layers:
        if layer not in source.layers:
            have = ", ".join(source.layers) or "none"
            raise RequestError(f"--layers: '{layer}' is no layer of pictures in '{root}', which has {have}; leave it out")
    rows = source.labels.to_dict("records")
    folds = None if form.one_part else asked.folds
    chosen = parts(rows, asked.split, folds, asked.cells)
    if form.one_part and len(chosen) > 1 and not asked.split:
        raise RequestError(f"{name} has no splits and the dataset has {', '.join(chosen)}: choose --split, 'all' for everybody")
    crop = Crop(asked.crop or form.crop, asked.size, asked.factor, asked.fill, asked.encode or form.encode, asked.quality)
    pictures = Pictures(source, crop)
    with Target(out) as target:
        job = Job(source, target, pictures, chosen, asked, report)
        form.write(job)
        done = json_bytes(_facts(name, form, crop, job))
        target.write(layout.SOURCES, source.read(layout.SOURCES))
        target.write(EXPORT, done)
    return dict(json.loads(done))


def _checked(name: str, form: Format, options: Options) -> Options:
    """Return the options, each one that was given being one of the format's and in its range."""
    default = Options()
    for field in fields(options):
        if getattr(options, field.name) != getattr(default, field.name) and field.name not in form.uses:
            raise RequestError(f"--{field.name.replace('_', '-')} does not go with {name}; leave it out")
    for word, allowed in (("crop", CROPS), ("encode", ENCODINGS), ("fill", ("black", "blur")), ("words", ("theirs", "own"))):
        value = getattr(options, word)
        if value is not None and value not in allowed:
            raise RequestError(f"--{word} {did_you_mean(value, allowed)}")
    for word, low, high in (
        ("size", 8, 4096),
        ("factor", 0.1, 10),
        ("quality", 1, 100),
        ("shard_size", 1, 10**9),
        ("pairs", 1, 10**9),
        ("folds", 1, 1000),
    ):
        value = getattr(options, word)
        if value is not None and not low <= value <= high:
            raise RequestError(f"--{word.replace('_', '-')} {value}: from {low} to {high}")
    if not options.cells or len(set(options.cells)) < len(options.cells):
        said = ",".join(options.cells)
        raise RequestError(f"--cells '{said}': name one or more of {', '.join(CELL_COLUMNS)}, each once, or leave it out")
    encode = options.encode or form.encode
    if options.quality != default.quality and encode != "jpg":
        raise RequestError(f"--quality {options.quality} is that of JPEG files encoded here; add --encode jpg, or leave it out")
    crop = options.crop or form.crop
    for word, kinds in (("size", CROPS[1:]), ("factor", ("loose",)), ("fill", ("ffhq", "loose"))):
        if getattr(options, word) != getattr(default, word) and crop not in kinds:
            raise RequestError(f"--{word} goes with --crop {' or '.join(kinds)}; leave it out")
    return replace(options, layers=tuple(dict.fromkeys(options.layers)))


def _facts(name: str, form: Format, crop: Crop, job: Job) -> dict[str, Any]:
    """Return export.json: all that is needed to make the same bytes again, and what a reader must know of them."""
    everybody = {part: len({row["identity_id"] for row in rows}) for part, rows in job.parts.items()}
    given = {key: value for key, value in asdict(job.options).items() if key in form.uses and key not in asdict(crop)}
    return {
        "export_version": 1,
        "format": name,
        "facegen": facegen.__version__,
        "dataset": job.source.fingerprint(),
        "licence": LICENCE,
        "provenance": f"every picture is rendered and carries its XMP packet; {layout.SOURCES} lists what it was made from",
        "options": {**given, "crop": {**asdict(crop), "taken_from": job.pictures.stored or layout.IMAGES}},
        "pixel_base": form.base,
        "parts": {part: {"images": len(rows), "identities": everybody[part]} for part, rows in job.parts.items()},
        **job.facts,
    }
