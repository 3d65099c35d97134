"""What hangs and is held before a face, darkens it near, and throws its shadow from outside the picture."""

from __future__ import annotations

import numpy as np
import pytest
from depth import behind, skin_points
from fronts import FLESH
from wearers import person

from facegen.head.model import HeadModel
from facegen.sample import CastShadow, Front, Garment, Wear
from facegen.scene import REGIONS, Material, Surface
from facegen.wear import caster_surfaces, front_surfaces, shaded, shaded_share
from facegen.wear.casters import FACE, SHAPES
from facegen.wear.shapes import unit

RGB = (0.2, 0.3, 0.4)
GARMENT = Garment(kind="crew", rgb=RGB, rgb2=RGB, pattern="plain", seed=1)


@pytest.fixture(scope="module")
def model() -> HeadModel:
    return HeadModel.load()


def plane(points: np.ndarray) -> Surface:
    n = len(points)
    flat = np.zeros((n, 3), np.float32)
    return Surface("skin", points.astype(np.float32), flat, np.zeros((0, 3), np.int32), np.ones(n, np.uint8), Material("skin"))


def test_surroundings_are_hidden_near_contact_and_nowhere_else():
    points = np.stack([np.linspace(0, 0.1, 101), np.zeros(101), np.zeros(101)], 1)
    ao = shaded(plane(points), np.zeros((1, 3))).ao
    assert ao is not None and ao[0] == pytest.approx(0.28, abs=0.01) and (np.diff(ao) >= 0).all() and (ao[46:] == 1).all()
    untouched = plane(points)
    assert shaded(untouched, np.zeros((0, 3))) is untouched


def test_paper_stands_clear_of_the_face_and_leaves_the_eyes_free(model):
    for n in range(8):
        head = person(model, n)
        front = Front(kind="paper", pose=("sheet", "book")[n % 2], side="left", rgb=RGB, seed=7919 * n + 5)
        made = front_surfaces(model, head, Wear(front=(front,), garment=GARMENT), FLESH, (), ()).surfaces
        skin, _ = skin_points(model, head, centers=True)
        points = np.concatenate([s.positions for s in made])
        assert behind(points, skin, 2).max() == 0, n
        assert points[np.abs(points[:, 0]) < 0.05][:, 1].max() < head.eye_centers[:, 1].min() - 0.002, n
        assert points[:, 1].min() < -0.15


def hair_of(color: tuple[float, float, float]) -> Surface:
    p = np.zeros((3, 3), np.float32)
    return Surface(
        "hair", p, p, np.array([[0, 1, 2]], np.int32), np.full(3, REGIONS["hair"], np.uint8), Material("hair", {"strand": 8.0}),
        color=np.tile(np.float32(color), (3, 1)),
    )  # fmt: skip


def test_a_lock_falls_before_an_eye_in_the_persons_own_colour(model):
    for n in range(6):
        head, side = person(model, n), ("left", "right")[n % 2]
        wear = Wear(front=(Front(kind="hair_veil", pose="veil", side=side, seed=n),), garment=GARMENT)
        assert front_surfaces(model, head, wear, FLESH, (), ()).surfaces == ()
        (lock,) = front_surfaces(model, head, wear, FLESH, (), (hair_of((0.3, 0.2, 0.1)),)).surfaces
        assert np.allclose(lock.color, (0.3, 0.2, 0.1)) and lock.removable and (lock.region == REGIONS["hair"]).all()
        eye, other = head.eye_centers[1 if side == "left" else 0], head.eye_centers[0 if side == "left" else 1]
        distance = [np.linalg.norm(lock.positions[:, :2] - center[:2], axis=1).min() for center in (eye, other)]
        assert distance[0] < 0.012 and distance[1] > 0.025, (n, distance)
        skin, _ = skin_points(model, head, centers=True)
        assert behind(lock.positions, skin, 2).max() < 0.001, n


def test_casters_are_unseen_and_stand_in_the_light():
    way = unit(np.array([0.4, 0.5, 0.8]))
    for kind in SHAPES:
        (made,) = caster_surfaces(CastShadow(kind=kind, distance_m=0.4, turn_deg=10, seed=4), way)
        assert not made.visible and made.casts_shadow
        off = (made.positions - FACE) @ way
        assert np.median(off) == pytest.approx(0.4, abs=0.03), kind  # a hand is not flat


def test_share_of_shadow_is_that_of_the_shape():
    """Blinds hide the share of a wall that their slats take of their pitch; a pole its width."""
    way = np.array([0.0, 0.0, 1.0])
    x, y = np.meshgrid(np.linspace(-0.06, 0.06, 121), np.linspace(-0.1, 0.1, 401))
    wall = np.stack([x.ravel() + FACE[0], y.ravel() + FACE[1], 0 * x.ravel()], 1)
    for seed in range(5):
        pole = CastShadow(kind="pole", distance_m=0.3, turn_deg=0, seed=seed)
        p = caster_surfaces(pole, way)[0].positions
        low, high = np.clip([p[:, 0].min(), p[:, 0].max()], -0.06, 0.06)
        assert shaded_share(pole, way, wall) == pytest.approx((high - low) / 0.12, abs=0.02)
        blinds = CastShadow(kind="blinds", distance_m=0.3, turn_deg=0, seed=seed)
        slats = caster_surfaces(blinds, way)[0].positions[:4]
        rows = np.unique(caster_surfaces(blinds, way)[0].positions[:-8, 1].round(5))
        pitch = rows[2] - rows[0]
        share = (slats[:, 1].max() - slats[:, 1].min()) / pitch
        assert shaded_share(blinds, way, wall) == pytest.approx(share, abs=0.10)  # cords, and slats cut at the wall's ends
    assert shaded_share(pole, way, np.zeros((0, 3))) == 0
