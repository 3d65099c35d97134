"""How fast pictures are made, where the time goes, and how far that is from the floor.

    python benchmarks/hot_path.py [--images 240] [--scaling] [--json out/hot_path.json]

Runs `facegen generate` on pipelines/bench_wild.yaml with workers that keep a log (watched.py): 1. one worker: images/s in steady state,
processor and wall time of each stage a picture, memory; 2. one worker over fewer pictures, each drawn and encoded again with
everything in place (floor.py): the ratio of a picture's time, from plan to disk, to this floor; 3. with `--scaling` two workers at the
same LP_NUM_THREADS. The start of a worker and its first pictures are left out. Bars: 8 images/s with two workers on two cores, 1.7
times from one to two, 1.4 times the floor.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import runs
from watched import FLOORED

from facegen.errors import FacegenError

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


def main() -> None:
    parser = runs.arguments(__doc__, images=240)
    parser.add_argument("--floor-images", type=int, default=60)
    parser.add_argument("--scaling", action="store_true", help="also with two workers")
    given = parser.parse_args()
    runs.prepare(given)
    spec = runs.spec_of(given)
    found: dict[str, Any] = {"about": runs.about(given, spec)}
    print(found["about"])
    one = runs.run(spec, 1, given.platform)
    each, log = runs.per_image(one.logs[0], WARM), one.logs[0]
    seconds, images = runs.steady(one.logs, WARM)
    found |= {"each": each, "images_per_s": {"1": images / seconds}, "parent_cpu_s": one.parent_cpu_s / one.images}
    found["memory_mb"] = {"peak": log[-1]["peak_kb"] / 1024, "at_the_end": log[-1]["rss_kb"] / 1024}
    print(f"\n{stages(each)}\n\n1 worker: {images / seconds:.2f} images/s; {each['cpu_s']:.3f} CPU s an image and {found['parent_cpu_s']:.3f} "
          f"of the parent's; peak {found['memory_mb']['peak']:.0f} MB, {found['memory_mb']['at_the_end']:.0f} MB at the end")  # fmt: skip
    bare = runs.run(runs.spec_of(given, given.floor_images), 1, given.platform, FLOORED)
    floored = runs.per_image(bare.logs[0], WARM)
    found["floor"] = {**runs.over_floor(floored), "draw": floored["floor"]["draw"], "encode": floored["floor"]["encode"]}
    draw, encode = (1e3 * floored["floor"][name][0] for name in ("draw", "encode"))
    print(
        f"floor: {draw:.1f} ms draw calls and read-back, {encode:.1f} ms encode, of processor time, over {floored['images']} images"
    )
    print(told("pipeline over floor, processor time", found["floor"]["ratio_cpu"], MOST_RATIO, most=True))
    print(told("pipeline over floor, wall time", found["floor"]["ratio_wall"], MOST_RATIO, most=True))
    if given.scaling:
        two = runs.run(spec, 2, given.platform)
        seconds, images = runs.steady(two.logs, WARM)
        found["images_per_s"]["2"] = images / seconds
        print(told(f"2 workers, LP_NUM_THREADS={given.lp_threads}: images/s", images / seconds, LEAST_RATE))
        print(told("images/s of two workers over one's", images / seconds / found["images_per_s"]["1"], LEAST_SCALING))
    if given.json is not None:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    try:
        main()
    except FacegenError as error:
        sys.exit(f"hot_path: {error}")
