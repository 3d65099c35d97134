"""WebDataset: tar shards of KEY.jpg, KEY.json, KEY.cls and what layers were asked for; the same bytes on every machine."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator

from facegen.export.job import Job
from facegen.export.record import LEFT_OUT, record
from facegen.export.selection import Row
from facegen.rng import stream

SHARD_SIZE = 100_000
SHARD_BYTES = 1_000_000_000
"""A shard is closed when it holds this many samples or bytes, as the format's authors advise (about 1 GB)."""

FORMAT = tarfile.USTAR_FORMAT


def write(job: Job) -> None:
    """Write PART-000000.tar, PART-000001.tar ... and classes.csv.

    A shard is read in order, so samples are shuffled here, by a stream of the dataset's seed.
    """
    numbers = job.write_classes()
    most = job.options.shard_size or SHARD_SIZE
    shards = {}
    for part, rows in job.parts.items():
        order = stream(f"export.webdataset.{part}", seed=job.source.seed).permutation(len(rows))
        samples = (_sample(job, rows[int(n)], numbers) for n in order)
        shards[part] = _shards(job, part, samples, most)
    job.facts.update(classes=len(numbers), shards=shards, left_out=list(LEFT_OUT))


def _sample(job: Job, row: Row, numbers: dict[str, int]) -> dict[str, bytes]:
    """Return member name -> bytes of one sample."""
    picture, key = job.take(row), row["image_id"]
    layers = {f"{key}.{layer}": job.pictures.layer(layer, row) for layer in job.options.layers}
    return {
        f"{key}.{picture.suffix}": picture.data,
        f"{key}.json": json.dumps(record(row, job.pictures), ensure_ascii=False, allow_nan=False).encode(),
        f"{key}.cls": str(numbers[row["identity_id"]]).encode(),
        **{f"{stem}.{suffix}": data for stem, (suffix, data) in layers.items()},
    }


def _shards(job: Job, part: str, samples: Iterator[dict[str, bytes]], most: int) -> int:
    """Write the shards of one part; return how many."""
    count = 0
    sample = next(samples, None)
    while sample is not None:
        held = size = 0
        with job.target.open(f"{part}-{count:06d}.tar") as file, tarfile.open(fileobj=file, mode="w", format=FORMAT) as tar:
            while sample is not None and held < most and size < SHARD_BYTES:
                for name, data in sample.items():
                    tar.addfile(_member(name, len(data)), io.BytesIO(data))
                    size += len(data)
                held += 1
                sample = next(samples, None)
        count += 1
    return count


def _member(name: str, size: int) -> tarfile.TarInfo:
    """Return the header of a member: dated 1970, owned by nobody."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o644
    return member
