"""The verb that asks what a score makes of counterfactual pairs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from facegen.cli.app import DatasetDir
from facegen.cli.audit import audit, report


@audit.command("counterfactual")
def counterfactual(
    directory: DatasetDir,
    scores: Annotated[Path | None, typer.Option(help="CSV: image_id,score or base,variant,score")] = None,
    detector: Annotated[bool, typer.Option("--detector", help="ask MediaPipe's face detector")] = False,
    detector_model: Annotated[str, typer.Option(help="short range or full range")] = "short range",
    onnx: Annotated[Path | None, typer.Option(help="ask an ONNX face embedder; needs the extra train")] = None,
    threshold: Annotated[
        float | None, typer.Option(help="of the score (--onnx: the similarity) that decides: counts flips")
    ] = None,
    size: Annotated[int, typer.Option(help="pixels of the embedder's crop")] = 112,
    colour: Annotated[str, typer.Option(help="order of its channels: rgb or bgr")] = "rgb",
    mean: Annotated[float, typer.Option(help="subtracted from 0..255")] = 127.5,
    scale: Annotated[float, typer.Option(help="then divided by")] = 127.5,
    real: Annotated[Path | None, typer.Option(help="your real results: attribute,category,rate,n")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="write the document as JSON")] = None,
    out: Annotated[Path | None, typer.Option(help="write the report as HTML")] = None,
) -> None:
    """Say how far a score moves when one factor of a face changes, by factor and group."""
    from facegen.audit import counterfactual as room
    from facegen.audit.scorers import Preprocessing
    from facegen.dataset.read import Dataset
    from facegen.dataset.write import check_writable, json_bytes, write_atomic

    dataset = Dataset.open(directory)
    for path in (as_json, out):  # told before the work, not after
        if path is not None:
            check_writable(path.parent)
    model = detector_model if detector else None
    found = room.run(dataset, scores, model, onnx, real, threshold, Preprocessing(size, colour, mean, scale))
    if as_json is not None:
        write_atomic(as_json, json_bytes(found), as_json.parent)
    print(room.render(found), end="")
    if out is not None:
        report("counterfactual_html", found, out, room.pictures(dataset, found))
    for path in filter(None, (as_json, out)):
        print(path)
