"""Labels of real renders through a strong lens: every one follows it, and visibility agrees with rays cast at the meshes."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from samples import sample

from facegen.annotate import landmarks
from facegen.geometry import projection, rotations
from facegen.run.studio import Studio
from facegen.sample import Motion, SampleSpec
from facegen.scene import REGIONS, Scene

LENS = (-0.2, 0.05, 0.002, -0.002, 0.0)
STRONG = {
    "focal_mm": 33, "distance_m": 0.5, "distortion": LENS, "principal_x": 0.12, "principal_y": -0.08, "f_number": 2.0,
    "crop": 6.0, "vignette": 0.3, "ca_red": 0.0008,
}  # fmt: skip
MASK = {"mask": {"kind": "surgical", "rgb": (0.3, 0.5, 0.6), "position": "worn", "seed": 3}}
POSES = [(0, 0, 0, {}), (35, -12, 15, {}), (-50, 20, -10, {}), (20, 10, 5, MASK), (-25, -5, 0, MASK)]
EYE_M, NEAR_PX = 0.013, 1.0
"""Points of an eye's margin lie behind lashes, and a pupil behind its cornea: rays there stop this much before the point."""


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with Studio() as opened:
        yield opened


def seen(studio: Studio, spec: SampleSpec):
    """Return (row, scene, transform, frame) of a sample."""
    person = studio._meet(spec)
    posed = studio.model.pose(person.shape, spec.shot.expression, spec.shot.gaze)
    scene, transform = studio._stage(spec, person, posed, spec.shot.wear)
    return studio.shoot(spec).row, scene, transform, studio.engine.render(scene)


def through(yaw: float, pitch: float, roll: float, wear=None, **camera) -> SampleSpec:
    one = sample(yaw, pitch, roll, wear=wear, size=256)
    lens = one.shot.camera.model_copy(update={**STRONG, **camera})
    return one.model_copy(update={"shot": one.shot.model_copy(update={"camera": lens})})


def ray_blocked(scene: Scene, points: np.ndarray, short: np.ndarray) -> np.ndarray:
    """Return which points (N, 3) have something opaque nearer than `short` (N,) m before the point (Moller-Trumbore)."""
    corners = np.concatenate([s.positions[s.faces].astype(np.float64) for s in scene.surfaces if not s.blend and len(s.faces)])
    flat = corners[:, :, :2] / -corners[:, :, 2:]
    low, high = flat.min(axis=1), flat.max(axis=1)
    out = []
    for point, slack in zip(points, short, strict=True):
        at, length = point[:2] / -point[2], np.linalg.norm(point)
        d = point / length
        a, b, c = corners[((low <= at) & (high >= at)).all(axis=1)].transpose(1, 0, 2)
        e1, e2 = b - a, c - a
        p, q = np.cross(d, e2), np.cross(-a, e1)
        det = (e1 * p).sum(1)
        with np.errstate(divide="ignore", invalid="ignore"):
            u, v, t = -(a * p).sum(1) / det, q @ d / det, (e2 * q).sum(1) / det
            out.append(((u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0.01) & (t < length - slack)).any())
    return np.array(out)


def judged(scene: Scene, points: np.ndarray, slack: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (hidden, decided) of points (N, 3): decided where rays that stop 2 and 8 mm before the point, at it and `NEAR_PX`
    to each side of it, all say the same. Between these a pixel, which is one place and one depth, cannot tell."""
    step = NEAR_PX * -points[:, 2] / scene.camera.K[0, 0]
    said = [ray_blocked(scene, points, 0.002 + slack), ray_blocked(scene, points, 0.008 + slack)]
    for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        aside = points + np.column_stack([x * step, y * step, 0 * step])
        said.append(ray_blocked(scene, aside, 0.008 + slack))
    return said[0], np.ptp(np.array(said).astype(int), axis=0) == 0


@pytest.mark.parametrize(("yaw", "pitch", "roll", "wear"), POSES)
def test_visibility_agrees_with_rays_on_every_landmark(studio: Studio, yaw, pitch, roll, wear) -> None:
    row, scene, _, _ = seen(studio, through(yaw, pitch, roll, wear))
    points = np.reshape(row["landmarks_68_camera_m"], (-1, 3)).astype(float)
    hidden, decided = judged(scene, points, np.where(np.isin(np.arange(68), landmarks.EYE_POINTS_68), EYE_M, 0.0))
    pixels = np.reshape(row["landmarks_68"], (-1, 2))
    inside = ((pixels >= 0) & (pixels < 256)).all(axis=1)
    decided |= ~inside
    assert decided.mean() > 0.65
    wrong = np.flatnonzero(decided & (np.array(row["landmarks_68_visible"]) != (inside & ~hidden)))
    assert not len(wrong), wrong


def test_a_row_alone_reprojects_its_points(studio: Studio) -> None:
    row, _, transform, frame = seen(studio, through(20, -8, 6))
    points = np.reshape(row["landmarks_68_camera_m"], (-1, 3)).astype(float)
    k, lens = np.reshape(row["K"], (3, 3)), np.array(row["distortion"])
    pixels = cv2.projectPoints(points @ projection.GL_TO_CV, np.zeros(3), np.zeros(3), k, lens)[0][:, 0]
    np.testing.assert_allclose(pixels, np.reshape(row["landmarks_68"], (-1, 2)), atol=0.01)
    head = np.reshape(row["landmarks_68_head_m"], (-1, 3)).astype(float)
    _, rvec, tvec = cv2.solvePnP(head, pixels, k, lens)
    found = projection.GL_TO_CV @ cv2.Rodrigues(rvec)[0]
    assert rotations.angle_between_deg(found, transform[:3, :3]) < 0.1
    np.testing.assert_allclose(projection.GL_TO_CV @ tvec[:, 0], transform[:3, 3], atol=1e-3)


@pytest.mark.parametrize("readout", [0.0, 0.03])
def test_depth_and_masks_lie_where_the_warped_points_are(studio: Studio, readout: float) -> None:
    """Skin vertices that face the camera, projected through lens and shutter: the depth at their pixel is theirs."""
    motion = Motion(head_velocity=(0.4, -0.3, 0.2), head_spin=(40, 20, -30), camera_spin=(6, 4, -8))
    _, scene, _, frame = seen(studio, through(10, 5, -8, readout_s=readout, motion=motion))
    (skin,) = (s for s in scene.surfaces if s.name == "skin")
    points, cam = skin.positions.astype(float), scene.camera
    facing = (skin.normals * -points / np.linalg.norm(points, axis=1, keepdims=True)).sum(1) > 0.6
    met = projection.met(points[facing], cam)
    pixels = projection.project(points[facing], cam)
    row, column, inside = projection.pixel_index(pixels, cam.size)
    ids, depth = frame.ids[row, column], frame.depth[row, column]
    own = inside & np.isin(ids, [REGIONS["skin"], REGIONS["nose"]])
    assert own.sum() > 1500
    gap = depth[own] + met[own, 2]
    assert np.median(np.abs(gap)) < 0.0006
    assert abs(np.median(gap)) < 0.0003
    assert (np.abs(gap) < 0.004).mean() > 0.88  # the rest lies behind lips, nostrils, ears and the chin
    back = projection.unproject(pixels[own][:200], -met[own][:200, 2], cam)
    np.testing.assert_allclose(back, met[own][:200], atol=1e-6)


def test_boxes_hold_the_warped_mask(studio: Studio) -> None:
    row, _, _, frame = seen(studio, through(0, 0, 0))
    x, y, w, h = row["bbox_head"]
    ears = np.argwhere(np.isin(frame.ids, [REGIONS["right_ear"], REGIONS["left_ear"], REGIONS["nose"]]))
    assert ears[:, 1].min() == pytest.approx(x, abs=1.5)
    assert ears[:, 1].max() + 1 == pytest.approx(x + w, abs=1.5)
    assert (ears[:, 0] >= y - 1).all() and (ears[:, 0] < y + h + 1).all()
