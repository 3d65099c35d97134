"""A finished set made larger: the state of a run of the larger spec, in which everything that is there is done.

It is read from the label table and SHA256SUMS. Pictures depend on the spec but its counts, the seed and their own numbers, so
those of the larger spec begin with those of the smaller one; where a design counts people they do not, and it is refused.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from facegen.annotate.schema import arrow_schema
from facegen.dataset import layout
from facegen.errors import DataError, RequestError
from facegen.population.plan import Plan
from facegen.run.shard import SUFFIX, Shard
from facegen.run.store import Store
from facegen.run.tasks import Task
from facegen.spec import DatasetSpec

COUNTS = ("identities", "images_per_identity")
SHARDS = f"{layout.WORK}/shards"
KEPT = f"{layout.WORK}/kept"
"""Shards of tasks of which only some pictures are there."""
LOOKED_AT = 8
"""Samples of the old set that the larger plan must draw as they are."""


def is_larger(manifest: Mapping[str, Any], spec: DatasetSpec, where: str) -> bool:
    """Whether `spec` is that of the finished set `where` with more people or pictures; False where it is another one altogether.

    Raises RequestError, one line that says why, where only the counts differ but the set cannot grow to them.
    """
    theirs, ours = dict(manifest["spec"]), json.loads(spec.canonical_json())
    had, wanted = ([values.pop(name) for name in COUNTS] for values in (theirs, ours))
    if theirs != ours:
        return False
    for name, old, new in zip(COUNTS, had, wanted, strict=True):
        if new < old:
            raise RequestError(
                f"'{where}' holds a set of {name} {old}, and this spec asks for {new}: a set is made larger, never smaller; "
                "choose another --out"
            )
    why = _unstable(spec, more_people=wanted[0] > had[0], more_images=wanted[1] > had[1])
    if why is not None:
        raise RequestError(f"'{where}' cannot be made larger: {why}; choose another --out")
    return True


def _unstable(spec: DatasetSpec, more_people: bool, more_images: bool) -> str | None:
    design = spec.population.design
    if more_people and design is not None and design.counted:
        return "its design counts people (exact, minimum_per_cell or a count): who they are depends on how many there are"
    if more_images and spec.kind == "counterfactual":
        return "pictures of a counterfactual set are numbered by their base; more people can be added, more bases a person cannot"
    if more_images and spec.layout == "webdataset" and spec.sittings_per_identity > 1:
        return "its tars hold a person's pictures by sitting, and more pictures would move some into other tars"
    return None


def keep(store: Store, manifest: Mapping[str, Any], plan: Plan, listed: list[Task]) -> None:
    """Write the shards of all tasks that are done, and below KEPT those of which a part is. Nothing else is touched.

    Raises RequestError where the larger plan does not begin with the smaller set, DataError where that is damaged.
    """
    store.discard(SHARDS)
    store.discard(KEPT)
    names = layout.label_names(manifest)
    _check_prefix(store, names, plan)
    people = _people(store, names)
    files = _Files(store)
    tasks = iter(listed)
    task = next(tasks, None)
    for identity_id, table in people:
        mine = files.of(identity_id)
        places = {str(name): at for at, name in enumerate(table.column("image_id").to_pylist())}
        while task is not None and _owner(plan, task) <= identity_id:
            if _owner(plan, task) == identity_id:
                _keep_task(store, plan, task, table, places, mine, files)
            task = next(tasks, None)


def _keep_task(
    store: Store,
    plan: Plan,
    task: Task,
    table: pa.Table,
    places: Mapping[str, int],
    mine: Mapping[str, dict[str, str]],
    files: _Files,
) -> None:
    name, samples = task
    ids = [plan.image_id(n) for n in sorted(samples)]
    shared = files.tar(name)
    there = [i for i in ids if i in places and all(_there(store, file) for file in (*mine.get(i, {}), *shared))]
    if not there:
        return
    listed = {file: digest for image_id in there for file, digest in mine.get(image_id, {}).items()} | shared
    shard = Shard(table.take([places[i] for i in there]), dict(sorted(listed.items())), {}, {f: store.size(f) for f in listed})
    folder = SHARDS if len(there) == len(ids) else KEPT
    store.put(f"{folder}/{name}{SUFFIX}", shard.to_bytes())


def _there(store: Store, file: str) -> bool:
    """Whether a file of the smaller set lies there; pictures without theirs are made again."""
    try:
        return store.size(file) >= 0
    except DataError:
        return False


def _owner(plan: Plan, task: Task) -> str:
    return plan.image_id(task[1][0]).partition("_")[0]


def _check_prefix(store: Store, names: tuple[str, ...], plan: Plan) -> None:
    """Samples from the first to the last must be what the larger plan draws, split and all."""
    for name in dict.fromkeys((names[0], names[-1])):
        rows = _read(store, name, ["image_id", "sample", "split"])
        count = len(rows)
        for at in sorted({i * (count - 1) // (LOOKED_AT - 1) for i in range(LOOKED_AT)} if count else set()):
            image_id, text, split = (rows.column(column)[at].as_py() for column in ("image_id", "sample", "split"))
            sample = plan.sample(_number(plan, image_id))
            if sample.model_dump_json() != text or layout.split(sample.identity.index, plan.block) != split:
                raise RequestError(
                    f"'{store.url}' cannot be made larger: the plan of the larger spec draws {image_id} differently; "
                    "choose another --out"
                )


def _number(plan: Plan, image_id: str) -> int:
    """Return the number of a sample by its id. Raises DataError where the plan has none."""
    base, _, variant = image_id.partition("__")
    try:
        who, k = (int(part) for part in base.split("_"))
        first = who * plan.spec.images_per_identity + k if variant else plan.number(who, k)
        if plan.spec.kind != "counterfactual":
            return first
        stride = plan.stride  # type: ignore[attr-defined]  # a CounterfactualPlan
        first = (who * plan.spec.images_per_identity + k) * stride
        return next(n for n in range(first, first + stride) if plan.image_id(n) == image_id)
    except (ValueError, RequestError, StopIteration):
        raise DataError(f"'{image_id}' is no image of the larger plan; choose another --out") from None


def _people(store: Store, names: tuple[str, ...]) -> Iterator[tuple[str, pa.Table]]:
    """Yield (identity_id, its label rows), one part of the table in memory at a time."""
    held: list[pa.Table] = []
    who = ""
    for name in names:
        table = _read(store, name, None)
        ids = table.column("identity_id").to_pylist()
        start = 0
        for end in [i for i in range(1, len(ids)) if ids[i] != ids[i - 1]] + [len(ids)]:
            if end == start:
                continue
            if held and ids[start] != who:
                yield who, pa.concat_tables(held)
                held = []
            who = ids[start]
            held.append(table.slice(start, end - start))
            start = end
    if held:
        yield who, pa.concat_tables(held)


def _read(store: Store, name: str, columns: list[str] | None) -> pa.Table:
    data = store.get(name)
    if data is None:
        raise DataError(f"'{store.url}/{name}' is missing; copy or generate the dataset again before it is made larger")
    try:
        table = pq.read_table(io.BytesIO(data), columns=columns)
        return table if columns else table.cast(arrow_schema())
    except (OSError, ValueError, pa.ArrowException) as error:
        raise DataError(f"'{store.url}/{name}' cannot be read ({str(error).splitlines()[0]}); copy the dataset again") from None


class _Files:
    """The lines of SHA256SUMS by person: within a folder they are in the order of the people."""

    def __init__(self, store: Store) -> None:
        data = store.get(layout.CHECKSUMS)
        if data is None:
            raise DataError(f"'{store.url}/{layout.CHECKSUMS}' is missing; copy the dataset again before it is made larger")
        self._tars: dict[str, str] = {}
        spans: dict[str, list[int]] = {}
        at = 0
        for line in io.BytesIO(data):
            digest, name = line[:64].decode(), line[66:-1].decode()
            folder = name.partition("/")[0]
            if folder == layout.SHARDS:
                self._tars[name] = digest
            elif folder in layout.FOLDERS:
                spans.setdefault(folder, [at, at])[1] = at + len(line)
            at += len(line)
        self._lines = [_Lines(data[start:end]) for start, end in spans.values()]

    def of(self, identity_id: str) -> dict[str, dict[str, str]]:
        """Return image id -> {file: sha256} of the next person."""
        found: dict[str, dict[str, str]] = {}
        for lines in self._lines:
            for name, digest in lines.of(identity_id):
                found.setdefault(name.rpartition("/")[2].partition(".")[0], {})[name] = digest
        return found

    def tar(self, task: str) -> dict[str, str]:
        """Return {file: sha256} of the tar of a task, nothing where there is none."""
        name = f"{layout.SHARDS}/{task}.tar"
        return {name: self._tars[name]} if name in self._tars else {}


class _Lines:
    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)
        self._next = self._read()

    def of(self, identity_id: str) -> Iterator[tuple[str, str]]:
        while self._next is not None and self._next[0].split("/")[1] <= identity_id:
            if self._next[0].split("/")[1] == identity_id:
                yield self._next
            self._next = self._read()

    def _read(self) -> tuple[str, str] | None:
        line = self._file.readline()
        return (line[66:-1].decode(), line[:64].decode()) if line else None
