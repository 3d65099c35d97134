"""Tables of every version: tests/data/v2 was written by the commit before version 3 (eb7d755), byte for byte."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small import small_spec

from facegen.annotate.declared.people import IDENTITIES, SITTINGS
from facegen.annotate.schema import SCHEMA, SCHEMA_VERSION, arrow_schema
from facegen.dataset import layout, stored, tables
from facegen.errors import DataError
from facegen.population.plan import build
from facegen.sample import SampleSpec

OLD = Path(__file__).parents[1] / "data" / "v2"
TABLES = {layout.LABELS: SCHEMA, layout.IDENTITIES: IDENTITIES, layout.SITTINGS: SITTINGS}


def current(folder: Path, name: str) -> Path:
    """Write a table of this version with two rows: null but for keys and version."""
    columns = TABLES[name]
    rows = [{**dict.fromkeys(columns), tables.KEYS[name]: str(n), "schema_version": SCHEMA_VERSION} for n in range(2)]
    pq.write_table(pa.Table.from_pylist(rows, schema=arrow_schema(columns)), folder / name)
    return folder / name


@pytest.mark.parametrize("name", sorted(TABLES))
def test_an_old_table_opens_with_nulls_for_what_it_lacks(name: str) -> None:
    old, read = pq.read_table(OLD / name).to_pandas(), stored.read(OLD / name)
    assert list(read.columns)[: len(TABLES[name])] == list(TABLES[name])
    assert read["schema_version"].tolist() == [2]
    for column in read.columns:
        if column in old:
            assert pa.array(read[column]) == pa.array(old[column]), column
        elif column != "schema_version":
            assert read[column].isna().all(), column
    assert (name == layout.SITTINGS) or len(set(TABLES[name]) - set(old)) >= 1


def test_the_old_sample_is_what_it_was() -> None:
    row = stored.read(OLD / layout.LABELS).iloc[0]
    assert SampleSpec.model_validate_json(row["sample"]).image_id == row["image_id"] == "000000_000"
    assert row["head_rvec"] is None and row["jaw_contour"] is None and len(row["landmarks_68"]) == 136


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_newer_version_is_refused_by_its_number(tmp_path: Path, name: str) -> None:
    path = current(tmp_path, name)
    assert stored.read(path)["schema_version"].tolist() == [SCHEMA_VERSION] * 2
    other = tmp_path / "other" / name
    other.parent.mkdir()
    for version in (SCHEMA_VERSION + 1, 0):
        table = pq.read_table(path)
        at = table.column_names.index("schema_version")
        pq.write_table(table.set_column(at, table.schema.field(at), pa.array([version] * 2, pa.int32())), other)
        with pytest.raises(DataError, match=rf"schema_version {version}, this facegen reads 1 to {SCHEMA_VERSION}: update"):
            stored.read(other)


def test_mixed_versions_are_refused(tmp_path: Path) -> None:
    table = pq.read_table(current(tmp_path, layout.LABELS))
    pq.write_table(table.set_column(0, table.schema.field(0), pa.array([2, 3], pa.int32())), tmp_path / layout.LABELS)
    with pytest.raises(DataError, match="mixes schema_version 2 and 3"):
        stored.read(tmp_path / layout.LABELS)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_lost_column_of_this_version_is_named(tmp_path: Path, name: str) -> None:
    path = current(tmp_path, name)
    pq.write_table(pq.read_table(path).drop_columns([list(TABLES[name])[-1]]), path)
    last = list(TABLES[name])[-1]
    with pytest.raises(DataError, match=rf"has no column '{last}', which version {tables.SCHEMA_VERSION} holds"):
        stored.read(path)


def test_what_is_no_table_of_ours_is_refused(tmp_path: Path) -> None:
    foreign = tmp_path / layout.LABELS
    pq.write_table(pa.table({"a": [1]}), foreign)
    with pytest.raises(DataError, match="is no table of facegen's"):
        stored.read(foreign)
    pq.write_table(pa.table({"image_id": ["1"]}), foreign)
    with pytest.raises(DataError, match="has no column 'schema_version'"):
        stored.read(foreign)
    shutil.copy(foreign, tmp_path / "other.parquet")
    with pytest.raises(DataError, match="is no table of facegen's; give one of labels.parquet, "):
        stored.read(tmp_path / "other.parquet")


@pytest.mark.parametrize("name", sorted(TABLES))
def test_damaged_tables_are_named(tmp_path: Path, name: str) -> None:
    path = current(tmp_path, name)
    whole = path.read_bytes()
    for data in (whole[: len(whole) // 2], b"", whole[:200] + bytes(40) + whole[240:-300] + bytes(300)):
        path.write_bytes(data)
        with pytest.raises(DataError, match=f"'{path}' cannot be read"):
            stored.read(path)
    path.unlink()
    with pytest.raises(DataError, match="cannot be read"):
        stored.read(path)


@pytest.mark.parametrize("group", [2, 100])
def test_people_tables_hold_what_is_declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: int) -> None:
    """Whoever is in the plan, in its order, however many are written at a time; the whole person is in the row."""
    monkeypatch.setattr(tables, "PEOPLE_A_GROUP", group)
    plan = build(small_spec(sittings_per_identity=2))
    tables.write_people(plan, tmp_path)
    for name, columns in ((layout.IDENTITIES, IDENTITIES), (layout.SITTINGS, SITTINGS)):
        read = stored.read(tmp_path / name)
        assert list(read.columns) == list(columns) and set(read["schema_version"]) == {SCHEMA_VERSION}
        assert list(stored.read(tmp_path / name, tables.TOLD[name]).columns) == [c for c in columns if c in tables.TOLD[name]]
    people, seats = stored.read(tmp_path / layout.IDENTITIES), stored.read(tmp_path / layout.SITTINGS)
    assert list(people["identity"]) == [person.model_dump_json() for person in plan.identities]
    assert list(people["skin_L"]) == [person.skin.lab[0] for person in plan.identities]
    assert list(seats["sitting"]) == [seat.model_dump_json() for seat in plan.sittings]
    assert list(seats["sitting_id"]) == [f"00000{n}_s0{k}" for n in range(3) for k in range(2)]
