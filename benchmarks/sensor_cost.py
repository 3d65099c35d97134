"""What the photograph costs beside the render: `python benchmarks/sensor_cost.py [--people 6] [--per-identity 5]`.

Processor time of sensor, processing, channel and the file's codec, and of the render, by preset at 128 and 256 px. Bar: the
former takes at most 35% of the latter.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from facegen.run.threads import SINGLE

os.environ.update({**SINGLE, "LIBGL_ALWAYS_SOFTWARE": "1"})  # before numpy

import cv2  # noqa: E402

from facegen.population.plan import build  # noqa: E402
from facegen.run import studio as studio_module  # noqa: E402
from facegen.spec import DatasetSpec, names  # noqa: E402

MOST_SHARE = 0.35
SPEC = {"name": "cost", "seed": 3, "date": "2026-01-01"}


def timed(call: Callable[..., Any], name: str, spent: Counter[str]) -> Callable[..., Any]:
    """Return `call` with its processor time added to `spent[name]`."""

    def wrapper(*args: Any, **more: Any) -> Any:
        began = time.process_time()
        result = call(*args, **more)
        spent[name] += time.process_time() - began  # type: ignore[assignment]
        return result

    return wrapper


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=6)
    parser.add_argument("--per-identity", type=int, default=5)
    parser.add_argument("--platform", default="egl")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    spent: Counter[str] = Counter()
    for name in ("expose", "encode"):
        setattr(studio_module, name, timed(getattr(studio_module, name), "photograph", spent))
    with studio_module.Studio(given.platform) as studio:
        studio.engine.render = timed(studio.engine.render, "render", spent)  # type: ignore[method-assign]
        for size in (128, 256):
            for preset in names.degradations():
                counts = {"identities": given.people, "images_per_identity": given.per_identity, "size": size}
                plan = build(DatasetSpec.from_dict({**SPEC, **counts, "shots": {"degradation": preset}}))
                samples = list(plan.samples())
                studio.shoot(samples[0])  # compiles and loads
                spent.clear()
                for sample in samples:
                    studio.shoot(sample)
                share = spent["photograph"] / spent["render"]
                each = {name: 1000 * spent[name] / len(samples) for name in ("photograph", "render")}
                verdict = "ok  " if share <= MOST_SHARE else "MISS"
                print(
                    f"{verdict} {size} px {preset:13s} {each['photograph']:5.1f} ms beside {each['render']:5.1f} ms: {share:.0%}"
                )


if __name__ == "__main__":
    main()
