"""One block of a plan made on one machine of a cluster: a worker process beside us does it, its shard appears exactly once.

A process of its own holds the GL context, the same one that the local engine starts: what kills it kills nothing else, and its
exit says why. Knows nothing of the engine that calls.
"""

from __future__ import annotations

import platform as machine
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import facegen
from facegen.errors import FacegenError, MachineError, RequestError
from facegen.population.plan import Plan, build
from facegen.run.local import ATTEMPTS
from facegen.run.pool import Pool
from facegen.run.shard import SUFFIX, Shard
from facegen.run.store import open_store
from facegen.run.workdir import SHARDS
from facegen.run.worker import Job
from facegen.spec import DatasetSpec

PROBE = ".work/nodes"
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

    def __init__(self, spec: dict[str, Any], url: str, platform: str, studio: str) -> None:
        self._job = Job(spec, url, platform, studio)
        self._host = machine.node()
        self._pool: Pool | None = None
        self._planned: Plan | None = None
        self._said: list[str] = []

    def hello(self, version: str, token: bytes) -> tuple[str, str, dict[str, Any]]:
        """Return (this machine's name, version of its facegen, fingerprint of its worker), the last one only where the version is
        the asked one. `token` must lie in the store."""
        if facegen.__version__ != version:
            return self._host, facegen.__version__, {}
        try:
            self._store = open_store(self._job.out)
            if self._store.get(PROBE) != token:
                raise RequestError(
                    f"'{self._job.out}' is not the driver's; --out must be a directory that all nodes share, or an object store"
                )
            self._pool = Pool(self._job, 1).__enter__()
            self._events = self._pool.events()
            for event in self._events:
                if event[0] == "ready":
                    found = event[1]
                elif event[0] == "idle":
                    self._member = event[1]
                    break
        except FacegenError as error:
            raise type(error)(f"node {self._host}: {error}") from None
        return self._host, version, found

    def one(self, n: int) -> Outcome:
        """Make one sample and its files."""
        return self._make([n])[n]

    def block(self, name: str, samples: list[int], known: dict[int, Outcome]) -> Made:
        """Make those of `samples` that are not `known` yet, then the shard called `name`.

        Who finds the shard there is content: it came from the same samples.
        """
        outcomes = {**known, **self._make([n for n in samples if n not in known])}
        rows = [outcomes[n].row for n in sorted(samples) if outcomes[n].row is not None]
        failed = {self._plan.sample(n).image_id: outcomes[n].reason for n in sorted(samples) if outcomes[n].row is None}
        files = {file: digest for n in samples for file, digest in outcomes[n].files.items()}
        shard = Shard([row for row in rows if row is not None], dict(sorted(files.items())), failed)
        try:
            self._store.put_new(f"{SHARDS}/{name}{SUFFIX}", shard.to_bytes())
        except FacegenError as error:
            raise type(error)(f"node {self._host}: {error}") from None
        said, self._said = self._said, []
        return Made(len(rows), failed, said)

    def close(self) -> None:
        """End the worker process."""
        if self._pool is not None:
            self._pool.__exit__(None)
            self._pool = None

    @property
    def _plan(self) -> Plan:
        """Only where something failed: a large plan takes memory."""
        if self._planned is None:
            self._planned = build(DatasetSpec.from_dict(self._job.spec))
        return self._planned

    def _make(self, samples: list[int]) -> dict[int, Outcome]:
        if self._pool is None:
            raise MachineError(f"node {self._host}: the worker was never opened")
        outcomes: dict[int, Outcome] = {}
        if not samples:
            return outcomes
        deaths: Counter[int] = Counter()
        self._pool.give(self._member, samples)
        try:
            for event in self._events:
                if event[0] == "done":
                    outcomes[event[2]] = Outcome(event[3], event[4])
                elif event[0] == "failed":
                    outcomes[event[2]] = Outcome(reason=event[3])
                elif event[0] == "died":
                    self._after_death(event[2], event[3], deaths, outcomes)
                elif event[0] == "idle":
                    self._member = event[1]
                    rest = [n for n in samples if n not in outcomes]
                    if not rest:
                        return outcomes
                    self._pool.give(self._member, rest)
        except FacegenError as error:
            raise type(error)(f"node {self._host}: {error}") from None
        raise AssertionError("events never end")

    def _after_death(self, n: int | None, cause: str, deaths: Counter[int], outcomes: dict[int, Outcome]) -> None:
        if n is None:
            self._said.append(f"node {self._host}: {cause} between two samples")
            return
        deaths[n] += 1
        if deaths[n] >= ATTEMPTS:
            outcomes[n] = Outcome(reason=f"{cause}, {ATTEMPTS} times")
        else:
            name = self._plan.sample(n).image_id
            self._said.append(f"node {self._host}: {cause} at sample {name}; trying it again with a new worker")
