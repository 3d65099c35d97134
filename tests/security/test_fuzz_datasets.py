"""Readers of a dataset directory: whatever lies in the place of its files, what is read is sound or refused in one line."""

from __future__ import annotations

import io
import json
import math
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from layered import complete, suffix
from layered import stored as as_stored
from mutants import answer, changed, much, mutated, trees, written

from facegen.annotate.schema import SCHEMA
from facegen.audit import coverage
from facegen.audit.sets import ours
from facegen.audit.tables import audit
from facegen.dataset import layout, stored, tars
from facegen.dataset.layers import LAYERS, decode
from facegen.dataset.read import Dataset
from facegen.dataset.tables import label_table
from facegen.errors import DataError, FacegenError
from facegen.export.source import Source
from facegen.run import verify
from facegen.run.shard import Shard, framed
from facegen.sensor.codec import decode_exact

ODD: tuple[Any, ...] = (
    None,
    math.nan,
    math.inf,
    -1,
    0,
    10**15,
    True,
    "",
    "../../x",
    "a\0b",
    "x" * 300,
    b"\xff\xfe",
    [1.0],
    [],
    {"a": 1},
)


@pytest.fixture(scope="module")
def held(fake_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the small dataset with every layer, to put mutants into; each test puts the good file back."""
    return complete(fake_dataset, tmp_path_factory.mktemp("held") / "set")


def with_file(root: Path, name: str, data: bytes, look: Callable[[Path], Any]) -> Any:
    """Return the answer of `look` at the dataset with `data` in the place of one of its files."""
    good = (root / name).read_bytes()
    listed = {p: p.stat().st_mtime_ns for p in root.rglob("*") if p.name != name}
    (root / name).write_bytes(data)
    try:
        return answer(lambda: look(root))
    finally:
        (root / name).write_bytes(good)
        assert {p: p.stat().st_mtime_ns for p in root.rglob("*") if p.name != name} == listed


def look_at_all(root: Path) -> None:
    data = Dataset.open(root)
    for face in data:
        assert (face.labels is None, face.landmarks is None, face.sample is None, face.image is None) == (False,) * 4
    assert None not in (data.checksums, data.layers) and len(data.identities) and len(data.sittings)
    coverage.load(root)


def look_at_lists(root: Path) -> None:
    data = Dataset.open(root)
    assert isinstance(data.layers, tuple)
    verify.hashes(data)
    Source(root).fingerprint()


@much(25)
@given(tree=st.data())
def test_manifests(held: Path, tree: st.DataObject) -> None:
    good = json.loads((held / layout.MANIFEST).read_text())
    bad = tree.draw(changed({k: good[k] for k in good if k not in ("identity", "sitting", "image")}) | trees)
    with_file(held, layout.MANIFEST, written(bad), look_at_lists)
    with_file(held, layout.MANIFEST, written(bad), coverage.load)


@much(40)
@given(data=st.data())
def test_lists_of_checksums(held: Path, data: st.DataObject) -> None:
    good = (held / layout.CHECKSUMS).read_bytes()
    with_file(held, layout.CHECKSUMS, data.draw(mutated(good[:2000], text=True) | st.binary(max_size=200)), look_at_lists)


@much(25)
@given(data=st.data())
def test_croissant(held: Path, data: st.DataObject) -> None:
    good = json.loads((held / layout.CROISSANT).read_text())
    bad = data.draw(changed({"distribution": good["distribution"]}) | trees)
    with_file(held, layout.CROISSANT, written(bad), lambda root: verify.hashes(Dataset.open(root)))


@pytest.mark.parametrize("name", [layout.LABELS, layout.IDENTITIES, layout.SITTINGS])
@much(25)
@given(data=st.data())
def test_bytes_of_tables(held: Path, name: str, data: st.DataObject) -> None:
    bad = data.draw(mutated((held / name).read_bytes()) | st.binary(max_size=200))
    with_file(held, name, bad, lambda root: stored.read(root / name))
    with_file(held, name, bad, lambda root: stored.part(root / name))


@pytest.mark.parametrize("name", [layout.LABELS, layout.IDENTITIES, layout.SITTINGS])
@much(10)
@given(data=st.data())
def test_columns_of_tables(held: Path, name: str, data: st.DataObject) -> None:
    """A column of another type, odd values in it, gone, twice or called otherwise, in a file that is sound for itself."""
    table = pq.read_table(held / name)
    column = data.draw(st.sampled_from(table.column_names))
    at, odd = table.column_names.index(column), data.draw(st.sampled_from(ODD))
    kind = data.draw(st.sampled_from(("one", "all", "gone", "twice", "renamed", "short")))
    if kind in ("one", "all"):
        values = [odd] * len(table) if kind == "all" else [odd, *table.column(at).to_pylist()[1:]]
        try:
            table = table.set_column(at, column, pa.array(values))
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            table = table.set_column(at, column, pa.array([str(value) for value in values]))
    elif kind == "gone":
        table = table.drop_columns([column])
    elif kind == "twice":
        table = table.append_column(column, table.column(at))
    elif kind == "renamed":
        table = table.rename_columns(["x" if c == column else c for c in table.column_names])
    else:
        table = table.slice(0, 1)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    with_file(held, name, sink.getvalue().to_pybytes(), look_at_all)
    found = with_file(held, name, sink.getvalue().to_pybytes(), ours.read)
    if not isinstance(found, FacegenError):
        answer(lambda: audit(found, draws=0))


@pytest.mark.parametrize("folder", list(LAYERS))
@much(25)
@given(data=st.data())
def test_layers(folder: str, data: st.DataObject) -> None:
    good = as_stored(folder, 0)
    bad = data.draw(mutated(good) | st.binary(max_size=100))
    answer(lambda: decode(folder, suffix(folder), bad, 64, "000000_000"))
    if suffix(folder) == "png":
        assert isinstance(answer(lambda: decode_exact(bad)), DataError | object)


ROW = {**dict.fromkeys(SCHEMA), "file": "images/000000/000000_000.jpg", "image_id": "000000_000"}
BESIDE = {"files": {str(ROW["file"]): "0" * 64}, "failed": {"000000_001": "why"}, "sizes": {str(ROW["file"]): 7}}


@much(60)
@given(data=st.data())
def test_shards_of_a_run(data: st.DataObject) -> None:
    """What stands beside the rows is anything, under a check sum that fits; the file is damaged in any way."""
    table = label_table([ROW])
    good = framed(table, written(BESIDE))
    assert Shard.from_bytes(good, "x").files == BESIDE["files"]
    beside = written(data.draw(changed(BESIDE) | trees))
    for bad in (framed(table, beside), data.draw(mutated(good))):
        found = answer(lambda bad=bad: Shard.from_bytes(bad, "x.shard"))
        assert isinstance(found, Shard | DataError)
        if isinstance(found, Shard):
            assert all(not name.startswith("/") and ".." not in name.split("/") for name in found.files)


@pytest.mark.parametrize("file", ["../x.jpg", "/etc/passwd", "a\\b"])
def test_a_shard_whose_rows_lead_elsewhere(file: str) -> None:
    with pytest.raises(DataError, match="none of a dataset"):
        Shard.from_bytes(framed(label_table([{**ROW, "file": file}]), written(BESIDE)), "x")


@much(60)
@given(data=st.data())
def test_tars(data: st.DataObject) -> None:
    good = b"".join(tars.piece({str(ROW["file"]): b"x" * n}, ROW, f"000000_00{n}") for n in (1, 2)) + tars.END
    bad = data.draw(mutated(good))
    found = answer(lambda: tars.cut(bad, "x.tar"))
    assert isinstance(found, dict | DataError)
    places = answer(lambda: tars.index(io.BytesIO(bad), "x.tar"))
    assert isinstance(places, DataError) or all(0 <= place.size and 0 <= place.start for place in places.values())


def test_a_tar_that_leads_back_to_its_beginning() -> None:
    """A member of a negative size, which some versions of Python read for ever (CVE-2025-8194)."""
    head = bytearray(tarfile.TarInfo("a.jpg").tobuf(tarfile.USTAR_FORMAT))
    head[124:136] = (-512).to_bytes(12, "big", signed=True)
    head[148:156] = b"%06o\0 " % (sum(head[:148]) + 8 * 32 + sum(head[156:512]))
    assert isinstance(answer(lambda: tars.cut(bytes(head) + tars.END, "x.tar")), DataError)


def test_the_good_dataset_passes(held: Path) -> None:
    look_at_all(held)
    with pytest.raises(DataError, match="is not the list of"):
        look_at_lists(held)  # its layers are not those of the manifest: said, not passed over
    assert len(ours.read(held).labels) == 6
    assert isinstance(pd.DataFrame(stored.part(held / layout.LABELS)), pd.DataFrame)
