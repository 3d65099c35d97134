"""The painted layers against closed forms: uv of quads, albedo without light, hair by area, parts; and what they leave alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from shapes import DARK, UNIFORM, camera, key, quad, scene, sphere

from facegen.geometry.projection import project, sight, unproject
from facegen.render.engine import Engine
from facegen.scene import REGIONS, Frame, Material, Scene, Surface, Texture

EVERY = frozenset({"albedo", "uv", "hair", "parts", "bare"})
LENS = (-0.2, 0.05, 0.002, -0.002, 0.0)


def asked(one: Scene, *layers: str) -> Scene:
    return replace(one, layers=frozenset(layers) or EVERY)


def centres(size: int) -> np.ndarray:
    """Return (S * S, 2) pixel centres, row by row."""
    at = np.arange(size) + 0.5
    return np.stack([axis.ravel() for axis in np.meshgrid(at, at)], axis=1)


def cut(plain: Surface, cells: int) -> Surface:
    """Return a quad cut into cells: a lens moves vertices, and large triangles would not follow it."""
    t = np.linspace(0, 1, cells + 1)
    u, v = (a.ravel()[:, None] for a in np.meshgrid(t, t))
    a, b, _, d = plain.positions.astype(np.float64)
    i = (np.arange(cells)[:, None] * (cells + 1) + np.arange(cells)).ravel()
    faces = np.concatenate([np.stack([i, i + 1, i + cells + 2], 1), np.stack([i, i + cells + 2, i + cells + 1], 1)])
    n = len(u)
    return replace(
        plain, positions=(a + u * (b - a) + v * (d - a)).astype(np.float32), normals=np.repeat(plain.normals[:1], n, 0),
        uv=np.hstack([u, v]).astype(np.float32), faces=faces.astype(np.int32), region=np.repeat(plain.region[:1], n),
    )  # fmt: skip


def test_sphere_from_outside_has_its_depth_and_normals(engine: Engine) -> None:
    center, radius, size = np.array([0.1, -0.05, -1.5]), 0.4, 256
    frame = engine.render(scene(sphere(radius, tuple(center), rings=192), size=size))
    rays = np.column_stack([sight(centres(size), camera(size)) * (1, -1), -np.ones(size * size)])
    half, whole = rays @ center, np.einsum("ij,ij->i", rays, rays)
    inner = half**2 - whole * (center @ center - radius**2)
    t = (half - np.sqrt(np.maximum(inner, 0))) / whole  # the ray's z is -1: t is the depth
    normals = (rays * t[:, None] - center) / radius
    clear = (inner > 0) & (np.einsum("ij,ij->i", normals, rays) / np.sqrt(whole) < -0.25)
    assert clear.sum() > 9000
    assert np.abs(frame.depth.ravel()[clear] - t[clear]).max() < 5e-4
    cosine = np.einsum("ij,ij->i", frame.normals.reshape(-1, 3)[clear], normals[clear])
    assert np.degrees(np.arccos(np.clip(cosine, -1, 1))).max() < 0.7


@pytest.mark.parametrize("lens", [(0.0,) * 5, LENS])
@pytest.mark.parametrize("size", [96, 256])
def test_uv_depth_and_albedo_of_a_tilted_quad(engine: Engine, lens: tuple[float, ...], size: int) -> None:
    """On the plane z = -1.2 + 0.4 x each line of sight meets one point, whose place in the quad is its uv."""
    x, y, center = np.array([0.5, 0, 0.2]), np.array([0, 0.45, 0]), np.array([0.05, 0.02, -1.18])
    plain = quad(tuple(center), tuple(x), tuple(y), shader="solid", params={"rgb": (0.2, 0.4, 0.6)})
    view = replace(camera(size), distortion=lens)
    frame = engine.render(asked(replace(scene(cut(plain, 40)), camera=view)))
    xy = sight(centres(size), view)
    depth = (1.2 + 0.0) / (1 + 0.4 * xy[:, 0])
    points = unproject(centres(size), depth, view)
    u = ((points - center) @ x / (x @ x) + 1) / 2
    v = ((points - center) @ y / (y @ y) + 1) / 2
    inside = (np.minimum(u, v) > 0.02) & (np.maximum(u, v) < 0.98)
    assert inside.sum() > 0.4 * size * size
    assert frame.layers.uv is not None and frame.layers.albedo is not None
    pixel = 1.2 / size  # of the quad's plane, in metres
    assert np.abs(frame.depth.ravel()[inside] - depth[inside]).max() < 1e-3
    assert np.abs(frame.layers.uv.reshape(-1, 2)[inside] - np.stack([u, v], 1)[inside]).max() < 0.1 * pixel
    assert np.abs(frame.layers.albedo.reshape(-1, 3)[inside] - (0.2, 0.4, 0.6)).max() < 5e-4  # half floats


def test_uv_keeps_to_one_side_of_a_seam_and_off_other_surfaces(engine: Engine) -> None:
    left, right = quad((-0.5, 0, -1), (0.5, 0, 0), (0, 0.5, 0)), quad((0.5, 0, -1), (0.5, 0, 0), (0, 0.5, 0))
    right = replace(right, uv=right.uv * np.float32(0.25))  # 1 meets 0: a mean over the edge would be about 0.5
    frame = engine.render(asked(scene(left, right, size=65), "uv"))
    u = frame.layers.uv[32, :, 0]
    assert ((u > 0.9) | (u < 0.04))[30:35].all()


def skin() -> Material:
    pixels = np.full((8, 8, 4), (180, 120, 90, 255), np.uint8)
    return Material("skin", {"oil": 0.4}, {"albedo": Texture("patch", pixels, srgb=True)})


SHADERS = {
    "solid": Material("solid", {"rgb": (0.2, 0.3, 0.4)}),
    "cloth": Material("cloth", {"rgb": (0.2, 0.3, 0.4), "pattern": 2.0, "weave": 1.0}),
    "hair": Material("hair", {"strand": 0.0}),
    "eye": Material("eye"),
    "skin": skin(),
    "lens": Material("lens", {"rgb": (0.2, 0.3, 0.4), "opacity": 0.9}),
}


@pytest.mark.parametrize("shader", SHADERS)
def test_albedo_does_not_know_the_light(engine: Engine, shader: str) -> None:
    patch = replace(quad((0, 0, -1), (0.4, 0, 0.1), (0, 0.4, 0)), material=SHADERS[shader])
    lamps = [(UNIFORM, ()), (DARK, (key((1, 1, 1)),)), (3 * UNIFORM, (key((-1, 0, 1), 9.0), key((0, -1, 2), 2.0)))]
    frames = [engine.render(asked(scene(patch, sh=sh, keys=keys), "albedo")) for sh, keys in lamps]
    first = frames[0].layers.albedo
    assert first is not None and first[32, 32].max() > 0.01
    for frame in frames[1:]:
        assert np.array_equal(frame.layers.albedo, first)
        assert not np.array_equal(frame.rgb, frames[0].rgb)
    assert not first[frames[0].ids == 0].any()


def test_albedo_of_flat_paint_is_the_paint(engine: Engine) -> None:
    for shader, expected in (("solid", np.array([0.2, 0.3, 0.4])), ("skin", np.array([0.4564, 0.1878, 0.1022]) - 0.008 * 0.95)):
        patch = replace(quad((0, 0, -1), (0.4, 0, 0), (0, 0.4, 0)), material=SHADERS[shader])
        albedo = engine.render(asked(scene(patch), "albedo")).layers.albedo
        assert np.abs(albedo[32, 32] - expected).max() < 1e-3, (shader, albedo[32, 32])


def test_light_on_albedo_is_the_picture(engine: Engine) -> None:
    """Solid at grazing-free roughness under one key: diffuse light is albedo times cosine, plus a gloss that has no colour."""
    patches = [
        replace(quad((0, 0, -1), (0.4, 0, 0), (0, 0.4, 0)), material=Material("solid", {"rgb": (g, g, g)})) for g in (0.2, 0.6)
    ]
    frames = [engine.render(asked(scene(p, sh=DARK, keys=(key((0, 0.3, 1), shadow=False),)), "albedo")) for p in patches]
    rise = frames[1].rgb[32, 32] - frames[0].rgb[32, 32]
    cosine = 1 / np.hypot(1, 0.3)
    step = frames[1].layers.albedo[32, 32] - frames[0].layers.albedo[32, 32]
    assert rise == pytest.approx(step * cosine, rel=0.08)  # the surface keeps some of the light for its gloss


@pytest.mark.parametrize("size", [128, 256])
def test_cover_of_a_ribbon_is_its_area(engine: Engine, size: int) -> None:
    turn = np.radians(17)
    x = 0.3 * np.array([np.cos(turn), np.sin(turn), 0])
    y = 0.06 * np.array([-np.sin(turn), np.cos(turn), 0])
    wall = quad((0, 0, -2), (3, 0, 0), (0, 3, 0))
    for region, channel in (("hair", 0), ("beard", 1), ("right_brow", 2), ("left_brow", 2)):
        ribbon = quad((0.03, 0.02, -1), tuple(x), tuple(y), region=REGIONS[region], shader="hair")
        hair = engine.render(asked(scene(ribbon, wall, size=size), "hair")).layers.hair
        area = 4 * 0.3 * 0.06 * size**2  # metres to pixels at depth 1, focal length one height
        assert hair[..., channel].sum() == pytest.approx(area, rel=0.01)
        assert not np.delete(hair, channel, axis=2).any()
        edge = (hair[..., channel] > 0) & (hair[..., channel] < 1)
        assert 0.5 < edge.sum() / (4 * 0.36 * size) < 2.5  # soft along its outline of 4 * 0.36 heights, and nowhere else


def test_cover_of_hair_is_its_weight_in_the_picture(engine: Engine) -> None:
    """White ribbons cut into strands over a black wall: the picture is the cover times the ribbon's light."""
    strands = quad((0, 0, -1), (0.4, 0, 0), (0, 0.4, 0), region=13, shader="hair", params={"strand": 60.0, "specular": 0.0})
    wall = quad((0, 0, -2), (3, 0, 0), (0, 3, 0), shader="solid", params={"rgb": (0.0, 0.0, 0.0), "roughness": 1.0})
    frame = engine.render(asked(scene(strands, wall, size=128), "hair"))
    alone = engine.render(asked(scene(strands, size=128), "hair"))
    assert np.array_equal(frame.layers.hair, alone.layers.hair)
    assert np.array_equal(alone.layers.hair[..., 0], alone.coverage)
    shares = np.unique(frame.layers.hair[..., 0])
    assert len(shares) == 17 and np.allclose(shares * 16, np.arange(17))


def test_parts_name_the_surface_that_most_samples_of_the_region_show(engine: Engine) -> None:
    back = quad((0, 0, -2), (2, 0, 0), (0, 2, 0), region=1)
    left, right = (
        quad((-0.3, 0, -1), (0.3, 0, 0), (0, 0.3, 0), region=15),
        quad((0.3, 0, -1), (0.3, 0, 0), (0, 0.3, 0), region=15),
    )
    unseen = replace(quad((0, 0, -0.9), (1, 0, 0), (0, 1, 0)), visible=False)
    clear = quad((0, 0, -0.8), (1, 0, 0), (0, 1, 0), region=16, shader="lens", params={"opacity": 0.4}, blend=True)
    frame = engine.render(asked(scene(back, left, unseen, right, clear, size=256)))
    parts = frame.layers.parts
    assert set(np.unique(parts)) == {1, 2, 4}
    assert np.array_equal(parts == 1, frame.ids == 1)
    assert (parts[128, :127] <= 2).all() and parts[128, 60] == 2 and parts[128, 190] == 4


def test_lashes_are_parts_where_they_cover_and_tint_the_albedo(engine: Engine) -> None:
    ball = quad((0, 0, -1.5), (1, 0, 0), (0, 1, 0), region=3, shader="solid", params={"rgb": (0.8, 0.8, 0.8)})
    lash = quad((0, 0, -1), (0.2, 0, 0), (0, 0.2, 0), shader="lash", params={"rgb": (0.0, 0.0, 0.0)}, blend=True)
    behind = replace(lash, positions=lash.positions * np.float32(2))
    frame = engine.render(asked(scene(ball, lash, size=256)))
    parts, albedo = frame.layers.parts, frame.layers.albedo[..., 0]
    assert (frame.ids[parts == 2] == 3).all() and (parts == 2).sum() > 1000
    assert albedo[parts == 2].max() < 0.5 * 0.8 + 0.02 < 0.7 < albedo[:40].min()
    hidden = engine.render(asked(scene(ball, behind, size=256)))
    assert set(np.unique(hidden.layers.parts)) == {1} and hidden.layers.albedo[..., 0].min() > 0.79


def test_bare_map_is_the_one_of_the_scene_without_hair_beard_and_what_is_removable(engine: Engine) -> None:
    face = sphere(0.3, (0, 0, -1.5))
    brow = quad((0.1, 0.1, -1.1), (0.05, 0, 0), (0, 0.02, 0), region=5)
    hair = quad((0, 0.1, -1), (0.2, 0, 0), (0, 0.05, 0), region=13, shader="hair", params={"strand": 12.0})
    beard = quad((0, -0.1, -1), (0.1, 0, 0), (0, 0.05, 0), region=14, shader="hair")
    hat = quad((0, 0.2, -0.9), (0.2, 0, 0), (0, 0.1, 0), region=17, removable=True)
    whole = replace(asked(scene(face, brow, hair, beard, hat, size=96)), amodal=True)
    frame = engine.render(whole)
    assert np.array_equal(frame.layers.bare, engine.render(scene(face, brow, size=96)).ids)
    assert frame.under is not None
    assert np.array_equal(frame.under, engine.render(scene(face, brow, hair, beard, size=96)).ids)
    assert {13, 14} <= set(np.unique(frame.under)) and not np.array_equal(frame.layers.bare, frame.ids)


def test_layers_are_there_when_asked_for_and_change_nothing_else(engine: Engine) -> None:
    things = (
        sphere(0.3, (0, 0, -1.5), shader="skin"), quad((0, 0.1, -1), (0.2, 0, 0), (0, 0.1, 0), region=13, shader="hair"),
        quad((0, 0, -0.9), (0.1, 0, 0), (0, 0.1, 0), region=16, shader="lens", params={"opacity": 0.3, "bend": 0.05}, blend=True),
    )  # fmt: skip
    one = scene(*things, keys=(key((1, 1, 1)),), size=96)
    plain = engine.render(one)
    assert all(value is None for value in vars(plain.layers).values())
    full = engine.render(replace(asked(one), amodal=True))
    for name in ("rgb", "coverage", "ids", "depth", "normals"):
        assert np.array_equal(getattr(plain, name), getattr(full, name)), name
    again: Frame = engine.render(one)
    assert np.array_equal(again.rgb, plain.rgb)
    for name in ("albedo", "hair", "bare"):
        some = engine.render(asked(one, name)).layers
        assert [k for k, v in vars(some).items() if v is not None] == [name]
        assert np.array_equal(getattr(some, name), getattr(full.layers, name))


def test_empty_scene_has_empty_layers(engine: Engine) -> None:
    layers = engine.render(asked(scene())).layers
    for value in vars(layers).values():
        assert value is not None and not value.any()


def test_layers_follow_a_rolling_shutter(engine: Engine) -> None:
    """A card that moves while it is read leans: the uv at a pixel is that of the point the projection puts there."""
    drift = np.zeros((3, 4))
    drift[0, 3] = 3.0
    view = replace(camera(256), drift=drift, readout_s=0.03, distortion=LENS)
    card = cut(quad((0, 0, -1), (0.3, 0, 0), (0, 0.3, 0)), 40)
    frame = engine.render(asked(replace(scene(card), camera=view), "uv", "parts"))
    pixels = project(card.positions, view)
    row, column = np.floor(pixels[:, ::-1]).astype(int).T
    off = frame.layers.uv[row, column] - card.uv
    inner = (np.abs(card.uv - 0.5) < 0.47).all(1)
    assert np.abs(off[inner]).max() < 1.1 / (0.6 * 256)  # within the pixel: 0.6 m are 154 px
    still = project(card.positions, replace(view, readout_s=0.0))
    assert np.abs(pixels - still)[:, 0].max() > 5
