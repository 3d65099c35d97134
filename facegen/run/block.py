"""One block of a plan made on one machine of a cluster: the local engine with one worker, and a shard that appears exactly once.

The worker is a process of its own that holds the GL context: what kills it kills nothing else, and its exit says why; deaths,
slow samples and lost contexts are treated as at home. Knows nothing of the cluster that calls.
"""

from __future__ import annotations

import platform as machine
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import facegen
from facegen.dataset import layout
from facegen.errors import FacegenError, MachineError, RequestError
from facegen.population.plan import Plan, build
from facegen.run import pack
from facegen.run.book import Book, Open
from facegen.run.faults import Ledger
from facegen.run.larger import SHARDS
from facegen.run.local import Run
from facegen.run.pool import Limits, Pool
from facegen.run.shard import SUFFIX, Shard
from facegen.run.stop import Stop
from facegen.run.store import Store, open_store
from facegen.run.tasks import Task
from facegen.run.workdir import completed
from facegen.run.worker import Job
from facegen.spec import DatasetSpec

PROBE = f"{layout.WORK}/nodes"
"""A file that the driver writes and every node must see: an --out that is a directory of one node alone is found out here."""


@dataclass(frozen=True)
class Outcome:
    """What became of one sample: its row and the sha256 of its files, or the reason why it was left out."""

    row: dict[str, Any] | None = None
    files: dict[str, str] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True)
class Made:
    """What became of a block: images in it, samples left out with reasons, and what was worth telling on the way."""

    images: int
    failed: dict[str, str]
    said: list[str]


class Maker:
    """Makes blocks for as long as it lives. Every method raises RequestError or MachineError that name this machine."""

    def __init__(self, spec: dict[str, Any], url: str, platform: str, studio: str, limits: tuple[float, int, int]) -> None:
        self._job, self._limits = Job(spec, url, platform, studio), limits
        self._host = machine.node()
        self._pool: Pool | None = None
        self._said: list[str] = []

    def hello(self, version: str, token: bytes) -> tuple[str, str, dict[str, Any]]:
        """Return (this machine's name, version of its facegen, fingerprint of its worker), the last one only where the version is
        the asked one. `token` must lie in the store."""
        if facegen.__version__ != version:
            return self._host, facegen.__version__, {}
        with self._named():
            store = open_store(self._job.out)
            if store.get(PROBE) != token:
                raise RequestError(
                    f"'{self._job.out}' is not the driver's; --out must be a directory that all nodes share, or an object store"
                )
            self._pool = Pool(self._job, 1, Limits(*self._limits))
            found = _ready(self._pool)
            self._shards = _Shards(store)
            book = Book(build(DatasetSpec.from_dict(self._job.spec)), self._shards)  # type: ignore[arg-type]
            self._run = Run(book, Stop(), _quiet, self._said.append)
        return self._host, version, found

    def one(self, n: int) -> Outcome:
        """Make one sample and its files."""
        with self._named():
            shard = self._make("", [n], {})
        reason = next(iter(shard.failed.values()), "")
        return Outcome(shard.rows[0] if shard.rows else None, shard.files, reason)

    def block(self, name: str, samples: list[int], known: dict[int, Outcome], stale: bool = False) -> Made:
        """Make those of `samples` that are not `known` yet, then the shard called `name`, in the place of a `stale` one.

        Who else finds the shard there is content: it came from the same samples.
        """
        with self._named():
            shard, store, wanted = self._make(name, samples, known), self._shards.store, self._job.spec["layout"]
            images = len(shard)
            shard = completed(store, wanted, name, shard)
            (store.put if stale else store.put_new)(f"{SHARDS}/{name}{SUFFIX}", shard.to_bytes())
            if wanted == "webdataset":
                pack.forget(store, shard)
        said = list(self._said)
        self._said.clear()
        return Made(images, shard.failed, said)

    def close(self) -> None:
        """End the worker process."""
        if self._pool is not None:
            self._pool.__exit__(None)
            self._pool = None

    def _make(self, name: str, samples: list[int], known: dict[int, Outcome]) -> Shard:
        """Return the shard of `samples`, which is not written yet."""
        if self._pool is None:
            raise MachineError("the worker was never opened")
        task = Open(name, samples, deque())
        for n, outcome in known.items():
            task.files.update(outcome.files)
            if outcome.row is not None:
                task.rows[n] = outcome.row
            elif outcome.files:
                task.failed[n] = outcome.reason
            else:  # it has killed whole actors
                self._run.book.leave_out(task, n, outcome.reason)
        rest = [n for n in samples if n not in known]
        if rest:
            task.parts.append(rest)
            self._run.book.again.append(task)
            self._run.drive(self._pool)
        else:
            self._run.book.close(task)
        return self._shards.held.pop(name)

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except FacegenError as error:
            raise type(error)(f"node {self._host}: {error}") from None


class _Shards:
    """What a Book takes for the place of a dataset: keeps shards until the block is done for good, samples put aside too."""

    part = None

    def __init__(self, store: Store) -> None:
        self.store = store
        self.held: dict[str, Shard] = {}

    def tasks(self, _: Plan) -> list[Task]:
        """The driver hands them out."""
        return []

    def shard(self, name: str) -> Shard | None:
        """Return a shard that is held."""
        return self.held.get(name)

    def save(self, name: str, shard: Shard) -> None:
        """Hold a shard."""
        self.held[name] = shard

    def begin(self, *_: object) -> None:
        """The driver has checked the fingerprint of a worker of ours, and this one is of the same installation."""


def _ready(pool: Pool) -> dict[str, Any]:
    """Wait until the worker is ready and return its fingerprint. Raises MachineError when it dies again and again."""
    ledger = Ledger()
    for kind, *rest in pool.events():
        if kind == "ready":
            return dict(rest[1])
        if kind == "died":
            ledger.death(rest[1], rest[2], True, pool.driver)
    raise AssertionError("events never end")


def _quiet(*_: object) -> None:
    """Say nothing: the driver counts."""
