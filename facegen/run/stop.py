"""Ctrl-C and SIGTERM: the first asks for an orderly end, the second ends at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from facegen.errors import Stopped

SIGNALS = (signal.SIGINT, signal.SIGTERM)
GO_ON = "the same command goes on where it was"


class Stop:
    """`asked`: the signal that has come. `patient`: whether somebody looks at `asked`; else the first signal ends at once."""

    def __init__(self) -> None:
        self.asked: int | None = None
        self.patient = False

    def hear(self, signum: int, _: object) -> None:
        """Handle a signal."""
        if self.asked is not None or not self.patient:
            raise Stopped(f"stopped by {signal.Signals(signum).name} at once; {GO_ON}", signum)
        self.asked = signum

    def stopped(self, done: int, total: int) -> Stopped:
        """Return the end that was asked for; `done` of `total` images are kept."""
        assert self.asked is not None
        return Stopped(f"stopped by {signal.Signals(self.asked).name}, {done} of {total} images are kept; {GO_ON}", self.asked)


@contextmanager
def signals() -> Iterator[Stop]:
    """Hear the signals while it lasts. Where they are ignored (nohup), and outside the main thread, they stay as they are."""
    stop = Stop()
    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                before[number] = signal.signal(number, stop.hear)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
