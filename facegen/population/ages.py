"""How old a person is at each sitting."""

from __future__ import annotations

from dataclasses import dataclass

from facegen import rng
from facegen.population.distributions import Categories, of
from facegen.population.roster import SHUFFLED, SHUFFLED_IN_CELL, Entry, evenly
from facegen.spec.population import Population, band_limits


@dataclass(frozen=True)
class Age:
    band: str
    years: float


def age(entry: Entry, sitting: int, population: Population, seed: int) -> Age:
    """Return age band and age of a sitting.

    Later sittings visit the declared bands in a rotation that the plan shares, so that each sitting number is as balanced
    over age as the first; weighted bands are drawn anew; `later_sittings: same_band` keeps a person in theirs. Within a band
    ages are spread evenly over its years. `age_span_years` places them around the first sitting instead.
    """
    if sitting > 0 and population.age_span_years is not None:
        return _apart(entry, sitting, population, seed)
    bands = population.age_band.names
    band = entry.age_band
    if sitting > 0 and len(bands) > 1 and population.later_sittings == "other_bands":
        if population.age_band.even:
            order = rng.stream("plan.age_turn", (sitting - 1) // (len(bands) - 1), seed=seed).permutation(len(bands) - 1) + 1
            turn = int(order[(sitting - 1) % (len(bands) - 1)])
            band = bands[(bands.index(band) + turn) % len(bands)]
        else:
            weighted = Categories.of(population.age_band.root)
            band = weighted.pick(evenly(f"age_band.{sitting}", entry.index, seed))
    low, high = band_limits(band)
    name = f"age.{entry.age_band}.{band}.{sitting}{entry.within}"
    u = evenly(name, entry.age_rank, seed, SHUFFLED_IN_CELL if entry.within else SHUFFLED)
    return Age(band=band, years=min(round(low + u * (high + 1 - low), 2), high + 0.99))


def _apart(entry: Entry, sitting: int, population: Population, seed: int) -> Age:
    """Return a later sitting's age: the declared years before or after the first one, by lot where both are declared ages.

    The spec's checks leave no gap between the bands and no span longer than half of them, so that one side always fits.
    """
    assert population.age_span_years is not None
    first = age(entry, 0, population, seed).years
    limits = {band: band_limits(band) for band in population.age_band.names}
    low, high = min(a for a, _ in limits.values()), max(b for _, b in limits.values()) + 0.99
    years = of(population.age_span_years).ppf(evenly(f"age_span.{sitting}", entry.index, seed))
    later = bool(rng.stream("plan.age_side", entry.index, sitting, seed=seed).random() < 0.5)
    at = first + years if (later and first + years <= high) or first - years < low else first - years
    at = round(min(max(at, low), high), 2)
    return Age(band=next(band for band, (a, b) in limits.items() if a <= at < b + 1), years=at)
