"""A pool of worker processes that survives the death of any of them and knows which sample each was at."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

from facegen.errors import FacegenError, MachineError, RequestError
from facegen.run.threads import SINGLE

if TYPE_CHECKING:
    from facegen.run.worker import Job

MAX_DEATHS = 3
"""Workers that may die one after the other without one picture in between: after that it is the machine."""


class _Member:
    """One worker process and our end of its pipe. `at`: the sample it is working on.

    A plain child process, not multiprocessing's: that would run the caller's main script again in every worker. It has a session
    of its own, so that Ctrl-C reaches us alone; when we are gone its pipe ends and it ends too.
    """

    def __init__(self, job: Job) -> None:
        self.pipe, theirs = multiprocessing.Pipe()
        self.at: int | None = None
        self.task: list[int] = []
        code = f"from facegen.run.worker import main; main({theirs.fileno()})"
        environment = {**os.environ, **SINGLE, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            pass_fds=[theirs.fileno()],
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        _send(self.pipe, job)

    def cause(self) -> str:
        """Return why the process is gone, in words."""
        code = self.process.wait()
        if code < 0:
            return f"worker killed by signal {-code} ({signal.Signals(-code).name})"
        return f"worker ended with exit code {code}"


class Pool:
    """`events()` yields what workers report; `give` hands a task to an idle worker. A dead worker is replaced."""

    def __init__(self, job: Job, workers: int) -> None:
        self._job = job
        self._wanted = workers
        self._deaths = 0
        self._members: list[_Member] = []

    def __enter__(self) -> Pool:
        self._members.append(_Member(self._job))  # alone: it compiles what is missing and meets the machine's faults first
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        for member in self._members:
            if kind is not None:
                member.process.terminate()
            else:
                _send(member.pipe, None)
        for member in self._members:
            try:
                member.process.wait(10)
            except subprocess.TimeoutExpired:
                member.process.kill()
                member.process.wait()
            member.pipe.close()

    def events(self) -> Iterator[tuple[Any, ...]]:
        """Yield ("idle", member), ("ready", fingerprint), ("done", member, n, row, hashes), ("failed", member, n, reason) and
        ("died", member, n or None, reason) as they come, for ever.

        Raises MachineError or RequestError when a worker says that it is not one sample's fault.
        """
        while True:
            for source in wait([m.pipe for m in self._members]):
                member = next(m for m in self._members if m.pipe is source)
                try:
                    message = member.pipe.recv()
                except (EOFError, ConnectionResetError):
                    yield self._bury(member)
                    continue
                if message[0] == "start":
                    member.at = message[1]
                elif message[0] == "ready":
                    yield message
                    self._fill_up()
                    yield ("idle", member)
                elif message[0] == "fatal":
                    raise _error(message[1], message[2])
                elif message[0] == "idle":
                    member.task = []
                    yield ("idle", member)
                else:
                    self._deaths, member.at = 0, None
                    yield (message[0], member, *message[1:])

    def give(self, member: _Member, task: list[int]) -> None:
        """Let an idle member work on the samples of `task`, in order."""
        member.task = task
        _send(member.pipe, task)

    def _fill_up(self) -> None:
        while len(self._members) < self._wanted:
            self._members.append(_Member(self._job))

    def _bury(self, member: _Member) -> tuple[Any, ...]:
        cause = member.cause()
        self._members.remove(member)
        member.pipe.close()
        self._deaths += 1
        if self._deaths > MAX_DEATHS:
            raise MachineError(f"{cause}, {self._deaths} times in a row; see 'facegen doctor'")
        self._members.append(_Member(self._job))
        return ("died", member, member.at, cause)


def _send(pipe: Connection, message: Any) -> None:
    with contextlib.suppress(OSError):  # it is gone: the next wait() tells
        pipe.send(message)


def _error(exit_code: int, message: str) -> FacegenError:
    return RequestError(message) if exit_code == RequestError.exit_code else MachineError(message)
