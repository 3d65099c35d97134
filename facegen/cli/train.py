"""The verb train: a recogniser out of datasets."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from facegen.cli.app import app, distinct


@app.command()
def train(
    sources: Annotated[
        list[Path], typer.Argument(metavar="DIR...", help="finished datasets, trained on together; or crops of --save-crops")
    ],
    out: Annotated[Path, typer.Option(help="ONNX file to write; checkpoint and log lie beside it as .ckpt and .csv")],
    net: Annotated[str, typer.Option(help="small (64 px, grey), mobilefacenet or ir50 (112 px, rgb)")] = "small",
    head: Annotated[str | None, typer.Option(help="arcface, cosface or adaface; cosface for small, else arcface")] = None,
    size: Annotated[int | None, typer.Option(help="pixels a side of a crop: 32, 48, 64, 80, 96 or 112")] = None,
    colour: Annotated[str | None, typer.Option(help="grey or rgb")] = None,
    epochs: Annotated[float | None, typer.Option(help="passes over the crops: 45, 32, 24 for the three nets")] = None,
    steps: Annotated[int | None, typer.Option(help="batches, in place of --epochs")] = None,
    batch: Annotated[int | None, typer.Option(help="crops a step, over all devices: 128, 256, 512 for the three nets")] = None,
    rate: Annotated[float | None, typer.Option(help="learning rate at its highest: 0.1")] = None,
    margin: Annotated[float | None, typer.Option(help="of the head; its paper's, but 4/7 of it for small")] = None,
    scale: Annotated[float | None, typer.Option(help="of the cosines: 64, but 24 for small")] = None,
    augmentation: Annotated[
        str | None, typer.Option(help="published (DigiFace-1M's chances) or strong: strong for small, published for the others")
    ] = None,
    seed: Annotated[int, typer.Option(help="of weights, order, augmentation, dropout")] = 0,
    split: Annotated[str, typer.Option(help="parts to train on, for example train or train,test; 'all' for everybody")] = "train",
    validation_identities: Annotated[
        int | None, typer.Option(help="hold so many people out to verify by; when left out, those of the split val")
    ] = None,
    evaluations: Annotated[int, typer.Option(help="times that a run verifies itself and writes its checkpoint")] = 20,
    patience: Annotated[int, typer.Option(help="stop after so many evaluations without a lower EER; 0: never")] = 10,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1; under torchrun one GPU a process")] = "auto",
    precision: Annotated[str, typer.Option(help="auto (bf16 on a GPU, else fp32), fp32, bf16 or fp16")] = "auto",
    workers: Annotated[int | None, typer.Option(min=1, help="threads that read pictures, and compute; all cores")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="go on from the checkpoint, if there is one")] = False,
    compiled: Annotated[bool, typer.Option("--compile", help="through torch.compile; needs a C compiler")] = False,
    checkpoint: Annotated[Path | None, typer.Option(help="in place of the one beside --out")] = None,
    log: Annotated[Path | None, typer.Option(help="CSV of loss, accuracy and EER, in place of the one beside --out")] = None,
    tensorboard: Annotated[Path | None, typer.Option(help="folder for TensorBoard's files too; needs tensorboard")] = None,
    save_crops: Annotated[Path | None, typer.Option(help="npz to save the crops to, for a machine without the dataset")] = None,
) -> None:
    """Train a face recogniser on datasets and write it as ONNX; needs the extra train."""
    from facegen.recognise.train.job import Request
    from facegen.recognise.train.job import train as run
    from facegen.run.progress import Reporter

    asked = {
        "head": head, "size": size, "colour": colour, "steps": steps, "batch": batch, "rate": rate, "margin": margin,
        "scale": scale,
        "augmentation": augmentation, "seed": seed, "precision": precision, "evaluations": evaluations, "patience": patience,
    }  # fmt: skip
    splits = tuple(word.strip() for word in split.split(",") if word.strip())
    request = Request(
        tuple(sources), out, net, epochs, splits, validation_identities, device,
        workers or len(os.sched_getaffinity(0)), resume, compiled, log, tensorboard, checkpoint, save_crops, asked,
    )  # fmt: skip
    distinct(out, checkpoint, log, save_crops, reads=sources)
    done = run(request, Reporter)
    if int(os.environ.get("RANK", 0)) == 0:
        print(
            f"{out}: {done.settings.net} with {done.settings.head}, {done.pictures} pictures of {done.people} people, "
            f"EER {done.eer:.4f} at step {done.step} of {done.settings.steps} on {done.held_pictures} pictures of "
            f"{done.held_people} people held out; ONNX and torch differ by {done.apart:.1e}"
        )
