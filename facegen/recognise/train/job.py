"""From datasets to a model file: crops, training, export."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from facegen.dataset.write import check_place
from facegen.errors import RequestError
from facegen.recognise.train import crops as made
from facegen.recognise.train import export
from facegen.recognise.train import settings as known

Progress = Callable[[int, int], None]
Bars = Callable[[str], AbstractContextManager[Progress]]
COMPARED = 32
"""Crops that the exported graph is compared with torch on."""


@dataclass(frozen=True)
class Request:
    """`asked`: what of settings.Settings is not the net's usual. checkpoint and log None: beside `out`."""

    sources: tuple[Path, ...]
    out: Path
    net: str = "small"
    epochs: float | None = None
    splits: tuple[str, ...] = ("train",)
    held: int | None = None
    device: str = "auto"
    workers: int = 1
    resume: bool = False
    compiled: bool = False
    log: Path | None = None
    tensorboard: Path | None = None
    checkpoint: Path | None = None
    save_crops: Path | None = None
    asked: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """What was trained, on whom, and how far ONNX and torch are apart."""

    settings: known.Settings
    pictures: int
    people: int
    held_pictures: int
    held_people: int
    eer: float
    step: int
    apart: float


def train(request: Request, bars: Bars) -> Done:
    """Train a net on datasets and write it as ONNX; `bars` makes a progress bar of a title.

    Under torchrun every process calls it; the first one writes. Raises RequestError, DataError and MachineError, one line each.
    """
    usual = known.usual(request.net)
    asked = {name: request.asked.get(name) for name in ("size", "colour")}
    size, colour = (usual[name] if value is None else value for name, value in asked.items())
    known.settle(1, request.net, request.epochs, **request.asked)  # what is wrong is said before crops are cut
    made.check_shape(size, colour)
    missing = next((path for path in request.sources if not path.exists()), None)
    if missing is not None:
        raise RequestError(f"'{missing}': no such dataset; give finished datasets, or crops that --save-crops wrote")
    checkpoint = request.checkpoint or request.out.with_suffix(".ckpt")
    if checkpoint.exists() and not request.resume:
        raise RequestError(f"checkpoint '{checkpoint}' is there already; say --resume to go on from it, or remove it")
    for place in (request.out, checkpoint, request.log, request.save_crops):  # told before the work, not after
        if place is not None:
            check_place(place)
    export.check_tools()
    import torch

    from facegen.recognise.train import data, loop
    from facegen.recognise.train.devices import ranks

    torch.set_num_threads(request.workers)  # the command line has one thread by default, for renderers
    first = ranks()[0] == 0
    bars = bars if first else _silent
    with bars("crops") as progress:
        crops = data.load(request.sources, size, colour, request.splits, request.held, request.workers, progress)
    if request.save_crops is not None and first:
        made.save(crops, request.save_crops)
    places, _, people = crops.training()
    settings = known.settle(len(places), request.net, request.epochs, **request.asked)
    with bars("trained") as progress:
        result = loop.fit(
            crops, settings, checkpoint, request.resume, request.device, request.compiled,
            log=request.log or request.out.with_suffix(".csv"), tensorboard=request.tensorboard, progress=progress,
        )  # fmt: skip
    compared = crops.pixels[np.flatnonzero(crops.held)[:COMPARED]]
    apart = export.export(result.weights, settings, crops.specs, compared, request.out) if first else 0.0
    held = int(crops.held.sum())
    return Done(
        settings, len(places), people, held, len(set(crops.labels[crops.held].tolist())), result.eer, result.step, apart
    )  # fmt: skip


@contextmanager
def _silent(title: str) -> Iterator[Progress]:
    yield lambda done, total: None
