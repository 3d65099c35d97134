"""How much room a dataset will take, told before anything is made: measured bytes of each kind of file, by the picture's size.

measured_bytes.py holds the means over samples of the default population; `python benchmarks/bytes.py` measures them again.
"""

from __future__ import annotations

import math
import shutil
from pathlib import Path

from facegen.errors import MachineError
from facegen.run.measured_bytes import BYTES, LABEL_ROW, PERSON_ROW, SITTING_ROW, SIZES, STATE_ROW
from facegen.run.store import LocalStore, Store
from facegen.spec import DatasetSpec

BLOCK_BYTES = 4096
"""A file takes whole blocks."""
SUMS_ROW = 105
"""A line of SHA256SUMS."""
DOCUMENTS_BYTES = 4_000_000
"""Manifest, contact sheet, card and what else stands once in a set."""
SPARE = 1.1
"""What the contents of one set may take above the mean, and directories."""
_UNITS = ("B", "kB", "MB", "GB", "TB")
_FOLDERS = {"under": "masks_under", "amodal": "masks_skin"}
_CROPS = {"arcface": "aligned", "ffhq": "crops_ffhq", "loose": "crops_loose"}


def kinds(spec: DatasetSpec) -> list[str]:
    """Return the kinds of file, as the table names them, that each picture of `spec` has."""
    asked = spec.outputs.model_dump()
    found = [f"images.{spec.format}"]
    found += [_FOLDERS.get(name, name) for name, on in asked.items() if on is True and name != "mesh_hair"]
    found += [_CROPS[name] for name in spec.outputs.crops]
    if spec.outputs.points:
        found.append("points." + "+".join(sorted(spec.outputs.points)))
    if spec.outputs.mesh != "none":
        found.append(f"mesh.{spec.outputs.mesh}" + (".hair" if spec.outputs.mesh_hair else ""))
    return list(dict.fromkeys(found))


def bytes_per_image(spec: DatasetSpec) -> float:
    """Return what one picture of `spec` takes on a disk while the set is made: its files, its label row, its row in the state."""
    sizes = [_at(BYTES[kind], spec.size) for kind in kinds(spec)]
    if spec.layout == "files":
        sizes = [size + BLOCK_BYTES / 2 for size in sizes]
    return sum(sizes) + LABEL_ROW + STATE_ROW + SUMS_ROW * len(sizes)


def need(spec: DatasetSpec, images: int) -> int:
    """Return the bytes that `images` pictures of `spec` take, people's tables too."""
    people = spec.identities * (PERSON_ROW + spec.sittings_per_identity * SITTING_ROW)
    return round(SPARE * (images * bytes_per_image(spec) + people + DOCUMENTS_BYTES))


def told(spec: DatasetSpec, images: int, out: str) -> str:
    """Return the one line that says it before a run."""
    each, all_ = bytes_per_image(spec), need(spec, images)
    free = _free(out)
    room = "" if free is None else f"; {size(free)} are free at '{out}'"
    return f"about {size(all_)}: {images} images of {size(each)}{room}"


def check(spec: DatasetSpec, store: Store, images: int) -> None:
    """Raise MachineError where a local store has no room for `images` more pictures."""
    if not isinstance(store, LocalStore):
        return
    free, wanted = _free(store.url), need(spec, images)
    if free is not None and wanted > free:
        raise MachineError(
            f"'{store.url}': {images} images need about {size(wanted)}, {size(free)} are free; make room, choose another --out, "
            "ask for less, or begin all the same with --ignore-space"
        )


def size(count: float) -> str:
    """Return bytes in words: '61 kB', '1.2 GB'."""
    power = min(max(int(math.log10(max(count, 1)) + 0.0002) // 3, 0), len(_UNITS) - 1)
    scaled = count / 1000**power
    return f"{scaled:.0f} {_UNITS[power]}" if scaled >= 10 or power == 0 else f"{scaled:.1f} {_UNITS[power]}"


def _free(out: str) -> int | None:
    """Return the free bytes where `out` will lie; None for a place that is no directory of this machine."""
    if "://" in out:
        return None
    path = Path(out).absolute()
    while not path.exists() and path != path.parent:
        path = path.parent
    return shutil.disk_usage(path).free


def _at(means: list[int], side: int) -> float:
    """Return the mean at `side` pixels: a straight line between the measured ones, both axes logarithmic, gone on at the ends."""
    at = min(max(sum(known <= side for known in SIZES) - 1, 0), len(SIZES) - 2)
    low, high = SIZES[at], SIZES[at + 1]
    slope = math.log(means[at + 1] / means[at]) / math.log(high / low)
    return float(means[at] * (side / low) ** slope)
