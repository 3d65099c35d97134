"""What changes for each factor of a counterfactual variant, what a sample has of it, and what does not suit whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from facegen import rng
from facegen.errors import SpecError
from facegen.population import identities, sittings, wear
from facegen.population.degradations import Setting, degradation
from facegen.population.identities import tone_near
from facegen.population.light import draw_place, environments, light
from facegen.population.roster import Roster
from facegen.population.shots import expression, spread_over
from facegen.resources import asset_json
from facegen.sample import SampleSpec, Shot
from facegen.spec import Categorical, DatasetSpec
from facegen.spec.counterfactual import NONE, OWN, Value
from facegen.spec.population import Population, band_limits

SAME = 0.5
"""Numbers (years, degrees) nearer to the base's than this are its own: no pair is made of them."""
ADAPTIVE = {"black_point": 0.0, "local_tone": 0.0}
"""Processing that adapts to the picture, and the setting that turns it off."""


class Draws(NamedTuple):
    """What a change may draw from: the base and the streams that it was drawn from."""

    spec: DatasetSpec
    roster: Roster
    who: int
    k: int
    base: SampleSpec
    mediated: str

    def person(self, name: str) -> np.random.Generator:
        return rng.stream(f"identity.{name}", self.who, seed=self.spec.seed)

    def shot(self, name: str) -> np.random.Generator:
        return rng.stream(f"shot.{name}", self.who, self.k, seed=self.spec.seed)

    def even(self, name: str) -> float:
        return spread_over(name, self.roster.entry(self.who), self.k, self.spec.seed)

    def with_identity(self, **update: Any) -> SampleSpec:
        return self.base.model_copy(update={"identity": self.base.identity.model_copy(update=update)})

    def with_shot(self, **update: Any) -> SampleSpec:
        return self.base.model_copy(update={"shot": self.base.shot.model_copy(update=update)})


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


def still(shot: Shot, spec: DatasetSpec) -> Shot:
    """Return a shot without the steps of processing that look at the picture, where a variant is to be developed as its base
    is: what is taken for black, and local tone. Kept from a base of light skin, its black level would swallow dark skin."""
    if spec.counterfactual is None or "frozen" not in spec.counterfactual.modes:
        return shot
    return shot.model_copy(update={"degradation": shot.degradation.model_copy(update=ADAPTIVE)})


# ---- one function a factor ----------------------------------------------------------------------------------------------


def _skin(draws: Draws, value: Value) -> SampleSpec:
    """Another albedo anchor, as far from it as the person's own tone is from theirs; marks stay where and as many as they are."""
    skin = draws.base.identity.skin
    monk = int(value)
    return draws.with_identity(skin=skin.model_copy(update={"monk": monk, "lab": tone_near(monk, draws.person("skin.tone"))}))


def _sex(draws: Draws, value: Value) -> SampleSpec:
    """The mirrored place on the head model's sex axis (the two classes' distributions are mirror images)."""
    return draws.with_identity(sex=value, sex_value=round(1.0 - draws.base.identity.sex_value, 4))


def _ancestry(draws: Draws, value: Value) -> SampleSpec:
    """Another preset, with the person's own share of it and their own admixture; pigment and hair are not touched."""
    weights = identities.admixture(draws.roster.tables(str(value)).weights, draws.person("ancestry"))
    return draws.with_identity(ancestry=value, ancestry_weights=weights)


def _hair_style(draws: Draws, value: Value) -> SampleSpec:
    seat = draws.base.sitting
    return draws.base.model_copy(
        update={"sitting": seat.model_copy(update={"hair": seat.hair.model_copy(update={"style": value})})}
    )


def _hair_color(draws: Draws, value: Value) -> SampleSpec:
    pigment = identities.hair_pigment(str(value), draws.person)
    return draws.with_identity(hair=draws.base.identity.hair.model_copy(update={"color": value, **pigment}))


def _eye_color(draws: Draws, value: Value) -> SampleSpec:
    return draws.with_identity(iris=identities.iris(str(value), draws.person("iris"), draws.base.identity.iris.seed))


def _age(draws: Draws, value: Value) -> SampleSpec:
    years, spec, base = float(value), draws.spec, draws.base
    seat = sittings.at_age(base.sitting, base.identity, years, band_of(years, spec.population), spec.seed)
    return base.model_copy(update={"sitting": seat})


def _light(draws: Draws, value: Value) -> SampleSpec:
    """Another place with the same wall or scene behind; frozen: as strong on the face and balanced as the base's; live: as the
    camera exposes, balances and amplifies it."""
    shot, seed = draws.base.shot, draws.spec.seed
    place = draw_place(str(value), draws.shot("light"), rng.child_seed("shot.light.seed", draws.who, draws.k, seed=seed), None)
    if draws.mediated == "frozen":
        return draws.with_shot(light=light(str(value), place, shot.background, shot.camera, shot.light.meter, like=shot.light))
    seen = light(str(value), place, shot.background, shot.camera, shot.light.meter)
    setting = Setting(shot.camera.profile, seen.lux, shot.camera.f_number)
    seen_by = degradation(shot.degradation.preset, setting, draws.shot, shot.degradation.seed, draws.spec.shots.faults)
    changed = draws.with_shot(light=seen, degradation=seen_by)
    return changed.model_copy(update={"shot": still(changed.shot, draws.spec)})


def _mask(draws: Draws, value: Value) -> SampleSpec:
    mask = None if value == NONE else wear.mask_of(draws.who, draws.k, draws.spec.seed, str(value))
    return draws.with_shot(wear=draws.base.shot.wear.model_copy(update={"mask": mask}))


def _eyewear(draws: Draws, value: Value) -> SampleSpec:
    seat = draws.base.sitting
    worn = None
    if value == OWN:
        worn = wear.own_glasses(draws.who, seat, draws.shot("wear.slip"), draws.spec.seed)
    elif value != NONE:
        worn = wear.glasses(str(value), draws.shot("wear.eyewear"), opacity=None)
    return draws.with_shot(wear=draws.base.shot.wear.model_copy(update={"eyewear": worn}))


def _expression(draws: Draws, value: Value) -> SampleSpec:
    """That expression as strong and as lopsided as the person's own draws say; the eyes keep looking where they look."""
    shots = draws.spec.shots.model_copy(update={"expression": Categorical(value)})
    habit = rng.stream("shot.expression.habit", draws.who, seed=draws.spec.seed)
    return draws.with_shot(expression=expression(shots, draws.even, draws.shot("expression"), habit))


def _pose(name: str) -> Callable[[Draws, Value], SampleSpec]:
    def turn(draws: Draws, value: Value) -> SampleSpec:
        """The head turns, eyes and all: gaze is told in the head's frame and stays."""
        return draws.with_shot(pose=draws.base.shot.pose.model_copy(update={name: float(value)}))

    return turn


CHANGES: dict[str, Callable[[Draws, Value], SampleSpec]] = {
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
