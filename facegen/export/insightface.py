"""InsightFace's training set: MXNet RecordIO (train.rec, train.idx), train.lst and property.

The byte format is dmlc-core's recordio: every record starts on a multiple of four with a magic number and a word of three bits
(0 whole, 1 first, 2 middle, 3 last part) and 29 bits of length. Where the payload holds the magic on a multiple of four it is
split there and the magic left out, so that a reader that starts anywhere finds the next record.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO

from facegen.errors import RequestError
from facegen.export.job import Job
from facegen.export.pictures import Picture

MAGIC = struct.pack("<I", 0xCED7230A)
_WHOLE, _FIRST, _MIDDLE, _LAST = range(4)
EXACT_FLOAT = 2**24
"""Labels are float32: whole numbers are exact up to here."""


def record(payload: bytes) -> bytes:
    """Return the record of a payload: header(s), parts, padding to a multiple of four."""
    if len(payload) >= 1 << 29:
        raise RequestError(f"a picture of {len(payload)} bytes does not fit a RecordIO record (29 bits of length)")
    cuts = list(_magics(payload))
    starts, ends = [0, *(cut + 4 for cut in cuts)], [*cuts, len(payload)]
    parts = []
    for place, (start, end) in enumerate(zip(starts, ends, strict=True)):
        kind = _WHOLE if not cuts else _FIRST if place == 0 else _LAST if place == len(cuts) else _MIDDLE
        parts.append(MAGIC + struct.pack("<I", kind << 29 | end - start) + payload[start:end])
    whole = b"".join(parts)
    return whole + b"\0" * (-len(whole) % 4)


def _magics(payload: bytes) -> Iterator[int]:
    """Yield where the payload holds the magic on a multiple of four."""
    at = payload.find(MAGIC)
    while at >= 0:
        if at % 4 == 0:
            yield at
        at = payload.find(MAGIC, at + 1)


def one(label: int, key: int, image: bytes) -> bytes:
    """Return the payload of a picture: IRHeader with flag 0 and its class."""
    return struct.pack("<IfQQ", 0, label, key, 0) + image


def two(first: int, second: int, key: int) -> bytes:
    """Return the payload of a range of keys: IRHeader with flag 2, two float labels, no picture."""
    return struct.pack("<IfQQ2f", 2, 0.0, key, 0, first, second)


def write(job: Job) -> None:
    """Write train.rec, .idx and .lst, property, classes.csv: pictures in the order of their classes, one run a class.

    Key 0 holds [N + 1, N + 1 + K], keys 1..N the pictures, N + 1..N + K each class's [first, end).
    """
    numbers = job.write_classes()
    rows = sorted(job.rows, key=lambda row: (numbers[row["identity_id"]], row["image_id"]))
    count, people = len(rows), len(numbers)
    if count + people + 1 > EXACT_FLOAT:
        raise RequestError(f"{count} pictures of {people} people: RecordIO labels count to {EXACT_FLOAT}; choose one --split")
    spans: dict[int, list[int]] = {}
    index: list[str] = []
    listed: list[str] = []
    first: Picture | None = None
    with job.target.open("train.rec") as file:
        _put(file, index, 0, two(count + 1, count + 1 + people, 0))
        for key, row in enumerate(rows, start=1):
            label = numbers[row["identity_id"]]
            picture = job.one_size(job.take(row), first)
            first = first or picture
            _put(file, index, key, one(label, key, picture.data))
            spans.setdefault(label, [key, key])[1] = key + 1
            listed.append(f"1\t{row['identity_id']}/{row['image_id']}.{picture.suffix}\t{label}\n")
        for label, (start, end) in spans.items():
            _put(file, index, count + 1 + label, two(start, end, count + 1 + label))
    job.target.write("train.idx", "".join(index).encode())
    job.target.write("train.lst", "".join(listed).encode())
    side = 0 if first is None else first.size
    job.target.write("property", f"{people},{side},{side}\n".encode())
    job.facts.update(classes=people, size_px=side)


def _put(file: IO[bytes], index: list[str], key: int, payload: bytes) -> None:
    index.append(f"{key}\t{file.tell()}\n")
    file.write(record(payload))
