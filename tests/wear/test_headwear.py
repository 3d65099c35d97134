"""Headwear is cut like the thing it is named for, and says what it hides."""

from __future__ import annotations

import numpy as np
import pytest
from depth import depths, skin_points
from scipy.spatial import cKDTree
from wearers import person

from facegen import rng
from facegen.head.model import HeadModel
from facegen.population import wear as draws
from facegen.population.plan import build
from facegen.resources import asset_json
from facegen.sample import Garment, Headwear, Mask, Wear
from facegen.scene import REGIONS, Material, Surface
from facegen.spec.dataset import DatasetSpec
from facegen.wear import beneath, shapes, worn_surfaces
from facegen.wear.around import FaceAxis
from facegen.wear.beneath import CENTER, ROOM
from facegen.wear.bust import measure
from facegen.wear.clothing import garment_surfaces
from facegen.wear.crown import crown_of
from facegen.wear.headwear import headwear_surfaces

RGB = (0.2, 0.3, 0.4)
PLAIN = Garment(kind="crew", rgb=RGB, rgb2=RGB, pattern="plain", seed=1)


@pytest.fixture(scope="module")
def model() -> HeadModel:
    return HeadModel.load()


def hat(kind: str, seed: int, tilt: float = 0.0) -> Headwear:
    return Headwear(kind=kind, rgb=RGB, tilt_deg=tilt, seed=seed)


def worn(model, head, kind: str, seed: int, **more: object) -> dict[str, Surface]:
    wear = Wear.model_validate({"headwear": hat(kind, seed), "garment": PLAIN, **more})
    return {s.name: s for s in worn_surfaces(model, head, wear)}


@pytest.mark.parametrize("kind", ["cap", "beanie", "bucket", "fedora", "sun_hat", "hard_hat"])
def test_the_rim_lies_where_the_table_says(model, kind):
    for n in range(4):
        head = person(model, n)
        scale = 0.71 * float(head.vertices[:, 1].max()) / 0.086
        front, back = (scale * h for h in asset_json("wear/hats.json")["rim"][kind])
        rim = crown_of(model, head, hat(kind, n), rng.expand(n, "wear.headwear.style")).rim(np.array([0.0, np.pi]))
        assert rim[:, 1] == pytest.approx([front, back], abs=0.004), (n, kind)


def test_a_cap_stands_in_front_and_lies_close_behind_and_its_peak_is_sewn_to_the_rim(model):
    for n in range(6):
        head = person(model, n)
        made = {s.name: s.positions for s in headwear_surfaces(model, head, hat("cap", n))}
        skin, _ = skin_points(model, head)
        tree = cKDTree(skin)
        shell = made["hat"][made["hat"][:, 1] > 0.06]
        ahead = shell[(shell[:, 2] > -0.03) & (np.abs(shell[:, 0]) < 0.03) & (shell[:, 1] < 0.09)]
        behind = shell[(shell[:, 2] < -0.13) & (np.abs(shell[:, 0]) < 0.03)]
        assert np.median(tree.query(ahead)[0]) > np.median(tree.query(behind)[0]) + 0.001, n
        visor, rim = made["visor"], crown_of(model, head, hat("cap", n), rng.expand(n, "wear.headwear.style")).shell[-1]
        assert cKDTree(visor).query(rim[np.abs(rim[:, 0]) < 0.05][rim[np.abs(rim[:, 0]) < 0.05][:, 2] > 0])[0].max() < 0.005, n
        assert 0.050 < visor[:, 2].max() - rim[:, 2].max() < 0.085, n
        edge = visor[visor[:, 2] > visor[:, 2].max() - 0.030]
        outer = np.abs(edge[:, 0]) > 0.045
        assert edge[~outer][:, 1].max() > edge[outer][:, 1].max() - 1e-9, n  # bent down at its sides


@pytest.mark.parametrize("kind", ["balaclava", "niqab"])
def test_what_covers_the_face_leaves_the_eyes_free(model, kind):
    for n in range(10):
        head = person(model, n)
        made = worn(model, head, kind, n)
        cloth = np.concatenate([s.positions for name, s in made.items() if name.startswith((kind, "veil"))])
        for k, eye in enumerate(np.asarray(head.eye_centers)):
            before = cloth[
                (cloth[:, 2] > eye[2]) & (np.abs(cloth[:, 0] - eye[0]) < 0.009) & (np.abs(cloth[:, 1] - eye[1]) < 0.005)
            ]
            assert len(before) == 0, (n, kind, k)


def test_a_closed_balaclava_follows_the_face(model):
    tight = []
    for n in range(12):
        head = person(model, n)
        sheet = worn(model, head, "balaclava", n)["balaclava"]
        skin, ears = skin_points(model, head)
        face = sheet.positions[(sheet.positions[:, 2] > -0.02) & (np.abs(sheet.positions[:, 1] + 0.03) < 0.06)]
        tight.append(np.median(cKDTree(skin).query(face)[0]))
        reach = depths(sheet, skin[~ears & (skin[:, 1] > -0.08)], FaceAxis.of(model, head).center)
        assert reach.max() < 0.001, n
    assert max(tight) < 0.006, tight


def test_a_hood_stands_off_the_face_and_is_dark_within(model):
    for n in range(10):
        head = person(model, n)
        made = worn(model, head, "hood", n)["hood"]
        rows = made.positions.reshape(-1, 65, 3)
        rim = rows[9]
        skin, _ = skin_points(model, head)
        off = cKDTree(skin).query(rim)[0]
        above = rim[:, 1] > -0.04
        assert off[above].min() > 0.008 and np.median(off[above]) > 0.014, (n, off[above].min())
        assert made.ao.reshape(-1, 65)[0].max() < 0.2 < 0.6 < made.ao.reshape(-1, 65)[12:].mean(), n


def test_a_veil_is_facewear_over_nose_mouth_and_mask(model):
    for n in range(8):
        head = person(model, n)
        mask = Mask(kind="surgical", rgb=RGB, position="worn", seed=n) if n % 2 else None
        made = worn(model, head, "niqab", n, mask=mask)
        veil = made["veil"]
        assert (veil.region == REGIONS["facewear"]).all() and veil.removable
        assert all((s.region == REGIONS["headwear"]).all() for name, s in made.items() if name.startswith("niqab"))
        points = head.vertices[model.topology.masks["lips"] > 0.8]
        if mask is not None:
            points = np.concatenate([points, made["mask"].positions[np.abs(made["mask"].positions[:, 0]) < 0.03]])
        beside = cKDTree(veil.positions[:, :2]).query(points[:, :2], k=6)[1]
        covered = points[:, 1] < veil.positions[np.abs(veil.positions[:, 0]) < 0.03][:, 1].max() - 0.006
        front = veil.positions[beside][..., 2].max(1)
        assert (front > points[:, 2])[covered].all() and covered.mean() > 0.8, n


def test_strands_outside_of_cloth_are_pressed_beneath_it():
    angle, height = np.meshgrid(np.linspace(-0.8, 0.8, 30), np.linspace(-0.6, 0.6, 30))
    way = np.stack([np.sin(angle) * np.cos(height), np.sin(height), np.cos(angle) * np.cos(height)], -1).reshape(-1, 3)
    cloth = shapes.surface("mask", shapes.grid((CENTER + 0.09 * way).reshape(30, 30, 3)), Material("cloth", {}), "facewear")
    strand = CENTER + np.array([[0, 0, 0.07], [0, 0, 0.11], [0.11, 0, 0.0], [0, -0.12, 0.0]])
    hair = shapes.surface("beard", shapes.plain(strand, np.array([[0, 1, 2]], np.int32)), Material("solid", {}), "beard")
    moved = beneath([hair], [cloth])[0].positions - CENTER
    assert np.allclose(moved[[0, 2, 3]], strand[[0, 2, 3]] - CENTER, atol=1e-6)  # within, and beside where no cloth lies
    assert np.allclose(moved[1], [0, 0, 0.09 - ROOM], atol=1e-6)
    assert beneath([hair], [])[0] is hair


def test_a_hood_brings_its_hoodie_and_no_mask_lies_beneath_a_veil(model):
    spec = {"name": "hoods", "seed": 3, "date": "2026-01-01", "identities": 400, "shots": {"wear": {"headwear": 1, "mask": 0.6}}}
    drawn = [s.shot.wear for s in build(DatasetSpec.from_dict(spec)).samples()]
    hoods = [w for w in drawn if w.headwear.kind == "hood"]
    assert len(hoods) > 15 and all(w.garment.kind == "hoodie" and w.garment.rgb == w.headwear.rgb for w in hoods)
    veils = [w for w in drawn if w.headwear.kind in draws.COVERING]
    assert len(veils) > 8 and all(w.mask is None for w in veils)
    others = [w.mask is not None for w in drawn if w.headwear.kind not in draws.COVERING]
    assert 0.5 < np.mean(others) < 0.7
    hoodie = PLAIN.model_copy(update={"kind": "hoodie"})
    up, down = ({s.name for s in garment_surfaces(model, person(model, 0), hoodie, hood_up)} for hood_up in (True, False))
    assert down - up == {"garment_neck"}


def test_rolled_collars_are_lapped_over_the_neckline(model):
    """The gap between a collar's hem and the cloth, looked into from below: none, wherever the neckline went with the jaw."""
    for n in range(24):
        head = person(model, n)
        made = {s.name: s for s in garment_surfaces(model, head, PLAIN.model_copy(update={"kind": "turtleneck"}))}
        body, collar = made["garment"].positions, made["garment_neck"].positions
        edge = body.reshape(-1, 73, 3)[1, :-1]  # of the cloth, after its turned-in hem
        center = measure(model, head).skin.center
        turn = [np.arctan2(p[:, 0] - center[0], p[:, 2] - center[2]) for p in (collar, edge)]
        apart = np.abs((turn[0][None] - turn[1][:, None] + np.pi) % (2 * np.pi) - np.pi)
        lowest = np.where(apart < 0.09, collar[:, 1], np.inf).min(1)
        assert (lowest < edge[:, 1] - 0.001).all(), (n, (lowest - edge[:, 1]).max())
