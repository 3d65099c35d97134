"""Workers wait for a slow parent, and the parent holds no more than the rows of open tasks."""

from __future__ import annotations

from pathlib import Path

import pytest
from fault_runs import until
from small import FAKE, small_spec

from facegen.run import local
from facegen.run.tasks import TASK_SIZE

WORKERS = 2


def test_nobody_runs_ahead_and_memory_is_bounded(tmp_path: Path, orders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (orders / "log").touch()
    runs: list[local.Run] = []
    drive = local.Run.drive
    monkeypatch.setattr(local.Run, "drive", lambda run, pool: (runs.append(run), drive(run, pool)))
    held: list[int] = []
    ahead: list[int] = []

    def drawn() -> int:
        return len((orders / "log").read_text().splitlines())

    def report(done: int, _: int) -> None:
        if done == 1:  # the parent is busy elsewhere while a worker goes on
            until(lambda: drawn() >= TASK_SIZE // 2, "a worker that runs ahead")
        held.append(sum(len(task.rows) for task in (*runs[0]._open.values(), *runs[0].book.again)))
        ahead.append(drawn() - done)

    spec = small_spec(identities=4, images_per_identity=30, outputs={})
    local.generate(spec, tmp_path / "set", workers=WORKERS, studio=FAKE, report=report)
    assert len(held) >= 120
    assert TASK_SIZE // 2 < max(held) <= WORKERS * TASK_SIZE
    assert TASK_SIZE // 2 <= max(ahead) + 1 <= WORKERS * TASK_SIZE  # no worker has more to do than the task that it was given
