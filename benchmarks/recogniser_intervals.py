"""How often do the 95% intervals of `facegen evaluate` hold the truth? Sets of drawn embeddings against their population.

`python benchmarks/recogniser_intervals.py same` (groups alike) or `differ`; 300 sets of 4 x 60 people, four pictures each. People
lie at random in 64 dimensions, pictures around them by a noise that is a group's and a person's own.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.measures import differential
from facegen.recognise.evaluate import Options, evaluate
from facegen.recognise.protocol import Protocol

GROUPS, DIMENSIONS, EACH, TARGET = 4, 64, 4, 1e-2
NOISE = {"same": np.full(GROUPS, 1.3), "differ": np.array([1.15, 1.25, 1.35, 1.45])}
OWN = 0.25
"""Standard deviation of the logarithm of a person's own noise."""
POPULATION, SHIFTS = 150_000, 39
"""People of each group that the truth is taken from, and non-mated comparisons of each with so many others."""


def unit(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def truth(noise: NDArray[np.float64]) -> tuple[list[float], list[float]]:
    """Return FNMR and FMR of each group at the global threshold of the population, where all pairs of groups are as common."""
    draw = np.random.default_rng(99)
    mated, first = [], []
    for g in range(GROUPS):
        spread = noise[g] * np.exp(OWN * draw.standard_normal(POPULATION))[:, None]
        middle = draw.standard_normal((POPULATION, DIMENSIONS))
        one, other = (unit(middle + spread * draw.standard_normal(middle.shape)) for _ in range(2))
        mated.append((one * other).sum(axis=1))
        first.append(one)
    cells = {
        (g, h): np.concatenate([(first[g] * np.roll(first[h], k, axis=0)).sum(axis=1) for k in range(1, SHIFTS + 1)])
        for g in range(GROUPS)
        for h in range(GROUPS)
    }
    threshold = np.quantile(np.concatenate(list(cells.values())), 1 - TARGET)
    return [float((m < threshold).mean()) for m in mated], [float((cells[g, g] >= threshold).mean()) for g in range(GROUPS)]


def drawn(noise: NDArray[np.float64], seed: int, people: int) -> dict[str, Any]:
    """Return the evaluation of one set of `people` people."""
    draw = np.random.default_rng(seed)
    group = np.arange(people) % GROUPS
    spread = np.exp(OWN * draw.standard_normal(people)) * noise[group]
    middle = np.repeat(draw.standard_normal((people, DIMENSIONS)), EACH, axis=0)
    x = unit(middle + np.repeat(spread, EACH)[:, None] * draw.standard_normal(middle.shape)).astype(np.float32)
    count = people * EACH
    who, named = (np.repeat(v, EACH).astype(object) for v in (np.arange(people), np.array(list("abcd"))[group]))
    asked = Protocol(
        "drawn", "drawn", [""] * count, lambda _: np.zeros(0, np.uint8), True, np.arange(count), who, None, {"g": named}
    )
    return evaluate(asked, x, Options(fmr=(TARGET,), group_fmr=TARGET, draws=200))


def numbers(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every number with an interval whose truth is known, by name."""
    yield "FNMR", document["verification"]["at_fmr"][0]["fnmr"]
    by = document["groups"]["by"]["g"]
    for kind in ("fmr", "fnmr"):
        for name, row in by["categories"].items():
            yield f"{kind.upper()} of {name}", row[kind]
        for name, value in by["measures"][kind].items():
            yield f"{kind.upper()} {name}", value
    for name in ("fdr", "inequity_rate", "garbe"):
        yield name, by["measures"][name]


def known(fnmr: list[float], fmr: list[float]) -> dict[str, float | None]:
    out: dict[str, float | None] = {"FNMR": float(np.mean(fnmr))}
    for kind, x in (("FNMR", fnmr), ("FMR", fmr)):
        out |= {f"{kind} of {name}": value for name, value in zip("abcd", x, strict=True)}
        out |= {f"{kind} difference": float(np.ptp(x)), f"{kind} ratio": differential.ratio(x)}
        out |= {f"{kind} max_geomean": differential.max_geomean(x), f"{kind} gini": differential.gini(x)}
    both = {"fdr": differential.fdr, "inequity_rate": differential.inequity_rate, "garbe": differential.garbe}
    return out | {name: measure(fmr, fnmr) for name, measure in both.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("noise", choices=NOISE)
    parser.add_argument("--sets", type=int, default=300)
    parser.add_argument("--people", type=int, default=240)
    given = parser.parse_args()
    noise = NOISE[given.noise]
    fnmr, fmr = truth(noise)
    if given.noise == "same":  # alike by construction: what is left is noise of the population
        fnmr, fmr = ([float(np.mean(x))] * GROUPS for x in (fnmr, fmr))
    true = known(fnmr, fmr)
    held: dict[str, list[bool]] = {}
    for seed in range(given.sets):
        for name, value in numbers(drawn(noise, 1000 + seed, given.people)):
            if value["low"] is not None and true[name] is not None:
                held.setdefault(name, []).append(value["low"] - 1e-9 <= true[name] <= value["high"] + 1e-9)
    for name, hits in held.items():
        print(f"{name:20s} true {true[name]:.4f}  held in {np.mean(hits):.3f} of {len(hits)} sets")


if __name__ == "__main__":
    main()
