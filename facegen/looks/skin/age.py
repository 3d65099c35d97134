"""When skin shows its age, and how tone shifts that.

Fine lines come about ten years later on dark skin than on fair skin, which shows its years by folds, hollows and uneven colour
instead (Rawlings 2006, Int. J. Cosmet. Sci. 28:79-93; Vashi, Maibach de Castro & Kundu 2016, J. Clin. Aesthet. Dermatol.
9:31-38); years between are interpolated by us.
"""

from __future__ import annotations

import numpy as np

from facegen import rng
from facegen.sample import Skin

FROM_YEARS = 18.0
PACE, PACE_MOST = 0.10, 1.7
"""Standard deviation of the years that skin looks older than it is, a year lived since 18, and its limit in standard deviations:
3 years at 50, 6 at 80. Sun, smoke and inheritance scatter perceived age by about as much (Gunn et al. 2009); number ours."""
EARLY, LATE = 0.8, 0.35
"""Course of folds and lines over the years; our choice by eye."""


def seen_years(skin: Skin, age_years: float) -> float:
    """Return the age that `skin` looks at `age_years`: everybody weathers at a pace of their own from 18 on."""
    own = float(np.clip(rng.expand(skin.seed, "skin.pace").standard_normal(), -PACE_MOST, PACE_MOST))
    return age_years + PACE * own * max(age_years - FROM_YEARS, 0.0)


def onset(age: float, begin: float, full: float) -> float:
    """Return how far a change that starts at `begin` and is whole at `full` years has come, 0..1."""
    return float(np.clip((age - begin) / (full - begin), 0.0, 1.0))


def grown(age: float, begin: float, full: float) -> float:
    """Return how far a fold or line has come: fast at first, whole at `full` years, and LATE more at 90."""
    return onset(age, begin, full) ** EARLY + LATE * onset(age, full, 90.0)


def darkness(skin: Skin) -> float:
    """Return 0 for fair skin to 1 for the deepest, from its L*."""
    return float(np.clip((62.0 - skin.lab[0]) / 35.0, 0.0, 1.0))


def uneven(age: float) -> float:
    """Return how uneven the colour of skin is against that at 40: even in the young, half as much again at 75 (Matts et al. 2007
    found evenness alone to move perceived age by up to 20 years); our numbers."""
    return float(np.interp(age, [12, 18, 40, 60, 80], [0.5, 0.5, 1.0, 1.45, 1.7]))
