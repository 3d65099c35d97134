"""What a counterfactual sample changes of its base, and whose exposure its camera keeps."""

from __future__ import annotations

from typing import Literal

from facegen.sample.base import Id, Model
from facegen.sample.identity import Identity
from facegen.sample.light import LightSpec
from facegen.sample.shot import Expression, Pose
from facegen.sample.sitting import Sitting
from facegen.sample.wear import Wear


class Reference(Model):
    """The base's own parts where the variant's differ; None: the same as the variant's. With them put back into the variant, the
    base is there again: a variant can be rendered alone with the base's exposure."""

    identity: Identity | None = None
    sitting: Sitting | None = None
    expression: Expression | None = None
    pose: Pose | None = None
    light: LightSpec | None = None
    wear: Wear | None = None


class Counterfactual(Model):
    """`base_id`: the image that this one is a variant of; `factor` is the one thing that differs, `value` what it is here.

    `mediated` frozen: the camera keeps the gain that it chose for the base, which `base` describes; live: it reacts to this
    picture, and `base` is None.
    """

    base_id: Id
    factor: str
    value: str
    mediated: Literal["frozen", "live"]
    base: Reference | None = None
