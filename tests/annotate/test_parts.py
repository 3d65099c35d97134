"""Every surface that can be drawn has a part id: all kinds of wear and things held, hair styles, beards."""

from __future__ import annotations

import numpy as np
import pytest
from samples import sample

from facegen.annotate.parts import NUMBERS, number, part_ids, part_name, table
from facegen.errors import DataError
from facegen.head.model import HeadModel
from facegen.looks.eyes import eye_surfaces
from facegen.looks.facial_hair.surfaces import facial_hair_surfaces
from facegen.looks.hair.groom import groom
from facegen.resources import asset_json
from facegen.sample import Eyewear, Front, Headwear, Mask, Wear
from facegen.sample.wear import Neckwear
from facegen.scene import Surface
from facegen.spec import names
from facegen.wear import Flesh, front_surfaces, worn_surfaces
from facegen.wear.shapes import kinds

RGB = (0.2, 0.3, 0.4)


@pytest.fixture(scope="module")
def every() -> list[Surface]:
    """The surfaces of one head with everything, one after the other."""
    model, spec = HeadModel.load(), sample()
    shape = model.shape(spec.identity, spec.sitting)
    posed = model.pose(shape, spec.shot.expression, spec.shot.gaze)
    garment = spec.shot.wear.garment
    wears = [Wear(garment=garment.model_copy(update={"kind": kind, "seed": s})) for kind in kinds("garment") for s in range(3)]
    wears += [
        Wear(garment=garment, headwear=Headwear(kind=k, rgb=RGB, tilt_deg=0, seed=s)) for k in kinds("headwear") for s in (1, 3)
    ]
    wears += [Wear(garment=garment, mask=Mask(kind=k, rgb=RGB, position="worn", seed=1)) for k in kinds("mask")]
    glasses = {"frame_rgb": RGB, "lens_rgb": RGB, "size": 1, "slip": 0.1}
    wears += [
        Wear(garment=garment, eyewear=Eyewear(kind=k, lens_opacity=o, **glasses)) for k in kinds("eyewear") for o in (0.1, 0.9)
    ]
    wears += [Wear(garment=garment, scarf=Neckwear(kind=k, rgb=RGB, seed=1)) for k in kinds("scarf")]
    made = [s for wear in wears for s in worn_surfaces(model, posed, wear)]
    flesh = Flesh("flesh", RGB, {}, 0.5, shape.size, 30.0)
    held = [("hand", pose) for pose in asset_json("wear/hands.json")["gestures"]]
    held += [
        ("phone", "call"),
        ("microphone", "microphone"),
        ("cup", "cup"),
        ("cup", "glass"),
        ("paper", "sheet"),
        ("paper", "book"),
    ]
    for kind, pose in held:
        front = Front.model_validate({"kind": kind, "pose": pose, "side": "left", "sleeve": 0.4, "seed": 2})
        made += front_surfaces(model, posed, Wear(garment=garment, front=(front,)), flesh, (), ()).surfaces
    for style in names.hair_styles():
        for curl in names.CURLS:
            identity = spec.identity.model_copy(update={"hair": spec.identity.hair.model_copy(update={"curl": curl})})
            sitting = spec.sitting.model_copy(update={"hair": spec.sitting.hair.model_copy(update={"style": style})})
            made += groom(model, shape, identity, sitting, 0.35).surfaces
    for beard in names.BEARDS:
        sitting = spec.sitting.model_copy(update={"beard": spec.sitting.beard.model_copy(update={"style": beard})})
        made += facial_hair_surfaces(model, posed, spec.identity, sitting, 0.35)
    return [*made, *eye_surfaces(posed, spec.identity, spec.sitting)]


def test_every_surface_has_a_part(every):
    found = {s.name for s in every}
    assert found <= set(NUMBERS), found - set(NUMBERS)
    assert len(found) > 65


def test_ids_fit_a_byte_and_names_are_unique():
    rows = table()["parts"]
    assert sorted({row["id"] for row in rows}) == [row["id"] for row in rows]
    assert rows[0] == {"id": 0, "name": "background", "of": ""} and rows[-1]["id"] < 255
    assert len({row["name"] for row in rows}) == len(rows) and part_name("brow.1") == "left_brow"


def test_surface_numbers_become_part_ids_and_unknown_ones_are_named(every):
    picture = np.array([[0, 1], [3, 2]], np.uint8)
    assert np.array_equal(
        part_ids(picture, every[:3]), [[0, number(every[0].name)], [number(every[2].name), number(every[1].name)]]
    )
    with pytest.raises(DataError, match="'kite' has no part id"):
        number("kite")
