"""Verbs that look at what is there: verify, show, doctor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from facegen.cli.app import DatasetDir, Gl, app, writable
from facegen.errors import MachineError


@app.command()
def verify(
    directory: DatasetDir,
    samples: Annotated[int, typer.Option(help="images to render again")] = 8,
    platform: Gl = "auto",
) -> None:
    """Check every file's hash and render some images again."""
    from facegen.dataset.read import Dataset
    from facegen.run.progress import Reporter
    from facegen.run.verify import verify as run

    with Reporter("rendered again") as progress:
        verdict = run(Dataset.open(directory), samples, platform, progress)
    for problem in verdict.problems[:20]:
        print(problem)
    if verdict.rendered:
        how = "bit by bit" if verdict.bitwise else f"by tolerance (platform differs in {', '.join(verdict.platform_differs_in)})"
        print(f"{verdict.files} files hashed, {verdict.rendered} images rendered again and compared {how}")
    else:
        print(f"{verdict.files} files hashed")
    if verdict.problems:
        raise MachineError(f"'{directory}': {len(verdict.problems)} problems, the first is {verdict.problems[0]}")


@app.command()
def show(
    directory: DatasetDir,
    image_id: Annotated[str, typer.Argument(metavar="ID", help="image id, for example 000012_003")],
    out: Annotated[Path, typer.Option(help="PNG to write")],
) -> None:
    """Draw the labels of one image on it: points, boxes, regions, axes, gaze, light."""
    from facegen.dataset.read import Dataset
    from facegen.dataset.sheet import encode
    from facegen.dataset.write import write_atomic
    from facegen.show.draw import show as draw

    writable(out, reads=(directory,))
    picture = encode(draw(Dataset.open(directory), image_id))
    write_atomic(out, picture, out.parent)
    print(out)


@app.command()
def doctor(platform: Gl = "auto") -> None:
    """Say what this installation renders with, and what is wrong with it."""
    from facegen.doctor import examine

    broken = []
    for finding in examine(platform):
        mark = "ok " if finding.ok else "BAD" if finding.fatal else "-- "
        mend = "" if finding.ok or not finding.mend else f"\n      mend: {finding.mend}"
        print(f"{mark} {finding.name}: {finding.text}{mend}", flush=True)
        if finding.fatal and not finding.ok:
            broken.append(finding.name)
    if broken:
        raise MachineError(f"not ready to render: {', '.join(broken)}")
