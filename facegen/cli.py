"""The `facegen` command: one thin function a verb. Whatever is heavy is imported by the verb that needs it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from facegen.errors import FacegenError, MachineError, RequestError
from facegen.run.threads import SINGLE

if TYPE_CHECKING:
    from facegen.spec import DatasetSpec

app = typer.Typer(
    help="Labelled, balanced synthetic faces rendered from a parametric 3D head.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

SpecFile = Annotated[Path, typer.Argument(metavar="SPEC", help="dataset spec (YAML), for example pipelines/demo.yaml")]
DatasetDir = Annotated[Path, typer.Argument(metavar="DIR", help="finished dataset")]
Gl = Annotated[str, typer.Option("--platform", help="OpenGL platform: auto, egl or osmesa")]


def main() -> None:
    """Run the command; every failure is one line on stderr and an exit code: 1 the work failed, 2 the request was wrong."""
    os.environ.update(SINGLE)
    try:
        code = app(standalone_mode=False)
        if code == 130:  # Ctrl-C
            raise MachineError("stopped; the same command goes on where it was")
    except FacegenError as error:
        code = fail(str(error), error.exit_code)
    except typer.TyperException as error:
        code = fail(error.format_message(), error.exit_code)
    except typer.Abort:
        code = fail("stopped", 1)
    sys.exit(code if isinstance(code, int) else 0)


def fail(message: str, code: int) -> int:
    """Print an error as one line and return its exit code."""
    print("facegen: " + " ".join(message.split()), file=sys.stderr)
    return code


@app.command()
def generate(
    spec: SpecFile,
    out: Annotated[Path, typer.Option(help="directory of the dataset; a stopped run goes on in it")],
    identities: Annotated[int | None, typer.Option(help="instead of the spec's number")] = None,
    per_identity: Annotated[int | None, typer.Option(help="images an identity, instead of the spec's number")] = None,
    size: Annotated[int | None, typer.Option(help="pixels, instead of the spec's size")] = None,
    seed: Annotated[int | None, typer.Option(help="instead of the spec's seed")] = None,
    workers: Annotated[int | None, typer.Option(help="processes; as many as there are cores when left out")] = None,
    engine: Annotated[str, typer.Option(help="where to render: local")] = "local",
    platform: Gl = "auto",
) -> None:
    """Render a dataset."""
    from facegen.run.local import generate as run
    from facegen.run.progress import Reporter

    changed = _changed(_load(spec), identities=identities, images_per_identity=per_identity, size=size, seed=seed)
    with Reporter(changed.name) as progress:
        done = run(changed, out, workers, platform, engine, progress, progress.warn)
    if done.failed:
        name, reason = next(iter(done.failed.items()))
        raise MachineError(
            f"{len(done.failed)} of {done.images} images are missing (the first is {name}: {reason}); "
            "the manifest lists them, the same command tries them again"
        )
    made = f"{done.made} made now" if done.made else "finished before, nothing to do"
    print(f"{out}: {done.images} images, {made}; look at {out / 'preview.png'} and {out / 'README.md'}")


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

    changed = _changed(_load(spec), size=size, seed=seed)
    with Reporter("preview") as progress:
        run(changed, out, rows, cols, platform, progress)
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
    from facegen.dataset.read import Dataset
    from facegen.run import again

    held = None if dataset is None else Dataset.open(dataset)
    what = again.read_sample(Path(sample)) if held is None else held.sample(sample)
    for path in again.render(what, again.spec_of(held, format), out, platform):
        print(path)


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

    picture = encode(draw(Dataset.open(directory), image_id))
    write_atomic(out, picture, out.parent)
    print(out)


@app.command()
def sign(
    directory: DatasetDir,
    certificate: Annotated[Path, typer.Option(help="PEM chain, the signer's certificate first")],
    key: Annotated[Path, typer.Option(help="private key of the certificate, PEM")],
    out: Annotated[Path, typer.Option(help="empty directory for the signed copies")],
    algorithm: Annotated[str, typer.Option(help="es256, es384, es512, ps256, ps384, ps512 or ed25519")] = "es256",
) -> None:
    """Copy the photographs, signed as C2PA asks; needs the extra c2pa."""
    from facegen.dataset.read import Dataset
    from facegen.dataset.signing import sign as run

    copies = sum(1 for _ in run(Dataset.open(directory), out, certificate, key, algorithm))
    print(f"{out}: {copies} signed photographs")


@app.command()
def audit(
    directory: DatasetDir,
    as_json: Annotated[Path | None, typer.Option("--json", help="write the tables as JSON too")] = None,
    detector: Annotated[bool, typer.Option("--detector", help="how MediaPipe sees each group, instead of coverage")] = False,
    max_yaw: Annotated[
        float | None, typer.Option(min=0, help="with --detector: only pictures within this |yaw|, degrees")
    ] = None,
) -> None:
    """Say who is in a dataset, against what its spec declares."""
    from facegen.audit.coverage import audit_directory
    from facegen.audit.coverage import render as table
    from facegen.dataset.write import check_writable, json_bytes, write_atomic

    if max_yaw is not None and not detector:
        raise RequestError("--max-yaw goes with --detector; add it")
    if detector:
        from facegen.audit import detector as room
        from facegen.dataset.read import Dataset

        found = room.audit(Dataset.open(directory), max_yaw)
        text = room.render(found)
    else:
        found = audit_directory(directory)
        text = table(found)
    if as_json is not None:
        check_writable(as_json.parent)
        write_atomic(as_json, json_bytes(found), as_json.parent)
    print(text, end="")


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


def _load(path: Path) -> DatasetSpec:
    from facegen.spec import DatasetSpec

    return DatasetSpec.load(path)


def _changed(spec: DatasetSpec, **values: Any) -> DatasetSpec:
    """Return `spec` with those of `values` that were given, checked as if the file had said so."""
    given = {name: value for name, value in values.items() if value is not None}
    if not given:
        return spec
    return type(spec).from_dict({**json.loads(spec.canonical_json()), **given}, source="command line")


if __name__ == "__main__":
    main()
