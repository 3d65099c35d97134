"""Atomic writes, provenance in the pictures, splits, contact sheets, tables."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image
from small import small_spec

from facegen.annotate.schema import SCHEMA, arrow_schema
from facegen.dataset import layout, provenance, sheet, tables, write
from facegen.dataset.read import Dataset
from facegen.errors import DataError, FacegenError, MachineError, RequestError
from facegen.population.plan import build
from facegen.sensor.codec import decode_exact, encode_jpeg, encode_png


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (errno.ENOSPC, MachineError, "No space left on device; free some space"),
        (errno.EDQUOT, MachineError, "free some space"),
        (errno.EIO, MachineError, "the disk has a fault"),
        (errno.EACCES, RequestError, "Permission denied; choose a directory"),
        (errno.EROFS, RequestError, "Read-only file system; choose a directory"),
    ],
)
def test_a_failed_write_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, kind: type[FacegenError], words: str
) -> None:
    target, temporary = tmp_path / "a/file", tmp_path / "tmp"
    temporary.mkdir()
    write.write_atomic(target, b"old", temporary)

    def fail(handle: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(kind, match=words):
        write.write_atomic(target, b"new", temporary)
    assert target.read_bytes() == b"old"
    assert list(temporary.iterdir()) == [] and list(target.parent.iterdir()) == [target]


def test_provenance_is_readable_and_leaves_every_pixel_alone() -> None:
    sample = build(small_spec()).sample(0)
    image = np.random.default_rng(1).integers(0, 256, (32, 32, 3), np.uint8)
    packet = provenance.xmp(sample)
    for data in (encode_jpeg(image, 80, "420"), encode_png(image), encode_png(image[..., 0].astype(np.uint16) * 257)):
        marked = provenance.embed(data, packet)
        assert np.array_equal(decode_exact(marked), decode_exact(data))
    assert _xmp(provenance.embed(encode_jpeg(image, 80, "420"), packet)) == packet
    assert _xmp(provenance.embed(encode_png(image), packet)) == packet
    described = ElementTree.fromstring(packet).find(".//{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description")
    facts = {key.split("}")[-1]: value for key, value in described.attrib.items()}
    assert facts["DigitalSourceType"] == provenance.SOURCE_TYPE
    assert facts["identity"] == "000000" and facts["identifier"] == "000000_000" and len(facts["sampleSha256"]) == 64
    with pytest.raises(DataError, match="neither JPEG nor PNG"):
        provenance.embed(b"GIF89a", packet)


def _xmp(data: bytes) -> bytes:
    import io

    with Image.open(io.BytesIO(data)) as picture:
        found = picture.info["xmp"] if "xmp" in picture.info else picture.info["XML:com.adobe.xmp"]
    return found if isinstance(found, bytes) else found.encode()


def test_sources_name_what_was_used() -> None:
    sources = provenance.sources()
    assert "derived from no real person" in sources["claim"]
    names = [entry["file"] for entry in sources["assets"]]
    assert names == sorted(names) and "looks/monk.json" in names and "requirements.lock" not in names


def test_every_split_takes_whole_blocks() -> None:
    splits = [layout.split(n, 48) for n in range(480)]
    assert [splits.count(name) for name in ("train", "val", "test")] == [384, 48, 48]
    assert all(len(set(splits[i : i + 48])) == 1 for i in range(0, 480, 48))
    assert layout.split(3, 0) == "train"


def test_sheet_tiles_stand_where_they_should() -> None:
    tiles = [np.full((8, 8, 3), 10 * n, np.uint8) for n in range(5)]
    paper = sheet.sheet(tiles, 3, 8)
    assert paper.shape == (2 * 12 + 4, 3 * 12 + 4, 3)
    assert paper[5, 5, 0] == 0 and paper[5, 17, 0] == 10 and paper[17, 5, 0] == 30 and paper[17, 29, 0] == 255
    decoded = cv2.imdecode(np.frombuffer(sheet.encode(paper), np.uint8), cv2.IMREAD_COLOR)
    assert np.array_equal(decoded[..., ::-1], paper)


def test_a_sheet_spreads_over_people() -> None:
    names = [f"{who}_{k}" for who in range(10) for k in range(3)]
    assert sheet.spread(names, 5) == ["0_0", "2_0", "4_0", "6_0", "8_0"]
    assert sheet.spread(names, 30) == names


def test_labels_have_the_declared_columns_and_types(fake_dataset: Path) -> None:
    table = pq.read_table(fake_dataset / layout.LABELS)
    assert table.schema.equals(arrow_schema())
    assert table.column("file")[0].as_py() == "images/000000/000000_000.jpg"


def test_an_undeclared_column_is_refused() -> None:
    with pytest.raises(DataError, match="'colour' is not declared"):
        tables.label_table([{"colour": 1}])


@pytest.mark.parametrize(
    ("rows_a_file", "groups"),
    [(None, {"labels.parquet": [10, 10, 5]}),
     (15, {"labels/part-00000.parquet": [10, 5], "labels/part-00001.parquet": [10]}),
     (25, {"labels/part-00000.parquet": [10, 10, 5]})],
)  # fmt: skip
def test_files_do_not_depend_on_how_rows_arrive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_a_file: int | None, groups: dict[str, list[int]]
) -> None:
    monkeypatch.setattr(tables, "ROWS_A_GROUP", 10)
    blank = dict.fromkeys(SCHEMA)
    table = tables.label_table([{**blank, "image_id": f"{n}"} for n in range(25)])
    for folder, step in (("a", 1), ("b", 7), ("c", 25)):
        (tmp_path / folder).mkdir()
        done: list[str] = []
        with tables.LabelWriter(tmp_path / folder, rows_a_file, done.append) as writer:
            for i in range(0, 25, step):
                writer.add(table.slice(i, step))
        assert done == writer.names == list(groups)
    for name, sizes in groups.items():
        assert len({(tmp_path / folder / name).read_bytes() for folder in "abc"}) == 1
        told = pq.ParquetFile(tmp_path / "a" / name).metadata
        assert [told.row_group(i).num_rows for i in range(told.num_row_groups)] == sizes


def test_a_table_of_nobody_is_a_table(tmp_path: Path) -> None:
    with tables.LabelWriter(tmp_path, None, lambda name: None):
        pass
    assert pq.read_table(tmp_path / layout.LABELS).schema.equals(arrow_schema())


def test_the_card_tells_the_counts(fake_dataset: Path) -> None:
    text = (fake_dataset / layout.CARD).read_text()
    assert "6 rendered pictures of 3 invented people, 64 x 64 px" in text and "| female |" in text


def test_opening_what_is_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="give a finished dataset"):
        Dataset.open(tmp_path)
    (tmp_path / ".work").mkdir()
    with pytest.raises(DataError, match="run is not finished"):
        Dataset.open(tmp_path)
    for text in ("{", "[]", "{}", '{"spec": 1, "platform": {}, "files": {}}'):
        (tmp_path / "manifest.json").write_text(text)
        with pytest.raises(DataError, match="is damaged"):
            Dataset.open(tmp_path)
