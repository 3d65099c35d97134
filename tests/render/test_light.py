"""Energy, shadows and materials against closed forms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from shapes import DARK, UNIFORM, key, quad, scene, sphere

from facegen.geometry import harmonics
from facegen.render.engine import SHADERS, Engine
from facegen.scene import Surface, Texture, shadow_size

HALF = (0.5, 0.5, 0.5)
MATT = {
    "cloth": {"rgb": HALF}, "skin": {"specular": 0.0}, "hair": {"root_rgb": HALF, "tip_rgb": HALF, "specular": 0.0},
    "solid": {"rgb": HALF, "roughness": 1.0},
}  # fmt: skip


def _plane(shader: str, **more):
    made = quad((0, 0, -1), (1, 0, 0), (0, 1, 0), shader=shader, params=MATT[shader], **more)
    return grey_skin(made) if shader == "skin" else made


def grey_skin(made: Surface) -> Surface:
    """Return skin of albedo one half: it has no vertex colour, only its map."""
    half = np.full((4, 4, 4), 188, dtype=np.uint8)
    return replace(made, material=replace(made.material, textures={"albedo": Texture("half", half, srgb=True)}))


@pytest.mark.parametrize("shader", ["cloth", "skin", "solid"])
def test_half_albedo_under_unit_surroundings_gives_half(engine: Engine, shader: str) -> None:
    rgb = engine.render(scene(_plane(shader))).rgb[16:48, 16:48]
    assert abs(rgb.mean() - 0.5) < (0.03 if shader == "solid" else 0.01)  # solid keeps its surface reflection


@pytest.mark.parametrize("shader", ["cloth", "skin"])
@pytest.mark.parametrize("angle", [0, 30, 60])
def test_a_key_follows_the_cosine(engine: Engine, shader: str, angle: float) -> None:
    a = np.radians(angle)
    rgb = engine.render(scene(_plane(shader), sh=DARK, keys=(key((np.sin(a), 0, np.cos(a))),))).rgb[24:40, 24:40]
    assert abs(rgb.mean() - 0.5 * np.cos(a)) < 0.02


def test_surroundings_shade_like_their_irradiance(engine: Engine) -> None:
    light = harmonics.project(lambda d: np.clip(0.6 + 0.5 * d[:, 1:2] + 0.3 * d[:, :1] * d[:, 2:], 0, None) * np.ones(3))
    frame = engine.render(scene(sphere(0.4, (0, 0, -1.5), params={"rgb": HALF}), sh=light.astype(np.float32), size=96))
    inside = frame.coverage == 1
    expected = 0.5 / np.pi * harmonics.irradiance(light, frame.normals[inside])
    assert np.abs(frame.rgb[inside] - expected).max() < 0.02


@pytest.mark.parametrize("shader", SHADERS)
def test_no_light_no_picture(engine: Engine, shader: str) -> None:
    frame = engine.render(scene(sphere(0.4, (0, 0, -1.5), shader=shader), sh=DARK, keys=(key((0, 0, 1), irradiance=0.0),)))
    assert not frame.rgb.any()
    assert frame.coverage.any()


@pytest.mark.parametrize("shader", SHADERS)
def test_nothing_shines_brighter_than_a_white_furnace(engine: Engine, shader: str) -> None:
    frame = engine.render(scene(sphere(0.4, (0, 0, -1.5), shader=shader)))
    assert np.isfinite(frame.rgb).all()
    assert frame.rgb.min() >= 0
    assert frame.rgb.max() < 1.12


def test_gloss_draws_no_dark_ring_on_skin_in_even_light(engine: Engine) -> None:
    """What the surface takes from the body at grazing angles it must give back: under even light a ball dims by little only."""
    params = {"specular": 1.8, "oil": 0.5, "sss": (1.0, 1.0, 1.0)}
    ball = sphere(0.4, (0, 0, -1.5), shader="skin", params=params)
    frame = engine.render(scene(ball, size=96))
    level = frame.rgb.mean(axis=-1)[48, :]
    inside = np.flatnonzero(frame.coverage[48, :] > 0.99)
    assert level[inside].min() > 0.93 * level[44:52].mean()


def test_shadow_falls_where_geometry_says(engine: Engine) -> None:
    """A square 0.2 m before a wall, light from 45 degrees at the right: its shadow is moved 0.2 m to the left."""
    wall = quad((0, 0, -1), (2, 0, 0), (0, 2, 0), params={"rgb": HALF})
    card = quad((0, 0, -0.8), (0.04, 0, 0), (0, 0.04, 0), region=18)
    frame = engine.render(scene(wall, card, sh=DARK, keys=(key((1, 0, 1), size_deg=0.53),), size=128))
    lit = frame.rgb[..., 0]
    on_wall = frame.ids == 1
    dark = on_wall & (lit < 0.1)
    rows, columns = np.nonzero(dark)
    x, y = (columns.mean() + 0.5) / 128 - 0.5, 0.5 - (rows.mean() + 0.5) / 128
    assert abs(x + 0.2) < 0.01
    assert abs(y) < 0.01
    assert abs(dark.sum() / 128**2 - 0.08**2) < 0.002
    assert (lit[on_wall & ~dark] > 0.05).all()
    assert np.median(lit[on_wall]) == pytest.approx(0.5 * np.cos(np.pi / 4), abs=0.01)


def test_the_shadow_is_that_of_the_shadow_faces(engine: Engine) -> None:
    """A card whose shadow faces are one of its two triangles is drawn whole and casts half a shadow."""
    wall = quad((0, 0, -1), (2, 0, 0), (0, 2, 0), params={"rgb": HALF})
    card = quad((0, 0, -0.8), (0.04, 0, 0), (0, 0.04, 0), region=18)

    def dark(card: Surface) -> tuple[float, float]:
        frame = engine.render(scene(wall, card, sh=DARK, keys=(key((1, 0, 1), size_deg=0.53),), size=128))
        return float(((frame.ids == 1) & (frame.rgb[..., 0] < 0.1)).mean()), float((frame.ids == 18).mean())

    whole, half = dark(card), dark(replace(card, shadow_faces=card.faces[:1]))
    assert half[0] == pytest.approx(0.5 * whole[0], abs=0.0006)
    assert half[1] == whole[1]


def test_shadow_maps_grow_with_the_picture() -> None:
    sizes = [shadow_size(px) for px in (64, 128, 256, 512, 1024, 2048)]
    assert sizes == [512, 512, 576, 768, 1152, 1536]


def test_larger_lights_cast_softer_shadows(engine: Engine) -> None:
    def edge(size_deg: float) -> float:
        wall = quad((0, 0, -1), (2, 0, 0), (0, 2, 0), params={"rgb": HALF})
        card = quad((0, 0, -0.9), (0.1, 0, 0), (0, 0.1, 0), region=18)
        frame = engine.render(scene(wall, card, sh=DARK, keys=(key((1, 0, 0.5), size_deg=size_deg),), size=128))
        lit = frame.rgb[..., 0] / np.median(frame.rgb[..., 0])
        return float(((lit > 0.1) & (lit < 0.9) & (frame.ids == 1)).mean())

    assert edge(0.53) < 0.5 * edge(20)


def test_a_near_light_falls_off_with_the_square(engine: Engine) -> None:
    """A source 0.5 m before the middle of a wall: at 0.3 m from the middle 0.25 / (0.25 + 0.09) of the light is left."""
    wall = quad((0, 0, -1), (2, 0, 0), (0, 2, 0), params={"rgb": HALF})
    near = key((0, 0, 1), shadow=False, source=np.array([0, 0, -0.5, 0.5]))
    row = engine.render(scene(wall, sh=DARK, keys=(near,), size=128)).rgb[64, :, 0]
    x = (np.arange(128) + 0.5) / 128 - 0.5
    np.testing.assert_allclose(row, 0.5 * 0.25 / (0.25 + x**2), atol=0.01)


def test_an_edge_in_the_light_fades_across_the_picture(engine: Engine) -> None:
    wall = quad((0, 0, -1), (2, 0, 0), (0, 2, 0), params={"rgb": HALF})
    shade = key((0, 0, 1), shadow=False, edge=np.array([0, 10, 0, 1.0]))  # full above, half at y = 0.1 m
    column = engine.render(scene(wall, sh=DARK, keys=(shade,), size=128)).rgb[:, 64, 0]
    y = 0.5 - (np.arange(128) + 0.5) / 128
    np.testing.assert_allclose(column, 0.5 / (1 + np.exp(1 - 10 * y)), atol=0.01)


def test_what_casts_no_shadow_casts_none(engine: Engine) -> None:
    wall = quad((0, 0, -1), (2, 0, 0), (0, 2, 0), params={"rgb": HALF})
    card = quad((0, 0, -0.8), (0.04, 0, 0), (0, 0.04, 0), region=18, casts_shadow=False)
    for surfaces, shadow in (((wall, card), True), ((wall, quad((0, 0, -0.8), (0.04, 0, 0), (0, 0.04, 0), region=18)), False)):
        frame = engine.render(scene(*surfaces, sh=DARK, keys=(key((1, 0, 1), shadow=shadow),)))
        assert frame.rgb[..., 0][frame.ids == 1].min() > 0.3


def test_red_bleeds_into_the_skins_terminator(engine: Engine) -> None:
    ball = grey_skin(sphere(0.4, (0, 0, -1.5), shader="skin", params={"specular": 0.0}))
    frame = engine.render(scene(ball, sh=DARK, keys=(key((1, 0, 0.2), shadow=False),), size=96))
    cosine = frame.normals @ np.array([1, 0, 0.2]) / np.hypot(1, 0.2)
    edge = (np.abs(cosine) < 0.1) & (frame.coverage == 1)
    assert (frame.rgb[edge, 0] > 1.2 * frame.rgb[edge, 1]).all()
    full = (cosine > 0.7) & (frame.coverage == 1)
    assert np.abs(frame.rgb[full, 0] - frame.rgb[full, 2]).max() < 0.02


def test_ambient_occlusion_dims_the_surroundings(engine: Engine) -> None:
    open_, shut = (
        engine.render(scene(_plane("cloth", ao=np.full(4, v, dtype=np.float32)), sh=UNIFORM)).rgb.mean() for v in (1.0, 0.2)
    )
    assert 0.15 < shut / open_ < 0.6


def test_skin_takes_surroundings_from_where_it_leans(engine: Engine) -> None:
    """Light from above alone: a plane that faces the camera gets more of it when its open side is above, less when below."""
    light = harmonics.project(lambda d: np.clip(d[:, 1:2], 0, None) * np.ones(3)).astype(np.float32)
    seen = []
    for up in (-0.5, 0.0, 0.5):
        plane = replace(_plane("skin"), lean=np.tile(np.array([0.0, up, 0.0], np.float32), (4, 1)))
        seen.append(float(engine.render(scene(plane, sh=light)).rgb[24:40, 24:40].mean()))
    away = np.array([0.0, 0.5, 1.0]) / np.hypot(0.5, 1.0)
    assert seen[0] < 0.7 * seen[1] < seen[1] < 0.8 * seen[2]
    assert abs(seen[2] - 0.5 / np.pi * float(harmonics.irradiance(light, away[None])[0, 0])) < 0.02


EYE = {"iris_rgb": (0.02, 0.01, 0.005), "iris_rgb2": (0.02, 0.01, 0.005), "pupil": 0.5, "vein": 0.0}


def _eye(engine: Engine, off_deg: float, pulse: bool = True, turn_deg: float = 0.0, pupil: float = 1.0) -> float:
    """Red less blue in the middle of an eye half a metre away, flashed from `off_deg` beside the lens."""
    a, t = np.radians(off_deg), np.radians(turn_deg)
    flash = key((0, np.sin(a), np.cos(a)), irradiance=10.0, source=np.array([0, 0.5 * np.tan(a), 0, 0.5]), pulse=pulse)
    ball = sphere(0.012, (0, 0, -0.5), shader="eye", params=EYE)
    spin = np.array([[np.cos(t), 0, np.sin(t)], [0, 1, 0], [-np.sin(t), 0, np.cos(t)]], np.float32)
    middle = np.array([0, 0, -0.5], np.float32)
    ball = replace(ball, positions=(ball.positions - middle) @ spin.T + middle, normals=ball.normals @ spin.T)
    made = replace(scene(ball, sh=DARK, keys=(flash,), focal=12.0), pupil=pupil)
    rgb = engine.render(made).rgb[27:37, 27:37]
    return float(np.median(rgb[..., 0] - rgb[..., 2]))


def test_red_eyes_need_a_flash_beside_the_lens_wide_pupils_and_a_look_at_it(engine: Engine) -> None:
    red = _eye(engine, 1.0)
    assert red > 0.2
    assert _eye(engine, 4.5) < 0.05 * red
    assert _eye(engine, 1.0, pulse=False) < 0.05 * red
    assert _eye(engine, 1.0, turn_deg=38.0) < 0.3 * red
    assert _eye(engine, 1.0, pupil=0.45) < 0.6 * red


def test_eyes_and_lenses_mirror_the_map_where_it_is(engine: Engine) -> None:
    """A bright patch of the map, up to the right, is seen where the ball's normal halves the angle to it, and nowhere else."""
    bright = np.zeros((64, 128, 3), np.float32)
    d = np.array([np.sin(np.radians(40)), 0.0, np.cos(np.radians(40))])
    bright[30:34, 76:81] = 30.0
    ball = sphere(0.012, (0, 0, -0.5), shader="eye", params=EYE)
    plain = scene(ball, sh=DARK, focal=18.0, size=96)
    assert not engine.render(plain).rgb.any()
    rgb = engine.render(replace(plain, mirror=bright)).rgb.sum(axis=2)
    y, x = np.unravel_index(rgb.argmax(), rgb.shape)
    normal = (d + [0, 0, 1]) / np.linalg.norm(d + [0, 0, 1])
    k = plain.camera.K
    want = k[0, 2] + k[0, 0] * 0.012 * normal[0] / (0.5 - 0.012 * normal[2])
    assert (x + 0.5, y + 0.5) == pytest.approx((want, 48), abs=2.5)
    assert rgb.max() > 0.3
