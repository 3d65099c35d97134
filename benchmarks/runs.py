"""Runs of `facegen generate` with watched workers (watched.py), and what their logs say."""

from __future__ import annotations

import argparse
import json
import math
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from machine import words
from watched import LOG, WATCHED

from facegen.errors import RequestError
from facegen.run.local import generate
from facegen.spec import DatasetSpec

SPEC = Path(__file__).parents[1] / "pipelines" / "bench_wild.yaml"
Line = dict[str, Any]
Log = list[Line]


@dataclass(frozen=True)
class Run:
    """`logs`: a worker's lines each; `images` in the dataset; `parent_cpu_s` of planning, book-keeping and finishing; `wall_s`
    of all."""

    logs: list[Log]
    images: int
    parent_cpu_s: float
    wall_s: float


def arguments(about: str | None, images: int) -> argparse.ArgumentParser:
    """Return the arguments that all benchmarks of a run share."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spec", type=Path, default=SPEC)
    parser.add_argument("--images", type=int, default=images)
    parser.add_argument("--per-identity", type=int, help="instead of the spec's")
    parser.add_argument("--size", type=int, help="px, instead of the spec's")
    parser.add_argument("--platform", default="egl")
    parser.add_argument(
        "--lp-threads", type=int, default=0, help="LP_NUM_THREADS of every worker; 0: Mesa draws in the worker's own thread"
    )
    parser.add_argument("--gpu", action="store_true", help="let EGL take a GPU; without it the software driver is asked for")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    return parser


def prepare(given: argparse.Namespace) -> None:
    """Set the environment that workers inherit, and say what is measured on what."""
    os.environ["LP_NUM_THREADS"] = str(given.lp_threads)
    if not given.gpu:
        os.environ["LIBGL_ALWAYS_SOFTWARE"] = "1"


def about(given: argparse.Namespace, spec: DatasetSpec) -> str:
    """Return the line that stands over a benchmark's figures."""
    driver = "EGL" if given.gpu else f"software EGL, LP_NUM_THREADS={given.lp_threads}"
    each = f"{spec.images_per_identity} a person"
    return f"{words()}; {given.spec.name}, {spec.identities * spec.images_per_identity} images, {each}, {spec.size} px; {driver}"


def spec_of(given: argparse.Namespace, images: int | None = None) -> DatasetSpec:
    """Return the spec with as many people as `images` need, at least the number asked for."""
    plain = json.loads(DatasetSpec.load(given.spec).canonical_json())
    if given.per_identity is not None:
        plain["images_per_identity"] = given.per_identity
    if given.size is not None:
        plain["size"] = given.size
    wanted = given.images if images is None else images
    if wanted < 1:
        raise RequestError(f"images {wanted} is not 1 or more")
    plain["identities"] = math.ceil(wanted / plain["images_per_identity"])
    return DatasetSpec.from_dict(plain)


def run(spec: DatasetSpec, workers: int, platform: str, studio: str = WATCHED) -> Run:
    """Generate `spec` into a folder that is removed again."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as logs:
        os.environ[LOG] = logs
        cpu, wall = time.process_time(), time.perf_counter()
        done = generate(spec, Path(folder) / "set", workers, platform, studio=studio, warn=print)
        spent = time.process_time() - cpu, time.perf_counter() - wall
        read = [[json.loads(line) for line in path.read_text().splitlines()] for path in sorted(Path(logs).iterdir())]
    return Run([log for log in read if len(log) > 1], done.images, *spent)


def steady(logs: list[Log], warm: int) -> tuple[float, int]:
    """Return (seconds, images) of the time in which every worker was past its first `warm` pictures and none had ended.

    A line stands before each picture and one at the end; a picture counts where it begins. Raises RequestError where a worker
    made too few.
    """
    for log in logs:
        _enough(log, warm)
    begin, end = max(log[warm]["t"] for log in logs), min(log[-1]["t"] for log in logs)
    return end - begin, sum(begin <= line["t"] < end for log in logs for line in log[:-1])


def _enough(log: Log, warm: int) -> None:
    if len(log) < warm + 2:
        raise RequestError(f"a worker made {len(log) - 1} pictures, {warm + 1} are needed; ask for more --images")


def per_image(log: Log, warm: int) -> dict[str, Any]:
    """Return what one worker took a picture after the first `warm`, in seconds: processor, wall, and each stage's of both."""
    _enough(log, warm)
    first, last, count = log[warm], log[-1], len(log) - 1 - warm
    stages = {name: [(last["stages"][name][i] - first["stages"][name][i]) / count for i in range(2)] for name in last["stages"]}
    out = {
        "images": count,
        "cpu_s": (last["cpu_s"] - first["cpu_s"]) / count,
        "wall_s": (last["t"] - first["t"]) / count,
        "stages": stages,
    }
    if last["floor"] is not None:
        out["floor"] = {
            name: [(last["floor"][name][i] - first["floor"][name][i]) / count for i in range(2)] for name in last["floor"]
        }
    return out


def over_floor(each: dict[str, Any]) -> dict[str, float]:
    """Return the pipeline's seconds a picture, the floor's, and their ratio, of processor and wall time, from `per_image`."""
    out = {}
    for i, (name, total) in enumerate((("cpu", each["cpu_s"]), ("wall", each["wall_s"]))):
        pipeline = total - each["floor"]["all"][i]
        least = each["floor"]["draw"][i] + each["floor"]["encode"][i]
        out |= {f"pipeline_{name}_s": pipeline, f"floor_{name}_s": least, f"ratio_{name}": pipeline / least}
    return out


def write(given: argparse.Namespace, found: dict[str, Any]) -> None:
    """Write the figures where `--json` says."""
    if given.json is not None:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(found, indent=1))
