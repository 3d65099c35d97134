"""Does a worker grow? Resident memory over thousands of pictures.

    python benchmarks/memory.py [--images 5000] [--size 128] [--json out/memory.json]

Runs `facegen generate` on pipelines/bench_wild.yaml with watched workers (watched.py), reads each one's resident set before
every picture, and fits a line to it after the first `--warm` pictures, in which programs are compiled and caches fill (256 MB
of textures: with a software driver, they lie in the worker). Means of blocks of `BLOCK` pictures are fitted, since neighbours
are alike; the standard error is that of ordinary least squares. A slope within twice its error of zero is told from none by
nothing that was measured.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import runs
from numpy.typing import ArrayLike

from facegen.errors import FacegenError, RequestError

BLOCK = 25


def slope(values: ArrayLike) -> tuple[float, float]:
    """Return the least-squares slope of equally spaced values, per step, and its standard error (n - 2 degrees of freedom)."""
    y = np.asarray(values, dtype=np.float64)
    if len(y) < 3:
        raise RequestError(f"{len(y)} values have no slope with an error; 3 or more do: ask for more --images")
    x = np.arange(len(y)) - (len(y) - 1) / 2
    spread = float(x @ x)
    k = float(x @ y) / spread
    rest = y - y.mean() - k * x
    return k, float(np.sqrt(rest @ rest / (len(y) - 2) / spread))


def growth(rss_kb: ArrayLike, block: int = BLOCK) -> tuple[float, float]:
    """Return KB a picture and its standard error, from one value a picture."""
    y = np.asarray(rss_kb, dtype=np.float64)
    means = y[: len(y) // block * block].reshape(-1, block).mean(axis=1)
    k, error = slope(means)
    return k / block, error / block


def main() -> None:
    parser = runs.arguments(__doc__, images=5000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--warm", type=int, default=1500, help="first pictures of a worker that do not count")
    given = parser.parse_args()
    runs.prepare(given)
    spec = runs.spec_of(given)
    print(runs.about(given, spec))
    logs = runs.run(spec, given.workers, given.platform).logs
    long = [log for log in logs if len(log) - given.warm >= 3 * BLOCK]
    print(f"{len(logs)} workers; {len(long)} of them made the {given.warm + 3 * BLOCK} images that a slope needs")
    found = [line(log, given.warm) for log in long]
    runs.write(given, {"about": runs.about(given, spec), "warm": given.warm, "workers": found})


def line(log: runs.Log, warm: int) -> dict[str, Any]:
    """Return a worker's growth and sizes in MB; print them."""
    rss = np.array([entry["rss_kb"] for entry in log])
    k, error = growth(rss[warm:])
    sizes = {"after_warm_up_mb": rss[warm] / 1024, "end_mb": rss[-1] / 1024, "peak_mb": log[-1]["peak_kb"] / 1024}
    told = "flat" if abs(k) <= 2 * error else "grows" if k > 0 else "shrinks"
    after, end, peak = sizes.values()
    print(f"worker of {len(log) - 1} images: {k:+.2f} +- {error:.2f} KB an image ({told})")
    print(f"  {after:.0f} MB after {warm} images, {end:.0f} MB at the end, peak {peak:.0f} MB")
    curve = [round(value / 1024, 1) for value in rss[:: max(len(rss) // 100, 1)]]
    return {"images": len(log) - 1, "kb_an_image": k, "standard_error": error, **sizes, "rss_mb": curve}


if __name__ == "__main__":
    try:
        main()
    except FacegenError as error:
        sys.exit(f"memory: {error}")
