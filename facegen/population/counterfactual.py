"""Counterfactual variants: one factor of a base sample changed, every other number and random stream kept.

A variant is drawn from the base's own streams with one declared attribute replaced, so that what the change does not touch is
equal to the last digit; docs/counterfactuals.md says for each factor what changes and what is held. Where a change would force a
second one on somebody, that variant is left out with a reason (`unsuited`) instead of changing both.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np

from facegen import rng
from facegen.errors import RequestError, SpecError
from facegen.population import identities, sittings, wear
from facegen.population.degradations import Setting, degradation
from facegen.population.identities import tone_near
from facegen.population.light import draw_place, environments, light
from facegen.population.plan import Plan
from facegen.population.roster import Roster
from facegen.population.shots import expression, spread_over
from facegen.resources import asset_json
from facegen.sample import Counterfactual, Reference, SampleSpec, Shot
from facegen.spec import Categorical, DatasetSpec
from facegen.spec.counterfactual import NONE, OWN, Value, written
from facegen.spec.population import Population, band_limits

SAME = 0.5
"""Numbers (years, degrees) nearer to the base's than this are its own: no pair is made of them."""
PARTS = ("expression", "pose", "light", "wear")
"""Parts of a shot that a factor may change and that decide the base's exposure."""


ADAPTIVE = {"black_point": 0.0, "local_tone": 0.0}
"""Processing that adapts to the picture, and the setting that turns it off."""


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
    def roster(self) -> Roster:
        """The people that bases and variants are drawn as."""
        return self._roster

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
        return base.model_copy(update={"shot": self.still(base.shot)})

    def still(self, shot: Shot) -> Shot:
        """Return a shot without the steps of processing that look at the picture, where a variant is to be developed as its base
        is: what is taken for black, and local tone. Kept from a base of light skin, its black level would swallow dark skin."""
        if "frozen" not in {slot.mediated for slot in self.slots}:
            return shot
        return shot.model_copy(update={"degradation": shot.degradation.model_copy(update=ADAPTIVE)})

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
        change = _CHANGES[slot.factor]
        return change(_Draws(self, who, k, base, slot.mediated), slot.value)


class _Draws(NamedTuple):
    """What a change may draw from: the base and the streams that it was drawn from."""

    plan: CounterfactualPlan
    who: int
    k: int
    base: SampleSpec
    mediated: str

    def person(self, name: str) -> np.random.Generator:
        return rng.stream(f"identity.{name}", self.who, seed=self.plan.spec.seed)

    def shot(self, name: str) -> np.random.Generator:
        return rng.stream(f"shot.{name}", self.who, self.k, seed=self.plan.spec.seed)

    def even(self, name: str) -> float:
        return spread_over(name, self.plan.roster.entry(self.who), self.k, self.plan.spec.seed)

    def with_identity(self, **update: Any) -> SampleSpec:
        return self.base.model_copy(update={"identity": self.base.identity.model_copy(update=update)})

    def with_shot(self, **update: Any) -> SampleSpec:
        return self.base.model_copy(update={"shot": self.base.shot.model_copy(update=update)})


def variant_id(base_id: str, slot: Slot) -> str:
    """Return the image id of a variant: '000012_003__yaw_deg-m30', with `_live` behind it where the camera reacts.

    Letters, digits, - and _ only, as in every id: a minus is written m, a point p.
    """
    text = written(slot.value)
    if not isinstance(slot.value, str):
        text = text.replace("-", "m").replace(".", "p")
    return f"{base_id}__{slot.factor}-{text}" + ("_live" if slot.mediated == "live" else "")


def own_value(sample: SampleSpec, factor: str) -> Value:
    """Return what a sample has of `factor`, in the words of a spec (or 'dark aviator', 'free', which no spec may ask for)."""
    person, seat, shot = sample.identity, sample.sitting, sample.shot
    worn = shot.wear
    found: dict[str, Callable[[], Value]] = {
        "skin_monk": lambda: str(person.skin.monk),
        "sex": lambda: person.sex,
        "ancestry": lambda: person.ancestry,
        "hair_style": lambda: seat.hair.style,
        "hair_color": lambda: person.hair.color,
        "eye_color": lambda: person.iris.color,
        "age_years": lambda: seat.age_years,
        "light": lambda: shot.light.rig,
        "mask": lambda: NONE if worn.mask is None else worn.mask.kind,
        "glasses": lambda: _glasses(sample),
        "expression": lambda: shot.expression.name,
        "yaw_deg": lambda: shot.pose.yaw_deg,
        "pitch_deg": lambda: shot.pose.pitch_deg,
    }
    return found[factor]()


def alike(own: Value, value: Value) -> bool:
    """Whether a value is the base's own: equal words, numbers less than `SAME` apart."""
    if isinstance(own, str) or isinstance(value, str):
        return own == value
    return abs(own - value) < SAME


def unsuited(base: SampleSpec, factor: str, value: Value) -> str | None:
    """Return why `value` of `factor` would change more of this base than the factor; None where it does not."""
    hair, worn = base.sitting.hair, base.shot.wear
    if factor == "sex" and value == "female" and base.sitting.beard.style != "none":
        return f"has a beard ({base.sitting.beard.style}), which would have to go with it"
    if factor == "hair_style":
        suits = asset_json("looks/hair_styles.json")[value]["curl"]
        if base.identity.hair.curl not in suits:
            return f"hair is {base.identity.hair.curl}, '{value}' is for {', '.join(suits)} hair"
    if factor == "hair_color" and hair.dye is not None:
        return "hair is dyed: its natural colour does not show"
    if factor == "light" and base.shot.background.kind not in environments()[str(value)]["backgrounds"]:
        return f"stands before '{base.shot.background.kind}', which is not found in the light '{value}'"
    if factor == "mask" and value != NONE and worn.headwear is not None and worn.headwear.kind in wear.COVERING:
        return f"a {worn.headwear.kind} covers where the mask would be"
    if factor == "glasses" and value == OWN and base.sitting.eyewear == NONE:
        return "owns no glasses"
    return None


def band_of(years: float, population: Population) -> str:
    """Return the age band that holds `years`: of the declared ones, else of the usual ones."""
    for band in (*population.age_band.names, *Population().age_band.names):
        low, high = band_limits(band)
        if low <= years < high + 1:
            return band
    raise SpecError(f"counterfactual.factors.age_years: {years:g} lies in no age band; declare one in population.age_band")


def _glasses(sample: SampleSpec) -> str:
    worn = sample.shot.wear.eyewear
    if worn is None:
        return NONE
    if worn.hides_eyes:
        return f"dark {worn.kind}"
    return OWN if worn.kind == sample.sitting.eyewear else worn.kind


def _reference(base: SampleSpec, changed: SampleSpec) -> Reference:
    """Return the base's parts where `changed` has others."""
    mine: dict[str, Any] = {"identity": base.identity, "sitting": base.sitting}
    theirs: dict[str, Any] = {"identity": changed.identity, "sitting": changed.sitting}
    mine |= {name: getattr(base.shot, name) for name in PARTS}
    theirs |= {name: getattr(changed.shot, name) for name in PARTS}
    return Reference(**{name: part for name, part in mine.items() if theirs[name] != part})


# ---- one function a factor ----------------------------------------------------------------------------------------------


def _skin(draws: _Draws, value: Value) -> SampleSpec:
    """Another albedo anchor, as far from it as the person's own tone is from theirs; marks stay where and as many as they are."""
    skin = draws.base.identity.skin
    monk = int(value)
    return draws.with_identity(skin=skin.model_copy(update={"monk": monk, "lab": tone_near(monk, draws.person("skin.tone"))}))


def _sex(draws: _Draws, value: Value) -> SampleSpec:
    """The mirrored place on the head model's sex axis (the two classes' distributions are mirror images)."""
    return draws.with_identity(sex=value, sex_value=round(1.0 - draws.base.identity.sex_value, 4))


def _ancestry(draws: _Draws, value: Value) -> SampleSpec:
    """Another preset, with the person's own share of it and their own admixture; pigment and hair are not touched."""
    weights = identities.admixture(draws.plan.roster.tables(str(value)).weights, draws.person("ancestry"))
    return draws.with_identity(ancestry=value, ancestry_weights=weights)


def _hair_style(draws: _Draws, value: Value) -> SampleSpec:
    seat = draws.base.sitting
    return draws.base.model_copy(
        update={"sitting": seat.model_copy(update={"hair": seat.hair.model_copy(update={"style": value})})}
    )


def _hair_color(draws: _Draws, value: Value) -> SampleSpec:
    pigment = identities.hair_pigment(str(value), draws.person)
    return draws.with_identity(hair=draws.base.identity.hair.model_copy(update={"color": value, **pigment}))


def _eye_color(draws: _Draws, value: Value) -> SampleSpec:
    return draws.with_identity(iris=identities.iris(str(value), draws.person("iris"), draws.base.identity.iris.seed))


def _age(draws: _Draws, value: Value) -> SampleSpec:
    years, spec, base = float(value), draws.plan.spec, draws.base
    seat = sittings.at_age(base.sitting, base.identity, years, band_of(years, spec.population), spec.seed)
    return base.model_copy(update={"sitting": seat})


def _light(draws: _Draws, value: Value) -> SampleSpec:
    """Another place with the same wall or scene behind; frozen: as strong on the face and balanced as the base's; live: as the
    camera exposes, balances and amplifies it."""
    shot, seed = draws.base.shot, draws.plan.spec.seed
    place = draw_place(str(value), draws.shot("light"), rng.child_seed("shot.light.seed", draws.who, draws.k, seed=seed), None)
    if draws.mediated == "frozen":
        return draws.with_shot(light=light(str(value), place, shot.background, shot.camera, shot.light.meter, like=shot.light))
    seen = light(str(value), place, shot.background, shot.camera, shot.light.meter)
    setting = Setting(shot.camera.profile, seen.lux, shot.camera.f_number)
    seen_by = degradation(shot.degradation.preset, setting, draws.shot, shot.degradation.seed)
    changed = draws.with_shot(light=seen, degradation=seen_by)
    return changed.model_copy(update={"shot": draws.plan.still(changed.shot)})


def _mask(draws: _Draws, value: Value) -> SampleSpec:
    mask = None if value == NONE else wear.mask_of(draws.who, draws.k, draws.plan.spec.seed, str(value))
    return draws.with_shot(wear=draws.base.shot.wear.model_copy(update={"mask": mask}))


def _eyewear(draws: _Draws, value: Value) -> SampleSpec:
    seat = draws.base.sitting
    worn = None
    if value == OWN:
        worn = wear.own_glasses(draws.who, seat, draws.shot("wear.slip"), draws.plan.spec.seed)
    elif value != NONE:
        worn = wear.glasses(str(value), draws.shot("wear.eyewear"), opacity=None)
    return draws.with_shot(wear=draws.base.shot.wear.model_copy(update={"eyewear": worn}))


def _expression(draws: _Draws, value: Value) -> SampleSpec:
    """That expression as strong and as lopsided as the person's own draws say; the eyes keep looking where they look."""
    shots = draws.plan.spec.shots.model_copy(update={"expression": Categorical(value)})
    habit = rng.stream("shot.expression.habit", draws.who, seed=draws.plan.spec.seed)
    return draws.with_shot(expression=expression(shots, draws.even, draws.shot("expression"), habit))


def _pose(name: str) -> Callable[[_Draws, Value], SampleSpec]:
    def turn(draws: _Draws, value: Value) -> SampleSpec:
        """The head turns, eyes and all: gaze is told in the head's frame and stays."""
        return draws.with_shot(pose=draws.base.shot.pose.model_copy(update={name: float(value)}))

    return turn


_CHANGES: dict[str, Callable[[_Draws, Value], SampleSpec]] = {
    "skin_monk": _skin,
    "sex": _sex,
    "ancestry": _ancestry,
    "hair_style": _hair_style,
    "hair_color": _hair_color,
    "eye_color": _eye_color,
    "age_years": _age,
    "light": _light,
    "mask": _mask,
    "glasses": _eyewear,
    "expression": _expression,
    "yaw_deg": _pose("yaw_deg"),
    "pitch_deg": _pose("pitch_deg"),
}
