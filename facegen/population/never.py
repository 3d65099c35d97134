"""What a design rules out of the draws of a sitting: hair style, beard and makeup come after the person, so that a pattern of
`never` that names one of them takes its words out of the draw of everybody whom the rest of the pattern matches.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from facegen.errors import SpecError
from facegen.population.distributions import Categories
from facegen.resources import asset_json
from facegen.spec.design import OF_A_SITTING, Design, said
from facegen.spec.population import ADULT, Population, band_limits

NONE = ("none",)


def allowed(choices: Categories, attribute: str, facts: Mapping[str, str], design: Design | None) -> Categories:
    """Return `choices` without the words that people of these `facts` never have, in the proportions of the rest."""
    out = forbidden(attribute, facts, design)
    if not out:
        return choices
    pairs = zip(choices.names, choices.probabilities, strict=True)
    return Categories.proportional({name: p for name, p in pairs if name not in out})


def forbidden(attribute: str, facts: Mapping[str, str], design: Design | None) -> set[str]:
    """Return the words of `attribute` that the design rules out for these facts."""
    if design is None:
        return set()
    matching = [
        pattern for pattern in design.late(attribute) if all(facts[a] in words for a, words in pattern.items() if a != attribute)
    ]
    return {word for pattern in matching for word in pattern[attribute]}


def check(population: Population) -> None:
    """Raise SpecError where patterns of `never` leave some people nothing to draw."""
    design = population.design
    assert design is not None
    for attribute in OF_A_SITTING:
        patterns = design.late(attribute)
        if not patterns:
            continue
        named = dict.fromkeys(["sex", "age_band", "hair_curl", *(a for p in patterns for a in p if a != attribute)])
        for combined in itertools.product(*(population.words(a) for a in named)):
            facts = dict(zip(named, combined, strict=True))
            if not possible(attribute, facts, population) - forbidden(attribute, facts, design):
                listed = " and ".join(f"never[{design.never.index(p)}] ({said(p)})" for p in patterns)
                who = ", ".join(f"{a} {w}" for a, w in facts.items())
                raise SpecError(f"population.design: {listed} leave {attribute} no word for people of {who}; allow one")


def possible(attribute: str, facts: Mapping[str, str], population: Population) -> set[str]:
    """Return words of an attribute of a sitting that people of these facts can have whatever else they are."""
    young, tabled = band_limits(facts["age_band"])[0] < ADULT, population.follows_table(attribute)
    if attribute in ("beard", "makeup") and (young or (attribute == "beard" and facts["sex"] == "female")):
        return set(NONE)
    if not tabled:
        return set(population.words(attribute))
    if attribute == "hair_style":
        return _styles(facts["sex"], facts["hair_curl"])
    table = asset_json("population/sitting.json")[attribute]
    rows = table["by_age"].values() if attribute == "beard" else [table["by_sex"][facts["sex"]]]
    return set.intersection(*({word for word, share in row.items() if share > 0} for row in rows))


def _styles(sex: str, curl: str) -> set[str]:
    """Return the styles that age and hair loss cannot rule out: a man who has lost his hair wears none of the longer ones."""
    kept = ("cropped", "short") if sex == "male" else ("cropped", "short", "medium", "long")
    styles = asset_json("looks/hair_styles.json").items()
    fits = {n for n, s in styles if s["weights"][sex] > 0 and curl in s["curl"] and s["length"] in kept}
    return fits - {"bald", "horseshoe"}
