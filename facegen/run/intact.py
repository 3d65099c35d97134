"""Do the files of a run still say what its shards say? Asked before the manifest is written: it must never list a wrong hash."""

from __future__ import annotations

from collections.abc import Iterable

from facegen.dataset.write import sha256
from facegen.errors import FacegenError
from facegen.run.store import LocalStore, Store
from facegen.run.workdir import WorkDir

ROUNDS = 3
"""What is damaged is made again; after so many times in one run the disk is at fault."""


def check(work: WorkDir, names: Iterable[str]) -> tuple[dict[str, str], set[str]]:
    """Return the tasks among `names` that must be made again, with what is wrong, and the image ids that were left out."""
    broken: dict[str, str] = {}
    failed: set[str] = set()
    for name in names:
        try:
            shard = work.shard(name)
        except FacegenError as error:
            broken[name] = f"the state of task {name} is damaged ({error})"
            continue
        wrong = None
        if shard is None:
            wrong = f"the state of task {name} has gone missing"
        elif isinstance(work.store, LocalStore):  # object stores check what they hold; reading it all would cost what writing did
            wrong = _differing(work.store, shard.files)
        if wrong is not None:
            broken[name] = wrong
        elif shard is not None:
            failed.update(shard.failed)
    return broken, failed


def _differing(store: Store, files: dict[str, str]) -> str | None:
    for name, digest in files.items():
        try:
            data = store.get(name)
        except FacegenError:
            return f"{name} cannot be read"
        if data is None:
            return f"{name} has gone missing"
        if sha256(data) != digest:
            return f"{name} is not what was written"
    return None
