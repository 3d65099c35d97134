"""The document of a recogniser that reports are made from in tests, and one whose words are hostile."""

from __future__ import annotations

from typing import Any

import numpy as np
import recognise_sets as made

from facegen.recognise.evaluate import Options, evaluate
from facegen.recognise.protocol import Search


def recogniser(people: int = 48, name: str | None = None) -> dict[str, Any]:
    """Return an evaluation of `people` people, four pictures each, by sex, ancestry and both, with an open search."""
    groups = made.sex_and_ancestry(people)
    if name is not None:
        groups["ancestry"] = np.where(groups["ancestry"] == "african", name, groups["ancestry"])
    places = np.arange(4 * people)
    searches = (Search("open set", places[::12], places[places % 4 > 0]),)
    asked = made.protocol(people, 4, groups, searches=searches, notes=() if name is None else (name,))
    return evaluate(asked, made.embedded(people, 4), Options(draws=50, attributes=("sex", "ancestry", "sex x ancestry")))
