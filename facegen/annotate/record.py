"""One label row of one picture, from geometry and parameters; only the apparent colour and a few quality scores read pixels."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.annotate import boxes, landmarks, quality, regions, skin_tone
from facegen.annotate.capture import capture
from facegen.annotate.landmarks import Points
from facegen.annotate.schema import SCHEMA, SCHEMA_VERSION, Column, arrow_schema, late_columns
from facegen.geometry import thinlens
from facegen.geometry.projection import project, streaks
from facegen.geometry.rotations import matrix_to_euler, transform_points
from facegen.head.landmarks import Landmarks, pupils
from facegen.head.model import HeadModel, PosedHead
from facegen.population.light import contrast
from facegen.sample import Makeup, SampleSpec, Wear
from facegen.scene import Camera, Frame
from facegen.stage.camera import eyes_depth, height_over_eyes, view_angles
from facegen.stage.lighting import shadow_key
from facegen.wear import can_veil, shaded_share

__all__ = ["SCHEMA", "SCHEMA_VERSION", "Column", "annotate", "arrow_schema", "late_columns"]

SHADOW_SEEN = 0.02
"""A cast shadow counts when it takes the key light from at least this share of the face that the key would reach."""
VISIBLE_MAKEUP = 0.1
EYE_ZONE_MARGIN = 1 / 20
"""The standard's eye visibility zone: the box of an eye's points, wider by this share of the inter-eye distance."""


def annotate(
    sample: SampleSpec,
    posed: PosedHead,
    model: HeadModel,
    transform: NDArray[np.float64],
    camera: Camera,
    frame: Frame,
    image: NDArray[np.uint8],
    applied: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the columns of `SCHEMA` but the late ones: plain numbers, strings, None and lists.

    transform (4, 4) head -> world; frame: the render with everything worn; image (S, S, 3) uint8 RGB: the photograph; applied:
    Photo.applied. Lists are flat, row by row.
    """
    table = _table(model)
    eyes5, eyes68 = landmarks.eye_slack(5, [0, 1]), landmarks.eye_slack(68, landmarks.EYE_POINTS_68)
    pupil = pupils(posed.eye_centers, posed.eye_radius, posed.eye_rotation)
    points5 = landmarks.see(table.five(posed.vertices, pupil), transform, camera, frame, eyes5)
    points68 = landmarks.see(table.ibug68(posed.vertices), transform, camera, frame, eyes68)
    world = transform_points(transform, posed.vertices)
    occlusion = regions.face_occlusion(world, regions.face_area(model), camera, frame)
    shaded = _shaded(sample, posed, model, transform)
    row = {
        **_who(sample),
        **_apparent(image, frame),
        **_shot(sample, transform, camera),
        **capture(sample.shot.degradation, applied),
        "exposure_gain": None if applied is None else float(applied["exposure_gain"]),
        **_before(sample, shaded),
        "occluded_fraction": occlusion.fraction,
        **{f"occluded_by_{name}": share for name, share in occlusion.by.items()},
        **{f"region_share_{name}": share for name, share in regions.region_shares(frame.ids).items() if name != "ignore"},
        "face_in_frame": occlusion.in_frame,
        **_boxes(world, points68.pixels, model, camera),
        **_points(points5, points68),
        **_optics(sample, transform, camera, points68),
        **_quality(sample, transform, camera, frame, image, points68, occlusion.fraction),
        "sample": sample.model_dump_json(),
    }
    return {name: row[name] for name, column in SCHEMA.items() if not column.late}


@lru_cache(maxsize=2)
def _table(model: HeadModel) -> Landmarks:
    return Landmarks(model.topology)


def _who(sample: SampleSpec) -> dict[str, Any]:
    identity, sitting = sample.identity, sample.sitting
    swatch, distance = skin_tone.nearest_swatch(identity.skin.lab)
    return {
        "schema_version": SCHEMA_VERSION,
        "image_id": sample.image_id,
        "identity_id": identity.identity_id,
        "sitting_id": sitting.sitting_id,
        "size_px": sample.size_px,
        "sex": identity.sex,
        "sex_value": identity.sex_value,
        "age_years": sitting.age_years,
        "age_band": sitting.age_band,
        "ancestry": identity.ancestry,
        "body_fat": sitting.body_fat,
        "skin_monk": identity.skin.monk,
        **dict(zip(("skin_L", "skin_a", "skin_b"), identity.skin.lab, strict=True)),
        "skin_swatch": swatch,
        "skin_swatch_distance": distance,
        "iris_color": identity.iris.color,
        "hair_color": identity.hair.color,
        "hair_curl": identity.hair.curl,
        "hair_style": sitting.hair.style,
        "hair_grey": sitting.hair.grey,
        "beard": sitting.beard.style,
        "makeup": _made_up(sitting.makeup),
        "makeup_look": sitting.makeup.look,
        "lipstick": sitting.makeup.lips,
        "eye_shadow": sitting.makeup.eyes,
        "eye_liner": max(sitting.makeup.liner, sitting.makeup.kohl),
        "blush": sitting.makeup.blush,
        "foundation": sitting.makeup.foundation,
    }


def _made_up(makeup: Makeup) -> bool:
    return (
        max(makeup.lips, makeup.eyes, makeup.liner, makeup.blush, makeup.foundation, makeup.mascara, makeup.kohl) > VISIBLE_MAKEUP
    )


def _apparent(image: NDArray[np.uint8], frame: Frame) -> dict[str, Any]:
    names = ("apparent_L", "apparent_a", "apparent_b", "apparent_swatch", "apparent_swatch_distance")
    lab = skin_tone.apparent_lab(image, frame.ids)
    return dict.fromkeys(names) if lab is None else dict(zip(names, (*lab, *skin_tone.nearest_swatch(lab)), strict=True))


def _shot(sample: SampleSpec, transform: NDArray[np.float64], camera: Camera) -> dict[str, Any]:
    shot = sample.shot
    yaw, pitch, roll = matrix_to_euler(transform[:3, :3])
    view_yaw, view_pitch = view_angles(transform)
    return {
        "expression": shot.expression.name,
        "gaze_yaw_deg": shot.gaze.yaw_deg,
        "gaze_pitch_deg": shot.gaze.pitch_deg,
        "gaze_distance_m": shot.gaze.distance_m,
        "yaw_deg": yaw,
        "pitch_deg": pitch,
        "roll_deg": roll,
        "view_yaw_deg": view_yaw,
        "view_pitch_deg": view_pitch,
        "head_to_camera": _flat64(transform),
        "K": _flat64(camera.K),
        "focal_mm": shot.camera.focal_mm,
        "distance_m": shot.camera.distance_m,
        "camera": shot.camera.profile,
        "light": shot.light.rig,
        "illuminance_lux": shot.light.lux,
        "light_contrast": contrast(shot.light),
        "metering": shot.light.meter,
        "environment_file": "" if shot.light.place is None else shot.light.place.file,
        "background": shot.background.kind,
        "background_distance_m": shot.background.distance_m,
        "background_file": shot.background.file,
        **_worn(shot.wear),
    }


def _optics(sample: SampleSpec, transform: NDArray[np.float64], camera: Camera, points: Points) -> dict[str, Any]:
    """Return what lens and shutter did; blur is measured on the 68 points in pixels of the picture."""
    spec, shutter = sample.shot.camera, sample.shot.degradation.exposure_s
    eyes = eyes_depth(transform)
    focus = thinlens.focus_m(spec, eyes)
    discs = np.abs(thinlens.circle(spec, -points.camera[:, 2], focus)) * camera.size
    ways = streaks(points.camera, camera.drift, shutter, camera)
    return {
        "distortion": list(spec.distortion),
        "f_number": spec.f_number,
        "sensor_crop": spec.crop,
        "focus_m": focus,
        "defocus_px": float(abs(thinlens.circle(spec, eyes, focus))) * camera.size,
        "defocus_face_px": float(discs.max()),
        "motion_px": float(np.hypot(*ways.mean(axis=0))),
        "motion_face_px": float(np.hypot(ways[:, 0], ways[:, 1]).max()),
        "camera_tilt_deg": spec.tilt_deg,
        "camera_roll_deg": spec.roll_deg,
        "camera_height_m": height_over_eyes(spec, transform),
        "vignette": spec.vignette,
        "flare": spec.flare,
        "veil": spec.veil,
        "ca_red": spec.ca_red,
        "ca_blue": spec.ca_blue,
        "ca_axial": spec.ca_axial,
        "readout_s": spec.readout_s,
    }


def _worn(wear: Wear) -> dict[str, Any]:
    return {
        "eyewear": "none" if wear.eyewear is None else wear.eyewear.kind,
        "sunglasses": wear.eyewear is not None and wear.eyewear.hides_eyes,
        "lens_power_dpt": 0.0 if wear.eyewear is None else wear.eyewear.power_dpt,
        "lens_coating": "none" if wear.eyewear is None else wear.eyewear.coating,
        "mask": "none" if wear.mask is None else wear.mask.kind,
        "mask_position": "none" if wear.mask is None else wear.mask.position,
        "headwear": "none" if wear.headwear is None else wear.headwear.kind,
        "scarf": "none" if wear.scarf is None else wear.scarf.kind,
        "scarf_position": "none" if wear.scarf is None else wear.scarf.position,
        "garment": wear.garment.kind,
    }


def _before(sample: SampleSpec, shaded: float) -> dict[str, Any]:
    """What is held, hangs or stands before, behind and around the face."""
    wear = sample.shot.wear
    pose = {front.kind: front.pose for front in wear.front}
    in_hand = [front.pose for front in wear.front if front.kind in ("hand", "phone", "microphone", "cup")]
    seen = wear.shadow is not None and shaded >= SHADOW_SEEN
    return {
        "hand": in_hand[0] if in_hand else "none",
        **{kind: pose.get(kind, "none") for kind in ("phone", "microphone", "cup", "paper")},
        "hair_veil": "veil" if "hair_veil" in pose and can_veil(sample) else "none",
        "second_head": "none" if wear.second_head is None else ("right" if wear.second_head.off > 0 else "left"),
        "cast_shadow": wear.shadow.kind if wear.shadow is not None and seen else "none",
        "cast_shadow_fraction": shaded if seen else 0.0,
        "rain": "none" if wear.rain is None else "drops",
        "rain_strength": 0.0 if wear.rain is None else wear.rain.strength,
    }


def _shaded(sample: SampleSpec, posed: PosedHead, model: HeadModel, transform: NDArray[np.float64]) -> float:
    """Return the share of the face lit by the strongest key that an unseen caster takes it from."""
    shadow = sample.shot.wear.shadow
    key = None if shadow is None else shadow_key(sample.shot.light, transform[:3, 2])
    if shadow is None or key is None:
        return 0.0
    direction = transform[:3, :3].T @ key.direction
    face = regions.face_vertices(model.topology)
    lit = face & (posed.normals @ direction > 0.1)
    return shaded_share(shadow, direction, posed.vertices[lit].astype(np.float64))


def _boxes(world: NDArray[np.float64], points68: NDArray[np.float64], model: HeadModel, camera: Camera) -> dict[str, Any]:
    face, head = regions.face_vertices(model.topology), boxes.head_vertices(model.topology)
    return {
        "bbox": list(boxes.tight(np.concatenate([project(world[face], camera), points68]))),
        "bbox_head": list(boxes.tight(project(world[head], camera))),
    }


def _points(points5: Points, points68: Points) -> dict[str, Any]:
    return {
        "landmarks_5": _flat(points5.pixels),
        "landmarks_5_visible": points5.visible.tolist(),
        "landmarks_68": _flat(points68.pixels),
        "landmarks_68_visible": points68.visible.tolist(),
        "landmarks_68_head_m": _flat(points68.head),
        "landmarks_68_camera_m": _flat(points68.camera),
    }


def _quality(
    sample: SampleSpec,
    transform: NDArray[np.float64],
    camera: Camera,
    frame: Frame,
    image: NDArray[np.uint8],
    points: Points,
    face_hidden: float,
) -> dict[str, Any]:
    m = quality.measure(points.pixels)
    view = (*view_angles(transform), matrix_to_euler(transform[:3, :3])[2])
    mouth = points.pixels[[51, 57]].mean(axis=0)
    mouth_hidden = regions.polygon_occlusion(points.pixels[48:60], float(-points.camera[48:60, 2].min()), frame)
    hidden = (_eyes_hidden(points, m.inter_eye, frame), mouth_hidden, face_hidden)
    scores: dict[str, int | None] = dict(
        quality.from_geometry(m, camera.size, view, hidden, sample.shot.wear.headwear is not None)
    )
    skin = regions.region_mask(frame.ids, "skin", "nose", "top_lip", "bottom_lip")
    scores.update(quality.from_pixels(image, skin, m, float(mouth[1])))
    second = sample.shot.wear.second_head
    if second is not None:  # the standard's ratio of the areas of both faces
        far = sample.shot.camera.distance_m / (sample.shot.camera.distance_m + second.behind_m)
        scores["single_face_present"] = round(100 * (1 - far**2))
    return {
        "inter_eye_px": m.inter_eye,
        "eye_opening": m.eye_opening / max(m.chin_distance, 1e-6),
        "mouth_opening": m.mouth_opening / max(m.chin_distance, 1e-6),
        **{f"ofiq_{name}": score for name, score in scores.items()},
    }


def _eyes_hidden(points: Points, inter_eye: float, frame: Frame) -> float:
    """Mean occluded share of the two eye visibility zones; an eye that the head itself turns away does not count as occluded."""
    shares = []
    for eye in (slice(36, 42), slice(42, 48)):
        margin = EYE_ZONE_MARGIN * inter_eye
        x0, y0 = points.pixels[eye].min(axis=0) - margin
        x1, y1 = points.pixels[eye].max(axis=0) + margin
        zone = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
        shares.append(regions.polygon_occlusion(zone, float(-points.camera[eye, 2].min()), frame))
    return float(np.mean(shares))


def _flat(array: NDArray[np.floating]) -> list[float]:
    return np.asarray(array, np.float32).ravel().tolist()


def _flat64(array: NDArray[np.floating]) -> list[float]:
    return np.asarray(array, np.float64).ravel().tolist()
