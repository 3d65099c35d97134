"""Render a dataset on this machine: a process pool, tasks of one identity's images, resumable at any moment."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from facegen.dataset import layout
from facegen.errors import MachineError, RequestError, did_you_mean
from facegen.population.plan import Plan, build
from facegen.run import finish
from facegen.run.pool import Pool
from facegen.run.shard import Shard
from facegen.run.state import check_target, is_finished
from facegen.run.store import open_store
from facegen.run.tasks import tasks
from facegen.run.workdir import WorkDir
from facegen.run.worker import Job
from facegen.spec import DatasetSpec

ENGINES = ("local", "ray")
STUDIO = "facegen.run.studio:Studio"
ATTEMPTS = 2
"""A sample that kills its worker this often is left out and listed."""
MANY = (5, 0.1)
"""More samples than this, and than this share of those tried, must not fail: then it is not the samples."""

Report = Callable[[int, int], None]
"""Called with (images on the disk, images in all) after each image."""


@dataclass(frozen=True)
class Summary:
    """What a run did: images in the dataset, how many of them were made now, and the samples left out with their reasons."""

    images: int
    made: int
    failed: dict[str, str]


@dataclass
class _Open:
    """A task in work: what it has given so far."""

    name: str
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)


def generate(
    spec: DatasetSpec,
    out: Path | str,
    workers: int | None = None,
    platform: str = "auto",
    engine: str = "local",
    report: Report | None = None,
    warn: Callable[[str], None] | None = None,
    studio: str = STUDIO,
    address: str | None = None,
    gpus_per_worker: float = 0.0,
) -> Summary:
    """Render the dataset of `spec` into `out` (a directory or scheme://bucket/prefix), or what is still missing, and finish it.

    The bytes depend on neither `workers` nor interruptions. Raises RequestError for a wrong target, MachineError when the machine
    fails; both leave a state that the same call goes on from.
    """
    if engine not in ENGINES:
        raise RequestError(f"engine {did_you_mean(engine, ENGINES)}")
    if engine == "ray":
        from facegen.run import cluster

        return cluster.generate(spec, out, workers, platform, report, warn, studio, address, gpus_per_worker)
    if address is not None or gpus_per_worker:
        raise RequestError("address and gpus-per-worker are for the cluster engine; add --engine ray")
    count = len(os.sched_getaffinity(0)) if workers is None else workers
    if count < 1:
        raise RequestError(f"workers {count} is not 1 or more")
    store = open_store(str(out))
    check_target(store, spec)
    plan = build(spec)
    if is_finished(store):
        store.discard(layout.WORK)  # what a kill at the very end has left
        return Summary(len(plan), 0, {})
    with WorkDir(store, spec) as work:
        run = _Run(plan, work, report, warn)
        if run.todo:
            job = Job(spec.model_dump(mode="json"), work.store.url, platform, studio)
            with Pool(job, min(count, len(run.todo))) as pool:
                run.drive(pool)
        failed = finish.finish(plan, work, [name for name, _ in run.tasks])
    return Summary(len(plan), run.made, failed)


class _Run:
    """Book-keeping of one run: which task is where, and what it has given."""

    def __init__(self, plan: Plan, work: WorkDir, report: Report | None, warn: Callable[[str], None] | None) -> None:
        self.plan, self.work = plan, work
        self.tasks = tasks(plan)
        self.made = self.bad = 0
        self._report = (lambda done, total: None) if report is None else report
        self._warn = (lambda text: None) if warn is None else warn
        self._deaths: dict[int, int] = {}
        self._open: dict[Any, _Open] = {}
        self.todo: deque[tuple[_Open, list[int]]] = deque()
        for name, samples in self.tasks:
            shard = work.shard(name)
            if shard is None or shard.failed:
                self.todo.append((_Open(name), samples))
        self._done = len(plan) - sum(len(samples) for _, samples in self.todo)

    def drive(self, pool: Pool) -> None:
        """Hand out tasks and take results until every task has its shard."""
        for event in pool.events():
            kind, member = event[0], event[1]
            if kind == "ready":
                self.work.begin(self.plan.spec, event[1])
                self._report(self._done, len(self.plan))
            elif kind == "done":
                _, _, n, row, hashes = event
                task = self._open[member]
                task.rows[n] = row
                task.files.update(hashes)
                self._count(made=1)
            elif kind == "failed":
                self._leave_out(self._open[member], event[2], event[3])
            elif kind == "died":
                self._after_death(member, event[2], event[3])
            elif kind == "idle":
                self._next(pool, member)
            if not self.todo and not self._open:
                return

    def _next(self, pool: Pool, member: Any) -> None:
        if member in self._open:
            self._close(self._open.pop(member))
        if self.todo:
            self._open[member], samples = self.todo.popleft()
            pool.give(member, samples)

    def _close(self, task: _Open) -> None:
        ids = {n: self.plan.sample(n).image_id for n in task.failed}
        rows = [task.rows[n] for n in sorted(task.rows)]
        failed = {ids[n]: task.failed[n] for n in sorted(task.failed)}
        self.work.save(task.name, Shard(rows, dict(sorted(task.files.items())), failed))

    def _after_death(self, member: Any, n: int | None, cause: str) -> None:
        task = self._open.pop(member, None)
        if task is None:
            self._warn(f"{cause} while it had nothing to do; started another")
            return
        rest = [m for m in member.task if m not in task.rows and m not in task.failed]
        if n is not None:
            self._deaths[n] = self._deaths.get(n, 0) + 1
            if self._deaths[n] >= ATTEMPTS:
                rest.remove(n)
                self._leave_out(task, n, f"{cause}, {ATTEMPTS} times")
            else:
                self._warn(f"{cause} at sample {self.plan.sample(n).image_id}; trying it again with a new worker")
        if rest:
            self.todo.appendleft((task, rest))
        else:
            self._close(task)

    def _leave_out(self, task: _Open, n: int, reason: str) -> None:
        task.failed[n] = reason
        name = self.plan.sample(n).image_id
        self._warn(f"sample {name} left out: {reason}")
        self.bad += 1
        if self.bad > max(MANY[0], MANY[1] * (self.made + self.bad)):
            raise MachineError(f"{self.bad} of {self.made + self.bad} samples failed, the last was {name}: {reason}")
        self._count(made=0)

    def _count(self, made: int) -> None:
        self.made += made
        self._done += 1
        self._report(self._done, len(self.plan))
