"""kill -9 at any moment, of anybody; two runs on one directory; and nobody left behind."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
from pathlib import Path

import pytest
from fault_runs import alive, children, pictures, start, until
from small import FAKE, small_spec, tree

from facegen.errors import RequestError
from facegen.run.local import generate

MANY = {"identities": 6, "images_per_identity": 4}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("undisturbed") / "set"
    generate(small_spec(**MANY), out, workers=1, studio=FAKE)
    return out


@pytest.mark.parametrize("seed", [1, 2])
def test_random_kills_leave_no_trace(seed: int, undisturbed: Path, tmp_path: Path, orders: Path) -> None:
    """Five kills of the run or of one of its workers, each after a drawn number of further pictures; what was begun goes on."""
    drawn, out = random.Random(seed), tmp_path / "set"
    for who in range(6):
        (orders / f"{who:06d}_{drawn.randrange(4):03d}").write_text("slow")
    run = start(out, "--workers", 2, **MANY)
    for _ in range(5):
        run = _kill_somebody(run, out, drawn)
    said = run.communicate()[1]
    assert run.returncode == 0, said
    assert tree(out) == tree(undisturbed)


def _kill_somebody(run: subprocess.Popen[str], out: Path, drawn: random.Random) -> subprocess.Popen[str]:
    """Wait for up to three more pictures, kill the run or one of its workers, and return the run that goes on."""
    enough = min(pictures(out) + drawn.randrange(4), 24)
    until(lambda: pictures(out) >= enough or run.poll() is not None, "pictures")
    workers = children(run.pid)
    victim = drawn.choice([run.pid, *workers])
    with contextlib.suppress(ProcessLookupError):
        os.kill(victim, signal.SIGKILL)
    if victim != run.pid and run.poll() is None:
        return run
    run.communicate()
    until(lambda: not any(alive(pid) for pid in workers), "the end of the orphans")
    return start(out, "--workers", 2, **MANY)


def test_the_lock_keeps_others_out_and_dies_with_its_run(fake_dataset: Path, tmp_path: Path, orders: Path) -> None:
    (orders / "000001_001").write_text("hang")
    out = tmp_path / "set"
    run = start(out, "--workers", 1)
    until((orders / "hangs").exists, "a worker that hangs")
    with pytest.raises(RequestError, match="is being written by another run"):
        generate(small_spec(), out, workers=1, studio=FAKE)
    second = start(out)
    assert second.communicate()[1].startswith(f"facegen: '{out}' is being written by another run; wait for it")
    assert second.returncode == 2
    (worker,) = children(run.pid)
    run.kill()
    run.communicate()
    until(lambda: not alive(worker), "the end of a worker that hears nothing, not even that its parent is gone")
    (orders / "000001_001").unlink()
    assert generate(small_spec(), out, workers=1, studio=FAKE).made == 4  # the first task was kept
    assert tree(out) == tree(fake_dataset)
