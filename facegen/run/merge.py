"""Parts of one dataset, made in several places, put together: the bytes of a run that was never divided.

Sources stay as they are. Files are linked where that goes, and copied elsewhere.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import facegen
from facegen.dataset import layout
from facegen.dataset.write import sha256, sha256_file
from facegen.errors import DataError, RequestError
from facegen.population.plan import build
from facegen.run import finish, tasks
from facegen.run.larger import SHARDS
from facegen.run.shard import SUFFIX, Shard
from facegen.run.state import HEADER, LOCK, check_target, is_finished, is_taken, read_json
from facegen.run.store import LocalStore, Store, open_store
from facegen.run.tasks import Task
from facegen.run.workdir import WorkDir
from facegen.spec import DatasetSpec


@dataclass(frozen=True)
class Part:
    """One part as it lies there."""

    store: Store
    header: dict[str, Any]
    number: int
    of: int


def merge(
    sources: Sequence[str], out: str, report: Callable[[int, int], None] = lambda done, total: None
) -> tuple[int, dict[str, str]]:
    """Put the parts in `sources` together in `out`; return how many images that makes, and the samples left out with reasons.

    Raises RequestError, naming them, for parts that are missing or not finished, or that belong to another spec, version or
    platform; DataError where two disagree or a file is damaged. The same call goes on where it was stopped.
    """
    with contextlib.ExitStack() as held:
        parts = [_part(held, source) for source in sources]
        _check_alike(parts)
        spec = DatasetSpec.from_dict(parts[0].header["spec"], source=f"{parts[0].store.url}/{HEADER}")
        target = open_store(out)
        if any(part.store.url == target.url for part in parts):
            raise RequestError(f"'{out}' is one of the parts; choose another --out")
        check_target(target, spec)
        plan = build(spec)
        if is_finished(target, spec):
            return len(plan), {}
        listed = tasks.tasks(plan)
        plans = [(part, tasks.of_part(listed, (part.number, part.of))) for part in parts]
        _check_whole(plans)
        with _nothing_left(target), WorkDir(target, spec) as work:
            work.begin(spec, parts[0].header["platform"])
            for done, (part, task) in enumerate((part, task) for part, mine in plans for task in mine):
                _take(part, work, task)
                report(done, len(listed))
            report(len(listed), len(listed))
            return len(plan), finish.finish(plan, work, [name for name, _ in listed])


@contextlib.contextmanager
def _nothing_left(target: Store) -> Iterator[None]:
    """Where parts turn out to be damaged, remove what was put together of them in a place that was empty before."""
    empty = not is_taken(target)
    try:
        yield
    except (DataError, RequestError):
        for name in (*layout.FOLDERS, layout.SHARDS, layout.WORK, *target.names("")) if empty else ():
            target.discard(name)
        if empty and isinstance(target, LocalStore):
            with contextlib.suppress(OSError):
                target.root.rmdir()
        raise


def _part(held: contextlib.ExitStack, source: str) -> Part:
    store = open_store(source)
    if store.get(HEADER) is None:
        what = "a finished dataset" if store.get(layout.MANIFEST) is not None else "no part of a dataset"
        raise RequestError(f"'{source}' is {what}; give directories that 'facegen generate --part' has written")
    header = read_json(store, HEADER)
    if "part" not in header:
        raise RequestError(f"'{source}' is a run of a whole dataset that is not finished; run 'facegen generate' again there")
    held.enter_context(_still(store))
    number, of = tasks.part_of(str(header["part"]))
    return Part(store, header, number, of)


@contextlib.contextmanager
def _still(store: Store) -> Iterator[None]:
    """Keep a run out of a part while it is read. Raises RequestError where one is at it."""
    if not isinstance(store, LocalStore) or not (store.root / LOCK).exists():
        yield
        return
    with open(store.root / LOCK, "rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            raise RequestError(f"'{store.root}' is being written by another run; wait for it") from None
        yield


def _check_alike(parts: Sequence[Part]) -> None:
    first = parts[0]
    for part in parts:
        version = part.header.get("versions", {}).get("facegen")
        if version != facegen.__version__:
            raise RequestError(f"'{part.store.url}' was made by facegen {version}, this is {facegen.__version__}")
        if part.header["spec_sha256"] != first.header["spec_sha256"]:
            raise RequestError(f"'{part.store.url}' is part of another spec than '{first.store.url}'; give parts of one")
        if part.of != first.of:
            raise RequestError(f"'{part.store.url}' is a part of {part.of}, '{first.store.url}' one of {first.of}")
        there, here = part.header["platform"], first.header["platform"]
        other = next((name for name in {**here, **there} if here.get(name) != there.get(name)), None)
        if other is not None:
            raise RequestError(
                f"'{part.store.url}' was made with {other} '{there.get(other)}', '{first.store.url}' with '{here.get(other)}': "
                "one dataset comes from one platform; make that part again"
            )
    numbers = [part.number for part in parts]
    twice = next((part for i, part in enumerate(parts) if part.number in numbers[:i]), None)
    if twice is not None:
        raise RequestError(f"'{twice.store.url}' is part {twice.number}/{twice.of} once more; give each part once")
    missing = [f"{n}/{first.of}" for n in range(1, first.of + 1) if n not in numbers]
    if missing:
        raise RequestError(f"{'parts' if missing[1:] else 'part'} {', '.join(missing)} missing; make with --part, then merge all")


def _check_whole(plans: Sequence[tuple[Part, list[Task]]]) -> None:
    for part, mine in plans:
        there = {name.removesuffix(SUFFIX) for name in part.store.names(SHARDS)}
        lost = [name for name, _ in mine if name not in there]
        if lost:
            raise RequestError(
                f"part {part.number}/{part.of} in '{part.store.url}' is not finished: {len(lost)} of {len(mine)} tasks are "
                f"missing, the first is {lost[0]}; run its command again"
            )


def _take(part: Part, work: WorkDir, task: Task) -> None:
    """Bring one task's files and its shard over; what is there already stays."""
    name, samples = task
    there = work.shard(name)
    where = f"{SHARDS}/{name}{SUFFIX}"
    data = part.store.get(where)
    if data is None:
        raise DataError(f"'{part.store.url}/{where}' has gone missing; run that part's command again")
    try:
        shard = Shard.from_bytes(data, where)
    except DataError as error:
        raise DataError(f"'{part.store.url}': {error.args[0].partition('; ')[0]}; remove it and make that part again") from None
    if len(shard) + len(shard.failed) != len(samples):
        raise DataError(f"'{part.store.url}/{where}' has {len(shard)} of {len(samples)} images; run that part's command again")
    if there is not None and not shard.failed:
        return
    for file, digest in shard.files.items():
        _bring(part.store, work.store, file, shard.sizes[file], digest)
    work.store.settle(sorted({file.rpartition("/")[0] for file in shard.files}))
    work.store.put(where, data)


def _bring(source: Store, target: Store, file: str, size: int, digest: str) -> None:
    """Link a file, or copy it, when it is what its shard says."""
    if isinstance(source, LocalStore) and isinstance(target, LocalStore):
        path = source.root / file
        if not path.is_file() or path.stat().st_size != size or sha256_file(path) != digest:
            raise DataError(f"'{path}' is missing or not what its shard says; make that part again")
        target.put_file(file, path)
        return
    data = source.get(file)
    if data is None or sha256(data) != digest:
        raise DataError(f"'{source.url}/{file}' is missing or not what its shard says; make that part again")
    target.put(file, data)
