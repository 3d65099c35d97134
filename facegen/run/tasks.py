"""A plan cut into tasks: what one worker makes in one go, and what a killed run loses at most."""

from __future__ import annotations

from facegen.errors import RequestError
from facegen.population.plan import Plan

Task = tuple[str, list[int]]
MOST_PARTS = 9999

TASK_SIZE = 24
"""Images a task at most: one identity's, so that its looks are made once; few enough that a killed run loses little."""


def part_of(text: str) -> tuple[int, int]:
    """Return (number, parts) of '2/4'. Raises RequestError."""
    number, _, parts = text.partition("/")
    if not (number.isdecimal() and parts.isdecimal() and 1 <= int(number) <= int(parts) <= MOST_PARTS):
        raise RequestError(f"part '{text}' is not like 2/4, from 1/N to N/N with N up to {MOST_PARTS}")
    return int(number), int(parts)


def of_part(listed: list[Task], part: tuple[int, int] | None) -> list[Task]:
    """Return the tasks of one part: a run of them, as many as the other parts have within one."""
    if part is None:
        return listed
    number, parts = part
    return listed[len(listed) * (number - 1) // parts : len(listed) * number // parts]


def tasks(plan: Plan) -> list[Task]:
    """Return (shard name, sample numbers in shooting order) in the order of the plan; one sitting's shots stand together."""
    if plan.spec.kind == "counterfactual":  # a base and its variants: the base's exposure is at hand
        chunked = [group[i : i + TASK_SIZE] for group in plan.groups for i in range(0, len(group), TASK_SIZE)]
        return [(f"{chunk[0]:09d}", chunk) for chunk in chunked]
    sittings = plan.spec.sittings_per_identity
    out = []
    for who in range(plan.spec.identities):
        order = sorted(range(plan.images(who)), key=lambda k: (k % sittings, k))
        first = plan.number(who, 0)
        for part, i in enumerate(range(0, len(order), TASK_SIZE)):
            out.append((f"{who:06d}-{part:03d}", [first + k for k in order[i : i + TASK_SIZE]]))
    return out
