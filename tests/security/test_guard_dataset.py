"""A dataset whose tables, lists, documents or links lead out of it, or whose pictures unpack without end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from layered import complete, seal
from mutants import png, refused, watched

from facegen.dataset import layout
from facegen.dataset.read import Dataset
from facegen.errors import DataError
from facegen.export.source import Source
from facegen.run import verify


@pytest.fixture
def copy(fake_dataset: Path, tmp_path: Path) -> Path:
    return complete(fake_dataset, tmp_path / "set")


def with_labels(root: Path, **columns: object) -> None:
    table = pq.read_table(root / layout.LABELS)
    for name, value in columns.items():
        values = [value, *table.column(name).to_pylist()[1:]]
        table = table.set_column(
            table.column_names.index(name), table.schema.field(name), pa.array(values, table.schema.field(name).type)
        )
    pq.write_table(table, root / layout.LABELS)


@pytest.mark.parametrize("column", ["image_id", "identity_id", "sitting_id", "split", "file"])
@pytest.mark.parametrize("bad", ["../../secret", "/etc/passwd", "a\\b", "a\0b"])
def test_tables_that_point_elsewhere(copy: Path, column: str, bad: str) -> None:
    with_labels(copy, **{column: bad})
    refused(DataError, lambda: Dataset.open(copy).labels, layout.LABELS, column)


@pytest.mark.parametrize("bad", ["../../secret", "/etc/passwd", "a\\b", "images/../../x", ""])
def test_checksums_that_point_elsewhere(copy: Path, bad: str) -> None:
    with (copy / layout.CHECKSUMS).open("a") as file:
        file.write(f"{'0' * 64}  {bad}\n")
    refused(DataError, lambda: Dataset.open(copy).checksums, layout.CHECKSUMS, "line")
    refused(DataError, lambda: Source(copy))


def test_documents_that_point_elsewhere(copy: Path) -> None:
    (copy / layout.CROISSANT).write_text(
        json.dumps({"distribution": [{"@type": "cr:FileObject", "contentUrl": "/dev/zero", "sha256": ""}]})
    )
    seal(copy)
    with watched():
        assert f"{layout.CROISSANT}: cannot be read (ValueError)" in verify.hashes(Dataset.open(copy))


@pytest.mark.parametrize("link", ["images/000000/000000_000.jpg", "images/000000", "masks", layout.LABELS])
def test_links_out_of_a_dataset(copy: Path, tmp_path: Path, link: str) -> None:
    away = tmp_path / "away"
    shutil.move(copy / link, away)
    (copy / link).symlink_to(away)
    data = Dataset.open(copy, verify=True)
    refused(
        DataError, lambda: [data.mask(face.image_id) for face in data if face.image is not None], "is a link out of the dataset"
    )
    assert any("a link out of the dataset" in problem for problem in verify.hashes(data))


def test_a_dataset_may_lie_behind_a_link(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "here").symlink_to(copy)
    assert all(face.image is not None for face in Dataset.open(tmp_path / "here", verify=True))


def test_pictures_of_a_dataset_that_unpack_without_end(copy: Path) -> None:
    (copy / "masks/000000/000000_000.png").write_bytes(png(30_000, 30_000))
    refused(DataError, lambda: Dataset.open(copy).mask("000000_000"), "pixels")
