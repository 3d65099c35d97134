"""The few kinds of failure a user can meet. Every message is one line: the value, what is allowed, the mend."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LONGEST = 2000
"""Characters of a message; what is longer repeats somebody's file."""
LABEL, NAME = 60, 200
"""Characters of a category or attribute in a table, and of the name of a set; no set that is known has longer ones."""
_SHOWN = 120


class FacegenError(Exception):
    """Base of all errors that facegen raises on purpose; the command line prints it without a traceback."""

    exit_code = 1

    def __init__(self, message: str = "") -> None:
        super().__init__(printable(str(message)))


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
    return f"'{str(value)[:_SHOWN]}' is not one of {', '.join(options)}{nearest(value, options)}"


def nearest(value: str, allowed: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` of the nearest allowed word, nothing where none is near: for words too many to list."""
    near = difflib.get_close_matches(str(value)[:_SHOWN], list(allowed), n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


def shown(value: object) -> str:
    """Return a value as an error message names it: short, whatever somebody wrote."""
    try:
        text = repr(value)
    except ValueError:  # a whole number of more digits than Python writes
        text = f"a {type(value).__name__} of very many digits"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def printable(text: str) -> str:
    """Return `text` as one line: a file's words must not move the cursor or colour the terminal of whoever reads them."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]} ... {text[-LONGEST // 2 :]}"
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c.isspace() else c.encode("unicode_escape").decode() for c in text)


def label(value: object, most: int = LABEL) -> str:
    """Return somebody's word as a table on a terminal shows it: printable, and no longer than `most` characters."""
    text = printable(str(value))
    return text if len(text) <= most else f"{text[: most - 3]}..."


def page(lines: Iterable[str]) -> str:
    """Return lines as text for a terminal, each `printable`: the words in them are somebody's."""
    return "\n".join(map(printable, lines)) + "\n"
