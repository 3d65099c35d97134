"""manifest.json and the audit document are what their published schemas say; broken ones are refused."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from facegen.audit.coverage import audit_directory, load
from facegen.dataset.checks import MANIFEST_VERSION
from facegen.dataset.read import Dataset
from facegen.errors import DataError
from facegen.resources import asset_json

jsonschema = pytest.importorskip("jsonschema")


def validator(name: str) -> Any:
    schema = asset_json(f"schemas/{name}.schema.json")
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.fixture(scope="module")
def manifest(fake_dataset: Path) -> dict[str, Any]:
    return json.loads((fake_dataset / "manifest.json").read_text())


@pytest.fixture(scope="module")
def document(fake_dataset: Path) -> dict[str, Any]:
    return json.loads(json.dumps(audit_directory(fake_dataset), allow_nan=False))


def test_a_generated_manifest_names_its_schema_and_is_valid(manifest: dict[str, Any]) -> None:
    check = validator("manifest")
    check.validate(manifest)
    assert manifest["$schema"] == check.schema["$id"]
    assert manifest["manifest_version"] == MANIFEST_VERSION


def test_an_audit_document_is_valid(document: dict[str, Any]) -> None:
    check = validator("audit")
    check.validate(document)
    assert document["$schema"] == check.schema["$id"]
    assert set(check.schema["properties"]) == set(document)  # the fake set has everything there is to say


def test_shared_parts_are_the_same() -> None:
    assert validator("manifest").schema["$defs"] == validator("audit").schema["$defs"]


def _set(*path: str | int, to: Any) -> Callable[[dict[str, Any]], None]:
    def change(whole: dict[str, Any]) -> None:
        at: Any = whole
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = to

    return change


BROKEN: list[Callable[[dict[str, Any]], Any]] = [
    _set("levels", "image", "marginals", "sex", "counts", "female", to=-1),
    _set("levels", "image", "marginals", "sex", "measures", "sei", to=1.2),
    _set("levels", "image", "marginals", "sex", "measures", "evenness", to=1.0),
    _set("levels", "image", "uncovered", "1", "method", to="guess"),
    _set("levels", "image", "uncovered", "0", to={}),
    _set("levels", "image", "intersection", "cells", 0, "count", to=0.5),
    _set("levels", "image", "records", to="6"),
    _set("levels", "person", to={}),
    _set("independence", "light", "sex", "cramers_v", to=1.5),
    _set("independence", "light", "sex", to={"cramers_v": 0.1}),
    _set("skin", to={}),
    _set("unheard_of", to=1),
    lambda d: d["levels"]["image"]["uncovered"]["1"].pop("cover_with"),
    lambda d: d["levels"]["image"]["pairs"]["sex x age_band"].pop("cramers_v"),
    lambda d: d["levels"].pop("image"),
    lambda d: d["declared"].pop("attributes"),
    lambda d: d.pop("definitions"),
    lambda d: d["quality_parity"][next(iter(d["quality_parity"]))]["by"]["sex"]["effect"]["male"].update(interval=[0.1]),
    lambda d: d["quality_parity"][next(iter(d["quality_parity"]))]["cells"].update(lowest=None),
]


@pytest.mark.parametrize("number", range(len(BROKEN)))
def test_a_broken_document_is_refused(manifest: dict[str, Any], document: dict[str, Any], number: int) -> None:
    for name, whole in (("manifest", manifest), ("audit", document)):
        broken = copy.deepcopy(whole)
        BROKEN[number](broken)
        assert not validator(name).is_valid(broken), name


@pytest.mark.parametrize("key", ["manifest_version", "spec", "spec_sha256", "counts", "rejections_by_cell", "files", "$schema"])
def test_a_manifest_without_its_parts_is_refused(manifest: dict[str, Any], key: str) -> None:
    assert not validator("manifest").is_valid({k: v for k, v in manifest.items() if k != key})
    assert not validator("manifest").is_valid({**manifest, key: None})


def test_older_manifests_open_and_newer_ones_are_refused(fake_dataset: Path, tmp_path: Path, manifest: dict[str, Any]) -> None:
    old = Path(shutil.copytree(fake_dataset, tmp_path / "old"))
    first = {k: v for k, v in manifest.items() if k not in ("$schema", "skin", "rejections_by_cell")} | {"manifest_version": 1}
    (old / "manifest.json").write_text(json.dumps(first))
    assert len(Dataset.open(old)) == 6
    assert audit_directory(old) == audit_directory(fake_dataset)
    (old / "manifest.json").write_text(json.dumps({**first, "manifest_version": MANIFEST_VERSION + 1}))
    for opening in (Dataset.open, load):
        with pytest.raises(
            DataError, match=f"manifest_version {MANIFEST_VERSION + 1}, this facegen reads 1 to {MANIFEST_VERSION}"
        ):
            opening(old)
