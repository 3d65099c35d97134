"""Is a dataset what it says it is: every file's hash, and some samples rendered again and compared with what lies there."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Container
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from facegen import guard
from facegen.dataset import croissant, layout
from facegen.dataset.layers import foreign
from facegen.dataset.manifest import file_list
from facegen.dataset.read import Dataset
from facegen.dataset.write import sha256_file
from facegen.errors import DataError, RequestError
from facegen.run.again import shot
from facegen.run.fingerprint import fingerprint
from facegen.run.worker import finished, open_studio
from facegen.sensor.codec import decode_exact
from facegen.sensor.exr import decode_exr

MEAN_DIFFERENCE = 1 / 255
LABEL_AGREEMENT = 0.999
"""What two OpenGL drivers must agree on (docs/design.md): mean pixel difference, share of equal raster labels."""
VERTEX_DIFFERENCE_M = 1e-4
EXACT_COLUMNS = ("sample", "K", "bbox", "landmarks_5", "landmarks_68", "landmarks_68_head_m", "yaw_deg", "pitch_deg", "roll_deg")


@dataclass(frozen=True)
class Verdict:
    """`problems` is empty for a sound dataset. `bitwise`: compared bit by bit (same platform), else by tolerance."""

    files: int
    rendered: int
    bitwise: bool
    platform_differs_in: tuple[str, ...]
    problems: tuple[str, ...]


def verify(
    dataset: Dataset, samples: int, platform: str, report: Callable[[int, int], None], studio: str = "facegen.run.studio:Studio"
) -> Verdict:
    """Check hashes and render `samples` evenly spaced images again."""
    if samples < 0:
        raise RequestError(f"samples {samples} is not 0 or more")
    problems = hashes(dataset)
    count = min(samples, len(dataset.labels))
    if count == 0:
        return Verdict(len(dataset.checksums), 0, False, (), tuple(problems))
    shots, outputs = open_studio(studio, platform, dataset.manifest["spec"])
    try:
        here, there = fingerprint(shots), dataset.manifest["platform"]
        differs = tuple(sorted(k for k in {*here, *there} if here.get(k) != there.get(k)))
        for i in range(count):
            report(i, count)
            row = dataset.labels.iloc[i * len(dataset.labels) // count]
            problems += _again(dataset, row, shots, outputs, bitwise=not differs)
        report(count, count)
    finally:
        shots.close()
    return Verdict(len(dataset.checksums), count, not differs, differs, tuple(problems))


def hashes(dataset: Dataset) -> list[str]:
    """Return what is wrong with the files: changed, missing, unexpected, or a list that the manifest does not know."""
    known = dataset.checksums
    problems = []
    for name, digest in known.items():
        problems += _changed(dataset.root, name, digest)
    for folder in (*layout.FOLDERS, layout.SHARDS):
        problems += _unlisted(dataset.root, folder, known)
        listed = file_list((n, d) for n, d in known.items() if n.startswith(folder + "/"))
        told = dataset.manifest["files"].get(folder, {})
        if listed["count"] and any(told.get(key) != value for key, value in listed.items()):
            problems.append(f"{layout.CHECKSUMS}: its list of {folder}/ is not the one that {layout.MANIFEST} recorded")
    return problems + _documents(dataset)


def _changed(root: Path, name: str, digest: str) -> list[str]:
    """Return what is wrong with one file; one that nobody may read, or a disk gives no more, must not hide what else is wrong."""
    path = root / name
    try:
        if not path.is_file():
            return [f"{name}: missing"]
        if guard.leaves(path, root):
            return [f"{name}: a link out of the dataset"]
        return [] if sha256_file(path) == digest else [f"{name}: changed since it was written"]
    except OSError as error:
        return [f"{name}: cannot be read ({error.strerror})"]


def _unlisted(root: Path, folder: str, known: Container[str]) -> list[str]:
    """Return the files below a folder that are not `known`, and the folders that cannot be looked into."""
    problems, lost = [], list[OSError]()
    for where, _, files in os.walk(root / folder, onerror=lost.append):
        names = ((Path(where) / file).relative_to(root).as_posix() for file in files)
        problems += [f"{name}: not part of the dataset" for name in names if name not in known]
    problems += [f"{Path(error.filename).relative_to(root).as_posix()}/: cannot be read ({error.strerror})" for error in lost
                 if error.errno != errno.ENOENT]  # fmt: skip
    return sorted(problems)


def _documents(dataset: Dataset) -> list[str]:
    """Return which documents the list of hashes lacks, and whether the manifest, which it cannot hold, is the one described."""
    known = dataset.checksums
    pairs = (layout.PAIRS, layout.PAIRS_CSV) if dataset.manifest["spec"].get("kind") == "counterfactual" else ()
    wanted = (*dataset.label_names, layout.IDENTITIES, layout.SITTINGS, *pairs, *layout.DOCUMENTS)
    problems = [f"{name}: not in {layout.CHECKSUMS}" for name in wanted if name not in known]
    try:
        described = guard.parsed(guard.read(dataset.root / layout.CROISSANT, guard.JSON_BYTES))
        wrong = croissant.differing(dataset.root, described)
    except FileNotFoundError:
        return problems  # told with the hashes
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        return [*problems, f"{layout.CROISSANT}: cannot be read ({type(error).__name__})"]
    return problems + [f"{name}: not the one that {layout.CROISSANT} describes" for name in wrong]


def _again(dataset: Dataset, row: Any, shots: Any, outputs: Any, bitwise: bool) -> list[str]:
    sample = dataset.sample(str(row["image_id"]))
    result = shot(shots, sample, outputs)
    problems = [
        f"{sample.image_id}: column {name} comes out differently"
        for name in EXACT_COLUMNS
        if name in result.row and not _equal(result.row[name], row[name])
    ]
    for name, data in finished(result.files, sample).items():
        try:
            stored = dataset.files.stored(name, row)
            if stored is None:
                continue  # told with the hashes
            if bitwise and data != stored:
                problems.append(f"{name}: rendered again, it comes out differently")
            elif not bitwise and name.endswith(".npz"):
                problems += _compare_points(name, data, stored)
            elif not bitwise:
                problems += _compare(name, _decoded(name, data), _decoded(name, stored))
        except DataError as error:
            problems.append(f"{name}: {error}")
    return problems


def _decoded(name: str, data: bytes) -> np.ndarray:
    """Return what a file of a picture holds: pixels, depths or the vertices of a mesh. Raises DataError for damaged files."""
    suffix = name.rpartition(".")[2]
    if suffix in ("ply", "glb"):
        mesh = foreign(suffix, data)
        return np.asarray((mesh.to_mesh() if hasattr(mesh, "to_mesh") else mesh).vertices)
    return decode_exr(data) if suffix == "exr" else decode_exact(data)


def _compare(name: str, new: np.ndarray, old: np.ndarray) -> list[str]:
    """Return what two renders of one picture on different platforms disagree on beyond the tolerance."""
    if new.shape != old.shape or new.dtype != old.dtype:
        return [f"{name}: {new.shape} {new.dtype} instead of {old.shape} {old.dtype}"]
    folder = name.split("/")[0]
    if folder in ("masks", "masks_under", "masks_skin", "parts"):
        same = float(np.mean(new == old))
        return [] if same >= LABEL_AGREEMENT else [f"{name}: {100 * same:.2f}% of the ids agree, below 99.9%"]
    if folder == "mesh":
        off = float(np.abs(new - old).max())
        return [] if off <= VERTEX_DIFFERENCE_M else [f"{name}: vertices differ by {1000 * off:.2f} mm, above 0.1 mm"]
    if folder in ("depth", "depth_exr", "normals", "uv"):
        same = float(np.mean((new > 0) == (old > 0)))
        return [] if same >= LABEL_AGREEMENT else [f"{name}: coverage agrees on {100 * same:.2f}%, below 99.9%"]
    off = float(np.mean(np.abs(new.astype(np.float64) - old))) / 255
    return [] if off <= MEAN_DIFFERENCE else [f"{name}: mean difference {255 * off:.2f}/255, above 1/255"]


def _compare_points(name: str, new: bytes, old: bytes) -> list[str]:
    """Return where two tables of landmarks disagree: places are arithmetic and must not, visibility is read off the render."""
    a, b = foreign("npz", new), foreign("npz", old)
    if set(a) != set(b):
        return [f"{name}: holds {', '.join(sorted(b))} instead of {', '.join(sorted(a))}"]
    other = [key for key in a if a[key].shape != b[key].shape or a[key].dtype != b[key].dtype]
    if other:
        return [f"{name}: {other[0]} is {b[other[0]].shape} {b[other[0]].dtype}, not {a[other[0]].shape} {a[other[0]].dtype}"]
    off = [key for key in a if not key.endswith("_visible") and not np.array_equal(a[key], b[key], equal_nan=True)]
    off += [key for key in a if key.endswith("_visible") and np.mean(a[key] == b[key]) < LABEL_AGREEMENT]
    return [f"{name}: {key} comes out differently" for key in off]


def _equal(new: Any, old: Any) -> bool:
    if isinstance(new, str):
        return bool(new == old)
    return bool(np.array_equal(np.asarray(new, np.float32), np.asarray(old, np.float32)))
