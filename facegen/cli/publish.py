"""Verbs that hand a dataset on: export, sign."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from facegen.cli.app import DatasetDir, app


@app.command()
def export(
    directory: DatasetDir,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="insightface, verification-bin, lfw, bfw, webdataset, huggingface, huggingface-parquet, coco, 300w, fairface "
            "or folders",
        ),
    ],
    out: Annotated[Path, typer.Option(help="directory to write; one that holds something is refused")],
    split: Annotated[str, typer.Option(help="parts to take, for example train or train,val; 'all' for everybody")] = "",
    folds: Annotated[
        int | None, typer.Option(help="this many parts, by identity, instead of the splits; of pairs: 10 (bfw: 5)")
    ] = None,
    cells: Annotated[
        str, typer.Option(help="what parts and pairs are even over: of sex,ancestry,skin_monk,age_band")
    ] = "sex,ancestry",
    crop: Annotated[str | None, typer.Option(help="none, arcface, ffhq or loose; the format's usual one when left out")] = None,
    size: Annotated[int | None, typer.Option(help="pixels a side of an ffhq or loose crop")] = None,
    factor: Annotated[float | None, typer.Option(help="side of a loose crop over the longer side of the face box: 1.3")] = None,
    fill: Annotated[str, typer.Option(help="beyond the photograph: black, or blur as in FFHQ")] = "black",
    encode: Annotated[str | None, typer.Option(help="png or jpg for every picture; files are copied when left out")] = None,
    quality: Annotated[int, typer.Option(help="of JPEG files that are encoded here")] = 95,
    pairs: Annotated[int | None, typer.Option(help="of a kind in each fold: 300, or what there is")] = None,
    layers: Annotated[str, typer.Option(help="label pictures to add, for example masks,depth")] = "",
    shard_size: Annotated[int | None, typer.Option(help="samples in a shard")] = None,
    words: Annotated[str, typer.Option(help="theirs: the format's words for ancestry; own: ours")] = "theirs",
) -> None:
    """Write a dataset in a format that trainers load."""
    from facegen.export.job import Options
    from facegen.export.run import export as run
    from facegen.run.progress import Reporter

    options = Options(
        _words(split), folds, _words(cells), crop, size, factor, fill, encode, quality, pairs, _words(layers), shard_size, words
    )
    with Reporter("exported") as progress:
        done = run(directory, out, form, options, progress)
    parts = ", ".join(f"{name} {n['images']} images of {n['identities']} identities" for name, n in done["parts"].items())
    print(f"{out}: {form}, {parts}; {out / 'export.json'} says what was written")


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


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
