"""Faces without a value: counted, said, and in no measure of balance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from facegen.audit.report import audit_html
from facegen.audit.sets import load
from facegen.audit.tables import audit
from facegen.audit.text import audit_text
from facegen.resources import asset_json

MAPPING = """\
name: T
image: i
attributes:
  sex: {column: s, source: annotated, categories: [F, M]}
  hair: {column: h, source: annotated, categories: [short, long, none]}
"""


def document(folder: Path, rows: list[tuple[str, str]]) -> dict[str, Any]:
    (folder / "m.yaml").write_text(MAPPING)
    (folder / "t.csv").write_text("\n".join(["i,s,h", *(f"{i},{s},{h}" for i, (s, h) in enumerate(rows))]))
    return audit(load(folder / "t.csv", mapping=folder / "m.yaml"), draws=0)


def test_one_face_without_a_value_makes_no_p_of_zero(tmp_path: Path) -> None:
    found = document(tmp_path, [("F", "short")] * 500 + [("M", "long")] * 500 + [("", "none")])
    sex = found["levels"]["image"]["marginals"]["sex"]
    assert sex["counts"] == {"F": 500, "M": 500, "unknown": 1} and sex["unknown"] == pytest.approx(1 / 1001)
    assert (sex["measures"]["n"], sex["measures"]["chi2"], sex["measures"]["chi2_p"]) == (1000, 0, 1)
    page, text = audit_html(found), audit_text(found)
    assert "p 1.000 · of those with a value; 0.1% have none" in page and "effective number 2 of 2" in page
    assert "n 1,000  ens 2  sei 1" in text and "(of those with a value; 0.1% have none)" in text
    pytest.importorskip("jsonschema").Draft202012Validator(asset_json("schemas/audit.schema.json")).validate(
        json.loads(json.dumps(found, allow_nan=False))
    )


def test_faces_without_labels_make_no_set_more_even(tmp_path: Path) -> None:
    labelled = [("F", "short")] * 25 + [("F", "long")] * 15 + [("M", "long")] * 18 + [("M", "none")] * 2
    whole = document(tmp_path, labelled)["levels"]["image"]
    more = document(tmp_path, [*labelled, *([("", "")] * 30)])["levels"]["image"]
    for one, other in (
        *((whole["marginals"][name], more["marginals"][name]) for name in ("sex", "hair")),
        (whole["pairs"]["sex x hair"], more["pairs"]["sex x hair"]),
        (whole["intersection"], more["intersection"]),
    ):
        assert "unknown" not in one and other["unknown"] == pytest.approx(1 / 3)
        assert one["measures"] == other["measures"] and one["measures"]["n"] == 60
    assert whole["marginals"]["sex"]["measures"]["sei"] == pytest.approx(0.918, abs=5e-4)
    assert all(whole["pairs"]["sex x hair"][v] == more["pairs"]["sex x hair"][v] for v in ("cramers_v", "cramers_v_corrected"))


def test_a_pair_is_measured_over_faces_that_have_both_values(tmp_path: Path) -> None:
    rows = [("F", "short"), ("F", ""), ("", "long"), ("M", "long"), ("M", "none"), ("F", "none")]
    found = document(tmp_path, rows)["levels"]["image"]
    assert found["marginals"]["sex"]["measures"]["n"] == 5 and found["marginals"]["sex"]["unknown"] == pytest.approx(1 / 6)
    pair = found["pairs"]["sex x hair"]
    assert pair["measures"]["n"] == 4 and pair["unknown"] == pytest.approx(1 / 3)
    assert found["intersection"]["measures"]["imbalance_ratio"] is None  # two of six cells are empty


def test_a_set_without_any_label_has_no_measures(tmp_path: Path) -> None:
    found = document(tmp_path, [("", "short"), ("", "long")])
    sex = found["levels"]["image"]["marginals"]["sex"]
    assert sex["measures"]["n"] == 0 and sex["measures"]["sei"] is None and sex["unknown"] == 1
    assert all("100.0% have none" in page for page in (audit_html(found), audit_text(found)))
