"""What a wrong option is answered with."""

from __future__ import annotations

import typer

from facegen.errors import shown


def told(error: typer.TyperException) -> str:
    """Return what is wrong with a call of the command, naming the value of an option that is of another type or out of range."""
    message = error.format_message()
    problems = getattr(error.__cause__, "errors", None)  # pydantic's ValidationError, by which typer reads numbers
    if problems is None:
        return message
    first = problems()[0]
    said = str(first["msg"])
    return message.replace(said, f"{shown(first['input'])} ({said[:1].lower()}{said[1:]})")
