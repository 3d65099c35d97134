"""Workers wait for a slow parent, and the parent holds no more than the rows of open tasks."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from small import FAKE, small_spec

from facegen.run import local
from facegen.run.tasks import TASK_SIZE

WORKERS = 2


def test_nobody_runs_ahead_and_memory_is_bounded(tmp_path: Path, orders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (orders / "log").touch()
    runs: list[local._Run] = []
    real = local._Run._count

    def slow(self: local._Run, made: int) -> None:
        real(self, made)
        runs.append(self)
        time.sleep(0.01)

    held: list[int] = []
    ahead: list[int] = []

    def report(done: int, _: int) -> None:
        if runs:
            held.append(sum(len(task.rows) for task in (*runs[-1]._open.values(), *runs[-1].book.again)))
        ahead.append(len((orders / "log").read_text().splitlines()) - done)

    monkeypatch.setattr(local._Run, "_count", slow)
    spec = small_spec(identities=4, images_per_identity=30, outputs={})
    local.generate(spec, tmp_path / "set", workers=WORKERS, studio=FAKE, report=report)
    assert len(held) == 120 + WORKERS - 1 or len(held) >= 119
    assert 1 < max(held) <= WORKERS * TASK_SIZE
    assert 1 < max(ahead) <= WORKERS * TASK_SIZE  # each worker has no more to do than the task that it was given
