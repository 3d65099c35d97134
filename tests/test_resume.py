"""Whatever happens on the way - workers killed, the whole run killed, another number of workers - the bytes are the same."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small import FAKE, SMALL, small_spec, tree

from facegen.errors import DataError, MachineError, RequestError
from facegen.population.plan import build
from facegen.run import workdir
from facegen.run.local import generate
from facegen.run.store import LocalStore
from facegen.run.tasks import tasks


def test_two_workers_write_the_same_bytes_as_one(fake_dataset: Path, tmp_path: Path) -> None:
    done = generate(small_spec(), tmp_path / "two", workers=2, studio=FAKE)
    assert (done.images, done.made, done.failed) == (6, 6, {})
    assert tree(tmp_path / "two") == tree(fake_dataset)


def test_a_killed_worker_costs_nothing(fake_dataset: Path, tmp_path: Path, orders: Path) -> None:
    (orders / "000001_001").write_text("once")
    said: list[str] = []
    done = generate(small_spec(), tmp_path / "set", workers=1, studio=FAKE, warn=said.append)
    assert said == ["worker killed by signal 9 (SIGKILL) at sample 000001_001; trying it again with a new worker"]
    assert done.failed == {}
    assert tree(tmp_path / "set") == tree(fake_dataset)


def test_a_sample_that_always_kills_is_left_out_listed_and_tried_again_later(
    fake_dataset: Path, tmp_path: Path, orders: Path
) -> None:
    (orders / "000001_000").write_text("kill")
    out = tmp_path / "set"
    done = generate(small_spec(), out, workers=2, studio=FAKE)
    assert done.failed == {"000001_000": "worker killed by signal 9 (SIGKILL), 2 times"}
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["rejections"] == [{"image_id": "000001_000", "reason": done.failed["000001_000"]}]
    assert manifest["counts"]["images"] == 5 and manifest["counts"]["planned_images"] == 6
    assert not (out / "images/000001/000001_000.jpg").exists()
    (orders / "000001_000").unlink()
    assert generate(small_spec(), out, workers=1, studio=FAKE).failed == {}
    assert tree(out) == tree(fake_dataset)


def test_an_exception_leaves_one_sample_out_and_says_where(tmp_path: Path, orders: Path) -> None:
    (orders / "000000_001").write_text("raise")
    done = generate(small_spec(), tmp_path / "set", workers=1, studio=FAKE)
    assert list(done.failed) == ["000000_001"]
    reason = done.failed["000000_001"]
    assert reason.startswith("ZeroDivisionError at fake_studio.py:") and reason.endswith(": two lines")


def test_many_failures_stop_the_run(tmp_path: Path, orders: Path) -> None:
    for who in range(8):
        (orders / f"{who:06d}_000").write_text("raise")
    with pytest.raises(MachineError, match="6 of 6 samples failed, the last was 00000._000: ZeroDivisionError"):
        generate(small_spec(identities=8, images_per_identity=1), tmp_path / "set", workers=1, studio=FAKE)


def test_failures_that_a_run_took_are_no_fault_of_the_machine_in_the_next(tmp_path: Path, orders: Path) -> None:
    """6 of 70 are left out by the first run; the second, which tries these 6 alone, must not take 6 of 6 for a broken machine."""
    spec = small_spec(identities=70, images_per_identity=1)
    for who in range(10, 70, 10):
        (orders / f"{who:06d}_000").write_text("raise")
    for _ in range(2):
        assert len(generate(spec, tmp_path / "set", workers=2, studio=FAKE).failed) == 6


def test_the_machine_at_fault_stops_the_run_and_it_goes_on_later(fake_dataset: Path, tmp_path: Path, orders: Path) -> None:
    (orders / "000001_001").write_text("full")
    out = tmp_path / "set"
    with pytest.raises(MachineError, match="No space left on device"):
        generate(small_spec(), out, workers=1, studio=FAKE)
    assert not (out / "manifest.json").exists()
    (orders / "000001_001").unlink()
    assert generate(small_spec(), out, workers=1, studio=FAKE).made == 4  # identity 0 was on the disk
    assert tree(out) == tree(fake_dataset)


def test_kill_9_of_the_whole_run_then_resume(fake_dataset: Path, tmp_path: Path, orders: Path) -> None:
    for k in range(2):
        (orders / f"000001_{k:03d}").write_text("slow")
    out = tmp_path / "set"
    code = (
        "from pathlib import Path; from facegen.run.local import generate; from small import *; "
        f"generate(small_spec(), Path({str(out)!r}), workers=1, studio=FAKE)"
    )
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    run = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path})
    shard = out / ".work/shards/000000-000.shard"
    for _ in range(600):
        if shard.exists():
            break
        time.sleep(0.05)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    assert shard.exists() and not (out / "manifest.json").exists()
    assert generate(small_spec(), out, workers=2, studio=FAKE).made == 4
    assert tree(out) == tree(fake_dataset)


def test_killed_between_manifest_and_clean_up(fake_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "set"
    monkeypatch.setattr(workdir.WorkDir, "remove", lambda self: None)
    generate(small_spec(), out, workers=1, studio=FAKE)
    monkeypatch.undo()
    assert (out / ".work").is_dir()
    assert generate(small_spec(), out, workers=1, studio=FAKE).made == 0
    assert tree(out) == tree(fake_dataset)


def test_a_finished_dataset_is_left_alone(fake_dataset: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in fake_dataset.rglob("*")}
    assert generate(small_spec(), fake_dataset, studio=FAKE).made == 0
    assert {p: p.stat().st_mtime_ns for p in fake_dataset.rglob("*")} == before


def test_another_spec_another_platform_another_version(fake_dataset: Path, tmp_path: Path, orders: Path) -> None:
    ours, theirs = small_spec(seed=8).sha256()[:12], small_spec().sha256()[:12]
    with pytest.raises(RequestError, match=rf"another spec \({theirs}, this one is {ours}\); choose another --out"):
        generate(small_spec(seed=8), fake_dataset, studio=FAKE)
    (orders / "000001_000").write_text("full")
    with pytest.raises(MachineError):
        generate(small_spec(), tmp_path / "set", workers=1, studio=FAKE)
    with pytest.raises(RequestError, match="begun with gl_renderer 'fake auto', this is 'fake egl'"):
        generate(small_spec(), tmp_path / "set", workers=1, platform="egl", studio=FAKE)


def test_two_runs_on_one_directory(tmp_path: Path) -> None:
    with workdir.WorkDir(LocalStore(tmp_path / "set"), small_spec()):
        with pytest.raises(RequestError, match="is being written by another run"):
            generate(small_spec(), tmp_path / "set", studio=FAKE)


def test_foreign_directory_and_damaged_state(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(RequestError, match="is not empty and holds no dataset of ours"):
        generate(small_spec(), tmp_path, studio=FAKE)
    (tmp_path / "set").mkdir()
    (tmp_path / "set/manifest.json").write_text("{")
    with pytest.raises(DataError, match="cannot be read"):
        generate(small_spec(), tmp_path / "set", studio=FAKE)


def test_tasks_keep_a_sittings_shots_together_and_cover_the_plan() -> None:
    plan = build(small_spec(sittings_per_identity=2, images_per_identity=60))
    listed = tasks(plan)
    assert sorted(n for _, samples in listed for n in samples) == list(range(180))
    assert len({name for name, _ in listed}) == len(listed)
    seats = [plan.sample(n).sitting.index for _, samples in listed[:3] for n in samples]
    assert seats == sorted(seats)


def test_sittings_come_out_in_the_order_of_the_plan(tmp_path: Path) -> None:
    from facegen.dataset.read import Dataset

    spec = small_spec(sittings_per_identity=2, images_per_identity=5, identities=2)
    generate(spec, tmp_path / "set", workers=2, studio=FAKE)
    assert list(Dataset.open(tmp_path / "set").labels["image_id"]) == [s.image_id for s in build(spec).samples()]


def test_the_small_spec_is_what_the_tests_say() -> None:
    assert SMALL["identities"] == 3 and len(build(small_spec())) == 6
