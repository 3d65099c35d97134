"""croissant.json: the dataset in the words of MLCommons' Croissant 1.1 with its responsible-AI vocabulary.

Format: http://mlcommons.org/croissant/1.1 and http://mlcommons.org/croissant/RAI/1.0. Tables and documents are FileObjects with
their sha256, folders are FileSets, each table and each folder of pictures is a record set. A pure function of the manifest and
the tables: the date is the spec's. Keys between tables are told in words, not by `references`: mlcroissant 1.1.1 joins what
refers to each other when it reads, and then cannot read a second record set of the same dataset. Where Croissant demands what
facegen does not know (creator, URL) the value says so.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from facegen import guard
from facegen.annotate.schema import SCHEMA
from facegen.dataset import facts, layout
from facegen.dataset.layers import LAYERS, MIME

CONFORMS_TO = ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]
LICENCE = "https://spdx.org/licenses/CC0-1.0"
CONTEXT: dict[str, Any] = {
    "@language": "en", "@vocab": "https://schema.org/", "arrayShape": "cr:arrayShape", "citeAs": "cr:citeAs",
    "column": "cr:column", "conformsTo": "dct:conformsTo", "containedIn": "cr:containedIn", "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/", "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"}, "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"}, "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"}, "extract": "cr:extract", "field": "cr:field",
    "fileProperty": "cr:fileProperty", "fileObject": "cr:fileObject", "fileSet": "cr:fileSet", "format": "cr:format",
    "includes": "cr:includes", "isArray": "cr:isArray", "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath",
    "key": "cr:key", "md5": "cr:md5", "name": {"@container": "@language"}, "parentField": "cr:parentField", "path": "cr:path",
    "recordSet": "cr:recordSet", "references": "cr:references", "regex": "cr:regex", "repeated": "cr:repeated",
    "replace": "cr:replace", "samplingRate": "cr:samplingRate", "sc": "https://schema.org/", "separator": "cr:separator",
    "source": "cr:source", "subField": "cr:subField", "transform": "cr:transform",
}  # fmt: skip
"""The context that mlcroissant itself writes for 1.1."""
BATCH = 1000
"""Rows that are looked at together: lists of points are large."""
TYPES = {
    "string": "sc:Text", "large_string": "sc:Text", "bool": "sc:Boolean", "int32": "cr:Int32", "int64": "cr:Int64",
    "float": "cr:Float32", "double": "cr:Float64",
}  # fmt: skip
"""Arrow's types in Croissant's words."""
_OWNERS = {
    layout.LABELS: (
        "labels",
        "image_id",
        "one record a picture: every label, and the sample it renders again from; keys: identity_id, sitting_id",
    ),
    layout.IDENTITIES: ("identities", "identity_id", "one record an invented person"),
    layout.SITTINGS: ("sittings", "sitting_id", "one record a person at one age, hair and weight; key: identity_id"),
}
_JSON_COLUMNS = {"identity": "the whole Identity as JSON", "sitting": "the whole Sitting as JSON"}
_ABOUT_FILES = {
    layout.MANIFEST: "the fairness-balance manifest: spec, counts, balance, versions",
    layout.SOURCES: "every source of the pictures with its licence",
}


def metadata(manifest: dict[str, Any], root: Path, hashed: dict[str, tuple[int, str]]) -> dict[str, Any]:
    """Return croissant.json as plain values.

    root: where the tables lie; hashed: (bytes, sha256) of these tables, of the manifest and of SOURCES.json, by name.
    """
    counts, spec = manifest["counts"], manifest["spec"]
    labels = layout.label_names(manifest)
    folders = [folder for folder in LAYERS if folder in manifest["files"]]
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": manifest["name"],
        "description": f"{counts['images']} rendered pictures of {counts['identities']} invented people, {spec['size']} x "
        f"{spec['size']} px, with ground-truth labels. {facts.claim(manifest)}",
        "license": [LICENCE, "of the user's own files in it: not known to facegen"] if manifest.get("user_files") else LICENCE,
        "url": f"urn:facegen:spec:{manifest['spec_sha256']}",
        "creator": {"@type": "sc:Organization", "name": "whoever ran facegen on this spec; facegen does not know them"},
        "datePublished": manifest["date"],
        "version": "1.0.0",
        "keywords": ["faces", "synthetic", "face recognition", "landmarks", "segmentation", "fairness"],
        "citeAs": f"{manifest['name']}, made with facegen {manifest['versions']['facegen']}, spec {manifest['spec_sha256']}",
        "isLiveDataset": False,
        **_responsible(manifest),
        "distribution": [
            *(_file(name, size, digest) for name, (size, digest) in hashed.items()),
            *([_parts(manifest, labels)] if len(labels) > 1 else []),
            *(_folder(folder, manifest) for folder in folders),
            *([_tars(manifest)] if layout.SHARDS in manifest["files"] else []),
        ],
        "recordSet": [
            _splits(),
            _table(root, layout.LABELS, labels),
            *(_table(root, name, (name,)) for name in (layout.IDENTITIES, layout.SITTINGS)),
            *(_pictures(folder, manifest) for folder in folders if _suffix(folder, manifest) in ("jpg", "png")),
        ],
    }


def _responsible(manifest: dict[str, Any]) -> dict[str, Any]:
    """The rai: properties that something true can be said of."""
    return {
        "rai:dataCollection": facts.COLLECTION,
        "rai:dataCollectionType": ["Software generation: parametric rendering"],
        "rai:dataCollectionMissingData": facts.missing(manifest),
        "rai:dataCollectionRawData": "None but numbers: what each picture was drawn from stands in labels.parquet, `sample`.",
        "rai:dataCollectionTimeframe": [manifest["date"]],
        "rai:dataImputationProtocol": "None: nothing is imputed. A label that cannot be known is null.",
        "rai:dataPreprocessingProtocol": [
            "Lens, sensor, processing, compression and channel are simulated; each setting is a label, none moves a point."
        ],
        "rai:dataAnnotationProtocol": list(facts.ANNOTATION),
        "rai:dataAnnotationPlatform": ["None: labels are written by the renderer."],
        "rai:dataAnnotationAnalysis": ["Not applicable: there are no annotators to agree or disagree."],
        "rai:annotationsPerItem": "1",
        "rai:annotatorDemographics": ["Not applicable: nobody annotated."],
        "rai:machineAnnotationTools": [f"facegen {manifest['versions']['facegen']} (ground truth, no model)"],
        "rai:dataUseCases": list(facts.USES),
        "rai:dataBiases": facts.biases(manifest),
        "rai:dataLimitations": [*facts.limitations(manifest), *(f"Not for: {text}" for text in facts.MISUSES)],
        "rai:dataSocialImpact": facts.SOCIAL_IMPACT,
        "rai:personalSensitiveInformation": facts.sensitive(manifest),
        "rai:dataReleaseMaintenancePlan": facts.MAINTENANCE,
    }


def _file(name: str, size: int, digest: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "description": _OWNERS[name][2] if name in _OWNERS else _ABOUT_FILES[name],
        "contentUrl": name,
        "contentSize": f"{size} B",
        "encodingFormat": MIME["parquet"] if name in _OWNERS else "application/json",
        "sha256": digest,
    }


def _tars(manifest: dict[str, Any]) -> dict[str, Any]:
    listed = manifest["files"][layout.SHARDS]
    return {
        "@type": "cr:FileSet",
        "@id": layout.SHARDS,
        "name": layout.SHARDS,
        "description": "WebDataset tars: of each picture KEY.jpg or .png, KEY.json with its labels, KEY.LAYER.png ...; "
        f"{listed['count']} files, list sha256 {listed['sha256']}",
        "encodingFormat": "application/x-tar",
        "includes": f"{layout.SHARDS}/*.tar",
    }


def _parts(manifest: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The label table of a large set: several files, whose hashes stand in SHA256SUMS."""
    return {
        "@type": "cr:FileSet",
        "@id": layout.LABELS,
        "name": layout.LABELS,
        "description": f"{_OWNERS[layout.LABELS][2]}; {len(names)} files, rows in the order of their names",
        "encodingFormat": MIME["parquet"],
        "includes": f"{layout.LABEL_PARTS}/*.parquet",
    }


def _folder(folder: str, manifest: dict[str, Any]) -> dict[str, Any]:
    suffix, listed = _suffix(folder, manifest), manifest["files"][folder]
    return {
        "@type": "cr:FileSet",
        "@id": folder,
        "name": folder,
        "description": f"{LAYERS[folder].about}; {listed['count']} files, list sha256 {listed['sha256']}",
        "encodingFormat": MIME[suffix],
        "includes": f"{folder}/*/*.{suffix}",
    }


def _suffix(folder: str, manifest: dict[str, Any]) -> str:
    """Return how the files of a folder end: the spec chooses for photographs and meshes."""
    asked = manifest["spec"]["format"] if folder == layout.IMAGES else manifest["spec"]["outputs"].get(folder)
    suffixes = LAYERS[folder].suffixes
    return asked if asked in suffixes else suffixes[0]


def _splits() -> dict[str, Any]:
    names = tuple(dict.fromkeys(layout.SPLIT_CYCLE))
    return {
        "@type": "cr:RecordSet",
        "@id": "splits",
        "name": "splits",
        "description": "an identity is in one split only",
        "dataType": "cr:Split",
        "key": {"@id": "splits/name"},
        "field": [_field("splits/name", "name of the split", "sc:Text", None)],
        "data": [{"splits/name": name} for name in names],
    }


def _table(root: Path, file: str, names: tuple[str, ...]) -> dict[str, Any]:
    """The record set of a table in the files `names`, described as the object or set of files called `file`."""
    record, key, about = _OWNERS[file]
    parquet = [pq.ParquetFile(root / name, pre_buffer=False) for name in names]
    shapes, fields = _shapes(parquet), []
    held = "fileObject" if len(names) == 1 else "fileSet"
    for column in parquet[0].schema_arrow:
        source = {held: {"@id": file}, "extract": {"column": column.name}}
        values = getattr(column.type, "value_type", None)
        kind = TYPES[str(column.type if values is None else values)]
        field = _field(f"{record}/{column.name}", _meaning(column.name), kind, source)
        if values is not None:
            field |= {"isArray": True, "arrayShape": shapes[column.name]}
        if (record, column.name) == ("labels", "split"):
            field["references"] = {"field": {"@id": "splits/name"}}
        fields.append(field)
    return {
        "@type": "cr:RecordSet", "@id": record, "name": record, "description": about, "key": {"@id": f"{record}/{key}"},
        "field": fields,
    }  # fmt: skip


def _shapes(files: list[pq.ParquetFile]) -> dict[str, str]:
    """Return the length of each list column, '-1' where it differs between rows; a batch of rows in memory at a time."""
    lengths: dict[str, set[int]] = {c.name: set() for c in files[0].schema_arrow if hasattr(c.type, "value_type")}
    if lengths:
        for batch in (batch for file in files for batch in file.iter_batches(BATCH, columns=list(lengths))):
            for name in lengths:
                lengths[name].update(pc.unique(pc.list_value_length(batch.column(name)).drop_null()).to_pylist())
    return {name: str(*found) if len(found) == 1 else "-1" for name, found in lengths.items()}


def _meaning(name: str) -> str:
    column = SCHEMA.get(name)
    if column is None:
        return _JSON_COLUMNS.get(name, name.replace("_", " "))
    return "; ".join(part for part in (column.text, column.unit, column.frame, column.range) if part)


def _pictures(folder: str, manifest: dict[str, Any]) -> dict[str, Any]:
    suffix = _suffix(folder, manifest)
    named = {"fileSet": {"@id": folder}, "extract": {"fileProperty": "filename"}}
    image_id = _field(f"{folder}_records/image_id", "the image's id, from its file name", "sc:Text", named)
    image_id["source"]["transform"] = {"regex": rf"^(.*)\.{re.escape(suffix)}$"}
    inside = {"fileSet": {"@id": folder}, "extract": {"fileProperty": "content"}}
    return {
        "@type": "cr:RecordSet",
        "@id": f"{folder}_records",  # the folder itself has the plain id
        "name": f"{folder}_records",
        "description": f"{LAYERS[folder].about}; as facegen's reader returns it: {LAYERS[folder].value}",
        "key": {"@id": f"{folder}_records/image_id"},
        "field": [image_id, _field(f"{folder}_records/content", LAYERS[folder].about, "sc:ImageObject", inside)],
    }


def _field(name: str, about: str, kind: str, source: dict[str, Any] | None) -> dict[str, Any]:
    """`name` is `record set/field`: ids are unique in the file."""
    field = {"@type": "cr:Field", "@id": name, "name": name.split("/")[1], "description": about, "dataType": kind}
    return field if source is None else {**field, "source": source}


def differing(root: Path, found: dict[str, Any]) -> list[str]:
    """Return the files at `root` whose sha256 is not that of croissant.json (`found`); missing ones are left to the list."""
    wrong = []
    for entry in found.get("distribution", []):
        if entry.get("@type") == "cr:FileObject":
            if not guard.inside(entry["contentUrl"]):
                raise ValueError(f"contentUrl {entry['contentUrl']!r} is no file of the dataset")
            path = root / entry["contentUrl"]
            if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
                wrong.append(entry["contentUrl"])
    return wrong
