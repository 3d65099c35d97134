"""How far a run is: a bar with images/s and time left on a terminal, a line now and then elsewhere. Always on stderr."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

LINES = 20
"""Lines of a whole run where there is no terminal."""


class Reporter:
    """Call it with (done, total) after each image. Use as a context manager."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._first: tuple[float, int] | None = None
        self._said = -1

    def __enter__(self) -> Reporter:
        if sys.stderr.isatty():
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Console(stderr=True))
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, done: int, total: int) -> None:
        if self._bar is not None:
            if self._task is None:
                self._task = self._bar.add_task(self._title, total=total, completed=done)
            self._bar.update(self._task, completed=done)
            return
        now = time.monotonic()
        if self._first is None:
            self._first = (now, done)
        step = done * LINES // max(total, 1)
        if step > self._said:
            self._said = step
            print(self._line(now, done, total), file=sys.stderr, flush=True)

    def warn(self, text: str) -> None:
        """Print a line without disturbing the bar."""
        if self._bar is not None:
            self._bar.console.print(text, markup=False, highlight=False)
        else:
            print(text, file=sys.stderr, flush=True)

    def _line(self, now: float, done: int, total: int) -> str:
        assert self._first is not None
        since, before = self._first
        if done == before or now <= since:
            return f"{self._title}: {done}/{total}"
        rate = (done - before) / (now - since)
        return f"{self._title}: {done}/{total}  {rate:.1f} images/s  {(total - done) / rate:.0f} s left"


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text("" if task.speed is None else f"{task.speed:.1f} images/s")
