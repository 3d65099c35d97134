"""Somebody else behind the person: part of the background, out of focus as it is, and without labels.

Whoever it is comes from a plan of their own that no data set uses, by the seed of the shot alone: who stands behind says nothing
about who stands in front. Drawn at half the size with little hair and plain skin.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from facegen.head.model import HeadModel
from facegen.looks import color
from facegen.looks.eyes import eye_surfaces
from facegen.looks.facial_hair.surfaces import facial_hair_surfaces
from facegen.looks.hair.groom import groom
from facegen.population.plan import Plan, build
from facegen.render.engine import Engine
from facegen.sample import CameraSpec, Expression, Gaze, Pose, SampleSpec, SecondHead, Wear
from facegen.scene import REGIONS, Material, Scene, Surface
from facegen.spec import DatasetSpec
from facegen.stage.background import circle_of_confusion
from facegen.stage.camera import camera as make_camera
from facegen.stage.camera import head_transform
from facegen.stage.compose import compose
from facegen.wear import worn_surfaces

PEOPLE = 512
DETAIL = 0.35
GAZE = Gaze(yaw_deg=0, pitch_deg=0)


@lru_cache(maxsize=1)
def _plan() -> Plan:
    return build(DatasetSpec.from_dict({"name": "bystanders", "seed": 712, "date": "2026-01-01", "identities": PEOPLE}))


def with_bystander(
    behind: NDArray[np.float32], sample: SampleSpec, second: SecondHead, model: HeadModel, engine: Engine
) -> NDArray[np.float32]:
    """Return the background (S, S, 3) linear light with `second` before it, as blurred as their distance makes them."""
    size = max(sample.size_px // 2, 16)
    frame = engine.render(_scene(sample, second, model, size))
    sigma = 0.25 * circle_of_confusion(sample.shot.camera, second.behind_m) * size  # as wide as the disc, by second moment
    layer = np.concatenate([frame.rgb, frame.coverage[..., None]], -1)
    if sigma > 0.3:
        layer = cv2.GaussianBlur(layer, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    layer = cv2.resize(layer, (sample.size_px, sample.size_px), interpolation=cv2.INTER_LINEAR)
    return np.asarray(layer[..., :3] + (1 - layer[..., 3:]) * behind, np.float32)


def _scene(sample: SampleSpec, second: SecondHead, model: HeadModel, size: int) -> Scene:
    other = _plan().sample(second.seed % PEOPLE)
    shape = model.shape(other.identity, other.sitting)
    posed = model.pose(shape, Expression(name="neutral", weights={}), GAZE)
    spec = _placed(sample.shot.camera, second)
    transform = head_transform(spec, Pose(yaw_deg=second.yaw_deg, pitch_deg=0, roll_deg=0))
    camera = make_camera(spec, size, transform[:3, 3])
    part = model.topology.parts["skin"]
    rgb = tuple(float(v) for v in color.linear_from_lab(other.identity.skin.lab))
    skin = Surface(
        name="bystander",
        positions=np.ascontiguousarray(posed.vertices[part.index]),
        normals=np.ascontiguousarray(posed.normals[part.index]),
        faces=part.faces,
        region=np.full(len(part.index), REGIONS["skin"], np.uint8),
        material=Material("solid", {"rgb": rgb, "roughness": 0.6, "metallic": 0.0}),
        ao=np.maximum(model.topology.ao[part.index], 0.1),
        double_sided=False,
    )
    hair = groom(model, shape, other.identity, other.sitting, DETAIL)
    surfaces = (
        skin,
        *eye_surfaces(posed, other.identity, other.sitting),
        *facial_hair_surfaces(model, posed, other.identity, other.sitting, DETAIL),
        *hair.surfaces,
        *worn_surfaces(model, posed, Wear(garment=other.shot.wear.garment)),
    )
    return compose(surfaces, transform, camera, sample.shot.light)


def _placed(spec: CameraSpec, second: SecondHead) -> CameraSpec:
    """The camera as it sees the other head: farther away, to a side, as high as the person's own less `drop_m`."""
    far = spec.distance_m + second.behind_m
    down = (spec.center_y - 0.5) * spec.distance_m / far + second.drop_m * spec.focal_mm / (24.0 * far)
    moved = {"distance_m": far, "center_x": 0.5 + second.off, "center_y": 0.5 + down}
    return spec.model_copy(update=moved)
