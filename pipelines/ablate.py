"""What is each part of a dataset worth to a recogniser? Variants of a spec without it, one net on each, one table.

    python pipelines/ablate.py pipelines/recognition_small.yaml --drop hair --drop wear --target pipelines/ablation_target.yaml
        [--target SET] [--variant NAME=YAML] [--seeds 2] [--identities 200] [--per-identity 8] [--epochs 30] [--out out/ablation]

Every variant has as many people, pictures and steps. Seed s is added to the spec's own and is the training's too, so a row's
spread is that of new people and new weights. A target is a verification set that `facegen evaluate` reads, or a spec (.yaml)
that is rendered first: people and a domain that no variant has seen. The command goes on where it was stopped; results lie
in --out as ablation.md and ablation.json. Needs the extra train.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facegen.run.threads import SINGLE

os.environ.update(SINGLE)  # before numpy

import numpy as np  # noqa: E402
from ablations import PARTS, WHOLE, variants  # noqa: E402

from facegen.dataset.write import json_bytes, write_atomic  # noqa: E402
from facegen.errors import FacegenError, RequestError  # noqa: E402
from facegen.run.progress import Reporter  # noqa: E402
from facegen.spec import DatasetSpec  # noqa: E402

FIGURES = ("eer", "fnmr")
"""EER; FNMR at the global threshold with FMR 1e-2."""
FMR = 1e-2
HELD = 0.1
"""Share of a variant's people that training verifies itself by, to stop in time."""


@dataclass(frozen=True)
class Job:
    """What the command was asked for."""

    out: Path
    targets: tuple[str, ...]
    seeds: int
    workers: int
    epochs: float


def run(specs: dict[str, DatasetSpec], job: Job) -> list[dict[str, Any]]:
    """Return one row a variant, seed and target, each made unless it lies there."""
    sets = {target: _target(target, job) for target in job.targets}
    rows = []
    for seed in range(job.seeds):
        for name, spec in specs.items():
            room = job.out / f"{name}_{seed}"
            model = room / "model.onnx"
            own = spec.model_copy(update={"seed": spec.seed + seed, "name": f"{spec.name[:40]}-{name}".lower()[:64]})
            if not model.is_file():
                _train(own, room, model, seed, job)
            for target, path in sets.items():
                rows.append({"variant": name, "seed": seed, "target": target, **_judged(room, model, target, path)})
            write_atomic(job.out / "ablation.json", json_bytes(rows), job.out)
            write_atomic(job.out / "ablation.md", table(rows).encode(), job.out)
    return rows


def check(specs: dict[str, DatasetSpec], job: Job) -> None:
    """Raise RequestError where --out holds what was asked with other pictures, people or epochs: rows would not be comparable."""
    names = [Path(target).stem for target in job.targets]
    if len(set(names)) < len(names):
        raise RequestError(f"--target {', '.join(job.targets)}: two are called alike; results lie there by name, so rename one")
    asked: dict[str, Any] = {
        "epochs": job.epochs,
        "variants": {name: spec.sha256() for name, spec in specs.items()},
        "targets": dict(zip(names, job.targets, strict=True)),
    }
    kept = job.out / "request.json"
    before = json.loads(kept.read_text()) if kept.is_file() else {"epochs": job.epochs, "variants": {}, "targets": {}}
    for part in ("variants", "targets"):
        for name, value in asked[part].items():
            if before[part].get(name, value) != value or before["epochs"] != job.epochs:
                raise RequestError(
                    f"'{job.out}' holds results of another request ('{name}' or --epochs differ); choose another --out"
                )
        asked[part] = {**before[part], **asked[part]}
    write_atomic(kept, json_bytes(asked), job.out)


def _target(target: str, job: Job) -> Path:
    """Return the set of a target: a spec is rendered."""
    path = Path(target)
    if path.suffix not in (".yaml", ".yml"):
        return path
    return _generated(DatasetSpec.load(path), job.out / f"target_{path.stem}", job)


def _generated(spec: DatasetSpec, out: Path, job: Job) -> Path:
    from facegen.run.local import generate

    with Reporter(spec.name) as progress:
        generate(spec, out, job.workers, report=progress, warn=progress.warn)
    return out


def _train(spec: DatasetSpec, room: Path, model: Path, seed: int, job: Job) -> None:
    from facegen.recognise.train.job import Request, train

    made = _generated(spec, room / "set", job)
    held = max(8, round(HELD * spec.identities))
    train(
        Request(
            (made,), model, epochs=job.epochs, splits=("all",), held=held, workers=job.workers, resume=True, asked={"seed": seed}
        ),
        Reporter,
    )


def _judged(room: Path, model: Path, target: str, path: Path) -> dict[str, float]:
    """Return the figures of a model on a target."""
    from facegen.recognise import faces
    from facegen.recognise.embed import Recogniser
    from facegen.recognise.evaluate import Options, evaluate
    from facegen.recognise.sets import load

    kept = room / f"on_{Path(target).stem}.json"
    if kept.is_file():
        return dict(json.loads(kept.read_text()))
    protocol = load(path)
    if not protocol.aligned:
        with Reporter("faces sought") as progress:
            protocol = faces.found(protocol, "centre", progress).protocol
    with Reporter(f"{room.name} on {protocol.name}") as progress:
        embeddings = Recogniser.load(model, None).embed(protocol, progress)
    found = evaluate(protocol, embeddings, Options(fmr=(FMR,), group_fmr=FMR, attributes=(), draws=10))["verification"]
    figures = {"eer": found["eer"]["rate"], "fnmr": found["at_fmr"][0]["fnmr"]["rate"]}
    write_atomic(kept, json_bytes(figures), room)
    return figures


def table(rows: list[dict[str, Any]]) -> str:
    """Return Markdown: for each target, a row a variant with mean, spread over seeds, and the difference from the whole.

    The spread is the sample standard deviation; of differences, that of the differences seed by seed.
    """
    out = []
    for target in dict.fromkeys(row["target"] for row in rows):
        out += [
            f"{target}",
            "",
            "| variant | seeds | EER | difference | FNMR at FMR 1e-2 | difference |",
            "|---|---|---|---|---|---|",
        ]
        here = [row for row in rows if row["target"] == target]
        whole = {row["seed"]: row for row in here if row["variant"] == WHOLE}
        for name in dict.fromkeys(row["variant"] for row in here):
            own = [row for row in here if row["variant"] == name]
            cells = []
            for figure in FIGURES:
                cells.append(_spread([row[figure] for row in own]))
                cells.append("" if name == WHOLE else _spread([row[figure] - whole[row["seed"]][figure] for row in own], "+"))
            out.append(f"| {_title(name)} | {len(own)} | {' | '.join(cells)} |")
        out.append("")
    return "\n".join(out)


def _title(name: str) -> str:
    """Return what a row is called: a part by the name of what is missing."""
    return f"without {name}" if name in PARTS else name


def _spread(values: list[float], sign: str = "") -> str:
    mean = f"{np.mean(values):{sign}.4f}"
    return mean if len(values) < 2 else f"{mean} (sd {np.std(values, ddof=1):.4f})"


def main() -> int:
    """Read the command line and run; errors are one line and a code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("spec", type=Path)
    parser.add_argument("--drop", action="append", default=[], metavar="PART", help=", ".join(PARTS))
    parser.add_argument(
        "--variant", action="append", default=[], metavar="NAME=YAML", help="dotted paths of the spec and their values"
    )
    parser.add_argument("--target", action="append", required=True, help="verification set, or a spec to render one from")
    parser.add_argument("--identities", type=int, default=200)
    parser.add_argument("--per-identity", type=int, default=8)
    parser.add_argument("--epochs", type=float, default=30)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--out", type=Path, default=Path("out/ablation"))
    given = parser.parse_args()
    budget = {"identities": given.identities, "images_per_identity": given.per_identity}
    try:
        specs = variants(given.spec, budget, given.drop, given.variant)
        job = Job(given.out, tuple(given.target), given.seeds, given.workers, given.epochs)
        from facegen.recognise.train.export import check_tools

        check_tools()  # before minutes of rendering, not after
        check(specs, job)
        print(table(run(specs, job)))
    except FacegenError as error:
        print(f"ablate: {' '.join(str(error).split())}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
