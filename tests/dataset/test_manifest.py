"""The manifest counts what was declared, zeros too, and says where the data fall short."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from facegen.audit import coverage as audit
from facegen.dataset.manifest import build_manifest, file_list, to_json
from facegen.errors import DataError
from facegen.population.plan import build
from facegen.population.targets import declared
from facegen.spec import DatasetSpec


def frames(spec: DatasetSpec) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    plan = build(spec)
    people = [
        {"identity_id": p.identity_id, "sex": p.sex, "ancestry": p.ancestry, "skin_monk": p.skin.monk} for p in plan.identities
    ]
    seats = [{"sitting_id": s.sitting_id, "identity_id": s.identity_id, "age_band": s.age_band} for s in plan.sittings]
    rows = [
        {
            "image_id": s.image_id,
            "identity_id": s.identity.identity_id,
            "sitting_id": s.sitting.sitting_id,
            "sex": s.identity.sex,
            "ancestry": s.identity.ancestry,
            "skin_monk": s.identity.skin.monk,
            "age_band": s.sitting.age_band,
            "light": s.shot.light.rig,
            "degradation": s.shot.camera.profile,
            "yaw_deg": s.shot.pose.yaw_deg,
            "ofiq_pose": 100.0 if s.identity.sex == "male" else 90.0,
        }
        for s in plan.samples()
    ]
    return pd.DataFrame(people), pd.DataFrame(seats), pd.DataFrame(rows)


def spec(**more: Any) -> DatasetSpec:
    return DatasetSpec.from_dict(
        {"name": "a", "seed": 1, "date": "2026-01-01", "identities": 48, "images_per_identity": 2, "size": 64, **more}
    )


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return build_manifest(spec(), *frames(spec()), {"licences": {"code": "MIT"}, "rejections": []})


def test_counts_are_exact_and_zeros_are_kept(manifest: dict[str, Any]) -> None:
    assert manifest["counts"] == {"identities": 48, "sittings": 48, "images": 96, "planned_images": 96}
    image = manifest["levels"]["image"]
    assert image["marginals"]["sex"]["counts"] == {"female": 48, "male": 48}
    assert image["pairs"]["sex x ancestry"]["counts"]["female"]["european"] == 12
    cells = image["intersection"]["cells"]
    assert len(cells) == 2 * 6 * 4 * 10
    assert sum(c["count"] for c in cells) == 96
    assert sum(c["target"] for c in cells) == pytest.approx(1.0, abs=1e-5)
    assert any(c["count"] == 0 and c["target"] > 0 for c in cells)
    assert all(c["count"] == 0 for c in cells if c["target"] == 0)
    assert image["triples"]["sex x age_band x ancestry"]["empty"] == 0
    assert image["triples"]["sex x age_band x ancestry"]["measures"]["imbalance_ratio"] == 1.0


def test_targets_follow_the_declaration() -> None:
    target = declared(spec().population)
    assert target.target.shape == (2, 6, 4, 10)
    assert target.over(("sex",)).target == pytest.approx([0.5, 0.5])
    tones = target.over(("ancestry", "skin_monk")).target
    assert tones[0] == pytest.approx([0, 0, 0, 0, 0, 0.05, 0.05, 0.05, 0.05, 0.05])
    weighted = declared(spec(population={"sex": {"female": 0.7, "male": 0.3}, "skin_monk": {"1": 0.4, "10": 0.6}}).population)
    assert weighted.over(("sex", "skin_monk")).target[0] == pytest.approx(np.array([0.28, *[0] * 8, 0.42]))


def test_quality_parity_shows_the_planted_gap(manifest: dict[str, Any]) -> None:
    by = manifest["quality_parity"]["ofiq_pose"]["by"]
    assert by["sex"]["gap"] == 10.0
    assert by["ancestry"]["gap"] == 0.0


def test_independence_covers_every_nuisance_and_finds_a_planted_one() -> None:
    people, seats, labels = frames(spec())
    labels["light"] = labels["sex"].map({"female": "soft", "male": "hard"})
    found = build_manifest(spec(), people, seats, labels, {})["independence"]
    assert set(found) == {"light", "degradation", "yaw_deg"}
    assert found["light"]["sex"]["cramers_v_corrected"] == pytest.approx(1.0, abs=0.02)
    assert found["yaw_deg"]["sex"]["cramers_v_corrected"] < 0.3


def test_missing_group_is_named() -> None:
    people, seats, labels = frames(spec())
    gone = people.loc[people.ancestry == "african", "identity_id"]
    kept = [f[~f.identity_id.isin(gone)] for f in (people, seats, labels)]
    found = build_manifest(spec(), *kept, {})["levels"]["image"]
    assert {"ancestry": "african", "count": 0} in found["uncovered"]["1"]["patterns"]
    assert found["marginals"]["ancestry"]["measures"]["sei"] < 0.8
    found = found["uncovered"]["1"]
    assert found["extra_records"] == sum(cell["add"] for cell in found["cover_with"]) >= found["lower_bound"] > 0
    assert any(cell["ancestry"] == "african" for cell in found["cover_with"])


def test_tables_of_another_spec_are_refused() -> None:
    tables = frames(spec())
    with pytest.raises(DataError, match="was not declared; declared are european"):
        build_manifest(spec(population={"ancestry": "european"}), *tables, {})
    with pytest.raises(DataError, match="'skin_monk' is missing"):
        build_manifest(spec(), tables[0].drop(columns="skin_monk"), *tables[1:], {})


def test_rejections_are_counted_by_group() -> None:
    rejected = [{"image_id": "000000_001", "reason": "x"}, {"image_id": "000003_000", "reason": "y"}]
    people, seats, labels = frames(spec())
    by = build_manifest(spec(), people, seats, labels, {"rejections": rejected})["rejections_by_group"]
    lost = people[people.identity_id.isin(["000000", "000003"])]
    assert by["sex"] == {sex: int((lost.sex == sex).sum()) for sex in ("female", "male")}
    assert sum(by["age_band"].values()) == sum(by["skin_monk"].values()) == 2


def test_rejections_are_counted_by_cell_with_what_was_planned() -> None:
    people, seats, labels = frames(spec())
    gone = ["000000_001", "000000_000", "000003_000"]
    rejected = [{"image_id": name, "reason": "x"} for name in gone]
    found = build_manifest(spec(), people, seats, labels[~labels.image_id.isin(gone)], {"rejections": rejected})[
        "rejections_by_cell"
    ]
    assert (found["rejected"], found["planned"]) == (3, 96)
    first = labels[labels.identity_id == "000000"].iloc[0]
    cell = {name: str(first[name]) for name in ("sex", "age_band", "ancestry", "skin_monk")}
    alike = int((labels[list(cell)].astype(str) == pd.Series(cell)).all(axis=1).sum())
    mine = next(c for c in found["cells"] if {a: c[a] for a in cell} == cell)
    assert mine["rejected"] == 2
    assert mine["planned"] == alike
    assert sum(c["rejected"] for c in found["cells"]) == 3
    assert all(sum(f["planned"] for f in by.values()) == 96 for by in found["by"].values())
    low, high = found["by"]["sex"]["female"]["interval"]
    assert 0 <= low <= found["by"]["sex"]["female"]["rate"] <= high


def test_effects_and_local_z_show_what_was_planted() -> None:
    people, seats, labels = frames(spec())
    labels["light"] = labels["sex"].map({"female": "soft", "male": "hard"})
    labels["ofiq_pose"] = labels["ofiq_pose"] + np.arange(len(labels)) % 5
    found = build_manifest(spec(), people, seats, labels, {})
    effect = found["quality_parity"]["ofiq_pose"]["by"]["sex"]["effect"]
    assert effect["male"]["hedges_g"] == -effect["female"]["hedges_g"] > 5
    assert effect["male"]["interval"][0] < effect["male"]["hedges_g"] < effect["male"]["interval"][1]
    assert found["quality_parity"]["ofiq_pose"]["by"]["sex"]["p_holm"] < 0.001
    cell = found["independence"]["light"]["sex"]
    assert cell["local_z"]["female"]["soft"] > 6 and cell["ducher_z"]["female"]["hard"] == -1


def test_skin_under_light_is_told_where_labels_hold_it() -> None:
    people, seats, labels = frames(spec())
    labels = labels.assign(skin_L=50.0, skin_ita_deg=170.0, apparent_L=44.0, apparent_ita_deg=-175.0, light_class="indoor")
    labels.loc[0, "apparent_L"] = np.nan
    found = build_manifest(spec(), people, seats, labels, {})["skin"]["apparent_vs_intrinsic"]["indoor"]
    assert sum(f["n"] for f in found.values()) == 95
    assert all(f["delta_L_mean"] == -6 and f["delta_ita_mean"] == 15 for f in found.values())


def test_json_is_stable_and_finite(manifest: dict[str, Any]) -> None:
    text = to_json(manifest)
    assert text == to_json(build_manifest(spec(), *frames(spec()), {"licences": {"code": "MIT"}, "rejections": []}))
    assert json.loads(text)["spec_sha256"] == spec().sha256()
    assert "NaN" not in text
    assert "Infinity" not in text


def test_file_list_is_sha256sum_of_sorted_lines() -> None:
    listed = file_list([("b.jpg", "22"), ("a.jpg", "11")])
    assert listed == {"count": 2, "sha256": hashlib.sha256(b"11  a.jpg\n22  b.jpg\n").hexdigest()}


def test_audit_counts_the_same_from_disk(tmp_path: Any, manifest: dict[str, Any]) -> None:
    pytest.importorskip("pyarrow")
    frames(spec())[2].to_parquet(tmp_path / "labels.parquet")
    (tmp_path / "manifest.json").write_text(to_json(manifest))
    found = audit.audit_directory(tmp_path)
    assert found["levels"]["image"] == manifest["levels"]["image"]
    assert found["independence"] == manifest["independence"]
    assert found["quality_parity"] == manifest["quality_parity"]
    text = audit.render(found)
    assert "48 identities, 96 images" in text
    assert "sex x age_band x ancestry: 48 declared cells, 0 empty, 2 to 2 records" in text
    json.dumps(found, allow_nan=False)


def test_audit_refuses_what_is_no_dataset(tmp_path: Any) -> None:
    with pytest.raises(DataError, match="no such file"):
        audit.audit_directory(tmp_path)
    (tmp_path / "labels.parquet").write_bytes(b"junk")
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(DataError, match="manifest.json' is damaged"):
        audit.audit_directory(tmp_path)
