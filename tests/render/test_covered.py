"""The box of samples within which a surface is shaded."""

from types import ModuleType

import numpy as np
import pytest

from facegen.geometry.projection import project
from facegen.render.engine import Engine
from facegen.scene import Camera

CAMERA = Camera(K=np.array([[200.0, 0, 32], [0, 200.0, 32], [0, 0, 1]]), size=64)
SAMPLES = 256


@pytest.fixture
def block(engine: Engine) -> ModuleType:
    """The module, once the engine has chosen its platform: it imports pyrender, which binds OpenGL for good."""
    from facegen.render import frame_block

    return frame_block


def test_box_holds_every_point_and_little_more(block):
    rng = np.random.default_rng(3)
    points = np.float32([0.02, 0.03, -1.0]) + np.float32([0.03, 0.02, 0.004]) * rng.uniform(-1, 1, (400, 3)).astype(np.float32)
    x, y, width, height = block.covered(points, block.warp(CAMERA), SAMPLES)
    across = (32 + 200 * points[:, 0] / -points[:, 2]) * SAMPLES / 64
    up = (32 + 200 * points[:, 1] / -points[:, 2]) * SAMPLES / 64  # rows of GL run upwards
    assert x <= across.min() < x + 5
    assert x + width - 5 < across.max() <= x + width
    assert y <= up.min() < y + 5
    assert y + height - 5 < up.max() <= y + height


@pytest.mark.parametrize("lens", [(-0.3, 0.05, 0.003, -0.004, 0.0), (0.3, 0.1, -0.002, 0.0, 0.0)])
def test_box_holds_what_lens_and_shutter_move(block, lens):
    """Wide lens, rolling shutter and a quick head: every point that falls into the picture falls into the box."""
    drift = np.column_stack([np.array([[0, -1.0, 0.5], [1.0, 0, -0.4], [-0.5, 0.4, 0]]), [0.5, -0.4, 0.6]])
    wide = Camera(
        K=np.array([[70.0, 0, 36], [0, 70.0, 28], [0, 0, 1]]), size=64, near=0.02, distortion=lens, drift=drift, readout_s=0.03
    )
    rng, warp = np.random.default_rng(5), block.warp(wide)
    for _ in range(40):
        middle = np.array([*rng.uniform(-0.3, 0.3, 2), -rng.uniform(0.42, 0.7)])
        points = (middle + rng.uniform(-0.05, 0.05, (60, 3))).astype(np.float32)
        at = project(points, wide) * SAMPLES / 64
        at[:, 1] = SAMPLES - at[:, 1]  # rows of GL run upwards
        at = at[((at >= 0) & (at <= SAMPLES)).all(axis=1)]
        x, y, width, height = block.covered(points, warp, SAMPLES)
        assert ((at >= (x, y)) & (at <= (x + width, y + height))).all()


def test_out_of_the_picture_is_empty_and_behind_the_viewer_is_all_of_it(block):
    aside = np.float32([[1.0, 0.0, -1.0], [1.1, 0.1, -1.0]])
    assert block.covered(aside, block.warp(CAMERA), SAMPLES)[2] == 0
    through = np.float32([[0.0, 0.0, -1.0], [0.0, 0.0, 0.5]])
    assert block.covered(through, block.warp(CAMERA), SAMPLES) == (0, 0, SAMPLES, SAMPLES)
