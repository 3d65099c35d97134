"""CPU time of one frame: `python benchmarks/engine.py [--size 256] [--samples 8] [--platform auto]`.

Renders shots of pipelines/demo.yaml (every surface built beforehand, each frame drawn once to warm up) and prints milliseconds of
processor time a frame, which on a software renderer is what one core spends, together with the triangles and shadowed keys.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from facegen.population.plan import build
from facegen.run.studio import Studio
from facegen.scene import Frame, Scene
from facegen.spec import DatasetSpec

DEMO = Path(__file__).parents[1] / "pipelines" / "demo.yaml"


def scenes(studio: Studio, count: int, size: int) -> list[Scene]:
    """Return the scenes of `count` shots of the demo, each of another person."""
    spec = DatasetSpec.load(DEMO)
    plan = build(spec)
    kept: list[Scene] = []
    draw = studio.engine.render

    def keep(scene: Scene) -> Frame:
        kept.append(scene)
        return draw(scene)

    studio.engine.render = keep  # type: ignore[method-assign]
    for n in range(count):
        studio.shoot(plan.sample(n * spec.images_per_identity).model_copy(update={"size_px": size}))
    studio.engine.render = draw  # type: ignore[method-assign]
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--platform", default="auto")
    asked = parser.parse_args()
    studio = Studio(asked.platform)
    print(studio.engine.info)
    by_keys: dict[int, list[float]] = {}
    for scene in scenes(studio, asked.samples, asked.size):
        studio.engine.render(scene)
        spent = []
        for _ in range(asked.repeats):
            begun = time.process_time()
            studio.engine.render(scene)
            spent.append(1e3 * (time.process_time() - begun))
        shadows = sum(key.shadow for key in scene.keys)
        by_keys.setdefault(shadows, []).append(float(np.median(spent)))
        print(f"{sum(len(s.faces) for s in scene.surfaces):7d} triangles  {shadows} shadowed keys  {np.median(spent):6.1f} ms")
    for shadows, values in sorted(by_keys.items()):
        print(f"{shadows} shadowed keys: mean {np.mean(values):.1f} ms over {len(values)} scenes at {asked.size} px")
    studio.close()


if __name__ == "__main__":
    main()
