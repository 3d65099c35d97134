"""Variants of a spec that differ in the part they name alone, and the table of what came of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "pipelines"))

import ablate  # noqa: E402
import ablations  # noqa: E402

from facegen.errors import RequestError, SpecError  # noqa: E402
from facegen.population.plan import build  # noqa: E402

SPEC = ROOT / "pipelines" / "recognition_small.yaml"
BUDGET = {"identities": 12, "images_per_identity": 4}
HAS = [part for part in ablations.PARTS if part != "sittings"]


def test_each_part_is_left_out_and_no_other() -> None:
    made = ablations.variants(SPEC, BUDGET, HAS, [])
    assert list(made) == [ablations.WHOLE, *HAS]
    assert all((s.identities, s.images_per_identity) == (12, 4) for s in made.values())
    whole = made[ablations.WHOLE].model_dump()
    for part in HAS:
        values, paths = made[part].model_dump(), ablations.PARTS[part]
        for path in paths:
            held, into = values, whole
            for folder in path.split(".")[:-1]:
                held, into = held[folder], into[folder]
            assert held[path.split(".")[-1]] != into[path.split(".")[-1]] or len(paths) > 1
            held[path.split(".")[-1]] = into[path.split(".")[-1]]
        assert values == whole


def test_pictures_show_none_of_it() -> None:
    made = ablations.variants(SPEC, BUDGET, ["hair", "yaw", "wear", "degradation"], [])
    samples = {name: list(build(spec).samples()) for name, spec in made.items()}
    assert {s.sitting.hair.style for s in samples["hair"]} == {"bald"} != {s.sitting.hair.style for s in samples["yaw"]}
    assert {s.sitting.beard.style for s in samples["hair"]} == {"none"}
    assert {s.shot.pose.yaw_deg for s in samples["yaw"]} == {0.0}
    assert all(s.shot.wear.eyewear is None and not s.shot.wear.front for s in samples["wear"])
    assert any(s.shot.wear.eyewear for s in samples[ablations.WHOLE])
    assert {s.shot.degradation.preset for s in samples["degradation"]} == {"none"}


def test_changes_of_ones_own() -> None:
    made = ablations.variants(
        SPEC, BUDGET, [], ["turned={shots.yaw_deg: {uniform: [-60, 60]}}", "days={sittings_per_identity: 2}"]
    )
    assert made["turned"].shots.yaw_deg.limits == (-60, 60) and made["days"].sittings_per_identity == 2


@pytest.mark.parametrize(
    ("drop", "changes", "said"),
    [
        (["hare"], [], "--drop 'hare'"),
        (["sittings"], [], "'sittings' changes nothing"),
        (["hair", "hair"], ["hair={size: 64}"], "asked for twice"),
        ([], ["turned"], "--variant 'turned' is not NAME=YAML"),
        ([], ["whole={size: 64}"], "is not NAME=YAML"),
        ([], ["a={size: [}"], "is not NAME=YAML"),
    ],
)
def test_requests_that_cannot_be(drop: list[str], changes: list[str], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        ablations.variants(SPEC, BUDGET, drop, changes)


@pytest.mark.parametrize("change", ["a={shots.yaw: 3}", "a={seed.of: 3}", "a={size: 7}"])
def test_values_that_no_spec_has(change: str) -> None:
    with pytest.raises(SpecError, match="recognition_small"):
        ablations.variants(SPEC, BUDGET, [], [change])


def test_results_of_another_request_are_not_taken_for_this_one(tmp_path: Path) -> None:
    def ask(drop: list[str], epochs: float = 5, images: int = 4, targets: tuple[str, ...] = ("a/x.yaml",)) -> None:
        specs = ablations.variants(SPEC, {**BUDGET, "images_per_identity": images}, drop, [])
        ablate.check(specs, ablate.Job(tmp_path, targets, 1, 1, epochs))

    ask(["hair"])
    ask(["yaw"], targets=("a/x.yaml", "b/y"))  # more of the same
    ask(["hair", "yaw"])
    kept = (tmp_path / "request.json").read_bytes()
    for wrong in ({"epochs": 6}, {"images": 5}, {"targets": ("b/x.yaml",)}, {"targets": ("a/x.yaml", "b/x.yaml")}):
        with pytest.raises(RequestError, match="another --out|called alike"):
            ask(["hair"], **wrong)  # type: ignore[arg-type]
    assert (tmp_path / "request.json").read_bytes() == kept


def test_the_table_gives_means_spread_and_paired_differences() -> None:
    rows = [
        {"variant": v, "seed": s, "target": "t", "eer": eer, "fnmr": 2 * eer}
        for s, pairs in enumerate(((("whole", 0.10), ("hair", 0.15)), (("whole", 0.12), ("hair", 0.19))))
        for v, eer in pairs
    ]
    lines = ablate.table(rows).splitlines()
    assert lines[0] == "t"
    assert lines[4] == "| whole | 2 | 0.1100 (sd 0.0141) |  | 0.2200 (sd 0.0283) |  |"
    assert (
        lines[5] == "| without hair | 2 | 0.1700 (sd 0.0283) | +0.0600 (sd 0.0141) | 0.3400 (sd 0.0566) | +0.1200 (sd 0.0283) |"
    )


def test_a_wrong_request_is_one_line_and_writes_nothing(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "pipelines/ablate.py",
        str(SPEC),
        "--drop",
        "hare",
        "--target",
        "x.yaml",
        "--out",
        str(tmp_path / "o"),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "hair" in done.stderr
    assert not (tmp_path / "o").exists()
