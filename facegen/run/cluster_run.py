"""One run on a Ray cluster: which block is where, what it has given, and what becomes of a lost actor or a fault."""

from __future__ import annotations

import contextlib
import re
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import facegen
from facegen.errors import DataError, FacegenError, MachineError, RequestError
from facegen.population.plan import Plan
from facegen.run.block import Made, Maker, Outcome
from facegen.run.cluster_session import one_line
from facegen.run.faults import ATTEMPTS, MANY
from facegen.run.larger import SHARDS
from facegen.run.local import Report, Warn
from facegen.run.shard import SUFFIX
from facegen.run.workdir import WorkDir

READERS = 16
"""Shards read at once when a run is taken up: each is a request to the store."""
PATIENCE_S, PATIENCE = 30.0, 10
"""How long no actor may be ready before that is said, and how often it is said before the run ends."""
FAULTS = 3
"""Blocks in a row that may fail by a machine's fault: then it is not one machine."""
LOSSES = 4
"""Actors in a row, times their number, that may be killed without one picture in between."""


@dataclass
class _Block:
    """A task: its samples in shooting order. `stale`: its shard left samples out and is to be replaced.
    `careful`: it has cost an actor, so its samples are handed out one at a time and `known` keeps what they gave."""

    name: str
    samples: list[int]
    stale: bool
    careful: bool = False
    known: dict[int, Outcome] = field(default_factory=dict)
    deaths: Counter[int] = field(default_factory=Counter)


@dataclass(eq=False)
class _Hand:
    """An actor; the block it has, and the sample where it was handed one alone."""

    actor: Any
    host: str = ""
    block: _Block | None = None
    at: int | None = None


class Run:
    """Which block is where, and what it has given."""

    def __init__(self, ray: Any, plan: Plan, work: WorkDir, report: Report | None, warn: Warn | None) -> None:
        self._ray, self._plan, self._work = ray, plan, work
        self.tasks = work.tasks(plan)
        self.total = len(plan) if work.part is None else sum(len(samples) for _, samples in self.tasks)
        self.made = self._faults = self._losses = self._silences = 0
        self._report = (lambda done, total: None) if report is None else report
        self._warn = (lambda text: None) if warn is None else warn
        self.failed: dict[str, str] = {}
        self._found: dict[str, Any] = {}
        self._calls: dict[Any, _Hand] = {}
        self._resting: list[_Hand] = []
        self.todo = deque(self._open())
        self.left = sum(len(block.samples) for block in self.todo)
        self._done = self.total - self.left

    def _open(self) -> Iterator[_Block]:
        """Yield the blocks without a shard, and those whose shard left samples out: they are tried again."""
        there = {name.removesuffix(SUFFIX) for name in self._work.store.names(SHARDS)}
        kept = [name for name, _ in self.tasks if name in there]
        with ThreadPoolExecutor(READERS) as readers:
            bad = {name for name, poor in zip(kept, readers.map(self._is_poor, kept), strict=True) if poor}
        for name, samples in self.tasks:
            if name not in there or name in bad:
                yield _Block(name, samples, stale=name in bad)

    def _is_poor(self, name: str) -> bool:
        try:
            shard = self._work.shard(name)
        except DataError as error:
            self._warn(f"{error.args[0].partition('; ')[0]}: its images are made again")
            return True
        return shard is None or bool(shard.failed)

    def drive(self, job: tuple[Any, ...], token: bytes, count: int, gpus: float) -> None:
        """Hand out blocks to `count` actors and take what they say until every block has its shard."""
        hired = self._ray.remote(num_cpus=1, num_gpus=gpus, max_restarts=0, max_task_retries=0)(Maker)

        def hire() -> None:
            actor = hired.remote(*job)
            self._calls[actor.hello.remote(facegen.__version__, token)] = _Hand(actor)

        self._hire, self._most_losses = hire, LOSSES * count
        try:
            for _ in range(count):
                hire()
            while self.todo or any(hand.block for hand in self._calls.values()):
                ready, _ = self._ray.wait(list(self._calls), num_returns=1, timeout=PATIENCE_S)
                if not ready:
                    self._silence()
                for call in ready:
                    self._take(self._calls.pop(call), call)
        finally:
            self._dismiss()

    def _take(self, hand: _Hand, call: Any) -> None:
        from ray.exceptions import RayError, RayTaskError

        try:
            answer = self._ray.get(call)
        except RayTaskError as error:  # our code raised there
            self._failed(hand, error.cause)
        except RayError as error:  # the actor or its node is gone
            self._lost(hand, str(error))
        else:
            if isinstance(answer, Outcome):
                self._known(hand, answer)
                return
            if isinstance(answer, Made):
                self._close(hand, answer)
            else:
                self._welcome(hand, *answer)
            if self.todo:
                self._give(hand, self.todo.popleft())
            else:
                self._resting.append(hand)

    def _welcome(self, hand: _Hand, host: str, version: str, found: dict[str, Any]) -> None:
        """Take in a node's actor. Raises RequestError where pictures from there would differ from the others'."""
        hand.host = host
        if version != facegen.__version__:
            ours = facegen.__version__
            raise RequestError(f"node {host} has facegen {version}, this is {ours}; install the same version there")
        if not self._found:
            self._work.begin(self._plan.spec, found)
            self._found = found
            self._report(self._done, self.total)
        for name, wanted in self._found.items():
            if found.get(name) != wanted:
                raise RequestError(
                    f"node {host} has {name} '{found.get(name)}', another '{wanted}': pictures would differ; "
                    "let only like machines with the same installation into the cluster"
                )

    def _give(self, hand: _Hand, block: _Block) -> None:
        hand.block, hand.at = block, None
        rest = [n for n in block.samples if n not in block.known]
        if block.careful and rest:
            hand.at = rest[0]
            self._calls[hand.actor.one.remote(hand.at)] = hand
        else:
            self._calls[hand.actor.block.remote(block.name, block.samples, block.known, block.stale)] = hand

    def _known(self, hand: _Hand, outcome: Outcome) -> None:
        """A sample handed out alone is back."""
        assert hand.block is not None and hand.at is not None
        hand.block.known[hand.at] = outcome
        self._losses = self._faults = 0
        self._give(hand, hand.block)

    def _close(self, hand: _Hand, made: Made) -> None:
        """A block has its shard."""
        hand.block = None
        self._losses = self._faults = 0
        for text in made.said:
            self._warn(text)
        self.failed.update(made.failed)
        self.made += made.images
        self._done += made.images + len(made.failed)
        self._report(self._done, self.total)
        bad, tried = len(self.failed), self.total - self.left + self.made + len(self.failed)
        if made.failed and bad > max(MANY[0], MANY[1] * tried):
            name, reason = list(made.failed.items())[-1]
            raise MachineError(f"{bad} of {tried} samples failed, the last was {name}: {reason}")

    def _lost(self, hand: _Hand, why: str) -> None:
        """An actor is gone: its block is made again. A lost node says nothing about the sample, a lost process may."""
        where = hand.host or _address(why)
        if "ModuleNotFoundError" in why or "ImportError" in why:
            raise MachineError(
                f"node {where} cannot import facegen; install facegen {facegen.__version__} and its cluster extra there"
            )
        block, n = hand.block, hand.at
        process = "worker process has died" in why
        self._losses += process
        if self._losses > self._most_losses:
            raise MachineError(
                f"{self._losses} workers were killed in a row, the last on node {where}; see 'facegen doctor' there"
            )
        if block is not None:
            block.careful = block.careful or process
            if process and n is not None:
                block.deaths[n] += 1
                if block.deaths[n] >= ATTEMPTS:
                    block.known[n] = Outcome(reason=f"worker killed, {ATTEMPTS} times")
                    self._warn(f"sample {self._plan.sample(n).image_id} left out: {block.known[n].reason}")
            self._warn(f"node {where}: worker {'killed' if process else 'lost'}; its block {block.name} is made again")
        self._put_back(hand)

    def _failed(self, hand: _Hand, cause: Exception) -> None:
        """A machine's fault costs its actor; too many in a row, or a wrong request, end the run."""
        if isinstance(cause, RequestError):
            raise cause
        fault = cause
        if not isinstance(cause, FacegenError):
            fault = MachineError(f"node {hand.host}: {type(cause).__name__}: {one_line(cause)}")
        self._faults += 1
        if self._faults >= FAULTS:
            raise fault
        self._warn(f"{fault}; trying again")
        self._put_back(hand)

    def _put_back(self, hand: _Hand) -> None:
        """Let another actor have the block of one that is of no use any more."""
        if hand.block is not None:
            self.todo.appendleft(hand.block)
        self._discharge(hand)
        if self.todo and self._resting:
            self._give(self._resting.pop(), self.todo.popleft())
        elif self.todo:
            self._hire()

    def _discharge(self, hand: _Hand) -> None:
        hand.block = None
        with contextlib.suppress(Exception):  # it is dead already, or its node cannot be reached
            self._ray.kill(hand.actor)

    def _silence(self) -> None:
        """Nothing came for a while: slow blocks, or no actor is ready, perhaps because no node has room for one."""
        if any(hand.block for hand in self._calls.values()):
            return
        self._silences += 1
        free = self._ray.available_resources()
        has = f"{free.get('CPU', 0):g} CPUs and {free.get('GPU', 0):g} GPUs are free"
        text = f"no worker is ready after {self._silences * PATIENCE_S:.0f} s: {has}; one takes 1 CPU and --gpus-per-worker"
        if self._silences >= PATIENCE:
            raise MachineError(text)
        self._warn(text)

    def _dismiss(self) -> None:
        """Let idle actors end their worker processes, then end all."""
        with contextlib.suppress(Exception):
            self._ray.wait([hand.actor.close.remote() for hand in self._resting], num_returns=len(self._resting), timeout=10)
        for hand in [*self._calls.values(), *self._resting]:
            self._discharge(hand)


def _address(text: str) -> str:
    found = re.search(r"\bip: (\S+)", text)
    return found.group(1) if found else "unknown"
