"""Depth, normals, ids and coverage against closed forms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from shapes import camera, key, quad, scene, sphere

from facegen.render.engine import Engine
from facegen.scene import REGIONS


def _rays(size: int, focal: float = 1.0) -> np.ndarray:
    at = (np.arange(size) + 0.5 - size / 2) / (focal * size)
    x, y = np.meshgrid(at, -at)
    return np.stack([x, y, -np.ones_like(x)], axis=-1)


def test_camera_inside_a_sphere_sees_its_radius(engine: Engine) -> None:
    frame = engine.render(scene(sphere(2.0, (0, 0, 0), rings=96)))
    distance = frame.depth * np.linalg.norm(_rays(64), axis=-1)
    assert np.abs(distance - 2.0).max() < 2.0 * 2e-3  # chords of 96 rings lie up to 0.6 per mille inside
    assert (frame.coverage == 1).all()
    towards = -_rays(64) / np.linalg.norm(_rays(64), axis=-1, keepdims=True)
    assert (np.einsum("ijk,ijk->ij", frame.normals, towards) > 0.999).all()  # back faces show their inner side


def test_tilted_plane_has_its_depth_and_normal(engine: Engine) -> None:
    frame = engine.render(scene(quad((0, 0, -1.5), (4, 0, 2), (0, 4, 0))))
    # z = -1.5 + x / 2 along the ray x = rx d, z = -d: d = 1.5 / (1 + rx / 2)
    expected = 1.5 / (1 + _rays(64)[..., 0] / 2)
    assert np.abs(frame.depth - expected).max() < 1e-3
    normal = np.array([-2, 0, 4]) / np.sqrt(20)
    assert np.abs(frame.normals - normal).max() < 1e-5


def test_empty_scene_is_all_background(engine: Engine) -> None:
    frame = engine.render(scene())
    for layer in (frame.rgb, frame.coverage, frame.ids, frame.depth, frame.normals):
        assert not layer.any()
    assert frame.ids.dtype == np.uint8
    assert frame.rgb.dtype == frame.depth.dtype == np.float32


def test_points_fall_where_the_projection_says(engine: Engine) -> None:
    """Small balls, projected by K, against the centroids of what was drawn (rows down, origin at the outer corner)."""
    for center in ((0.2, 0.1, -1.0), (-0.3, 0.25, -1.4), (0.05, -0.4, -2.0)):
        frame = engine.render(scene(sphere(0.02, center, rings=16), size=128))
        rows, columns = np.nonzero(frame.ids)
        k = camera(128).K
        x, y = k[0, 0] * center[0] / -center[2] + k[0, 2], -k[1, 1] * center[1] / -center[2] + k[1, 2]
        assert abs(columns.mean() + 0.5 - x) < 0.4
        assert abs(rows.mean() + 0.5 - y) < 0.4


def test_only_declared_ids_occur(engine: Engine) -> None:
    wanted = [REGIONS["skin"], REGIONS["hair"], REGIONS["glasses"], REGIONS["ignore"]]
    balls = [sphere(0.3, (0.35 * i - 0.5, 0.1 * i, -1.5 - 0.1 * i), region=r) for i, r in enumerate(wanted)]
    frame = engine.render(scene(*balls, size=96))
    assert set(np.unique(frame.ids)) == {0, *wanted}
    assert ((frame.depth > 0) == (frame.ids > 0)).all()
    assert (frame.coverage[frame.ids > 0] >= 0.5).all()


def test_half_of_a_pixels_samples_go_to_the_larger_id(engine: Engine) -> None:
    """An edge through pixel centres splits each pixel's samples in halves; occluders have the larger ids."""
    edge = 10.5 / 64 - 0.5  # column 10's middle, at depth 1
    for near, far in ((16, 1), (1, 16)):
        left = quad((edge - 1, 0, -1), (1, 0, 0), (0, 1, 0), region=near)
        right = quad((edge + 1, 0, -1), (1, 0, 0), (0, 1, 0), region=far)
        frame = engine.render(scene(left, right))
        assert (frame.ids[:, 10] == 16).all()
        assert (frame.ids[:, :10] == near).all()
        assert (frame.ids[:, 11:] == far).all()
    alone = engine.render(scene(quad((edge - 1, 0, -1), (1, 0, 0), (0, 1, 0), region=1)))
    assert (alone.ids[:, 10] == 1).all()
    assert np.abs(alone.coverage[:, 10] - 0.5).max() == 0
    assert np.abs(alone.depth[:, 10] - 1).max() < 1e-4  # the winner's samples only


@pytest.mark.parametrize(("size", "share"), [(64, 0.25), (256, 0.5)])
def test_small_pictures_have_four_samples_a_side_and_larger_ones_two(engine: Engine, size: int, share: float) -> None:
    """An edge at 0.3 of a pixel: one of the samples at 1/8, 3/8, 5/8, 7/8 lies before it, or one of those at 1/4, 3/4."""
    edge = 10.3 / size - 0.5
    frame = engine.render(scene(quad((edge - 1, 0, -1), (1, 0, 0), (0, 1, 0), region=1), size=size))
    assert np.abs(frame.coverage[:, 10] - share).max() == 0
    assert (frame.ids[:, 10] == (1 if share >= 0.5 else 0)).all()
    assert np.abs(frame.depth[:, 9] - 1).max() < 1e-4


def test_blended_surfaces_leave_the_labels(engine: Engine) -> None:
    ball = sphere(0.3, (0, 0, -1.5))
    lens = quad((0.1, 0, -1.0), (0.2, 0, 0), (0, 0.2, 0), region=16, shader="lens", params={"opacity": 0.5}, blend=True)
    bare, worn = engine.render(scene(ball)), engine.render(scene(lens, ball))
    assert np.array_equal(bare.ids, worn.ids)
    assert np.array_equal(bare.depth, worn.depth)
    assert np.array_equal(bare.normals, worn.normals)
    inside = worn.rgb[30:34, 34:38].mean() / bare.rgb[30:34, 34:38].mean()
    assert 0.45 < inside < 0.65
    behind = engine.render(scene(ball, replace(lens, positions=lens.positions * np.float32(3))))
    assert np.array_equal(behind.rgb[32, 32], bare.rgb[32, 32])


def test_opaque_lens_covers_and_labels(engine: Engine) -> None:
    lens = quad((0, 0, -1.0), (1, 0, 0), (0, 1, 0), region=16, shader="lens", params={"opacity": 0.9})
    frame = engine.render(scene(lens))
    assert (frame.ids == 16).all()
    assert (frame.coverage == 1).all()


def test_back_faces_of_closed_surfaces_are_left_out(engine: Engine) -> None:
    away = quad((0, 0, -1), (0, 1, 0), (1, 0, 0), double_sided=False)
    assert not engine.render(scene(away)).ids.any()
    assert engine.render(scene(quad((0, 0, -1), (1, 0, 0), (0, 1, 0), double_sided=False))).ids.all()


@pytest.mark.parametrize("size", [33, 64, 200])
def test_other_sizes_show_the_same(engine: Engine, size: int) -> None:
    frame = engine.render(scene(sphere(0.4, (0, 0, -2)), size=size))
    # outline of a sphere: tan = r / sqrt(d^2 - r^2)
    area = np.pi * (0.4 / np.sqrt(4 - 0.16)) ** 2
    assert abs(frame.coverage.mean() - area) < 0.004


@pytest.mark.parametrize("shader", ["hair", "cloth", "skin", "solid"])
def test_degenerate_ribbons_stay_finite(engine: Engine, shader: str) -> None:
    """Slivers extrapolate vertex colours below zero, and folded ribbons have normals that cancel: neither may shade as NaN."""
    below = np.full((4, 3), -1e-6, dtype=np.float32)
    one = quad((0, 0, -1), (0.2, 0, 0), (0, 0.2, 0), shader=shader, color=below)
    folded = quad((0, 0.4, -1), (0.2, 0, 0), (0, 0.2, 0), shader=shader)
    folded = replace(folded, normals=np.zeros((4, 3), dtype=np.float32), color=below)
    frame = engine.render(scene(one, folded, keys=(key((0, 0, 1)),)))
    assert np.isfinite(frame.rgb).all() and np.isfinite(frame.normals).all()


def test_strands_thinner_than_a_sample_cover_their_share_and_fade_to_the_tip(engine: Engine) -> None:
    one = quad((0, 0, -1.0), (0.5, 0, 0), (0, 0.5, 0), region=13, shader="hair", params={"strand": 400.0})
    covered = engine.render(scene(one, size=64)).coverage[::-1].mean(axis=1)  # root to tip
    assert covered[:24].min() > 0.9
    assert covered[-3:].max() < 0.35
    ramp = covered[32:].reshape(8, -1).mean(axis=1)
    assert (np.diff(ramp) < 0.02).all()
    alike = engine.render(scene(one, size=64)).coverage
    assert np.array_equal(alike[::-1].mean(axis=1), covered)
