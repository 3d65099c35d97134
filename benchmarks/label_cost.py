"""What each label layer costs in time and bytes, at 256 px, against the photograph with its row of labels.

    python benchmarks/label_cost.py [--people 6] [--rounds 3] [--size 256]

One process on software EGL, threads as a worker has them. Every person stands ready (hair grown, skin painted) before a shot is
timed, so that a layer's cost is not hidden behind that work. For each shot the outputs take turns and the fastest round counts;
sums over the shots are compared. Bar: every layer together costs at most as much again as photograph and row (ratio 2). The clean
twin, a second photograph, and hair in the mesh are told apart.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

from facegen.run.threads import SINGLE

os.environ.update(SINGLE)  # before numpy

import numpy as np  # noqa: E402

from facegen.population.plan import build  # noqa: E402
from facegen.run.worker import open_studio  # noqa: E402
from facegen.spec import DatasetSpec  # noqa: E402

SPEC = Path(__file__).parents[1] / "pipelines" / "demo.yaml"
SOFTWARE = {"LIBGL_ALWAYS_SOFTWARE": "1"}
MOST_RATIO = 2.0
NONE = {"masks": False}
MAPS = ("masks", "under", "amodal", "parts", "uv", "albedo", "hair_alpha", "depth", "depth_exr", "normals")
SINGLE_LAYERS: dict[str, dict[str, Any]] = {
    **{name: {name: True} for name in MAPS},
    "mesh glb": {"mesh": "glb"}, "mesh ply": {"mesh": "ply"}, "crops": {"crops": ["arcface", "ffhq", "loose"]},
}  # fmt: skip
EVERY = {
    **dict.fromkeys(MAPS, True), "mesh": "glb", "crops": ["arcface", "ffhq", "loose"],
}  # fmt: skip
SETS: dict[str, dict[str, Any]] = {
    "photograph and row": {}, **SINGLE_LAYERS, "every layer": EVERY,
    "mesh glb with hair": {"mesh": "glb", "mesh_hair": True}, "clean twin": {"clean": True},
}  # fmt: skip


def measure(people: int, rounds: int, size: int, platform: str) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Return the seconds an image of each of SETS, and for each the mean bytes by folder."""
    base = DatasetSpec.load(SPEC).model_dump(mode="json")
    plan = build(DatasetSpec.from_dict({**base, "identities": people, "images_per_identity": 1, "size": size}))
    studio, _ = open_studio("facegen.run.studio:Studio", platform, {"format": "jpg", "outputs": {}})
    from facegen.run.outputs import Outputs

    spent = {name: np.zeros(people) + np.inf for name in SETS}
    sizes: dict[str, dict[str, float]] = {name: {} for name in SETS}
    try:
        for n in range(people):
            sample = plan.sample(n)
            studio.shoot(sample, Outputs(**{**NONE, **EVERY}))  # person and programs
            for turn in range(rounds):
                for name, asked in SETS.items():
                    outputs = Outputs(**{**NONE, **asked})
                    began = time.perf_counter()
                    files = studio.shoot(sample, outputs).files
                    spent[name][n] = min(spent[name][n], time.perf_counter() - began)
                    if turn == 0:
                        for path, data in files.items():
                            folder = path.split("/")[0]
                            sizes[name][folder] = sizes[name].get(folder, 0.0) + len(data) / people
    finally:
        studio.close()
    return {name: float(seconds.mean()) for name, seconds in spent.items()}, sizes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--platform", default="egl")
    given = parser.parse_args()
    os.environ.update(SOFTWARE)
    spent, sizes = measure(given.people, given.rounds, given.size, given.platform)
    first = next(iter(SETS))
    print(f"{given.people} people, {given.size} px, fastest of {given.rounds} rounds; {1000 * spent[first]:.0f} ms {first}")
    for name in SETS:
        if name == first:
            continue
        own = {folder: count for folder, count in sizes[name].items() if folder not in sizes[first]}
        each = ", ".join(f"{folder} {count:.0f}" for folder, count in own.items())
        told = each if len(own) < 5 else f"{sum(own.values()):.0f} in all"
        print(f"  {name:20s} {1000 * (spent[name] - spent[first]):+6.0f} ms   bytes an image: {told}")
    ratio = spent["every layer"] / spent[first]
    print(f"{'ok  ' if ratio <= MOST_RATIO else 'MISS'} every layer: {ratio:.2f} times photograph and row, bar {MOST_RATIO:g}")


if __name__ == "__main__":
    main()
