"""How fast a whole dataset is made here: `python benchmarks/end_to_end.py [--identities 12] [--workers 2] [--size 256]`.

Runs `facegen generate pipelines/demo.yaml` with every output switched on, from process start to finished manifest, and one
profiled worker's share of the parts. Prints one table; writes nothing that stays.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from facegen.run.threads import SINGLE

os.environ.update(SINGLE)  # before numpy

from facegen.population.plan import build  # noqa: E402
from facegen.run.local import generate  # noqa: E402
from facegen.spec import DatasetSpec  # noqa: E402

SPEC = Path(__file__).parents[1] / "pipelines" / "demo.yaml"
OUTPUTS = ("aligned", "masks", "depth", "normals")
PARTS = {
    "head: shape": ("head/model.py", "shape"),
    "head: pose": ("head/model.py", "pose"),
    "skin textures": ("looks/skin/textures.py", "skin_textures"),
    "hair": ("looks/hair/groom.py", "groom"),
    "brows, beard, lashes": ("looks/facial_hair/surfaces.py", "facial_hair_surfaces"),
    "worn things": ("wear/worn.py", "worn_surfaces"),
    "OpenGL": ("render/engine.py", "render"),
    "background": ("stage/background.py", "background"),
    "sensor": ("sensor/photo.py", "expose"),
    "labels": ("annotate/record.py", "annotate"),
    "files": ("run/studio.py", "_files"),
}
"""What is shown -> the function that is timed with everything it calls."""


def main() -> None:
    options = _options()
    spec = _spec(options)
    images = spec.identities * spec.images_per_identity
    with tempfile.TemporaryDirectory() as folder:
        stamps: list[float] = []
        start = time.perf_counter()
        generate(spec, Path(folder) / "set", options.workers, options.platform, report=_stamp(stamps))
        whole = time.perf_counter() - start
    rendering = stamps[-1] - stamps[0]
    print(f"{images} images of {spec.identities} people, {spec.size} px, {options.workers} workers; {', '.join(OUTPUTS)}")
    print(f"whole run         {whole:7.1f} s   {images / whole:6.2f} images/s")
    print(f"from first worker {rendering:7.1f} s   {images / rendering:6.2f} images/s")
    _parts(spec, options.platform)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--identities", type=int, default=12)
    parser.add_argument("--per-identity", type=int, default=5)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--platform", default="auto")
    return parser.parse_args()


def _spec(options: argparse.Namespace) -> DatasetSpec:
    plain = DatasetSpec.load(SPEC).model_dump(mode="json")
    counts = {"identities": options.identities, "images_per_identity": options.per_identity, "size": options.size}
    return DatasetSpec.from_dict({**plain, **counts, "outputs": dict.fromkeys(OUTPUTS, True)})


def _stamp(stamps: list[float]) -> Callable[[int, int], None]:
    return lambda done, total: stamps.append(time.perf_counter())


def _parts(spec: DatasetSpec, platform: str) -> None:
    """Where one worker's time goes, measured in this process over a few people after one that warms up."""
    from facegen.run.worker import open_studio

    studio, outputs = open_studio("facegen.run.studio:Studio", platform, spec.model_dump(mode="json"))
    plan, per = build(spec), spec.images_per_identity
    last = min(spec.identities, 5) * per
    for n in range(per):
        studio.shoot(plan.sample(n), outputs)
    profile = cProfile.Profile()
    profile.enable()
    for n in range(per, last):
        studio.shoot(plan.sample(n), outputs)
    profile.disable()
    studio.close()
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    count = max(last - per, 1)
    total = sum(own for _, _, own, _, _ in stats.values())
    print(f"one worker, {count} images, under the profiler: {1000 * total / count:.0f} ms an image, of which")
    for name, (file, function) in PARTS.items():
        spent = sum(entry[3] for (path, _, called), entry in stats.items() if path.endswith(file) and called == function)
        print(f"  {name:<22}{1000 * spent / count:7.0f} ms")


if __name__ == "__main__":
    main()
