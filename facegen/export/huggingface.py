"""Hugging Face: an imagefolder with metadata.jsonl, or parquet files that hold the pictures; both open with load_dataset(DIR)."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from facegen.annotate.schema import arrow_schema
from facegen.dataset.tables import SETTINGS
from facegen.export.job import Job
from facegen.export.record import CROP_MATRIX, LEFT_OUT, record
from facegen.export.selection import Row, classes

SHARD_SIZE = 10_000
ROWS_A_GROUP = 100
"""Pictures in a row group: readers hold a whole one in memory."""
SPLIT_NAMES = {"val": "validation"}
DTYPES = {pa.string(): "string", pa.int32(): "int32", pa.int64(): "int64", pa.float64(): "float64", pa.float32(): "float32",
          pa.bool_(): "bool"}  # fmt: skip


def write_folder(job: Job) -> None:
    """Write PART/IMAGE.jpg and PART/metadata.jsonl (file_name, label, label columns), and README.md that names the parts."""
    numbers = job.write_classes()
    for part, rows in job.parts.items():
        lines = []
        for row in rows:
            picture = job.take(row)
            name = f"{row['image_id']}.{picture.suffix}"
            job.target.write(f"{part}/{name}", picture.data)
            values = {"file_name": name, "label": numbers[row["identity_id"]], **record(row, job.pictures)}
            lines.append(json.dumps(values, ensure_ascii=False, allow_nan=False) + "\n")
        job.target.write(f"{part}/metadata.jsonl", "".join(lines).encode())
    _readme(job, {part: f"{part}/**" for part in job.parts})


def write_parquet(job: Job) -> None:
    """Write data/PART-00000-of-NNNNN.parquet: `image` {bytes, path}, `label` and the label columns, and README.md."""
    numbers = job.write_classes()
    schema = _schema(job)
    most = job.options.shard_size or SHARD_SIZE
    for part, rows in job.parts.items():
        shards = -(-len(rows) // most)
        for shard in range(shards):
            path = job.target.path(f"data/{part}-{shard:05d}-of-{shards:05d}.parquet")
            # the note of _schema is kept with the schema, which our own tables leave out
            with pq.ParquetWriter(path, schema, **{**SETTINGS, "store_schema": True}) as writer:
                own = rows[shard * most : (shard + 1) * most]
                for start in range(0, len(own), ROWS_A_GROUP):
                    values = [_values(job, row, numbers) for row in own[start : start + ROWS_A_GROUP]]
                    writer.write_table(pa.Table.from_pylist(values, schema=schema))
    _readme(job, {part: f"data/{part}-*" for part in job.parts})


def _values(job: Job, row: Row, numbers: dict[str, int]) -> dict[str, Any]:
    picture = job.take(row)
    image = {"bytes": picture.data, "path": f"{row['image_id']}.{picture.suffix}"}
    return {"image": image, "label": numbers[row["identity_id"]], **record(row, job.pictures)}


def _schema(job: Job) -> pa.Schema:
    """Return the columns, with the note in which Hugging Face's reader looks for what a column means."""
    present = set(job.source.labels.columns) - set(LEFT_OUT)
    fields = [field for field in arrow_schema() if field.name in present]
    if job.pictures.cuts:
        fields.append(pa.field(CROP_MATRIX, pa.list_(pa.float64())))
    image = pa.field("image", pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())]))
    everything = [image, pa.field("label", pa.int64()), *fields]
    features = {field.name: _feature(field.type) for field in everything}
    note = json.dumps({"info": {"features": {**features, "image": {"_type": "Image"}}}})
    return pa.schema(everything, metadata={"huggingface": note})


def _feature(kind: pa.DataType) -> dict[str, Any]:
    if pa.types.is_list(kind):
        return {"feature": _feature(kind.value_type), "_type": "Sequence"}
    return {"dtype": DTYPES.get(kind, "binary"), "_type": "Value"}


def _readme(job: Job, paths: dict[str, str]) -> None:
    """Write the card whose head tells the reader which files make which part."""
    files = "".join(f"  - split: {SPLIT_NAMES.get(part, part)}\n    path: {path}\n" for part, path in paths.items())
    head = f"---\nlicense: cc0-1.0\nconfigs:\n- config_name: default\n  data_files:\n{files}---\n"
    text = (
        f"\n# {job.source.manifest['name']}\n\n{job.total} rendered pictures of {len(classes(job.rows))} invented people, "
        "derived from no real person. `label` is the number of the identity; the other columns are described in facegen's "
        "docs/labels.md. `export.json` says what was exported, `SOURCES.json` what the pictures were made from.\n"
    )
    job.target.write("README.md", (head + text).encode())
