"""What a picture costs: images/s and memory at 256 px with every output on, evenly over all hair styles.

    python benchmarks/cost.py [--workers 2] [--size 256] [--rounds 1] [--per-identity 5] [--styles bob afro]

Each worker is a process with its own studio, on software EGL unless --platform says otherwise. Every style is worn by `rounds`
people of the sex and curl that go with it; the workers share the people and write the files of every shot, as `facegen generate`
does. The clock starts when every worker has drawn one picture. Bars: 3 images/s, 1.5 GB a worker.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from facegen.run.threads import SINGLE

os.environ.update(SINGLE)  # before numpy

import numpy as np  # noqa: E402

from facegen.dataset.write import write_atomic  # noqa: E402
from facegen.population.plan import build  # noqa: E402
from facegen.resources import asset_json  # noqa: E402
from facegen.run.outputs import Outputs  # noqa: E402
from facegen.run.worker import finished, open_studio  # noqa: E402
from facegen.sample import SampleSpec  # noqa: E402
from facegen.spec import DatasetSpec, names  # noqa: E402

SPEC = Path(__file__).parents[1] / "pipelines" / "demo.yaml"
OUTPUTS = {"aligned": True, "masks": True, "depth": True, "normals": True, "clean": False}
"""Every label; the clean twin is a second picture."""
SOFTWARE = {"LIBGL_ALWAYS_SOFTWARE": "1"}
LEAST_RATE, MOST_GB = 3.0, 1.5

_open: tuple[Any, Outputs, Path] | None = None


def wearers(style: str, rounds: int, per: int, size: int) -> list[list[SampleSpec]]:
    """Return the shots of `rounds` people who wear `style`, by person."""
    table = asset_json("looks/hair_styles.json")[style]
    sex = max(names.SEXES, key=lambda s: table["weights"][s])
    base = DatasetSpec.load(SPEC).model_dump(mode="json")
    who = {**base["population"], "sex": sex, "hair_curl": table["curl"], "hair_style": style, "balance": None}
    counts = {"identities": rounds, "images_per_identity": per, "size": size, "population": who}
    plan = build(DatasetSpec.from_dict({**base, **counts}))
    return [[plan.sample(n * per + k) for k in range(per)] for n in range(rounds)]


def start(folder: str, platform: str, first: SampleSpec) -> None:
    """Open this worker's studio and draw one picture, which compiles and loads what everything after it needs."""
    global _open
    studio, outputs = open_studio("facegen.run.studio:Studio", platform, {"format": "jpg", "outputs": OUTPUTS})
    studio.shoot(first, outputs)
    _open = studio, outputs, Path(folder)


def warm(wait: float) -> int:
    """Return this worker's number; called once for each worker to know that all are ready."""
    time.sleep(wait)
    return os.getpid()


def shoot(task: list[SampleSpec]) -> tuple[str, list[float], float, int]:
    """Return (style, seconds of each shot, this process's peak GB, its number)."""
    assert _open is not None
    studio, outputs, folder = _open
    spent = []
    for sample in task:
        began = time.perf_counter()
        for name, data in finished(studio.shoot(sample, outputs).files, sample).items():
            write_atomic(folder / name, data, folder)
        spent.append(time.perf_counter() - began)
    return task[0].sitting.hair.style, spent, peak_gb(), os.getpid()


def peak_gb() -> float:
    """Return the most memory that this process has held (resident, VmHWM of proc(5))."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=1, help="people a style")
    parser.add_argument("--per-identity", type=int, default=5)
    parser.add_argument("--platform", default="egl")
    parser.add_argument("--styles", nargs="+", choices=names.hair_styles(), default=names.hair_styles())
    given = parser.parse_args()
    os.environ.update(SOFTWARE)
    tasks = [task for style in given.styles for task in wearers(style, given.rounds, given.per_identity, given.size)]
    with tempfile.TemporaryDirectory() as folder:
        context = multiprocessing.get_context("spawn")
        with context.Pool(given.workers, start, (folder, given.platform, tasks[0][0])) as pool:
            while len(set(pool.map(warm, [0.5] * given.workers, chunksize=1))) < given.workers:
                pass
            began = time.perf_counter()
            done = list(pool.imap_unordered(shoot, tasks))
            whole = time.perf_counter() - began
    report(done, whole, given)


def report(done: list[tuple[str, list[float], float, int]], whole: float, given: argparse.Namespace) -> None:
    """Print the table of styles, dearest first, and the two figures beside their bars."""
    seconds = {style: [s for name, spent, _, _ in done if name == style for s in spent] for style in given.styles}
    images = sum(len(spent) for spent in seconds.values())
    labels = ", ".join(name for name, made in OUTPUTS.items() if made)
    print(f"{images} images of {len(done)} people, {given.size} px, {given.workers} workers; {labels}")
    for style in sorted(seconds, key=lambda s: -np.mean(seconds[s])):
        print(f"  {style:18s} {1000 * np.mean(seconds[style]):6.0f} ms an image (first {1000 * seconds[style][0]:.0f})")
    rate, most = images / whole, max(gb for _, _, gb, _ in done)
    print(f"{'ok  ' if rate >= LEAST_RATE else 'MISS'} {rate:.2f} images/s, bar {LEAST_RATE:g}")
    print(f"{'ok  ' if most <= MOST_GB else 'MISS'} {most:.2f} GB the largest worker at its peak, bar {MOST_GB:g}")


if __name__ == "__main__":
    main()
