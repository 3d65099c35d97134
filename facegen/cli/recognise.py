"""The verb that measures a recogniser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from facegen.cli.app import Colour, Mean, Scale, Size, app, writable
from facegen.cli.audit import report
from facegen.errors import RequestError

if TYPE_CHECKING:
    from facegen.recognise.evaluate import Options
    from facegen.recognise.protocol import Protocol


@app.command()
def evaluate(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="ONNX model: face crops (N, C, size, size) to embeddings (N, D)")
    ],
    path: Annotated[
        Path, typer.Argument(metavar="SET", help="finished dataset, .bin, or verification set (docs/recognisers.md)")
    ],
    format: Annotated[
        str | None, typer.Option("--format", help="facegen, folders, bin, lfw, rfw, bfw or ijb; found out when left out")
    ] = None,
    split: Annotated[str, typer.Option(help="of a dataset of ours: train, val or test; 'all' for everybody")] = "all",
    size: Size = None,
    colour: Colour = None,
    mean: Mean = None,
    scale: Scale = None,
    flip: Annotated[bool | None, typer.Option("--flip/--no-flip", help="add the mirrored crop's embedding")] = None,
    aligned: Annotated[
        bool | None, typer.Option("--aligned/--no-aligned", help="pictures are ArcFace crops; judged by the set when left out")
    ] = None,
    missing: Annotated[
        str, typer.Option(help="where no face is found: centre (of the picture), or reject (leave it out)")
    ] = "centre",
    fmr: Annotated[str, typer.Option(help="targets of the global threshold")] = "0.01,0.001,0.0001",
    group_fmr: Annotated[float, typer.Option(help="the target at which groups are compared")] = 0.01,
    group: Annotated[
        list[str] | None, typer.Option("--group", help="attribute to compare by, or several: 'sex x ancestry'; all when left out")
    ] = None,
    draws: Annotated[int | None, typer.Option(help="bootstrap samples of people behind the intervals")] = None,
    threads: Annotated[int, typer.Option(min=0, help="of the model; 0: one a processor")] = 0,
    out: Annotated[Path | None, typer.Option(help="report to write, one HTML file")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="write the document as JSON")] = None,
    scores_out: Annotated[Path | None, typer.Option(help="write every comparison and its score as CSV")] = None,
) -> None:
    """Measure any ONNX recogniser on a set: error rates, by group, with intervals."""
    from facegen.dataset.write import write_atomic
    from facegen.recognise import faces, output
    from facegen.recognise.embed import Recogniser
    from facegen.recognise.evaluate import check_groups
    from facegen.recognise.evaluate import evaluate as measured
    from facegen.recognise.sets import load
    from facegen.recognise.text import evaluation_text
    from facegen.run.progress import Reporter

    options = _options(fmr, group_fmr, group, draws)
    faces.check(missing)
    places = [place for place in (as_json, scores_out, out) if place is not None]
    writable(*places, reads=(model, path))
    recogniser = Recogniser.load(model, None, threads, size=size, colour=colour, mean=mean, scale=scale, flip=flip)
    loaded = load(path, format, split, aligned)
    check_groups(loaded, options)
    protocol, found = _aligned(loaded, missing)
    if scores_out is not None:
        output.check(protocol)
    with Reporter("embedded") as progress:
        embeddings = recogniser.embed(protocol, progress)
    document = {**measured(protocol, embeddings, options), "recogniser": recogniser.told(), "failures_to_acquire": found}
    if scores_out is not None:
        write_atomic(scores_out, output.scores_csv(protocol, embeddings), scores_out.parent)
    _write(document, protocol, as_json, out)
    print("\n".join([evaluation_text(document).rstrip("\n"), *map(str, places)]))


def _write(document: dict[str, Any], protocol: Protocol, as_json: Path | None, out: Path | None) -> None:
    """Write the document as JSON and as a page, where they are asked for."""
    from facegen.dataset.write import json_bytes, write_atomic

    if as_json is not None:
        write_atomic(as_json, json_bytes(document), as_json.parent)
    if out is not None:
        report("recogniser_html", document, out, _examples(document, protocol))


def _options(fmr: str, group_fmr: float, group: list[str] | None, draws: int | None) -> Options:
    """Return what is asked. Raises RequestError for what cannot be."""
    from facegen.recognise.evaluate import Options

    more: dict[str, Any] = {} if draws is None else {"draws": draws}
    options = Options(fmr=_rates(fmr), group_fmr=group_fmr, attributes=tuple(group) if group else None, **more)
    options.check()
    return options


def _aligned(protocol: Protocol, missing: str) -> tuple[Protocol, dict[str, Any] | None]:
    """Return the protocol with aligned pictures, and what is to be said of those in which no face was found."""
    from facegen.recognise import faces
    from facegen.run.progress import Reporter

    if protocol.aligned:
        return protocol, None
    with Reporter("faces sought") as progress:
        found = faces.found(protocol, missing, progress)
    return found.protocol, found.told()


def _examples(document: dict[str, Any], protocol: Protocol) -> dict[str, bytes]:
    """Return the pictures that the document's examples name, as JPEG."""
    from facegen.sensor.codec import encode_jpeg

    place = {name: at for at, name in enumerate(protocol.names)}
    shown = dict.fromkeys(one[side] for one in document.get("examples", ()) for side in ("first", "second"))
    return {name: encode_jpeg(protocol.picture(place[name]), 90, "444") for name in shown if name in place}


def _rates(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(word) for word in text.split(",") if word.strip())
    except ValueError:
        raise RequestError(f"--fmr '{text}' is no list of rates; write for example 0.01,0.001") from None
