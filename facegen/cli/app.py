"""The `facegen` command: one thin function a verb, by topic in the modules beside this one.

Whatever is heavy is imported by the verb that needs it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from facegen.cli.wrong import told
from facegen.errors import FacegenError, RequestError, Stopped
from facegen.run.threads import SINGLE

app = typer.Typer(
    help="Labelled, balanced synthetic faces rendered from a parametric 3D head.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

SpecFile = Annotated[Path, typer.Argument(metavar="SPEC", help="dataset spec (YAML), for example pipelines/demo.yaml")]
DatasetDir = Annotated[Path, typer.Argument(metavar="DIR", help="finished dataset")]
Size = Annotated[int | None, typer.Option(help="pixels of the model's crop; what the model says, else 112")]
Colour = Annotated[str | None, typer.Option(help="order of its channels: rgb, bgr or grey; what the model says, else rgb")]
Mean = Annotated[float | None, typer.Option(help="subtracted from 0..255; what the model says, else 127.5")]
Scale = Annotated[float | None, typer.Option(help="then divided by; what the model says, else 127.5")]
Gl = Annotated[str, typer.Option("--platform", help="OpenGL platform: auto, egl or osmesa")]


def main() -> None:
    """Run the command; every failure is one line on stderr and an exit code: 1 the work failed, 2 the request was wrong, 130
    and 143 it was stopped by Ctrl-C or SIGTERM."""
    os.environ.update(SINGLE)
    try:
        code = app(standalone_mode=False)
        if code == 130:  # Ctrl-C
            raise Stopped("stopped by SIGINT at once; the same command goes on where it was", signal.SIGINT)
    except FacegenError as error:
        code = fail(str(error), error.exit_code)
    except MemoryError:
        code = fail("out of memory; give facegen a smaller request, fewer workers or a larger machine", 1)
    except OSError as error:  # a disk that fails under what was there a moment ago
        code = fail(f"{error.filename or 'a file'} cannot be used ({error.strerror or error}); see to the disk and try again", 1)
    except typer.TyperException as error:
        code = _refused(error)
    except typer.Abort:
        code = fail("stopped", 1)
    sys.exit(code if isinstance(code, int) else 0)


def _refused(error: typer.TyperException) -> int:
    """Print why the words of a command are none, or the help of one that was given no word, and return the exit code."""
    if type(error).__name__ == "NoArgsIsHelpError":  # typer's own, which it exports under no name
        print(error.format_message(), file=sys.stderr)
        return error.exit_code
    return fail(told(error), error.exit_code)


def writable(*places: Path | None, reads: Iterable[Path | None] = ()) -> None:
    """Raise, before any work, what writing the files of a command would raise after it, and what `distinct` raises; None is not
    asked for."""
    from facegen.dataset.write import check_place

    distinct(*places, reads=reads)
    for place in places:
        if place is not None:
            check_place(place)


def distinct(*places: Path | None, reads: Iterable[Path | None] = ()) -> None:
    """Raise RequestError where two of the files that a command writes are one, which would hold the last alone, and where one
    would be written over what the command `reads`: a file, or the tables and pictures of a dataset."""
    from facegen.dataset.layout import is_part

    asked = [place for place in places if place is not None]
    real = [place.resolve() for place in asked]
    twice = next((place for place, at in zip(asked, real, strict=True) if real.count(at) > 1), None)
    if twice is not None:
        raise RequestError(f"'{twice}' is to hold two things that are asked for; give each a file of its own")
    for source in (path.resolve() for path in reads if path is not None):
        for place, at in zip(asked, real, strict=True):
            if at == source or (source.is_dir() and source in at.parents and is_part(at.relative_to(source))):
                raise RequestError(f"'{place}' would be written over what is read from '{source}'; choose another place")


def fail(message: str, code: int) -> int:
    """Print an error as one line and return its exit code."""
    print("facegen: " + " ".join(message.split()), file=sys.stderr)
    return code
