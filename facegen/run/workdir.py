"""The state of an unfinished run: `.work/` of its store holds what is being made and one shard of label rows a task.

A shard appears only after all of its task's files are in the store, so a killed run goes on behind the last shard and ends
with the same bytes as one that was never stopped. In a local directory a lock keeps a second run out.
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import facegen
from facegen.dataset import layout
from facegen.dataset.write import discard, json_bytes, write_error
from facegen.errors import DataError, RequestError
from facegen.run.shard import SUFFIX, Shard
from facegen.run.state import HEADER, LOCK, check_target, read_json
from facegen.run.store import LocalStore, Store
from facegen.spec import DatasetSpec

SHARDS = f"{layout.WORK}/shards"


class WorkDir:
    """The place of a dataset, held by this process. Use as a context manager; leaving it gives up the lock.

    `scratch`: a directory of this machine for temporary files, on the same file system as a local dataset.
    """

    def __init__(self, store: Store, spec: DatasetSpec) -> None:
        self.store = store
        check_target(store, spec)
        self._lock: IO[bytes] | None = None
        if isinstance(store, LocalStore):
            self.scratch = store.root / layout.WORK / "tmp"
            self._lock = _locked(store.root, self.scratch)
        else:
            self.scratch = Path(tempfile.mkdtemp(prefix="facegen-"))

    def __enter__(self) -> WorkDir:
        return self

    def __exit__(self, *_: object) -> None:
        if self.store.get(HEADER) is None:  # finished, or nothing was begun: leave no trace
            self.store.discard(layout.WORK)
            if isinstance(self.store, LocalStore):
                with contextlib.suppress(OSError):
                    self.store.root.rmdir()
        if self._lock is not None:
            self._lock.close()
        else:
            shutil.rmtree(self.scratch, ignore_errors=True)

    def begin(self, spec: DatasetSpec, fingerprint: dict[str, Any]) -> None:
        """Record what is made here, or check that the run to be resumed was made by the same software on a like machine."""
        header = {
            "spec_sha256": spec.sha256(),
            "versions": {"facegen": facegen.__version__},
            "platform": fingerprint,
        }
        if self.store.put_new(HEADER, json_bytes(header)):
            return
        begun = read_json(self.store, HEADER).get("platform", {})
        other = [name for name, value in fingerprint.items() if begun.get(name) != value]
        if other:
            was, now = begun.get(other[0]), fingerprint[other[0]]
            raise RequestError(
                f"'{self.store.url}' was begun with {other[0]} '{was}', this is '{now}': pictures would differ; "
                "go on there, or choose another --out"
            )

    @property
    def fingerprint(self) -> dict[str, Any]:
        """The platform that this dataset was begun on."""
        found = read_json(self.store, HEADER)["platform"]
        return dict(found)

    def shard(self, name: str) -> Shard | None:
        """Return the finished shard called `name`, or None."""
        path = f"{SHARDS}/{name}{SUFFIX}"
        data = self.store.get(path)
        return None if data is None else Shard.from_bytes(data, f"{self.store.url}/{path}")

    def save(self, name: str, shard: Shard) -> None:
        """Write a shard: its task is done."""
        self.store.put(f"{SHARDS}/{name}{SUFFIX}", shard.to_bytes())

    def saved(self, names: Iterable[str]) -> Iterator[Shard]:
        """Yield the shards of `names`, in that order; every one must be there."""
        for name in names:
            shard = self.shard(name)
            if shard is None:
                raise DataError(f"'{self.store.url}/{SHARDS}/{name}{SUFFIX}' has gone missing; run the same command again")
            yield shard

    def remove(self) -> None:
        """Drop the state: the dataset is finished. The header goes first: without it the rest is waste, not a state."""
        self.store.discard(HEADER)
        self.store.discard(layout.WORK)


def _locked(root: Path, scratch: Path) -> IO[bytes]:
    """Return the held lock of a local dataset, with an empty `scratch`. Raises RequestError where another run holds it."""
    try:
        scratch.mkdir(parents=True, exist_ok=True)
        lock = open(root / LOCK, "wb")  # noqa: SIM115 (held until leave)
    except OSError as error:
        raise write_error(error, root) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise RequestError(f"'{root}' is being written by another run; wait for it or choose another --out") from None
    for leftover in scratch.iterdir():
        discard(leftover)
    return lock
