"""What a counterfactual spec varies: factors, one at a time, and whether the camera may react to the change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Literal

from pydantic import field_validator

from facegen.errors import did_you_mean
from facegen.resources import asset_json
from facegen.sample import Model
from facegen.spec import names
from facegen.spec.population import ADULT, OLDEST, Population
from facegen.spec.shots import Shots
from facegen.spec.values import Categorical, Numeric

Value = str | float
NONE, OWN = "none", "own"


def _glasses() -> tuple[str, ...]:
    return (NONE, OWN, *asset_json("wear/kinds.json")["eyewear"])


def _masks() -> tuple[str, ...]:
    return (NONE, *asset_json("wear/kinds.json")["mask"])


def _expressions() -> tuple[str, ...]:
    return tuple(name for name in names.expressions() if name != names.FREE)


def _places() -> tuple[str, ...]:
    return tuple(name for name in names.environments() if name != "file")


WORDS: dict[str, Callable[[], tuple[str, ...]]] = {
    "skin_monk": lambda: names.TONES,
    "sex": lambda: names.SEXES,
    "ancestry": names.ancestries,
    "hair_style": names.hair_styles,
    "hair_color": lambda: names.HAIR_COLORS,
    "eye_color": lambda: names.EYE_COLORS,
    "light": _places,
    "mask": _masks,
    "glasses": _glasses,
    "expression": _expressions,
}
"""Factors whose values are words (skin tones are the words 1 to 10), and which."""
LIMITS: dict[str, tuple[float, float]] = {"age_years": (ADULT, OLDEST), "yaw_deg": (-90, 90), "pitch_deg": (-60, 60)}
"""Factors whose values are numbers, and within what. Children grow, and wear and shave otherwise: no adult is made a child."""
FACTORS = (*WORDS, *LIMITS)
_IN_POPULATION = ("skin_monk", "sex", "ancestry", "hair_style", "hair_color", "eye_color")
_IN_SHOTS = ("light", "expression", "yaw_deg", "pitch_deg")


class Counterfactuals(Model):
    """`factors`: values that each factor takes in turn, all else equal. `mediated` frozen: exposure, white balance, tone and
    noise are the base's; live: the camera reacts; both: each variant is made both ways."""

    factors: dict[str, tuple[Value, ...]]
    mediated: Literal["frozen", "live", "both"] = "frozen"

    @field_validator("factors", mode="before")
    @classmethod
    def _known(cls, factors: Any) -> Any:
        if not isinstance(factors, dict) or not factors:
            raise ValueError(f"{factors!r} names no factor; write for example {{skin_monk: [2, 8]}}, of {', '.join(FACTORS)}")
        return {str(name): _values(str(name), values) for name, values in factors.items()}

    @property
    def modes(self) -> tuple[Literal["frozen", "live"], ...]:
        """The ways in which every variant is made."""
        return ("frozen", "live") if self.mediated == "both" else (self.mediated,)

    def check(self, population: Population, shots: Shots) -> None:
        """Raise ValueError, one line, for factors that these bases leave nothing to vary of, and cameras that cannot react."""
        for factor, values in self.factors.items():
            if factor == "ancestry":
                names.check(
                    "counterfactual.factors.ancestry", tuple(map(str, values)), (*names.ancestries(), *population.mixtures)
                )
            fixed = _fixed(factor, population, shots)
            if fixed is not None and set(values) <= {fixed}:
                raise ValueError(
                    f"counterfactual.factors.{factor}: every base has '{written(fixed)}' already and no other value is listed; "
                    "add one, or leave the factor out"
                )
        if self.mediated != "frozen" and shots.degradation.names == ("none",):
            raise ValueError(
                f"counterfactual.mediated: '{self.mediated}' lets the camera react, but degradation 'none' is a perfect sensor "
                "without noise or processing; write frozen, or another degradation"
            )


def written(value: Value) -> str:
    """Return a factor's value as text: numbers without needless digits."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _values(factor: str, values: Any) -> tuple[Value, ...]:
    if factor not in FACTORS:
        raise ValueError(f"factor {did_you_mean(factor, FACTORS)}")
    listed = list(values) if isinstance(values, list | tuple) else [values]
    if not listed:
        raise ValueError(f"{factor}: an empty list varies nothing; name at least one value")
    read = tuple(_number(factor, v) if factor in LIMITS else _word(factor, v) for v in listed)
    twice = next((value for value, count in Counter(read).items() if count > 1), None)
    if twice is not None:
        raise ValueError(f"{factor}: '{written(twice)}' is listed twice; name each value once")
    return read


def _word(factor: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"{factor}: {value!r} is not a word; allowed are {', '.join(WORDS[factor]())}")
    if factor != "ancestry" and str(value) not in WORDS[factor]():  # a population may have mixtures of its own
        raise ValueError(f"{factor}: {did_you_mean(str(value), WORDS[factor]())}")
    return str(value)


def _number(factor: str, value: Any) -> float:
    low, high = LIMITS[factor]
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{factor}: {value!r} is not allowed; write a number from {low:g} to {high:g}")
    return float(value)


def _fixed(factor: str, population: Population, shots: Shots) -> Value | None:
    """Return the only value that bases have by the spec, where that can be read off it."""
    if factor in ("mask", "glasses"):
        bare = shots.wear.mask == 0 if factor == "mask" else not (
            shots.wear.other_glasses or shots.wear.sunglasses or (shots.wear.own_glasses and population.glasses)
        )  # fmt: skip
        return NONE if bare else None
    if factor not in _IN_POPULATION and factor not in _IN_SHOTS:
        return None
    declared: Categorical | Numeric = getattr(population if factor in _IN_POPULATION else shots, factor)
    if isinstance(declared, Numeric):
        return float(declared.body) if declared.kind == "fixed" else None
    return declared.word
