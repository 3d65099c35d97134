"""Draw one sitting of an identity: age, weight, hair, beard, tan, makeup, own glasses."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np

from facegen import rng
from facegen.population.ages import Age
from facegen.population.demographics import Tables
from facegen.population.distributions import Categories, TruncatedNormal, of
from facegen.population.never import allowed
from facegen.population.palette import color
from facegen.population.roster import Entry
from facegen.resources import asset_json
from facegen.sample import Beard, HairStyle, Identity, Makeup, Sitting
from facegen.spec.design import OWNS
from facegen.spec.population import ADULT, TABLE_WORDS, Population

TABLES = "population/sitting.json"
_BEARD_LENGTH = {
    "none": (0.0, 0.0),
    "shadow": (0.02, 0.12),
    "stubble": (0.12, 0.3),
    "moustache": (0.2, 0.7),
    "goatee": (0.2, 0.7),
    "full": (0.3, 1.0),
}
BALD, HORSESHOE = "bald", "horseshoe"


def sitting(person: Identity, entry: Entry, index: int, age: Age, tables: Tables, population: Population, seed: int) -> Sitting:
    """Return sitting `index` of `person`; a pure function of its arguments. Habits tend to stay as at 0."""

    def stream(name: str) -> np.random.Generator:
        return rng.stream(f"sitting.{name}", entry.index, index, seed=seed)

    def habit(name: str) -> int:
        """Return the sitting whose draws serve for `name`: the first one, where the person keeps to it."""
        kept = float(stream(f"{name}.habit").random()) < asset_json(TABLES)["habits"][name]
        return 0 if kept else index

    def kept(name: str, habit_of: int) -> np.random.Generator:
        return rng.stream(f"sitting.{name}", entry.index, habit_of, seed=seed)

    hairdo, beard, made_up = habit("hair"), habit("beard"), habit("makeup")
    facts = _facts(entry, age)
    hair = _hair_style(
        person,
        age.years,
        population,
        facts,
        kept("hair.style", hairdo),
        kept("hair.shape", hairdo),
        kept("hair.dye", habit("dye")),
    )
    seeds = [rng.child_seed(f"sitting.{k}.seed", entry.index, s, seed=seed) for k, s in (("hair", hairdo), ("beard", beard))]
    grey = grey_share(person, age.years, rng.stream("identity.hair.grey_rate", entry.index, seed=seed))
    own_density = rng.stream("identity.beard.density", entry.index, seed=seed).normal(tables.beard_density, 0.15)
    change = population.body_fat_change * float(stream("body_fat").standard_normal())
    fat = entry.body_fat if index == 0 else entry.body_fat + change
    return Sitting(
        sitting_id=f"{person.identity_id}_s{index:02d}",
        identity_id=person.identity_id,
        index=index,
        age_years=age.years,
        age_band=age.band,
        body_fat=round(min(max(fat, 0.0), 1.0), 4),
        hair=hair.model_copy(update={**_aged_hair(person, age.years, grey, hair.dye is not None), "seed": seeds[0]}),
        beard=_beard(person, age.years, population, facts, own_density, grey, seeds[1], kept("beard", beard)).model_copy(
            update=_beard_pattern(own_density, rng.stream("identity.beard.pattern", entry.index, seed=seed))
        ),
        makeup=_makeup(person, age.years, population, facts, *(kept(k, made_up) for k in ("makeup", "makeup.more"))),
        tan=round(of(population.tan).ppf(float(stream("tan").random())), 4),
        eyewear=_eyewear(kept("eyewear", habit("eyewear"))) if entry.owns_glasses else "none",
    )


def _facts(entry: Entry, age: Age) -> dict[str, str]:
    """Return what the patterns of a design's `never` may ask of a person at a sitting."""
    return {
        "sex": entry.sex, "age_band": age.band, "ancestry": entry.ancestry, "skin_monk": str(entry.skin_monk),
        "eye_color": entry.eye_color, "hair_color": entry.hair_color, "hair_curl": entry.hair_curl,
        "glasses": OWNS[entry.owns_glasses],
    }  # fmt: skip


def at_age(seat: Sitting, person: Identity, years: float, band: str, seed: int) -> Sitting:
    """Return `seat` of `person` as it would be at another age: greying and loss of hair follow, habits and weight stay."""
    grey = grey_share(person, years, rng.stream("identity.hair.grey_rate", person.index, seed=seed))
    hair = seat.hair.model_copy(update=_aged_hair(person, years, grey, seat.hair.dye is not None))
    beard = seat.beard.model_copy(update={"grey": beard_grey(grey)})
    return seat.model_copy(update={"age_years": years, "age_band": band, "hair": hair, "beard": beard})


def _aged_hair(person: Identity, years: float, grey: float, dyed: bool) -> dict[str, float]:
    loss, male = hair_loss(person.hair.balding, years), person.sex == "male"
    return {
        "grey": round(grey * 0.15, 4) if dyed else grey,
        "recession": loss if male else round(0.15 * loss, 4),
        "thinning": round(0.8 * loss, 4) if male else loss,
    }


def beard_grey(grey: float) -> float:
    """Return the share of grey in a beard, which greys before the head."""
    return round(min(1.15 * grey, 1.0), 4)


def grey_share(person: Identity, age_years: float, stream: np.random.Generator) -> float:
    """Return the share of grey hair: none before the person's onset, then as sitting.json says."""
    table = asset_json(TABLES)["grey"]
    years = max(age_years - person.hair.greying_age, 0.0) * float(np.exp(table["rate_sigma"] * stream.standard_normal()))
    return round(1.0 - math.exp(-((years / table["scale_years"]) ** table["shape"])), 4)


def hair_loss(balding: float, age_years: float) -> float:
    """Return pattern loss at this age: the person's loss at 70 times a smooth growth from 20."""
    table = asset_json(TABLES)["balding"]
    t = min(max((age_years - table["from_age"]) / (table["full_age"] - table["from_age"]), 0.0), 1.0)
    return round(balding * t * t * (3 - 2 * t), 4)


def style_shares(person: Identity, age_years: float, population: Population) -> Categories:
    """Return the hair styles open to this person: those that suit sex, curl, age and loss, or those that the spec declares."""
    declared = population.hair_style
    if declared.names != (TABLE_WORDS["hair_style"],):
        return Categories.of(declared.root)
    loss = hair_loss(person.hair.balding, age_years) if person.sex == "male" else 0.0
    weights = {}
    for name, style in asset_json("looks/hair_styles.json").items():
        weight = style["weights"][person.sex] if person.hair.curl in style["curl"] else 0.0
        if name == HORSESHOE:
            weight = weight * 12.0 * max(loss - 0.3, 0.0)
        elif name == BALD:
            weight *= 0.0 if age_years < ADULT else 0.5 + 4.0 * loss
        elif style["length"] in ("medium", "long"):
            weight *= max(1.0 - 1.5 * loss, 0.0)
        weights[name] = weight
    return Categories.proportional(weights)


def _hair_style(
    person: Identity,
    age_years: float,
    population: Population,
    facts: dict[str, str],
    pick: np.random.Generator,
    shape: np.random.Generator,
    dye: np.random.Generator,
) -> HairStyle:
    dyed = age_years >= ADULT and dye.random() < asset_json(TABLES)["dyed_hair"]["by_sex"][person.sex]
    return HairStyle(
        style=allowed(style_shares(person, age_years, population), "hair_style", facts, population.design).pick(
            float(pick.random())
        ),
        length=round(TruncatedNormal(1.0, 0.3, 0.55, 1.65).ppf(float(shape.random())), 4),
        volume=round(TruncatedNormal(1.0, 0.3, 0.55, 1.7).ppf(float(shape.random())), 4),
        parting=round(float(shape.uniform(-0.8, 0.8)), 4),
        fringe=round(float(shape.beta(1.2, 2.0)), 4),
        grey=0.0,
        recession=0.0,
        thinning=0.0,
        dye=color("dye", dye) if dyed else None,
        seed=0,
    )


def _beard(
    person: Identity,
    age_years: float,
    population: Population,
    facts: dict[str, str],
    own_density: float,
    grey: float,
    seed: int,
    stream: np.random.Generator,
) -> Beard:
    style, u = "none", stream.random()
    if person.sex == "male" and age_years >= ADULT:
        declared = population.beard
        if declared.names == (TABLE_WORDS["beard"],):
            rows = asset_json(TABLES)["beard"]["by_age"]
            choices = Categories.of(rows[max((k for k in rows if int(k) <= age_years), key=int)])
        else:
            choices = Categories.of(declared.root)
        style = allowed(choices, "beard", facts, population.design).pick(float(u))
    return Beard(
        style=cast(Any, style),
        density=round(min(max(own_density, 0.1), 1.0), 4),
        length=round(float(stream.uniform(*_BEARD_LENGTH[style])), 4),
        grey=beard_grey(grey),
        seed=seed,
    )


def _beard_pattern(own_density: float, stream: np.random.Generator) -> dict[str, float]:
    """Draw where the person's beard grows; sparse beards tend to be patchy and unconnected."""
    sparse = 1.0 - min(max(own_density, 0.0), 1.0)
    return {
        "cheek": round(float(stream.beta(2.2, 2.2)), 4),
        "patchy": round(min(1.0, float(stream.beta(1.3, 3.0)) * (0.5 + 1.4 * sparse)), 4),
        "link": round(max(0.0, 1.0 - float(stream.beta(1.0, 2.2)) * (0.4 + 1.4 * sparse)), 4),
    }


def _makeup(
    person: Identity,
    age_years: float,
    population: Population,
    facts: dict[str, str],
    stream: np.random.Generator,
    more: np.random.Generator,
) -> Makeup:
    table, declared = asset_json(TABLES)["makeup"], population.makeup
    shares = table["by_sex"][person.sex] if declared.names == (TABLE_WORDS["makeup"],) else declared.root
    u = stream.random()
    look = allowed(Categories.of(shares), "makeup", facts, population.design).pick(float(u)) if age_years >= ADULT else "none"
    share = {name: stream.random() for name in ("lips", "eyes", "liner", "blush")}
    share |= {name: more.random() for name in ("foundation", "mascara", "brows", "wing", "kohl")}
    limits = table["amount"][look] if look != "none" else dict.fromkeys(share, (0.0, 0.0))
    amount = {name: round(low + share[name] * (high - low), 4) for name, (low, high) in limits.items()}
    finish = Categories.of(table["lip_finish"][look]).pick(float(more.random()))
    return Makeup(
        look=look,
        lips_rgb=color("lips", stream),
        eyes_rgb=color("eyeshadow", stream),
        lip_finish=cast(Any, finish),
        **amount,
    )


def _eyewear(stream: np.random.Generator) -> str:
    return Categories.proportional(asset_json("wear/kinds.json")["eyewear"]).pick(float(stream.random()))
