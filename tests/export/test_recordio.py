"""InsightFace's files, read by a reader written from the description of the bytes alone (dmlc-core, docs/recordio_format)."""

from __future__ import annotations

import hashlib
import pickle
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

from facegen.dataset.read import Dataset
from facegen.export.insightface import one, record, two
from facegen.export.job import Options
from facegen.export.run import export

WORD = b"\x0a\x23\xd7\xce"


def read_at(data: bytes, at: int) -> tuple[bytes, int]:
    """Return (payload, where the next record starts) of the record at a byte offset."""
    parts, state = [], "start"
    while True:
        assert at % 4 == 0 and data[at : at + 4] == WORD, f"no magic at {at}"
        word = int.from_bytes(data[at + 4 : at + 8], "little")
        kind, length = word // 2**29, word % 2**29
        assert kind in {"start": (0, 1), "inside": (2, 3)}[state]
        parts.append(data[at + 8 : at + 8 + length])
        at += 8 + length
        if kind in (0, 3):
            pad = -at % 4
            assert data[at : at + pad] == bytes(pad)
            return WORD.join(parts), at + pad
        assert at % 4 == 0
        state = "inside"


@pytest.mark.parametrize(
    "payload",
    [
        b"", b"a", b"abcd", bytes(range(256)),
WORD, WORD * 3, b"x" + WORD, b"abcd" + WORD, b"abcd" + WORD + b"e", WORD + b"abc" + WORD,
        b"ab" + WORD * 2 + b"abcdef" + WORD, WORD[:3], b"1234" + WORD[:2] + WORD,
    ],
)  # fmt: skip
def test_any_payload_comes_back(payload: bytes) -> None:
    data = record(payload)
    assert len(data) % 4 == 0
    assert read_at(data, 0) == (payload, len(data))
    # and the magic stands on a multiple of four only where a part begins, so that a reader may start anywhere
    heads = [at for at in range(0, len(data), 4) if data[at : at + 4] == WORD]
    inside = sum(payload[at : at + 4] == WORD for at in range(0, len(payload) - 3, 4))
    assert len(heads) == 1 + inside


def test_random_payloads_full_of_magic_come_back() -> None:
    rng = np.random.default_rng(5)
    for _ in range(300):
        pieces = [WORD if rng.random() < 0.4 else rng.bytes(int(rng.integers(0, 7))) for _ in range(int(rng.integers(0, 12)))]
        payload = b"".join(pieces)
        assert read_at(record(payload) + b"tail", 0)[0] == payload


def test_the_bytes_are_those_that_mxnet_writes() -> None:
    """sha256 of the file that MXRecordIO of mxnet 1.9.1 made of these 64 payloads (mxnet itself needs numpy below 1.24)."""
    payloads = [b"".join(WORD if k >> j & 1 else b"abcdefg"[: (j * k) % 8] for j in range(6)) for k in range(64)]
    written = b"".join(map(record, payloads))
    assert hashlib.sha256(written).hexdigest() == "a3a38e1556002d26281dcab18fe3e44a0e59a0e4b62bc41ce2cea8dca2cf88fd"
    assert one(3, 7, b"img").hex() == "000000000000404007000000000000000000000000000000696d67"  # recordio.pack of mxnet 1.9.1
    assert two(25, 33, 0).hex() == "0200000000000000000000000000000000000000000000000000c84100000442"


def header(payload: bytes) -> tuple[int, list[float], int, bytes]:
    """Return (flag, labels, id, image) of an IRHeader payload."""
    flag, label, number, zero = struct.unpack("<IfQQ", payload[:24])
    assert zero == 0
    labels = list(struct.unpack(f"<{flag}f", payload[24 : 24 + 4 * flag])) if flag else [label]
    return flag, labels, number, payload[24 + 4 * flag :]


@pytest.fixture(scope="module")
def made(real: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("insightface") / "set"
    export(real, out, "insightface", Options(split=("train",)))
    return out


def test_index_and_records_describe_one_another(made: Path, real: Path) -> None:
    data = (made / "train.rec").read_bytes()
    index = dict(tuple(map(int, line.split("\t"))) for line in (made / "train.idx").read_text().splitlines())
    labels = Dataset.open(real).labels
    labels = labels[labels["split"] == "train"].sort_values("image_id")
    count, people = 32, 16
    assert len(labels) == count and (made / "property").read_text() == f"{people},112,112\n"
    assert list(index) == list(range(count + people + 1))
    at = 0
    for key in index:  # the file is nothing but its records, in the order of their keys
        assert index[key] == at
        _, at = read_at(data, at)
    assert at == len(data)
    assert header(read_at(data, index[0])[0]) == (2, [count + 1, count + 1 + people], 0, b"")
    seen = []
    for person in range(people):
        flag, (start, end), key, image = header(read_at(data, index[count + 1 + person])[0])
        assert (flag, key, image) == (2, count + 1 + person, b"")
        for n in range(int(start), int(end)):
            flag, label, key, image = header(read_at(data, index[n])[0])
            assert (flag, label, key) == (0, [person], n)
            seen.append((person, image))
    assert [image for _, image in seen] == [
        (real / "aligned" / row.identity_id / f"{row.image_id}.png").read_bytes() for row in labels.itertuples()
    ]
    ids = sorted(set(labels["identity_id"]))
    assert [ids[person] for person, _ in seen] == list(labels["identity_id"])
    listed = [line.split("\t") for line in (made / "train.lst").read_text().splitlines()]
    assert [(name, int(label)) for _, name, label in listed] == [
        (f"{row.identity_id}/{row.image_id}.png", ids.index(row.identity_id)) for row in labels.itertuples()
    ]


def test_verification_bin_by_pickle_alone(real: Path, tmp_path: Path) -> None:
    export(real, tmp_path / "bin", "verification-bin", Options(split=("all",), folds=5, cells=("sex",)))
    labels = Dataset.open(real).labels
    owner = {
        (real / "aligned" / row.identity_id / f"{row.image_id}.png").read_bytes(): (row.identity_id, row.sex)
        for row in labels.itertuples()
    }
    for name, across in (("pairs.bin", False), ("pairs_cross.bin", True)):
        images, same = pickle.loads((tmp_path / "bin" / name).read_bytes())
        assert len(images) == 2 * len(same) and all(type(flag) is bool for flag in same) and sum(same) * 2 == len(same) >= 20
        for k, flag in enumerate(same):
            one, other = owner[images[2 * k]], owner[images[2 * k + 1]]
            assert flag == (one[0] == other[0]) and images[2 * k] != images[2 * k + 1]
            if not flag:
                assert (one[1] != other[1]) == across
        assert cv2.imdecode(np.frombuffer(images[0], np.uint8), cv2.IMREAD_COLOR).shape == (112, 112, 3)
        fifth = len(images) // 5
        people = [{owner[i][0] for i in images[k * fifth : (k + 1) * fifth]} for k in range(5)]
        assert sum(map(len, people)) == len(set().union(*people))
