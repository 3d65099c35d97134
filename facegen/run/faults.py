"""Whose fault it is: a sample's, a worker's, or the machine's. The one place that tells them apart.

- a sample's own: its code raises; it kills its worker, or takes too long, twice; it runs out of memory with nobody beside it.
  It is left out and listed, with the reason.
- a worker's: its GL context is lost, its memory gives out, somebody kills it. Another worker tries the sample again.
- the machine's: no disk space, no GL, workers that die one after the other. The run stops; the same command goes on.
"""

from __future__ import annotations

import traceback
from collections import Counter
from pathlib import Path
from typing import Any

from facegen.errors import FacegenError, MachineError, RequestError
from facegen.render.lost import gl_fault

ATTEMPTS = 2
"""A sample that kills its worker this often is left out and listed."""
MANY = (5, 0.1)
"""More samples than this, and than this share of those tried, must not fail: then it is not the samples."""
DEATHS_BEFORE, DEATHS_AFTER = 3, 20
"""Workers that may die one after the other without one picture in between, before the first picture of a run and after it: a
machine that has worked once deserves more patience."""
LOSSES = 3
"""GL contexts that may be lost one after the other without one picture in between, or at one sample."""


def told(n: int, error: Exception) -> list[Any]:
    """Return what a worker reports of `error`, which sample `n` has ended in. What is the machine's fault is raised again.

    ["failed", n, reason]: the sample's; ["spoilt", kind, reason]: the worker's, which must end. Kinds: "memory", "lost", "died".
    """
    kind = spoilt(error)
    if kind is not None:
        return ["spoilt", kind, describe(error)]
    if not isinstance(error, FacegenError):
        return ["failed", n, describe(error)]
    if not isinstance(error, RequestError):
        raise error
    return ["failed", n, str(error)]


def spoilt(error: Exception) -> str | None:
    """Return how `error` has spoilt its process: "memory", "lost", "died" (another GL error); None: not at all."""
    if isinstance(error, MemoryError) or (type(error).__module__ == "cv2" and "nsufficient memory" in str(error)):
        return "memory"
    return gl_fault(error)


def describe(error: Exception) -> str:
    """Return an unforeseen error as one line that says where it rose."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}{where}: {text}" if text else f"{type(error).__name__}{where}"


class Ledger:
    """What has gone wrong in a run so far."""

    def __init__(self) -> None:
        self._blamed: Counter[int] = Counter()
        self._lost: Counter[int] = Counter()
        self._deaths = self._losses = self._starved = self._made = self._bad = 0

    def picture(self) -> None:
        """A picture was made."""
        self._deaths = self._losses = 0
        self._made += 1

    def death(self, kind: str, cause: str, alone: bool, driver: str) -> bool:
        """A worker died; return whether there should be fewer of them. Raises MachineError when the machine is at fault."""
        if kind == "lost":
            self._losses += 1
            if self._losses > LOSSES:
                raise MachineError(f"{cause}, {self._losses} times in a row on '{driver}'; {_DRIVER}")
        if kind == "memory":
            self._starved += 1
            if not alone:
                return self._starved > 1
        self._deaths += 1
        if self._deaths > (DEATHS_AFTER if self._made else DEATHS_BEFORE):
            raise MachineError(f"{cause}, {self._deaths} times in a row; see 'facegen doctor'")
        return False

    def verdict(self, n: int, name: str, kind: str, cause: str, alone: bool, driver: str) -> tuple[str, int]:
        """A worker died at sample `n`, called `name`; return what to do with that, and how often it has happened.

        "again": try it with a new worker; "aside": at the end, with nobody beside it (`alone`); "out": it is to blame. A kill
        from outside is hardly its doing: it is put aside after as many as others are left out for, and begins anew.
        Raises MachineError when GL contexts are lost at it again and again.
        """
        if kind == "lost":
            self._lost[n] += 1
            if self._lost[n] > LOSSES:
                raise MachineError(f"{cause}, {self._lost[n]} times at sample {name}, on '{driver}'; {_DRIVER}")
            return "again", 0
        self._blamed[n] += 1
        times = self._blamed[n]
        if kind == "memory" and not alone:
            return "aside", times
        if times < ATTEMPTS:
            return "again", times
        if kind == "killed" and not alone:
            self._blamed[n] = 0
            return "aside", times
        return "out", times

    def left_out(self, name: str, reason: str, kept: int) -> None:
        """A sample was left out. Raises MachineError when too many are, among them and the images `kept` from earlier."""
        self._bad += 1
        tried = kept + self._made + self._bad
        if self._bad > max(MANY[0], MANY[1] * tried):
            raise MachineError(f"{self._bad} of {tried} samples failed, the last was {name}: {reason}")


_DRIVER = "mend the driver or choose --platform osmesa; the same command goes on where it was"
