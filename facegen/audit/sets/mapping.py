"""The mapping file of a table: which column is which attribute, what its words mean, and where its labels come from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from facegen.audit.known import UNKNOWN
from facegen.audit.sets.words import MISSING, Attribute, nested
from facegen.errors import DataError, SpecError, shown
from facegen.sample import Model
from facegen.spec.reading import one_line, read_yaml
from facegen.spec.values import SHARE_TOLERANCE

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
RESERVED = ("image_id", "identity_id", "sitting_id", "count", "target", "add", "n", "mean", "interval_method")
"""Keys that stand beside attributes in a table of faces or in a document."""


class Column(Model):
    """One attribute. `words`: raw word -> category, besides the categories themselves. `bands`: the column holds ages in years.

    `shares`: what the set was meant to be; evenly over the categories where it is left out.
    """

    column: str
    source: Literal["parameter", "self-reported", "annotated", "inferred"]
    categories: tuple[str, ...]
    words: dict[str, str] = Field(default_factory=dict)
    missing: tuple[str, ...] = ()
    bands: bool = False
    shares: tuple[float, ...] | None = None

    @field_validator("categories", "missing", mode="before")
    @classmethod
    def _quoted(cls, value: Any) -> Any:
        """YAML reads 1 and 30 as numbers."""
        return tuple(_word(v) for v in value) if isinstance(value, list | tuple) else value

    @field_validator("words", mode="before")
    @classmethod
    def _quoted_words(cls, value: Any) -> Any:
        return {_word(k): _word(v) for k, v in value.items()} if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _meant(self) -> Column:
        if not self.categories or len(set(self.categories)) < len(self.categories):
            raise ValueError(f"categories: {list(self.categories)} is empty or names one twice; name each category once")
        self._check_words()
        if UNKNOWN in self.categories:
            raise ValueError(f"categories: '{UNKNOWN}' is what empty fields are counted as; list words for it under 'missing'")
        strange = [v for v in self.words.values() if v not in self.categories]
        if strange:
            raise ValueError(f"words: '{strange[0]}' is not one of the categories {', '.join(self.categories)}; add it there")
        if self.bands and not nested(self.categories):
            raise ValueError(f"categories: {list(self.categories)} are not bands of years apart; write '30-39' or '70+'")
        if self.bands and self.words:
            raise ValueError("words: a column of ages in years has none; leave out 'words' or 'bands'")
        if self.shares is not None and (
            len(self.shares) != len(self.categories) or min(self.shares) < 0 or abs(sum(self.shares) - 1) > SHARE_TOLERANCE
        ):
            count = len(self.categories)
            raise ValueError(f"shares: {list(self.shares)} are not {count} numbers from 0 that sum to 1; change them")
        return self

    def _check_words(self) -> None:
        """Raise ValueError for a category that could never be counted, or a word that means two things."""
        words, missing = self._words(), self._missing()
        for category in self.categories:
            if not category or category != " ".join(category.split()) or not category.isprintable():
                raise ValueError(
                    f"categories: {shown(category)} is empty, or holds control characters or spaces that raw words are read "
                    "without; write it as one line, with single spaces inside"
                )
            if words.get(category, category) != category:
                raise ValueError(
                    f"words: '{category}' is a category and is turned into '{words[category]}'; take it out of one of the two"
                )
        if "" in words:
            raise ValueError(f"words: an empty field is '{UNKNOWN}', never '{words['']}'; take it out")
        both = next((word for word in (*self.categories, *words) if word.casefold() in missing), None)
        if both is not None:
            raise ValueError(f"missing: '{both}' is a category, or stands under 'words'; take it out of one of the two")

    def _missing(self) -> set[str]:
        return {" ".join(word.split()).casefold() for word in self.missing}

    def _words(self) -> dict[str, str]:
        return {" ".join(raw.split()): category for raw, category in self.words.items()}

    def attribute(self, name: str) -> Attribute:
        words, missing = self._words(), MISSING | self._missing()
        return Attribute(name, self.source, self.categories, words, missing, self.bands, shares=self.shares)


class Mapping(Model):
    """A mapping file. `image`: the column that names the picture; `identity`: the column that names the person."""

    name: str
    image: str
    identity: str | None = None
    separator: str = ","
    attributes: dict[Name, Column]

    @model_validator(mode="after")
    def _meant(self) -> Mapping:
        if not self.attributes:
            raise ValueError("attributes: is empty; name at least one")
        if not self.name.isprintable():
            raise ValueError(f"name: {shown(self.name)} holds control characters or line ends; write it as one line of text")
        taken = [name for name in self.attributes if name in RESERVED or name.startswith("raw_")]
        if taken:
            raise ValueError(f"attributes: '{taken[0]}' is taken; choose another name")
        if len(self.separator) != 1 or self.separator in '"\r\n\0 ':
            raise ValueError(f"separator: '{self.separator}' is not one character; write for example ';' or '\\t'")
        return self

    @classmethod
    def load(cls, path: Path) -> Mapping:
        """Read a mapping file. Raises DataError, one line."""
        try:
            return cls.model_validate(read_yaml(path))
        except ValidationError as error:
            raise DataError(str(one_line(error, cls, str(path)))) from None
        except SpecError as error:
            raise DataError(str(error).replace("a YAML spec", "a YAML mapping file")) from None


def _word(value: Any) -> Any:
    """Return the word that an unquoted YAML scalar was meant as; `yes` and `no` come as truth values."""
    if isinstance(value, bool):
        raise ValueError(f"{value} is what YAML reads yes, no, on and off as; quote it")
    return str(value) if isinstance(value, int | float) else value
