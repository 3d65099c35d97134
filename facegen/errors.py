"""The few kinds of failure a user can meet. Every message is one line: the value, what is allowed, the mend."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class FacegenError(Exception):
    """Base of all errors that facegen raises on purpose; the command line prints it without a traceback."""

    exit_code = 1


class RequestError(FacegenError):
    """The request was wrong: a bad spec, path, category or a corrupted input file."""

    exit_code = 2


class SpecError(RequestError):
    """A dataset or sample spec that cannot be carried out as written."""


class DataError(RequestError):
    """A dataset, table or label file that is missing, foreign or damaged."""


class MachineError(FacegenError):
    """The machine failed: no GL, a full disk, a crashed worker, a missing package."""


class Stopped(FacegenError):
    """The user or the system has stopped the work by a signal. Exit code 128 + its number, as shells count."""

    def __init__(self, message: str, signum: int) -> None:
        super().__init__(message)
        self.exit_code = 128 + signum


def did_you_mean(value: str, allowed: Iterable[str]) -> str:
    """Return `value 'x' is not one of a, b, c` with the nearest allowed word named when there is one."""
    options = list(allowed)
    near = difflib.get_close_matches(str(value), options, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    return f"'{value}' is not one of {', '.join(options)}{hint}"
