"""What a large set costs: processor time and disk, from one that was made and the speed that was measured.

    python benchmarks/hot_path.py --scaling --json out/hot_path.json
    facegen generate pipelines/bench_wild.yaml --out out/bench_wild
    python benchmarks/cost_table.py out/bench_wild out/hot_path.json [--images 1e6 1e8] [--json out/cost.json]

Sizes are of the finished dataset, by layer; times are of hot_path.py on the same spec, which the dataset cannot hold (no clock
gets into a result). With a hot_path.py --gpu file images per GPU-hour are told as well. Everything is taken to grow with the
images; the assumptions are printed under the table.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facegen.dataset import layout
from facegen.dataset.read import Dataset
from facegen.errors import DataError, FacegenError

BLOCK = 4096
"""Bytes that a file system gives out at a time."""
CORES = (2, 64, 1024)
HOUR, DAY = 3600.0, 86400.0
ONCE = (layout.MANIFEST, layout.PREVIEW, layout.PARTS, *layout.DOCUMENTS)
"""What a dataset holds once, however large it is."""
ASSUMPTIONS = (
    "times, pictures, tables and checksums grow in proportion to images, with as many a person, of the same size and layers",
    "manifest, contact sheet and documents are there once",
    "processor time a picture is the worker's in steady state and the parent's share of planning, book-keeping and finishing",
    "days are that time over the cores, each with one worker of its own and memory bandwidth to match; hyperthreads are no cores",
    f"on the disk: every file rounded up to {BLOCK} bytes, one file a layer and picture; directories not counted",
)


@dataclass(frozen=True)
class Layer:
    """Bytes and files of one folder, or of everything beside the folders."""

    bytes: int = 0
    on_disk: int = 0
    files: int = 0

    def plus(self, size: int) -> Layer:
        return Layer(self.bytes + size, self.on_disk + -(-size // BLOCK) * BLOCK, self.files + 1)


def layers(root: Path) -> dict[str, Layer]:
    """Return the layers of a dataset: its folders by name, tables and documents by file."""
    out: dict[str, Layer] = {}
    for path in sorted(root.rglob("*")):
        if path.is_file():
            name = path.relative_to(root).parts[0]
            out[name] = out.get(name, Layer()).plus(path.stat().st_size)
    return out


def total(held: dict[str, Layer], times: float = 1.0) -> Layer:
    """Return all layers as one, those that grow with the images taken `times`."""
    shares = {name: 1.0 if name in ONCE else times for name in held}
    return Layer(*(round(sum(getattr(held[n], part) * shares[n] for n in held)) for part in ("bytes", "on_disk", "files")))


def cost(cpu_s: float, held: dict[str, Layer], images: int, wanted: float) -> dict[str, float]:
    """Return what `wanted` pictures take, from the layers of a set of `images`: processor hours, days on CORES, bytes, files."""
    grown = total(held, wanted / images)
    days = {f"days_{cores}_cores": cpu_s * wanted / cores / DAY for cores in CORES}
    return {"images": wanted, "cpu_hours": cpu_s * wanted / HOUR, **days, "bytes": grown.bytes, "on_disk": grown.on_disk,
            "files": grown.files}  # fmt: skip


def readable(size: float) -> str:
    """Return bytes in words: 1.5 TB."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} PB"


def timing(path: Path) -> dict[str, Any]:
    """Return what hot_path.py wrote. Raises DataError where it is no such file."""
    try:
        found = json.loads(path.read_text())
        assert {"each", "images_per_s", "parent_cpu_s"} <= found.keys()
    except (OSError, ValueError, AssertionError, AttributeError):
        raise DataError(
            f"'{path}' holds no figures of hot_path.py; make it with 'python benchmarks/hot_path.py --json {path}'"
        ) from None
    return dict(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("timing", type=Path, help="what hot_path.py wrote")
    parser.add_argument("--images", type=float, nargs="+", default=[1e6, 1e8])
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    images = len(Dataset.open(given.dataset).labels)
    found, held = timing(given.timing), layers(given.dataset)
    cpu_s = found["each"]["cpu_s"] + found["parent_cpu_s"]
    print(f"times: {found['about']}\nsizes: {images} images\n")
    print(f"{cpu_s:.3f} CPU s an image, {HOUR / cpu_s:,.0f} images per CPU-hour")
    fastest = max(found["images_per_s"].values())
    if "software" not in found["about"]:
        print(f"{HOUR * fastest:,.0f} images per GPU-hour at {fastest:.1f} images/s")
    print("\n| layer | bytes an image | on the disk | files an image |\n|---|---|---|---|")
    growing = {name: layer for name, layer in held.items() if name not in ONCE}
    for name, layer in [*sorted(growing.items(), key=lambda item: -item[1].bytes), ("all", total(growing))]:
        print(f"| {name} | {layer.bytes / images:,.0f} | {layer.on_disk / images:,.0f} | {layer.files / images:.3g} |")
    once = total({name: layer for name, layer in held.items() if name in ONCE})
    print(f"| once: manifest, documents, contact sheet | {readable(once.bytes)} in all | | |")
    rows = [cost(cpu_s, held, images, wanted) for wanted in given.images]
    print(f"\n| images | CPU-hours | {' | '.join(f'days, {cores:,} cores' for cores in CORES)} | bytes | on the disk | files |")
    print("|---" * (6 + len(CORES) - 1) + "|")
    for row in rows:
        days = " | ".join(f"{row[f'days_{cores}_cores']:,.2f}" for cores in CORES)
        sizes = f"{readable(row['bytes'])} | {readable(row['on_disk'])}"
        print(f"| {row['images']:,.0f} | {row['cpu_hours']:,.0f} | {days} | {sizes} | {row['files']:,.0f} |")
    print("\nAssumed: " + "; ".join(ASSUMPTIONS) + ".")
    if given.json is not None:
        values = {
            "about": found["about"],
            "cpu_s": cpu_s,
            "layers": {n: vars(v) for n, v in held.items()},
            "images": images,
            "costs": rows,
        }
        given.json.write_text(json.dumps(values, indent=1))


if __name__ == "__main__":
    try:
        main()
    except FacegenError as error:
        sys.exit(f"cost_table: {error}")
