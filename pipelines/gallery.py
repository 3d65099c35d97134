"""The gallery: contact sheets that show what the renderer draws, good and bad. `make gallery`.

    python pipelines/gallery.py [--only hair --only eyes] [--size 512] [--out docs/gallery] [--workers 2] [--first 8]

docs/gallery.md shows the sheets; gallery_sheets.py says what is on them. Same version and driver, same bytes.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
from pathlib import Path
from typing import Any

from facegen.run.threads import SINGLE

os.environ.update(SINGLE)  # before numpy

import numpy as np  # noqa: E402
from gallery_sheets import SHEETS, SPEC, Sheet  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from facegen.dataset.sheet import jpeg_within, sheet  # noqa: E402
from facegen.dataset.write import write_atomic  # noqa: E402
from facegen.run.progress import Reporter  # noqa: E402
from facegen.run.studio import Studio  # noqa: E402
from facegen.sample import SampleSpec  # noqa: E402
from facegen.spec import DatasetSpec  # noqa: E402

OUT = Path(__file__).parents[1] / "docs" / "gallery"
MOST_BYTES = 2_400_000
LARGEST_PX = 2048

_studio: Studio | None = None


def shoot(task: list[tuple[int, SampleSpec]]) -> list[tuple[int, NDArray[np.uint8]]]:
    """Return (place, picture) of each sample; a process keeps its studio for life."""
    global _studio
    if _studio is None:
        _studio = Studio()
    return [(place, _studio.shoot(sample).image) for place, sample in task]


def draw(one: Sheet, size: int, pool: Any) -> NDArray[np.uint8]:
    """Return the finished sheet. The shots of one sitting are drawn together, since they share its maps."""
    tile_px = size if one.tile_px is None else min(size, one.tile_px)
    scale = tile_px / DatasetSpec.load(SPEC).size
    sized = [s.model_copy(update={"size_px": min(round(scale * s.size_px), LARGEST_PX)}) for _, s in one.tiles]
    order = sorted(enumerate(sized), key=lambda item: (_sitting(item), item[0]))
    tasks = [list(group) for _, group in itertools.groupby(order, key=_sitting)]
    images: dict[int, NDArray[np.uint8]] = {}
    with Reporter(one.name) as progress:
        for done in map(shoot, tasks) if pool is None else pool.imap_unordered(shoot, tasks):
            images.update(done)
            progress(len(images), len(sized))
    return sheet([images[n] for n in range(len(sized))], one.columns, tile_px, [text for text, _ in one.tiles])


def _sitting(item: tuple[int, SampleSpec]) -> str:
    sample = item[1]
    return f"{sample.size_px}/{sample.identity.model_dump_json()}/{sample.sitting.model_dump_json()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=tuple(SHEETS), help="these sheets and no others; may be repeated")
    parser.add_argument("--size", type=int, default=512, help="pixels a tile")
    parser.add_argument("--first", type=int, help="only the first tiles of each sheet, to look quickly")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    pool = multiprocessing.get_context("spawn").Pool(given.workers) if given.workers > 1 else None
    for name in given.only or SHEETS:
        for one in SHEETS[name]():
            part = Sheet(one.name, one.columns, one.tiles[: given.first], one.tile_px)
            data = jpeg_within(draw(part, given.size, pool), MOST_BYTES)
            write_atomic(given.out / f"{one.name}.jpg", data, given.out)
            print(f"{given.out / one.name}.jpg: {len(part.tiles)} tiles, {len(data) / 1e6:.1f} MB", flush=True)
    if pool is not None:
        pool.close()
        pool.join()


if __name__ == "__main__":
    main()
