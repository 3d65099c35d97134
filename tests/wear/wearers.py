"""Random persons for fitting tests, rougher than the population's prior: plain numbers from a fixed seed."""

from __future__ import annotations

import numpy as np

from facegen.head.model import HeadModel, PosedHead
from facegen.sample import (
    Beard,
    Brows,
    Expression,
    Gaze,
    HairStyle,
    HairTraits,
    Identity,
    Iris,
    Makeup,
    Sitting,
    Skin,
)  # fmt: skip

EXPRESSIONS: list[dict[str, float]] = [
    {},
    {"jawOpen": 0.8},
    {"mouthSmileLeft": 0.9, "mouthSmileRight": 0.9, "cheekSquintLeft": 0.5, "cheekSquintRight": 0.5, "jawOpen": 0.15},
    {"mouthPucker": 0.8},
    {"mouthFunnel": 0.7, "jawOpen": 0.3},
    {"cheekPuff": 0.8},
    {"browInnerUp": 0.8, "jawOpen": 0.4, "eyeWideLeft": 0.7, "eyeWideRight": 0.7},
    {"noseSneerLeft": 0.8, "noseSneerRight": 0.8, "browDownLeft": 0.8, "browDownRight": 0.8},
]
PRESETS = ("african", "east_asian", "european", "south_asian")


def person(model: HeadModel, n: int) -> PosedHead:
    """Return the n-th random person, posed with the n-th expression."""
    draw = np.random.default_rng([20, n])
    shape = model.shape(_identity(model, n, draw), _sitting(draw))
    return model.pose(shape, Expression(name="test", weights=EXPRESSIONS[n % len(EXPRESSIONS)]), Gaze(yaw_deg=0, pitch_deg=0))


def _identity(model: HeadModel, n: int, draw: np.random.Generator) -> Identity:
    sex, preset = float(draw.random()), PRESETS[n % 4]
    axes = [a for a in model.axes if not a.startswith(("head-trans", "measure", "neck-trans"))]
    return Identity(
        identity_id=f"{n:06d}", index=n, sex="male" if sex > 0.5 else "female", sex_value=sex, ancestry=preset,
        ancestry_weights={preset: 1.0}, shape={a: float(np.clip(draw.normal(0, 0.28), -0.8, 0.8)) for a in axes},
        asymmetry={a: float(draw.normal(0, 0.08)) for a in model.asym_axes},
        skin=Skin(monk=5, lab=(60, 10, 15), freckles=0, moles=0, blotches=0, redness=0, undereye=0, oil=0, relief=0, seed=1),
        iris=Iris(color="brown", melanin=0.5, limbal=0.5, seed=1),
        hair=HairTraits(color="black", eumelanin=1, pheomelanin=0, curl="straight", density=0.5, balding=0, greying_age=50),
        brows=Brows(thickness=0.5, density=0.5, length=0.5, arch=0.5, joined=0, seed=1), lashes=0.5, teeth_tone=0.5,
    )  # fmt: skip


def _sitting(draw: np.random.Generator) -> Sitting:
    return Sitting(
        sitting_id="s", identity_id="i", index=0, age_years=float(draw.uniform(18, 85)), age_band="any",
        body_fat=float(draw.uniform(0.05, 0.95)),
        hair=HairStyle(style="bald", length=1, volume=1, parting=0, fringe=0, grey=0, recession=0, thinning=0, seed=1),
        beard=Beard(style="none", density=0, length=0, grey=0, seed=0),
        makeup=Makeup(lips=0, lips_rgb=(0, 0, 0), eyes=0, eyes_rgb=(0, 0, 0), liner=0, blush=0), tan=0, eyewear="none",
    )  # fmt: skip
