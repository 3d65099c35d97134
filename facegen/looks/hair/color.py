"""Hair colour from pigment: melanin absorbs, strands of unpigmented hair mix in, dye replaces.

Absorption of the two melanins per unit concentration is d'Eon et al. 2011 ("An energy-conserving hair reflectance model", EGSR);
the colour seen after multiple scattering follows Chiang et al. 2016 ("A practical and controllable hair and fur model for
production path tracing", EGSR, eq. 9) solved for colour, with an effective exponent for ribbons that stand for many strands.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegen.sample import HairTraits

EUMELANIN_ABSORPTION = np.array([0.419, 0.697, 1.37])
PHEOMELANIN_ABSORPTION = np.array([0.187, 0.4, 1.05])
SCATTERING_EXPONENT = 4.0
"""Chiang's 5.9 at azimuthal roughness 0.3 is for a dense path-traced volume with its own bounces; one shaded ribbon gets none, so
the exponent is lowered until the pigment table's colours look like what they are called."""
EUMELANIN_SPAN = (0.06, 9.0)
"""Concentration at eumelanin 0 (lightest blond) and 1 (blackest); d'Eon's own examples are 0.3 blond, 1.3 brown, 8 black. The
scale between is logarithmic, as the amounts measured in hair are."""
PHEOMELANIN_MAX = 1.3
UNPIGMENTED = np.array([0.58, 0.535, 0.45])
"""Linear reflectance of white hair, a trace of yellow left in the keratin."""
CUTICLE = np.array([0.0095, 0.0082, 0.0074])
"""Light sent back without passing pigment: the blackest hair still reflects this much."""


def melanin_rgb(eumelanin: float, pheomelanin: float) -> NDArray[np.float32]:
    """Return the linear RGB (3,) of hair with these pigment shares, each 0..1."""
    low, high = EUMELANIN_SPAN
    amount = low * (high / low) ** eumelanin
    sigma = amount * EUMELANIN_ABSORPTION + PHEOMELANIN_MAX * pheomelanin**1.6 * PHEOMELANIN_ABSORPTION
    return (CUTICLE + np.exp(-SCATTERING_EXPONENT * np.sqrt(sigma))).astype(np.float32)


def base_rgb(traits: HairTraits, dye: tuple[float, float, float] | None) -> NDArray[np.float32]:
    """Return the pigmented colour of head hair, (3,) linear: the dye where there is one."""
    if dye is not None:
        return np.clip(np.asarray(dye, np.float32), CUTICLE, 0.9).astype(np.float32)
    return melanin_rgb(traits.eumelanin, traits.pheomelanin)


def strand_rgb(
    base: NDArray[np.float32], grey: float, count: int, random: np.random.Generator, spread: float = 0.10, single: float = 0.0
) -> NDArray[np.float32]:
    """Return (count, 3) linear colours of ribbons: pigment varies a little, and each holds its own share of grey strands.

    A ribbon stands for tens of strands, of which a share near `grey` is white; whole strands grey, so the shares scatter.
    With `single` 1 a ribbon is one hair, either pigmented or white, and skin is seen beside it.
    """
    log_shift = random.normal(0.0, spread, (count, 1)) + random.normal(0.0, 0.08 * spread, (count, 3))
    pigmented = base[None] * np.exp(log_shift)
    scatter = np.sqrt(max(grey * (1.0 - grey), 0.0)) * 0.15
    share = np.clip(grey + random.normal(0.0, 1.0, (count, 1)) * scatter, 0.0, 1.0)
    share = share + single * ((random.random((count, 1)) < grey) - share)
    white = UNPIGMENTED * (1.0 - 0.3 * single) * (0.92 + 0.16 * random.random((count, 1)))
    lit = share * (0.5 + 0.5 * share)  # light that a white strand scatters on is mostly lost to dark neighbours
    return np.minimum(pigmented * (1.0 - share) + white * lit, 0.9).astype(np.float32)
