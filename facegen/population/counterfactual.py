"""Counterfactual variants: one factor of a base sample changed, every other number and random stream kept.

A variant is drawn from the base's own streams with one declared attribute replaced, so that what the change does not touch is
equal to the last digit; docs/counterfactuals.md says for each factor what changes and what is held. Where a change would force a
second one on somebody, that variant is left out with a reason (`unsuited`) instead of changing both.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from facegen.errors import RequestError, SpecError
from facegen.population.plan import Plan, image_id
from facegen.population.variants import CHANGES, Draws, alike, own_value, still, unsuited
from facegen.sample import Counterfactual, Reference, SampleSpec
from facegen.spec import DatasetSpec
from facegen.spec.counterfactual import Value, written

PARTS = ("expression", "pose", "light", "wear")
"""Parts of a shot that a factor may change and that decide the base's exposure."""


class Slot(NamedTuple):
    """One planned change: what every base may be a variant of."""

    factor: str
    value: Value
    mediated: str


class CounterfactualPlan(Plan):
    """Every base of `spec` with its variants. Sample n: base n // stride as it is (slot 0) or changed by slot n % stride; numbers
    whose change is the base's own state, or does not suit it, do not occur (`groups` lists those that do)."""

    def __init__(self, spec: DatasetSpec) -> None:
        super().__init__(spec)
        assert spec.counterfactual is not None
        asked = spec.counterfactual
        self.slots = tuple(Slot(f, v, mode) for f, values in asked.factors.items() for v in values for mode in asked.modes)
        self.stride = 1 + len(self.slots)
        self._base = lru_cache(maxsize=8)(self._draw_base)

    def __len__(self) -> int:
        return sum(map(len, self.groups))

    @property
    def bases(self) -> int:
        """How many base samples there are."""
        return super().__len__()

    def sample(self, n: int) -> SampleSpec:
        """Return sample `n`: a base or a variant. Raises RequestError for a number that does not occur."""
        b, slot = divmod(n, self.stride)
        if not 0 <= b < self.bases:
            raise RequestError(
                f"sample {n} is not in this plan of {self.bases} bases; choose 0 to {self.bases * self.stride - 1}"
            )
        base = self._base(b)
        if slot == 0:
            return base
        asked = self.slots[slot - 1]
        if self._why_not(base, asked) is not None:
            raise RequestError(f"sample {n}: {base.image_id} has no variant {asked.factor} {written(asked.value)}")
        return self._vary(b, base, asked)

    def image_id(self, n: int) -> str:
        """Return the id of sample `n`, which is not drawn for it; nothing says whether it occurs."""
        b, slot = divmod(n, self.stride)
        base = image_id(*self._place(b))
        return base if slot == 0 else variant_id(base, self.slots[slot - 1])

    @property
    def groups(self) -> list[list[int]]:
        """For each base the numbers of itself and of its variants, in order."""
        return self._enumerated[0]

    @property
    def left_out(self) -> list[dict[str, str]]:
        """Variants that do not suit their base, with reasons; values that are the base's own are no variants."""
        return self._enumerated[1]

    def sheet(self, count: int) -> list[int]:
        """Return the numbers that a sheet of `count` pictures shows: each base followed by its variants."""
        return [n for group in self.groups for n in group][:count]

    @cached_property
    def _enumerated(self) -> tuple[list[list[int]], list[dict[str, str]]]:
        groups: list[list[int]] = []
        left: list[dict[str, str]] = []
        met: set[str] = set()
        for b in range(self.bases):
            base, group = self._base(b), [b * self.stride]
            for place, slot in enumerate(self.slots, 1):
                why = self._why_not(base, slot)
                if why is None:
                    group.append(b * self.stride + place)
                    met.add(slot.factor)
                elif why:
                    left.append({"base_id": base.image_id, "factor": slot.factor, "value": written(slot.value), "reason": why})
            groups.append(group)
        never = [slot.factor for slot in self.slots if slot.factor not in met]
        if never:
            why = next((entry["reason"] for entry in left if entry["factor"] == never[0]), "every base has that value already")
            raise SpecError(
                f"counterfactual.factors.{never[0]}: no base can be varied: {why}; name another value, or change the bases"
            )
        return groups, left

    def _draw_base(self, b: int) -> SampleSpec:
        base = self._drawn(b)
        return base.model_copy(update={"shot": still(base.shot, self.spec)})

    def _why_not(self, base: SampleSpec, slot: Slot) -> str | None:
        """Return why there is no such variant: '' where it is the base itself; None where there is one."""
        if alike(own_value(base, slot.factor), slot.value):
            return ""
        return unsuited(base, slot.factor, slot.value)

    def _vary(self, b: int, base: SampleSpec, slot: Slot) -> SampleSpec:
        changed = self._changed(b, base, slot)
        frozen = slot.mediated == "frozen"
        told = Counterfactual(
            base_id=base.image_id,
            factor=slot.factor,
            value=written(slot.value),
            mediated=slot.mediated,
            base=_reference(base, changed) if frozen else None,
        )
        return changed.model_copy(update={"image_id": variant_id(base.image_id, slot), "counterfactual": told})

    def _changed(self, b: int, base: SampleSpec, slot: Slot) -> SampleSpec:
        who, k = divmod(b, self.spec.images_per_identity)
        draws = Draws(self.spec, self._roster, who, k, base, slot.mediated)
        return CHANGES[slot.factor](draws, slot.value)


def variant_id(base_id: str, slot: Slot) -> str:
    """Return the image id of a variant: '000012_003__yaw_deg-m30', with `_live` behind it where the camera reacts.

    Letters, digits, - and _ only, as in every id: a minus is written m, a point p.
    """
    text = written(slot.value)
    if not isinstance(slot.value, str):
        text = text.replace("-", "m").replace(".", "p")
    return f"{base_id}__{slot.factor}-{text}" + ("_live" if slot.mediated == "live" else "")


def _reference(base: SampleSpec, changed: SampleSpec) -> Reference:
    """Return the base's parts where `changed` has others."""
    mine: dict[str, Any] = {"identity": base.identity, "sitting": base.sitting}
    theirs: dict[str, Any] = {"identity": changed.identity, "sitting": changed.sitting}
    mine |= {name: getattr(base.shot, name) for name in PARTS}
    theirs |= {name: getattr(changed.shot, name) for name in PARTS}
    return Reference(**{name: part for name, part in mine.items() if theirs[name] != part})
