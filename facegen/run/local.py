"""Render a dataset on this machine: a process pool, tasks of one identity's images, resumable at any moment."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facegen.dataset.write import write_error
from facegen.errors import MachineError, RequestError, did_you_mean
from facegen.run import finish, intact, rejected
from facegen.run.book import Book, Open
from facegen.run.faults import Ledger
from facegen.run.member import Member
from facegen.run.opening import Room, opened
from facegen.run.pool import Limits, Pool
from facegen.run.stop import Stop, signals
from facegen.run.workdir import WorkDir
from facegen.run.worker import Job
from facegen.spec import DatasetSpec

ENGINES = ("local", "ray")
STUDIO = "facegen.run.studio:Studio"

Report = Callable[[int, int], None]
"""Called with (images on the disk, images in all) after each image."""
Warn = Callable[[str], None]


@dataclass(frozen=True)
class Summary:
    """What a run did: images in the dataset, how many of them were made now, and the samples left out with their reasons."""

    images: int
    made: int
    failed: dict[str, str]


def generate(
    spec: DatasetSpec,
    out: Path | str,
    workers: int | None = None,
    platform: str = "auto",
    engine: str = "local",
    report: Report | None = None,
    warn: Warn | None = None,
    studio: str = STUDIO,
    limits: Limits = Limits(),  # noqa: B008 (frozen value)
    part: str | None = None,
    ignore_space: bool = False,
    tell: Warn | None = None,
    address: str | None = None,
    gpus_per_worker: float = 0.0,
) -> Summary:
    """Render the dataset of `spec` into `out` (a directory or scheme://bucket/prefix), or what is still missing, and finish it.

    `part` ('2/4'): make the tasks of that part alone and finish nothing. `ignore_space`: begin where the disk looks too small;
    `tell` is given the forecast of room in one line.

    The bytes depend on neither `workers`, `limits` nor interruptions. Raises RequestError for a wrong target, MachineError when
    the machine fails, Stopped after Ctrl-C or SIGTERM; all leave a state that the same call goes on from.
    """
    if engine not in ENGINES:
        raise RequestError(f"engine {did_you_mean(engine, ENGINES)}")
    count = len(os.sched_getaffinity(0)) if workers is None else workers
    if count < 1:
        raise RequestError(f"workers {count} is not 1 or more")
    limits.check()
    room = Room(ignore_space, tell)
    if engine == "ray":
        from facegen.run import cluster

        session = cluster.Session(address, workers, gpus_per_worker)
        return cluster.generate(spec, out, session, platform, report, warn, studio, limits, part, room)
    if address is not None or gpus_per_worker:
        raise RequestError("address and gpus-per-worker are for the cluster engine; add --engine ray")
    begun = opened(spec, out, part)
    if begun.finished:
        return Summary(len(begun.plan), 0, {})
    with signals() as stop, WorkDir(begun.store, spec, begun.part) as work:
        book = Book(begun.plan, work)
        book.look(warn or _quiet)
        if book.todo:
            room.check(spec, begun.store, book.total - book.kept)
        job = Job(spec.model_dump(mode="json"), begun.store.url, platform, studio)
        run = Run(book, stop, report or _quiet, warn or _quiet)
        try:
            run.make(lambda tasks: Pool(job, min(count, tasks), limits))
            failed = finish.finish(begun.plan, work, book.names())
        except OSError as error:  # of the libraries that write tables
            raise write_error(error, Path(error.filename or out)) from None
    return Summary(book.total, run.made, failed)


class Run:
    """One run: hands tasks to a pool's workers, keeps the books, and decides what becomes of a death."""

    def __init__(self, book: Book, stop: Stop, report: Report, warn: Warn) -> None:
        self.book, self.made = book, 0
        self._stop, self._report, self._warn = stop, report, warn
        self._ledger = Ledger()
        self._open: dict[Member, Open] = {}
        self._done = self._before = 0

    def make(self, pool_for: Callable[[int], Pool]) -> None:
        """Make what is missing until the shards of all tasks lie there and every file is as its shard says."""
        what, self._before = "", self.book.kept
        for _ in range(intact.ROUNDS):
            self._done = self.book.kept
            if self.book.todo:
                self._stop.patient = True
                with pool_for(len(self.book.todo)) as pool:
                    self.drive(pool)
                self._stop.patient = False
                if self._stop.asked is not None:
                    raise self._stop.stopped(self.book.kept, self.book.total)
            broken, failed = intact.check(self.book.work, self.book.names())
            if not broken:
                rejected.sweep(self.book.work.store, failed)
                return
            for what in broken.values():
                self._warn(f"{what}: made again")
            self.book.redo(broken)
        raise MachineError(f"{what}, {intact.ROUNDS} times; see to the disk, then run the same command again")

    def drive(self, pool: Pool) -> None:
        """Hand out tasks and take results until every task has its shard. Raises Stopped."""
        self._hand_out(pool)  # workers that have waited since the last time
        for event in pool.events():
            self._note(pool, event)
            if self._stop.asked is not None:
                self._wind_down(pool)
            else:
                self._hand_out(pool)
                if not (self._open or self.book.again or self.book.todo or self.book.aside):
                    return

    def _note(self, pool: Pool, event: tuple[Any, ...]) -> None:
        kind, *rest = event
        if kind == "ready":
            self.book.work.begin(self.book.plan.spec, rest[1])
            self._report(self._done, self.book.total)
        elif kind == "done":
            member, n, row, hashes = rest
            self._open[member].rows[n] = row
            self._open[member].files.update(hashes)
            self._ledger.picture()
            self._count(made=1)
        elif kind == "failed":
            self._leave_out(self._open[rest[0]], rest[1], rest[2])
        elif kind == "idle" and rest[0] in self._open and not self._open[rest[0]].parts:
            self.book.close(self._open.pop(rest[0]))
        elif kind == "died":
            self._after_death(pool, *rest)

    def _hand_out(self, pool: Pool) -> None:
        for member in pool.idle():
            if member not in pool.members:  # dropped in favour of another
                continue
            task = self._open.pop(member, None) or self.book.take()
            if task is None and self.book.aside and not self._open:
                pool.wanted = 1
                for other in [m for m in pool.members if m is not member]:
                    pool.drop(other)
                task = self.book.take_aside()
            if task is None:
                continue
            if pool.worn(member):
                pool.retire(member)
                self.book.again.appendleft(task)
            else:
                self._open[member] = task
                member.give(task.parts.popleft())

    def _after_death(self, pool: Pool, member: Member, kind: str, cause: str) -> None:
        if self._stop.asked is not None:
            self._open.pop(member, None)
            return
        fewer = self._ledger.death(kind, cause, pool.wanted <= 1, pool.driver)
        task = self._open.pop(member, None)
        if task is None:
            self._warn(f"{cause} while it had nothing to do; starting another")
        else:
            self._go_on(pool, task, member, kind, cause)
        if fewer and pool.wanted > 1:
            pool.wanted -= 1
            self._warn(f"workers run out of memory: going on with {pool.wanted} instead of {pool.wanted + 1}")

    def _go_on(self, pool: Pool, task: Open, member: Member, kind: str, cause: str) -> None:
        """Decide what becomes of the task of a dead worker."""
        task.settle = True
        rest, suspects = list(member.task), list(member.started)
        if len(suspects) > 1:  # one was drawn while another was written: each by itself tells which it is
            self._warn(f"{cause} at {len(suspects)} samples; trying them one by one with a new worker")
            task.parts.extendleft([n] for n in reversed(suspects))
            rest = [n for n in rest if n not in suspects]
        elif suspects:
            (n,) = suspects
            name = self.book.plan.image_id(n)
            # a worker that is the only one is alone, but a kill from outside may come whenever: that one is tried at the end too
            alone = task.alone or (kind == "memory" and pool.wanted <= 1)
            verdict, times = self._ledger.verdict(n, name, kind, cause, alone, pool.driver)
            if verdict == "again":
                self._warn(f"{cause} at sample {name}; trying it again with a new worker")
            else:
                rest.remove(n)
            if verdict == "aside":
                self.book.put_aside(task, n, cause)
                self._warn(f"{cause} at sample {name}; trying it again by itself at the end")
            elif verdict == "out":
                self._leave_out(task, n, f"{cause}, {times} times")
        if rest:
            task.parts.append(rest)
        if task.parts:
            self.book.again.append(task)
        else:
            self.book.close(task)

    def _wind_down(self, pool: Pool) -> None:
        """Let go of every worker that is between two pictures. Raises Stopped when none is left."""
        if pool.wanted:
            pool.wanted = 0
            self._warn("stopping when the pictures in work are done; Ctrl-C once more stops at once")
        for member in list(pool.members):
            writing = member in self._open and (member.started or not member.task) and not member.idle
            if not writing:
                pool.drop(member)
                self._open.pop(member, None)
        if not pool.members:
            raise self._stop.stopped(self.book.kept, self.book.total)

    def _leave_out(self, task: Open, n: int, reason: str) -> None:
        self.book.leave_out(task, n, reason)
        name = self.book.plan.image_id(n)
        self._warn(f"sample {name} left out: {reason}")
        self._ledger.left_out(name, reason, self._before)
        self._count(made=0)

    def _count(self, made: int) -> None:
        self.made += made
        self._done += 1
        self._report(self._done, self.book.total)


def _quiet(*_: object) -> None:
    """Say nothing."""
