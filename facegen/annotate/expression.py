"""What the face does: columns of `EXPRESSION`.

Action units are those of Ekman, Friesen & Hager, Facial Action Coding System: The Manual (2002). Which of ARKit's blend shapes
is which unit follows Ozel, "ARKit to FACS: Blendshape Cheat Sheet" (melindaozel.com; from memory, its table was not at hand), and
what Apple's reference says that each shape moves; the amounts are the weights themselves, so 1 is the whole action of this
head model and nobody's FACS letter.

Not said, since no weight tells it: AU8, AU11, AU13, AU21, AU23, AU27 (the far end of AU26), AU31-33, AU35-39, AU44, AU45-46
(a blink and a wink are AU43 that lasts). AU25, lips that part, is measured: `mouth_opening`. Head (AU51-58) and eyes (AU61-66)
are pose and gaze, in degrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from facegen.annotate.declared.expression import ARKIT, UNITS
from facegen.head.growth import gaze_actions
from facegen.sample import Shot

SIDES = ("Right", "Left")


@dataclass(frozen=True)
class Source:
    """`name` of a unit and the ARKit actions that say it: of each side `sided` + Right or Left, of both `both`. The strongest
    counts."""

    name: str
    sided: tuple[str, ...] = ()
    both: tuple[str, ...] = ()

    def actions(self, side: str) -> tuple[str, ...]:
        """Return the actions of the side `Right` or `Left`."""
        return (*(name + side for name in self.sided), *self.both)

    def words(self) -> str:
        """Return the actions as docs/labels.md shows them."""
        return ", ".join([f"{name}Right, {name}Left" for name in self.sided] + list(self.both))


SOURCES: dict[str, Source] = {
    "AU1": Source("inner brow raiser", both=("browInnerUp",)),
    "AU2": Source("outer brow raiser", ("browOuterUp",)),
    "AU4": Source("brow lowerer", ("browDown",)),
    "AU5": Source("upper lid raiser", ("eyeWide",)),
    "AU6": Source("cheek raiser", ("cheekSquint",)),
    "AU7": Source("lid tightener", ("eyeSquint",)),
    "AU9": Source("nose wrinkler", ("noseSneer",)),
    "AU10": Source("upper lip raiser", ("mouthUpperUp",)),
    "AU12": Source("lip corner puller", ("mouthSmile",)),
    "AU14": Source("dimpler", ("mouthDimple",)),
    "AU15": Source("lip corner depressor", ("mouthFrown",)),
    "AU16": Source("lower lip depressor", ("mouthLowerDown",)),
    "AU17": Source("chin raiser", both=("mouthShrugLower", "mouthShrugUpper")),
    "AU18": Source("lip pucker", both=("mouthPucker",)),
    "AU20": Source("lip stretcher", ("mouthStretch",)),
    "AU22": Source("lip funneler", both=("mouthFunnel",)),
    "AU24": Source("lip presser", ("mouthPress",)),
    "AU26": Source("jaw drop", both=("jawOpen",)),
    "AU28": Source("lip suck", both=("mouthRollLower", "mouthRollUpper")),
    "AU43": Source("eye closure", ("eyeBlink",)),
    "AD19": Source("tongue show", both=("tongueOut",)),
    "AD29": Source("jaw thrust", both=("jawForward",)),
    "AD30": Source("jaw sideways", ("jaw",)),
    "AD34": Source("cheek puff", both=("cheekPuff",)),
}
UNSAID = tuple(sorted(set(ARKIT) - {action for source in SOURCES.values() for side in SIDES for action in source.actions(side)}))
"""Actions that are no unit: eyeLook* (gaze), mouthLeft, mouthRight, mouthClose (AU8 only where the jaw is open)."""


def expression(shot: Shot) -> dict[str, Any]:
    """Return the columns of a shot."""
    weights = posing_weights(shot)
    return {
        "expression": shot.expression.name,
        "expression_weights": [weights.get(name, 0.0) for name in ARKIT],
        "action_units_right": action_units(weights, "Right"),
        "action_units_left": action_units(weights, "Left"),
    }


def posing_weights(shot: Shot) -> dict[str, float]:
    """Return the weights, 0..1, of the actions that posed the head: the expression's and those by which lids follow the gaze."""
    total = dict(gaze_actions(shot.gaze))
    for name, value in shot.expression.weights.items():
        total[name] = total.get(name, 0.0) + value
    return {name: min(max(value, 0.0), 1.0) for name, value in total.items()}


def action_units(weights: dict[str, float], side: str) -> list[float]:
    """Return the units of the side `Right` or `Left`, in the order of `UNITS`."""
    return [max(weights.get(action, 0.0) for action in SOURCES[unit].actions(side)) for unit in UNITS]


def weights_of(right: list[float], left: list[float]) -> dict[str, float]:
    """Return the least weights that say these units: `action_units` of them gives `right` and `left` back. Where two actions
    say one unit (AU17, AU28) both get it; `UNSAID` ones are not in it."""
    out: dict[str, float] = {}
    for side, values in zip(SIDES, (right, left), strict=True):
        for unit, value in zip(UNITS, values, strict=True):
            out.update({action: float(value) for action in SOURCES[unit].actions(side)})
    return out
