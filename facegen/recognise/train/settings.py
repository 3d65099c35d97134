"""What a net is trained with, as one value: it is recorded in checkpoints and decides the weights."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from facegen.errors import RequestError, did_you_mean

PRECISIONS = ("auto", "fp32", "bf16", "fp16")
AUGMENTATIONS = ("published", "strong")
MOST_EPOCHS = 1_000_000
PUBLISHED = {"arcface": 0.5, "cosface": 0.35, "adaface": 0.4}
"""Margins of the papers (facegen/recognise/train/heads.py), which train nets such as IR-50 with the scale 64."""
USUAL: dict[str, dict[str, Any]] = {
    # What docs/recognition.md's protocol trains with; margins are 4/7 of the papers', as its cosine margin is.
    "small": {
        "head": "cosface", "size": 64, "colour": "grey", "share": 4 / 7, "scale": 24.0, "batch": 128, "rate": 0.1, "epochs": 45,
        "augmentation": "strong",
    },
    "mobilefacenet": {
        "head": "arcface", "size": 112, "colour": "rgb", "share": 1.0, "scale": 64.0, "batch": 256, "rate": 0.1, "epochs": 32,
        "augmentation": "published",
    },
    "ir50": {
        "head": "arcface", "size": 112, "colour": "rgb", "share": 1.0, "scale": 64.0, "batch": 512, "rate": 0.1, "epochs": 24,
        "augmentation": "published",
    },
}  # fmt: skip
"""What each net is trained with unless asked otherwise."""


@dataclass(frozen=True)
class Settings:
    """All that decides the weights, beside the crops.

    batch: crops a step, over all devices. rate: learning rate at its highest. evaluations: how often a run verifies itself on
    the people held out, and writes a checkpoint. patience: evaluations in a row without a lower EER that end it; 0: none do.
    """

    net: str
    head: str
    size: int
    colour: str
    margin: float
    scale: float
    batch: int
    steps: int
    rate: float
    seed: int
    precision: str = "auto"
    evaluations: int = 20
    patience: int = 10
    augmentation: str = "published"

    def as_dict(self) -> dict[str, Any]:
        """Return plain values by name."""
        return asdict(self)


def usual(net: str) -> dict[str, Any]:
    """Return what a net is trained with unless asked otherwise. Raises RequestError."""
    if net not in USUAL:
        raise RequestError(f"--net {did_you_mean(net, USUAL)}")
    return USUAL[net]


def settle(pictures: int, net: str = "small", epochs: float | None = None, **asked: Any) -> Settings:
    """Return settings for a training set of `pictures`; what is not `asked`, or None, is the net's usual. The length is given
    in `steps` or `epochs`, not in both. Raises RequestError, naming the value."""
    known, given = usual(net), {name: value for name, value in asked.items() if value is not None}
    head = str(given.get("head", known["head"]))
    if head not in PUBLISHED:
        raise RequestError(f"--head {did_you_mean(head, PUBLISHED)}")
    precision = str(given.get("precision", "auto"))
    if precision not in PRECISIONS:
        raise RequestError(f"--precision {did_you_mean(precision, PRECISIONS)}")
    augmentation = str(given.get("augmentation", known["augmentation"]))
    if augmentation not in AUGMENTATIONS:
        raise RequestError(f"--augmentation {did_you_mean(augmentation, AUGMENTATIONS)}")
    batch = int(given.get("batch", known["batch"]))
    if epochs is not None and "steps" in given:
        raise RequestError(f"--steps {given['steps']} and --epochs {epochs:g} both say how long to train; leave one out")
    length = known["epochs"] if epochs is None else epochs
    if not 0 < length <= MOST_EPOCHS:
        raise RequestError(f"--epochs {length:g} is not above 0 and at most {MOST_EPOCHS}")
    steps = int(given.get("steps", max(round(length * pictures / max(batch, 1)), 1)))
    plain = {name: given.get(name, known[name]) for name in ("size", "colour", "scale", "rate")}
    rest = {str(name): given[name] for name in ("seed", "evaluations", "patience") if name in given}
    margin = float(given.get("margin", PUBLISHED[head] * known["share"]))
    whole: dict[str, Any] = {"seed": 0, **plain, **rest}
    made = Settings(
        net=net, head=head, margin=margin, batch=batch, steps=steps, precision=precision, augmentation=augmentation,
        **whole,
    )  # fmt: skip
    _check(made)
    return made


def _check(made: Settings) -> None:
    for name, least, most in (
        ("batch", 2, 65536), ("steps", 1, 10**9), ("seed", 0, 2**63), ("evaluations", 1, 10**6), ("patience", 0, 10**6),
        ("margin", 0, 1), ("scale", 1, 1000), ("rate", 1e-8, 100),
    ):  # fmt: skip
        value = getattr(made, name)
        if not least <= value <= most:
            raise RequestError(f"--{name} {value} is not {least} to {most}")


def differences(now: Settings, then: dict[str, Any]) -> list[str]:
    """Return what differs between settings and those of a checkpoint, as `name 1, was 2`."""
    names = [field.name for field in fields(now)]
    return [f"--{name} {getattr(now, name)}, was {then.get(name)}" for name in names if getattr(now, name) != then.get(name)]
