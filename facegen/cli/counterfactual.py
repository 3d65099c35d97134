"""The verb that asks what a score makes of counterfactual pairs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from facegen.cli.app import Colour, DatasetDir, Mean, Scale, Size, writable
from facegen.cli.audit import audit, report
from facegen.errors import RequestError


@audit.command("counterfactual")
def counterfactual(
    directory: DatasetDir,
    scores: Annotated[Path | None, typer.Option(help="CSV: image_id,score or base,variant,score")] = None,
    detector: Annotated[bool, typer.Option("--detector", help="ask MediaPipe's face detector")] = False,
    detector_model: Annotated[str | None, typer.Option(help="of --detector: short range (when left out) or full range")] = None,
    onnx: Annotated[Path | None, typer.Option(help="ask an ONNX face embedder; needs the extra evaluate")] = None,
    threshold: Annotated[
        float | None, typer.Option(help="of the score (--onnx: the similarity) that decides: counts flips")
    ] = None,
    size: Size = None,
    colour: Colour = None,
    mean: Mean = None,
    scale: Scale = None,
    real: Annotated[Path | None, typer.Option(help="your real results: attribute,category,rate,n")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="write the document as JSON")] = None,
    out: Annotated[Path | None, typer.Option(help="write the report as HTML")] = None,
) -> None:
    """Say how far a score moves when one factor of a face changes, by factor and group."""
    from facegen.audit import counterfactual as room
    from facegen.dataset.read import Dataset
    from facegen.dataset.write import json_bytes, write_atomic

    if detector_model is not None and not detector:
        raise RequestError("--detector-model goes with --detector; add that, or leave it out")
    dataset = Dataset.open(directory)
    writable(as_json, out, reads=(directory, scores, onnx, real))
    model = (detector_model or "short range") if detector else None
    found = room.run(
        dataset, scores, model, onnx, real, threshold, {"size": size, "colour": colour, "mean": mean, "scale": scale}
    )
    if as_json is not None:
        write_atomic(as_json, json_bytes(found), as_json.parent)
    print(room.render(found), end="")
    if out is not None:
        report("counterfactual_html", found, out, room.pictures(dataset, found))
    for path in filter(None, (as_json, out)):
        print(path)
