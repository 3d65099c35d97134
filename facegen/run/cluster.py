"""Render a dataset on a Ray cluster: the local engine's tasks, an actor a worker, everything kept in the store.

The driver (this process) holds no data: it hands out blocks, one in work an actor, and ends with the last step of every engine.
What lies in the store is all that a restart needs.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from pathlib import Path

from facegen.dataset.write import write_error
from facegen.run import finish, rejected
from facegen.run.block import PROBE
from facegen.run.cluster_run import Run
from facegen.run.cluster_session import connected, library, new_key
from facegen.run.local import Report, Summary, Warn
from facegen.run.opening import Room, opened
from facegen.run.pool import Limits
from facegen.run.stop import signals
from facegen.run.workdir import WorkDir
from facegen.spec import DatasetSpec


@dataclass(frozen=True)
class Session:
    """The cluster at `address`, or one that lives as long as the run (None). `workers`: actors, each one CPU and
    `gpus_per_worker` of a GPU; as many as there is room for when None."""

    address: str | None
    workers: int | None
    gpus_per_worker: float


def generate(
    spec: DatasetSpec,
    out: Path | str,
    session: Session,
    platform: str,
    report: Report | None,
    warn: Warn | None,
    studio: str,
    limits: Limits,
    part: str | None,
    room: Room,
) -> Summary:
    """Render the dataset of `spec` into `out` on a Ray cluster.

    Raises what the local engine raises, besides RequestError where a node's software or --out is not the others'.
    """
    ray = library(session.address)
    begun = opened(spec, out, part)
    if begun.finished:
        return Summary(len(begun.plan), 0, {})
    store = begun.store
    with signals(), WorkDir(store, spec, begun.part) as work:
        run = Run(ray, begun.plan, work, report, warn)
        if run.todo:
            room.check(spec, store, run.left)
            token = new_key().encode()
            store.put(PROBE, token)
            job = (spec.model_dump(mode="json"), store.url, platform, studio, astuple(limits))
            with connected(ray, session.address, session.workers, session.gpus_per_worker) as count:
                run.drive(job, token, min(count, len(run.todo)), session.gpus_per_worker)
        rejected.sweep(store, run.failed)
        try:
            failed = finish.finish(begun.plan, work, [name for name, _ in run.tasks])
        except OSError as error:  # of the libraries that write tables
            raise write_error(error, Path(error.filename or work.scratch)) from None
    return Summary(run.total, run.made, failed)
