"""Draw one identity: bone, features, pigment. Every attribute has its own stream, so that changing one changes no other."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from facegen import rng
from facegen.population import complexion
from facegen.population.demographics import PRESETS, Tables
from facegen.population.distributions import Categories, TruncatedNormal, correlated, of
from facegen.population.plausible import Response, condition, distances, response
from facegen.population.roster import Entry
from facegen.resources import asset_json
from facegen.sample import Brows, HairTraits, Identity, Iris, Skin, Vec3

Draw = Callable[[str], np.random.Generator]
"""The stream of a named attribute of one person."""
TONE_RADIUS = 1.2
"""A person's tone lies within this CIEDE2000 distance of its anchor: below half the least distance of neighbours (3.8)."""
_SEX_VALUE = {"female": TruncatedNormal(0.08, 0.1, 0.0, 0.3), "male": TruncatedNormal(0.92, 0.1, 0.7, 1.0)}
"""Place on the model's gender axis; the gap keeps the class visible."""


def identity_id(n: int) -> str:
    return f"{n:06d}"


def identity(entry: Entry, tables: Tables, seed: int) -> Identity:
    """Return identity `entry.index`; a pure function of its arguments."""
    n = entry.index

    def stream(name: str) -> np.random.Generator:
        return rng.stream(f"identity.{name}", n, seed=seed)

    sex_value = round(_SEX_VALUE[entry.sex].ppf(stream("sex_value").random()), 4)
    weights = admixture(tables.weights, stream("ancestry"))
    return Identity(
        identity_id=identity_id(n),
        index=n,
        sex=cast(Any, entry.sex),
        sex_value=sex_value,
        ancestry=entry.ancestry,
        ancestry_weights=weights,
        shape=_shape(sex_value, weights, stream),
        asymmetry=_named("asymmetry", _copula("asymmetry", stream("asymmetry"))),
        skin=_skin(entry, stream, rng.child_seed("identity.skin.seed", n, seed=seed)),
        iris=iris(entry.eye_color, stream("iris"), rng.child_seed("identity.iris.seed", n, seed=seed)),
        hair=_hair(entry, tables, stream),
        brows=_brows(entry, stream("brows"), stream("brows.place"), rng.child_seed("identity.brows.seed", n, seed=seed)),
        lashes=_between(stream("lashes"), (0.45, 1.0) if entry.sex == "female" else (0.25, 0.8)),
        teeth_tone=_between(stream("teeth"), (0.25, 0.95)),
    )


def _between(stream: np.random.Generator, limits: tuple[float, float]) -> float:
    return round(float(stream.uniform(*limits)), 4)


def admixture(weights: dict[str, float], stream: np.random.Generator) -> dict[str, float]:
    """Return a person's own mixture: mostly `weights`, a little of everything else."""
    table = asset_json(PRESETS)["admixture"]
    own = float(stream.uniform(*table["own"]))
    rest = stream.dirichlet(np.ones(len(table["among"])))
    out = {name: own * share for name, share in weights.items() if share > 0}
    for name, share in zip(table["among"], rest, strict=True):
        out[name] = out.get(name, 0.0) + (1 - own) * float(share)
    return {name: round(share, 5) for name, share in out.items()}


@cache
def _prior(part: str) -> tuple[tuple[str, ...], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return names, sigmas, limits (A,) and the copula's factor (A, A) of assets/head/prior.json."""
    prior = asset_json("head/prior.json")
    names = tuple(prior[part])
    sigma = np.array([prior[part][name]["sigma"] for name in names])
    limit = np.array([prior[part][name]["limit"] for name in names])
    pairs = tuple((a, b, float(r)) for a, b, r in prior["correlations"])
    return names, sigma, limit, correlated(names, pairs)


def _copula(part: str, stream: np.random.Generator) -> NDArray[np.float64]:
    """Draw truncated normals joined by a Gaussian copula."""
    names, sigma, limit, factor = _prior(part)
    u = ndtr(factor @ stream.standard_normal(len(names)))
    below = ndtr(-limit / sigma)
    return np.asarray(np.clip(sigma * ndtri(below + u * (1 - 2 * below)), -limit, limit))


def _named(part: str, values: NDArray[np.float64]) -> dict[str, float]:
    return {name: round(float(v), 5) for name, v in zip(_prior(part)[0], values, strict=True)}


def _shape(sex_value: float, weights: dict[str, float], draw: Draw) -> dict[str, float]:
    """Draw the morph axes, conditioned on caliper distances drawn for this person."""
    return conditioned(_copula("axes", draw("shape")), sex_value, weights, distances(draw("calipers")))


def conditioned(
    drawn: NDArray[np.float64], sex_value: float, weights: dict[str, float], wanted: NDArray[np.float64]
) -> dict[str, float]:
    """Return the morph axes near `drawn` (A,) whose calipers deviate by `wanted` (K,) mm from the mean of sex and mixture."""
    answer, gain = _response()
    return _named("axes", condition(drawn, _offset(sex_value, weights), wanted, _prior("axes")[2], answer, gain))


@cache
def _response() -> tuple[Response, NDArray[np.float64]]:
    axes, sigma, *_ = _prior("axes")
    return response(axes), response(axes).gain(sigma)


def _offset(sex_value: float, weights: dict[str, float]) -> NDArray[np.float64]:
    """Return (A,) what assets/head/ancestry.json adds to each axis for everybody of this sex and mixture."""
    table, total = asset_json("head/ancestry.json"), sum(weights.values())
    parts = [(1.0, table["every"]), (1 - sex_value, table["sexes"]["female"]), (sex_value, table["sexes"]["male"])]
    for name, share in weights.items():
        preset = table["presets"][name]
        parts += [(share / total, preset["axes"]), (share / total * (1 - sex_value), preset["female"]),
                  (share / total * sex_value, preset["male"])]  # fmt: skip
    return np.array([sum(share * axes.get(name, 0.0) for share, axes in parts) for name in _prior("axes")[0]])


def _skin(entry: Entry, draw: Draw, seed: int) -> Skin:
    monk, table = entry.skin_monk, asset_json("population/pigment.json")
    freckles = table["freckles"]
    freckled = freckles["share_red_hair"] if entry.hair_color == "red" else freckles["share_by_monk"][monk - 1]
    chance, amount = draw("skin.freckles").random(2)
    return Skin(
        monk=monk,
        lab=tone_near(monk, draw("skin.tone")),
        freckles=round(of(freckles["amount"]).ppf(float(amount)), 4) if chance < freckled else 0.0,
        moles=_moles(table["moles_mean_by_monk"][monk - 1], table["moles_spread"], draw("skin.moles")),
        blotches=round(float(draw("skin.blotches").beta(1.6, 3.0)), 4),
        redness=round(float(draw("skin.redness").beta(2.0, 3.5)), 4),
        undereye=round(float(draw("skin.undereye").beta(2.0, 2.5)), 4),
        oil=round(float(draw("skin.oil").beta(2.2, 2.2)), 4),
        relief=round(float(draw("skin.relief").beta(2.2, 2.2)), 4),
        seed=seed,
        complexion=complexion.draw(entry.sex, monk, draw),
    )


def tone_near(monk: int, stream: np.random.Generator) -> Vec3:
    """Draw a CIELAB tone within CIEDE2000 TONE_RADIUS of the anchor `monk`.

    Drawn in the ball dL^2 + (1.5 da)^2 + db^2 <= r^2: CIEDE2000 weighs lightness and b* at most 1 and a* at most 1.5 (its
    a' = a (1 + G), G <= 0.5), so that the distance never exceeds r.
    """
    anchor = np.array(asset_json("looks/monk.json")["anchors"][monk - 1]["lab"])
    way = stream.standard_normal(3)
    step = TONE_RADIUS * stream.random() ** (1 / 3) * way / np.linalg.norm(way)
    lightness, a, b = (round(float(x), 3) for x in anchor + step / np.array([1.0, 1.5, 1.0]))
    return lightness, a, b


def _moles(mean: float, spread: float, stream: np.random.Generator) -> int:
    return min(int(stream.poisson(stream.gamma(spread, mean / spread))), 60)


def iris(color: str, stream: np.random.Generator, seed: int) -> Iris:
    """Return an iris of the class `color`: where it lies in its class, and its limbal ring, by `stream`."""
    low, high = asset_json("population/pigment.json")["iris_melanin"][color]
    return Iris(
        color=cast(Any, color), melanin=_between(stream, (low, high)), limbal=round(float(stream.beta(2.5, 2.0)), 4), seed=seed
    )


def hair_pigment(color: str, draw: Draw) -> dict[str, float]:
    """Return both melanins of hair of the class `color`."""
    pigment = asset_json("population/pigment.json")
    return {name: _between(draw(f"hair.{name}"), tuple(pigment[f"hair_{name}"][color])) for name in ("eumelanin", "pheomelanin")}


def _hair(entry: Entry, tables: Tables, draw: Draw) -> HairTraits:
    pigment = asset_json("population/pigment.json")
    onset = TruncatedNormal(tables.greying_mean, tables.greying_sd, 18.0, 70.0)
    return HairTraits(
        color=cast(Any, entry.hair_color),
        **hair_pigment(entry.hair_color, draw),
        curl=cast(Any, entry.hair_curl),
        density=round(float(draw("hair.density").beta(4.0, 2.2)), 4),
        balding=_balding(tables.balding[entry.sex], draw("hair.balding")),
        greying_age=round(onset.ppf(float(draw("hair.greying").random())), 2),
        hairline=cast(Any, Categories.of(pigment["hairline"][entry.sex]).pick(float(draw("hair.line").random()))),
        hairline_height=round(float(draw("hair.line_height").beta(2.2, 2.2)), 4),
    )


def _balding(share: float, stream: np.random.Generator) -> float:
    """Loss at 70: visible (0.3..1) in `share` of people, slight (0..0.25) in the others."""
    chance, amount = stream.random(), stream.beta(1.6, 1.6)
    return round(float(0.3 + 0.7 * amount if chance < share else 0.25 * amount), 4)


def _brows(entry: Entry, stream: np.random.Generator, place: np.random.Generator, seed: int) -> Brows:
    thick, arch, full = (0.42, 0.55, 0.62) if entry.sex == "female" else (0.6, 0.32, 0.62)

    def near(mean: float, low: float = 0.03) -> float:
        return round(TruncatedNormal(mean, 0.24, low, 0.95).ppf(float(stream.random())), 4)

    return Brows(
        thickness=near(thick, 0.14),
        density=near(full, 0.22),
        length=near(0.5, 0.2),
        arch=near(arch),
        joined=round(float(stream.beta(1.2, 8.0 if entry.sex == "female" else 4.5)), 4),
        gap=round(float(place.beta(2.5, 2.5)), 4),
        height=round(float(place.beta(*((2.8, 2.3) if entry.sex == "female" else (2.2, 2.8)))), 4),
        tail=round(float(place.beta(2.0, 2.0)), 4),
        unlike=round(float(place.beta(1.5, 3.0)), 4),
        seed=seed,
    )
