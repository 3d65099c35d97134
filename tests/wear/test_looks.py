"""Tables of worn things name what can be made, and things of one kind differ from person to person."""

from __future__ import annotations

import numpy as np
import pytest
from depth import poke
from scipy.spatial import cKDTree
from wearers import person

from facegen.head.model import HeadModel
from facegen.resources import asset_json
from facegen.sample import Eyewear, Garment, Headwear
from facegen.wear import headwear, tailor
from facegen.wear.bust import measure
from facegen.wear.casters import SHAPES
from facegen.wear.clothing import garment_surfaces
from facegen.wear.cuts import CUTS
from facegen.wear.eyewear import eyewear_surfaces
from facegen.wear.frames import STYLES
from facegen.wear.hands.held import gestures
from facegen.wear.headwear import headwear_surfaces
from facegen.wear.masks import CUTS as MASK_CUTS
from facegen.wear.shapes import PATTERNS, along_u, grid, kinds

ANCHORS = ("cheek", "chin", "mouth", "eye", "forehead", "ear")
RGB, RGB2 = (0.2, 0.3, 0.4), (0.5, 0.1, 0.1)


@pytest.fixture(scope="module")
def model() -> HeadModel:
    return HeadModel.load()


def test_tables_name_what_can_be_made():
    table = asset_json("wear/kinds.json")
    assert set(kinds("garment")) == set(CUTS) == set(table["garment_pattern"])
    assert {c.trim for c in CUTS.values()} == set(tailor._TRIMS)
    assert set(kinds("headwear")) == {*headwear.CUTS, "hijab", "niqab", "hood", "balaclava"} == set(table["headwear_pattern"])
    assert set(kinds("eyewear")) == set(STYLES) == set(table["eyewear_look"]["weight"]) == set(table["eyewear_look"]["finish"])
    rows = [*table["garment_pattern"].values(), *table["headwear_pattern"].values()]
    assert set(kinds("mask")) == set(MASK_CUTS) == set(table["mask_pattern"]) and len(STYLES) >= 12
    rows += table["mask_pattern"].values()
    assert set(table["shadow"]) == set(SHAPES) and {row["anchor"] for row in gestures().values()} <= {*ANCHORS}
    assert set(PATTERNS) == set(kinds("pattern")) and all(set(row) <= set(PATTERNS) for row in rows)
    for shares in (table["garment"], table["headwear"], table["eyewear"], *rows, *table["eyewear_look"]["finish"].values()):
        assert abs(sum(shares.values()) - 1) < 1e-9, shares


@pytest.mark.parametrize("kind", ["blazer", "jacket"])
def test_a_coat_hides_the_shirt_beneath_it(model, kind):
    for n in range(12):
        head = person(model, n)
        made = {s.name: s for s in garment_surfaces(model, head, Garment(kind=kind, rgb=RGB, rgb2=RGB2, pattern="plain", seed=n))}
        center = measure(model, head).skin.center
        shirt = made["garment"].positions
        shirt = shirt[(shirt[:, 1] > -0.30) & (np.abs(shirt[:, 0]) > 0.10)]
        depth, covered = poke(made["coat"], shirt, center)
        assert depth < 0.0020 and covered > 0.7 * len(shirt), (n, depth, covered, len(shirt))


@pytest.mark.parametrize(("kind", "least"), [("hijab", 0.0010), ("cap", 0.0008), ("beanie", 0.0008), ("turban", 0.0008)])
def test_headwear_differs_from_person_to_person(model, kind, least):
    head = person(model, 3)
    shells = [
        headwear_surfaces(model, head, Headwear(kind=kind, rgb=RGB, tilt_deg=0, seed=seed))[0].positions for seed in range(8)
    ]
    apart = [cKDTree(a).query(b)[0].mean() for a in shells for b in shells if a is not b]
    assert np.median(apart) > least, np.median(apart)


def test_heavy_frames_are_thicker_and_finishes_show(model):
    head = person(model, 5)

    def frame(**look: object):
        plain = {"kind": "rectangular", "frame_rgb": RGB, "lens_rgb": RGB, "lens_opacity": 0.05, "size": 1.0, "slip": 0.2}
        return {s.name: s for s in eyewear_surfaces(model, head, Eyewear.model_validate(plain | look))}

    light, heavy = (frame(weight=w) for w in (0.7, 2.0))
    top = [made["frame"].positions[:, 1].max() - made["lenses"].positions[:, 1].max() for made in (light, heavy)]
    assert top[1] - top[0] > 0.0012
    tortoise = frame(finish="tortoise")["frame"].color
    assert tortoise is not None and tortoise[:, 0].max() > 5 * tortoise[:, 0].min()
    assert frame()["frame"].color is None


def test_tangents_run_along_u():
    x, y = np.meshgrid(np.linspace(0, 0.3, 7), np.linspace(0.2, 0, 5))
    assert np.allclose(along_u(grid(np.stack([x, y, 0 * x], -1))), [1, 0, 0], atol=1e-6)
