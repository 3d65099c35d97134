"""What every engine does first: look at the place, draw the plan, tell the room that it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from facegen.dataset import layout
from facegen.population.plan import Plan, build
from facegen.run import forecast
from facegen.run.state import check_target, is_finished
from facegen.run.store import Store, open_store
from facegen.run.tasks import part_of
from facegen.spec import DatasetSpec


@dataclass(frozen=True)
class Opening:
    """`part` (number, parts), None: all of it; `finished`: nothing is to be done."""

    store: Store
    part: tuple[int, int] | None
    plan: Plan
    finished: bool


def opened(spec: DatasetSpec, out: Path | str, part: str | None) -> Opening:
    """Return where and what is made. Raises RequestError for a place that holds something else."""
    store = open_store(str(out))
    mine = None if part is None else part_of(part)
    check_target(store, spec, mine)
    plan, finished = build(spec), is_finished(store, spec)
    if finished:
        store.discard(layout.WORK)  # what a kill at the very end has left
    return Opening(store, mine, plan, finished)


@dataclass(frozen=True)
class Room:
    """`tell` is given the forecast of the room that a run takes, in one line; `ignore`: begin where it looks too small."""

    ignore: bool = False
    tell: Callable[[str], None] | None = None

    def check(self, spec: DatasetSpec, store: Store, images: int) -> None:
        """Tell what `images` take. Raises MachineError where the disk has not so much."""
        if self.tell is not None:
            self.tell(forecast.told(spec, images, store.url))
        if not self.ignore:
            forecast.check(spec, store, images)
