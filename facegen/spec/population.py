"""Who is in a dataset: the population that a spec declares."""

from __future__ import annotations

import itertools
import math
import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from facegen import guard
from facegen.errors import did_you_mean
from facegen.sample import Model
from facegen.spec import names
from facegen.spec.design import OF_A_SITTING, Design, check_words, vocabulary
from facegen.spec.values import SHARE_TOLERANCE, Categorical, Numeric, Share, within

ADULT = 18
OLDEST = 85
YOUNGEST = 4
BALANCEABLE = ("sex", "age_band", "ancestry", "skin_monk", "eye_color", "hair_color", "hair_curl")
DEFAULT_BALANCE = ("sex", "age_band", "ancestry")
MAX_CELLS = 100_000
TABLE_WORDS = {
    "skin_monk": "by_ancestry",
    "eye_color": "by_ancestry",
    "hair_color": "by_ancestry",
    "hair_curl": "by_ancestry",
    "hair_style": "by_sex",
    "beard": "by_age",
    "makeup": "by_sex",
}
"""The word that stands for the declared table of an attribute (assets/population)."""


def band_limits(band: str) -> tuple[int, int]:
    """Return the first and last whole year of an age band written '30-39'."""
    found = re.fullmatch(r"(0|[1-9][0-9]{0,2})-([1-9][0-9]{0,2})", band)  # one way to write a band, which labels repeat
    if found is None or int(found[1]) > int(found[2]):
        raise ValueError(f"age_band: '{band}' is not 'low-high' in whole years; write for example '30-39'")
    return int(found[1]), int(found[2])


class Population(Model):
    """Who. Each attribute is fixed (a word), even (a list), weighted (a mapping) or follows its declared table."""

    sex: Categorical = Categorical(["female", "male"])
    age_band: Categorical = Categorical(["18-29", "30-39", "40-49", "50-59", "60-69", "70-85"])
    later_sittings: Literal["other_bands", "same_band"] = "other_bands"
    age_span_years: within(0, OLDEST - YOUNGEST) | None = None  # type: ignore[valid-type]
    children: bool = False
    ancestry: Categorical = Categorical(["african", "east_asian", "south_asian", "european"])
    mixtures: dict[str, dict[str, Annotated[float, Field(strict=True)]]] = Field(default_factory=dict)
    skin_monk: Categorical = Categorical("by_ancestry")
    eye_color: Categorical = Categorical("by_ancestry")
    hair_color: Categorical = Categorical("by_ancestry")
    hair_curl: Categorical = Categorical("by_ancestry")
    hair_style: Categorical = Categorical("by_sex")
    beard: Categorical = Categorical("by_age")
    makeup: Categorical = Categorical("by_sex")
    body_fat: within(0, 1) = Numeric({"uniform": [0.05, 0.95]})  # type: ignore[valid-type]
    body_fat_change: Annotated[float, Field(ge=0, le=0.5, strict=True)] = 0.06
    tan: within(0, 1) = Numeric({"normal": {"mean": 0.15, "sd": 0.15, "min": 0.0, "max": 0.6}})  # type: ignore[valid-type]
    glasses: Share = 0.35
    balance: tuple[str, ...] | None = None
    design: Design | None = None

    @model_validator(mode="after")
    def _words(self) -> Population:
        presets = names.ancestries()
        for name, weights in self.mixtures.items():
            _check_mixture(name, weights, presets)
        allowed = {
            "sex": names.SEXES,
            "ancestry": (*presets, *self.mixtures),
            "skin_monk": names.TONES,
            "eye_color": names.EYE_COLORS,
            "hair_color": names.HAIR_COLORS,
            "hair_curl": names.CURLS,
            "hair_style": names.hair_styles(),
            "beard": names.BEARDS,
            "makeup": names.MAKEUPS,
        }
        for field, words in allowed.items():
            names.check(field, getattr(self, field).names, words, TABLE_WORDS.get(field))
        return self

    @model_validator(mode="after")
    def _ages(self) -> Population:
        bands = sorted((band_limits(band), band) for band in self.age_band.names)
        for (low, high), band in bands:
            if low < YOUNGEST or high > OLDEST:
                raise ValueError(f"age_band: '{band}' leaves {YOUNGEST}-{OLDEST} years; narrow it")
            if low < ADULT and not self.children:
                raise ValueError(f"age_band: '{band}' holds children; start it at {ADULT} or set 'children: true'")
        for (first, a), (second, b) in itertools.pairwise(bands):
            if second[0] <= first[1]:
                raise ValueError(f"age_band: '{a}' and '{b}' overlap; let each year belong to one band")
        return self

    @model_validator(mode="after")
    def _span(self) -> Population:
        if self.age_span_years is None:
            return self
        if self.later_sittings == "same_band":
            raise ValueError("age_span_years: contradicts 'later_sittings: same_band'; leave one of them out")
        bands = sorted(band_limits(band) for band in self.age_band.names)
        if any(second[0] > first[1] + 1 for first, second in itertools.pairwise(bands)):
            raise ValueError("age_span_years: the age bands leave a gap that a later sitting may fall into; close it")
        years = (bands[-1][1] + 1 - bands[0][0]) / 2
        if self.age_span_years.limits[1] > years:
            raise ValueError(
                f"age_span_years: {self.age_span_years.limits[1]:g} years do not fit on one side of every age in "
                f"{bands[0][0]}-{bands[-1][1]}; at most {years:g}"
            )
        return self

    @model_validator(mode="after")
    def _contradictions(self) -> Population:
        bearded = self.beard.names != (TABLE_WORDS["beard"],) and "none" not in self.beard.names
        if bearded and "female" in self.sex.names:
            raise ValueError(f"beard: '{self.beard.names[0]}' for everybody, but sex allows female; fix the sex or allow 'none'")
        if bearded and any(band_limits(band)[0] < ADULT for band in self.age_band.names):
            raise ValueError(
                f"beard: '{self.beard.names[0]}' for everybody, but age_band allows children; allow 'none' or adults only"
            )
        cells = 1
        for attribute in self.balanced:
            self._check_balanced(attribute)
            cells *= len(getattr(self, attribute).names)
        if cells > MAX_CELLS:
            raise ValueError(f"balance: {cells} cells are more than {MAX_CELLS}; balance fewer attributes")
        return self

    @model_validator(mode="after")
    def _designed(self) -> Population:
        if self.design is None:
            return self
        if self.balance is not None:
            raise ValueError("design: contradicts balance, which it takes the place of; leave balance out")
        check_words(self.design, {a: self.words(a) for a in (*BALANCEABLE, "glasses", *OF_A_SITTING)})
        for attribute in self.design.attributes:
            self._check_drawn_with(attribute, self.design.attributes)
        cells = math.prod(len(self.words(a)) for a in self.design.attributes)
        if cells > MAX_CELLS:
            raise ValueError(f"design: {cells} cells are more than {MAX_CELLS}; cross fewer attributes or list fewer words")
        return self

    def _check_drawn_with(self, attribute: str, crossed: tuple[str, ...]) -> None:
        """An attribute that follows a table is crossed with what the table asks for, or the table would not hold."""
        needed = {"skin_monk": ("ancestry",), "eye_color": ("ancestry",), "hair_curl": ("ancestry",),
                  "hair_color": ("ancestry", "eye_color")}.get(attribute, ())  # fmt: skip
        for other in needed:
            alone = not self.follows_table(other) and len(self.words(other)) == 1
            if self.follows_table(attribute) and other not in crossed and not alone:
                raise ValueError(
                    f"design.attributes: '{attribute}' follows the table of each {other}; "
                    f"add {other}, or list the words of {attribute}"
                )

    def follows_table(self, attribute: str) -> bool:
        """Whether an attribute is left to its declared table (assets/population)."""
        return attribute in TABLE_WORDS and getattr(self, attribute).names == (TABLE_WORDS[attribute],)

    def words(self, attribute: str) -> tuple[str, ...]:
        """Return the words that people of this population may have of an attribute; `glasses`: yes and no."""
        if attribute == "glasses":
            return vocabulary(attribute, (), False)
        return vocabulary(attribute, getattr(self, attribute).names, self.follows_table(attribute))

    def _check_balanced(self, attribute: str) -> None:
        if attribute not in BALANCEABLE:
            raise ValueError(f"balance: {did_you_mean(attribute, BALANCEABLE)}")
        declared: Categorical = getattr(self, attribute)
        if self.balance is None:
            return
        if self.balance.count(attribute) > 1:
            raise ValueError(f"balance: '{attribute}' is listed twice; list it once")
        if declared.names == (TABLE_WORDS.get(attribute),):
            raise ValueError(f"balance: '{attribute}' follows the table of each ancestry; list its categories to balance it")
        if declared.word is not None:
            raise ValueError(
                f"balance: '{attribute}' is fixed to '{declared.word}'; list two or more categories, or drop it from balance"
            )
        if not declared.even:
            raise ValueError(
                f"balance: '{attribute}' has uneven shares; list its categories without shares, or drop it from balance"
            )

    @property
    def balanced(self) -> tuple[str, ...]:
        """The attributes whose full cross is visited evenly: as asked, else sex, age band and ancestry where they are even.

        None where a design says how often each cell is visited.
        """
        if self.design is not None:
            return ()
        if self.balance is not None:
            return self.balance
        return tuple(a for a in DEFAULT_BALANCE if getattr(self, a).word is None and getattr(self, a).even)


def _check_mixture(name: str, weights: dict[str, float], presets: tuple[str, ...]) -> None:
    if not guard.inside(name) or "/" in name:
        raise ValueError(f"mixtures: '{name}' becomes the name of folders and files; use letters, digits, - and _")
    if name in presets:
        raise ValueError(f"mixtures: '{name}' is already a preset; choose another name")
    names.check(f"mixtures.{name}", tuple(weights), presets)
    total = sum(weights.values())
    if not weights or min(weights.values()) < 0 or abs(total - 1) > SHARE_TOLERANCE:
        raise ValueError(f"mixtures.{name}: the shares sum to {total:g}, not 1; write shares of presets that sum to 1")
