"""The books of one run: which tasks are to do, which are in work and what they have given. Holds the rows of open tasks only."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from facegen.errors import DataError
from facegen.population.plan import Plan
from facegen.run import rejected
from facegen.run.larger import KEPT
from facegen.run.shard import SUFFIX, Shard
from facegen.run.workdir import WorkDir


@dataclass
class Open:
    """A task in work: what it has given so far, and the parts of it that are still to be handed out, one after the other."""

    name: str
    samples: list[int]
    parts: deque[list[int]]
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)
    settle: bool = False
    """Its worker died before it could make its files durable."""
    alone: bool = False
    """Its sample was put aside and has all the machine for itself."""


class Book:
    """Tasks by name. `kept`: images whose shard is written; `again`: open tasks that a dead worker left, to be handed out first.

    `aside`: (task, samples, sample) of those to be tried once more with nobody beside them; their shards list them as failed.
    """

    def __init__(self, plan: Plan, work: WorkDir) -> None:
        self.plan, self.work = plan, work
        self.tasks = work.tasks(plan)
        self.total = len(plan) if work.part is None else sum(len(samples) for _, samples in self.tasks)
        self.todo: deque[tuple[str, list[int]]] = deque()
        self.again: deque[Open] = deque()
        self.aside: deque[tuple[str, list[int], int]] = deque()
        self.kept = self.total

    def names(self) -> list[str]:
        """Return the names of all tasks, in the order of the plan."""
        return [name for name, _ in self.tasks]

    def look(self, warn: Callable[[str], None]) -> None:
        """Find out what is to do: tasks without a whole shard, and those that have samples left out."""
        for name, samples in self.tasks:
            try:
                shard = self.work.shard(name)
            except DataError as error:
                warn(f"{error.args[0].partition('; ')[0]}: its images are made again")
                shard = None
            if shard is None or shard.failed:
                self._put(name, samples)

    def redo(self, names: Iterable[str]) -> None:
        """Put tasks whose files are damaged back among those to do, with the pictures that a smaller set gave."""
        wanted = set(names)
        for name in wanted:
            self.work.store.discard(f"{KEPT}/{name}{SUFFIX}")
        self.tasks = self.work.tasks(self.plan)
        for name, samples in self.tasks:
            if name in wanted:
                self._put(name, samples)

    def _put(self, name: str, samples: list[int]) -> None:
        self.todo.append((name, samples))
        self.kept -= len(samples)

    def take(self) -> Open | None:
        """Return the next task to work on, None when there is none but those aside."""
        if self.again:
            return self.again.popleft()
        if not self.todo:
            return None
        name, samples = self.todo.popleft()
        return Open(name, samples, deque([samples]))

    def take_aside(self) -> Open | None:
        """Return a task that was closed with a sample set aside, open for that sample."""
        if not self.aside:
            return None
        name, samples, n = self.aside.popleft()
        self.kept -= len(samples)
        try:
            shard = self.work.shard(name)
        except DataError:
            shard = None
        if shard is None:
            return Open(name, samples, deque([samples]), alone=True)
        numbers = {self.plan.image_id(m): m for m in samples}  # those that a smaller set gave are not among them
        failed = {numbers[name]: reason for name, reason in shard.failed.items() if name in numbers and numbers[name] != n}
        rows = {numbers[row["image_id"]]: row for row in shard.rows if row["image_id"] in numbers}
        return Open(name, samples, deque([[n]]), rows, dict(shard.files), failed, alone=True)

    def put_aside(self, task: Open, n: int, cause: str) -> None:
        """Note a sample that is to be tried with nobody beside it, when all else is done."""
        task.failed[n] = cause
        self.aside.append((task.name, task.samples, n))

    def leave_out(self, task: Open, n: int, reason: str) -> None:
        """Note a sample that cannot be made, and keep it so that it can be looked at."""
        task.failed[n] = reason
        name, digest = rejected.keep(self.work.store, self.plan.sample(n))
        task.files[name] = digest

    def close(self, task: Open) -> None:
        """Write the shard of a task: it is done."""
        if task.settle:
            self.work.store.settle(sorted({name.rpartition("/")[0] for name in task.files}))
        failed = {self.plan.image_id(n): task.failed[n] for n in sorted(task.failed)}
        rows = [task.rows[n] for n in sorted(task.rows)]
        self.work.save(task.name, Shard(rows, dict(sorted(task.files.items())), failed))
        self.kept += len(task.samples)
