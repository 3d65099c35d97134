"""Near infrared: skin tones converge, dark hair and irises lighten, the lamp stands at the camera."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from test_sensor import backdrop, face, spec

from facegen.errors import RequestError
from facegen.looks.color import linear_from_lab
from facegen.looks.reference import REFERENCE_IDENTITY
from facegen.resources import asset_json
from facegen.sample import Identity
from facegen.scene import REGIONS, Frame
from facegen.sensor import infrared
from facegen.sensor.photo import expose


def person(lab: tuple[float, float, float]) -> Identity:
    return REFERENCE_IDENTITY.model_copy(update={"skin": REFERENCE_IDENTITY.skin.model_copy(update={"lab": lab})})


def skin_ball(lab: tuple[float, float, float]) -> Frame:
    ball = face(1.0)
    shade = ball.rgb[..., 1:2] / 0.98
    normals = np.zeros((64, 64, 3), np.float32)
    normals[..., 2] = ball.coverage
    return replace(ball, rgb=(shade * linear_from_lab(lab)).astype(np.float32), normals=normals)


def tones() -> list[tuple[float, float, float]]:
    return [tuple(entry["lab"]) for entry in asset_json("looks/monk.json")["anchors"]]


def test_skin_tones_converge() -> None:
    visible = [((lab[0] + 16) / 116) ** 3 for lab in tones()]
    near = [infrared.skin_reflectance(v) for v in visible]
    assert max(near) / min(near) < (max(visible) / min(visible)) ** 0.3
    assert all(0.3 < r < 0.65 for r in near)
    assert (np.diff(near) <= 0).all()


def test_two_skins_look_alike_and_grey() -> None:
    light, dark = tones()[1], tones()[8]
    pictures = [
        expose(skin_ball(lab), backdrop(0.18), spec(infrared=0.9, grey=True), identity=person(lab)).image for lab in (light, dark)
    ]
    plain = [expose(skin_ball(lab), backdrop(0.18), spec()).image for lab in (light, dark)]
    gap, was = (float(a[24:40, 24:40].mean()) - float(b[24:40, 24:40].mean()) for a, b in (pictures, plain))
    assert 0 < gap < 0.5 * was
    assert np.ptp(pictures[0].astype(int), axis=2).max() == 0


@pytest.mark.parametrize("region", ["hair", "left_eye", "right_brow"])
def test_dark_hair_and_irises_lighten_more_than_light_ones(region: str) -> None:
    ratios = []
    for level in (0.02, 0.3):
        rgb = np.full((32, 32, 3), level, np.float32)
        frame = Frame(rgb, np.ones((32, 32), np.float32), np.full((32, 32), REGIONS[region], np.uint8),
                      np.ones((32, 32), np.float32), np.zeros((32, 32, 3), np.float32))  # fmt: skip
        seen, _ = infrared.seen(frame, backdrop(0.2, 32), person(tones()[4]), 0.0)
        ratios.append(float(seen.rgb.mean() / infrared.LEVEL / level))
    assert ratios[0] > 2.5 > ratios[1] > 0.9


def test_the_lamp_lights_what_faces_the_camera() -> None:
    lab = tones()[4]
    ball = skin_ball(lab)
    normals = ball.normals.copy()
    normals[:, 40:] = (np.sqrt(0.75), 0, 0.5)
    seen, _ = infrared.seen(replace(ball, normals=normals * ball.coverage[..., None]), backdrop(0.2), person(lab), 1.0)
    assert seen.rgb[32, 46].mean() / seen.rgb[32, 32].mean() == pytest.approx(0.5, rel=0.15)


def test_it_needs_to_know_who_it_is() -> None:
    with pytest.raises(RequestError, match="identity"):
        expose(face(0.3), backdrop(0.2), spec(infrared=0.8))
