"""The verb merge: parts of a dataset become one."""

from __future__ import annotations

from typing import Annotated

import typer

from facegen.cli.app import app
from facegen.errors import MachineError


@app.command()
def merge(
    parts: Annotated[list[str], typer.Argument(metavar="PART...", help="what 'facegen generate --part' has written, every part")],
    out: Annotated[str, typer.Option(help="directory of the dataset; a stopped merge goes on in it")],
) -> None:
    """Put the parts of one dataset together; they stay as they are."""
    from facegen.run.merge import merge as run
    from facegen.run.progress import Reporter

    with Reporter("merge") as progress:
        images, failed = run(parts, out, progress)
    if failed:
        name, reason = next(iter(failed.items()))
        raise MachineError(
            f"{len(failed)} of {images} images are missing (the first is {name}: {reason}); the manifest lists them"
        )
    print(f"{out}: {images} images of {len(parts)} parts")
