"""One worker process, seen from the run that started it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegen.errors import MachineError
from facegen.render.platform import DEVICE
from facegen.run.threads import SINGLE
from facegen.run.wire import Wire

if TYPE_CHECKING:
    from facegen.run.worker import Job

GRACE_S = 10
"""What a worker that is told to end, or that has closed its pipe, may take before it is killed."""
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Member:
    """A worker and our end of its pipe. `task`: samples given and not yet answered; `started`: those of them that it is at.

    A plain child process, not multiprocessing's: that would run the caller's main script again in every worker. It has a session
    of its own, so that Ctrl-C reaches us alone; when we are gone it ends too. `device`: the EGL device that it is bound to.
    """

    def __init__(self, job: Job, device: int | None) -> None:
        ours, theirs = socket.socketpair()
        self.wire, self.device = Wire(ours), device
        self.task: list[int] = []
        self.started: list[int] = []
        self.ready = self.idle = False
        self.made = 0
        self.waited = 0.0
        self._first_size: int | None = None
        self._verdict: str | None = None
        self._kernel_kills = kernel_kills()
        code = f"from facegen.run.worker import main; main({theirs.fileno()})"
        environment = {**os.environ, **SINGLE, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        if device is not None:
            environment[DEVICE] = str(device)
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code],
                pass_fds=[theirs.fileno()],
                env=environment,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise MachineError(f"no worker can be started: {error.strerror}; try fewer --workers") from None
        finally:
            theirs.close()
        self._send(["job", vars(job)])

    def give(self, task: list[int]) -> None:
        """Let it work on the samples of `task`, in order."""
        self.task, self.started, self.idle, self.waited = list(task), [], False, 0.0
        self._send(["task", task])

    def answered(self, n: int) -> None:
        """Note that it has told what became of sample `n`."""
        self.made += 1
        for numbers in (self.task, self.started):
            if n in numbers:
                numbers.remove(n)

    def rested(self) -> None:
        """Note that it waits for a task."""
        self.ready = self.idle = True
        self.task, self.started = [], []
        if self.made and self._first_size is None:
            self._first_size = self.resident()

    def grown(self) -> int:
        """Return by how many bytes it has grown since the end of its first task."""
        return 0 if self._first_size is None else self.resident() - self._first_size

    def resident(self) -> int:
        """Return its resident bytes; 0 where the system does not tell."""
        try:
            return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * _PAGE
        except (OSError, ValueError, IndexError):
            return 0

    def condemn(self, verdict: str) -> None:
        """Kill it; `verdict` is what `buried` will say."""
        self._verdict = verdict
        self.process.kill()

    def dismiss(self) -> None:
        """Tell it that there is no more work."""
        self._send(None)

    def buried(self) -> tuple[str, str]:
        """Return ("memory", "killed" or "died", why it is gone, in words); killed where it has closed its pipe and lives on."""
        by_itself = self.join(GRACE_S)
        self.wire.close()
        if self._verdict is not None:
            return "died", self._verdict
        if not by_itself:
            return "died", "worker closed its pipe"
        code = int(self.process.returncode)
        if code < 0:
            kind = "died" if -code != signal.SIGKILL else "memory" if kernel_kills() != self._kernel_kills else "killed"
            return kind, f"worker killed by signal {-code} ({signal.Signals(-code).name})"
        return "died", f"worker ended with exit code {code}"

    def join(self, seconds: float) -> bool:
        """Wait for its end, and kill it after `seconds`; False when it had to be killed."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):  # in an uninterruptible call: it dies when that returns
                self.process.wait(GRACE_S)
            return False
        return True

    def _send(self, message: list[Any] | None) -> None:
        with contextlib.suppress(OSError):  # it is gone: the next wait() tells
            self.wire.send(message)


def kernel_kills() -> int | None:
    """Return how many processes the kernel has killed for want of memory since it was started; None where it does not tell."""
    try:
        found = re.search(r"^oom_kill (\d+)$", Path("/proc/vmstat").read_text(), re.MULTILINE)
    except OSError:
        return None
    return None if found is None else int(found[1])
