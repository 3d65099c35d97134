"""The state of an unfinished run: `.work/` of its store holds what is being made and one shard of label rows a task.

A shard appears only after all of its task's files are in the store, so a killed run goes on behind the last shard and ends
with the same bytes as one that was never stopped. In a local directory a lock keeps a second run out.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import facegen
from facegen.dataset import layout
from facegen.dataset.write import discard, json_bytes, write_error
from facegen.errors import DataError, RequestError
from facegen.population.plan import Plan
from facegen.run import larger, pack, tasks
from facegen.run.larger import SHARDS
from facegen.run.shard import SUFFIX, Shard
from facegen.run.state import HEADER, LOCK, check_target, has_state, part_name, read_json
from facegen.run.store import LocalStore, Store
from facegen.run.tasks import Task
from facegen.spec import DatasetSpec


class WorkDir:
    """The place of a dataset, or of one `part` (number, parts) of it, held by this process. Use as a context manager; leaving it
    gives up the lock.

    `scratch`: a directory of this machine for temporary files, on the same file system as a local dataset.
    """

    def __init__(self, store: Store, spec: DatasetSpec, part: tuple[int, int] | None = None) -> None:
        self.store, self.part, self._layout = store, part, spec.layout
        check_target(store, spec, part)
        self._lock: IO[bytes] | None = None
        if isinstance(store, LocalStore):
            self.scratch = store.root / layout.WORK / "tmp"
            self._lock = _locked(store.root, self.scratch)
        else:
            self.scratch = Path(tempfile.mkdtemp(prefix="facegen-"))
        self._before = self._smaller(spec)

    def __enter__(self) -> WorkDir:
        return self

    def __exit__(self, *_: object) -> None:
        known = self.store.get(layout.MANIFEST) is not None or not has_state(self.store)
        if self.store.get(HEADER) is None and known:  # finished, or nothing was begun: leave no trace
            self.store.discard(layout.WORK)
            if isinstance(self.store, LocalStore):
                with contextlib.suppress(OSError):
                    self.store.root.rmdir()
        if self._lock is not None:
            self._lock.close()
        else:
            shutil.rmtree(self.scratch, ignore_errors=True)

    def begin(self, spec: DatasetSpec, fingerprint: dict[str, Any]) -> None:
        """Record what is made here, or check that the run to be resumed was made by the same software on a like machine.

        Where a finished smaller set lies here it ends: its manifest must not stand beside a set that is being made larger.
        """
        header = {
            "spec_sha256": spec.sha256(),
            "versions": {"facegen": facegen.__version__},
            **({} if self.part is None else {"part": part_name(self.part)}),
            "platform": fingerprint,
            "spec": json.loads(spec.canonical_json()),
        }
        if self._before is not None:
            self._check_platform(self._before["platform"], fingerprint)
        if not self.store.put_new(HEADER, json_bytes(header)):
            self._check_platform(read_json(self.store, HEADER).get("platform", {}), fingerprint)
        if self._before is not None:
            self.store.discard(layout.MANIFEST)
            self._before = None

    def _check_platform(self, begun: Mapping[str, Any], fingerprint: Mapping[str, Any]) -> None:
        other = [name for name, value in fingerprint.items() if begun.get(name) != value]
        if other:
            was, now = begun.get(other[0]), fingerprint[other[0]]
            raise RequestError(
                f"'{self.store.url}' was begun with {other[0]} '{was}', this is '{now}': pictures would differ; "
                "go on there, or choose another --out"
            )

    def _smaller(self, spec: DatasetSpec) -> dict[str, Any] | None:
        """Return the manifest of a smaller finished set that lies here; where it is no more than left over, drop it."""
        if self.store.get(layout.MANIFEST) is None:
            return None
        found = read_json(self.store, layout.MANIFEST)
        if found.get("spec_sha256") == spec.sha256():
            return None
        if self.store.get(HEADER) is not None:  # killed right after the larger set was begun
            self.store.discard(layout.MANIFEST)
            return None
        return found

    def tasks(self, plan: Plan) -> list[Task]:
        """Return the tasks of this place: those of its part, without the pictures that a smaller set gave."""
        listed = tasks.of_part(tasks.tasks(plan), self.part)
        if self._before is not None:
            larger.keep(self.store, self._before, plan, listed)
        kept = {name.removesuffix(SUFFIX) for name in self.store.names(larger.KEPT)}
        return [(name, self._left(plan, name, samples) if name in kept else samples) for name, samples in listed]

    def _left(self, plan: Plan, name: str, samples: list[int]) -> list[int]:
        kept = self._read(f"{larger.KEPT}/{name}{SUFFIX}")
        there = set() if kept is None else set(kept.image_ids)
        return [n for n in samples if plan.image_id(n) not in there]

    @property
    def fingerprint(self) -> dict[str, Any]:
        """The platform that this dataset was begun on."""
        found = read_json(self.store, HEADER)["platform"]
        return dict(found)

    def shard(self, name: str) -> Shard | None:
        """Return the finished shard called `name`, or None. Raises DataError for a damaged one."""
        return self._read(f"{SHARDS}/{name}{SUFFIX}")

    def _read(self, path: str) -> Shard | None:
        data = self.store.get(path)
        return None if data is None else Shard.from_bytes(data, f"{self.store.url}/{path}")

    def save(self, name: str, shard: Shard) -> None:
        """Write a shard: its task is done."""
        whole = completed(self.store, self._layout, name, shard)
        self.store.put(f"{SHARDS}/{name}{SUFFIX}", whole.to_bytes())
        if self._layout == "webdataset":
            pack.forget(self.store, whole)

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


def completed(store: Store, wanted: str, name: str, shard: Shard) -> Shard:
    """Return the shard of a task as it goes into its store: with the pictures that a smaller set gave, in a tar where the
    layout `wanted` is webdataset, and with the bytes of its files."""
    path = f"{larger.KEPT}/{name}{SUFFIX}"
    kept = store.get(path)
    if kept is not None:
        shard = Shard.from_bytes(kept, f"{store.url}/{path}").joined(shard)
    shard = pack.packed(store, name, shard, wanted)
    return Shard(shard.table, shard.files, shard.failed, {file: store.size(file) for file in shard.files})


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
    for leftover in sorted(scratch.iterdir()):
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            discard(leftover)
    return lock
