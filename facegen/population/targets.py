"""The shares that a declared population aims at, cell by cell."""

from __future__ import annotations

import numpy as np

from facegen.measures.coverage import Declared
from facegen.population.demographics import tables
from facegen.spec.names import TONES
from facegen.spec.population import TABLE_WORDS, Population

DEMOGRAPHICS = ("sex", "age_band", "ancestry", "skin_monk")


def declared(population: Population) -> Declared:
    """Return the target share of every cell of sex x age band x ancestry x skin tone.

    Sex, age band and ancestry are independent of one another; the tone is even over each ancestry's own range unless the spec
    declares it. All ten tones are listed: those that no declared ancestry reaches have target 0.
    """
    names = tuple(getattr(population, attribute).names for attribute in DEMOGRAPHICS[:3])
    sex, age, ancestry = (
        np.array([getattr(population, a).root[n] for n in words]) for a, words in zip(DEMOGRAPHICS[:3], names, strict=True)
    )
    tone = np.zeros((len(names[2]), len(TONES)))
    for i, name in enumerate(names[2]):
        if population.skin_monk.names == (TABLE_WORDS["skin_monk"],):
            mixture = population.mixtures.get(name)
            reach = tables(name, None if mixture is None else tuple(sorted(mixture.items()))).skin_monk
            tone[i, [r - 1 for r in reach]] = 1 / len(reach)
        else:
            for word, share in population.skin_monk.root.items():
                tone[i, int(word) - 1] = share
    cells = sex[:, None, None, None] * age[None, :, None, None] * (ancestry[:, None] * tone)[None, None]
    return Declared(DEMOGRAPHICS, (*names, TONES), cells / cells.sum())
