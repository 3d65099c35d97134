"""The reference adult: the middle of every axis, on whose head charts, zones and noise are laid out for everybody."""

from __future__ import annotations

from facegen.sample import Beard, Brows, HairStyle, HairTraits, Identity, Iris, Makeup, Sitting, Skin

REFERENCE_IDENTITY = Identity(
    identity_id="reference",
    index=0,
    sex="female",
    sex_value=0.5,
    ancestry="reference",
    ancestry_weights={"african": 1.0, "east_asian": 1.0, "european": 1.0},
    shape={},
    asymmetry={},
    skin=Skin(
        monk=5, lab=(57.0, 13.0, 20.0), freckles=0, moles=0, blotches=0.3, redness=0.3, undereye=0.3, oil=0.4, relief=0.4, seed=1
    ),
    iris=Iris(color="brown", melanin=0.5, limbal=0.5, seed=1),
    hair=HairTraits(
        color="dark_brown", eumelanin=0.7, pheomelanin=0.2, curl="wavy", density=0.5, balding=0.3, greying_age=45.0
    ),
    brows=Brows(thickness=0.5, density=0.5, length=0.5, arch=0.5, joined=0.0, seed=1),
    lashes=0.5,
    teeth_tone=0.6,
)  # fmt: skip

REFERENCE_SITTING = Sitting(
    sitting_id="reference",
    identity_id="reference",
    index=0,
    age_years=30.0,
    age_band="25-34",
    body_fat=0.5,
    hair=HairStyle(style="bald", length=1.0, volume=1.0, parting=0.0, fringe=0.0, grey=0.0, recession=0.0, thinning=0.0, seed=1),
    beard=Beard(style="none", density=0.0, length=0.0, grey=0.0, seed=1),
    makeup=Makeup(lips=0.0, lips_rgb=(0.5, 0.1, 0.1), eyes=0.0, eyes_rgb=(0.2, 0.15, 0.12), liner=0.0, blush=0.0),
    tan=0.0,
    eyewear="none",
)  # fmt: skip
