"""Verbs that render: generate, preview, render."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from facegen.cli.app import Gl, SpecFile, app, writable
from facegen.errors import MachineError, RequestError

if TYPE_CHECKING:
    from facegen.spec import DatasetSpec


@app.command()
def generate(
    spec: SpecFile,
    out: Annotated[str, typer.Option(help="directory of the dataset, or s3://bucket/prefix; a stopped run goes on in it")],
    identities: Annotated[int | None, typer.Option(help="instead of the spec's number")] = None,
    per_identity: Annotated[int | None, typer.Option(help="images an identity, instead of the spec's number")] = None,
    size: Annotated[int | None, typer.Option(help="pixels, instead of the spec's size")] = None,
    seed: Annotated[int | None, typer.Option(help="instead of the spec's seed")] = None,
    workers: Annotated[int | None, typer.Option(help="processes; as many as there are cores when left out")] = None,
    engine: Annotated[str, typer.Option(help="where to render: local, or ray (a cluster)")] = "local",
    address: Annotated[str | None, typer.Option(help="of a running Ray cluster: host:port or auto")] = None,
    gpus_per_worker: Annotated[float, typer.Option(help="share of a GPU that a worker of the cluster takes, as 0.25")] = 0.0,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", help="a picture that takes longer is given up")] = 300,
    recycle: Annotated[int, typer.Option(metavar="IMAGES", help="a worker is replaced after so many; 0: never")] = 5000,
    platform: Gl = "auto",
    part: Annotated[str | None, typer.Option(help="make one part alone, as 2/4; 'facegen merge' puts all together")] = None,
    ignore_space: Annotated[bool, typer.Option("--ignore-space", help="begin where the disk looks too small")] = False,
) -> None:
    """Render a dataset, what is missing of it, or what makes a finished one larger. Ctrl-C ends it in order, twice at once."""
    from facegen.run.local import generate as run
    from facegen.run.pool import Limits
    from facegen.run.progress import Reporter

    changed = _changed(_load(spec), identities=identities, images_per_identity=per_identity, size=size, seed=seed)
    with Reporter(changed.name) as progress:
        done = run(
            changed, out, workers, platform, engine, progress, progress.warn, part=part, ignore_space=ignore_space,
            tell=progress.warn, limits=Limits(timeout, recycle), address=address, gpus_per_worker=gpus_per_worker,
        )  # fmt: skip
    if done.failed:
        name, reason = next(iter(done.failed.items()))
        raise MachineError(
            f"{len(done.failed)} of {done.images} images are missing (the first is {name}: {reason}); "
            f"the manifest lists them, 'facegen render {name} --dataset {out}' shows the fault, the same command tries them again"
        )
    if part is not None:
        print(f"{out}: part {part}, {done.images} images; 'facegen merge' puts all parts together")
        return
    made = f"{done.made} made now" if done.made else "finished before, nothing to do (facegen verify looks at its files)"
    where = out.rstrip("/")
    print(f"{where}: {done.images} images, {made}; look at {where}/preview.png and {where}/README.md")


@app.command()
def preview(
    spec: SpecFile,
    out: Annotated[Path, typer.Option(help="PNG to write")],
    rows: Annotated[int, typer.Option(min=1, max=50)] = 3,
    cols: Annotated[int, typer.Option(min=1, max=50)] = 6,
    size: Annotated[int | None, typer.Option(help="pixels of a tile, instead of the spec's size")] = None,
    seed: Annotated[int | None, typer.Option(help="instead of the spec's seed")] = None,
    platform: Gl = "auto",
) -> None:
    """Render a sheet of faces from a spec, a different person in each tile."""
    from facegen.run.again import preview as run
    from facegen.run.progress import Reporter

    writable(out, reads=(spec,))
    changed = _changed(_load(spec), size=size, seed=seed)
    with Reporter("preview") as progress:
        drawn = run(changed, out, rows, cols, platform, progress)
        if drawn < rows * cols:
            progress.warn(f"{drawn} of {rows * cols} tiles are drawn: the spec has no more pictures")
    print(out)


@app.command()
def render(
    sample: Annotated[str, typer.Argument(metavar="SAMPLE", help="sample JSON, or an image id of --dataset")],
    out: Annotated[Path, typer.Option(help="directory to write into")],
    dataset: Annotated[Path | None, typer.Option(help="dataset that holds the image; its outputs are made")] = None,
    format: Annotated[str, typer.Option(help="jpg or png, for a sample JSON")] = "jpg",
    platform: Gl = "auto",
) -> None:
    """Render one image again, alone, from its recorded sample."""
    from facegen.dataset import layout
    from facegen.dataset.read import Dataset
    from facegen.run import again

    held = None if dataset is None else Dataset.open(dataset)
    if (out / layout.MANIFEST).exists() or (out.parent / layout.MANIFEST).exists():
        raise RequestError(f"'{out}' is a finished dataset, or lies in one; choose another --out")
    what = again.read_sample(Path(sample)) if held is None else again.sample_of(held, sample)
    for path in again.render(what, again.spec_of(held, format), out, platform):
        print(path)


def _load(path: Path) -> DatasetSpec:
    from facegen.spec import DatasetSpec

    return DatasetSpec.load(path)


def _changed(spec: DatasetSpec, **values: Any) -> DatasetSpec:
    """Return `spec` with those of `values` that were given, checked as if the file had said so."""
    given = {name: value for name, value in values.items() if value is not None}
    if not given:
        return spec
    return type(spec).from_dict({**json.loads(spec.canonical_json()), **given}, source="command line")
