"""How the pictures of a dataset are taken, and what is worn and held in them: independent of who is in them."""

from __future__ import annotations

from pydantic import model_validator

from facegen.sample import Model
from facegen.spec import names
from facegen.spec.values import SHARE_TOLERANCE, Categorical, Numeric, Share, within

IN_HAND = ("hand", "phone", "microphone", "cup", "paper")
"""What is before the face one at a time: their chances add up."""


class WearShares(Model):
    """Chance of each thing in one shot, the same for everybody. `own_glasses`: chance that owners of glasses wear them; `shadow`
    shows where the light has a key that casts it, `hair_veil` on those whose hair is long enough."""

    own_glasses: Share = 0.8
    other_glasses: Share = 0.04
    sunglasses: Share = 0.03
    mask: Share = 0.04
    headwear: Share = 0.08
    scarf: Share = 0.06
    hand: Share = 0.04
    phone: Share = 0.02
    microphone: Share = 0.01
    cup: Share = 0.015
    paper: Share = 0.01
    hair_veil: Share = 0.02
    second_head: Share = 0.03
    rain: Share = 0.02
    shadow: Share = 0.10

    @model_validator(mode="after")
    def _one_at_a_time(self) -> WearShares:
        total = sum(getattr(self, name) for name in IN_HAND)
        if total > 1 + SHARE_TOLERANCE:
            raise ValueError(
                f"wear: {', '.join(IN_HAND)} sum to {total:g}, but one of them is held at a time; let them sum to 1 at most"
            )
        return self


def _bell(sd: float, limit: float, mean: float = 0.0) -> Numeric:
    return Numeric({"normal": {"mean": mean, "sd": sd, "min": mean - limit, "max": mean + limit}})


class Shots(Model):
    """How each picture is taken; independent of who is in it."""

    expression: Categorical = Categorical(names.ANY)
    expression_strength: within(0, 1) = Numeric({"uniform": [0.35, 1.0]})  # type: ignore[valid-type]
    gaze: Categorical = Categorical({"camera": 0.7, "ahead": 0.18, "away": 0.12})
    yaw_deg: within(-90, 90) = _bell(18, 60)  # type: ignore[valid-type]
    pitch_deg: within(-60, 60) = _bell(8, 30)  # type: ignore[valid-type]
    roll_deg: within(-90, 90) = _bell(6, 25)  # type: ignore[valid-type]
    camera: Categorical = Categorical(names.ANY)
    distance_m: within(0.3, 20) | None = None  # type: ignore[valid-type]
    head_fraction: within(0.1, 1.2) = Numeric({"normal": {"mean": 0.58, "sd": 0.06, "min": 0.45, "max": 0.7}})  # type: ignore[valid-type]
    offset: within(-0.5, 0.5) = _bell(0.02, 0.06)  # type: ignore[valid-type]
    light: Categorical = Categorical(names.ANY)
    environments: str | None = None
    background: Categorical = Categorical(names.ANY)
    backgrounds: str | None = None
    degradation: Categorical = Categorical("wild")
    faults: dict[str, Share] = {}
    wear: WearShares = WearShares()

    @model_validator(mode="after")
    def _words(self) -> Shots:
        names.check("gaze", self.gaze.names, names.GAZES)
        for field, allowed in (
            ("expression", names.expressions),
            ("camera", names.cameras),
            ("light", names.environments),
            ("background", names.backgrounds),
            ("degradation", names.degradations),
        ):
            if getattr(self, field).names != (names.ANY,):
                names.check(field, getattr(self, field).names, allowed(), names.ANY)
        names.check("faults", tuple(self.faults), names.faults())
        if "file" in self.light.names and self.environments is None:
            raise ValueError("light: 'file' needs a folder of panoramas; set 'environments: DIR' beside it")
        if "picture" in self.background.names and self.backgrounds is None:
            raise ValueError("background: 'picture' needs a folder of pictures; set 'backgrounds: DIR' beside it")
        return self
