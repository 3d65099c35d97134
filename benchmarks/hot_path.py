"""How fast pictures are made, where the time goes, and how far that is from the floor.

    python benchmarks/hot_path.py [--images 240] [--scaling] [--json out/hot_path.json]

Runs `facegen generate` on pipelines/bench_wild.yaml with workers that keep a log (watched.py): 1. one worker: images/s in
steady state, processor and wall time of each stage a picture, memory; 2. one worker over fewer pictures, each drawn and encoded
again with everything in place (floor.py): the ratio of a picture's time, from plan to disk, to this floor; 3. with `--scaling`
two workers at the same LP_NUM_THREADS. The start of a worker and its first pictures are left out. Bars: 8 images/s with two
workers on two cores, 1.7 times from one to two, 1.4 times the floor.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

import runs
from watched import FLOORED

from facegen.errors import FacegenError
from facegen.spec import DatasetSpec

WARM = 12
"""First pictures of a worker that do not count: programs are compiled and tables loaded."""
LEAST_RATE, LEAST_SCALING, MOST_RATIO = 8.0, 1.7, 1.4


def stages(each: dict[str, Any]) -> str:
    """Return the table of stages, dearest first, `rest` being what no stage holds."""
    cpu, wall = each["cpu_s"], each["wall_s"]
    rows = sorted(each["stages"].items(), key=lambda item: -item[1][0])
    rows.append(("rest", [max(total - sum(spent[i] for _, spent in rows), 0.0) for i, total in enumerate((cpu, wall))]))
    lines = ["| stage | CPU ms | share | wall ms |", "|---|---|---|---|"]
    lines += [f"| {name} | {1e3 * spent[0]:.1f} | {spent[0] / cpu:.0%} | {1e3 * spent[1]:.1f} |" for name, spent in rows]
    return "\n".join([*lines, f"| a picture | {1e3 * cpu:.1f} | 100% | {1e3 * wall:.1f} |"])


def told(name: str, value: float, bar: float, most: bool = False) -> str:
    met = value <= bar if most else value >= bar
    return f"{'ok  ' if met else 'MISS'} {name} {value:.2f}, bar {bar:g}"


def speed(given: argparse.Namespace, spec: DatasetSpec) -> dict[str, Any]:
    """Return what one worker does; print its stages."""
    run = runs.run(spec, 1, given.platform)
    log = max(run.logs, key=len)
    each, (seconds, images) = runs.per_image(log, WARM), runs.steady([log], WARM)
    rate, parent = images / seconds, run.parent_cpu_s / run.images
    peak, end = log[-1]["peak_kb"] / 1024, log[-1]["rss_kb"] / 1024
    print(f"\n{stages(each)}\n\n1 worker: {rate:.2f} images/s; {each['cpu_s']:.3f} CPU s an image, {parent:.3f} of the parent's")
    print(f"memory of the worker: peak {peak:.0f} MB, {end:.0f} MB at the end")
    memory = {"peak": peak, "at_the_end": end}
    return {"each": each, "images_per_s": {"1": rate}, "parent_cpu_s": parent, "memory_mb": memory}


def floor(given: argparse.Namespace) -> dict[str, Any]:
    """Return a picture's time over that of its draw calls and encoding; print both."""
    run = runs.run(runs.spec_of(given, given.floor_images), 1, given.platform, FLOORED)
    each = runs.per_image(max(run.logs, key=len), WARM)
    found = {**runs.over_floor(each), "draw": each["floor"]["draw"], "encode": each["floor"]["encode"]}
    pipeline, draw, encode = 1e3 * found["pipeline_cpu_s"], 1e3 * found["draw"][0], 1e3 * found["encode"][0]
    print(f"CPU ms over {each['images']} images: {pipeline:.1f} in all; floor {draw:.1f} draw and read-back, {encode:.1f} encode")
    print(told("pipeline over floor, processor time", found["ratio_cpu"], MOST_RATIO, most=True))
    print(told("pipeline over floor, wall time", found["ratio_wall"], MOST_RATIO, most=True))
    return found


def scaling(given: argparse.Namespace, counts: list[int], one: float) -> dict[str, float]:
    """Return images/s by number of workers, each making as many images as the one did; print them beside those of one."""
    found = {}
    for workers in counts:
        seconds, images = runs.steady(runs.run(runs.spec_of(given, given.images * workers), workers, given.platform).logs, WARM)
        rate = found[str(workers)] = images / seconds
        if workers == 2:
            print(told(f"images/s of 2 workers, LP_NUM_THREADS={given.lp_threads}:", rate, LEAST_RATE))
            print(told("images/s of 2 workers over those of 1:", rate / one, LEAST_SCALING))
        else:
            print(f"{workers} workers: {rate:.2f} images/s, {rate / one:.2f} times one")
    return found


def main() -> None:
    parser = runs.arguments(__doc__, images=240)
    parser.add_argument("--floor-images", type=int, default=60)
    parser.add_argument("--scaling", type=int, nargs="*", metavar="N", help="also with N workers each; 2 where no N is given")
    given = parser.parse_args()
    runs.prepare(given)
    spec = runs.spec_of(given)
    found: dict[str, Any] = {"about": runs.about(given, spec)}
    print(found["about"])
    found |= speed(given, spec)
    if given.scaling is not None:
        found["images_per_s"] |= scaling(given, given.scaling or [2], found["images_per_s"]["1"])
    found["floor"] = floor(given)
    runs.write(given, found)


if __name__ == "__main__":
    try:
        main()
    except FacegenError as error:
        sys.exit(f"hot_path: {error}")
