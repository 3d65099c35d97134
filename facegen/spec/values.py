"""The two kinds of declared value: categories with shares, and numbers with a distribution.

Categorical: a word | a list (even shares) | {name: share} summing to 1.
Numeric: a number | {uniform: [a, b]} | {normal: {mean, sd, min, max}} | {lognormal: {median, sigma, min, max}} | {grid: [..]}.
Nothing is rescaled silently: shares that do not sum to 1 are refused.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, RootModel, model_validator

from facegen.errors import shown

SHARE_TOLERANCE = 1e-6
"""Shares may miss 1 by rounding in the file only."""

Share = Annotated[float, Field(ge=0.0, le=1.0, strict=True)]
"""A number from 0 to 1, not a text or truth value that could be read as one."""

LARGEST = 1e300
"""Beyond it there is no float to draw; whole numbers of a file may have any number of digits."""

_FORMS = {
    "fixed": "a number",
    "uniform": "[low, high]",
    "normal": "{mean, sd, min, max}",
    "lognormal": "{median, sigma, min, max}",
    "grid": "[a, b, ...]",
}
_KEYS = {"normal": ("mean", "sd", "min", "max"), "lognormal": ("median", "sigma", "min", "max")}


class Categorical(RootModel[dict[str, float]]):
    """Declared categories with their shares, in natural order: the order in the file means nothing, '9' comes before '10'."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> dict[str, float]:
        if isinstance(value, Categorical):
            return value.root
        if isinstance(value, str | int) and not isinstance(value, bool):
            return {str(value): 1.0}
        if isinstance(value, list | tuple):
            return _in_order(_even(list(value)))
        if isinstance(value, dict):
            return _in_order(_shares(value))
        raise ValueError(f"{value!r} is not a word, a list of words or a mapping of word to share; write one of these")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.root)

    @property
    def word(self) -> str | None:
        """The only category, or None when there are several."""
        return self.names[0] if len(self.root) == 1 else None

    @property
    def even(self) -> bool:
        return max(self.root.values()) - min(self.root.values()) <= SHARE_TOLERANCE


def _in_order(shares: dict[str, float]) -> dict[str, float]:
    def natural(name: str) -> tuple[tuple[int, str], ...]:
        return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d{1,18})", name) if part)

    return {name: shares[name] for name in sorted(shares, key=natural)}


def _even(words: list[Any]) -> dict[str, float]:
    if not words:
        raise ValueError("an empty list leaves nothing to draw from; name at least one category")
    bad = [w for w in words if not isinstance(w, str | int) or isinstance(w, bool)]
    if bad:
        raise ValueError(f"{bad[0]!r} in the list is not a word; quote it if it is one")
    names = [str(w) for w in words]
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise ValueError(f"'{twice[0]}' is listed twice; name each category once")
    return {name: 1.0 / len(names) for name in names}


def _shares(mapping: dict[Any, Any]) -> dict[str, float]:
    if not mapping:
        raise ValueError("an empty mapping leaves nothing to draw from; name at least one category")
    for name, share in mapping.items():
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0.0 <= share <= 1.0:
            raise ValueError(f"the share of '{name}' is {shown(share)}; write a number from 0 to 1")
    total = math.fsum(mapping.values())
    if abs(total - 1.0) > SHARE_TOLERANCE:
        raise ValueError(f"the shares sum to {total:.6g}, not 1; change them, or write a list of names for even shares")
    shares = {str(name): float(share) for name, share in mapping.items() if share > 0}
    if len({str(n) for n in mapping}) < len(mapping):
        raise ValueError("a category is named twice, as a number and as a word; name each category once")
    return shares


class Numeric(RootModel[dict[str, Any]]):
    """One declared number: {"fixed": x}, {"uniform": [a, b]}, {"normal": {...}}, {"lognormal": {...}} or {"grid": [...]}."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> dict[str, Any]:
        if isinstance(value, Numeric):
            return value.root
        if _is_number(value):
            return {"fixed": float(value)}
        forms = ", ".join(f"{{{k}: {v}}}" for k, v in _FORMS.items() if k != "fixed")
        if not isinstance(value, dict) or len(value) != 1 or next(iter(value)) not in _FORMS:
            raise ValueError(f"{value!r} is not a number or one of {forms}; write one of these")
        kind, body = next(iter(value.items()))
        return {kind: _CHECKS[kind](body)}

    @property
    def kind(self) -> str:
        return next(iter(self.root))

    @property
    def body(self) -> Any:
        return self.root[self.kind]

    @property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest value that can be drawn."""
        body = self.body
        if self.kind == "fixed":
            return body, body
        if self.kind in _KEYS:
            return body["min"], body["max"]
        return min(body), max(body)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST


def _fixed(body: Any) -> float:
    if not _is_number(body):
        raise ValueError(f"fixed: {body!r} is not a number; write one")
    return float(body)


def _uniform(body: Any) -> list[float]:
    if not isinstance(body, list | tuple) or len(body) != 2 or not all(map(_is_number, body)) or not body[0] < body[1]:
        raise ValueError(f"uniform: {body!r} is not [low, high] with low < high; write two numbers")
    return [float(body[0]), float(body[1])]


def _grid(body: Any) -> list[float]:
    if not isinstance(body, list | tuple) or not body or not all(map(_is_number, body)) or len(set(body)) < len(body):
        raise ValueError(f"grid: {body!r} is not a list of different numbers; write at least one")
    return [float(x) for x in body]


def _bell(kind: str, body: Any) -> dict[str, float]:
    keys = _KEYS[kind]
    if not isinstance(body, dict) or set(body) != set(keys) or not all(map(_is_number, body.values())):
        raise ValueError(f"{kind}: {body!r} needs the numbers {', '.join(keys)}; write all four and nothing else")
    out = {key: float(body[key]) for key in keys}
    centre, spread = keys[0], keys[1]
    if out[spread] <= 0 or not out["min"] < out["max"]:
        raise ValueError(
            f"{kind}: {spread} {out[spread]:g}, min {out['min']:g}, max {out['max']:g}; need {spread} > 0, min < max"
        )
    if kind == "lognormal" and (out["median"] <= 0 or out["min"] <= 0):
        raise ValueError(f"lognormal: median {out['median']:g} and min {out['min']:g} must be above 0")
    reach = 6 * out[spread] if kind == "normal" else 0.0
    if kind == "normal" and not out["min"] - reach <= out[centre] <= out["max"] + reach:
        raise ValueError(f"normal: mean {out['mean']:g} lies more than 6 sd outside min..max; move it or widen the limits")
    return out


_CHECKS = {
    "fixed": _fixed,
    "uniform": _uniform,
    "grid": _grid,
    "normal": lambda body: _bell("normal", body),
    "lognormal": lambda body: _bell("lognormal", body),
}


def within(low: float, high: float) -> Any:
    """Return the type of a Numeric whose limits must lie in low..high."""

    def check(value: Numeric) -> Numeric:
        a, b = value.limits
        if a < low or b > high:
            raise ValueError(f"{a:g}..{b:g} leaves the allowed {low:g}..{high:g}; narrow it")
        return value

    return Annotated[Numeric, AfterValidator(check)]
