"""The shares that a declared population aims at, cell by cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen.measures.coverage import Declared
from facegen.population.design import Solved, shares_of, solve, table_of
from facegen.spec.names import TONES
from facegen.spec.population import Population

DEMOGRAPHICS = ("sex", "age_band", "ancestry", "skin_monk")


def declared(population: Population, identities: int | None = None) -> Declared:
    """Return the target share of every cell of sex x age band x ancestry x skin tone.

    Sex, age band and ancestry are independent of one another; the tone is even over each ancestry's own range unless the spec
    declares it. What a design crosses has the design's joint target instead, dependence included; what it does not cross is
    independent of it but for tones that follow ancestry. All ten tones are listed: those that nobody is to have have target 0.

    identities: the declared number, which designs that count people need; for these the target is the whole numbers that the plan
    has. Raises SpecError where a design cannot be met.
    """
    solved = None if population.design is None else solve(population, identities)
    names = tuple(population.words(attribute) for attribute in DEMOGRAPHICS[:3])
    crossed = () if solved is None else tuple(a for a in DEMOGRAPHICS if a in solved.attributes)
    words = (*names, TONES)
    cells = np.ones((1, 1, 1, 1)) if solved is None else _crossed(solved, words)
    for axis, attribute in enumerate(DEMOGRAPHICS[:3]):
        if attribute not in crossed:
            share = np.array([getattr(population, attribute).root[name] for name in names[axis]])
            cells = cells * np.expand_dims(share, [i for i in range(4) if i != axis])
    if "skin_monk" not in crossed:
        cells = cells * _tones(population, names[2])[None, None]
    return Declared(DEMOGRAPHICS, words, cells / cells.sum())


def _tones(population: Population, ancestries: tuple[str, ...]) -> NDArray[np.float64]:
    """Return (ancestries, tones) the share of each tone in each ancestry."""
    if population.follows_table("skin_monk"):
        return np.array([shares_of("skin_monk", TONES, table_of(population, name), "") for name in ancestries])
    return np.tile([population.skin_monk.root.get(tone, 0.0) for tone in TONES], (len(ancestries), 1))


def _crossed(solved: Solved, words: tuple[tuple[str, ...], ...]) -> NDArray[np.float64]:
    """Return the design's joint target over the demographic attributes it crosses, the others' axes of length 1."""
    kept = [a in solved.attributes for a in DEMOGRAPHICS]
    cells = np.zeros([len(w) if k else 1 for w, k in zip(words, kept, strict=True)])
    places = []
    for attribute, listed, k in zip(DEMOGRAPHICS, words, kept, strict=True):
        if not k:
            places.append(np.zeros(len(solved.share), np.int64))
            continue
        i = solved.attributes.index(attribute)
        places.append(np.array([listed.index(w) for w in solved.words[i]])[solved.codes[:, i]])
    np.add.at(cells, tuple(places), solved.target)
    return cells
