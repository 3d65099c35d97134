"""A counterfactual dataset on the disk: pairs, counts, hashes, resuming, single samples, and what other verbs make of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from counterfactuals import EVERY, counterfactual_spec
from small import FAKE, tree

from facegen.audit import coverage
from facegen.dataset import layout
from facegen.dataset.read import Dataset
from facegen.errors import DataError, MachineError, RequestError
from facegen.export.run import export
from facegen.population.plan import build
from facegen.resources import asset_json
from facegen.run.local import generate
from facegen.run.verify import verify


def quiet(done: int, total: int) -> None:
    pass


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pairs") / "set"
    generate(counterfactual_spec(mediated="both"), out, workers=1, studio=FAKE)
    return out


def test_pairs_say_what_the_labels_say(made: Path) -> None:
    data = Dataset.open(made, verify=True)
    labels, pairs = data.labels.set_index("image_id"), data.pairs
    variants = labels[labels["base_id"].notna()]
    assert len(pairs) == len(variants) == data.manifest["counts"]["pairs"] == len(labels) - 4
    for _, pair in pairs.iterrows():
        base, variant = labels.loc[pair["base"]], labels.loc[pair["variant"]]
        assert pd.isna(base["base_id"]) and variant["base_id"] == pair["base"] and variant["identity_id"] == base["identity_id"]
        assert (variant["factor"], variant["factor_value"], variant["mediated"]) == (pair["factor"], pair["to"], pair["mediated"])
        assert (pair["sex"], pair["age_band"], pair["ancestry"], pair["skin_monk"]) == (
            base["sex"], base["age_band"], base["ancestry"], base["skin_monk"])  # fmt: skip
        if pair["factor"] in ("sex", "ancestry", "skin_monk"):
            assert str(base[pair["factor"]]) == pair["from"] != pair["to"] == str(variant[pair["factor"]])
    assert set(pairs["factor"]) == set(EVERY) and set(pairs["mediated"]) == {"frozen", "live"}


def test_the_csv_is_the_parquet(made: Path) -> None:
    listed = pd.read_csv(made / layout.PAIRS_CSV, dtype=str)
    pd.testing.assert_frame_equal(listed, Dataset.open(made).pairs[list(listed)].astype(str))


def test_the_manifest_counts_bases_and_pairs_apart(made: Path) -> None:
    manifest, plan = Dataset.open(made).manifest, build(counterfactual_spec(mediated="both"))
    assert manifest["counts"]["images"] == manifest["counts"]["planned_images"] == len(plan)
    assert manifest["levels"]["image"]["records"] == 4 and manifest["counts"]["identities"] == 4
    told = manifest["counterfactual"]
    assert sum(n for modes in told["pairs"].values() for to in modes.values() for n in to.values()) == manifest["counts"]["pairs"]
    assert told["left_out"] == plan.left_out
    document = coverage.audit_directory(made)
    assert document["levels"]["image"]["records"] == 4
    schemas = pytest.importorskip("jsonschema")
    for name, what in (("manifest", manifest), ("audit", json.loads(json.dumps(document)))):
        schemas.validate(what, asset_json(f"schemas/{name}.schema.json"), schemas.Draft202012Validator)


def test_hashes_name_the_pairs_and_verify_misses_them(made: Path, tmp_path: Path) -> None:
    data = Dataset.open(made)
    assert {layout.PAIRS, layout.PAIRS_CSV} <= set(data.checksums)
    assert verify(data, 5, "auto", quiet, studio=FAKE).problems == ()
    copy = tmp_path / "copy"
    for name, content in tree(made).items():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes(content)
    (copy / layout.PAIRS_CSV).write_bytes(b"base,variant\n")
    assert f"{layout.PAIRS_CSV}: changed since it was written" in verify(Dataset.open(copy), 0, "auto", quiet).problems


def test_a_killed_run_ends_with_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = counterfactual_spec({"skin_monk": [2, 9], "yaw_deg": [30]})
    generate(spec, tmp_path / "whole", workers=1, studio=FAKE)
    orders = tmp_path / "orders"
    orders.mkdir()
    plan = build(spec)
    stop = plan.sample(plan.groups[2][1]).image_id
    (orders / stop).write_text("full")
    monkeypatch.setenv("FACEGEN_FAKE", str(orders))
    with pytest.raises(MachineError):
        generate(spec, tmp_path / "cut", workers=1, studio=FAKE)
    (orders / stop).write_text("once")  # and a worker dies on the way
    generate(spec, tmp_path / "cut", workers=2, studio=FAKE)
    assert tree(tmp_path / "cut") == tree(tmp_path / "whole")


def test_a_variant_that_fails_is_listed_and_makes_no_pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = counterfactual_spec({"skin_monk": [2, 9], "sex": ["male", "female"]})
    plan = build(spec)
    lost = plan.sample(plan.groups[1][1]).image_id
    (tmp_path / lost).write_text("raise")
    monkeypatch.setenv("FACEGEN_FAKE", str(tmp_path))
    done = generate(spec, tmp_path / "set", workers=1, studio=FAKE)
    assert set(done.failed) == {lost}
    manifest = json.loads((tmp_path / "set" / layout.MANIFEST).read_text())
    assert [entry["image_id"] for entry in manifest["rejections"]] == [lost]
    assert sum(manifest["rejections_by_group"]["sex"].values()) == 1
    assert lost not in set(pd.read_csv(tmp_path / "set" / layout.PAIRS_CSV)["variant"])
    assert manifest["counts"]["images"] == manifest["counts"]["planned_images"] - 1


def test_what_is_no_counterfactual_set_has_no_pairs(fake_dataset: Path) -> None:
    with pytest.raises(DataError, match="is no counterfactual dataset"):
        _ = Dataset.open(fake_dataset).pairs
    assert not (fake_dataset / layout.PAIRS).exists() and Dataset.open(fake_dataset).labels["base_id"].isna().all()


def test_nobody_trains_on_variants(made: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="counterfactual dataset"):
        export(made, tmp_path / "out", "folders")


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ({"factors": {"skin_tone": [2]}}, "'skin_tone' is not one of"),
        ({"factors": {"skin_monk": [12]}}, "'12' is not one of"),
        ({"factors": {"sex": ["female"]}, "mediated": "warm"}, "mediated"),
        ({"factors": {"glasses": ["own"]}}, "no base can be varied: owns no glasses"),
    ],
)
def test_a_wrong_request_is_one_line_and_nothing_is_written(tmp_path: Path, block: dict[str, object], said: str) -> None:
    values = json.loads(counterfactual_spec().canonical_json())
    spec = tmp_path / "bad.yaml"
    spec.write_text(yaml.safe_dump({**values, "population": {"glasses": 0}, "counterfactual": block}))
    command = [sys.executable, "-m", "facegen.cli", "generate", str(spec), "--out", str(tmp_path / "set")]
    run = subprocess.run(command, capture_output=True, text=True)
    lines = run.stderr.strip().splitlines()
    assert run.returncode == 2 and said in lines[-1] and "Traceback" not in run.stderr
    assert not (tmp_path / "set").exists()
