"""Eyeballs: place, size, shape, shade."""

from __future__ import annotations

import numpy as np
import pytest
from people import identity, posed, sitting

from facegen.head.model import HeadModel
from facegen.looks.eyes import eye_surfaces, iris_colors, sclera_color
from facegen.looks.reference import REFERENCE_IDENTITY
from facegen.render.engine import parameters
from facegen.resources import asset_json
from facegen.scene import REGIONS


@pytest.fixture(scope="module")
def model() -> HeadModel:
    return HeadModel.load()


def test_right_then_left_in_their_regions_and_places(model):
    head = posed(model, identity(), sitting())
    right, left = eye_surfaces(head, identity(), sitting())
    assert (right.region == REGIONS["right_eye"]).all()
    assert (left.region == REGIONS["left_eye"]).all()
    assert right.positions[:, 0].mean() < 0 < left.positions[:, 0].mean()


def test_iris_is_about_12_mm_wide_and_varies_little(model):
    head = posed(model, identity(), sitting())
    widths = []
    for seed in range(40):
        person = REFERENCE_IDENTITY.model_copy(update={"iris": REFERENCE_IDENTITY.iris.model_copy(update={"seed": seed})})
        share = parameters(eye_surfaces(head, person, sitting())[0])["iris_radius"]
        widths.append(2000 * float(share) * float(head.eye_radius[0]))
    assert 11.5 < np.mean(widths) < 11.9
    assert 0.2 < np.std(widths) < 0.6
    assert min(widths) > 10.8
    assert max(widths) < 12.6


def test_cornea_bulges_along_the_gaze(model):
    head = posed(model, identity(), sitting(), gaze=(20.0, 5.0))
    for side, eye in enumerate(eye_surfaces(head, identity(), sitting())):
        away = eye.positions - head.eye_centers[side]
        distance = np.linalg.norm(away, axis=1)
        optical = head.eye_rotation[side][:, 2]
        front = np.flatnonzero(away @ optical > 0.95 * distance)  # the corners' flesh stands out further
        axis = away[front][np.argmax(distance[front])] / distance[front].max()
        assert axis @ optical > 0.999
        assert 1.0005 < distance.max() / head.eye_radius[side] < 1.25
        assert distance.min() > 0.99 * head.eye_radius[side]
        assert np.allclose(np.linalg.norm(eye.normals, axis=1), 1, atol=1e-5)
        assert (np.einsum("ij,ij->i", eye.normals, away) > 0).all()


def test_flesh_fills_the_inner_corner_whatever_the_gaze(model):
    """The caruncle stays with the lids while the ball turns under it."""
    for gaze in ((0.0, 0.0), (25.0, -10.0)):
        head = posed(model, identity(), sitting(), gaze=gaze)
        for side, eye in enumerate(eye_surfaces(head, identity(), sitting())):
            away = eye.positions - head.eye_centers[side]
            most = away[np.argmax(np.linalg.norm(away, axis=1))]
            assert (most[0] > 0) == (side == 0), "the fullest place lies towards the nose"
            canthus = parameters(eye)["canthus"]
            seen = head.eye_rotation[side] @ np.array([*canthus, np.sqrt(max(1 - canthus[0] ** 2 - canthus[1] ** 2, 0.0))])
            assert (seen[0] > 0) == (side == 0)


def test_faces_look_outwards(model):
    head = posed(model, identity(), sitting())
    eye = eye_surfaces(head, identity(), sitting())[0]
    a, b, c = (eye.positions[eye.faces[:, k]] for k in range(3))
    outward = np.einsum("ij,ij->i", np.cross(b - a, c - a), (a + b + c) / 3 - head.eye_centers[0])
    assert (outward > 0).all()


def test_upper_lid_shades_more_than_the_lower(model):
    head = posed(model, identity(), sitting())
    eye = eye_surfaces(head, identity(), sitting())[1]
    away = (eye.positions - head.eye_centers[1]) / head.eye_radius[1]
    front = (np.abs(away[:, 0]) < 0.15) & (away[:, 2] > 0.8)
    upper = eye.ao[front & (away[:, 1] > 0.2)].mean()
    lower = eye.ao[front & (away[:, 1] < -0.2)].mean()
    middle = eye.ao[front & (np.abs(away[:, 1]) < 0.08)].mean()
    assert upper < lower < middle <= 1.0


def test_every_iris_colour_is_known_and_melanin_darkens_it():
    for name in asset_json("looks/iris.json")["colors"]:
        light, dark = (
            iris_colors(
                REFERENCE_IDENTITY.model_copy(
                    update={"iris": REFERENCE_IDENTITY.iris.model_copy(update={"color": name, "melanin": m})}
                )
            )
            for m in (0.0, 1.0)
        )
        assert sum(dark[0]) < sum(light[0])


def test_sclera_yellows_with_age_and_is_never_white():
    young, old = (np.asarray(sclera_color(identity(3), age)) for age in (20.0, 80.0))
    assert old[2] / old[0] < young[2] / young[0]
    assert young.max() < 0.8
