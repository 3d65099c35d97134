"""How attributes, categories and numbers are written in a report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

LABELS = {
    "sex": "Sex (binary axis)",
    "age_band": "Age band",
    "ancestry": "Ancestry preset",
    "skin_monk": "Skin tone (Monk)",
    "hair_curl": "Hair curl",
    "hair_color": "Hair colour",
    "eye_color": "Eye colour",
}
LEVELS = {"identity": ("person", "people"), "sitting": ("sitting", "sittings"), "image": ("image", "images")}
"""Level of an audit document -> what one record is, and many."""
UNITS = {"deg": "°", "px": "px", "mm": "mm", "m": "m", "s": "s", "lux": "lx", "ev": "EV", "sd": "SD", "um": "µm"}
SOURCES = {
    "parameter": "the number that the picture was made from; exact",
    "self-reported": "said by the person shown",
    "annotated": "seen by annotators in the picture; tells how a face looks to them, not who the person is",
    "inferred": "read from a picture or a file name by a program; errors may differ by group",
}
DASH, MINUS, TIMES = "–", "−", "×"


def label(attribute: str) -> str:
    """Return the heading of an attribute, factor or measure; a unit at its end is set off, a cross of attributes gets a sign."""
    if " x " in attribute:
        return " × ".join(label(part) for part in attribute.split(" x "))
    if attribute in LABELS:
        return LABELS[attribute]
    if attribute.startswith("ofiq_"):
        return f"OFIQ {word(attribute.removeprefix('ofiq_'))}"
    stem, _, unit = attribute.rpartition("_")
    plain = f"{word(stem)}, {UNITS[unit]}" if stem and unit in UNITS else word(attribute)
    return plain[:1].upper() + plain[1:]


def named(attribute: str) -> str:
    """Return the heading as it stands inside a sentence: `skin tone (Monk)`, `OFIQ eyes open`."""
    plain = label(attribute)
    return plain if plain[:2].isupper() else plain[:1].lower() + plain[1:]


def word(value: Any) -> str:
    """Return a category as it is read: underscores are blanks."""
    return str(value).replace("_", " ")


def joined(names: Sequence[str]) -> str:
    """Return names as a list in words: a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def pattern(values: Mapping[str, Any]) -> str:
    """Return the categories of a group in words; keys that count are left out."""
    return ", ".join(worded(k, v) for k, v in values.items() if k not in ("count", "add"))


def worded(attribute: str, value: Any) -> str:
    """Return a category so that it reads without its heading: `Monk 3`, `hair black`."""
    if attribute == "skin_monk":
        return f"Monk {value}"
    return word(value) if attribute in ("sex", "ancestry", "age_band") else f"{named(attribute)} {word(value)}"


def integer(value: float | None) -> str:
    return DASH if value is None else f"{value:,.0f}".replace("-", MINUS)


def percent(value: float | None, digits: int = 1) -> str:
    return DASH if value is None else f"{100 * value:.{digits}f}%".replace("-", MINUS)


def number(value: Any, digits: int = 3) -> str:
    """Return a number to `digits` significant places; what is no number stays as it is."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return DASH
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e6):
        return integer(value)
    text = f"{value:,.{digits}g}" if 1e-3 <= abs(value) < 10**digits or "e" not in f"{value:.{digits}g}" else f"{value:.1e}"
    return text.replace("-", MINUS)


def signed(value: float | None, digits: int = 2) -> str:
    """Return a number with its sign, which carries the meaning beside any colour."""
    if value is None or not math.isfinite(value):
        return DASH
    text = f"{value:+.{digits}f}"
    return f"{0:.{digits}f}" if float(text) == 0 else text.replace("-", MINUS)


def points(value: float | None) -> str:
    """Return a difference of shares in percentage points."""
    return DASH if value is None else signed(100 * value, 1)


def chance(value: float | None) -> str:
    """Return a p-value."""
    return DASH if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"


def interval(pair: Sequence[float] | None, kind: str = "number", digits: int = 2) -> str:
    """Return `low to high`; kind: percent, number or signed, the last to `digits` places."""
    if not pair or any(x is None for x in pair):
        return DASH
    write: Any = {"percent": percent, "number": number, "signed": lambda value: signed(value, digits)}[kind]
    return f"{write(pair[0])} to {write(pair[1])}"


def records(count: int, level: str) -> str:
    """Return `1 sitting` or `72 images`."""
    return f"{count:,} {LEVELS[level][count != 1]}"
