"""The state of an unfinished run: OUT/.work holds a lock, what is being made, and one shard of label rows a task.

A shard appears only after all of its task's files are on the disk, so a killed run goes on behind the last shard and ends
with the same bytes as one that was never stopped.
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import facegen
from facegen import guard
from facegen.dataset import layout
from facegen.dataset.write import discard, json_bytes, write_atomic, write_error
from facegen.errors import DataError, RequestError
from facegen.run.store import LocalStore
from facegen.spec import DatasetSpec

HEADER = "run.json"
LOCK = "lock"


@dataclass(frozen=True)
class Shard:
    """Label rows in the order of the plan, sha256 of every file of the task, and the samples that failed with their reasons."""

    rows: list[dict[str, Any]]
    files: dict[str, str]
    failed: dict[str, str]


class WorkDir:
    """An output directory held by this process. Use as a context manager; leaving it gives up the lock."""

    def __init__(self, out: Path, spec: DatasetSpec) -> None:
        self.out = out
        self.store = LocalStore(out)
        self.root = out / layout.WORK
        self.shards = self.root / "shards"
        self.temporary = self.root / "tmp"
        check_target(out, spec)
        try:
            for folder in (self.shards, self.temporary):
                folder.mkdir(parents=True, exist_ok=True)
            self._lock: IO[bytes] = open(self.root / LOCK, "wb")  # noqa: SIM115 (held until leave)
        except OSError as error:
            raise write_error(error, out) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise RequestError(f"'{out}' is being written by another run; wait for it or choose another --out") from None
        for leftover in self.temporary.iterdir():
            discard(leftover)

    def __enter__(self) -> WorkDir:
        return self

    def __exit__(self, *_: object) -> None:
        if self.root.exists() and not (self.root / HEADER).exists():  # nothing was begun: leave no trace
            self.remove()
            with contextlib.suppress(OSError):
                self.out.rmdir()
        self._lock.close()

    def begin(self, spec: DatasetSpec, fingerprint: dict[str, Any]) -> None:
        """Record what is made here, or check that the run to be resumed was made by the same software on a like machine."""
        header = {
            "spec_sha256": spec.sha256(),
            "versions": {"facegen": facegen.__version__},
            "platform": fingerprint,
        }
        path = self.root / HEADER
        if not path.exists():
            write_atomic(path, json_bytes(header), self.temporary)
            return
        begun = read_json(path).get("platform", {})
        other = [name for name, value in fingerprint.items() if begun.get(name) != value]
        if other:
            was, now = begun.get(other[0]), fingerprint[other[0]]
            raise RequestError(
                f"'{self.out}' was begun with {other[0]} '{was}', this is '{now}': pictures would differ; "
                "go on there, or choose another --out"
            )

    @property
    def fingerprint(self) -> dict[str, Any]:
        """The platform that this dataset was begun on."""
        found = read_json(self.root / HEADER)["platform"]
        return dict(found)

    def shard(self, name: str) -> Shard | None:
        """Return the finished shard called `name`, or None."""
        path = self.shards / f"{name}.json"
        return _shard(path) if path.exists() else None

    def save(self, name: str, shard: Shard) -> None:
        """Write a shard: its task is done."""
        write_atomic(self.shards / f"{name}.json", json_bytes(vars(shard)), self.temporary)

    def saved(self, names: Iterable[str]) -> Iterator[Shard]:
        """Yield the shards of `names`, in that order; every one must be there."""
        for name in names:
            shard = self.shard(name)
            if shard is None:
                raise DataError(f"'{self.shards / name}.json' has gone missing; run the same command again")
            yield shard

    def remove(self) -> None:
        """Drop the state: the dataset is finished."""
        shutil.rmtree(self.root, ignore_errors=True)


def check_target(out: Path, spec: DatasetSpec) -> None:
    """Refuse a directory that holds something else than this dataset, finished or begun. Raises RequestError."""
    try:
        if not out.exists() or (out.is_dir() and not any(out.iterdir())):
            return
        if not out.is_dir():
            raise RequestError(f"'{out}' is a file; choose another --out")
        header = next((p for p in (out / layout.MANIFEST, out / layout.WORK / HEADER) if p.exists()), None)
        known = header is not None or (out / layout.WORK / LOCK).exists()
    except OSError as error:
        raise write_error(error, out) from None
    if not known:
        raise RequestError(f"'{out}' is not empty and holds no dataset of ours; choose another --out")
    if header is None:
        return
    found = read_json(header)
    theirs, ours = str(found.get("spec_sha256")), spec.sha256()
    if theirs != ours:
        raise RequestError(
            f"'{out}' holds the dataset of another spec ({theirs[:12]}, this one is {ours[:12]}); "
            "choose another --out or remove it"
        )
    version = found.get("versions", {}).get("facegen")
    if version != facegen.__version__:
        this = facegen.__version__
        raise RequestError(f"'{out}' was made by facegen {version}, this is {this}; choose another --out or remove it")


def _shard(path: Path) -> Shard:
    """Return a shard as it was saved. Raises DataError for one that could point out of the dataset, or is none."""
    found = read_json(path)
    rows, files, failed = (found.get(name) for name in ("rows", "files", "failed"))
    if (
        set(found) != {"rows", "files", "failed"}
        or not (isinstance(rows, list) and all(isinstance(row, dict) and isinstance(row.get("file"), str) for row in rows))
        or not (isinstance(files, dict) and all(guard.inside(name) and isinstance(digest, str) for name, digest in files.items()))
        or not (isinstance(failed, dict) and all(isinstance(reason, str) for reason in failed.values()))
        or not all(row["file"] in files for row in rows)
    ):
        raise DataError(f"'{path}' is no shard of a run; remove it and run the same command again")
    return Shard(rows, files, failed)


def is_finished(out: Path) -> bool:
    """Whether `out` holds a finished dataset."""
    return (out / layout.MANIFEST).exists() and not (out / layout.WORK).exists()


def read_json(path: Path) -> dict[str, Any]:
    """Return the JSON object in `path`. Raises DataError when it is damaged."""
    try:
        value = guard.parsed(guard.read(path, guard.JSON_BYTES))
    except (OSError, ValueError) as error:
        raise DataError(f"'{path}' cannot be read ({error}); remove it and run the same command again") from None
    if not isinstance(value, dict):
        raise DataError(f"'{path}' does not hold a JSON object; remove it and run the same command again")
    return value
