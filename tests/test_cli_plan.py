"""`facegen plan` as a user calls it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from facegen.run import forecast
from facegen.spec import DatasetSpec

SPEC = """
name: designed
seed: 7
date: 2026-01-01
identities: 40
images_per_identity: 3
population:
  design: {attributes: [sex, age_band, ancestry], quotas: [{where: {sex: female}, %s}]}
"""


def call(path: Path, *more: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[1]
    return subprocess.run(
        [sys.executable, "-m", "facegen.cli", "plan", str(path), *more], capture_output=True, text=True, cwd=path.parent,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])},
    )  # fmt: skip


def test_the_table_fits_a_terminal_and_the_files_hold_every_cell(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SPEC % "share: 0.75")
    done = call(tmp_path / "s.yaml", "--json", "p.json", "--csv", "p.csv", "--limit", "5", "--seconds-per-image", "2")
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert "40 identities, 40 sittings, 120 images" in done.stdout and "4 minutes of one core" in done.stdout
    found = json.loads((tmp_path / "p.json").read_text())
    rows = list(csv.DictReader((tmp_path / "p.csv").read_text().splitlines()))
    assert len(rows) == len(found["cells"]) == 48
    assert sum(int(row["identities"]) for row in rows) == 40
    assert sum(int(row["identities"]) for row in rows if row["sex"] == "female") == 30
    assert found["total"]["mated_pairs"] == 120 and found["total"]["nonmated_pairs"] == 120 * 119 // 2 - 120
    assert found["total"]["fmr_rule_of_3"] == float(f"{3 / 7020:.10g}")
    assert found["estimated"] == {"seconds": 240, "bytes": forecast.need(DatasetSpec.load(tmp_path / "s.yaml"), 120)}


def test_variants_count_and_folders_are_looked_into(tmp_path: Path) -> None:
    spec = "name: a\nseed: 1\ndate: 2026-01-01\nidentities: 3\nsize: 128\n"
    (tmp_path / "c.yaml").write_text(spec + "kind: counterfactual\ncounterfactual: {factors: {yaw_deg: [-30, 30]}}\n")
    done = call(tmp_path / "c.yaml", "--json", "c.json")
    assert done.returncode == 0 and "with all variants 9 pictures at most" in done.stdout, done.stderr
    assert json.loads((tmp_path / "c.json").read_text())["pictures"] == 9
    (tmp_path / "e.yaml").write_text(spec + "shots: {environments: nowhere}\n")
    done = call(tmp_path / "e.yaml")
    assert done.returncode == 2 and "'nowhere' is not a folder" in done.stderr


@pytest.mark.parametrize("seconds", ["inf", "nan", "1e308", "-1"])
def test_a_render_time_that_is_none_is_refused(tmp_path: Path, seconds: str) -> None:
    (tmp_path / "s.yaml").write_text(SPEC % "share: 0.75")
    done = call(tmp_path / "s.yaml", "--json", "p.json", "--seconds-per-image", seconds)
    assert done.returncode == 2 and not (tmp_path / "p.json").exists()
    assert len(done.stderr.splitlines()) == 1 and "--seconds-per-image" in done.stderr


def test_an_impossible_design_ends_with_two_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SPEC % "count: 41")
    done = call(tmp_path / "s.yaml", "--json", "p.json")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1 and "quotas[0] (sex female: count 41 of 40 identities)" in done.stderr
    assert not (tmp_path / "p.json").exists()
