"""The words a spec may use, read from the assets that define them."""

from __future__ import annotations

from facegen.errors import did_you_mean
from facegen.resources import asset_json

ANY = "any"
"""Every word the asset knows, with the asset's own shares."""
FREE = "free"
"""An expression mixed freely from facial actions."""
SEXES = ("female", "male")
EYE_COLORS = ("dark_brown", "brown", "amber", "hazel", "green", "grey", "blue")
HAIR_COLORS = ("black", "dark_brown", "brown", "light_brown", "blond", "red")
CURLS = ("straight", "wavy", "curly", "coily")
BEARDS = ("none", "shadow", "stubble", "moustache", "goatee", "full")
MAKEUPS = ("none", "natural", "full", "evening", "kohl")
GAZES = ("camera", "ahead", "away")
TONES = tuple(str(n) for n in range(1, 11))


def ancestries() -> tuple[str, ...]:
    return tuple(asset_json("population/ancestry.json")["presets"])


def hair_styles() -> tuple[str, ...]:
    return tuple(asset_json("looks/hair_styles.json"))


def expressions() -> tuple[str, ...]:
    return (*asset_json("head/expressions.json")["expressions"], FREE)


def environments() -> tuple[str, ...]:
    return (*asset_json("light/environments.json")["environments"], "file")


def backgrounds() -> tuple[str, ...]:
    return tuple(asset_json("light/backgrounds.json")["kinds"])


def cameras() -> tuple[str, ...]:
    return tuple(asset_json("camera/lenses.json")["profiles"])


def degradations() -> tuple[str, ...]:
    return tuple(asset_json("camera/presets.json")["presets"])


def faults() -> tuple[str, ...]:
    """Return the strong faults and steps of the presets that have names, so that a spec may set their chance."""
    presets = asset_json("camera/presets.json")["presets"].values()
    steps = (entry["name"] for preset in presets for entry in preset["channel"] if "name" in entry)
    return tuple(dict.fromkeys((*(name for preset in presets for name in preset["strong"]), *steps)))


def check(field: str, names: tuple[str, ...], allowed: tuple[str, ...], default: str | None = None) -> None:
    """Raise ValueError when a word of `field` is unknown; `default` may stand alone."""
    if default is not None and names == (default,):
        return
    for name in names:
        if name not in allowed:
            options = allowed if default is None else (*allowed, default)
            raise ValueError(f"{field}: {did_you_mean(name, options)}")
