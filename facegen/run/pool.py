"""A pool of worker processes that survives the death of any of them and knows which samples each was at.

What to make of a death is the caller's: the pool tells, and starts another worker. A worker gets its next task only after it has
answered for the last one, and its pipe holds little: it cannot run ahead of a caller that is slow to listen.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

from facegen.errors import FacegenError, MachineError, RequestError
from facegen.render.platform import DEVICE
from facegen.run.member import GRACE_S, Member
from facegen.run.wire import Garbage

if TYPE_CHECKING:
    from facegen.run.worker import Job

TICK_S = 0.5
"""How often the pool looks up from its pipes."""
START_S = 900.0
"""What a worker may take until it is ready: the first one compiles the head and the driver's shaders."""
TIMEOUT_S = 300.0
"""What one picture may take. The slowest that can be asked for, 2048 px with all layers in software, took 22 to 34 s of processor
time when this was chosen."""
RECYCLE = 5000
"""Images after which a worker is replaced: a new one costs a few seconds, well below 1% of what so many images take, and whatever
a driver or an allocator keeps for itself goes with the old one."""
GROWTH = 1 << 30
"""Bytes that a worker may grow by after its first task before it is replaced. At 2048 px, where it holds 3.8 GiB after the first
picture, two further people added 0.3 GiB: what goes beyond 1 is no cache."""


@dataclass(frozen=True)
class Limits:
    """When a worker is given up: seconds without an answer at a sample; images it has made (0: never); bytes it has grown by."""

    timeout_s: float = TIMEOUT_S
    recycle: int = RECYCLE
    growth: int = GROWTH

    def check(self) -> None:
        """Raise RequestError for limits that nothing can be made within."""
        if not self.timeout_s > 0:
            raise RequestError(f"timeout {self.timeout_s:g} is not above 0; give seconds, for example {TIMEOUT_S:g}")
        if self.recycle < 0:
            raise RequestError(f"recycle {self.recycle} is below 0; give a number of images, or 0 for never")


class Pool:
    """`events()` yields what workers report; give tasks to `idle()` members. `wanted` workers are kept alive."""

    def __init__(self, job: Job, workers: int, limits: Limits) -> None:
        self.wanted = workers
        self.driver = "unknown"
        self.members: list[Member] = []
        self._job, self._limits = job, limits
        self._leaving: list[Member] = []
        self._devices: tuple[int, ...] = ()
        self._proved = False
        self._looked = time.monotonic()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        for member in self.members:
            member.dismiss() if kind is None else member.process.kill()
        for member in (*self.members, *self._leaving):
            member.join(GRACE_S)
            member.wire.close()

    def events(self) -> Iterator[tuple[Any, ...]]:
        """Yield for ever ("ready", member, fingerprint), ("idle", member) after a task, ("done", member, n, row, hashes),
        ("failed", member, n, reason), ("died", member, kind, cause), and ("tick",) after each look at the pipes.

        Kinds of death: "memory", "killed" (from outside, nobody knows why), "lost" (the GL context) or "died". A dead member is
        out of `members`; its `task` is what it has left undone. Raises MachineError or RequestError when a worker says that it is
        not one sample's fault.
        """
        while True:
            self._fill_up()
            heard = wait([m.wire.fileno() for m in self.members], TICK_S)
            for member in [m for m in self.members if m.wire.fileno() in heard]:
                yield from self._hear(member)
            yield from self._watch()
            yield ("tick",)

    def idle(self) -> list[Member]:
        """Return the members that wait for a task."""
        return [m for m in self.members if m.idle]

    def worn(self, member: Member) -> bool:
        """Whether a member has made so much or grown so large that another should take its place."""
        made = self._limits.recycle and member.made >= self._limits.recycle
        return bool(made) or member.grown() > self._limits.growth

    def retire(self, member: Member) -> None:
        """Let an idle member go; another takes its place where one is wanted."""
        self.members.remove(member)
        member.dismiss()
        member.wire.close()
        self._leaving.append(member)

    def drop(self, member: Member) -> None:
        """Kill a member whose work is not needed."""
        self.members.remove(member)
        member.process.kill()
        member.wire.close()
        self._leaving.append(member)

    def _fill_up(self) -> None:
        self._leaving = [m for m in self._leaving if m.process.poll() is None]
        # the first is alone: it compiles what is missing and meets the machine's faults for all
        while len(self.members) < (self.wanted if self._proved else min(self.wanted, 1)):
            self.members.append(Member(self._job, self._device()))

    def _device(self) -> int | None:
        """Return the EGL device with the fewest workers; None while none is known, or the user has chosen one."""
        if len(self._devices) < 2 or DEVICE in os.environ:
            return None
        taken = [m.device for m in self.members]
        return min(self._devices, key=taken.count)

    def _hear(self, member: Member) -> Iterator[tuple[Any, ...]]:
        if member not in self.members:  # the caller has dropped it meanwhile
            return
        try:
            messages = member.wire.arrived()
        except Garbage:
            member.condemn("worker sent what is no message")
            yield self._bury(member)
            return
        except (EOFError, OSError):
            yield self._bury(member)
            return
        member.waited = 0.0
        for kind, *rest in messages:
            if member not in self.members:
                return
            if kind == "start":
                member.started.append(rest[0])
            elif kind == "ready":
                self._meet(member, *rest)
                yield ("ready", member, rest[0])
            elif kind == "idle":
                member.rested()
                yield ("idle", member)
            elif kind == "fatal":
                raise _error(*rest)
            elif kind == "spoilt":
                member.condemn(rest[1])
                yield self._bury(member, rest[0])
            else:
                member.answered(rest[0])
                yield (kind, member, *rest)

    def _meet(self, member: Member, fingerprint: dict[str, Any], devices: list[int]) -> None:
        self._proved = True
        self._devices = self._devices or tuple(devices)
        self.driver = " ".join(str(fingerprint[k]) for k in ("gl_renderer", "gl_version") if k in fingerprint)
        if member.device is None and self._devices:
            member.device = self._devices[0]
        member.rested()

    def _watch(self) -> Iterator[tuple[Any, ...]]:
        """Give up members that have been silent for too long.

        Time counts only while we look: of a pause of our own (a slow disk, Ctrl-Z, a laptop asleep) no worker is guilty.
        """
        now = time.monotonic()
        step, self._looked = min(now - self._looked, 2 * TICK_S), now
        for member in list(self.members):
            if member.idle or member not in self.members:
                continue
            member.waited += step
            limit = self._limits.timeout_s if member.ready else max(START_S, self._limits.timeout_s)
            if member.waited > limit:
                what = "--timeout" if member.ready else "at its start"
                member.condemn(f"worker killed after {limit:g} s without an answer ({what})")
                yield self._bury(member)

    def _bury(self, member: Member, kind: str | None = None) -> tuple[Any, ...]:
        self.members.remove(member)
        found, cause = member.buried()
        return ("died", member, kind or found, cause)


def _error(exit_code: int, message: str) -> FacegenError:
    return RequestError(message) if exit_code == RequestError.exit_code else MachineError(message)
