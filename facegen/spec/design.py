"""A designed population: joint counts, target marginals, quotas and what never occurs. Words and arithmetic are checked here;
whether the targets can hold together is found out where they are fitted (facegen/population/design.py).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from facegen.errors import did_you_mean
from facegen.sample import Model
from facegen.spec import names
from facegen.spec.values import SHARE_TOLERANCE

OF_A_PERSON = ("sex", "age_band", "ancestry", "skin_monk", "eye_color", "hair_color", "hair_curl", "glasses")
"""What a design may cross: drawn once a person. `glasses`: whether the person owns a pair."""
OF_A_SITTING = ("hair_style", "beard", "makeup")
"""Drawn at each sitting, after the person: they may stand in `never`, where they are left out of the draw, and nowhere else."""
OWNS = ("no", "yes")
CROSS = " x "


def _pattern(value: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, Mapping) or not value:
        raise ValueError(f"{value!r} is not {{attribute: word, ...}}; write for example {{sex: female, age_band: '70-85'}}")
    out = {}
    for attribute, words in value.items():
        listed = list(words) if isinstance(words, list | tuple) else [words]
        if not listed:
            raise ValueError(f"{attribute}: an empty list matches nobody; name at least one word")
        out[str(attribute)] = tuple(_word(word) for word in listed)
    return out


def _word(value: Any) -> str:
    """YAML reads yes and no as booleans, and tones as numbers."""
    if isinstance(value, bool):
        return OWNS[value]
    if isinstance(value, str | int):
        return str(value)
    raise ValueError(f"{value!r} is not a word; quote it if it is one")


Pattern = Annotated[dict[str, tuple[str, ...]], BeforeValidator(_pattern)]
"""{attribute: words}: the people who have one of the words of every attribute named."""


def _marginal(value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping) or not value:
        raise ValueError(f"{value!r} is not {{word: share, ...}}; write the share of each category")
    out: dict[str, float] = {}
    for word, share in value.items():
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise ValueError(f"the share of '{word}' is {share!r}; write a number from 0 to 1")
        out[_word(word)] = float(share)
    if abs(math.fsum(out.values()) - 1) > SHARE_TOLERANCE:
        raise ValueError(f"the shares sum to {math.fsum(out.values()):.6g}, not 1; change them")
    return out


def _wide(pattern: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    if len(pattern) < 2:
        raise ValueError(f"{said(pattern)} names one attribute; leave the word out of population, or name a second attribute")
    return pattern


class Quota(Model):
    """The part of everybody that a pattern takes: a share of them, or a number of people of the declared `identities`."""

    where: Pattern
    share: Annotated[float, Field(ge=0, le=1, strict=True)] | None = None
    count: Annotated[int, Field(ge=0, strict=True)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Quota:
        if (self.share is None) == (self.count is None):
            raise ValueError(f"{said(self.where)} needs a share or a count, one of them; write 'share: 0.2' or 'count: 12'")
        return self


class Design(Model):
    """See docs/spec.md, "A designed population". Without `exact`, minimum and quotas of a count the number of identities plays no
    part in it."""

    attributes: Annotated[tuple[str, ...], Field(min_length=1)]
    marginals: dict[str, Annotated[dict[str, float], BeforeValidator(_marginal)]] = Field(default_factory=dict)
    quotas: tuple[Quota, ...] = ()
    minimum_per_cell: Annotated[int, Field(ge=0, le=999_999, strict=True)] = 0
    never: tuple[Annotated[Pattern, AfterValidator(_wide)], ...] = ()
    exact: bool = False
    """Whether marginals and shares too are made whole for the declared number of identities, which the plan then depends on."""

    @model_validator(mode="after")
    def _known(self) -> Design:
        for attribute in self.attributes:
            if attribute in OF_A_SITTING:
                raise ValueError(f"attributes: '{attribute}' is drawn at each sitting, not once a person; it cannot be crossed")
            if attribute not in OF_A_PERSON:
                raise ValueError(f"attributes: {did_you_mean(attribute, OF_A_PERSON)}")
            if self.attributes.count(attribute) > 1:
                raise ValueError(f"attributes: '{attribute}' is listed twice; list it once")
        for key in self.marginals:
            parts = key.split(CROSS)
            self._crossed(f"marginals.{key}", parts)
            if len(set(parts)) < len(parts):
                raise ValueError(f"marginals.{key}: names an attribute twice; name each once")
        for i, quota in enumerate(self.quotas):
            self._crossed(f"quotas[{i}]", quota.where)
        for i, pattern in enumerate(self.never):
            late = [a for a in pattern if a in OF_A_SITTING]
            if len(late) > 1:
                raise ValueError(
                    f"never[{i}]: {' and '.join(late)} are drawn apart from one another at each sitting; name one of them"
                )
            if not late:
                self._crossed(f"never[{i}]", pattern)
            for attribute in pattern:
                if attribute not in (*OF_A_PERSON, *OF_A_SITTING):
                    raise ValueError(f"never[{i}]: {did_you_mean(attribute, (*OF_A_PERSON, *OF_A_SITTING))}")
        return self

    def _crossed(self, where: str, attributes: Any) -> None:
        for attribute in attributes:
            if attribute in OF_A_SITTING:
                raise ValueError(
                    f"{where}: '{attribute}' is drawn at each sitting, identities have no number of it; use it in never"
                )
            if attribute not in self.attributes:
                known = did_you_mean(attribute, self.attributes)
                raise ValueError(f"{where}: {known}; add it to design.attributes or leave it out")

    @property
    def counted(self) -> bool:
        """Whether the targets depend on the number of identities."""
        return self.exact or self.minimum_per_cell > 0 or any(quota.count is not None for quota in self.quotas)

    def late(self, attribute: str) -> list[dict[str, tuple[str, ...]]]:
        """Return the patterns of `never` that an attribute of a sitting stands in."""
        return [pattern for pattern in self.never if attribute in pattern]


def said(pattern: Mapping[str, tuple[str, ...]]) -> str:
    """Return a pattern in words: `sex female, age_band 60-69 or 70-85`."""
    return ", ".join(f"{attribute} {' or '.join(words)}" for attribute, words in pattern.items())


def vocabulary(attribute: str, declared: tuple[str, ...], follows_table: bool) -> tuple[str, ...]:
    """Return the words of an attribute that a design may name: those declared, or all that its table may give."""
    if attribute == "glasses":
        return OWNS
    if not follows_table:
        return declared
    return {
        "skin_monk": names.TONES, "eye_color": names.EYE_COLORS, "hair_color": names.HAIR_COLORS, "hair_curl": names.CURLS,
        "hair_style": names.hair_styles(), "beard": names.BEARDS, "makeup": names.MAKEUPS,
    }[attribute]  # fmt: skip


def check_words(design: Design, words: Mapping[str, tuple[str, ...]]) -> None:
    """Raise ValueError where the design names a word that the population does not have; `words`: see `vocabulary`."""
    for key, shares in design.marginals.items():
        parts = key.split(CROSS)
        for cell in shares:
            found = cell.split(CROSS)
            if len(found) != len(parts):
                raise ValueError(
                    f"design.marginals.{key}: '{cell}' is not a word of each; write '{CROSS.join(words[p][0] for p in parts)}'"
                )
            for attribute, word in zip(parts, found, strict=True):
                _known(f"design.marginals.{key}", attribute, word, words)
    patterns = [(f"design.quotas[{i}]", quota.where) for i, quota in enumerate(design.quotas)]
    patterns += [(f"design.never[{i}]", pattern) for i, pattern in enumerate(design.never)]
    for where, pattern in patterns:
        for attribute, word in itertools.chain.from_iterable(((a, w) for w in ws) for a, ws in pattern.items()):
            _known(where, attribute, word, words)


def _known(where: str, attribute: str, word: str, words: Mapping[str, tuple[str, ...]]) -> None:
    if word in words[attribute]:
        return
    why = (
        " (grey hair comes with age: it is no colour that a person is given)"
        if (attribute, word) == ("hair_color", "grey")
        else ""
    )
    raise ValueError(f"{where}: {attribute} {did_you_mean(word, words[attribute])}{why}")
