"""What is left out to save time does not show: quads out of sight, things on a wall beside the picture, textures kept."""

from __future__ import annotations

import numpy as np
import pytest

from facegen.surroundings import furnishings
from facegen.surroundings.paint import even, wall
from facegen.surroundings.quads import facing, towards
from facegen.surroundings.world import World, _Cone

SIDE = 48


def picture() -> np.ndarray:
    at = np.linspace(-0.45, 0.45, SIDE, dtype=np.float32)
    d = np.stack([*np.meshgrid(at, -at), np.full((SIDE, SIDE), -1, np.float32)], axis=2)
    return d / np.linalg.norm(d, axis=2, keepdims=True)


def test_only_quads_that_no_ray_meets_are_called_outside() -> None:
    """Each ray is followed to its plane in double precision; hundreds of quads are found outside, none of them is met."""
    random, directions, eye = np.random.default_rng(3), picture(), np.array([0.1, 0.0, 0.6])
    cone, left_out = _Cone(directions), 0
    for _ in range(600):
        at = towards(random.uniform(0, 360), random.uniform(-50, 50)) * random.uniform(1, 8)
        quad = facing(at, random.uniform(0.2, 6), random.uniform(0.2, 3), even(1, 1, (1, 1, 1), 1))
        u, v, w = np.moveaxis(directions.astype(float) @ quad.solve.T, -1, 0)
        start = quad.solve @ (eye - quad.corner)
        with np.errstate(divide="ignore", invalid="ignore"):
            t = -start[2] / w
        met = (t > 0) & (np.abs(start[0] + t * u - 0.5) <= 0.5) & (np.abs(start[1] + t * v - 0.5) <= 0.5)
        if cone.outside(quad, eye):
            left_out += 1
            assert not met.any()
    assert 300 < left_out < 590


@pytest.mark.parametrize("detail", [14.0, 55.0])
def test_a_wall_looked_at_in_part_is_the_same_there(detail: float) -> None:
    left_out = 0
    for seed in range(12):
        paint = wall(7.0, 2.7, (0.5, 0.45, 0.4), seed, furnishings.THINGS, 6)
        whole = paint(detail).albedo
        for low, high in ((0.0, 1.5), (2.5, 4.0), (5.5, 7.0)):
            part = paint(detail, (low, high)).albedo
            texels = np.s_[:, round(low * detail) : round(high * detail)]
            np.testing.assert_array_equal(part[texels], whole[texels])
            left_out += int((part != whole).any())
    assert left_out > 12


def test_a_kept_texture_belongs_to_its_world() -> None:
    quad = facing(np.array([0.0, 0.0, -3.0]), 400, 400, even(400, 400, (0.5, 0.5, 0.5), 1, 0.0))
    dim, bright = (World((quad,), (), lambda n, level=level: np.full(3, level)) for level in (np.pi, 2 * np.pi))
    seen = [world.seen(np.zeros(3), picture(), 60.0) for world in (dim, bright, dim)]
    np.testing.assert_array_equal(seen[0], seen[2])
    np.testing.assert_allclose(seen[1], 2 * seen[0], rtol=1e-6)
