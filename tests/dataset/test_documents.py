"""What a dataset says of itself: Croissant, datasheet, card and ledger agree with the manifest and with the files."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small import FAKE, small_spec, tree

from facegen.dataset import card, croissant, datasheet, facts, layout, provenance
from facegen.dataset.layers import LAYERS
from facegen.dataset.read import Dataset
from facegen.run.local import generate
from facegen.run.verify import hashes

RAI = 19
"""Properties of the RAI vocabulary that are filled in; the 20th, data manipulation, is told by the preprocessing protocol."""


@pytest.fixture(scope="module")
def described(fake_dataset: Path) -> dict[str, Any]:
    return json.loads((fake_dataset / layout.CROISSANT).read_text())


@pytest.fixture
def manifest(fake_dataset: Path) -> dict[str, Any]:
    return json.loads((fake_dataset / layout.MANIFEST).read_text())


def test_croissant_has_what_the_format_requires(described: dict[str, Any], manifest: dict[str, Any]) -> None:
    assert described["conformsTo"] == ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]
    for name in ("name", "description", "license", "url", "creator", "datePublished", "distribution", "recordSet"):
        assert described[name], name
    assert described["datePublished"] == manifest["date"] == "2026-01-01"
    assert sum(name.startswith("rai:") for name in described) == RAI
    assert all(described[name] for name in described if name.startswith("rai:"))
    assert manifest["spec_sha256"] in described["url"]


def test_croissant_ids_are_unique_and_every_source_exists(described: dict[str, Any]) -> None:
    files = {entry["@id"]: entry for entry in described["distribution"]}
    fields = [field for record in described["recordSet"] for field in record["field"]]
    ids = [*files, *(record["@id"] for record in described["recordSet"]), *(field["@id"] for field in fields)]
    assert len(ids) == len(set(ids))
    for record in described["recordSet"]:
        own = {field["@id"] for field in record["field"]}
        assert record["key"]["@id"] in own and all(name.startswith(record["@id"] + "/") for name in own)
    for field in fields:
        source = field.get("source")
        if source is None:
            assert field["@id"] == "splits/name"
            continue
        kind, named = ("fileObject", "cr:FileObject") if "fileObject" in source else ("fileSet", "cr:FileSet")
        assert files[source[kind]["@id"]]["@type"] == named
        for target in (field["references"]["field"]["@id"],) if "references" in field else ():
            assert target in ids


def test_croissant_hashes_are_those_of_the_files(described: dict[str, Any], fake_dataset: Path) -> None:
    objects = [entry for entry in described["distribution"] if entry["@type"] == "cr:FileObject"]
    assert {entry["@id"] for entry in objects} == {*layout.TABLES, layout.SOURCES, layout.MANIFEST}
    for entry in objects:
        data = (fake_dataset / entry["contentUrl"]).read_bytes()
        assert entry["sha256"] == hashlib.sha256(data).hexdigest() and entry["contentSize"] == f"{len(data)} B"
    for entry in (entry for entry in described["distribution"] if entry["@type"] == "cr:FileSet"):
        assert len(list(fake_dataset.glob(entry["includes"]))) == 6, entry["includes"]


def test_croissant_describes_every_column_with_its_type(described: dict[str, Any], fake_dataset: Path) -> None:
    records = {record["@id"]: record for record in described["recordSet"]}
    for file in layout.TABLES:
        schema = pq.read_schema(fake_dataset / file)
        fields = {field["name"]: field for field in records[file.split(".")[0]]["field"]}
        assert list(fields) == schema.names
        for column in schema:
            listed = hasattr(column.type, "value_type")
            field, kind = fields[column.name], column.type.value_type if listed else column.type
            assert field["dataType"] == croissant.TYPES[str(kind)] and field.get("isArray", False) == listed
            assert field["description"]
    arrays = {field["name"]: field["arrayShape"] for field in records["labels"]["field"] if "isArray" in field}
    assert arrays["landmarks_5"] == "10"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # rdflib's, of itself
def test_mlcroissant_finds_no_fault_and_reads_what_pandas_reads(fake_dataset: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    found = mlcroissant.Dataset(jsonld=fake_dataset / layout.CROISSANT)
    assert found.metadata.ctx.issues.errors == found.metadata.ctx.issues.warnings == set()
    data = Dataset.open(fake_dataset)
    for name in ("labels", "identities", "sittings"):
        table: pd.DataFrame = getattr(data, name)
        records = list(found.records(name))
        assert len(records) == len(table)
        for column in table:
            for record, value in zip(records, table[column], strict=True):
                read = record[f"{name}/{column}"]
                if isinstance(value, str):
                    assert read.decode() == value
                elif hasattr(value, "__len__"):
                    assert list(read) == list(value)
                else:
                    assert read == value or pd.isna(value)
    pictures = list(found.records("images_records"))
    assert [p["images_records/image_id"].decode() for p in pictures] == sorted(data.labels["image_id"])
    assert {p["images_records/content"].size for p in pictures} == {(64, 64)}
    assert [s["splits/name"] for s in found.records("splits")] == ["train", "val", "test"]


def test_documents_are_the_same_bytes_again(fake_dataset: Path, tmp_path: Path) -> None:
    generate(small_spec(), tmp_path / "set", workers=2, studio=FAKE)
    for name in (*layout.DOCUMENTS, layout.MANIFEST, layout.CHECKSUMS):
        assert (tmp_path / "set" / name).read_bytes() == (fake_dataset / name).read_bytes(), name


@pytest.mark.parametrize("document", [card, datasheet, croissant])
def test_a_run_that_dies_over_a_document_goes_on_to_the_same_bytes(
    fake_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, document: Any
) -> None:
    def die(*_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(document, "metadata" if document is croissant else "text", die)
        generate(small_spec(), tmp_path / "set", workers=1, studio=FAKE)
    assert not (tmp_path / "set" / layout.MANIFEST).exists()
    generate(small_spec(), tmp_path / "set", workers=1, studio=FAKE)
    assert tree(tmp_path / "set") == tree(fake_dataset)


def test_lists_of_many_lengths_have_no_shape(tmp_path: Path) -> None:
    table = pa.table({"a": [[1.0, 2.0], [3.0, 4.0], None], "b": [[1], [], [2, 3]], "c": ["x", "y", "z"]})
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=1)
    assert croissant._shapes([pq.ParquetFile(tmp_path / "t.parquet")]) == {"a": "2", "b": "-1"}


def test_verify_covers_every_document(fake_dataset: Path, tmp_path: Path) -> None:
    assert hashes(Dataset.open(fake_dataset)) == []
    for name in layout.DOCUMENTS:
        out = tmp_path / name
        shutil.copytree(fake_dataset, out)
        (out / name).write_bytes((out / name).read_bytes() + b" ")
        assert f"{name}: changed since it was written" in hashes(Dataset.open(out))
        (out / name).unlink()
        assert f"{name}: missing" in hashes(Dataset.open(out))
        sums = out / layout.CHECKSUMS
        sums.write_text("".join(line for line in sums.read_text().splitlines(True) if not line.endswith(f"  {name}\n")))
        assert f"{name}: not in SHA256SUMS" in hashes(Dataset.open(out))


def test_verify_finds_a_changed_manifest(fake_dataset: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(fake_dataset, tmp_path / "set"))
    text = (out / layout.MANIFEST).read_text()
    (out / layout.MANIFEST).write_text(text.replace('"planned_images": 6', '"planned_images": 7'))
    assert hashes(Dataset.open(out)) == ["manifest.json: not the one that croissant.json describes"]
    (out / layout.CROISSANT).write_text("{")
    assert "croissant.json: cannot be read (JSONDecodeError)" in hashes(Dataset.open(out))


def test_the_manifest_weighs_files_and_names_versions(manifest: dict[str, Any], fake_dataset: Path) -> None:
    for folder in ("images", "masks"):
        sizes = [p.stat().st_size for p in (fake_dataset / folder).glob("*/*")]
        entry = manifest["files"][folder]
        assert (entry["count"], entry["bytes"]) == (6, sum(sizes)) and entry["bytes_per_image"] == round(sum(sizes) / 6)
    for name in layout.TABLES:
        table, entry = pq.read_table(fake_dataset / name), manifest["tables"][name]
        assert (entry["rows"], entry["columns"]) == table.shape and entry["bytes"] == (fake_dataset / name).stat().st_size
    labels = pq.read_table(fake_dataset / layout.LABELS)["schema_version"].to_pylist()
    assert {manifest["tables"][layout.LABELS]["schema_version"]} == set(labels)


def test_the_datasheet_answers_every_question(fake_dataset: Path, manifest: dict[str, Any]) -> None:
    text = (fake_dataset / layout.DATASHEET).read_text()
    for section in ("Motivation", "Composition", "Collection process", "Preprocessing", "Uses", "Distribution", "Maintenance"):
        assert f"## {section}" in text
    answers = re.findall(r"\*\*(.+?)\*\*\n\n(.+?)(?=\n\n|\Z)", text, re.S)
    assert len(answers) >= 35 and all(len(answer) > 10 for _, answer in answers)
    assert "6 pictures of 3 people in 3 sittings." in text and "- sex: female" in text
    assert facts.UNKNOWN in text and "derived from no real person" in text and "fake auto" in text
    assert text == datasheet.text(manifest)


def test_words_follow_the_manifest(manifest: dict[str, Any]) -> None:
    assert any("declared, but in no picture" in line for line in facts.biases(manifest))  # three people cannot be everybody
    level = manifest["levels"]["image"]["marginals"]["sex"]
    level["target"], level["counts"] = {"female": 1.0, "male": 0.0}, {"female": 6, "male": 0}
    assert "sex: everybody is 'female'." in facts.biases(manifest)
    assert facts.missing(manifest) == "Nothing: all 6 planned pictures are there."
    manifest["rejections"] = [{"image_id": "000000_000", "reason": "x"}]
    assert facts.missing(manifest).startswith("1 of 6 planned pictures") and "1 planned pictures" in card.text(manifest)
    manifest["user_files"] = [{"file": "hall.jpg", "sha256": "0", "used_for": "background"}]
    for text in (card.text(manifest), datasheet.text(manifest)):
        assert "derived from no real person." not in text and "no picture shows a person who exists" not in text
        assert "pictures of the user's own" in text


def test_every_folder_is_known_to_the_reader_and_the_documents() -> None:
    assert set(layout.FOLDERS) <= set(LAYERS) and set(layout.PHOTOGRAPHS) <= set(LAYERS)


def test_the_ledger_names_data_code_and_assets_with_licences(fake_dataset: Path) -> None:
    ledger = json.loads((fake_dataset / layout.SOURCES).read_text())
    assert [entry["name"] for entry in ledger["packages"]] == ["anny"] and ledger["renderer"] == "fake auto"
    libraries = {entry["name"]: entry for entry in ledger["libraries"]}
    assert {"numpy", "scipy", "opencv-python-headless", "pyrender", "PyOpenGL"} <= set(libraries)
    for entry in (*ledger["packages"], *ledger["libraries"], *ledger["assets"]):
        assert entry["licence"], entry
    root = Path(provenance.asset("head")).parent
    assert {e["file"] for e in ledger["assets"]} == {p.relative_to(root).as_posix() for p in root.glob("*/*") if p.is_file()}
    assert ledger["user_files"] == [] and "derived from no real person: no photograph" in ledger["claim"]
