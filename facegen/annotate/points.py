"""Landmarks of one picture: columns of `POINTS`, and the large tables beside them, `points/`."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.annotate import landmarks
from facegen.annotate.landmarks import Points
from facegen.annotate.lists import floats
from facegen.errors import SpecError, did_you_mean
from facegen.head import contour
from facegen.head.landmarks import Landmarks, pupils
from facegen.head.model import HeadModel, PosedHead
from facegen.scene import Camera, Frame

TABLES = ("478", "dense")
"""What `points/` can hold: MediaPipe's mesh, and every vertex of the head."""
MEDIAPIPE_IRIS = np.arange(468, 478)
JAW = slice(0, contour.JAW)


@dataclass(frozen=True)
class Marks:
    """Landmarks of one picture: five, ibug (68), pupils (2), jaw (17, the outline as it is seen)."""

    five: Points
    ibug: Points
    pupils: Points
    jaw: Points


def mark(posed: PosedHead, model: HeadModel, transform: NDArray[np.float64], camera: Camera, frame: Frame) -> Marks:
    """Return the landmarks; transform (4, 4) head -> world."""
    table, slides = _tables(model)
    pupil = pupils(posed.eye_centers, posed.eye_radius, posed.eye_rotation)
    outline, met = slides.walk(posed.vertices, posed.normals, transform)
    groups = (
        table.five(posed.vertices, pupil),
        table.ibug68(posed.vertices),
        pupil,
        outline,
    )
    ends = np.cumsum([len(group) for group in groups])
    eyes = np.concatenate([[0, 1], ends[0] + landmarks.EYE_POINTS_68, ends[1] + np.arange(2)])
    every = landmarks.see(np.concatenate(groups), transform, camera, frame, landmarks.eye_slack(int(ends[-1]), eyes))
    every.visible[-len(met) :] &= met
    return Marks(*(_part(every, slice(end - len(group), end)) for group, end in zip(groups, ends, strict=True)))


def columns(marks: Marks) -> dict[str, Any]:
    """Return the columns that hold points."""
    return {
        "landmarks_5": floats(marks.five.pixels),
        "landmarks_5_visible": marks.five.visible.tolist(),
        "landmarks_68": floats(marks.ibug.pixels),
        "landmarks_68_visible": marks.ibug.visible.tolist(),
        "landmarks_68_head_m": floats(marks.ibug.head),
        "landmarks_68_camera_m": floats(marks.ibug.camera),
        "landmarks_70": floats(np.concatenate([marks.ibug.pixels, marks.pupils.pixels])),
        "landmarks_70_visible": [*marks.ibug.visible.tolist(), *marks.pupils.visible.tolist()],
        "pupils_head_m": floats(marks.pupils.head),
        "pupils_camera_m": floats(marks.pupils.camera),
        "jaw_contour": floats(marks.jaw.pixels),
        "jaw_contour_visible": marks.jaw.visible.tolist(),
        "jaw_contour_head_m": floats(marks.jaw.head),
        "jaw_contour_camera_m": floats(marks.jaw.camera),
    }


def modal68(landmarks_68: Iterable[float], jaw_contour: Iterable[float]) -> NDArray[np.float32]:
    """Return (68, 2) iBUG points as hand-marked sets have them, from two columns of a row: the jaw along its visible outline."""
    points = np.array(list(landmarks_68), np.float32).reshape(68, 2)
    points[JAW] = np.array(list(jaw_contour), np.float32).reshape(contour.JAW, 2)
    return points


def arrays(
    names: Iterable[str],
    posed: PosedHead,
    model: HeadModel,
    transform: NDArray[np.float64],
    camera: Camera,
    frame: Frame,
) -> dict[str, NDArray[Any]]:
    """Return the tables `names` (of `TABLES`): of each, NAME_px (N, 2) float32, NAME_camera_m and NAME_head_m (N, 3) float32,
    NAME_visible (N,) bool. Raises SpecError for another name."""
    out: dict[str, NDArray[Any]] = {}
    for name in names:
        if name not in TABLES:
            raise SpecError(f"points: {did_you_mean(name, TABLES)}")
        if name == "478":
            head = _tables(model)[0].mediapipe478(posed.vertices, posed)
            seen = landmarks.see(head, transform, camera, frame, landmarks.eye_slack(478, MEDIAPIPE_IRIS))
        else:
            seen = landmarks.see(posed.vertices, transform, camera, frame, 0.0, _lashes(model))
        out[f"{name}_px"] = seen.pixels.astype(np.float32)
        out[f"{name}_camera_m"] = seen.camera.astype(np.float32)
        out[f"{name}_head_m"] = seen.head.astype(np.float32)
        out[f"{name}_visible"] = seen.visible
    return out


def packed(tables: dict[str, NDArray[Any]]) -> bytes:
    """Return `arrays` as a compressed npz; the same bytes always, for numpy dates its members 1980."""
    sink = io.BytesIO()
    np.savez_compressed(sink, **tables)  # type: ignore[arg-type]  # numpy's stub takes the names for its own options
    return sink.getvalue()


def _part(points: Points, rows: slice) -> Points:
    return Points(points.head[rows], points.camera[rows], points.pixels[rows], points.visible[rows])


@lru_cache(maxsize=2)
def _lashes(model: HeadModel) -> NDArray[np.bool_]:
    """Which vertices (V,) are lashes: drawn into colour alone, so that labels show what is behind them."""
    out = np.zeros(len(model.topology.ao), np.bool_)
    for name, part in model.topology.parts.items():
        out[part.index] |= name.startswith("lashes")
    return out


@lru_cache(maxsize=2)
def _tables(model: HeadModel) -> tuple[Landmarks, contour.Slides]:
    table = Landmarks(model.topology)
    return table, contour.slides(model, table)
